"""ConvNeXt, and stochastic depth, in plain positions.

Source: Liu et al., "A ConvNet for the 2020s" (2022, arXiv:2201.03545), in the form of torchvision and timm.
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from namedtorch import Float, checked


class LayerNorm2d(nn.LayerNorm):
    """A layer norm over the channels of an image."""

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
        x = x.permute(0, 2, 3, 1)
        x = super().forward(x)
        return x.permute(0, 3, 1, 2)


class Permute(nn.Module):
    """Puts the dims in another order."""

    def __init__(self, *dims: int) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return torch.permute(x, self.dims)


class StochasticDepth(nn.Module):
    """Drops a branch for some images of a batch in training."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Float[Tensor, "N *rest"]) -> Float[Tensor, "N *rest"]:
        if not self.training or self.p == 0.0:
            return x
        survival = 1.0 - self.p
        size = [x.shape[0]] + [1] * (x.ndim - 1)
        noise = torch.empty(size, dtype=x.dtype, device=x.device).bernoulli_(survival)
        if survival > 0.0:
            noise.div_(survival)
        return x * noise

    def extra_repr(self) -> str:
        return f"p={self.p:.3f}"


class CNBlock(nn.Module):
    """A filter of each channel, a feed-forward part, a scale, and the input again."""

    def __init__(
        self, dim: int, layer_scale: float, drop: float, norm: Callable[..., nn.Module] | None = None
    ) -> None:
        super().__init__()
        norm = norm or partial(nn.LayerNorm, eps=1e-6)
        self.block = nn.Sequential(
            nn.Conv2d(dim, dim, kernel_size=7, padding=3, groups=dim, bias=True),
            Permute(0, 2, 3, 1),
            norm(dim),
            nn.Linear(dim, 4 * dim),
            nn.GELU(),
            nn.Linear(4 * dim, dim),
            Permute(0, 3, 1, 2),
        )
        self.layer_scale = nn.Parameter(torch.ones(dim, 1, 1) * layer_scale) if layer_scale > 0 else None
        self.stochastic_depth = StochasticDepth(drop)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
        result = self.block(x)
        if self.layer_scale is not None:
            result = self.layer_scale * result
        return x + self.stochastic_depth(result)


@checked
class ConvNeXt(nn.Module):
    """Scores every class for colour images."""

    def __init__(
        self,
        depths: Sequence[int],
        dims: Sequence[int],
        classes: int = 1000,
        layer_scale: float = 1e-6,
        drop: float = 0.1,
    ) -> None:
        super().__init__()
        if len(depths) != len(dims):
            raise ValueError(f"{len(depths)} depths are given, and {len(dims)} dims")
        self.classes = classes
        norm = partial(LayerNorm2d, eps=1e-6)
        self.stages = nn.ModuleList()
        rates = iter(rate.item() for rate in torch.linspace(0, drop, sum(depths)))
        inputs = 3
        for stage, (depth, dim) in enumerate(zip(depths, dims, strict=True)):
            if stage == 0:
                down = nn.Sequential(nn.Conv2d(inputs, dim, kernel_size=4, stride=4), norm(dim))
            else:
                down = nn.Sequential(norm(inputs), nn.Conv2d(inputs, dim, kernel_size=2, stride=2))
            blocks = [CNBlock(dim, layer_scale, next(rates)) for _ in range(depth)]
            self.stages.append(nn.Sequential(down, *blocks))
            inputs = dim
        self.head = nn.Sequential(norm(inputs), nn.Flatten(1), nn.Linear(inputs, classes))

    def features(self, x: Float[Tensor, "N 3 H W"]) -> list[Float[Tensor, "N _ ?h ?w"]]:
        """The maps of all stages, as detectors want them."""
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps

    def forward(
        self, x: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"]
    ) -> Float[Tensor, "N classes=self.classes"]:
        last = self.features(x)[-1]
        return self.head(F.adaptive_avg_pool2d(last, 1))


def make() -> nn.Module:
    torch.manual_seed(0)
    return ConvNeXt(depths=(1, 2, 1), dims=(16, 24, 32), classes=10, layer_scale=0.5)


SIZES = ({"N": 2, "H": 32, "W": 48}, {"N": 1, "H": 65, "W": 33})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, H, W),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 32, 48, 3),)


REFUSED = "`C` is 3"
