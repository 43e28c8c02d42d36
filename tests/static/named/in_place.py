"""Statistics that are kept: written in place, by name."""

import namedtorch
from namedtorch import Float, NamedTensor, checked


class Running:
    def __init__(self, channels: int, momentum: float = 0.1) -> None:
        self.mean = namedtorch.zeros(C=channels)
        self.var = namedtorch.ones(C=channels)
        self.momentum = momentum

    @checked
    def update(self, x: Float[NamedTensor, "N C H W"]) -> None:
        # mistake [broadcast-dims-differ]: self.mean.add_(x.mean(("N", "C", "H")), alpha=self.momentum)
        self.mean.add_(x.mean(("N", "H", "W")), alpha=self.momentum)
        # mistake [dim-missing]: self.var.mul_(1 - self.momentum).add_(x.var(("N", "H", "V")), alpha=self.momentum)
        self.var.mul_(1 - self.momentum).add_(x.var(("N", "H", "W")), alpha=self.momentum)


@checked
def histogram(codes: Float[NamedTensor, "N T"]) -> Float[NamedTensor, "N"]:
    total = namedtorch.zeros(N=codes.size("N"))
    for t in range(codes.size("T")):
        # mistake [broadcast-dims-differ]: total += codes["N", t]
        total += codes["T", t]
    return total


@checked
def clipped(x: Float[NamedTensor, "N C"], limit: Float[NamedTensor, "C"]) -> Float[NamedTensor, "N C"]:
    x = x.clone()
    # mistake [broadcast-dims-differ]: x *= limit.rename("N")
    x *= limit
    # mistake [dim-missing]: x["K", 0] = 0
    x["C", 0] = 0
    x[x > 1] = 1
    return x


def main() -> None:
    running = Running(4)
    running.update(namedtorch.rand(N=4, C=4, H=4, W=4))
    assert running.mean.dims == running.var.dims == ("C",)
    assert histogram(namedtorch.rand(N=3, T=3)).dims == ("N",)
    assert clipped(namedtorch.rand(N=3, C=3), namedtorch.rand(C=3)).dims == ("N", "C")
