"""Examples: the inputs of a model, for any sizes, that its original takes."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from namedtorch.archive.manifest import Method
from namedtorch.diagnostics import DimError, LowerError
from namedtorch.lower.functions import innermost
from namedtorch.lower.given_example import Example, GivenExample, Inputs, Sizes
from namedtorch.lower.original import Original, undisturbed
from namedtorch.lower.rehearsal import Optionals, choices_for
from namedtorch.lower.samples import Refusal, Sample, Sampler
from namedtorch.lower.signatures import is_checked, receiver_of
from namedtorch.lower.taken_sizes import first_sample
from namedtorch.signature.array import NAMED
from namedtorch.signature.function import signature_of
from namedtorch.signature.signature import Signature


@dataclass(frozen=True, slots=True)
class Examples:
    """The inputs of one method: drawn from its signature, or given by the user; `name` is what messages call it.

    `first` is a sample that the original takes; a Refusal tells that none was found, and what the call that got
    furthest said; None that no inputs can be drawn.
    """

    name: str
    sampler: Sampler
    first: Sample | Refusal | None

    @property
    def sizes(self) -> Sizes:
        """The sizes of the inputs that `at` gives; empty where none were found."""
        return {} if self.first is None else self.first.sizes

    def at(self, sizes: Sizes | None = None, *, seed: int = 0) -> Inputs:
        """The arguments of a call by position and by keyword, new each time; in `sizes` where given ({"N": 8}).

        What is left open has the sizes of the first sample. Raises LowerError where no inputs were found that the
        original takes, or it does not take these sizes.
        """
        if not isinstance(self.first, Sample):
            raise LowerError(self.trouble)
        if not sizes and not seed:
            return self.first.fresh()
        found = self.sample(sizes or {}, seed)
        if isinstance(found, Sample):
            return found.fresh()
        if found is None:
            raise LowerError(
                f"{self.name} has no inputs in these sizes: {self.sampler.undrawable or 'they are too large'}"
            )
        raise LowerError(f"{self.name} does not take {found}: {said(found.error)}; give other sizes")

    def sample(self, sizes: Sizes, seed: int = 0) -> Sample | Refusal | None:
        """A sample in these sizes, all others as in the first, or where the signature has none such, drawn."""
        optional = self.first.optional if isinstance(self.first, Sample) else "given"
        free = {} if seed else {name: size for name, size in self.sizes.items() if name in self.sampler.free}
        with undisturbed():
            found = self.sampler.at({**free, **sizes}, seed, optional)
            return self.sampler.at(sizes, seed, optional) if found is None and free else found

    def without_optional(self) -> Sample | Refusal | None:
        """A sample whose optional tensors are None, in the sizes of the first."""
        with undisturbed():
            kept = {name: size for name, size in self.sizes.items() if name in self.sampler.free}
            # What only an optional tensor has is no dim of such a call.
            return self.sampler.at(kept, 0, "none") or self.sampler.at({}, 0, "none")

    @property
    def trouble(self) -> str:
        """Why there are no inputs."""
        if self.first is None:
            why = self.sampler.undrawable or "the sizes that are drawn are too large"
            return f"no example inputs of {self.name} can be made: {why}; give them: {self._shown()}"
        assert isinstance(self.first, Refusal)
        return (
            f"no inputs were found that {self.name} takes: for {self.first} it says: {said(self.first.error)}; give "
            f"inputs that it takes: {self._shown()}"
        )

    def _shown(self) -> str:
        names = ", ".join(name for name in self.sampler.dims if name.isidentifier())
        return f"example=lambda {names}: (...)" if names else "example=(...)"


def examples_of(
    given: nn.Module | Callable[..., Any],
    methods: Mapping[str, Method],
    *,
    train: bool,
    example: Example | None = None,
    values: Mapping[str, Any] | None = None,
    choices: Callable[[Signature], tuple[Optionals, ...]] = choices_for,
) -> Mapping[str, Examples]:
    """The examples of each method that names dims, tried on copies of the user's module or function.

    `example` is for forward: a function of dims (`lambda N, T: (...)`), which gives the arguments in any sizes, or
    arguments in their own; `values` are those of parameters of forward that are not drawn; `choices` says how optional
    tensors are passed, what is tried first. Raises LowerError for an example that does not fit the signature or asks
    for dims that it has not.
    """
    original = original_of(given, methods, train)
    label = type(given).__qualname__ if isinstance(given, nn.Module) else getattr(given, "__qualname__", "")
    found: dict[str, Examples] = {}
    for method, one in methods.items():
        if not one.signature.has_dims:
            continue
        name = label if method == "forward" else f"{label}.{method}"
        own = None if example is None or method != "forward" else GivenExample(example, one.signature, name)
        fixed = values or {} if method == "forward" else {}
        sampler = Sampler(one.signature, original.once(method), own, *_tensors_of(given), fixed)
        with undisturbed():
            first = first_sample(sampler, choices(one.signature), given)
        found[method] = Examples(name, sampler, first)
    return found


def original_of(
    given: nn.Module | Callable[..., Any], methods: Mapping[str, Method], train: bool
) -> Original:
    """The user's module or function, with the signatures under which it is called."""
    signatures: dict[str, Signature] = {}
    for name, method in methods.items():
        # What is lowered takes plain tensors; the names stand in what the user wrote.
        function: Any = given
        receiver: tuple[str, ...] = ()
        if isinstance(given, nn.Module):
            function = inspect.getattr_static(type(given), name)
            receiver = receiver_of(function)
        own = signature_of(function if is_checked(function) else innermost(function)).without(*receiver)
        signatures[name] = own if any(one.array == NAMED for one in own.tensors) else method.signature
    return Original(given, signatures, train)


def said(error: BaseException) -> str:
    """What an error says, on one line, with its type where that says more than the text."""
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    name = type(error).__name__
    text = lines[0] if lines else ""
    if isinstance(error, DimError) and len(error.failures) > 1:
        # Its first line only counts them.
        text = error.failures[0].message
    return f"{name}: {text}" if text and len(text) < 200 else f"{name}: {text[:197]}..." if text else name


def _tensors_of(given: object) -> tuple[torch.device, torch.dtype | None]:
    """Where a model computes, and the one dtype of floats in it; None where there are several, or none."""
    if not isinstance(given, nn.Module):
        return torch.device("cpu"), None
    held = [*given.parameters(), *given.buffers()]
    floats = {one.dtype for one in held if one.dtype.is_floating_point}
    device = held[0].device if held else torch.device("cpu")
    return device, next(iter(floats)) if len(floats) == 1 else None
