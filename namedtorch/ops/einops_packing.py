"""`pack` and `unpack` of einops: tensors are flattened where the pattern has a `*`, and joined there.

Source: https://github.com/arogozhnikov/einops/blob/v0.8.2/einops/packing.py
"""

from collections.abc import Sequence
from functools import reduce

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.counts import plus
from namedtorch.ops.einsum import BAD
from namedtorch.ops.flattening import flat_axis, parted
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import Result
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Value

STAR = "*"


def packed(call: Call) -> Result:
    """One tensor, and what the `*` stands for in each of those that it is made of, which is not told."""
    before, behind = _around(call)
    shapes = [shape.fixed for shape in call.shapes("tensors")]
    if not shapes:
        raise Misfit(BAD, "it is an empty list", "tensors")
    outer, inner = _split(shapes[0], before, behind, 0)
    first, middles = len(inner), [flat_axis(inner)]
    for index, axes in enumerate(shapes[1:], 1):
        others, inner = _split(axes, before, behind, index)
        met: list[Axis] = []
        for at, (one, other) in enumerate(zip(others, outer, strict=True)):
            skipped = (0, 0) if at < before else (len(inner), first)
            met.append(
                call.same(
                    one, other, "cat-sizes-differ", "it is packed with `tensors[0]`", f"tensors[{index}]",
                    at + skipped[0], other="tensors[0]", other_axis=at + skipped[1],
                )
            )  # fmt: skip
        outer = met
        middles.append(flat_axis(inner))
    return TensorShape((*outer[:before], _joined(middles), *outer[before:])), Unknown


def _split(
    axes: Sequence[Axis], before: int, behind: int, index: int
) -> tuple[Sequence[Axis], Sequence[Axis]]:
    """The axes outside of the `*`, and those in it. Raises `Misfit`."""
    if len(axes) < before + behind:
        raise Misfit(
            "rank-unfit", f"it takes {before + behind} axes or more, and has {len(axes)}", f"tensors[{index}]"
        )
    end = len(axes) - behind
    return [*axes[:before], *axes[end:]], axes[before:end]


def _joined(axes: list[Axis]) -> Axis:
    """The axis in which these stand one behind the other, under the name that they share."""
    names = {axis.carried for axis in axes if axis.carried is not Unknown}
    size = reduce(plus, (axis.size for axis in axes))
    return Axis(size, carried=names.pop() if len(names) == 1 else Unknown)


def unpacked(call: Call) -> Result:
    """A tensor for each of some shapes, which stand in the place of the `*`; their sizes are not told."""
    before, behind = _around(call)
    call.rank_in("tensor", before + behind + 1)
    shape, axis = call.shape("tensor"), call.axes("tensor")[before]
    return tuple(shape.replaced(before, *_taken(axis, one)) for one in call.items("packed_shapes"))


def _taken(axis: Axis, sizes: Value) -> list[Axis]:
    if not isinstance(sizes, tuple | list):
        raise Undetermined
    return [axis.resized(Unknown)] if len(sizes) == 1 else parted(axis, [Axis() for _ in sizes])


def _around(call: Call) -> tuple[int, int]:
    """How many axes stand before the `*`, and behind. Raises `Misfit`."""
    pattern = call.text("pattern")
    words = pattern.split()
    if STAR not in words:
        raise Misfit(BAD, f"`{pattern}` has no `{STAR}`", "pattern")
    for word in words:
        if words.count(word) > 1:
            raise Misfit(BAD, f"`{pattern}` has `{word}` twice", "pattern")
    return words.index(STAR), len(words) - words.index(STAR) - 1
