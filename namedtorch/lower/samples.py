"""Samples: inputs in certain sizes that a model takes, and what it refuses."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch

from namedtorch.diagnostics import DimError
from namedtorch.dims.bindings import value_text
from namedtorch.dims.pattern import Dim
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.example import Values, inputs_in
from namedtorch.lower.given_example import GivenExample, Inputs, Sizes
from namedtorch.lower.index_bounds import IndexBounds
from namedtorch.lower.rehearsal import Optionals, choices_for
from namedtorch.signature.draw import Assignment, draw_sizes
from namedtorch.signature.signature import Signature
from namedtorch.signature.unknowns import is_path

_FILLS = (0, 1)
"""What integers are, all of them, where nothing is known yet: an index of 0, a length of 1."""

MOST_ELEMENTS = 1 << 24
"""A sample holds no more elements: models are tried, not loaded."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Inputs that the original takes, and their sizes; `below` is what integers stay below, by argument."""

    inputs: Inputs
    sizes: Sizes
    below: Mapping[str, int] = field(default_factory=dict[str, int])
    optional: Optionals = "given"

    def fresh(self) -> Inputs:
        """A copy of the inputs: a call may change what it is given."""
        return copy.deepcopy(self.inputs)

    def __str__(self) -> str:
        text = sizes_text(self.sizes)
        absent = "optional tensors None" if self.optional == "none" else ""
        return ", ".join(one for one in (text, absent) if one) or "the one size that it has"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Sizes that the original does not take: the error of its call, and how many operators ran before."""

    sizes: Sizes
    error: Exception
    operators: int

    def __str__(self) -> str:
        return sizes_text(self.sizes)


def sizes_text(sizes: Sizes) -> str:
    """Sizes as messages write them; those of a dim that is bound for each element together: `H=37,41`."""
    found: dict[str, list[str]] = {}
    for key, size in sizes.items():
        found.setdefault(key.rpartition("?")[2], []).append(value_text(size))
    return " ".join(f"{name}={','.join(texts)}" for name, texts in found.items())


@dataclass(slots=True)
class Sampler:
    """Makes samples for one method, by calling the original.

    `call` calls it, anew each time; `given` is the user's example; `device` and `floats` are those of its weights.
    """

    signature: Signature
    call: Callable[..., Any]
    given: GivenExample | None = None
    device: torch.device | str = "cpu"
    floats: torch.dtype | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Values of parameters that are not drawn."""
    unit: bool = field(default=False, init=False)
    """Whether floats are drawn between 0 and 1."""
    calls: int = field(default=0, init=False)
    undrawable: DimError | None = field(default=None, init=False)
    """Why the last sizes were none that the signature has, or no value is known."""
    dims: tuple[str, ...] = field(init=False)
    """The dims and groups of the arguments that the signature leaves free, as `Sizes` name them."""
    free: tuple[str, ...] = field(init=False)
    """Those of them that samples may have in any size: the user's example may not take all."""

    def __post_init__(self) -> None:
        self.dims = _free(self.signature)
        asked = self.given.asks_for if self.given is not None and self.given.is_function else None
        self.free = tuple(name for name in self.dims if asked is None or name.lstrip("*") in asked)

    @property
    def has_optional(self) -> bool:
        """Whether there are tensors that a call may leave out."""
        return len(choices_for(self.signature)) > 1

    def own(self) -> Sample | Refusal | None:
        """The user's own inputs, of an example that is no function; None without one."""
        if self.given is None or self.given.is_function:
            return None
        inputs = self.given.at({})
        return self._tried(inputs, self._shown(self.given.sizes_of(inputs)), "given", {})

    def at(self, sizes: Sizes, seed: int = 0, optional: Optionals = "given") -> Sample | Refusal | None:
        """A sample in these sizes, others drawn; None where the signature has no such call.

        Integers that are looked up stay below what they are looked up in, as far as the original takes them.
        """
        try:
            drawn = draw_sizes(self.signature, seed=seed, given=sizes, absent=optional == "none")
            if sum(prod(one.sizes) for one in drawn.tensors.values()) > MOST_ELEMENTS:
                return None
            if self.given is not None and self.given.is_function:
                every: dict[str, int | tuple[int, ...]] = {
                    key.strip("{}"): one for key, one in drawn.sizes.items()
                }
                every |= {f"*{name}": one for name, one in drawn.groups.items()}
                inputs = self.given.at(every)
                return self._tried(inputs, self._shown(self.given.sizes_of(inputs)), optional, {})
            return self._drawn(drawn, seed, optional)
        except DimError as error:
            self.undrawable = error
            return None

    def _drawn(self, drawn: Assignment, seed: int, optional: Optionals) -> Sample | Refusal:
        sizes = self._shown({**drawn.sizes, **{f"*{name}": one for name, one in drawn.groups.items()}})
        first: Refusal | None = None
        for fill in _FILLS:
            values = Values(fill=fill, unit=self.unit)
            inputs = self._inputs(drawn, seed, optional, values)
            tried = self._tried(inputs, sizes, optional, values.made, fill)
            if isinstance(tried, Sample):
                return self._livelier(tried, drawn, seed, fill) if values.made else tried
            first = first or tried
            if not values.made:
                break
        assert first is not None
        return first

    def _livelier(self, plain: Sample, drawn: Assignment, seed: int, fill: int) -> Sample:
        """The same call with integers that differ, as far as the original takes them."""
        half = {name: one // 2 for name, one in plain.below.items()}
        tries = [(plain.below, spread, least) for least in range(fill + 1) for spread in (2, 1)]
        for below, spread, least in (*tries, (half, 1, fill)):
            values = Values(below, fill, spread, least, self.unit)
            inputs = self._inputs(drawn, seed, plain.optional, values)
            if isinstance(self._tried(inputs, plain.sizes, plain.optional, {}), Sample):
                return Sample(inputs, plain.sizes, plain.below, plain.optional)
        return plain

    def _inputs(self, drawn: Assignment, seed: int, optional: Optionals, values: Values) -> Inputs:
        return inputs_in(
            self.signature,
            drawn,
            seed=seed,
            values=self.values,
            optional=optional,
            device=self.device,
            floats=self.floats,
            drawn_values=values,
        )

    def _tried(
        self,
        inputs: Inputs,
        sizes: Sizes,
        optional: Optionals,
        integers: Mapping[str, torch.Tensor],
        fill: int = 0,
    ) -> Sample | Refusal:
        """Calls the original; `integers` are those of the inputs that are all one number."""
        self.calls += 1
        kept = copy.deepcopy(inputs)
        watch = IndexBounds(integers, fill)
        try:
            with watch:
                self.call(*inputs[0], **inputs[1])
        # Whatever a model raises is its own.
        except Exception as error:
            return Refusal(sizes, error, watch.operators)
        return Sample(kept, sizes, {name: one for name, one in watch.below.items() if one > fill}, optional)

    def _shown(self, sizes: Sizes) -> Sizes:
        """The sizes of what a call is free to choose."""
        return {
            key.strip("{}"): size
            for key, size in sizes.items()
            if key.rpartition("?")[2].strip("{}") in self.dims
        }


def _free(signature: Signature) -> tuple[str, ...]:
    try:
        drawn = draw_sizes(signature)
    except DimError:
        return ()
    labelled = {
        axis.name
        for hint in signature.tensors
        for axis in hint.shape.axes
        if isinstance(axis, Dim) and axis.size is not Unknown
    }
    defaults = {one.name for one in signature.parameters if one.default is not Unknown}
    found: list[str] = []
    for key in drawn.sizes:
        name = key.rpartition("?")[2]
        # An integer that has a default keeps it; one that has none may be any size.
        bare = name.strip("{}")
        if name not in labelled and not (is_path(key) and (bare in defaults or not bare.isidentifier())):
            found.append(bare)
    return tuple(dict.fromkeys([*found, *(f"*{name}" for name in drawn.groups)]))
