"""What rows say of the dtypes of their results, held against torch."""

import warnings
from typing import Any

import pytest
import torch

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.dtypes import category, floated, named, promoted, real, summed
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import Mismatch
from namedtorch.ops.table import OPERATORS, operator_for
from namedtorch.ops.values import Array, Fields
from tests.ops.cases import (
    activation,
    comparison,
    conversion,
    cumulative,
    diagonals,
    distance,
    factories,
    gradients,
    measures,
    pointwise,
    ranges,
    reduction,
    sampling,
    sorting,
)
from tests.ops.oracle import Case, T, call, function_of, row_value, torch_value
from tests.ops.test_operators import BY_SPELLING

PROMOTING = (
    *(activation, comparison, conversion, cumulative, diagonals, distance, factories, gradients),
    *(measures, pointwise, ranges, reduction, sampling, sorting),
)
"""The families whose rows say what becomes of integers and bools."""

RETYPED = {case.spelling for family in PROMOTING for case in family.CASES}


def of_torch(value: Any) -> Any:
    """The dtypes of a result of torch."""
    if isinstance(value, torch.Tensor):
        return str(value.dtype).removeprefix("torch.")
    return [of_torch(one) for one in value] if isinstance(value, tuple | list) else None


def of_row(value: Any) -> Any:
    """The dtypes of a result of a row; Unknown where it says nothing."""
    if isinstance(value, Array):
        return value.dtype
    if isinstance(value, Fields):
        return [of_row(one) for one in value.items]
    return [of_row(one) for one in value] if isinstance(value, tuple | list) else Unknown


def holds(told: Any, given: Any) -> bool:
    """Whether dtypes are what a row says of them: the same, or of the family."""
    if isinstance(told, list):
        return isinstance(given, list) and all(holds(*pair) for pair in zip(told, given, strict=True))
    return told is Unknown or told == given or told == category(given)


def retyped(value: Any, dtype: torch.dtype) -> Any:
    """An argument with its tensors of floats in another dtype."""
    match value:
        case T():
            return T(value.sizes, dtype) if value.dtype.is_floating_point else value
        case tuple():
            return tuple(retyped(one, dtype) for one in value)
        case list():
            return [retyped(one, dtype) for one in value]
        case _:
            return value


def wrong(case: Case) -> str:
    """What is wrong with the dtypes that the row says of a case; nothing where torch or the row refuses it."""
    device = "cpu" if case.real else "meta"
    keywords = {name: torch_value(one, device) for name, one in case.keywords.items()}
    rule = operator_for(case.spelling)
    assert rule is not Unknown
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = of_torch(
                function_of(case.spelling)(*(torch_value(one, device) for one in case.arguments), **keywords)
            )
    except Exception:
        return ""
    try:
        told = rule(
            [row_value(one) for one in case.arguments],
            {name: row_value(one) for name, one in case.keywords.items()},
            Plain(),
        )
    except (Misfit, Mismatch):
        return ""
    return "" if holds(of_row(told), given) else f"{case}: torch gives {given}, the row {of_row(told)}"


@pytest.mark.parametrize("spelling", BY_SPELLING)
def test_dtypes_are_those_of_torch(spelling: str) -> None:
    cases = BY_SPELLING[spelling]
    variants = [
        Case(spelling, retyped(case.arguments, dtype), retyped(case.keywords, dtype), real=case.real)
        for case in cases[:3]
        for dtype in (torch.float16, *((torch.int64, torch.bool) if spelling in RETYPED else ()))
    ]
    assert [text for text in (wrong(case) for case in [*cases, *variants]) if text] == []


def test_wrong_dtype_is_found() -> None:
    assert holds(["floating", Unknown], ["float16", "int64"])
    assert not holds("int64", "int32")
    assert not holds("floating", "int64")


PROMOTED = [
    ((Array(dtype="float32"), Array(dtype="int64")), "float32"),
    ((Array(dtype="int64"), Array(dtype="int32")), "integer"),
    ((Array(dtype="float16"), Array(dtype="float32")), "floating"),
    ((Array(dtype="bool"), row_value(2)), "int64"),
    ((Array(dtype="int32"), row_value(2)), "int32"),
    ((Array(dtype="int32"), 0.5), "floating"),
    ((Array(dtype="float16"), 0.5), "float16"),
    ((Array(dtype="floating"), Array(dtype="int64")), "floating"),
    ((Array(), Array(dtype="int64")), Unknown),
    ((row_value(2), 0.5), Unknown),
]


@pytest.mark.parametrize(("values", "dtype"), PROMOTED)
def test_operands_are_promoted(values: tuple[Any, ...], dtype: Any) -> None:
    assert promoted(values) == dtype


def test_dtypes_have_categories() -> None:
    assert [category(one) for one in ("bfloat16", "uint8", "bool", "complex64", "integer", "qint8")] == [
        *("floating", "integer", "bool", "complex", "integer"),
        Unknown,
    ]
    assert [floated("int32"), floated("float16"), summed("bool"), summed("float16"), real("complex64")] == [
        *("floating", "float16", "int64", "float16", "floating")
    ]
    assert [named("torch.long"), named("int"), named("cuda"), named(None)] == [
        "int64",
        "int64",
        Unknown,
        Unknown,
    ]


def test_spellings_are_names_of_torch() -> None:
    def missing(spelling: str) -> bool:
        try:
            function_of(spelling)
        except (AttributeError, ImportError):
            return True
        return False

    assert [one for one in OPERATORS if missing(one)] == []


def test_numpys_names_of_parameters_are_taken() -> None:
    rule = operator_for(call("torch.sum").spelling)
    assert rule is not Unknown
    assert rule.bind([Array()], {"axis": row_value(1), "keepdims": True})["dim"] == row_value(1)
