"""Sizes that a model takes: searched for by calling it, where those that a signature suggests are not."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from torch import nn

from namedtorch.lower.given_example import Sizes
from namedtorch.lower.rehearsal import Optionals
from namedtorch.lower.samples import Refusal, Sample, Sampler

_UNITS = (8, 16, 32, 64, 128, 224, 256, 384, 512)
"""What sizes are multiples of where models halve them."""

_MOST_NUMBERS = 40
_MOST_CALLS = 400
_MOST_SECONDS = 20.0


def first_sample(sampler: Sampler, choices: Iterable[Optionals], model: object) -> Sample | Refusal | None:
    """A sample that the original takes: the user's, one in natural sizes, or one that a search finds.

    The search tries round sizes for all dims at once, and then numbers of the model's own (sizes of weights, integers
    in attributes) for one dim after the other, keeping what lets the call get further. A Refusal is that of the call
    that got furthest; None is for a signature of which no inputs can be drawn.
    """
    own = sampler.own()
    if own is not None:
        return own
    furthest: Refusal | None = None
    for optional in choices:
        for seed, unit in ((0, False), (1, False), (0, True)):
            sampler.unit = unit
            found = sampler.at({}, seed, optional)
            if isinstance(found, Sample):
                return found
            furthest = further(furthest, found)
        sampler.unit = False
        if furthest is None:
            continue
        searched = _Search(sampler, optional, furthest).run(numbers_of(model))
        if isinstance(searched, Sample):
            return searched
        furthest = further(furthest, searched)
    return furthest


def further(one: Refusal | None, other: Refusal | Sample | None) -> Refusal | None:
    """The refusal of the call that got further."""
    if not isinstance(other, Refusal) or (one is not None and one.operators >= other.operators):
        return one
    return other


class _Search:
    """One search; it ends with a number of calls, or after some time where a call is slow."""

    def __init__(self, sampler: Sampler, optional: Optionals, furthest: Refusal) -> None:
        self._sampler = sampler
        self._optional: Optionals = optional
        self._furthest = furthest
        self._calls = sampler.calls + _MOST_CALLS
        self._ends = time.monotonic() + _MOST_SECONDS
        self._free = [name for name in sampler.free if not name.startswith("*")]

    def run(self, numbers: Iterable[int]) -> Sample | Refusal:
        """A sample, or the refusal of the call that got furthest."""
        for sizes in self._ladder({}):
            found = self._sample(sizes)
            if found is not None:
                return found
        # Models concatenate and split: twice a number and half of it are as likely.
        numbers = [*numbers]
        others = [number // 2 for number in numbers if number % 2 == 0] + [2 * number for number in numbers]
        candidates = list(dict.fromkeys([*numbers, *_UNITS, *others]))
        chosen = {name: self._furthest.sizes[name] for name in self._free if name in self._furthest.sizes}
        settled: dict[str, int] = {}
        for _ in range(2):
            before = dict(settled)
            for name in reversed(self._free):
                for size in candidates:
                    reached = self._furthest.operators
                    found = self._sample({**chosen, name: size})
                    if found is not None:
                        return found
                    if self._furthest.operators > reached:
                        chosen[name] = settled[name] = size
            for sizes in self._ladder(settled) if settled != before else ():
                found = self._sample(sizes)
                if found is not None:
                    return found
            if settled == before:
                break
        return self._furthest

    def _ladder(self, settled: Mapping[str, int]) -> Iterator[dict[str, int]]:
        """Round sizes for the other dims; the first is most often a batch, and keeps its own if there are others."""
        names = [name for name in self._free[1:] or self._free if name not in settled]
        for unit in _UNITS if names else ():
            yield {**settled, **{name: unit * times for times, name in enumerate(names, 1)}}
            yield {**settled, **dict.fromkeys(names, unit)}

    def _sample(self, sizes: Sizes) -> Sample | None:
        if self._sampler.calls >= self._calls or time.monotonic() > self._ends:
            return None
        found = self._sampler.at(sizes, 0, self._optional)
        self._furthest = further(self._furthest, found) or self._furthest
        return found if isinstance(found, Sample) else None


def numbers_of(model: object) -> list[int]:
    """The sizes that a model speaks of: those of its weights, and integers in its attributes, the commonest first."""
    if not isinstance(model, nn.Module):
        return []
    found = Counter[int]()
    for tensor in (*model.parameters(), *model.buffers()):
        found.update(tensor.shape)
    for module in model.modules():
        for name, value in vars(module).items():
            if not name.startswith("_"):
                found.update(_integers(value))
    return [number for number, _ in found.most_common() if 1 < number <= 4096][:_MOST_NUMBERS]


def _integers(value: object) -> Iterator[int]:
    if type(value) is int:
        yield value
    elif isinstance(value, tuple | list):
        yield from (one for one in value if type(one) is int)
    elif isinstance(value, Mapping):
        yield from (one for one in value.values() if type(one) is int)
