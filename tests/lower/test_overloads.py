"""Overloads by Python type, and unions of tensors with other things."""

from typing import Any, Dict, List, Tuple, Union, overload

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, Int, LowerError
from tests.lower.unverified import lower

X = torch.ones(3)


@overload
def size_of(x: int) -> int: ...
@overload
def size_of(x: Float[Tensor, "N"]) -> int: ...
def size_of(x: Union[int, Float[Tensor, "N"]]) -> int:
    if isinstance(x, int):
        return x
    return x.size(0)


@torch.jit._overload
def doubled(x: int) -> int: ...
@torch.jit._overload
def doubled(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]: ...  # noqa: F811
def doubled(x):  # noqa: F811
    return x * 2


class Functions(nn.Module):
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return doubled(x) + doubled(3) + size_of(x) + size_of(4)


class Methods(nn.Module):
    @torch.jit._overload_method
    def twice(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]: ...
    @torch.jit._overload_method
    def twice(self, x: List[Float[Tensor, "N"]]) -> Float[Tensor, "N"]: ...  # noqa: F811
    def twice(self, x):  # noqa: F811
        if isinstance(x, Tensor):
            return x * 2
        return x[0] * 3

    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return self.twice(x) + self.twice([x])


class Optionals(nn.Module):
    @overload
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]: ...
    @overload
    def forward(self, x: Float[Tensor, "N"], y: Float[Tensor, "N"]) -> Float[Tensor, "N"]: ...
    def forward(self, x: Float[Tensor, "N"], y: Float[Tensor, "N"] | None = None) -> Float[Tensor, "N"]:
        return x if y is None else x + y


@pytest.mark.parametrize("guards", ["boundary", "all"])
@pytest.mark.parametrize(("owner", "result"), [(Functions, 15.0), (Methods, 5.0), (Optionals, 1.0)])
def test_overloads(owner: type[nn.Module], result: float, guards: Any) -> None:
    for _ in range(2):  # torch forgets overloads that it has compiled
        script: Any = lower(owner(), guards=guards).module
        torch.testing.assert_close(script(X), X * result)
    with pytest.raises(torch.jit.Error, match="namedtorch: `x` has rank 2"):
        script(torch.ones(3, 3))


def test_overloads_stay_for_plain_torch() -> None:
    before = dict(torch._jit_internal._overloaded_fns)
    methods = {name: dict(one) for name, one in torch._jit_internal._overloaded_methods.items()}
    lower(Functions())
    lower(Methods())
    assert torch._jit_internal._overloaded_fns == before
    assert torch._jit_internal._overloaded_methods == methods


class WithList(nn.Module):
    def forward(
        self,
        x: Union[Float[Tensor, "N"], Int[Tensor, "N M"], List[Float[Tensor, "N"]]],
        y: Float[Tensor, "N"],
    ) -> Union[Float[Tensor, "N"], List[Float[Tensor, "N"]]]:
        if isinstance(x, Tensor):
            if x.dim() == 2:
                return [x.float()[:, 0]]
            return x * 2
        return x


class Among(nn.Module):
    """A list among three types and more."""

    def forward(
        self,
        x: Union[
            Float[Tensor, "N"],
            List[Float[Tensor, "N"]],
            int,
            Dict[str, Float[Tensor, "N"]],
            Tuple[int, Float[Tensor, "N"]],
        ],
        y: Float[Tensor, "N"],
    ) -> Float[Tensor, "N"]:
        if isinstance(x, Tensor):
            return x
        return y


class WithTuple(nn.Module):
    def forward(
        self, x: Union[Float[Tensor, "N"], int, Tuple[int, Float[Tensor, "N 2"]]], y: Float[Tensor, "N"]
    ) -> Float[Tensor, "N"]:
        if isinstance(x, Tensor):
            return x
        if isinstance(x, int):
            return y * x
        return x[1].sum(1)


FITS: list[tuple[type[nn.Module], Any, Any]] = [
    (WithList, X, X * 2),
    (WithList, torch.ones(3, 2, dtype=torch.long), [X]),
    (WithList, [X, X], [X, X]),
    (Among, X * 2, X * 2),
    (Among, [X, X], X),
    (Among, 3, X),
    (Among, {"a": X}, X),
    (Among, (1, X), X),
    (WithTuple, 4, X * 4),
    (WithTuple, (2, torch.ones(3, 2)), X * 2),
    (WithTuple, X, X),
]


@pytest.mark.parametrize(("owner", "x", "result"), FITS)
def test_a_union_of_tensors_and_other_things(owner: type[nn.Module], x: Any, result: Any) -> None:
    lowered = lower(owner())
    torch.testing.assert_close(lowered.module(x, X), result)
    torch.testing.assert_close(lowered(x, X), result)


MISFITS: list[tuple[type[nn.Module], Any, str]] = [
    (WithList, torch.ones(4), "`y` has size 3 at axis 0, but `N` is 4"),
    (WithList, [torch.ones(3, 2)], "`x[0]` has rank 2, but `N` has rank 1"),
    (WithList, [X.long()], "`x[0]` has "),
    (WithList, [X, torch.ones(4)], "`x[1]` has size 4 at axis 0, but `N` is 3"),
    (WithList, torch.ones(3, 3), "`x` "),
    (Among, [X, torch.ones(4)], "`x[1]` has size 4 at axis 0, but `N` is 3"),
    (Among, {"a": torch.ones(4)}, "`y` has size 3 at axis 0, but `N` is 4"),
    (WithTuple, (2, torch.ones(4, 2)), "`y` has size 3 at axis 0, but `N` is 4"),
    (WithTuple, (2, torch.ones(3, 3)), "`x[1]` has size 3 at axis 1, but the annotation says 2"),
]


@pytest.mark.parametrize(("owner", "x", "says"), MISFITS)
def test_a_union_refuses_in_python_and_in_the_graph(owner: type[nn.Module], x: Any, says: str) -> None:
    lowered = lower(owner())
    with pytest.raises(DimError) as python:
        lowered(x, X)
    with pytest.raises(torch.jit.Error) as graph:
        lowered.module(x, X)
    assert str(python.value).startswith(says)
    assert f"namedtorch: {says}" in str(graph.value)


def test_alternatives_of_one_type_are_refused() -> None:
    def f(x: Union[List[Float[Tensor, "N"]], List[Int[Tensor, "N M"]]]) -> Tensor:
        return x[0]

    with pytest.raises(LowerError, match=r"are one type to TorchScript \(List\[torch\.Tensor\]\)"):
        lower(f)
