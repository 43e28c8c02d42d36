"""Names where branches meet, in loops, and where a refusal is expected."""

import pytest
import torch
from namedtorch import DimError, Float, NamedTensor, named
from torch import Tensor


def joined(x: Float[NamedTensor, "N C"], deep: bool) -> None:
    y = x.rename(C="K") if deep else x  # dims: N (C)
    # It has one of two names.
    y.sum("C")
    y.sum("K")
    y.sum("N")  # dims: (C)


def alike(x: Float[NamedTensor, "N C"], deep: bool) -> None:
    if deep:
        y = x.relu()
    else:
        y = x.exp()
    y.sum("T")  # error: [dim-missing]


def reordered(x: Float[NamedTensor, "N C"], steps: int) -> Float[NamedTensor, "N C"]:
    for _ in range(steps):
        x = x.T
    return x.align_to("N", "C")


def renamed(x: Float[NamedTensor, "N C"], steps: int) -> None:
    for _ in range(steps):
        x = x.rename(C="K", N="B") if "C" in x.dims else x
    x.sum("K")


def added(x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N D"]:
    total = None
    for one in x.unbind("T"):
        total = one if total is None else total + one
    return total


def either(x) -> Tensor:
    if isinstance(x, Tensor):
        x = named(x, "N C")
    return x.sum("C").tensor


def one_of_two(x: Float[NamedTensor, "N C"]) -> None:
    if isinstance(x, Tensor):
        x.never("T")
    if isinstance(x, NamedTensor):
        x.sum("T")  # error: [dim-missing]
    while x.ndim > 1:
        x = x.sum(x.dims[-1])


def expected(x: Float[NamedTensor, "N C"]) -> None:
    try:
        x.sum("T")
    except DimError as error:
        print(error)
    try:
        x.sum("T")  # error: [dim-missing]
    except KeyError:
        pass
    with pytest.raises(DimError, match="T"):
        x.sum("T")
    with torch.no_grad():
        x.sum("T")  # error: [dim-missing]


def by_variables(x: Float[NamedTensor, "N C"], dim: str, *dims: str, **sizes: int) -> None:
    x.sum(dim)
    x.align_to(*dims)
    x.expand(**sizes)
    for name in ("N", "C"):
        x.sum(name)
    for name in ("N", "T"):
        x.sum(name)  # error: [dim-missing]
    for name in x.dims:
        x.mean(name)


def helpers(x: Float[NamedTensor, "N C"]) -> None:
    spread(x)  # dims: N
    spread(x, "N")  # dims: C
    spread(x, "T")  # error: [dim-missing]
    both = {name: x.sum(name) for name in ("N", "C")}
    both["N"] + both["C"]  # error: [broadcast-dims-differ]


def spread(x, dim="C"):
    return x.std(dim)
