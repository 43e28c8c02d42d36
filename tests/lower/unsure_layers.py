"""Models whose layers prove no size of their inputs, though it may seem so."""

import contextlib
from collections.abc import Iterator
from typing import Any, Optional

import torch
from torch import Tensor, nn

from namedtorch import Float
from tests.lower.first_layers import Layers, opaque


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    with contextlib.suppress(RuntimeError):
        yield


class InIf(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        if x.sum() > 0:
            x = self.fc(x)
        return x


class InElse(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        if x.sum() > 0:  # noqa: SIM108
            y = x
        else:
            y = self.fc(x)
        return y


class AfterReturn(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        if x.sum() > 0:
            return x
        return self.fc(x)


class AfterReturnInLoop(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        for row in x:
            if row.sum() > 0:
                return x
        return self.fc(x)


class InFor(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        y = torch.zeros(1)
        for _ in range(x.shape[0] - 1):
            y = y + self.fc(x)
        return y


class InWhile(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        y = torch.zeros(1)
        while y.sum() > 0:
            y = y + self.fc(x)
        return y


class InTry(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        try:
            return self.fc(x)
        except RuntimeError:
            return x


class InUnknownContext(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        with quietly():
            x = self.fc(x)
        return x * 2


class InMatch(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        match x.dim():
            case 7:
                return self.fc(x)
            case _:
                return x


class InAssert(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        assert self.fc(x).dim() == 2
        return x


class InLambda(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        later = lambda: self.fc(x)  # noqa: E731
        return x if x.sum() > 0 else later()


class InNestedFunction(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        def later() -> Tensor:
            return self.fc(x)

        return x if x.sum() > 0 else later()


class InComprehension(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        many = [self.fc(x) for _ in range(x.shape[0] - 1)]
        return x + len(many)


class InTernary(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return x if x.sum() > 0 else self.fc(x)


class InOr(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Any:
        return x.sum() > 0 or self.fc(x)


class InChain(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Any:
        return 0 < 0 * x.shape[0] < self.fc(x).sum()


class Rebound(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        x = x[:, :5]
        return self.fc(x)


class Cut(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.fc(x[:, :5])


class ReboundPerhaps(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        if x.shape[1] > 5:
            x = x[:, :5]
        return self.fc(x)


class ReboundByLoop(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        for x in [x[:, :5]]:  # noqa: B020
            x = x + 0
        return self.fc(x)


class ReboundByWalrus(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return (x := x[:, :5]).sum() + self.fc(x)


class Added(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        x @= torch.ones(x.shape[1], 5)
        return self.fc(x)


class Deleted(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "N B"]) -> Tensor:
        del x
        x = torch.ones(2, 5)
        return self.fc(x) + y.sum()


class InPlace(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        x.resize_(2, 5)
        return self.fc(x)


class InPlaceByAlias(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        y = x.contiguous()
        y.resize_(2, 5)
        return self.fc(x)


class InPlaceInList(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        for y in [x]:
            y.resize_(2, 5)
        return self.fc(x)


class InPlaceElsewhere(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        opaque(x)
        return self.fc(x)


class InPlaceInModule(Layers):
    def forward(self, x: Float[Tensor, "A"]) -> Tensor:
        self.growing(x)
        return self.fc(x)


class InPlaceByOut(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        torch.mul(torch.ones(2, 5), 2, out=x.data)
        torch.mul(torch.ones(2, 5), 2, out=x)
        return self.fc(x)


class InPlaceData(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        x.data = torch.ones(2, 5)
        return self.fc(x)


class Kept(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        self.seen = x
        opaque(self)
        return self.fc(x)


class Replaced(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        self.fc = nn.Linear(x.shape[1], 2)
        return self.fc(x)


class ReplacedInList(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        for i in range(2):
            self.layers[i] = nn.Linear(x.shape[1], 2)
        return self.layers[0](x)


class OtherReceiver(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        self = opaque(self)
        return self.fc(x)


class ByVariable(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        index = int(x.shape[1] == 7)
        return self.layers[index](x)


class Unpacked(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.fc(*[x])


class Chooses(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.choosing(x)


class Overridden(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.padded(x)


class Left(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.left(x)


class Bare(Layers):
    def forward(self, image: Float[Tensor, "N C H W"]) -> Tensor:
        return self.bare(image)


class Embedded(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.embed(x.long())


class SecondLayer(Layers):
    def forward(self, x: Float[Tensor, "N C H W"]) -> Tensor:
        return self.conv(self.pool(x))


class Flattened(Layers):
    def forward(self, x: Float[Tensor, "N (A B)"]) -> Tensor:
        return self.fc(x)


class Computed(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "N A+2"]) -> Tensor:
        return self.other(y)


class Broadcast(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "#A"]) -> Tensor:
        return self.fc(y)


class Anonymous(Layers):
    def forward(self, x: Float[Tensor, "N _"]) -> Tensor:
        return self.fc(x)


class Labelled(Layers):
    def forward(self, x: Float[Tensor, "N A"], y: Float[Tensor, "A=5"]) -> Tensor:
        return self.fc(x)


class InGroup(Layers):
    def forward(self, x: Float[Tensor, "N *rest"]) -> Tensor:
        return self.fc(x)


class AmbiguousRank(Layers):
    def forward(self, x: Float[Tensor, "N C *spatial"]) -> Tensor:
        return self.conv(x)


class TwoGroups(Layers):
    def forward(self, x: Float[Tensor, "*a C *b"], y: Float[Tensor, "C"]) -> Tensor:
        return self.conv(x)


class MaybeMissing(Layers):
    def forward(self, x: Optional[Float[Tensor, "N A"]] = None) -> Tensor:
        return self.fc(x)


class Listed(Layers):
    def forward(self, xs: list[Float[Tensor, "N A"]]) -> Tensor:
        return self.fc(xs[0])


class Generating(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Iterator[Tensor]:
        yield x
        yield self.fc(x)


class TooMany(Layers):
    def forward(self, x: Float[Tensor, "N A"]) -> Tensor:
        return self.features(x.sum(), opaque(x))
