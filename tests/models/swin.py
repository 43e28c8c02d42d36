"""Swin Transformer: attention in windows that shift from block to block, the windows cut by patterns.

Source: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows" (2021, arXiv:2103.14030).
"""

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, NamedTensor, checked, named, named_module


def windows(x: NamedTensor, size: int) -> NamedTensor:
    """The map cut into square windows, the places of each window in a row."""
    cut = x.rearrange("N (H h) (W w) D -> (N H W) (h w) D", h=size, w=size)
    return cut.rename("windows T D")


def relative_places(window: int) -> Tensor:
    """For each pair of places in a window, the row of the table that their offset has."""
    places = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
    offsets = places[:, :, None] - places[:, None, :] + window - 1
    return offsets[0] * (2 * window - 1) + offsets[1]


class WindowAttention(nn.Module):
    """Attention within each window, with a learned bias for every offset."""

    relative: Tensor

    def __init__(self, features: int, window: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (features // heads) ** -0.5
        self.table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        nn.init.trunc_normal_(self.table, std=0.02)
        self.register_buffer("relative", relative_places(window), persistent=False)
        self.qkv = named_module(nn.Linear(features, 3 * features), "D -> D")
        self.proj = named_module(nn.Linear(features, features), "D -> D")

    @checked
    def forward(
        self,
        x: Float[NamedTensor, "windows T D"],
        mask: namedtorch.Bool[NamedTensor, "places T S"] | None = None,
    ) -> Float[NamedTensor, "windows T D"]:
        """`mask` is true where two places of a window come from parts of the image that do not touch."""
        qkv = self.qkv(x).rearrange("windows T (three h d) -> three windows h T d", three=3, h=self.heads)
        q, k, v = qkv["three", 0], qkv["three", 1].rename(T="S"), qkv["three", 2].rename(T="S")
        scores = namedtorch.contract(q, k, over="d") * self.scale
        bias = named(self.table, "offsets h")["offsets", named(self.relative, "T S")]
        scores = scores + bias.align_to("h", "T", "S")
        if mask is not None:
            # All images have the same windows.
            apart = scores.rearrange("(N places) h T S -> N places h T S", places=mask.size("places"))
            apart = apart.masked_fill(mask.align_as(apart), -100.0)
            scores = apart.rearrange("N places h T S -> (N places) h T S").rename("windows h T S")
        mixed = namedtorch.contract(scores.softmax("S"), v, over="S")
        return self.proj(mixed.rearrange("windows h T d -> windows T (h d)").rename("windows T D"))


class SwinBlock(nn.Module):
    """Attention in windows, then a feed-forward part; every second block shifts the windows."""

    def __init__(
        self, features: int, heads: int, window: int = 7, shift: int = 0, mlp_ratio: float = 4.0
    ) -> None:
        super().__init__()
        self.window = window
        self.shift = shift
        self.norm1 = nn.LayerNorm(features)
        self.attention = WindowAttention(features, window, heads)
        self.norm2 = nn.LayerNorm(features)
        hidden = int(features * mlp_ratio)
        self.mlp = nn.Sequential(
            named_module(nn.Linear(features, hidden), "D -> hidden"),
            nn.GELU(),
            named_module(nn.Linear(hidden, features), "hidden -> D"),
        )

    def regions(self, H: int, W: int) -> NamedTensor:
        """Numbers the parts of a shifted image that were neighbours before the shift."""
        rows, columns = namedtorch.zeros(H=H), namedtorch.zeros(W=W)
        rows["H", -self.window : -self.shift] = 1.0
        rows["H", -self.shift :] = 2.0
        columns["W", -self.window : -self.shift] = 1.0
        columns["W", -self.shift :] = 2.0
        return 3 * rows.align_to("H", "W") + columns

    def mask(self, H: int, W: int) -> NamedTensor:
        """Tells which pairs of places in a window were no neighbours before the shift."""
        cut = self.regions(H, W).rearrange("(H h) (W w) -> (H W) (h w)", h=self.window, w=self.window)
        region = cut.rename("places T")
        return region.align_to("places", "T", "S") != region.rename(T="S").align_to("places", "T", "S")

    @checked
    def forward(self, x: Float[NamedTensor, "N H W D"]) -> Float[NamedTensor, "N H W D"]:
        H, W = x.size("H"), x.size("W")
        y = self.norm1(x)
        mask = None
        if self.shift > 0:
            y = y.roll((-self.shift, -self.shift), ("H", "W"))
            mask = self.mask(H, W)
        y = self.attention(windows(y, self.window), mask)
        rows, columns = H // self.window, W // self.window
        y = y.rearrange("(N H W) (h w) D -> N (H h) (W w) D", H=rows, W=columns, h=self.window)
        y = y.rename("N H W D")
        if self.shift > 0:
            y = y.roll((self.shift, self.shift), ("H", "W"))
        x = x + y
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    """Halves the map: four neighbours become one place of twice the features."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * features)
        self.reduction = named_module(nn.Linear(4 * features, 2 * features, bias=False), "D -> D")

    def forward(self, x: NamedTensor) -> NamedTensor:
        corners = x.rearrange("N (H h) (W w) D -> N H W (w h D)", h=2, w=2).rename("N H W D")
        return self.reduction(self.norm(corners))


class Swin(nn.Module):
    """Scores every class for images whose sides all stages' windows divide."""

    def __init__(
        self, patch: int, classes: int, features: int, depths: tuple[int, ...], heads: int, window: int
    ) -> None:
        super().__init__()
        self.classes = classes
        self.multiple = patch * window * 2 ** (len(depths) - 1)
        self.embed = named_module(nn.Conv2d(3, features, patch, stride=patch), "N C H W -> N D H W")
        layers: list[nn.Module] = []
        for stage, depth in enumerate(depths):
            if stage > 0:
                layers.append(PatchMerging(features))
                features, heads = 2 * features, 2 * heads
            shifts = [0 if i % 2 == 0 else window // 2 for i in range(depth)]
            layers += [SwinBlock(features, heads, window, shift) for shift in shifts]
        self.layers = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(features)
        self.head = named_module(nn.Linear(features, classes), "D -> classes")

    @checked
    def forward(
        self,
        images: Float[NamedTensor, "N C=3 H W where H % self.multiple == 0, W % self.multiple == 0"],
    ) -> Float[NamedTensor, "N classes=self.classes"]:
        x = self.embed(images).align_to("N", "H", "W", "D")
        x = self.norm(self.layers(x))
        return self.head(x.mean(("H", "W")))


def make() -> nn.Module:
    torch.manual_seed(0)
    return Swin(patch=2, classes=10, features=24, depths=(2, 2), heads=3, window=4)


SIZES = ({"N": 2, "H": 16, "W": 32}, {"N": 1, "H": 32, "W": 16})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, H, W),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 16, 32, 3),)


REFUSED = "`C` is 3"
