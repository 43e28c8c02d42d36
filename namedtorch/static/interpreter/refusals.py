"""Annotations that are wrong in themselves: texts that the language refuses, and dims that nothing could ever bind."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from namedtorch.diagnostics import AnnotationError, Failure
from namedtorch.diagnostics.source import Place, Problem
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hints import ANYTHING, has_dims
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Kind, Parameter, Signature
from namedtorch.static.annotations import Refusal
from namedtorch.static.interpreter.annotation import annotation_of
from namedtorch.static.interpreter.declared import is_stub
from namedtorch.static.interpreter.domain import ModuleScope
from namedtorch.static.interpreter.functions import Slot, slots_of
from namedtorch.static.interpreter.machine import FUEL, Frame, Machine
from namedtorch.static.interpreter.module_scope import every_statement
from namedtorch.static.interpreter.places import place_of
from namedtorch.static.source_module import SourceModule

_KINDS = {
    "plain": Kind.POSITIONAL,
    "several": Kind.VAR_POSITIONAL,
    "keyword": Kind.KEYWORD,
    "keywords": Kind.VAR_KEYWORD,
}


def refusals(machine: Machine, scope: ModuleScope) -> Iterator[Problem]:
    """The annotations of a module that can't be right."""
    machine.frames[:] = [Frame(scope, scope.cell)]
    machine.fuel = 100 * FUEL
    for node in every_statement(scope.module.tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            slots = slots_of(node)
            found = list(_refused(machine, scope, [*(slot.annotation for slot in slots), node.returns]))
            yield from found
            # In a stub, arguments that are no tensors bind dims as well.
            if not found and not is_stub(scope):
                yield from _unbound(machine, scope, node, slots)
        elif isinstance(node, ast.AnnAssign):
            yield from _refused(machine, scope, [node.annotation])


def _refused(machine: Machine, scope: ModuleScope, annotations: list[ast.expr | None]) -> Iterator[Problem]:
    for one in annotations:
        if one is None:
            continue
        for refusal in annotation_of(machine, one).refusals:
            yield Problem(
                "bad-annotation",
                "error",
                refusal.message,
                _place(scope.module, refusal),
                "",
                (),
                refusal.help,
            )


def _place(module: SourceModule, refusal: Refusal) -> Place:
    """The characters of the text that are refused, where the text stands in quotes as it is; else the whole of it."""
    place = place_of(module, refusal.node)
    if refusal.offset is Unknown or refusal.end_offset is Unknown or place.line != place.end_line:
        return place
    written = module.lines[place.line - 1][place.column - 1 : place.end_column - 1]
    is_plain = written[:1] in ("'", '"') and written[:3] not in ("'''", '"""') and "\\" not in written
    if not is_plain or len(written.strip("'\"")) + 2 != len(written):
        return place
    start = place.column + 1 + refusal.offset
    return replace(place, column=start, end_column=max(start + 1, place.column + 1 + refusal.end_offset))


def _unbound(
    machine: Machine,
    scope: ModuleScope,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    slots: tuple[Slot, ...],
) -> Iterator[Problem]:
    """Dims of a signature that no call could give a size."""
    hints = [annotation_of(machine, slot.annotation).hint if slot.annotation else ANYTHING for slot in slots]
    result = annotation_of(machine, node.returns).hint if node.returns is not None else ANYTHING
    if not any(map(has_dims, (*hints, result))):
        return
    parameters = tuple(
        Parameter(slot.name, hint, _KINDS[slot.kind]) for slot, hint in zip(slots, hints, strict=True)
    )
    try:
        build_plan(Signature(parameters, result))
    except AnnotationError as error:
        annotations = [*(slot.annotation for slot in slots if slot.annotation is not None), node.returns]
        for failure in error.failures:
            yield Problem(
                failure.code, "error", failure.message, _mention(scope.module, annotations, failure, node), "", (),
                failure.help or "",
            )  # fmt: skip


def _mention(
    module: SourceModule, annotations: list[ast.expr | None], failure: Failure, node: ast.AST
) -> Place:
    """The first annotation that mentions the dim; else the definition's line."""
    for one in annotations:
        if (
            one is not None
            and failure.dim is not None
            and failure.dim.split(",")[0].strip("{}") in ast.unparse(one)
        ):
            return place_of(module, one)
    place = place_of(module, node)
    return replace(place, end_line=place.line, end_column=len(module.lines[place.line - 1]) + 1)
