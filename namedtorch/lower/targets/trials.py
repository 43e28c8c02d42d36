"""Trials: whether a model needs what torch has noted of its sizes, found out by running it where that does not hold."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.drawing import Examples
from namedtorch.lower.original import Original
from namedtorch.lower.samples import Refusal, Sample
from namedtorch.lower.targets.demand import Demand
from namedtorch.lower.targets.flat_program import FlatProgram
from namedtorch.lower.verify.runs import compared, run

_NEAREST = 3
"""So many of the sizes that a program leaves out are tried, and the farthest of those that are not too large."""

_LARGE = 256
"""Sizes beyond it are tried next to a bound alone: runs in them may take long, and much memory."""

_LARGEST = 1100
"""Beyond it nothing is tried; a size that is one for torch shows in no condition, and so is tried up to here."""

_SECONDS = 20.0
"""After so much time of this process no more is tried: what is left is taken as torch notes it."""

Failure = Refusal | str
"""What the original says of sizes that it refuses, or how the program differs from it there."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A demand that breaks what the signature says, and what shows it: at `sizes` the original refuses them, or the
    program does something else; None where a constant in the graph shows it, or nothing was tried."""

    demand: Demand
    sizes: str = ""
    failure: Failure | None = None


@dataclass(slots=True)
class Trials:
    """Runs the original and a program in sizes that the program leaves out."""

    program: FlatProgram
    examples: Examples
    original: Original
    _known: dict[tuple[str, int, str], tuple[str, Failure | None] | UnknownType] = field(
        default_factory=dict[tuple[str, int, str], tuple[str, Failure | None] | UnknownType]
    )
    _ends: float = field(default_factory=lambda: time.process_time() + _SECONDS)

    def broken(self, demand: Demand) -> Broken | None:
        """Whether a demand is one of the model's, told as exactly as runs tell; None where it does without."""
        if demand.kind == "multiple":
            return self._multiple(demand)
        if demand.kind in ("least", "most"):
            return self._bounded(demand, demand.bad)
        found = self._any(demand, demand.bad)
        if demand.kind == "fixed" and found is not None and isinstance(found.failure, Refusal):
            return self._one_sided(demand) or found
        return found

    def _one_sided(self, demand: Demand) -> Broken | None:
        """A demand of one size, where it is the model's on one side of that alone: as a bound."""
        own = demand.own
        low = self._bounded(
            replace(demand, kind="least", bound=own), [one for one in demand.bad if one < own]
        )
        high = self._bounded(
            replace(demand, kind="most", bound=own), [one for one in demand.bad if one > own]
        )
        return None if low is not None and high is not None else low or high

    def _any(self, demand: Demand, values: Sequence[int]) -> Broken | None:
        if not values:
            return None
        tried = False
        for value in self._chosen(demand, values):
            found = self._failure(demand, value)
            if found is Unknown:
                continue
            tried = True
            if found[1] is not None and not (isinstance(found[1], Refusal) and self._refuses_all(demand)):
                return Broken(demand, *found)
        if demand.kind == "other":
            # `(h, w) == (4, 4)` shows where both are.
            for partner in self.program.dynamic.roots:
                found = self._failure(demand, values[0], partner) if partner != demand.root else Unknown
                if found is not Unknown and isinstance(found[1], str):
                    return Broken(demand, *found)
        return Broken(demand) if demand.is_static or not tried else None

    def _refuses_all(self, demand: Demand) -> bool:
        """Whether the original refuses what a demand takes as well: for another reason, then."""
        if demand.control is None:
            return False
        found = self._failure(demand, demand.control)
        return found is not Unknown and isinstance(found[1], Refusal)

    def _multiple(self, demand: Demand) -> Broken | None:
        small = self._bounded(demand, demand.alike) if demand.alike else None
        others = [value for value in demand.bad if value not in demand.alike]
        found = self._any(replace(demand, bound=None if small is None else small.demand.bound), others)
        if found is None and small is not None:
            return replace(small, demand=replace(small.demand, kind="least"))
        return found

    def _bounded(self, demand: Demand, values: Sequence[int]) -> Broken | None:
        """A demand of the values on one side of its bound, which is moved to where the model fails."""
        found = self._any(demand, values)
        if found is None or found.failure is None or demand.bound is None:
            return found
        # Values are nearest first.
        tried = [values.index(value) for value in self._chosen(demand, values)]
        failing = next(place for place in tried if self._fails(demand, values[place]))
        # On this side of it stand sizes that torch alone does not like.
        taken = max((place for place in tried if place < failing), default=-1)
        while failing - taken > 1:
            middle = (failing + taken) // 2
            failing, taken = (middle, taken) if self._fails(demand, values[middle]) else (failing, middle)
        shown = self._failure(demand, values[failing])
        assert shown is not Unknown
        bound = demand.bound if taken < 0 else values[taken]
        return Broken(replace(demand, bound=bound), *shown)

    def _chosen(self, demand: Demand, values: Sequence[int]) -> list[int]:
        """The values that are tried first."""
        near = [one for one in values[:_NEAREST] if one <= max(_LARGEST, 2 * demand.own)]
        most = _LARGEST if demand.kind == "fixed" else _LARGE
        far = [one for one in values if one <= max(most, 2 * demand.own)][-1:]
        return list(dict.fromkeys([*near, *far]))

    def _fails(self, demand: Demand, value: int) -> bool:
        found = self._failure(demand, value)
        return found is not Unknown and found[1] is not None

    def _failure(
        self, demand: Demand, value: int, partner: str = ""
    ) -> tuple[str, Failure | None] | UnknownType:
        """The sizes of a trial, and what fails there; Unknown where there are no inputs in such sizes.

        Another root, `partner`, has the same value.
        """
        key = demand.root, value, partner
        if key not in self._known:
            late = time.process_time() > self._ends
            self._known[key] = Unknown if late else self._tried(demand, value, partner)
        return self._known[key]

    def _tried(self, demand: Demand, value: int, partner: str) -> tuple[str, Failure | None] | UnknownType:
        dynamic = self.program.dynamic
        base = dynamic.example()
        changed_roots = {demand.root: value} | ({partner: value} if partner else {})
        sizes = dynamic.sizes_at({**dynamic.roots_at(base), **changed_roots})
        if not dynamic.allowed(sizes):
            return Unknown
        known = {name.rpartition("?")[2] for name in self.examples.sampler.free}
        wanted = {name: size for name, size in sizes.items() if name not in dynamic.bare}
        # A dim of one element has its name in all of them.
        changed = {
            dynamic.bare[name]: size
            for name, size in sizes.items()
            if name in dynamic.bare and size != base[name]
        }
        found = self.examples.sample(
            {name: size for name, size in {**wanted, **changed}.items() if name in known}
        )
        if found is None:
            return Unknown
        if isinstance(found, Refusal):
            return str(found), found
        return str(found), self._difference(found)

    def _difference(self, sample: Sample) -> str | None:
        target = self.original.copy()
        call = self.original.method(target, "forward")
        expected = run(call, target, sample.inputs, contextlib.nullcontext(), gradients=False)
        copy = self.program.copy()
        method = self.program.method(copy, "forward")
        actual = run(method, copy, sample.inputs, self.program.running(), gradients=False)
        return next((str(one) for one in compared(expected, actual)), None)
