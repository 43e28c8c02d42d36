"""Indexing: `x[...]` in all of its forms, read and assigned.

Source: https://numpy.org/doc/stable/user/basics.indexing.html; unlike there, integers beside tensors are taken first.

The axes of what is picked carry the names that the indices have. Where one index alone, a vector without a name, picks
along an axis, that keeps its name; places that several indices tell together are no axis of the input.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import INSERTED, Axis, Rest
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.shared_dims import one_name
from namedtorch.ops.slicing import sliced
from namedtorch.ops.subscripts import (
    Chosen,
    Dots,
    Entry,
    Masked,
    New,
    Picked,
    check_chosen,
    check_masked,
    entries,
    positional,
    taken,
)
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value


def indexed(call: Call) -> TensorShape:
    """The part of a tensor that an index takes, by position or by names."""
    if not isinstance(call.value("input"), Array):
        # `x[0]` of what is no tensor is not for this row.
        raise Undetermined
    return _part(call, positional(call, "index"), "index")


def _part(call: Call, index: Value, name: str) -> TensorShape:
    """The part of `input` that an index takes, which is an argument."""
    shape = call.shape("input")
    listed = entries(index, name)
    front, back = _sides(listed)
    _check_rank(shape, listed)
    result = _Taken(call, name)
    rest, count = shape.rest, len(shape.axes)
    before = sum(map(taken, front))
    if rest is not Unknown and before > rest:
        return _into_rest(result, shape, front, rest)
    result.take(front, shape.axes[:before], 0)
    behind = sum(map(taken, back))
    if rest is not Unknown and count - behind <= rest:
        raise Undetermined
    result.keep(shape.axes[before : count - behind])
    result.take(back, shape.axes[count - behind :], count - behind)
    return result.shape


def _sides(listed: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries in front of the `...`, and those behind it."""
    for place, entry in enumerate(listed):
        if isinstance(entry, Dots):
            return list(listed[:place]), list(listed[place + 1 :])
    return list(listed), []


def _check_rank(shape: TensorShape, listed: Sequence[Entry]) -> None:
    wanted = sum(map(taken, listed))
    if shape.rank is not Unknown and wanted > shape.rank:
        raise Misfit("rank-unfit", f"the index takes {wanted} axes, and `input` has {shape.rank}", "input")


def _into_rest(result: "_Taken", shape: TensorShape, front: Sequence[Entry], rest: int) -> TensorShape:
    """What is sure where entries take axes of the `Rest`: the axes in front of it."""
    used = 0
    for place, entry in enumerate(front):
        if isinstance(entry, Picked | Masked):
            raise Undetermined
        if used + taken(entry) > rest:
            result.take(front[:place], shape.axes[:used], 0)
            break
        used += taken(entry)
    if any(isinstance(entry, Picked | Masked) for entry in front):
        raise Undetermined
    return TensorShape((*result.shape.axes, Rest()))


class _Taken:
    """The axes of the result, from the left, while entries take those of the input."""

    def __init__(self, call: Call, name: str) -> None:
        self.call = call
        self.name = name
        self.axes: list[Axis | Rest] = []
        self.picked: list[TensorShape] = []
        # The name of the axis along which each index picks, where it is one.
        self.along: list[str | UnknownType] = []
        self.picked_at: list[int] = []
        self.gaps = False

    def keep(self, axes: Sequence[Axis | Rest]) -> None:
        """Axes that no entry takes."""
        self.axes.extend(axes)

    def take(self, listed: Sequence[Entry], axes: Sequence[Axis | Rest], first: int) -> None:
        """Entries, and the axes that they take; `first` is the place of the first of them."""
        at = 0
        for entry in listed:
            count = taken(entry)
            mine = axes[at : at + count]
            place = first + at
            at += count
            match entry:
                case New():
                    self.axes.append(INSERTED)
                case slice():
                    self.axes.append(sliced(self.call, _one(mine), place, entry))
                case Chosen():
                    check_chosen(entry, mine[0], place)
                case Picked(shape=shape):
                    self.pick(shape, _carried(mine))
                case Masked(count=number):
                    self.pick(
                        TensorShape((number,)),
                        _carried(check_masked(self.call, entry, mine, place, self.name)),
                    )
                case Dots():
                    raise Undetermined

    def pick(self, shape: TensorShape, along: str | UnknownType) -> None:
        """Notes where the axes of an index go: they stand together where all indices do, else in front."""
        if self.picked_at and self.picked_at[-1] != len(self.axes):
            self.gaps = True
        self.picked.append(shape)
        self.along.append(along)
        self.picked_at.append(len(self.axes))

    @property
    def shape(self) -> TensorShape:
        """The result."""
        if not self.picked:
            return TensorShape(tuple(self.axes))
        chosen = self.chosen
        place = 0 if self.gaps else self.picked_at[0]
        axes = (*self.axes[:place], *chosen.axes, *self.axes[place:])
        self._refuse_repeated(chosen)
        if sum(isinstance(axis, Rest) for axis in axes) > 1:
            raise Undetermined
        return TensorShape(axes)

    def _refuse_repeated(self, chosen: TensorShape) -> None:
        """A dim of the index that the tensor has as well, at an axis that is not taken: `x "N V"[:, index "N"]`."""
        kept = {axis.carried for axis in self.axes if isinstance(axis, Axis)} - {Unknown}
        for axis in chosen.axes:
            if isinstance(axis, Axis) and axis.carried in kept:
                raise Misfit(
                    "names-repeated",
                    f"the index has `{axis.carried}`, and so has an axis that it leaves: "
                    "every place would meet every other",
                    self.name, left=axis,
                    help=f"`gather` takes one place for each `{axis.carried}`; `rename` one of them for all pairs",
                )  # fmt: skip

    @property
    def chosen(self) -> TensorShape:
        """The axes of all indices together."""
        if len(self.picked) == 1:
            shape = self.picked[0]
            if shape.rank != 1 or shape.at(0).carried is not Unknown:
                return shape
            return shape.replaced(0, shape.at(0).called(self.along[0]))
        names = [f"{self.name}[{one}]" for one in range(len(self.picked))]
        return broadcast(self.call, names, self.picked)


def _carried(axes: Sequence[Axis | Rest]) -> str | UnknownType:
    """The name of the one axis that an index takes."""
    return axes[0].carried if len(axes) == 1 and isinstance(axes[0], Axis) else Unknown


def _one(axes: Sequence[Axis | Rest]) -> Axis:
    axis = axes[0]
    if isinstance(axis, Rest):
        raise Undetermined
    return axis


def assigned(call: Call) -> None:
    """Writes into a part of a tensor; what is written broadcasts to it."""
    _write(call, indexed(call), "value")


def put(call: Call) -> TensorShape:
    """Writes `values` at the places that indices name, as `input[indices] = values` does."""
    with suppress(Undetermined):
        _write(call, _part(call, tuple(call.items("indices")), "indices"), "values")
    return call.shape("input")


def _write(call: Call, target: TensorShape, name: str) -> None:
    """Refuses what does not broadcast to the part of `input` that it is written into. Raises `Misfit`."""
    value = call.shape(name)
    if target.rest is not Unknown or value.rest is not Unknown:
        return
    axes, given = target.fixed, value.fixed
    for back, mine in enumerate(reversed(given), 1):
        place = len(given) - back
        if back <= len(axes):
            one_name(mine, axes[-back], "broadcast-dims-differ", name, place, other="input")
        elif mine.carried is not Unknown:
            raise Misfit(
                "broadcast-dims-differ",
                f"it has `{mine.carried}`, which `{target}`, what it is written into, does not", name, place,
            )  # fmt: skip
        if mine.is_one or mine.size is Unknown:
            continue
        if back > len(axes):
            if mine.value is Unknown and (mine.dim is Unknown or mine.dim.startswith("{")):
                # Leading axes of size 1 go; what code has counted may be 1.
                continue
            raise Misfit(
                "broadcast-dims-differ",
                f"it has {len(given)} axes, and is written into `{target}`, which has {len(axes)}", name, place,
            )  # fmt: skip
        if axes[-back].size is not Unknown:
            call.same(
                mine, axes[-back], "broadcast-dims-differ", f"it is written into `{target}`", name, place,
                other="input",
            )  # fmt: skip


OPERATORS: Final = (
    OpRule(
        "operator.getitem", "input, index", indexed, spelled=("torch.Tensor.__getitem__",), dtype=SAME, by_size=True,
    ),
    OpRule(
        "torch.Tensor.__setitem__", "input, index, value", assigned, spelled=("operator.setitem",), by_size=True,
    ),
    OpRule(
        "torch.index_put", "input, indices, values, accumulate=False", put, spelled=("torch.Tensor.index_put",),
        dtype=SAME, by_size=True,
    ),
)  # fmt: skip
