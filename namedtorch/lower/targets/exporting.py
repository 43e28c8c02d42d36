"""Exporting: a module or function to a program of torch.export, whose dynamic shapes are the dims of its signature."""

import contextlib
import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.export import ExportedProgram

from namedtorch.archive.manifest import Method
from namedtorch.diagnostics import LowerError
from namedtorch.dims.constraint import Constraint
from namedtorch.lower.asked_where import constrained, known, require_known, without_absent
from namedtorch.lower.drawing import Examples, examples_of, original_of
from namedtorch.lower.given_example import Example, GivenExample
from namedtorch.lower.original import Original, undisturbed
from namedtorch.lower.rehearsal import sparing_choices
from namedtorch.lower.samples import Refusal, Sample
from namedtorch.lower.targets.complaints import complaint, is_about_sizes, narrower
from namedtorch.lower.targets.dynamic_shapes import DynamicShapes
from namedtorch.lower.targets.flat import Flat, FlatCall
from namedtorch.lower.targets.flat_program import FlatProgram
from namedtorch.lower.targets.guard_lines import noted_lines
from namedtorch.lower.targets.held_sizes import HeldSizes
from namedtorch.lower.targets.kept_calls import KeptCalls
from namedtorch.lower.targets.narrowed import bound_arguments, narrowed
from namedtorch.lower.targets.recurrent_layers import free_lengths
from namedtorch.lower.targets.stored import stored
from namedtorch.lower.targets.trials import Trials
from namedtorch.runtime.switch import checking
from namedtorch.signature.hints import PlainHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Kind, Signature

_SEEDS = range(1, 8)
_LARGER = (3, 5)
"""How many times the sizes of a first try are taken where torch holds one fixed: in small ones much is of size 1."""

_VARIADIC = (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)


Erased = Callable[[Signature], nn.Module | Callable[..., Any]]
"""Gives a copy of a model without names, for calls of a narrowed signature."""


def export(
    target: Erased,
    given: nn.Module | Callable[..., Any],
    signature: Signature,
    name: str,
    *,
    example: Example | None = None,
    where: Sequence[Constraint] = (),
    to: str = "export",
) -> FlatProgram:
    """Exports a copy of a model without names, as `target` makes it, at inputs that the user's own takes, `given`.

    torch is told that every dim is as free as the signature says. What it holds against that is tried: sizes that the
    original takes, and for which the graph gives the same, are no reason to refuse. Raises LowerError for a model that
    torch.export can't take, and for one that takes fewer sizes than its signature says. `where` is to hold of the sizes
    as well, also of axes that a group has (`batch`); `name` is what messages call the model, `to` the target that was
    asked for.
    """
    before, later = known(signature, where)
    signature = constrained(signature, before)
    methods = {"forward": Method(signature, build_plan(signature))}
    drawn = examples_of(given, methods, train=False, example=example, choices=sparing_choices)
    first = _taken(drawn["forward"])
    values = bound_arguments(signature, first.fresh())
    found = narrowed(signature, values, _result(original_of(given, methods, False), first), name)
    require_known(found.signature, later, name)
    own = constrained(without_absent(found.signature, where, name), later)
    if example is not None:
        example = found.example(GivenExample(example, signature, name))
    methods = {"forward": Method(own, build_plan(own))}
    examples = examples_of(given, methods, train=False, example=example, values=_undrawn(own, values))[
        "forward"
    ]
    original = original_of(given, methods, False)
    wanted: list[LowerError] = []
    relaxed: list[FlatProgram] = []
    for sample in _samples(examples):
        exporting = _Exporting(target(own), own, name, sample, examples, original, to, where)
        try:
            made, has_ones = exporting.program()
        except _TooNarrow as error:
            wanted.append(error.error)
            if not error.is_of_one:
                break
            continue
        if not has_ones:
            return made
        relaxed.append(made)
    if relaxed:
        return relaxed[0]
    raise wanted[0]


class _TooNarrow(Exception):
    """A program that holds for fewer sizes than the signature says; `is_of_one` tells that larger ones may help."""

    def __init__(self, error: LowerError, is_of_one: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.is_of_one = is_of_one


class _Exporting:
    """One try: the model at one sample."""

    def __init__(
        self,
        target: nn.Module | Callable[..., Any],
        signature: Signature,
        name: str,
        sample: Sample,
        examples: Examples,
        original: Original,
        to: str,
        asked: Sequence[Constraint],
    ) -> None:
        self.asked = asked
        self.signature = signature
        self.name = name
        self.examples = examples
        self.original = original
        self.to = to
        self.call = FlatCall(signature, bound_arguments(signature, sample.fresh()), name)
        if not self.call.inputs:
            raise LowerError(f"{name} takes no tensors, so an export of it would be one constant")
        self.flat = Flat(target, self.call)
        self.dynamic = DynamicShapes(self.call.inputs, signature.where)

    def program(self) -> tuple[FlatProgram, bool]:
        """The program, and whether sizes of its nodes are 1 that are others at larger ones."""
        try:
            program = self._export(self.dynamic.shapes)
        except Exception as error:  # torch raises what it likes, and so does a model that it runs
            if not is_about_sizes(error):
                raise complaint(error, self.name) from error
            program = None
        is_told = not self.dynamic.undeclared and not self.dynamic.derives_unknown
        if program is None:
            is_told = False
            try:
                program = self._export(self.dynamic.open_shapes)
            except Exception as error:
                raise complaint(error, self.name) from error
        made = self._flat_program(program)
        held = HeldSizes(program, self.dynamic)
        # Of what torch was told of, it lets pass that sizes are not equal, and what is about two of them.
        if is_told and not held.is_conditional:
            return made, False
        trials = Trials(made, self.examples, self.original)
        demands = held.demands()
        broken = [one for demand in demands if (one := trials.broken(demand)) is not None]
        if broken:
            error = narrower(broken, self.signature, self.name, self.to, self.asked)
            raise _TooNarrow(error, any(one.demand.is_of_one for one in broken))
        if demands or not is_told:
            held.relax()
        made = replace(made, assumed=tuple(one.text for one in demands if one.kind == "fixed"))
        return made, any(one.is_of_one for one in demands)

    def _export(self, shapes: Mapping[str, Any]) -> ExportedProgram:
        # ExecuTorch lays its memory out for inputs in the order of those that a program was traced with, and is handed
        # tensors in the order of their axes: what the signature says of memory holds for callers.
        in_order = self.to == "executorch"
        inputs = tuple(stored(one.value) if in_order else one.value for one in self.call.inputs)
        with quietly(), noted_lines(), KeptCalls(), free_lengths():
            return torch.export.export(self.flat, inputs, dynamic_shapes=dict(shapes), strict=False)

    def _flat_program(self, program: ExportedProgram) -> FlatProgram:
        interface = self.flat.result.interface(self.call)
        return FlatProgram(self.name, self.signature, interface, program, self.dynamic, self.examples)


def _taken(examples: Examples) -> Sample:
    if not isinstance(examples.first, Sample):
        raise LowerError(examples.trouble)
    return examples.first


def _undrawn(signature: Signature, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that stay as they are where others are drawn: those of required parameters without dims."""
    return {
        one.name: values[one.name]
        for one in signature.parameters
        if one.required and isinstance(one.hint, PlainHint) and one.kind not in _VARIADIC
    }


def _result(original: Original, sample: Sample) -> Any:
    """What a copy of a model gives for a sample."""
    args, kwargs = sample.fresh()
    call = original.method(original.copy(), "forward")
    with quietly():
        return call(*args, **kwargs)


def _samples(examples: Examples) -> Iterator[Sample]:
    """The samples to export at: one whose sizes differ, and larger ones."""
    first = distinct(examples)
    yield first
    larger = [one for times in _LARGER if isinstance(one := _times(examples, first, times), Sample)]
    if not larger:
        # Bounds leave no room for these.
        drawn = (examples.sample({}, seed) for seed in _SEEDS)
        larger = [one for one in drawn if isinstance(one, Sample) and one.sizes != first.sizes]
        larger = [max(larger, key=lambda one: (-_repeated(one), sum(_numbers(one))))] if larger else []
    yield from larger


def _times(examples: Examples, first: Sample, times: int) -> Sample | Refusal | None:
    """A sample in so many times the sizes of another."""
    free = {name for name in examples.sampler.free if not name.startswith("*")}
    sizes = {
        name: times * size for name, size in first.sizes.items() if name in free and isinstance(size, int)
    }
    return examples.sample(sizes) if sizes else None


def distinct(examples: Examples) -> Sample:
    """A sample in which free dims differ, and none is 0 or 1: torch takes these, and equal sizes, for constants.

    It is the one that comes nearest to that.
    """
    best = _taken(examples)
    for seed in _SEEDS:
        if not _repeated(best):
            break
        found = examples.sample({}, seed)
        if isinstance(found, Sample) and _repeated(found) < _repeated(best):
            best = found
    return best


def _repeated(sample: Sample) -> int:
    sizes = _numbers(sample)
    return len(sizes) - len({*sizes}) + sum(size < 2 for size in sizes)


def _numbers(sample: Sample) -> list[int]:
    return [size for one in sample.sizes.values() for size in (one if isinstance(one, tuple) else (one,))]


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Runs a model as it is exported: without gradients and guards, and without what torch prints and logs of it."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with undisturbed(), torch.no_grad(), checking("off"), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)
