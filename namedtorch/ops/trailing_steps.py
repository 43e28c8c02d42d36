"""Steps on the last axes of a tensor, of which any number of others stand in front: dims count from the right."""

from collections.abc import Iterator, Sequence

from namedtorch.ops.pattern_moves import REDUCTIONS
from namedtorch.ops.recipes import INDEX, Given, Step
from namedtorch.ops.tensor_shape import Undetermined


def from_right(steps: Sequence[Step], rank: int) -> tuple[Step, ...]:
    """The steps, made for a tensor of `rank` axes, for one that has others in front.

    Raises `Undetermined` for a step that speaks of all axes.
    """
    return tuple(_from_right(steps, rank))


def _from_right(steps: Sequence[Step], rank: int) -> Iterator[Step]:
    for step in steps:
        match step:
            case Step(method="unflatten", arguments=(int() as place, tuple() as sizes)):
                yield Step(step.method, (place - rank, sizes))
                rank += len(sizes) - 1
            case Step(method="flatten"):
                start, end = _ends(step, rank)
                yield Step(step.method, (start - rank,) if end == rank - 1 else (start - rank, end - rank))
                rank -= end - start
            case Step(method="transpose", arguments=(int() as one, int() as other)):
                yield Step(step.method, (one - rank, other - rank))
            case Step(method="permute", arguments=places):
                moved = [(place, one) for place, one in enumerate(places) if one != place]
                to = tuple(place - rank for place, _ in moved)
                yield Step("movedim", (tuple(one - rank for _, one in moved if isinstance(one, int)), to))
            case Step(method="unsqueeze", arguments=(int() as place,)):
                rank += 1
                yield Step(step.method, (place - rank,))
            case Step(method="view", arguments=sizes):
                # New axes beside the one that there is.
                index = tuple(None if one == 1 else slice(None) for one in sizes)
                yield Step(INDEX, ((..., *index),))
                rank += index.count(None)
            case Step(method=method, arguments=(tuple() as index,)) if method == INDEX:
                told = [one for one in index if one is not ...]
                left = 0 if ... in index else rank - told.count(slice(None))
                yield Step(INDEX, ((..., *told, *[slice(None)] * left),))
                rank += told.count(None)
            case Step(method=method, arguments=(given,)) if method in (*REDUCTIONS.values(), "squeeze"):
                places = _places(given)
                listed = tuple(place - rank for place in places)
                yield Step(method, (listed if isinstance(given, tuple) else listed[0],), step.keywords)
                rank -= 0 if step.keywords else len(places)
            case _:
                raise Undetermined


def _ends(step: Step, rank: int) -> tuple[int, int]:
    start, end = (*step.arguments, *(0, rank - 1)[len(step.arguments) :])
    assert isinstance(start, int)
    assert isinstance(end, int)
    return start, end


def _places(given: Given) -> list[int]:
    listed = given if isinstance(given, tuple) else (given,)
    return [one for one in listed if isinstance(one, int)]
