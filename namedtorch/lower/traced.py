"""Modules and functions to TorchScript by one run of them, with the guards of their signatures in the graphs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any, Protocol

from torch import nn

from namedtorch.archive.manifest import Method
from namedtorch.diagnostics import AnnotationError, Finding, LowerError
from namedtorch.lower.compiled import Compiled
from namedtorch.lower.given_example import Inputs, call_signature
from namedtorch.lower.graph_edit import insert_guard
from namedtorch.lower.lowering_report import ASKED, Choice
from namedtorch.lower.scripted import Guards
from namedtorch.lower.trace_call import TraceCall, fitted, trace_call
from namedtorch.lower.tracing import Traced, traced_function, traced_module
from namedtorch.signature.hints import OptionalHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature

TRAINING = "it is traced in training mode: dropout, batch norm and what else asks `self.training` works as in training"
"""What is noted of a trace in training mode."""

_INNER = "a trace holds no guards inside, only that of its boundary"


class Source(Protocol):
    """Where the inputs of a method come from."""

    def at(self) -> Inputs:
        """The arguments by position and by keyword, anew each time."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be traced: the methods at the boundary, inputs for those that have any, and what messages call it."""

    methods: Mapping[str, Method]
    inputs: Mapping[str, Source]
    guards: Guards
    name: str
    train: bool
    function: bool = False
    reason: str = ASKED
    refused: tuple[Finding, ...] = ()

    def because(self, reason: str, refused: Iterable[Finding]) -> "Wanted":
        """The same, wanted for another reason."""
        return replace(self, reason=reason, refused=tuple(refused))

    def label(self, method: str) -> str:
        """What messages call a method; a function has only itself."""
        return self.name if method == "forward" and self.function else f"{self.name}.{method}"


def traced_model(target: nn.Module, wanted: Wanted) -> Compiled:
    """Traces a copy of a module, what is TorchScript in it left as it is; the copy is used up.

    Exported methods that no inputs are known for are left out, and noted. Raises LowerError where the module fails or
    gives what no trace can give.
    """
    calls = {
        name: _call(wanted.methods[name].signature, one, wanted.label(name))
        for name, one in wanted.inputs.items()
    }
    traced = traced_module(target, calls, wanted.name)
    return _guarded(traced, calls, wanted)


def traced_free(function: FunctionType, wanted: Wanted) -> Compiled:
    """Traces a function; otherwise as `traced_model`."""
    call = _call(wanted.methods["forward"].signature, wanted.inputs["forward"], wanted.name)
    return _guarded(traced_function(function, call, wanted.name), {"forward": call}, wanted)


def _call(signature: Signature, inputs: Source, label: str) -> TraceCall:
    args, kwargs = inputs.at()
    try:
        return trace_call(call_signature(signature), args, kwargs)
    except TypeError as error:
        raise LowerError(f"{label} can't be traced with its example: {error}; it takes {signature}") from None


def _guarded(traced: Traced, calls: Mapping[str, TraceCall], wanted: Wanted) -> Compiled:
    methods: dict[str, Method] = {}
    for name, call in calls.items():
        label = wanted.label(name)
        methods[name] = _method(wanted.methods[name].signature, call, traced.results[name], label)
        if wanted.guards != "none" and methods[name].signature.has_dims:
            insert_guard(traced.script, name, methods[name].signature, methods[name].plan, label)
    notes = tuple(_notes(wanted, calls))
    choice = Choice("", wanted.name, "trace", wanted.reason, wanted.refused, traced.warnings, notes)
    other = {name: call.of_graph for name, call in calls.items()}
    return Compiled(traced.script, methods, "", (choice,), other)


def _method(given: Signature, call: TraceCall, result: Any, label: str) -> Method:
    hint = fitted(given.result, result)
    if hint is None:
        raise LowerError(
            f"{label} can't be traced: its signature says `{Signature((), given.result)}`, but it gives "
            f"a {type(result).__name__}; say what it gives, or leave the result out of the signature"
        )
    signature = call.signature(replace(given, result=hint), label)
    try:
        return Method(signature, build_plan(signature))
    except AnnotationError as error:
        fixed = ", ".join(f"`{name}`" for name in call.fixed)
        missing = f" without {fixed}, which the example fixes" if fixed else ""
        raise LowerError(
            f"{label} can't be guarded{missing}: {error}; give an example with tensors for all that has dims"
        ) from error


def _notes(wanted: Wanted, calls: Mapping[str, TraceCall]) -> Iterator[str]:
    for name, call in calls.items():
        notes = [*call.notes(), *_always(wanted.methods[name].signature, call)]
        yield from (note if name == "forward" else f"{name}: {note}" for note in notes)
    yield from _left_out(wanted.methods.keys() - calls.keys())
    if wanted.train:
        yield TRAINING
    if wanted.guards == "all":
        yield _INNER


def _always(signature: Signature, call: TraceCall) -> Iterator[str]:
    optional = {one.name for one in signature.parameters if isinstance(one.hint, OptionalHint)}
    for one in call.taken:
        if one.parameter in optional:
            yield f"`{one.name}` is always given, never None"


def _left_out(names: Iterable[str]) -> Iterator[str]:
    for name in sorted(names):
        yield f"`{name}` is left out: its signature has no dims to draw inputs from"
