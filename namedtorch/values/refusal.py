"""What a call is refused with: `DimError`s that say what conflicts, and where each side came from."""

import re
from collections.abc import Mapping
from typing import Any, Final

from namedtorch.diagnostics import DimError, Failure
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit
from namedtorch.ops.values import Array, Value

NO_RULE = "operator-without-rule"

NO_PARTS: Final = (
    "a NamedTensor without axes holds no parts to count or to iterate over; `item` gives its number; what takes plain "
    "tensors only, such as `torch.tensor`, `torch.as_tensor` or `GradScaler.scale`, takes `x.tensor`"
)
"""What torch ends in where it goes through a named tensor as through a list, down to its numbers."""


_SYMBOLS: Final = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>", "eq": "==", "ne": "!=", "lt": "<", "le": "<=",
    "gt": ">", "ge": ">=", "neg": "-", "pos": "+", "invert": "~", "getitem": "[...]", "setitem": "[...] =",
}  # fmt: skip
"""Python's operators as they are written."""

_SHORT: Final = ("torch.Tensor.", "torch.nn.functional.", "namedtorch.NamedTensor.", "operator.")
"""What the names of operators begin with that go without saying."""

_ABOUT: Final = re.compile(r"^it(?= (?:has|is|does|holds) )")
"""What a clause begins with that is about an argument, and not about the operator."""

_ONE_OF_MANY: Final = re.compile(r"(?<![\w*+-])1 axes\b")
"""A number that rules write before a noun in the plural."""


def spoken(name: str) -> str:
    """An operator as its users write it: `sum` for `torch.Tensor.sum`, `+` for `operator.add`."""
    for prefix in _SHORT:
        if name.startswith(prefix):
            own = name.removeprefix(prefix)
            plain = own.strip("_")
            dunder = own.startswith("__") or prefix == "operator."
            for key in (plain, plain[1:]):
                if dunder and key in _SYMBOLS:
                    in_place = key != plain and plain.startswith("i")
                    return _SYMBOLS[key] + ("=" if in_place else "")
            return own
    return name


def misfit_error(name: str, misfit: Misfit, arguments: Mapping[str, Value]) -> DimError:
    """The error of an operator that does not take these arguments."""
    detail = misfit.detail
    left, right = misfit.left, misfit.right
    told = str(left) in detail and str(right) in detail
    if misfit.other is not Unknown and left is not Unknown and right is not Unknown and not told:
        detail += (
            f": {_side(misfit.argument, misfit.axis, left)}, {_side(misfit.other, misfit.other_axis, right)}"
        )
    elif misfit.argument and f"`{misfit.argument}`" not in detail:
        # No side tells which argument the clause is about.
        detail = _ABOUT.sub(f"`{misfit.argument}`", detail)
    text = f"`{spoken(name)}`: {_ONE_OF_MANY.sub('1 axis', detail)}"
    failure = Failure(
        misfit.code, text, misfit.argument,
        None if left is Unknown or left.dim is Unknown else left.dim,
        None if misfit.axis is Unknown else misfit.axis,
        None if right is Unknown else str(right),
        None if left is Unknown else str(left),
        misfit.help or None,
    )  # fmt: skip
    return DimError.of([failure], notes=_notes(arguments))


def _side(argument: str, place: Any, axis: Axis) -> str:
    where = f"axis {place} of `{argument}`" if place is not Unknown else f"`{argument}`"
    return f"{where} is {_written(axis)}"


def _written(axis: Axis) -> str:
    return f"{axis} (no name)" if axis.dim is Unknown else f"`{axis.dim}`={axis.size}"


def _notes(arguments: Mapping[str, Value]) -> list[str]:
    """A line for each tensor: its dims and sizes."""
    notes: list[str] = []
    for name, value in arguments.items():
        match value:
            case Array():
                notes.append(f"{name}: {value.shape}" if value.shape.axes else f"{name}: a scalar")
            case tuple() | list():
                notes += [
                    f"{name}[{place}]: {one.shape}"
                    for place, one in enumerate(value)
                    if isinstance(one, Array)
                ]
            case _:
                pass
    return notes


def no_rule_error(name: str, reason: str, arguments: Mapping[str, Value]) -> DimError:
    """The error of an operator of which the table does not tell what dims its result has."""
    failure = Failure(
        NO_RULE,
        f"`{spoken(name)}`: {reason}",
        help="take the plain tensors (`x.tensor`) and name the result by `named`, or tell the rule by "
        "`namedtorch.register`",
    )
    return DimError.of([failure], notes=_notes(arguments))


def dims_error(code: str, message: str, help: str | None = None) -> DimError:
    """The error of names that can't be given, or of dims that are not there."""
    return DimError.of([Failure(code, message, help=help)])
