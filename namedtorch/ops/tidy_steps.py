"""Steps as people write them: an axis or two are transposed, new axes stand in an index."""

from collections.abc import Sequence
from typing import Final

from namedtorch.ops.recipes import INDEX, Given, Step

PERMUTE: Final = "permute"
"""The method that puts all axes in another order."""

_UNSQUEEZE: Final = "unsqueeze"
_FLATTEN: Final = "flatten"


def turned(places: Sequence[int]) -> tuple[Step, ...]:
    """The step that puts axes in another order; none where they stand in it."""
    moved = [place for place, one in enumerate(places) if place != one]
    if not moved:
        return ()
    if len(moved) == 2:
        return (Step("transpose", tuple(moved)),)
    return (Step(PERMUTE, tuple(places)),)


def widened(places: Sequence[int], rank: int = -1) -> tuple[Step, ...]:
    """The step that puts in axes of size 1, which are at these places behind it; `rank` is -1 where it is not known."""
    if not places:
        return ()
    if len(places) == 1:
        return (Step(_UNSQUEEZE, (places[0],)),)
    if rank == 1:
        # What has one axis is a view of any of these shapes, whatever its strides are.
        return (Step("view", tuple(1 if place in places else -1 for place in range(1 + len(places)))),)
    if 0 <= rank <= places[0]:
        return (Step(INDEX, ((..., *[None] * len(places)),)),)
    index: tuple[Given, ...] = tuple(
        None if place in places else slice(None) for place in range(max(places) + 1)
    )
    return (Step(INDEX, (index,)),)


def tidied(steps: Sequence[Step], rank: int) -> tuple[Step, ...]:
    """The same steps on a tensor of this rank, of which several may become one."""
    found: list[Step] = []
    waiting: list[int] = []
    for step in steps:
        match step:
            case Step(method="unsqueeze", arguments=(int() as place,)) if not waiting or waiting[-1] < place:
                waiting.append(place)
                continue
            case _:
                pass
        found += _placed(waiting, rank, found)
        waiting = []
        if step.method == PERMUTE and not step.keywords:
            found += turned([one for one in step.arguments if isinstance(one, int)])
        elif step == Step(_FLATTEN, (*step.arguments[:1], rank - 1)) and not found:
            found.append(Step(_FLATTEN, step.arguments[:1]))
        else:
            found.append(step)
    return (*found, *_placed(waiting, rank, found))


def _placed(places: list[int], rank: int, before: Sequence[Step]) -> tuple[Step, ...]:
    """New axes; how many there are before is known where all that was done is to turn them."""
    turns = all(one.method in (PERMUTE, "transpose") for one in before)
    return widened(places, rank if turns else -1)
