"""Video: (2+1)-d convolutions, two pathways, temporal shift, divided space-time attention, tubelets."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from einops import rearrange, reduce, repeat
from einops.layers.torch import Rearrange
from jaxtyping import Float
from torch import Tensor


class Conv2Plus1D(nn.Sequential):
    def __init__(
        self, in_planes: int, out_planes: int, midplanes: int, stride: int = 1, padding: int = 1
    ) -> None:
        super().__init__(
            nn.Conv3d(
                in_planes,
                midplanes,
                kernel_size=(1, 3, 3),
                stride=(1, stride, stride),
                padding=(0, padding, padding),
            ),
            nn.BatchNorm3d(midplanes),
            nn.ReLU(inplace=True),
            nn.Conv3d(
                midplanes, out_planes, kernel_size=(3, 1, 1), stride=(stride, 1, 1), padding=(padding, 0, 0)
            ),
        )

    @staticmethod
    def get_downsample_stride(stride: int) -> tuple[int, int, int]:
        return stride, stride, stride


class BasicBlock(nn.Module):
    def __init__(self, inplanes, planes, stride=1, downsample=None):
        midplanes = (inplanes * planes * 3 * 3 * 3) // (inplanes * 3 * 3 + 3 * planes)
        super().__init__()
        self.conv1 = nn.Sequential(
            Conv2Plus1D(inplanes, planes, midplanes, stride), nn.BatchNorm3d(planes), nn.ReLU(inplace=True)
        )
        self.conv2 = nn.Sequential(Conv2Plus1D(planes, planes, midplanes), nn.BatchNorm3d(planes))
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x):
        residual = x
        out = self.conv1(x)
        out = self.conv2(out)
        if self.downsample is not None:
            residual = self.downsample(x)
        out += residual
        out = self.relu(out)
        return out


class VideoResNet(nn.Module):
    def __init__(self, layers: list[int], num_classes: int = 400) -> None:
        super().__init__()
        self.inplanes = 8
        self.stem = nn.Sequential(nn.Conv3d(3, 8, (3, 7, 7), stride=(1, 2, 2), padding=(1, 3, 3)), nn.ReLU())
        self.layer1 = self._make_layer(8, layers[0], stride=1)
        self.layer2 = self._make_layer(16, layers[1], stride=2)
        self.avgpool = nn.AdaptiveAvgPool3d((1, 1, 1))
        self.fc = nn.Linear(16, num_classes)

    def _make_layer(self, planes, blocks, stride=1):
        downsample = None
        if stride != 1 or self.inplanes != planes:
            ds_stride = Conv2Plus1D.get_downsample_stride(stride)
            downsample = nn.Sequential(
                nn.Conv3d(self.inplanes, planes, kernel_size=1, stride=ds_stride, bias=False),
                nn.BatchNorm3d(planes),
            )
        layers = []
        layers.append(BasicBlock(self.inplanes, planes, stride, downsample))
        self.inplanes = planes
        for i in range(1, blocks):
            layers.append(BasicBlock(self.inplanes, planes))
        return nn.Sequential(*layers)

    def forward(self, x: Float[Tensor, "B 3 T H W"]) -> Float[Tensor, "B num_classes"]:
        x = self.stem(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.avgpool(x)
        # Flatten the layer to fc
        x = x.flatten(1)
        x = self.fc(x)
        return x


class SlowFast(nn.Module):
    def __init__(self, alpha: int = 4, classes: int = 5) -> None:
        super().__init__()
        self.alpha = alpha
        self.slow = nn.Conv3d(3, 16, (1, 3, 3), padding=(0, 1, 1))
        self.fast = nn.Conv3d(3, 4, (3, 3, 3), padding=(1, 1, 1))
        self.lateral = nn.Conv3d(4, 8, (5, 1, 1), stride=(alpha, 1, 1), padding=(2, 0, 0))
        self.slow2 = nn.Conv3d(16 + 8, 32, 3, padding=1)
        self.head = nn.Linear(32 + 4, classes)

    def forward(self, frames: Float[Tensor, "B 3 T H W"]) -> Float[Tensor, "B classes"]:
        fast = F.relu(self.fast(frames))
        slow = F.relu(self.slow(frames[:, :, :: self.alpha]))
        slow = torch.cat([slow, self.lateral(fast)], dim=1)
        slow = F.relu(self.slow2(slow))
        pooled = [F.adaptive_avg_pool3d(x, 1).flatten(1) for x in (slow, fast)]
        return self.head(torch.cat(pooled, dim=1))


class TemporalShift(nn.Module):
    def __init__(self, net, n_segment=4, n_div=4):
        super().__init__()
        self.net = net
        self.n_segment = n_segment
        self.fold_div = n_div

    def forward(self, x):
        x = self.shift(x, self.n_segment, fold_div=self.fold_div)
        return self.net(x)

    @staticmethod
    def shift(x, n_segment, fold_div=3):
        nt, c, h, w = x.size()
        n_batch = nt // n_segment
        x = x.view(n_batch, n_segment, c, h, w)
        fold = c // fold_div
        out = torch.zeros_like(x)
        out[:, :-1, :fold] = x[:, 1:, :fold]  # shift left
        out[:, 1:, fold : 2 * fold] = x[:, :-1, fold : 2 * fold]  # shift right
        out[:, :, 2 * fold :] = x[:, :, 2 * fold :]  # not shift
        return out.view(nt, c, h, w)


class Attention(nn.Module):
    def __init__(self, dim: int, dim_head: int = 6, heads: int = 3) -> None:
        super().__init__()
        self.heads = heads
        self.scale = dim_head**-0.5
        inner_dim = dim_head * heads
        self.norm = nn.LayerNorm(dim)
        self.to_qkv = nn.Linear(dim, inner_dim * 3, bias=False)
        self.to_out = nn.Linear(inner_dim, dim)

    def forward(
        self, x: Float[Tensor, "b n d"], einops_from: str, einops_to: str, **einops_dims
    ) -> Float[Tensor, "b n d"]:
        h = self.heads
        q, k, v = self.to_qkv(self.norm(x)).chunk(3, dim=-1)
        q, k, v = map(lambda t: rearrange(t, "b n (h d) -> (b h) n d", h=h), (q, k, v))
        q = q * self.scale
        # the classification token attends to everything
        (cls_q, q_), (cls_k, k_), (cls_v, v_) = map(lambda t: (t[:, :1], t[:, 1:]), (q, k, v))
        cls_out = torch.softmax(cls_q @ k.transpose(1, 2), dim=-1) @ v
        q_, k_, v_ = map(lambda t: rearrange(t, f"{einops_from} -> {einops_to}", **einops_dims), (q_, k_, v_))
        r = q_.shape[0] // cls_k.shape[0]
        cls_k, cls_v = map(lambda t: repeat(t, "b () d -> (b r) () d", r=r), (cls_k, cls_v))
        k_ = torch.cat((cls_k, k_), dim=1)
        v_ = torch.cat((cls_v, v_), dim=1)
        out = torch.einsum("b i j, b j d -> b i d", torch.softmax(q_ @ k_.mT, dim=-1), v_)
        out = rearrange(out, f"{einops_to} -> {einops_from}", **einops_dims)
        out = torch.cat((cls_out, out), dim=1)
        return self.to_out(rearrange(out, "(b h) n d -> b n (h d)", h=h))


class TimeSformer(nn.Module):
    def __init__(
        self, dim: int, num_frames: int, num_classes: int, image_size: int = 16, patch_size: int = 4
    ) -> None:
        super().__init__()
        num_patches = (image_size // patch_size) ** 2
        num_positions = num_frames * num_patches
        self.patch_size = patch_size
        self.to_patch_embedding = nn.Linear(3 * patch_size**2, dim)
        self.pos_emb = nn.Embedding(num_positions + 1, dim)
        self.cls_token = nn.Parameter(torch.randn(1, dim))
        self.layers = nn.ModuleList(
            [
                nn.ModuleList([Attention(dim), Attention(dim), nn.Sequential(nn.Linear(dim, dim), nn.GELU())])
                for _ in range(2)
            ]
        )
        self.to_out = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, num_classes))

    def forward(self, video: Float[Tensor, "b f 3 H W"]) -> Float[Tensor, "b num_classes"]:
        b, f, _, h, w, p = *video.shape, self.patch_size
        assert h % p == 0 and w % p == 0
        n = (h // p) * (w // p)
        video = rearrange(video, "b f c (h p1) (w p2) -> b (f h w) (p1 p2 c)", p1=p, p2=p)
        tokens = self.to_patch_embedding(video)
        cls_token = repeat(self.cls_token, "n d -> b n d", b=b)
        x = torch.cat((cls_token, tokens), dim=1)
        x += self.pos_emb(torch.arange(x.shape[1]))
        for time_attn, spatial_attn, ff in self.layers:
            x = time_attn(x, "b (f n) d", "(b n) f d", n=n) + x
            x = spatial_attn(x, "b (f n) d", "(b f) n d", f=f) + x
            x = ff(x) + x
        return self.to_out(x[:, 0])


class ViViT(nn.Module):
    def __init__(self, dim, frames, classes, size=16, patch=8, tube=2):
        super().__init__()
        self.embed = nn.Sequential(
            Rearrange("b c (f pf) (h p1) (w p2) -> b f (h w) (p1 p2 pf c)", p1=patch, p2=patch, pf=tube),
            nn.Linear(3 * tube * patch * patch, dim),
        )
        self.pos = nn.Parameter(torch.randn(1, frames // tube, (size // patch) ** 2, dim))
        self.spatial = nn.TransformerEncoderLayer(dim, 2, 2 * dim, batch_first=True)
        self.temporal = nn.TransformerEncoderLayer(dim, 2, 2 * dim, batch_first=True)
        self.head = nn.Linear(dim, classes)

    def forward(self, video):
        x = self.embed(video)
        b, f, n, _ = x.shape
        x = x + self.pos[:, :f, :n]
        x = self.spatial(rearrange(x, "b f n d -> (b f) n d"))
        x = reduce(x, "(b f) n d -> b f d", "mean", b=b)
        x = self.temporal(x).mean(dim=1)
        return self.head(x)


def main() -> None:
    torch.manual_seed(0)
    for b, t, size in ((2, 8, 16), (3, 4, 16)):
        video = torch.randn(b, 3, t, size, size)
        print(tuple(VideoResNet([1, 2], 6)(video).shape), tuple(SlowFast()(video).shape))
        shifted = TemporalShift(nn.Conv2d(8, 8, 3, padding=1), t)(torch.randn(b * t, 8, 5, 6))
        print(tuple(shifted.shape), tuple(TimeSformer(12, t, 7)(video.transpose(1, 2)).shape))
        print(tuple(ViViT(12, t, 7)(video).shape))


if __name__ == "__main__":
    main()
