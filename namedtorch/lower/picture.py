"""The picture of a model: one run of it as a graph, dims on its edges that hold for all sizes that were tried."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from namedtorch.archive.drawing import Drawing, Edge
from namedtorch.archive.manifest import Method
from namedtorch.lower.drawing import Examples, original_of
from namedtorch.lower.given_example import Sizes
from namedtorch.lower.naming import Naming, Run
from namedtorch.lower.original import Original, undisturbed
from namedtorch.lower.picture_names import Names
from namedtorch.lower.picture_run import Recording, recorded
from namedtorch.lower.samples import Sample, Sampler
from namedtorch.signature.signature import Signature

_MOST_RUNS = 3
_MOST_ALONE = 6
_SEEDS = (1, 2)
_LONGEST_DIMS = 200


def picture_of(
    given: nn.Module | Callable[..., Any],
    methods: Mapping[str, Method],
    examples: Mapping[str, Examples],
    *,
    train: bool = False,
) -> Drawing | None:
    """Runs the forward of copies in a few sizes, and draws what ran; None for what can't be run, or is too large.

    The first run decides what is drawn. An axis gets the dim of `signature`, or arithmetic of one, that it had in all
    runs; its name where annotations or named tensors give it one and its size never changed; or else its size. Where
    other sizes make the model run otherwise, as in a loop over time, they are left out.
    """
    first = examples["forward"].first if "forward" in examples else None
    if not isinstance(first, Sample):
        return None
    signature = methods["forward"].signature
    try:
        with undisturbed():
            original = original_of(given, {"forward": methods["forward"]}, train)
            tries = _Tries(original, signature, examples["forward"])
            recording = recorded(original, signature, *first.fresh())
            runs = [(first.sizes, recording), *tries.others(first, recording)]
    # The user's code runs, watched, and what it raises then is no reason to lower nothing: there is no picture.
    except Exception:
        return None
    namer = _Namer([_run(sizes) for sizes, _ in runs])
    columns = zip(*(one.flows for _, one in runs), strict=True)
    edges = [
        Edge(
            flows[0].source,
            flows[0].target,
            namer.text([one.sizes for one in flows], flows[0].names),
            flows[0].dtype,
        )
        for flows in columns
    ]
    # Two tensors of the same kind from one node to another are one edge.
    nodes = [
        # What differs from run to run was computed from sizes.
        same[0] if len(set(same)) == 1 else replace(same[0], detail="")
        for same in zip(*(one.nodes for _, one in runs), strict=True)
    ]
    return Drawing(recording.parts, tuple(nodes), tuple(dict.fromkeys(edges)))


@dataclass(slots=True)
class _Tries:
    """Runs in other sizes than the first."""

    original: Original
    signature: Signature
    examples: Examples

    def others(self, first: Sample, recording: Recording) -> Iterator[tuple[Sizes, Recording]]:
        """Runs in which the same happened as in the first: of all dims at once, as far as that is taken."""
        free = {name: first.sizes[name] for name in self.examples.sampler.free if name in first.sizes}
        tried = [*self._alike(_larger(free), first, recording)] if free else []
        if free and not tried:
            # One dim may have a size that the weights ask for, or be how often a loop runs.
            alone: list[tuple[Sizes, Recording]] = []
            varied: dict[str, int | tuple[int, ...]] = {}
            for name, size in list(free.items())[:_MOST_ALONE]:
                found = next(
                    self._alike(({**free, **one} for one in _larger({name: size})), first, recording), None
                )
                if found is not None:
                    alone.append(found)
                    varied[name] = size
            together = ({**free, **one} for one in _larger(varied))
            tried = [*self._alike(together, first, recording)] if len(varied) > 1 else alone
            tried = tried or alone
        if not tried:
            tried = [*self._alike(({} for _ in _SEEDS), first, recording, _SEEDS)]
        yield from tried

    def _alike(
        self,
        choices: Iterable[Sizes],
        first: Sample,
        recording: Recording,
        seeds: Iterable[int] = itertools.repeat(0),
    ) -> Iterator[tuple[Sizes, Recording]]:
        """The first runs, of some that are tried, in which the same happens."""
        found = 0
        for sizes, seed in zip(choices, seeds, strict=False):
            for one in self._run(sizes, first, seed):
                if not one[1].is_like(recording):
                    return
                found += 1
                yield one
            if found == _MOST_RUNS - 1:
                return

    def _run(self, sizes: Sizes, first: Sample, seed: int) -> Iterator[tuple[Sizes, Recording]]:
        """A run in these sizes; none where the model does not take them."""
        kept: list[Recording] = []

        def call(*args: Any, **kwargs: Any) -> None:
            kept.append(recorded(self.original, self.signature, args, kwargs))

        given = self.examples.sampler
        sampler = Sampler(given.signature, call, given.given, given.device, given.floats)
        sampler.unit = given.unit
        sample = sampler.at(sizes, seed, first.optional)
        if isinstance(sample, Sample) and kept:
            yield sample.sizes, kept[-1]


def _larger(free: Sizes) -> Iterator[Sizes]:
    """Other sizes: odd ones, which tell floors apart, far apart, and not all growing alike; else whole multiples."""
    for factors, step in (((2, 3), 1), ((3, 2), 2), ((2, 2), 0), ((3, 3), 0)):
        sizes = dict[str, int | tuple[int, ...]]()
        for place, (name, size) in enumerate(free.items()):
            # The first is most often a batch, and every image more takes time.
            factor, more = factors[place % 2], step * (place + 1)
            sizes[name] = _times(size, 1, 5 - 2 * step) if place == 0 and step else _times(size, factor, more)
        yield sizes


def _times(size: int | tuple[int, ...], factor: int, step: int) -> int | tuple[int, ...]:
    if isinstance(size, tuple):
        return tuple(one + factor + place for place, one in enumerate(size))
    return factor * size + step


def _run(sizes: Sizes) -> Run:
    dims = {name: one for name, one in sizes.items() if isinstance(one, int) and "?" not in name}
    groups = {
        name.lstrip("*"): one for name, one in sizes.items() if isinstance(one, tuple) and "?" not in name
    }
    return Run(dims, groups)


class _Namer:
    """Texts for the axes of tensors, of which models have many alike."""

    def __init__(self, runs: list[Run]) -> None:
        self._runs = runs
        self._naming = Naming(runs)
        self._known: dict[tuple[tuple[int, ...], ...], list[str]] = {}

    def text(self, seen: list[tuple[int, ...]], names: Names) -> str:
        """The dims of a tensor with these sizes in the runs, and these names."""
        axes = self._axes(tuple(seen))
        if len(axes) == len(names):
            axes = [self._named(axis, name) for axis, name in zip(axes, names, strict=True)]
        text = " ".join(axes)
        return text if len(text) <= _LONGEST_DIMS else "..."

    def _axes(self, seen: tuple[tuple[int, ...], ...]) -> list[str]:
        if seen not in self._known:
            if len(self._runs) == 1:
                self._known[seen] = [str(size) for size in seen[0]]
            else:
                text = self._naming.axes(seen)
                axes = text.split(", ") if text else []
                # A group without a name is written without the star.
                self._known[seen] = ["..." if one == "*..." else one for one in axes]
        return self._known[seen]

    def _named(self, axis: str, name: str | None) -> str:
        if name is None:
            return axis
        # A dim of the signature has one size in a run: what has another is called so in another place.
        if name in self._runs[0].dims and any(str(run.dims.get(name)) != axis for run in self._runs):
            return axis
        return f"{name}={axis}" if axis.isdigit() else name if axis == "_" else axis
