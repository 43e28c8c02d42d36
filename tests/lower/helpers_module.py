"""Functions that other files call as attributes of a module, or by name."""

from torch import Tensor

from namedtorch import Float, checked


def double(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    return x + x


@checked
def shifted(x: Float[Tensor, "*any"], by: float = 1.0) -> Float[Tensor, "*any"]:
    return double(x) * 0.5 + by
