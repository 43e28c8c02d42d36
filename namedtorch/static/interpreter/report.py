"""Faults as findings: where they are said to be, and how."""

import ast
from collections.abc import Mapping
from typing import Final

from namedtorch.diagnostics.source import Place, Problem, Remark, Severity
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit
from namedtorch.ops.values import Array, Fields
from namedtorch.static.interpreter.domain import ListValue, Many, Maybe, Val
from namedtorch.static.interpreter.machine import Fault, Frame
from namedtorch.static.source_module import SourceModule

WARNINGS: Final = frozenset(
    {
        "view-moves-dims",
        "broadcast-repeats-dim",
        "batch-normalized",
        "batch-order",
        "loss-broadcasts",
        "comment-differs",
    }
)
"""Codes of what torch takes, but whose author meant another."""

LONGEST: Final = 40
"""Longer source texts are not repeated in a message."""


def place_of(module: SourceModule, node: ast.AST) -> Place:
    """Where a node stands in its file."""
    line = getattr(node, "lineno", 1)
    end_line = getattr(node, "end_lineno", line) or line
    return Place(
        module.path,
        line,
        _column(module, line, getattr(node, "col_offset", 0)),
        end_line,
        _column(module, end_line, getattr(node, "end_col_offset", 0) or 0),
    )


def _column(module: SourceModule, line: int, offset: int) -> int:
    """A column in characters, from 1; syntax trees count bytes."""
    lines = module.lines
    if not 0 < line <= len(lines):
        return 1
    return len(lines[line - 1].encode()[:offset].decode(errors="replace")) + 1


def problem_of(fault: Fault, module: SourceModule) -> Problem | UnknownType:
    """The finding that a fault of the check of a module is."""
    frame, node = blamed(fault, module)
    if frame is None:
        return Unknown
    misfit = fault.misfit
    inner = fault.frames[-1]
    here = frame is inner
    at = fault.nodes.get(misfit.argument, node) if here else node
    source = inner.scope.module
    severity: Severity = (
        "warning" if misfit.code in WARNINGS else "note" if fault.severity == "note" else "error"
    )
    remarks: list[Remark] = []
    if not here:
        remarks.append(Remark(place_of(source, fault.node), _label(fault)))
    other = _other(fault)
    if other is not None and other[0] is not at:
        remarks.append(Remark(place_of(other[2], other[0]), other[1]))
    return Problem(
        misfit.code, severity, _message(fault), place_of(frame.scope.module, at), _label(fault) if here else "the call comes to it",
        tuple(remarks), misfit.help,
    )  # fmt: skip


def blamed(fault: Fault, module: SourceModule) -> tuple[Frame | None, ast.AST]:
    """The function that is told of a fault, and the expression in it.

    A fault that only the arguments of a call bring about is the caller's, where the caller says what it is given; a script or
    a function without dims only tries what it calls.
    """
    frames = fault.frames
    if len(frames) == 1:
        return frames[0], fault.node
    outer = frames[0]
    inner = frames[1]
    tries = not outer.annotated and (outer.owner is None)
    in_constructor = any(one.function is not None and one.function.name == "__init__" for one in frames[1:])
    if tries and not in_constructor and inner.scope.module is module and inner.annotated:
        # What a script tries is at fault itself, at the line of its own.
        call = frames[2].call if len(frames) > 2 else None
        return inner, call if call is not None else fault.node
    call = frames[1].call
    return outer, call if call is not None else fault.node


def _message(fault: Fault) -> str:
    misfit = fault.misfit
    subject = _subject(fault, misfit.argument)
    text = _filled(fault, misfit.detail)
    if misfit.code == "reveal":
        return f"{subject}: {said(fault.values.get(misfit.argument, Unknown))}"
    if misfit.left is not Unknown and misfit.axis is not Unknown:
        start = f"{subject} has {_axis(misfit.left)} at axis {misfit.axis}"
        if misfit.right is not Unknown:
            return f"{start}, not {_axis(misfit.right)}: {text}"
        return f"{start}: {text}"
    return f"{subject}: {text}" if subject else text


def _subject(fault: Fault, name: str) -> str:
    if name == "value":
        return {
            "result-differs": "the result",
            "local-differs": "the value",
            "argument-differs": "the argument",
        }.get(fault.misfit.code, "the value")
    node = fault.nodes.get(name)
    text = written(fault.frames[-1].scope.module, node) if node is not None else ""
    return f"`{text}`" if text else f"`{name}`"


def written(module: SourceModule, node: ast.AST) -> str:
    """An expression as it is written, if it is short; "" else."""
    place = place_of(module, node)
    if place.line != place.end_line or not 0 < place.line <= len(module.lines):
        return ""
    text = module.lines[place.line - 1][place.column - 1 : place.end_column - 1]
    return text if len(text) <= LONGEST else ""


def _filled(fault: Fault, text: str) -> str:
    """A text of a rule with the expressions of the call in the place of the parameters."""
    for name in fault.nodes:
        if f"`{name}`" in text:
            shown = written(fault.frames[-1].scope.module, fault.nodes[name])
            if shown and name != "value":
                text = text.replace(f"`{name}`", f"`{shown}`")
    return text


def _axis(axis: Axis | UnknownType) -> str:
    return "another size" if axis is Unknown else f"`{plain(str(axis))}`"


def plain(text: str) -> str:
    """A size as users know it: constructor arguments by their names."""
    out: list[str] = []
    for part in text.replace("{?", "{").split("{"):
        head, brace, tail = part.partition("}")
        if brace:
            out.append(head.partition("@")[0] + tail)
        else:
            out.append(part)
    return "".join(out)


def said(value: Val) -> str:
    """The dims of a value, for people."""
    match value:
        case Array(shape=shape):
            return f'"{plain(str(shape))}"'
        case Fields(items=items):
            return said(items)
        case tuple():
            return "(" + ", ".join(said(one) for one in value) + ")"
        case ListValue(cell=cell) if isinstance(cell["items"], tuple):
            return "[" + ", ".join(said(one) for one in cell["items"]) + "]"
        case Many(item=item):
            return f"[{said(item)}, ...]"
        case Maybe(value=inner):
            return f"{said(inner)} | None"
        case None:
            return "None"
        case _:
            text = str(value) if value is not Unknown and type(value).__name__ == "Size" else "unknown"
            return plain(text)


def _label(fault: Fault) -> str:
    value = fault.values.get(fault.misfit.argument, Unknown)
    return f"its dims are {said(value)}" if isinstance(value, Array) else ""


def _other(fault: Fault) -> tuple[ast.AST, str, SourceModule] | None:
    """The place of what the blamed argument has to agree with, and what is said there."""
    misfit, module = fault.misfit, fault.frames[-1].scope.module
    if misfit.other is not Unknown and misfit.other in fault.nodes:
        value = fault.values.get(misfit.other, Unknown)
        text = f"its dims are {said(value)}" if isinstance(value, Array) else _because(misfit)
        return fault.nodes[misfit.other], text, module
    if "" in fault.nodes:
        return fault.nodes[""], f"made here{_because(misfit, ', which takes ')}", module
    return None


def _because(misfit: Misfit, lead: str = "it says ") -> str:
    return f"{lead}{_axis(misfit.right)}" if misfit.right is not Unknown else ""


def own_nodes(faults: list[Fault]) -> Mapping[int, str]:
    """The expressions that are at fault whatever they are called with."""
    return {id(fault.node): fault.misfit.code for fault in faults if len(fault.frames) == 1}
