"""The cases of the rows again, with symbols in the place of sizes: nothing that torch takes is refused.

What a row gives then has torch's sizes, where the symbols have theirs, or is not known.
"""

import importlib
from contextlib import suppress
from typing import Any

import pytest

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import Mismatch, OpRule
from namedtorch.ops.table import OPERATORS, operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields, Several
from tests.ops.oracle import REFUSED, Case, T, row_value, run_torch

FAMILIES = (
    "views", "squeezing", "permutation", "joining", "splitting", "indexing", "gathering", "repetition", "pixels",
    "windows",
)  # fmt: skip

# A bound outside of a slice is taken not to happen where sizes are symbols.
_BEYOND = (
    "slice(1, 100",
    "slice(-100, ",
    "slice(2, 1",
    "(7, 2), ",
    "(0, 20), ",
    "(-3, 7), ",
    "[3, 13]",
    "(2, 5), ",
)


def symbolic(value: Any, places: range) -> Any:
    """An argument of a row with symbols for the sizes of tensors at these places."""
    match value:
        case T():
            axes = [
                _axis(size) if place in places else Axis.of(size) for place, size in enumerate(value.sizes)
            ]
            return Array(TensorShape(tuple(axes)), str(value.dtype).removeprefix("torch."))
        case tuple():
            return tuple(symbolic(one, places) for one in value)
        case list():
            return [symbolic(one, places) for one in value]
        case _:
            return row_value(value)


def _axis(size: int) -> Axis:
    return Axis(Size.symbol(f"d{size}")) if size > 1 else Axis.of(size)


_SIZES = {f"d{size}": size for size in range(100)}


def agrees(told: Any, given: Any) -> bool:
    """Whether what a row tells is what torch gives, as far as it is known."""
    match told:
        case Array(shape=shape):
            if given[0] != "tensor":
                return False
            if shape.rest is not Unknown:
                return len(given) >= len(shape.axes)
            return len(shape.axes) == len(given) - 1 and all(
                isinstance(axis, Rest) or axis.size is Unknown or axis.size.evaluate(_SIZES) == size
                for axis, size in zip(shape.axes, given[1:], strict=True)
            )
        case Fields(items=items):
            return agrees(items, given)
        case Several(item=item):
            return isinstance(given, tuple) and all(agrees(item, one) for one in given)
        case tuple() | list():
            return len(told) == len(given) and all(map(agrees, told, given))
        case Size():
            return told.evaluate(_SIZES) == given
        case _:
            return told is Unknown or told == given


@pytest.mark.parametrize("family", FAMILIES)
def test_case_with_symbols(family: str) -> None:
    wrong: list[str] = []
    for case in importlib.import_module(f"tests.ops.cases.{family}").CASES:
        if case.lenient or case.unknown or any(one in str(case) for one in _BEYOND):
            continue
        given = run_torch(case)
        if case.spelling.endswith("chunk") and len(given) != case.arguments[1]:
            # Nor is an axis with fewer places than it has parts.
            continue
        for places in (range(9), range(1), range(1, 9)):
            told = tell(case, places)
            if given is not REFUSED and (told is REFUSED or not agrees(told, given)):
                wrong.append(f"{case}, {places}: torch gives {given}, the row {told}")
    assert wrong == []


def tell(case: Case, places: range) -> Any:
    """What the row of a case gives for symbols."""
    rule = operator_for(case.spelling)
    assert rule is not Unknown
    try:
        return rule(
            [symbolic(one, places) for one in case.arguments],
            {name: symbolic(one, places) for name, one in case.keywords.items()},
            Plain(),
        )
    except (Misfit, Mismatch):
        return REFUSED


STRANGE: list[Any] = [
    Unknown, Array(), Array(TensorShape((Axis(), Rest(), Axis(Size.symbol("C"))))), Array(TensorShape(())),
    Array(TensorShape((Axis.of(0), Axis(Size.symbol("H") // 2)))), None, True, 0.5, "name", (), [], (Unknown,),
    (None, Unknown), [Unknown, Array()], Size.symbol("n"), -Size.symbol("n"), Size.constant(0), Size.constant(-7),
    Size.constant(2**62), (Size.symbol("n"), Size.constant(-1)), slice(Unknown, Size.symbol("n"), None), ...,
    Size.symbol("n") // 2 - 1, [[Unknown]], ((),),
]  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_strange_arguments_raise_nothing_else(family: str) -> None:
    tried = {
        (OPERATORS[case.spelling], len(case.arguments), len(case.keywords)): case
        for case in importlib.import_module(f"tests.ops.cases.{family}").CASES
    }
    for case in tried.values():
        rule = operator_for(case.spelling)
        assert rule is not Unknown
        arguments = [symbolic(one, range(9)) for one in case.arguments]
        keywords = {name: symbolic(one, range(9)) for name, one in case.keywords.items()}
        for place in range(len(arguments)):
            for one in STRANGE:
                _tries(rule, [*arguments[:place], one, *arguments[place + 1 :]], keywords)
        for name in keywords:
            for one in STRANGE:
                _tries(rule, arguments, {**keywords, name: one})
        for first in STRANGE:
            for second in STRANGE:
                _tries(rule, [first, second, *arguments[2:]], keywords)


def _tries(rule: OpRule, arguments: list[Any], keywords: dict[str, Any]) -> None:
    with suppress(Misfit, Mismatch):
        rule(arguments, keywords, Plain())
