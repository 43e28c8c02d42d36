"""Models whose first layers prove sizes of their inputs."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from namedtorch import Float, checked


def opaque(x: Any) -> Any:
    """Something that may do anything with what it is given."""
    return x


class Scaled(nn.Linear):
    """A subclass of torch's that does what its base does."""

    def __init__(self, width: int) -> None:
        super().__init__(width, 2)
        self.scale = 2.0

    def scaled(self) -> Tensor:
        return self.weight * self.scale


class Padded(nn.Linear):
    """A subclass of torch's that takes other sizes than its base."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input[..., : self.in_features])


class Inner(nn.Module):
    """A plain module with a layer of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Identity(), nn.Linear(5, 2))

    def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
        return self.body(x) * scale


class Choosing(nn.Module):
    """A plain module that may leave its layer out."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() > 2:
            return x
        return self.fc(x)


class Growing(nn.Module):
    """A module that changes its argument in place."""

    def forward(self, x: Tensor) -> Tensor:
        return x.unsqueeze_(0)


class Layers(nn.Module):
    """The parts that the models have in common; each has a forward of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.grouped = nn.Conv2d(6, 4, 3, groups=2)
        self.up = nn.ConvTranspose2d(3, 4, 3)
        self.sequence = nn.Conv1d(5, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.bare = nn.BatchNorm2d(3, affine=False, track_running_stats=False)
        self.layer = nn.LayerNorm((5, 7))
        self.fc = nn.Linear(5, 2)
        self.other = nn.Linear(7, 2)
        self.both = nn.Bilinear(5, 7, 2)
        self.lstm = nn.LSTM(5, 2)
        self.cell = nn.GRUCell(5, 2)
        self.attend = nn.MultiheadAttention(10, 2, kdim=5, vdim=7)
        self.embed = nn.Embedding(20, 5)
        self.pool = nn.MaxPool2d(2)
        self.flat = nn.Flatten()
        self.drop = nn.Dropout()
        self.features = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU()))
        self.layers = nn.ModuleList([nn.Linear(5, 2), nn.Linear(7, 2)])
        self.named = nn.ModuleDict({"a": nn.Linear(5, 2), "b": nn.Linear(7, 2)})
        self.inner = Inner()
        self.choosing = Choosing()
        self.growing = Growing()
        self.scaled = Scaled(5)
        self.padded = Padded(5, 2)
        self.training_only = False

    def encode(self, x: Tensor) -> Tensor:
        return self.fc(x)

    @torch.jit.ignore
    def left(self, x: Tensor) -> Tensor:
        return self.fc(x)


class Convolution(Layers):
    def forward(self, image: Float[Tensor, "N C H W"]) -> Tensor:
        return F.relu(self.conv(image)).mean((2, 3))


class Unbatched(Layers):
    def forward(self, image: Float[Tensor, "C H W"]) -> Tensor:
        return self.conv(image)


class AnyBatch(Layers):
    def forward(self, image: Float[Tensor, "*batch C H W"]) -> Tensor:
        return self.conv(image)


class Grouped(Layers):
    def forward(self, image: Float[Tensor, "N C H W"]) -> Tensor:
        return self.grouped(image)


class Transposed(Layers):
    def forward(self, image: Float[Tensor, "N C H W"]) -> Tensor:
        return self.up(image)


class Normalized(Layers):
    def forward(self, image: Float[Tensor, "N C H W"]) -> Tensor:
        """Its docstring is a statement too."""
        return self.conv(self.norm(image))


class LastDims(Layers):
    def forward(self, x: Float[Tensor, "... T D"]) -> Tensor:
        return self.layer(x)


class Recurrent(Layers):
    def forward(self, x: Float[Tensor, "T N D"]) -> Tensor:
        y, _ = self.lstm(x)
        return y


class Cell(Layers):
    def forward(self, x: Float[Tensor, "N D"]) -> Tensor:
        return self.cell(input=x)


class Attending(Layers):
    def forward(
        self, q: Float[Tensor, "T N E"], k: Float[Tensor, "S N K"], v: Float[Tensor, "S N V"]
    ) -> Tensor:
        y, _ = self.attend(q, value=v, key=k)
        return y


class TwoInputs(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "N B"]) -> Tensor:
        return self.both(x, y)


class InSequential(Layers):
    def forward(self, image: Float[Tensor, "N C H W"]) -> Tensor:
        return self.features(image)


class ByIndex(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "N B"]) -> Tensor:
        return self.layers[0](x) + self.layers[-1](y)


class ByKey(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.named["b"](x)


class ByPath(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.inner.body[1](x)


class InModule(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.inner(scale=2.0, x=x)


class InMethod(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.encode(x)


class Subclassed(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.scaled(x)


class Renamed(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        y = z = x
        x = torch.ones(1)
        return self.fc(z) + x + y.sum()


class Dropped(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        x = self.drop(x)
        return self.fc(x)


class Rebinding(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        x = self.fc(x)
        return self.other(x.repeat(1, 4)[:, :7])


class AfterLooks(Layers):
    def forward(self, x: Float[Tensor, "N A"], scale: float = 2.0) -> Tensor:
        n, a = x.shape
        assert isinstance(x, Tensor), f"{x.shape}"
        if a < 1:
            raise ValueError("empty")
        total = (
            torch.cat([x, x]).sum() + x[0].sum() * scale + F.relu(x, inplace=True).mean() + (x * 2 - x).sum()
        )
        for i in range(3):
            total = total + i * x.mean()
        x[0] = 1.0
        return self.fc(x) + total / n


class InContext(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        with torch.no_grad(), torch.autocast("cpu", enabled=False):
            y = self.fc(x)
        return y * 2


class InCondition(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        y = self.fc(x) if x.dim() > 7 else self.other(torch.ones(2, 7))
        return y + self.fc(x)


class FirstOperand(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> bool:
        return bool(self.fc(x).sum() > 0) and x.sum() > 0


class Repeated(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "A"]) -> Tensor:
        return self.fc(x) + self.fc(y)


class InArithmetic(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "2*A"]) -> Float[Tensor, "A"]:
        return self.fc(x).sum() + y[: y.shape[0] // 2]


class OneOfTwo(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "N B"]) -> Tensor:
        return opaque(y).sum() + self.fc(x)


@checked
class Checked(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.fc(x)


# Models whose layers prove two sizes of one dim.


class TwoLayers(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        y = self.fc(x)
        return y + self.other(x)


class TwoParameters(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "M A"]) -> Tensor:
        return self.fc(x).sum() + self.layers[1](y)
