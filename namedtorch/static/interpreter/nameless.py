"""Sizes that a function names for itself: to its caller they have no name, and may be anything."""

import re
from dataclasses import replace
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.domain import Maybe, Val
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK

_COINED: Final = re.compile(r"\{\?.*@.*:(?P<fuel>-?\d+)\}")
"""A size that code has named carries the fuel that was left there: what was named later has less."""


def without_names(value: Val, fuel: int) -> Val:
    """A value without the sizes that were named since so much fuel was left."""
    match value:
        case Array(shape=shape):
            axes = tuple(_axis(axis, fuel) for axis in shape.axes)
            return value if axes == shape.axes else replace(value, shape=TensorShape(axes))
        case tuple():
            return tuple(without_names(one, fuel) for one in value)
        case Maybe(value=inner):
            return Maybe(without_names(inner, fuel))
        case _:
            return value


def _axis(axis: Axis | Rest, fuel: int) -> Axis | Rest:
    if isinstance(axis, Rest) or axis.size is Unknown:
        return axis
    for symbol in axis.size.symbols:
        if symbol.startswith(FLEXIBLE_MARK):
            found = _COINED.fullmatch(symbol)
            if found is not None and int(found["fuel"]) < fuel:
                return Axis(carried=axis.carried)
    return axis
