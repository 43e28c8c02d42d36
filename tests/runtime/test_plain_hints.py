"""Hints without dims are beartype's: an int is a fine float, and a wrong value is named."""

import enum
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal, NewType, Optional, Protocol, TypedDict, TypeVar, Union

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import AnnotationError, DimError, Float, checked

z = torch.zeros


class Color(enum.Enum):
    RED = 1


@typing.runtime_checkable
class Sized(Protocol):
    def __len__(self) -> int: ...


class Options(TypedDict):
    width: int


Width = NewType("Width", int)
T = TypeVar("T", bound=float)

ACCEPTED = [
    (float, 0),
    (float, 0.5),
    (complex, 1),
    (int, True),
    (Optional[float], None),
    (Union[int, str], "a"),
    (list[int], [1, 2]),
    (list[float], [1, 2.5]),
    (dict[str, int], {"a": 1}),
    (tuple[int, ...], (1, 2)),
    (Literal["mean", "sum"], "mean"),
    (Callable[[int], int], abs),
    (Callable, torch.relu),
    (Sized, [1]),
    (Color, Color.RED),
    (type, int),
    (type[nn.Module], nn.Linear),
    (nn.Module, nn.Linear(1, 1)),
    (Tensor, z(2)),
    (torch.dtype, torch.float32),
    (torch.device, torch.device("cpu")),
    (Width, 3),
    (T, 3),
    (Any, object()),
    (object, None),
    (None, None),
    (Annotated[int, "a note"], 3),
    (np.ndarray, np.zeros(2)),
]


def holder(hint: Any) -> Any:
    def f(x, value):
        return value

    f.__annotations__ = {"x": Float[Tensor, "N"], "value": hint}
    return checked(f)


@pytest.mark.parametrize(("hint", "value"), ACCEPTED)
def test_accepted(hint: Any, value: Any) -> None:
    assert holder(hint)(z(2), value) is value


REFUSED = [
    (float, "0.1", "`value` is the str '0.1', but the annotation asks for float"),
    (int, 0.5, "`value` is the float 0.5, but the annotation asks for int"),
    (Optional[int], "a", "`value` is the str 'a', but the annotation asks for Optional[int]"),
    (int | None, "a", "`value` is the str 'a', but the annotation asks for int | None"),
    (
        Literal["mean", "sum"],
        "max",
        "`value` is the str 'max', but the annotation asks for Literal['mean', 'sum']",
    ),
    (Callable[[int], int], 3, "`value` is the int 3, but the annotation asks for "),
    (Sized, 3, "`value` is the int 3, but the annotation asks for Sized"),
    (Color, 1, "`value` is the int 1, but the annotation asks for Color"),
    (type[nn.Module], int, "`value` is a type, but the annotation asks for "),
    (Tensor, [1.0], "`value` is a list of 1, but the annotation asks for Tensor"),
    (nn.Module, z(1), "`value` is a float32 Tensor (1,), but the annotation asks for Module"),
    (Width, "a", "`value` is the str 'a', but the annotation asks for "),
    (None, 3, "`value` is the int 3, but the annotation asks for None"),
    (tuple[int, int], (1,), "`value` is a tuple of 1, but the annotation asks for tuple[int, int]"),
]


@pytest.mark.parametrize(("hint", "value", "message"), REFUSED)
def test_refused(hint: Any, value: Any, message: str) -> None:
    with pytest.raises(DimError) as caught:
        holder(hint)(z(2), value)
    (failure,) = caught.value.failures
    assert failure.code == "wrong-type"
    assert failure.argument == "value"
    assert failure.message.startswith(message)


def test_a_wrong_element_is_told() -> None:
    with pytest.raises(DimError) as caught:
        holder(list[int])(z(2), ["a"])
    assert caught.value.failures[0].message.startswith(
        "`value` is a list of 1, but the annotation asks for list[int] ("
    )
    assert "'a'" in caught.value.failures[0].message


def test_all_wrong_values_of_a_call() -> None:
    @checked
    def f(x: Float[Tensor, "N"], a: int, b: str, c: float = 0) -> None: ...

    with pytest.raises(DimError) as caught:
        f(z(1, 1), "a", 1)
    assert [(one.code, one.argument) for one in caught.value.failures] == [
        ("rank-differs", "x"),
        ("wrong-type", "a"),
        ("wrong-type", "b"),
    ]


def test_results_without_dims() -> None:
    @checked
    def f(x: Float[Tensor, "N"]) -> int:
        return "a"

    with pytest.raises(DimError, match="`result` is the str 'a', but the annotation asks for int"):
        f(z(2))


def test_no_tensor_at_all() -> None:
    @checked
    def f(a: int, b: float = 0) -> str:
        return str(a)

    assert f(3, 1) == "3"
    with pytest.raises(DimError, match="`a` is the str 'x'"):
        f("x")


def test_a_default_of_none_without_optional() -> None:
    """Old code writes `bias: Float[Tensor, "C"] = None`; a call that leaves it out means None."""

    @checked
    def f(x: Float[Tensor, "N C"], bias: Float[Tensor, "C"] = None) -> None: ...

    f(z(2, 3), z(3))
    f(z(2, 3))
    f(z(2, 3), None)
    with pytest.raises(DimError, match="`bias` has size 2"):
        f(z(2, 3), z(2))


def test_a_type_variable_with_dims() -> None:
    bound = TypeVar("bound", bound=Float[Tensor, "N"])

    @checked
    def f(x: bound) -> bound:
        return x

    f(z(2))
    with pytest.raises(DimError, match="`x` has rank 2"):
        f(z(2, 2))


def test_a_hint_that_is_none() -> None:
    def f(x):
        return x

    f.__annotations__ = {"x": 3}
    with pytest.raises(AnnotationError):
        checked(f)(1)


def test_typed_dicts_and_tensors_without_dims() -> None:
    f = holder(Options)
    f(z(2), {"width": 3})
    with pytest.raises(DimError):
        f(z(2), 3)
