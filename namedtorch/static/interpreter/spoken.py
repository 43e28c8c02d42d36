"""Sizes, dims and values as people read them: without the marks of the checker's own symbols."""

import re
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, Rest, names_in, product
from namedtorch.ops.values import Array, Fields
from namedtorch.static.interpreter.carried import is_named
from namedtorch.static.interpreter.domain import ListValue, Many, Maybe, Val
from namedtorch.static.interpreter.judge import is_rigid
from namedtorch.static.interpreter.plain import items_of

_SYMBOL: Final = re.compile(r"\{\??([^{}@]*)(?:@[^{}]*)?\}")


def plain(text: str) -> str:
    """A text with sizes in it as users know them: constructor arguments by their names."""
    return _SYMBOL.sub(r"\1", text)


def quoted(axis: Axis | UnknownType) -> str:
    """An axis in a sentence: a number as it is, a dim between ticks."""
    if axis is Unknown:
        return "another size"
    text = _text(axis)
    return text if text.isdigit() else f"`{text}`"


def _text(axis: Axis) -> str:
    """An axis as the language of shapes writes it: `C=3`, `(H W)`."""
    name = axis.carried if axis.carried is not Unknown else axis.name
    if axis.size is Unknown:
        return "_" if name is Unknown else name
    size = plain(str(axis.size))
    parts = [
        Axis(Size.symbol(one)) for one in names_in(axis.carried) if one is not Unknown and one.isidentifier()
    ]
    if name is Unknown:
        return size
    return name if size == name or (parts and product(parts) == axis.size) else f"{name}={size}"


def quoted_parts(axis: Axis) -> str:
    """A flattened axis with its dims in their order."""
    return f"`({plain(' '.join(map(str, axis.parts)))})`"


def told_apart(left: Axis | UnknownType, right: Axis | UnknownType) -> tuple[str, str]:
    """Two axes in one sentence; those that read alike by their order or by what they are."""
    texts = quoted(left), quoted(right)
    if texts[0] == texts[1] and texts[0] != "another size":
        return _with_kind(left), _with_kind(right)
    return texts


def _with_kind(axis: Axis | UnknownType) -> str:
    if axis is not Unknown and len(axis.parts) > 1:
        return quoted_parts(axis)
    size = Unknown if axis is Unknown else axis.size
    name = Unknown if size is Unknown else size.name
    kind = "a size" if name is Unknown else "the dim" if is_rigid(name) else "the argument"
    return f"{kind} {quoted(axis)}"


def said(value: Val) -> str:
    """The dims of a value, for people."""
    listed = items_of(value) if isinstance(value, tuple | Fields | ListValue) else Unknown
    if listed is not Unknown:
        inner = ", ".join(map(said, listed))
        return f"[{inner}]" if isinstance(value, ListValue) else f"({inner})"
    match value:
        case Array(shape=shape):
            return f'"{" ".join(_said_axis(one, value) for one in shape.axes)}"'
        case Many(item=item):
            return f"[{said(item)}, ...]"
        case Maybe(value=held):
            return f"{said(held)} | None"
        case None:
            return "None"
        case Size():
            return plain(str(value))
        case _:
            return "unknown"


def _said_axis(axis: Axis | Rest, value: Array) -> str:
    """An axis of a value; of a NamedTensor, one that has the size of a dim and not its name is `(C)`."""
    if isinstance(axis, Rest):
        return str(axis)
    if not is_named(value) or axis.carried is not Unknown or axis.size is Unknown:
        return _text(axis)
    text = plain(str(axis.size))
    return text if axis.size.name is Unknown else f"({text})"


def said_of(value: Val) -> str:
    """What a label says at an expression: the dims of a tensor, and nothing of other values."""
    match value:
        case Array(shape=shape) if not shape.axes:
            return "it has no axes"
        case Array():
            return f"its dims are {said(value)}"
        case _:
            return ""
