"""Assignments: the sizes in which a lowered model is held against its original."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from namedtorch.lower.drawing import Examples, said
from namedtorch.lower.original import undisturbed
from namedtorch.lower.samples import Refusal, Sample
from namedtorch.lower.verify.limits import Limit, Limits
from namedtorch.lower.verify.stored_otherwise import stored_otherwise

_RANKS: tuple[tuple[int, ...], ...] = ((), (3, 2))
"""Sizes of groups that are tried beside one axis."""

_OTHERS = (2, 3, 4, 6, 8)
"""How far another size of a dim may be from the first, where its usual ones are refused."""


@dataclass(slots=True)
class Assignments:
    """The samples of one method: two sizes of each free dim at least, unequal ones, and 1 among them.

    They are those that the original takes; what it refuses and the signature does not is in `limits`. `notes` say which
    dims have one size in all samples, and why. `recorded` tells that the lowered model is the record of one run: then
    each dim is 1 also by itself, and tensors are stored in another order once.
    """

    examples: Examples
    recorded: bool = False
    samples: list[Sample] = field(default_factory=list[Sample])
    limits: list[Limit] = field(default_factory=list[Limit])
    notes: list[str] = field(default_factory=list[str])
    _measured: Limits = field(init=False)

    def __post_init__(self) -> None:
        first = self.examples.first
        assert isinstance(first, Sample)
        self._measured = Limits(self.examples)
        self.samples.append(first)
        # A dim of what a given example left out has no size.
        sized = {key.rpartition("?")[2] for key, size in self.examples.sizes.items() if isinstance(size, int)}
        names = [name for name in self.examples.sampler.free if name in sized]
        others = self._others(names)
        if names:
            self._add_together(names, others)
            self._add_together(names, dict.fromkeys(names, 1))
            self._add_double(names)
        for name in self.examples.sampler.free:
            if name.startswith("*"):
                self._add_group(name)
        self._add_absent()
        if self.recorded:
            self._add_ones(names)
            self._add_stored(first)
        self._note_fixed(first)

    def _others(self, names: list[str]) -> dict[str, int]:
        """A second size for each dim: what another draw has."""
        for seed in (1, 2, 3):
            found = self.examples.sample({}, seed)
            if isinstance(found, Sample | Refusal) and all(
                name not in found.sizes or found.sizes[name] != self._measured.size(name) for name in names
            ):
                break
        else:
            # Bounds leave no draw in which all differ.
            return {name: size for name in names if (size := self._another(name)) is not None}
        sizes = {key.rpartition("?")[2]: size for key, size in found.sizes.items()}
        if isinstance(found, Sample):
            self._add(found)
            return {}
        return {name: size for name in names if isinstance(size := sizes.get(name), int)}

    def _add_together(self, names: list[str], sizes: dict[str, int]) -> None:
        """Adds the samples of other sizes: all dims at once, or one after the other where that is refused."""
        if not sizes:
            return
        together = self._measured.sample(sizes)
        if isinstance(together, Sample):
            self._add(together)
            return
        taken: dict[str, int] = {}
        refused = False
        for name in names:
            size = sizes.get(name, self._measured.size(name))
            if size == self._measured.size(name):
                continue
            if name in self._tied:
                # What it is tied to stays as it is.
                continue
            alone = self._measured.sample({name: size})
            if isinstance(alone, Sample):
                taken[name] = size
            elif isinstance(alone, Refusal):
                refused = True
                self._limit(self._measured.of(name, size))
                other = self._other(name)
                if other is not None:
                    taken[name] = other
            # Else the signature has no such size.
        if len(taken) > 1 and isinstance(both := self._measured.sample(taken), Sample):
            self._add(both)
        else:
            for name, size in taken.items():
                alone = self._measured.sample({name: size})
                assert isinstance(alone, Sample)
                self._add(alone)
        if isinstance(together, Refusal) and not refused and len(names) > 1:
            self.limits.append(Limit(f"not {together}", said(together.error)))

    def _limit(self, found: Iterable[Limit]) -> None:
        """Adds what is not said yet."""
        for one in found:
            if all(other.condition != one.condition for other in self.limits):
                self.limits.append(one)

    @property
    def _tied(self) -> set[str]:
        return {name for one in self.limits for name in one.tied}

    def _other(self, name: str) -> int | None:
        """A size of a dim, not the first, that is taken while others stay; None where none was found."""
        return next((size for size in self._near(name) if self._measured.takes(name, size)), None)

    def _another(self, name: str) -> int | None:
        """A size of a dim, not the first, that the signature has while others stay; None where none was found."""
        return next(
            (size for size in self._near(name) if self._measured.sample({name: size}) is not None), None
        )

    def _near(self, name: str) -> list[int]:
        """Sizes of a dim that are tried beside the first."""
        first = self._measured.size(name)
        # Measuring has found the multiples, and these are its first ones.
        near = (
            [first + step for step in (1, *_OTHERS)] + [2 * first] + [first - step for step in (1, *_OTHERS)]
        )
        return [size for size in near if size > 0]

    def _add_double(self, names: list[str]) -> None:
        """Adds a sample with other sizes of dims that have one so far because they go together with others."""
        for limit in list(self.limits):
            if limit.tied and {*limit.tied} <= {*names}:
                left, right = limit.tied
                size = self._measured.size(left)
                for both in (size + 1, 2 * size, max(1, size // 2)):
                    found = self._measured.sample({left: both, right: both})
                    if isinstance(found, Sample):
                        self._add(found)
                        break

    def _add_group(self, name: str) -> None:
        for sizes in _RANKS:
            found = self._measured.sample({name: sizes})
            if isinstance(found, Sample):
                self._add(found)
            elif isinstance(found, Refusal):
                count = "no axes" if not sizes else f"{len(sizes)} axes"
                self.limits.append(Limit(f"`{name}` can't have {count}", said(found.error)))

    def _add_absent(self) -> None:
        """Adds a call whose optional tensors are None, where the others have them."""
        first = self.samples[0]
        if (
            first.optional == "given"
            and self.examples.sampler.has_optional
            and self.examples.sampler.given is None
        ):
            found = self.examples.without_optional()
            if isinstance(found, Sample):
                self._add(found)

    def _add_ones(self, names: list[str]) -> None:
        """Adds what torch takes for granted not to be: one dim that is 1, others that are not."""
        for name in names if len(names) > 1 else ():
            found = self._measured.sample({name: 1})
            if isinstance(found, Sample):
                self._add(found)

    def _add_stored(self, first: Sample) -> None:
        """Adds the first sample in tensors whose axes are stored in another order, where the signature lets them."""
        found = stored_otherwise(first, self.examples.sampler.signature)
        if found is not None and self._takes(found):
            self.samples.append(found)

    def _takes(self, sample: Sample) -> bool:
        args, kwargs = sample.fresh()
        try:
            with undisturbed():
                self.examples.sampler.call(*args, **kwargs)
        # Whatever a model raises is its own.
        except Exception:
            return False
        return True

    def _add(self, sample: Sample) -> None:
        if all(one.sizes != sample.sizes or one.optional != sample.optional for one in self.samples):
            self.samples.append(sample)

    def _note_fixed(self, first: Sample) -> None:
        for name, size in first.sizes.items():
            if name.startswith("*") or "?" in name:
                continue
            if all(one.sizes.get(name, size) == size for one in self.samples):
                if name not in self.examples.sampler.free:
                    why = "the example does not take it"
                elif any(name in one.condition.split() for one in self.limits):
                    why = "the original takes no other that was tried"
                else:
                    why = "the signature leaves no other that was tried"
                self.notes.append(f"{name} was {size} in all calls: {why}")
