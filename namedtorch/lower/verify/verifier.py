"""The verifier: a lowered model held against the module or function that it was made of."""

import contextlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import torch
from torch import nn

from namedtorch.archive.manifest import Manifest
from namedtorch.lower.calls import compiled_method
from namedtorch.lower.drawing import Examples, examples_of, original_of
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.original import Original
from namedtorch.lower.samples import Refusal, Sample
from namedtorch.lower.torchscript import Script
from namedtorch.lower.verify.assignments import Assignments
from namedtorch.lower.verify.isolated import Isolated, isolated
from namedtorch.lower.verify.runs import SEED, Run, compared, largest_of, run
from namedtorch.lower.verify.verification import Comparison, Verification, VerifyError
from namedtorch.signature.emit import PREFIX

Translated = Callable[[tuple[Any, ...], dict[str, Any]], Inputs | None]
"""From the arguments of a call of the original, by position and by keyword, to those of the graph."""

_OTHER_SEED = 21
_LEAVE = "verify=False leaves the comparison out"


def verify(
    script: Script,
    given: nn.Module | Callable[..., Any],
    manifest: Manifest,
    *,
    examples: Mapping[str, Examples] | None = None,
    traced: bool = False,
    calls: Mapping[str, Translated] | None = None,
    times: float = 1.0,
) -> Verification:
    """Holds a lowered model against its original, on copies of both, and tells what was compared.

    Each method whose signature names dims is called twice in a row at two or more sizes of every free dim, also at 1.
    Results, arguments that are changed in place, buffers, and in training mode gradients have to be the same within the
    tolerance of their dtype. Sizes that the original refuses are no failure, but told as a limit of its signature.
    `examples` are those of `examples_of`, `traced` says that some of the graph is the record of one run; `calls` turn a
    call of the original into one of the graph, by method, where their parameters differ; numbers may be `times` the
    tolerance apart. Raises VerifyError for a graph that differs.
    """
    train = manifest.mode == "train"
    original = original_of(given, manifest.methods, train)
    found = examples if examples is not None else examples_of(given, manifest.methods, train=train)
    verification = compare(
        _Graph(isolated(script), original, calls or {}), original, found, manifest.name, times=times
    )
    if not verification.is_same:
        how = "trace" if traced else manifest.method
        raise differing(verification, how, _remedy(traced, verification))
    return verification


class Runnable(Protocol):
    """A lowered model as a comparison runs it."""

    def copy(self) -> Any:
        """A copy whose calls leave nothing behind."""
        ...

    def running(self) -> AbstractContextManager[None]:
        """What is entered where a copy is called."""
        ...

    def method(self, target: Any, name: str) -> Callable[..., Any]:
        """A method of a copy, which takes the arguments that the original takes."""
        ...

    def takes(self, name: str, sample: Sample) -> bool:
        """Whether the model has a form of such a call at all."""
        ...


def compare(
    lowered: Runnable,
    original: Original,
    examples: Mapping[str, Examples],
    name: str,
    *,
    times: float = 1.0,
    recorded: bool = False,
) -> Verification:
    """Runs a lowered model beside its original, as `verify` does, and tells what was compared and what differs.

    One that is `recorded`, the record of one run, is called in more sizes of 1, and with tensors that are not
    contiguous.
    """
    verifier = _Verifier(lowered, original, times, recorded)
    for method, one in examples.items():
        verifier.method(method, one)
    return Verification(
        next((one.name for method, one in examples.items() if method == "forward"), name),
        tuple(verifier.comparisons),
        tuple(dict.fromkeys(verifier.wider)),
        tuple(verifier.fixed.items()),
        tuple(dict.fromkeys(verifier.notes)),
        tuple(dict.fromkeys(verifier.warnings)),
    )


def differing(verification: Verification, how: str, remedy: str) -> VerifyError:
    """The error of a model that differs from its original; `how` says what made it, `remedy` what to do."""
    fixed = [f"{how} fixed {dim}={size}: the signature leaves it free" for dim, size in verification.fixed]
    return VerifyError.of_verification(verification, fixed, remedy)


@dataclass(frozen=True, slots=True)
class _Graph:
    """A graph of TorchScript; `calls` turn a call of the original into one of the graph, by method."""

    script: Isolated
    original: Original
    calls: Mapping[str, Translated]

    def copy(self) -> Script:
        return self.script.copy()

    def running(self) -> AbstractContextManager[None]:
        return self.script.running()

    def takes(self, name: str, sample: Sample) -> bool:
        translated = self.calls.get(name)
        return translated is None or translated(*sample.inputs) is not None

    def method(self, target: Any, name: str) -> Callable[..., Any]:
        translated = self.calls.get(name)
        if translated is None:
            return _by_place(target, name, self.original)
        bare = compiled_method(target, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            own = translated(args, kwargs)
            assert own is not None
            return bare(*own[0], **own[1])

        return call


@dataclass(slots=True)
class _Verifier:
    """One verification on its way."""

    lowered: Runnable
    original: Original
    times: float
    recorded: bool
    comparisons: list[Comparison] = field(default_factory=list[Comparison])
    wider: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    fixed: dict[str, int] = field(default_factory=dict[str, int])

    def method(self, name: str, examples: Examples) -> None:
        """Compares one method at all its assignments."""
        if not isinstance(examples.first, Sample):
            self.notes.append(f"not verified: {examples.trouble}")
            if isinstance(examples.first, Refusal):
                self.warnings.append(f"{examples.name} was not verified: {examples.trouble}")
            return
        given = self.original.given
        if name == "forward" and isinstance(given, nn.Module) and given._forward_pre_hooks:
            # What a caller gives is not what the signature of forward describes.
            self.notes.append(
                f"not verified: a hook changes the arguments of {examples.name} before forward gets them, and inputs "
                "are drawn for forward"
            )
            return
        assignments = Assignments(examples, self.recorded)
        self.wider += [str(one) for one in assignments.limits]
        self.warnings += [one.warning(examples.name) for one in assignments.limits if one.tied]
        self.notes += assignments.notes
        for sample in assignments.samples:
            if not self.lowered.takes(name, sample):
                continue
            expected, actual = self._eager(name, sample), self._lowered(name, sample)
            if expected.trouble is not None:
                said = f"{type(expected.trouble).__name__}: {str(expected.trouble).strip().partition(chr(10))[0]}"
                self.notes.append(f"gradients were not compared: the original's backward pass fails ({said})")
            found = [*compared(expected, actual, times=self.times)]
            if found and not self._is_settled(name, sample, expected):
                found = [*compared(expected, actual, values=False)]
                self.notes.append(
                    f"values of {examples.name} were not compared: the original gives others in each call"
                )
            elif found and self._draws_otherwise(name, sample, expected, actual):
                found = [*compared(expected, actual, values=False)]
                self.notes.append(
                    f"values of {examples.name} were not compared: they are random, and the graph draws its random "
                    "numbers in another order"
                )
            self.comparisons.append(
                # What both calls leave behind is told once.
                Comparison(
                    name, str(sample), largest_of(expected, actual), tuple(dict.fromkeys(map(str, found)))
                )
            )
        own = [one for one in self.comparisons if one.method == name]
        if own and any(one.differences for one in own) and not own[0].differences:
            self._find_fixed(name, examples, assignments)

    def _find_fixed(self, name: str, examples: Examples, assignments: Assignments) -> None:
        """Which dims the graph keeps in the size of the first sample: those at which a change of them alone shows."""
        first = assignments.samples[0]
        for dim in examples.sampler.free:
            sizes = [one.sizes.get(dim) for one in assignments.samples]
            own = first.sizes.get(dim)
            others = [size for size in dict.fromkeys(sizes) if size is not None and size != own]
            samples = [examples.sample({dim: size}) for size in others]
            tried = [one for one in samples if isinstance(one, Sample) and self.lowered.takes(name, one)]
            if tried and isinstance(own, int) and all(self._differs(name, one) for one in tried):
                self.fixed[dim] = own

    def _differs(self, name: str, sample: Sample) -> bool:
        found = compared(self._eager(name, sample), self._lowered(name, sample), times=self.times)
        return next(found, None) is not None

    def _eager(self, name: str, sample: Sample, seed: int = SEED) -> Run:
        target = self.original.copy()
        call = self.original.method(target, name)
        gradients = self._has_gradients(target)
        return run(call, target, sample.inputs, contextlib.nullcontext(), gradients=gradients, seed=seed)

    def _lowered(self, name: str, sample: Sample) -> Run:
        target = self.lowered.copy()
        call = self.lowered.method(target, name)
        gradients = self._has_gradients(target)
        return run(call, target, sample.inputs, self.lowered.running(), gradients=gradients)

    def _has_gradients(self, target: object) -> bool:
        return (
            self.original.train and isinstance(target, nn.Module) and any(True for _ in target.parameters())
        )

    def _is_settled(self, name: str, sample: Sample, expected: Run) -> bool:
        """Whether the original gives the same a second time."""
        return next(compared(expected, self._eager(name, sample)), None) is None

    def _draws_otherwise(self, name: str, sample: Sample, expected: Run, actual: Run) -> bool:
        """Whether values are random, and the graph has drawn other numbers."""
        if expected.drawn is None or actual.drawn is None or torch.equal(expected.drawn, actual.drawn):
            return False
        return next(compared(expected, self._eager(name, sample, _OTHER_SEED)), None) is not None


def _by_place(script: Script, name: str, original: Original) -> Callable[..., Any]:
    """A compiled method, its arguments by the names of the signature: those of the graph may be others."""
    method = compiled_method(script, name)
    compiled: Any = method
    schema = getattr(compiled, "schema", None)
    if schema is None:
        schema = cast("Any", script)._c._get_method(name).schema
    # The first argument of a method is the module, whatever the user calls it.
    first = 0 if isinstance(script, torch.jit.ScriptFunction) else 1
    taken = [one.name for one in schema.arguments[first:]]
    own = dict(zip((one.name for one in original.signatures[name].parameters), taken, strict=False))

    def call(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **{own.get(key, key): value for key, value in kwargs.items()})

    return call


def _remedy(traced: bool, verification: Verification) -> str:
    if all(PREFIX in text for one in verification.comparisons for text in one.differences):
        return (
            "a guard in the graph refuses what the original does: correct the annotation that it tells of, or the "
            f"code; {_LEAVE}"
        )
    if verification.fixed:
        dims = ", ".join(f"{dim}={size}" for dim, size in verification.fixed)
        return (
            f"take the size from the tensor where the code uses it (x.size(...)), lower by script, or write {dims} in "
            f"the signature; {_LEAVE}"
        )
    if traced:
        return (
            "a trace keeps what one run did: branches on data, loops, integers that were computed from tensors; lower "
            f'these parts by script (method="auto"); {_LEAVE}'
        )
    return (
        "look for what the graph does otherwise: torch.jit.is_scripting(), code that depends on types or attributes; "
        f"{_LEAVE}"
    )
