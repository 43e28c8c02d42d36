"""Faults as findings: where they are said to be, and where the other side came from."""

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from namedtorch.diagnostics.codes import CODES
from namedtorch.diagnostics.source import Place, Problem, Remark, Severity
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis
from namedtorch.static.interpreter.conflict import (
    LAYER,
    PROMISES,
    Conflict,
    is_handed_on,
    is_held,
    name_of,
    value_of,
)
from namedtorch.static.interpreter.definitions import CONSTRUCTOR
from namedtorch.static.interpreter.judge import is_rigid
from namedtorch.static.interpreter.machine import Fault, Frame
from namedtorch.static.interpreter.misnaming import HELD
from namedtorch.static.interpreter.places import home_of, place_of, place_of_dim
from namedtorch.static.interpreter.remedies import help_of
from namedtorch.static.interpreter.sentences import dims_of_other, made_here, sentence_of
from namedtorch.static.interpreter.spoken import quoted, said, said_of
from namedtorch.static.source_module import SourceModule

_COMES: Final = "the call comes to it"
"""The label of a call whose arguments do not fit inside of what it calls."""


def problem_of(fault: Fault, module: SourceModule) -> Problem | UnknownType:
    """The finding that a fault of the check of a module is."""
    frame, node = blamed(fault, module)
    if frame is None:
        return Unknown
    at = fault.nodes.get(fault.misfit.argument, fault.node)
    # A comprehension is run like a call, and is written where it runs.
    here = frame is fault.frames[-1] or any(one is at for one in ast.walk(node))
    at = at if here else node
    place = place_of(frame.scope.module, at)
    label = _label(fault) if here else _COMES
    remarks = [one for one in _remarks(fault, here) if one.place != place]
    unique = {one.place: one for one in remarks}
    code = fault.misfit.code
    return Problem(
        code, _severity(fault), sentence_of(fault), place, label, tuple(unique.values()), help_of(fault)
    )


def _severity(fault: Fault) -> Severity:
    code = CODES.get(fault.misfit.code)
    return "error" if code is None else code.severity


def blamed(fault: Fault, module: SourceModule) -> tuple[Frame | None, ast.AST]:
    """The function that is told of a fault, and the expression in it.

    A fault that only the arguments of a call bring about is the caller's, where the caller says what it is given; a
    script or a function without dims only tries what it calls.
    """
    frames = fault.frames
    if len(frames) == 1:
        return frames[0], fault.node
    outer = frames[0]
    inner = frames[1]
    tries = not outer.annotated and (outer.owner is None)
    constructs = inner.function is not None and inner.function.name == CONSTRUCTOR
    if tries and inner.scope.module is module and (inner.annotated or constructs):
        # What a script tries is at fault itself, at the line of its own.
        call = frames[2].call if len(frames) > 2 else None
        return inner, call if call is not None else fault.node
    call = frames[1].call
    return outer, call if call is not None else fault.node


def _label(fault: Fault) -> str:
    """What is said at the blamed argument."""
    name = fault.misfit.argument
    value = value_of(fault, name)
    text = said_of(value)
    if text and name not in fault.nodes and "[" in name:
        return f"{name_of(fault, name)} is {said(value)}"
    if text and name == "input" and is_handed_on(fault):
        # The argument is not written here: it comes from another layer of a chain.
        return text.replace("its dims are", "the layer gets").replace("it has", "the layer gets what has")
    return text


def _remarks(fault: Fault, here: bool) -> Iterator[Remark]:
    """What is said elsewhere: at the argument in the called function, at the other side, and where dims are bound."""
    misfit, conflict = fault.misfit, Conflict.of(fault)
    if not here:
        inner = fault.nodes.get(misfit.argument, fault.node)
        yield from _at(inner, _label(fault), fault)
    if misfit.code in PROMISES or is_held(fault):
        yield from _promise(fault)
        return
    if misfit.other is not Unknown and misfit.other in fault.nodes and misfit.other != misfit.argument:
        text = said_of(value_of(fault, misfit.other)) or dims_of_other(conflict)
        yield from _at(fault.nodes[misfit.other], text, fault)
    if LAYER in fault.nodes:
        yield from _at(fault.nodes[LAYER], made_here(conflict), fault)
    if not conflict.has_sizes or _severity(fault) != "error":
        return
    for axis in (misfit.right, misfit.left):
        place = _bound_at(axis, fault)
        if place is not Unknown:
            assert axis is not Unknown
            yield Remark(place, f"{quoted(Axis(axis.size))} is bound here")


def _promise(fault: Fault) -> Iterator[Remark]:
    """The annotation that a value is held to."""
    frame = fault.frames[-1]
    annotation = fault.nodes.get("annotation")
    if fault.misfit.argument == HELD["result-differs"] or fault.misfit.code == "result-differs":
        function = frame.function
        annotation = None if function is None else getattr(function.node, "returns", None)
    if annotation is not None:
        is_argument = fault.misfit.code == "argument-differs" or (
            is_held(fault) and fault.misfit.argument == HELD["argument-differs"]
        )
        text = "the parameter" if is_argument else "promised here"
        if isinstance(annotation, ast.Constant) and is_argument and fault.misfit.argument in fault.nodes:
            text = "the signature" if "the signature" in fault.misfit.detail else text
        yield from _at(annotation, text, fault)


def _bound_at(axis: Axis | UnknownType, fault: Fault) -> Place | UnknownType:
    """Where the annotations of the function write a dim that stands alone."""
    name = Unknown if axis is Unknown or axis.size is Unknown else axis.size.name
    return Unknown if name is Unknown or not is_rigid(name) else place_of_dim(name, fault.frames[-1])


def _at(node: ast.AST, text: str, fault: Fault) -> Iterator[Remark]:
    module = home_of(node, fault)
    if module is not Unknown:
        yield Remark(place_of(module, node), text)


def own_nodes(faults: list[Fault]) -> Mapping[int, str]:
    """The expressions that are at fault whatever they are called with."""
    return {id(fault.node): fault.misfit.code for fault in faults if is_own(fault)}


def is_own(fault: Fault) -> bool:
    """Whether a fault stands in the function that is checked, and in none that it calls."""
    # A comprehension is run like a call, of the function that it stands in.
    return all(frame.function is fault.frames[0].function for frame in fault.frames)
