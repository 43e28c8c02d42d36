"""Vision Transformer: an image as a sequence of patches, its body written with names.

Source: Dosovitskiy et al., "An Image is Worth 16x16 Words" (2020, arXiv:2010.11929).
"""

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, NamedTensor, checked, named, named_module


class Attention(nn.Module):
    """Self-attention in several heads, one linear layer for queries, keys and values."""

    def __init__(self, features: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        if features % heads:
            raise ValueError(f"{features} features do not divide into {heads} heads")
        self.heads = heads
        self.scale = (features // heads) ** -0.5
        self.qkv = named_module(nn.Linear(features, 3 * features), "D -> D")
        self.proj = named_module(nn.Linear(features, features), "D -> D")
        self.drop = nn.Dropout(dropout)

    @checked
    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N T D"]:
        qkv = self.qkv(x).rearrange("N T (three h d) -> three N h T d", three=3, h=self.heads)
        q, k, v = qkv.unbind("three")
        scores = namedtorch.contract(q * self.scale, k.rename(T="S"), over="d")  # N h T S
        weights = self.drop(scores.softmax("S"))
        mixed = namedtorch.contract(weights, v.rename(T="S"), over="S")  # N h T d
        return self.proj(mixed.rearrange("N h T d -> N T (h d)").rename("N T D"))


class Mlp(nn.Module):
    """Two linear layers with GELU between."""

    def __init__(self, features: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.fc1 = named_module(nn.Linear(features, hidden), "D -> hidden")
        self.act = nn.GELU()
        self.fc2 = named_module(nn.Linear(hidden, features), "hidden -> D")
        self.drop = nn.Dropout(dropout)

    def forward(self, x: NamedTensor) -> NamedTensor:
        return self.drop(self.fc2(self.drop(self.act(self.fc1(x)))))


class Block(nn.Module):
    """A layer of the encoder: norms come first."""

    def __init__(self, features: int, heads: int, mlp_ratio: float = 4.0, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(features)
        self.attention = Attention(features, heads, dropout)
        self.norm2 = nn.LayerNorm(features)
        self.mlp = Mlp(features, int(features * mlp_ratio), dropout)

    def forward(self, x: NamedTensor) -> NamedTensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """Scores every class for square images of one size."""

    def __init__(
        self,
        image_size: int = 224,
        patch: int = 16,
        channels: int = 3,
        classes: int = 1000,
        features: int = 192,
        depth: int = 12,
        heads: int = 3,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if image_size % patch:
            raise ValueError(f"an image of {image_size} does not divide into patches of {patch}")
        self.image_size = image_size
        self.patch = patch
        self.channels = channels
        self.classes = classes
        self.embed = named_module(nn.Linear(channels * patch * patch, features), "F -> D")
        self.class_token = nn.Parameter(torch.zeros(features))
        self.positions = nn.Parameter(torch.empty((image_size // patch) ** 2 + 1, features))
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(features, heads, dropout=dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(features)
        self.head = named_module(nn.Linear(features, classes), "D -> classes")
        nn.init.trunc_normal_(self.positions, std=0.02)
        nn.init.normal_(self.class_token, std=1e-2)

    def patches(self, images: NamedTensor) -> NamedTensor:
        """The image cut into patches, each a vector of `patch * patch` pixels, row by row."""
        cut = images.rearrange("N C (H p) (W q) -> N (H W) (p q C)", p=self.patch, q=self.patch)
        return cut.rename("N T F")

    @checked
    def forward(
        self, images: Float[NamedTensor, "N C=self.channels H=self.image_size W=self.image_size"]
    ) -> Float[NamedTensor, "N classes=self.classes"]:
        x = self.embed(self.patches(images))
        token = named(self.class_token, "D").align_to("N", "T", "D").expand(N=images.size("N"))
        x = self.drop(namedtorch.cat([token, x], "T") + named(self.positions, "T D"))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)["T", 0])


def make() -> nn.Module:
    torch.manual_seed(0)
    return VisionTransformer(image_size=32, patch=8, classes=10, features=48, depth=3, heads=4)


SIZES = ({"N": 2}, {"N": 1})


def example(N: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, 32, 32),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 32, 32, 3),)


REFUSED = "`C` is 3"
