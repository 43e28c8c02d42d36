"""Arithmetic with sizes that may be unknown, or come out too large."""

from collections.abc import Callable
from typing import TypeAlias

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.judge import Misfit

Count: TypeAlias = Size | UnknownType
"""A size, where it is known."""


def computed(compute: Callable[[], Size]) -> Count:
    """The size that is computed; `Unknown` where it gets too large, or divides by zero."""
    try:
        return compute()
    except (SizeLimitError, ZeroDivisionError):
        return Unknown


def plus(left: Count, right: Count) -> Count:
    """The sum of two sizes."""
    if left is Unknown or right is Unknown:
        return Unknown
    return computed(lambda: left + right)


def minus(left: Count, right: Count) -> Count:
    """The difference of two sizes."""
    if left is Unknown or right is Unknown:
        return Unknown
    return computed(lambda: left - right)


def steps(start: Count, end: Count, step: Count) -> Count:
    """How many numbers there are from the start to before the end, in steps.

    Raises `ValueError` where the step surely leads away from the end, or is 0.
    """
    if start is Unknown or end is Unknown or step is Unknown:
        return Unknown
    distance = computed(lambda: end - start)
    stride = step.value
    if distance is Unknown or stride is Unknown:
        return Unknown
    if stride == 0 or (distance.value is not Unknown and distance.value * stride < 0):
        raise ValueError("the step leads away from the end")
    if stride < 0:
        return computed(lambda: (distance + stride + 1) // stride)
    return computed(lambda: (distance + stride - 1) // stride)


def at_least(count: Count, least: int, argument: str, detail: str) -> None:
    """Refuses a number that surely is less. Raises `Misfit`."""
    if count is not Unknown and count.value is not Unknown and count.value < least:
        raise Misfit("size-impossible", detail, argument)
