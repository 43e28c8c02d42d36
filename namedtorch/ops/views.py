"""Views under other sizes: view, reshape, flatten, unflatten."""

from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attributed import attribute_value, attributed
from namedtorch.ops.axes import ANY, Axis, Rest, merged
from namedtorch.ops.call import Call
from namedtorch.ops.dtypes import named
from namedtorch.ops.flattening import flat_axis, parted
from namedtorch.ops.judge import Misfit, either_name
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import SAME, OpRule, Result
from namedtorch.ops.regrouping import Viewed, asked_sizes, has_names, viewed
from namedtorch.ops.size_lists import size_list
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value

_MANY: Final = 64
"""No tensor has as many axes."""


def reshaped(call: Call) -> TensorShape:
    """The same elements under other sizes."""
    return viewed(call, call.shape("input"), asked_sizes(size_list(call, "shape"), "input"))


def viewed_as(call: Call) -> TensorShape:
    """The same elements under the sizes of another tensor."""
    other = call.axes("other")
    shape = viewed(call, call.shape("input"), [axis.size for axis in other])
    # What has no name of its own is the axis of which it has the size.
    axes = zip(shape.fixed, other, strict=True)
    return TensorShape(tuple(axis.called(either_name(axis, one)) for axis, one in axes))


def view(call: Call) -> Result:
    """The same elements under other sizes, or with another dtype."""
    value = call.value("shape")
    asked = value[0] if isinstance(value, tuple) and value else value
    return _retyped(call.shape("input"), asked) if isinstance(asked, str) else reshaped(call)


def _retyped(shape: TensorShape, dtype: str) -> Array:
    """The same bytes with another dtype: of its size depends how long the last axis is."""
    if not shape.axes or named(dtype) is Unknown:
        raise Undetermined
    last = shape.axes[-1]
    axis = last.resized(Unknown) if isinstance(last, Axis) else last
    return Array(shape.replaced(len(shape.axes) - 1, axis), named(dtype))


def flattened(call: Call) -> TensorShape:
    """Merges neighbouring axes; a scalar becomes one axis."""
    shape = call.shape("input")
    if not shape.axes:
        _ends(call)
        return TensorShape((Axis.of(1),))
    if shape.rest is not Unknown:
        return _flattened_rest(call, shape, shape.rest)
    start, end = _ends(call)
    return TensorShape((*shape.axes[:start], flat_axis(shape.fixed[start : end + 1]), *shape.axes[end + 1 :]))


def _ends(call: Call) -> tuple[int, int]:
    start, end = call.place("start_dim"), call.place("end_dim")
    if start > end:
        raise Misfit("axis-out-of-range", f"axis {start} stands behind axis {end}", "input")
    return start, end


def _flattened_rest(call: Call, shape: TensorShape, rest: int) -> TensorShape:
    """What is sure of a shape with a `Rest`: the axes outside."""
    start, end = call.integer("start_dim"), call.integer("end_dim")
    behind = len(shape.axes) - rest - 1
    if start < 0 and end < 0:
        if start > end:
            raise Undetermined
        first = shape.place(start)
        last = shape.place(end)
        inner = tuple(axis for axis in shape.axes[first : last + 1] if isinstance(axis, Axis))
        return TensorShape((*shape.axes[:first], merged(inner), *shape.axes[last + 1 :]))
    if start >= 0 and end >= 0:
        first, last = shape.place(start), shape.place(end)
        inner = tuple(axis for axis in shape.axes[first : last + 1] if isinstance(axis, Axis))
        return TensorShape((*shape.axes[:first], merged(inner), *shape.axes[last + 1 :]))
    if start < 0 or max(start, -end) > _MANY:
        raise Undetermined
    count = -end - 1
    head: list[Axis | Rest] = [shape.axes[place] if place < rest else ANY for place in range(start)]
    tail: list[Axis | Rest] = [
        shape.axes[-place] if place <= behind else ANY for place in range(count, 0, -1)
    ]
    return TensorShape((*head, ANY, *tail))


def unflattened(call: Call) -> TensorShape:
    """Splits one axis."""
    sizes: Value = call.value("sizes")
    return _split(call, call.place("dim"), sizes)


def _split(call: Call, place: int, sizes: Value) -> TensorShape:
    if not isinstance(sizes, tuple | list):
        raise Undetermined
    shape = call.shape("input")
    listed = size_list(Call({"sizes": tuple(_length(one) for one in sizes)}, call.judge), "sizes")
    if not listed:
        raise Misfit("elements-differ", "it is split into no axes", "input", place)
    axis = shape.axis(place)
    parts = viewed(
        call, TensorShape((axis.called(Unknown),)), asked_sizes(listed, "input"), Viewed("input", place)
    )
    return shape.replaced(place, *parted(axis, parts.fixed))


def _length(value: Value) -> Value:
    """The size of an entry of the list, which may be a pair of a name and a size."""
    return value[1] if isinstance(value, tuple) and len(value) == 2 else value


def raveled(call: Call) -> TensorShape:
    """All elements in one axis."""
    shape = call.shape("input")
    return TensorShape((ANY if shape.rest is not Unknown else flat_axis(shape.fixed),))


def strided(call: Call) -> TensorShape:
    """Any sizes over any strides: nothing tells which dims they are."""
    if has_names(call.shape("input").axes):
        raise Undetermined
    return TensorShape.of([Axis(size) for size in size_list(call, "size")])


def unfolded(call: Call) -> TensorShape:
    """Cuts windows of one axis; they become the last."""
    shape, place = call.shape("input"), call.place("dimension")
    axis, size, step = shape.axis(place), call.size("size"), call.size("step")
    count = axis.resized(Unknown)
    if axis.size is not Unknown and size is not Unknown and step is not Unknown:
        room = axis.size - size
        if room.value is not Unknown and room.value < 0:
            raise Misfit(
                "size-impossible", f"windows of {size} do not fit into axis {place}, which is {axis.size}",
                "input", place,
            )  # fmt: skip
        if step.value is not Unknown and step.value < 1:
            raise Misfit("size-impossible", f"windows are {step} apart", "input", place)
        count = axis.resized(room // step + 1)
    result = shape.replaced(place, count)
    return TensorShape((*result.axes, Axis(size)))


def _unflatten_module(call: Call) -> TensorShape:
    inner = attributed(call, "dim")
    return _split(inner, inner.place("dim"), attribute_value(call.attribute("unflattened_size")))


def _flatten_module(call: Call) -> TensorShape:
    return flattened(attributed(call, "start_dim end_dim"))


OPERATORS: Final = (
    OpRule("torch.reshape", "input, shape", reshaped, dtype=SAME, by_size=True),
    OpRule("torch.Tensor.reshape", "input, *shape", reshaped, dtype=SAME, by_size=True),
    OpRule("torch.Tensor.view", "input, *shape", view, dtype=SAME, by_size=True),
    OpRule(
        "torch.Tensor.view_as", "input, other", viewed_as, spelled=("torch.Tensor.reshape_as",), dtype=SAME,
        by_size=True,
    ),
    OpRule(
        "torch.flatten", "input, start_dim=0, end_dim=-1", flattened, spelled=("torch.Tensor.flatten",),
        dims=("start_dim", "end_dim"), dtype=SAME,
    ),
    OpRule(
        "torch.unflatten", "input, dim, sizes", unflattened, spelled=("torch.Tensor.unflatten",),
        dims=("dim",), dtype=SAME,
    ),
    OpRule("torch.ravel", "input", raveled, spelled=("torch.Tensor.ravel",), dtype=SAME),
    OpRule(
        "torch.as_strided", "input, size, stride, storage_offset=None", strided,
        spelled=("torch.Tensor.as_strided",), dtype=SAME,
    ),
    OpRule(
        "torch.Tensor.unfold", "input, dimension, size, step", unfolded, dims=("dimension",), dtype=SAME,
    ),
)  # fmt: skip

MODULES: Final = (
    ModuleRule(
        "torch.nn.Flatten", constructor="start_dim=1, end_dim=-1", operate=_flatten_module, takes="input",
    ),
    ModuleRule(
        "torch.nn.Unflatten", constructor="dim, unflattened_size", operate=_unflatten_module, takes="input",
    ),
)  # fmt: skip
