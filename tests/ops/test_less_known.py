"""Rows that know less of their arguments say less, and never something else: no alarm where torch takes a call."""

import importlib
import pkgutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ANY, Axis, Rest
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import Mismatch
from namedtorch.ops.table import MODULES, operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields
from tests.ops.oracle import REFUSED, Case, ModuleCase, T, row_value, run_module, run_torch
from tests.ops.test_cases_with_symbols import FAMILIES as WITH_SYMBOLS

_FOLDER = Path(__file__).parent / "cases"
FAMILIES = sorted({one.name for one in pkgutil.iter_modules([str(_FOLDER)])} - set(WITH_SYMBOLS))
WAYS = ("symbols", "some axes", "last axes", "no shapes", "some arguments")

LARGE = ("torch.diff",)
"""Operators whose rows take a size that is a symbol for large enough."""


def less(value: Any, way: str, random: Random) -> Any:
    """A value of a row of which less is known."""
    match value:
        case T():
            return Array(_less_shape(value.sizes, way, random))
        case tuple():
            return tuple(less(one, way, random) for one in value)
        case list():
            return [less(one, way, random) for one in value]
        case _:
            return Unknown if way == "some arguments" and random.random() < 0.5 else row_value(value)


def _less_shape(sizes: tuple[int, ...], way: str, random: Random) -> TensorShape:
    axes: list[Axis | Rest] = [Axis.of(size) for size in sizes]
    match way:
        case "symbols":
            # A size of 1 or 0 means something of its own.
            axes = [Axis(Size.symbol(f"n{size}")) if size > 1 else Axis.of(size) for size in sizes]
        case "some axes":
            # A tensor without elements is an exception of some operators.
            axes = [ANY if size and random.random() < 0.5 else Axis.of(size) for size in sizes]
        case "last axes":
            axes = [Rest(), *axes[random.randint(0, len(axes)) :]]
        case "no shapes":
            axes = [Rest()] if random.random() < 0.7 else axes
        case _:
            pass
    return TensorShape(tuple(axes))


def contradicts(told: Any, given: Any) -> bool:
    """Whether what a row tells is something else than what torch gives."""
    match told:
        case Array(shape=shape):
            return given[:1] != ("tensor",) or not _holds(shape, given[1:])
        case Size():
            return bool(_number(told) != given)
        case Fields(items=items) | tuple(items) | list(items):
            return len(items) != len(given) or any(map(contradicts, items, given))
        case _:
            return told is not Unknown and told != given


def _holds(shape: TensorShape, sizes: tuple[int, ...]) -> bool:
    rest = shape.rest
    if rest is not Unknown:
        behind = len(shape.axes) - rest - 1
        if len(sizes) < len(shape.axes) - 1:
            return False
        known = [*shape.axes[:rest], *shape.axes[rest + 1 :]]
        sizes = (*sizes[:rest], *sizes[len(sizes) - behind :])
    else:
        known = list(shape.axes)
    return len(known) == len(sizes) and all(
        isinstance(axis, Axis) and (axis.size is Unknown or _number(axis.size) == size)
        for axis, size in zip(known, sizes, strict=True)
    )


def _number(size: Size) -> int:
    return size.evaluate({name: int(name.removeprefix("n")) for name in size.symbols})


def told_of_less(case: Case, way: str) -> Any:
    """What the row gives for a case of which less is known. Raises `Misfit`."""
    rule, random = operator_for(case.spelling), Random(f"{case} {way}")
    assert rule is not Unknown
    arguments = [less(one, way, random) for one in case.arguments]
    keywords = {name: less(one, way, random) for name, one in case.keywords.items()}
    try:
        return rule(arguments, keywords, Plain())
    except Mismatch:
        # A call of another overload.
        return Unknown


@pytest.mark.parametrize("family", FAMILIES)
def test_less_known_is_no_other_result(family: str) -> None:
    cases: list[Case] = getattr(importlib.import_module(f"tests.ops.cases.{family}"), "CASES", [])
    found: list[str] = []
    # The meta device takes lenient cases, and no other does.
    for case in (one for one in cases if not one.lenient):
        given = run_torch(case)
        for way in WAYS[case.spelling in LARGE :]:
            try:
                told = told_of_less(case, way)
            except Misfit as misfit:
                if given != REFUSED:
                    found.append(f"{case}, {way}: torch gives {given}, the row refuses: {misfit}")
                continue
            if given != REFUSED and contradicts(told, given):
                found.append(f"{case}, {way}: torch gives {given}, the row {told}")
    assert found == []


def test_another_result_is_found() -> None:
    assert contradicts(Array(TensorShape.of([2, 3])), ("tensor", 2, 5))
    assert contradicts(Array(TensorShape((Rest(), Axis.of(3)))), ("tensor", 2, 5))
    assert contradicts(Array(TensorShape((Rest(), ANY, ANY))), ("tensor", 2))
    assert not contradicts(Array(TensorShape((Rest(), Axis(Size.symbol("n5"))))), ("tensor", 2, 5))


def module_told_of_less(case: ModuleCase, way: str) -> Any:
    """What the row of a module gives for a case of which less is known. Raises `Misfit`."""
    rule, random, judge = MODULES[case.name], Random(f"{case} {way}"), Plain()
    try:
        attributes = rule.made(
            [less(one, way, random) for one in case.made],
            {name: less(one, way, random) for name, one in case.keywords.items()},
            judge,
        )
        return rule.call(
            lambda name: attributes.get(name, Unknown),
            [less(one, way, random) for one in case.inputs],
            {name: less(one, way, random) for name, one in case.named_inputs.items()},
            judge,
        )
    except Mismatch:
        return Unknown


@pytest.mark.parametrize("family", FAMILIES)
def test_less_known_of_a_module_is_no_other_result(family: str) -> None:
    cases: list[ModuleCase] = getattr(
        importlib.import_module(f"tests.ops.cases.{family}"), "MODULE_CASES", []
    )
    found: list[str] = []
    for case in cases:
        given = run_module(case)
        if given == REFUSED:
            continue
        for way in WAYS:
            try:
                told = module_told_of_less(case, way)
            except Misfit as misfit:
                found.append(f"{case}, {way}: torch gives {given}, the row refuses: {misfit}")
                continue
            if contradicts(told, given):
                found.append(f"{case}, {way}: torch gives {given}, the row {told}")
    assert found == []
