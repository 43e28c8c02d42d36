"""MLP-Mixer, gMLP, ResMLP and FNet: mixing over tokens by transposing, with einops and without."""

from functools import partial

import torch
import torch.nn.functional as F
from einops.layers.torch import Rearrange, Reduce
from jaxtyping import Float
from torch import Tensor, nn

pair = lambda x: x if isinstance(x, tuple) else (x, x)  # noqa: E731


class PreNormResidual(nn.Module):
    def __init__(self, dim: int, fn: nn.Module) -> None:
        super().__init__()
        self.fn = fn
        self.norm = nn.LayerNorm(dim)

    def forward(self, x):
        return self.fn(self.norm(x)) + x


def FeedForward(
    dim: int, expansion_factor: float = 4, dropout: float = 0.0, dense=nn.Linear
) -> nn.Sequential:
    inner_dim = int(dim * expansion_factor)
    return nn.Sequential(
        dense(dim, inner_dim), nn.GELU(), nn.Dropout(dropout), dense(inner_dim, dim), nn.Dropout(dropout)
    )


def MLPMixer(*, image_size, channels, patch_size, dim, depth, num_classes, expansion_factor=4, dropout=0.0):
    image_h, image_w = pair(image_size)
    assert (image_h % patch_size) == 0 and (image_w % patch_size) == 0, (
        "image must be divisible by patch size"
    )
    num_patches = (image_h // patch_size) * (image_w // patch_size)
    chan_first, chan_last = partial(nn.Conv1d, kernel_size=1), nn.Linear
    return nn.Sequential(
        Rearrange("b c (h p1) (w p2) -> b (h w) (p1 p2 c)", p1=patch_size, p2=patch_size),
        nn.Linear((patch_size**2) * channels, dim),
        *[
            nn.Sequential(
                PreNormResidual(dim, FeedForward(num_patches, expansion_factor, dropout, chan_first)),
                PreNormResidual(dim, FeedForward(dim, 0.5, dropout, chan_last)),
            )
            for _ in range(depth)
        ],
        nn.LayerNorm(dim),
        Reduce("b n c -> b c", "mean"),
        nn.Linear(dim, num_classes),
    )


class MixerBlock(nn.Module):
    def __init__(self, dim: int, seq_len: int, mlp_ratio: tuple[float, float] = (0.5, 4.0)) -> None:
        super().__init__()
        tokens_dim, channels_dim = [int(x * dim) for x in mlp_ratio]
        self.norm1 = nn.LayerNorm(dim)
        self.mlp_tokens = nn.Sequential(
            nn.Linear(seq_len, tokens_dim), nn.GELU(), nn.Linear(tokens_dim, seq_len)
        )
        self.norm2 = nn.LayerNorm(dim)
        self.mlp_channels = nn.Sequential(
            nn.Linear(dim, channels_dim), nn.GELU(), nn.Linear(channels_dim, dim)
        )

    def forward(self, x: Float[Tensor, "B L D"]) -> Float[Tensor, "B L D"]:
        x = x + self.mlp_tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        x = x + self.mlp_channels(self.norm2(x))
        return x


class Affine(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones((1, 1, dim)))
        self.beta = nn.Parameter(torch.zeros((1, 1, dim)))

    def forward(self, x):
        return torch.addcmul(self.beta, self.alpha, x)


class ResBlock(nn.Module):
    def __init__(self, dim: int, seq_len: int) -> None:
        super().__init__()
        self.norm1 = Affine(dim)
        self.linear_tokens = nn.Linear(seq_len, seq_len)
        self.norm2 = Affine(dim)
        self.mlp_channels = FeedForward(dim)
        self.ls1 = nn.Parameter(1e-4 * torch.ones(dim))
        self.ls2 = nn.Parameter(1e-4 * torch.ones(dim))

    def forward(self, x: Float[Tensor, "B L D"]) -> Float[Tensor, "B L D"]:
        x = x + self.ls1 * self.linear_tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        x = x + self.ls2 * self.mlp_channels(self.norm2(x))
        return x


class SpatialGatingUnit(nn.Module):
    def __init__(self, dim: int, seq_len: int) -> None:
        super().__init__()
        gate_dim = dim // 2
        self.norm = nn.LayerNorm(gate_dim)
        self.proj = nn.Linear(seq_len, seq_len)
        nn.init.ones_(self.proj.bias)

    def forward(self, x):
        u, v = x.chunk(2, dim=-1)
        v = self.norm(v)
        v = self.proj(v.transpose(-1, -2))
        return u * v.transpose(-1, -2)


class GatedBlock(nn.Module):
    def __init__(self, dim: int, seq_len: int, mlp_ratio: int = 4) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, dim * mlp_ratio)
        self.gate = SpatialGatingUnit(dim * mlp_ratio, seq_len)
        self.fc2 = nn.Linear(dim * mlp_ratio // 2, dim)

    def forward(self, x: Float[Tensor, "B L D"]) -> Float[Tensor, "B L D"]:
        return x + self.fc2(self.gate(F.gelu(self.fc1(self.norm(x)))))


class FourierBlock(nn.Module):
    def __init__(self, dim: int, seq_len: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: Float[Tensor, "B L D"]) -> Float[Tensor, "B L D"]:
        return self.norm(x + torch.fft.fft(torch.fft.fft(x, dim=-1), dim=-2).real)


class MlpMixerModel(nn.Module):
    def __init__(
        self, block_layer, img_size: int = 32, patch_size: int = 8, embed_dim: int = 20, num_blocks: int = 2
    ):
        super().__init__()
        num_patches = (img_size // patch_size) ** 2
        self.stem = nn.Conv2d(3, embed_dim, patch_size, patch_size)
        self.blocks = nn.Sequential(*[block_layer(embed_dim, num_patches) for _ in range(num_blocks)])
        self.norm = nn.LayerNorm(embed_dim)
        self.head = nn.Linear(embed_dim, 10)

    def forward(self, x: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 10"]:
        x = self.stem(x).flatten(2).transpose(1, 2)
        x = self.blocks(x)
        x = self.norm(x)
        x = x.mean(dim=1)
        return self.head(x)


def main() -> None:
    torch.manual_seed(0)
    mixer = MLPMixer(image_size=(32, 16), channels=3, patch_size=4, dim=24, depth=2, num_classes=7)
    for n in (1, 3):
        print(tuple(mixer(torch.randn(n, 3, 32, 16)).shape))
        for layer in (MixerBlock, ResBlock, GatedBlock, FourierBlock):
            print(tuple(MlpMixerModel(layer)(torch.randn(n, 3, 32, 32)).shape))


if __name__ == "__main__":
    main()
