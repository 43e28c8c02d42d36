"""`Conflict`: a fault in the words of the call."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.domain import ListValue, Val
from namedtorch.static.interpreter.machine import Fault
from namedtorch.static.interpreter.misnaming import DIFFERENT, HELD, MISSING
from namedtorch.static.interpreter.places import written
from namedtorch.static.interpreter.plain import items_of
from namedtorch.static.interpreter.spoken import plain, told_apart

PROMISES: Final[Mapping[str, tuple[str, str]]] = {
    "result-differs": ("the result", "is promised"),
    "local-differs": ("the value", "is promised"),
    "argument-differs": ("the argument", ""),
}
"""The codes of values that are held to an annotation: what the value is called, and what the annotation does."""

HELD_BY_NAME: Final = (DIFFERENT, MISSING)
"""The codes of values whose names are held to an annotation."""

LAYER: Final = ""
"""The name under which the constructor of the layer stands among the nodes of a fault."""

_ELSEWHERE: Final = re.compile(r"; `[^`]*` is axis \d+ of `[^`]*`$")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A fault in words: the argument at fault and what it meets as written, both sizes, the clause of the rule."""

    fault: Fault
    subject: str
    other: str
    left: str
    right: str
    detail: str

    @property
    def axis(self) -> int | UnknownType:
        """The axis at fault; counted from the back where others stand before it whose number is not known."""
        place, value = self.fault.misfit.axis, value_of(self.fault, self.fault.misfit.argument)
        if place is Unknown or not isinstance(value, Array):
            return place
        rest, axes, left = value.shape.rest, value.shape.axes, self.fault.misfit.left
        if rest is Unknown or place < rest:
            return place
        behind = [at for at in range(rest + 1, len(axes)) if left is not Unknown and _is_size(axes[at], left)]
        # Rules that align axes from the back count them from where the unknown ones end.
        return (behind[-1] if behind and place not in behind else place) - len(axes)

    @property
    def has_sizes(self) -> bool:
        """Whether both sides are known, and where the first stands."""
        misfit = self.fault.misfit
        return Unknown not in (misfit.left, misfit.right, misfit.axis)

    @property
    def has_layer(self) -> bool:
        """Whether a layer of torch is called."""
        return LAYER in self.fault.nodes

    @staticmethod
    def of(fault: Fault) -> "Conflict":
        """The words for a fault."""
        misfit = fault.misfit
        left, right = told_apart(misfit.left, misfit.right)
        other = "" if misfit.other is Unknown else name_of(fault, misfit.other)
        detail = filled(fault, _ELSEWHERE.sub("", misfit.detail))
        return Conflict(fault, _subject(fault), other, left, right, detail)


def _is_size(axis: Axis | Rest, other: Axis) -> bool:
    return isinstance(axis, Axis) and axis.size == other.size


def value_of(fault: Fault, name: str) -> Val:
    """The value that a call gives for a parameter, `tensors[1]` of a list included; `Unknown` for none."""
    if name in fault.values:
        return fault.values[name]
    listed, bracket, place = name.partition("[")
    if not bracket or listed not in fault.values:
        return Unknown
    items = items_of(fault.values[listed])
    if items is not Unknown and len(items) == 1:
        inner = items_of(items[0])
        items = items if inner is Unknown else inner
    at = int(place.rstrip("]")) if place.rstrip("]").isdigit() else -1
    return Unknown if items is Unknown or not 0 <= at < len(items) else items[at]


def _subject(fault: Fault) -> str:
    misfit = fault.misfit
    if misfit.argument == "input" and is_handed_on(fault):
        return "what comes to the layer"
    if misfit.code in PROMISES and misfit.code != "argument-differs":
        return PROMISES[misfit.code][0]
    if misfit.argument == HELD["result-differs"] and misfit.code in HELD_BY_NAME:
        return PROMISES["result-differs"][0]
    text = text_of(fault, misfit.argument)
    if text:
        return f"`{text}`"
    if misfit.argument in fault.nodes and not isinstance(fault.nodes[misfit.argument], ast.Constant):
        return "the argument"
    return f"`{misfit.argument}`"


def is_held(fault: Fault) -> bool:
    """Whether the names of a value are held to an annotation, and not to what an operator asks for."""
    held = fault.misfit.code in HELD_BY_NAME and fault.misfit.argument in HELD.values()
    return (held and "annotation" in fault.nodes) or fault.misfit.argument == HELD["result-differs"]


def is_handed_on(fault: Fault) -> bool:
    """Whether the layer at fault is one of a chain, and is given what another one makes."""
    return "input" not in fault.nodes and isinstance(fault.node, ast.Call) and "input" in fault.values


def name_of(fault: Fault, name: str) -> str:
    """An argument in a sentence: as it is written, or by its parameter."""
    text = text_of(fault, name)
    return f"`{text}`" if text else f"`{name}`"


def text_of(fault: Fault, name: str) -> str:
    """The expression that is given for a parameter; "" for a number or another constant, and for what is long."""
    node = fault.nodes.get(name)
    listed, bracket, place = name.partition("[")
    module = fault.frames[-1].scope.module
    if node is None and bracket and isinstance(fault.values.get(listed), ListValue | tuple):
        # An item of a list that is made elsewhere.
        node = fault.nodes.get(listed)
        return written(module, node) + bracket + place if isinstance(node, ast.Name | ast.Attribute) else ""
    if node is None or isinstance(node, ast.Constant):
        return ""
    return written(module, node)


def filled(fault: Fault, text: str) -> str:
    """A text of a rule with the expressions of the call for its parameters, and sizes as users know them."""

    def replaced(match: re.Match[str]) -> str:
        name = match[1].strip("{}")
        if name == "input" and is_handed_on(fault):
            return "it"
        if name == "value" or not text_of(fault, name):
            return match[0]
        return name_of(fault, name)

    return re.sub(r"`(\d+)`", r"\1", plain(re.sub(r"`([^`]+)`", replaced, text)))
