"""Models as people write them, small: what torch.fx follows, what it does not, and what it only seems to follow."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namedtorch import Float, Int, NamedTensor, checked

Image = Float[Tensor, "N C=3 H W"]
Classes = Float[Tensor, "N classes=5"]
Maps = Float[Tensor, "N D=8 H W"]


def conv(channels: int, out: int, size: int = 3, act: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """A convolution with its norm and activation."""
    return nn.Sequential(
        nn.Conv2d(channels, out, size, padding=size // 2, bias=False), nn.BatchNorm2d(out), act(inplace=True)
    )


def settled(model: nn.Module) -> nn.Module:
    """A model in eval mode whose norms are as after training."""
    for one in model.modules():
        if isinstance(one, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(one.weight, 0.7, 1.3)
            nn.init.normal_(one.bias, std=0.1)
            assert one.running_mean is not None
            assert one.running_var is not None
            one.running_mean.normal_(std=0.1)
            one.running_var.uniform_(0.3, 1.3)
    return model.eval()


class Gated(nn.Module):
    """A gate over channels, as torchvision writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(8, 4, 1)
        self.fc2 = nn.Conv2d(4, 8, 1)
        self.activation = nn.ReLU()
        self.scale_activation = nn.Hardsigmoid()

    def _scale(self, input: Tensor) -> Tensor:
        return self.scale_activation(self.fc2(self.activation(self.fc1(self.avgpool(input)))))

    def forward(self, input: Tensor) -> Tensor:
        return self._scale(input) * input


class Residual(nn.Module):
    """Residuals in place, a gate, hard-swish and SiLU, sizes out of a tensor, checks of sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8, act=nn.Hardswish)
        self.block = nn.Sequential(conv(8, 8, act=nn.SiLU), Gated())
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Image) -> Classes:
        n, c, _, _ = x.shape
        assert c == 3, "three channels"
        if x.dim() != 4:
            raise ValueError(f"{x.dim()} axes")
        x = self.stem(x)
        y = self.block(x)
        y += x
        y = F.adaptive_avg_pool2d(self.relu(y), 1)
        return self.head(y.view(n, -1))


class Branches(nn.Module):
    """Branches that are joined, of layers and of pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.a = conv(3, 4)
        self.b = conv(3, 4, 1)
        self.join = conv(11, 8)

    def forward(self, x: Image) -> Maps:
        return self.join(torch.cat([self.a(x), self.b(x), F.max_pool2d(x, 3, 1, 1)], 1))


class Repeated(nn.Module):
    """One convolution, norm and activation, called three times."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.act = nn.Hardswish()

    def forward(self, x: Image) -> Maps:
        x = self.act(self.stem(x))
        for _ in range(3):
            x = self.act(self.norm(self.conv(x)))
        return x


class OnSizes(nn.Module):
    """Control flow that depends on a size."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8)
        self.wide = conv(8, 8)
        self.last = nn.Conv2d(8, 8, 1)

    def forward(self, x: Image) -> Maps:
        x = self.stem(x)
        if x.shape[-1] > 8:
            x = self.wide(x)
        return self.last(x)


class OnValues(nn.Module):
    """Early exits out of a loop over modules, by what they compute."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8)
        self.blocks = nn.ModuleList([conv(8, 8) for _ in range(2)])
        self.head = nn.Linear(8, 5)

    def forward(self, x: Image) -> Classes:
        x = self.stem(x)
        y = self.head(x.mean((2, 3)))
        for block in self.blocks:
            if float(y.softmax(-1).max()) > 0.99:
                return y
            x = block(x)
            y = self.head(x.mean((2, 3)))
        return y


class Masked(nn.Module):
    """A part with an optional tensor and a number that has a default."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)

    def forward(self, x: Tensor, mask: Tensor | None = None, scale: float = 1.0) -> Tensor:
        x = self.conv(x) * scale
        return x if mask is None else x * mask


class Optionals(nn.Module):
    """An optional tensor that decides."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8)
        self.first = Masked()
        self.second = Masked()

    def forward(self, x: Image, mask: Float[Tensor, "N 1 H W"] | None = None) -> Maps:
        return self.second(self.first(self.stem(x), mask), scale=2.0)


class Lists(nn.Module):
    """A list of images in, a dict out."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)

    def forward(self, images: list[Float[Tensor, "N C=3 ?H ?W"]]) -> dict[str, Classes]:
        found = [self.body(one).mean((2, 3)) for one in images]
        return {"first": self.head(found[0]), "all": self.head(torch.stack(found).mean(0))}


class Out(NamedTuple):
    """A record."""

    scores: Classes
    features: Float[Tensor, "N D=8"]


class Record(nn.Module):
    """A NamedTuple out."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Image) -> Out:
        features = self.body(x).mean((2, 3))
        return Out(self.head(features), features)


class Exported(nn.Module):
    """Two methods that are called."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)

    @torch.jit.export
    def features(self, x: Image) -> Float[Tensor, "N D=8"]:
        return self.body(x).mean((2, 3))

    def forward(self, x: Image) -> Classes:
        return self.head(self.features(x))


class Named(nn.Module):
    """A body that speaks of names, with a part that is checked."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)

    @checked
    def forward(self, x: Float[NamedTensor, "N C=3 H W"]) -> Float[NamedTensor, "N classes=5"]:
        return self.head(self.body(x).mean(["H", "W"]))


class Positions(nn.Module):
    """Positions made of a size, looked up in a table."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(20, 8)
        self.places = nn.Embedding(64, 8)
        self.out = nn.Linear(8, 5)

    def forward(self, ids: Int[Tensor, "N T"]) -> Float[Tensor, "N T classes=5"]:
        places = torch.arange(ids.shape[1])
        return self.out(torch.relu(self.words(ids) + self.places(places)))


class Counting(nn.Module):
    """A buffer that each call changes, and that the result depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x: Image) -> Classes:
        self.calls += 1
        return self.head(self.body(x).mean((2, 3))) + self.calls


class Reading(nn.Module):
    """Code that reads the weights of a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Image) -> Classes:
        x = self.body(x).mean((2, 3))
        if float(x.sum()) > 1e9:
            x = x * 2
        return self.head(x) / self.head.weight.norm()


class InPlace(nn.Module):
    """Changes in place, of a tensor and of a part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.last = nn.Conv2d(8, 8, 1)

    def forward(self, x: Image) -> Maps:
        y = self.body(x)
        y.mul_(2.0)
        z = self.last(y)
        z.relu_()
        z[:, 0] = 0
        return z + y


class Norms(nn.Module):
    """What torch has quantized operators for, what it has none for, and one that it computes wrongly."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.group = nn.GroupNorm(2, 8)
        self.prelu = nn.PReLU()
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Image) -> Classes:
        y = torch.sigmoid(self.prelu(self.group(self.conv(x))))
        return self.head(self.norm(y.flatten(2).transpose(1, 2)).mean(1))
