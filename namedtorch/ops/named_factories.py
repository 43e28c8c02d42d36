"""Factories of NamedTensor: a tensor under names, and new ones whose dims have names.

Sizes stand by keyword, `zeros(N=2, C=3)`, in a text, `zeros("N=2 C=3")`, or in their order, then with `names`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.carried import expected_name
from namedtorch.dims.pattern import Axis as PatternAxis
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops import joining, pointwise
from namedtorch.ops.axes import ANY, Axis, Rest, product
from namedtorch.ops.call import Call, as_size, with_rank
from namedtorch.ops.dtypes import FLOATING, DType, of_value
from namedtorch.ops.elementwise import keeps
from namedtorch.ops.factories import OPTIONS, dtype_of, literal_dtype, literal_shape, of_sizes
from namedtorch.ops.judge import Misfit
from namedtorch.ops.names import expanded, read_names, refuse_repeated
from namedtorch.ops.naming import OTHER_NAMES, called, carried
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Fields, Value
from namedtorch.syntax.resolve import parse_shape

_SIZES: Final = "bad-sizes"


# Names for a tensor


def named(call: Call) -> TensorShape:
    """The tensor under names: a shape of the language that its sizes fit, or a list. Raises `Misfit`."""
    return under(call, call.shape("value"), "value", "names")


def under(call: Call, shape: TensorShape, of: str, names: str) -> TensorShape:
    """A shape under the names that an argument holds, a text or a list. Raises `Misfit`, `Undetermined`."""
    value = call.value(names)
    if value is Unknown:
        raise Undetermined
    if isinstance(value, str):
        return _fitted(call, shape, of, read_shape(value, names))
    given = read_names(value, names, of)
    if ... not in given:
        # As many names as axes.
        shape = with_rank(shape, len(given)) if shape.rank is Unknown else shape
    own = [carried(axis) for axis in shape.fixed]
    listed = expanded(given, own, names, of)
    for place, (old, new) in enumerate(zip(own, listed, strict=True)):
        if old is not None and old != new:
            raise _other_name(of, place, old, "have none" if new is None else f"be `{new}`")
    refuse_repeated(listed, listed, of)
    return called(shape.fixed, listed)


def read_shape(text: str, by: str) -> Shape:
    """A shape of the language. Raises `Misfit` for a text that is none."""
    try:
        return parse_shape(text)
    except AnnotationError as error:
        first = error.failures[0]
        raise Misfit("bad-annotation", first.message, by, help=first.help or "") from None


def _other_name(of: str, place: int, old: str, asked: str) -> Misfit:
    return Misfit(
        "names-differ", f"axis {place} is `{old}`, and is asked to {asked}", of, place, help=OTHER_NAMES
    )


def _fitted(call: Call, shape: TensorShape, of: str, wanted: Shape) -> TensorShape:
    """A shape under the names of a text, which has as many axes and the sizes that that says."""
    if len(wanted.groups) > 1:
        raise Undetermined
    least = len(wanted.axes) - len(wanted.groups)
    if shape.rank is Unknown:
        shape = _of_unknown_rank(shape, wanted)
    rank = len(shape.axes)
    if shape.rest is Unknown and (rank < least or (not wanted.groups and rank != least)):
        counted = f"at least {least}" if wanted.groups else str(least)
        raise Misfit("rank-unfit", f"it has {rank} axes, and `{wanted.without_where()}` has {counted}", of)
    group = wanted.groups[0] if wanted.groups else len(wanted.axes)
    behind = max(len(wanted.axes) - group - 1, 0)
    axes: list[Axis | Rest] = []
    first: dict[str, int] = {}
    for place, axis in enumerate(shape.axes):
        said = wanted.axes[place] if place < group else Group()
        if len(shape.axes) - place <= behind:
            said = wanted.axes[place - len(shape.axes)]
        found = _named_axis(call, of, place, axis, said)
        if isinstance(found, Axis) and isinstance(said, Dim) and said.name is not Unknown:
            there = first.setdefault(said.name, place)
            other = axes[there] if there < place else found
            assert isinstance(other, Axis)
            found = call.same(
                found,
                other,
                "dims-differ",
                f"`{said.name}` is axis {there} as well",
                of,
                place,
                other=of,
                other_axis=there,
            )
        axes.append(found)
    return TensorShape(tuple(axes))


def _of_unknown_rank(shape: TensorShape, wanted: Shape) -> TensorShape:
    """As many axes as the text has, those that are known at both ends; with a `Rest` where the text has a group."""
    rest = shape.rest
    assert rest is not Unknown
    front, back = shape.axes[:rest], shape.axes[rest + 1 :]
    if wanted.groups:
        group = wanted.groups[0]
        spread = [
            *front,
            *[ANY] * (group - len(front)),
            Rest(),
            *[ANY] * (len(wanted.axes) - group - 1 - len(back)),
            *back,
        ]
        return TensorShape(tuple(spread))
    missing = len(wanted.axes) - len(front) - len(back)
    return TensorShape((*front, *[ANY] * missing, *back)) if missing >= 0 else shape


def _named_axis(call: Call, of: str, place: int, axis: Axis | Rest, said: PatternAxis) -> Axis | Rest:
    if isinstance(axis, Rest) or isinstance(said, Group):
        return axis
    name = expected_name(said)
    if Unknown not in (name, axis.carried) and name != axis.carried:
        raise _other_name(of, place, str(axis.carried), f"be `{name}`")
    size = said.size if isinstance(said, Dim) and not said.broadcast else Unknown
    if size is not Unknown and size.value is not Unknown:
        axis = call.same(axis, Axis(size), "size-differs", f"it is `{said}` in the text", of, place)
    return axis if name is Unknown else axis.called(name)


# New tensors


def _asked(call: Call, given: Sequence[Value]) -> TensorShape:
    """The shape that a factory is asked for, by what is given by place, by keywords and by `names`. Raises `Misfit`."""
    sizes, names = call.value("sizes"), call.value("names")
    assert isinstance(sizes, Fields)
    by_name = {name: as_size(one) for name, one in zip(sizes.names, sizes.items, strict=True)}
    if len(given) == 1 and isinstance(given[0], tuple | list):
        given = given[0]
    if len(given) == 1 and isinstance(given[0], str):
        return read_sizes(given[0], by_name)
    if not given:
        if not by_name:
            raise Misfit(_SIZES, "no sizes are given", "size", help="write `zeros(N=2, C=3)`")
        shape = of_sizes(list(by_name.values()), "size")
        return called(shape.fixed, list(by_name))
    if len(given) == 1 and as_size(given[0]) is Unknown:
        # It may be one size, or a list of them.
        raise Undetermined
    shape = of_sizes([as_size(one) for one in given], "size")
    return _under_names(shape, names)


def _under_names(shape: TensorShape, names: Value) -> TensorShape:
    """A new shape with the names of `names=`, or without names."""
    if names is None:
        return shape
    listed = expanded(read_names(names, "names", "names"), [None] * len(shape.fixed), "names", "the tensor")
    refuse_repeated(listed, listed, "names")
    return called(shape.fixed, listed)


def read_sizes(text: str, given: Mapping[str, Size | UnknownType]) -> TensorShape:
    """The shape that a text says, `N=2 C=3`; sizes of its dims may be given. Raises `Misfit` for one that is not."""
    shape = read_shape(text, "size")
    known = dict(given)
    for dim in _dims(shape.axes):
        if dim.name is not Unknown and dim.size is not Unknown:
            known.setdefault(dim.name, dim.size)
    for dim in _dims(shape.axes):
        if dim.name is Unknown and dim.size is Unknown:
            raise Misfit(
                _SIZES, f'"{text}" does not say how large `_` is', "size", help="write its size: `3`"
            )
        if dim.name is not Unknown and dim.name not in known:
            raise Misfit(
                _SIZES, f'"{text}" does not say how large `{dim.name}` is', "size",
                help=f"give it: `{dim.name}=2`",
            )  # fmt: skip
    return TensorShape(tuple(_sized(axis, known) for axis in shape.axes))


def _dims(axes: Sequence[PatternAxis]) -> list[Dim]:
    found: list[Dim] = []
    for axis in axes:
        if isinstance(axis, Group):
            raise Misfit(_SIZES, f"the text leaves open how many axes `{axis}` stands for", "size")
        found += axis.factors if isinstance(axis, Flattened) else (axis,)
    return found


def _sized(axis: PatternAxis, known: Mapping[str, Size | UnknownType]) -> Axis:
    parts = [Axis(_size(dim, known)) for dim in _dims([axis])]
    return Axis(product(parts), carried=expected_name(axis))


def _size(dim: Dim, known: Mapping[str, Size | UnknownType]) -> Size | UnknownType:
    if dim.size is Unknown:
        return Unknown if dim.name is Unknown else known[dim.name]
    parts = {name: size for name, size in known.items() if size is not Unknown}
    if not dim.size.symbols <= parts.keys():
        return Unknown
    try:
        return dim.size.substitute(parts)
    except (SizeLimitError, ZeroDivisionError):
        return Unknown


def _factory(dtype: DType = FLOATING) -> Callable[[Call], Array]:
    """The rule of a factory that takes sizes."""
    return lambda call: Array(_asked(call, call.items("size")), dtype_of(call, dtype))


def _filled(call: Call) -> Array:
    """Filled with a number, which stands behind the sizes."""
    given, value = list(call.items("size")), call.value("fill_value")
    if value is None and given:
        value = given.pop()
    return Array(_asked(call, given), dtype_of(call, of_value(value)))


def _integers(call: Call) -> Array:
    """Integers between bounds, behind which the sizes stand in one list or text."""
    given = list(call.items("size"))
    sizes = given[-1:] if given and isinstance(given[-1], str | list | tuple) else []
    return Array(_asked(call, sizes), dtype_of(call, "int64"))


def _square(call: Call) -> Array:
    """A matrix: with one size alone, of as many columns as rows."""
    given = list(call.items("size"))
    return Array(
        _asked(call, given * 2 if len(given) == 1 and not isinstance(given[0], str) else given),
        dtype_of(call),
    )


def _counted(call: Call) -> Array:
    """Numbers in a row: so many, or those of a span, whose length is not told."""
    given = call.items("size")
    if given and not isinstance(given[0], str):
        length = as_size(given[0]) if len(given) == 1 else Unknown
        return Array(_under_names(TensorShape((Axis(length),)), call.value("names")), dtype_of(call, Unknown))
    return Array(_asked(call, given), dtype_of(call, Unknown))


def _spread(call: Call) -> Array:
    """Numbers at equal distances between two."""
    steps = call.value("steps")
    return Array(_asked(call, () if steps is None else (steps,)), dtype_of(call))


def _literal(call: Call) -> Array:
    """Numbers in nested lists, or a tensor, under names."""
    value = call.value("data")
    shape = literal_shape(value)
    dtype = dtype_of(call, value.dtype if isinstance(value, Array) else literal_dtype(value))
    names = call.value("names")
    return Array(shape if names is None else under(call, shape, "data", "names"), dtype)


# Joining


def stacked(call: Call) -> TensorShape:
    """Joins along a new dim, which is in front unless `place` says where it is. Raises `Misfit`."""
    dim = call.value("dim")
    if not isinstance(dim, str):
        return joining.stacked(call)
    shape = joining.stacked(Call({"tensors": call.value("tensors"), "dim": call.value("place")}, call.judge))
    place = shape.place(call.integer("place"))
    names = [axis.carried for axis in shape.axes if isinstance(axis, Axis)]
    if dim in names:
        raise Misfit(
            "names-repeated", f"the tensors have `{dim}` already", "tensors",
            help="`cat` joins along a dim that they have",
        )  # fmt: skip
    return shape.replaced(place, shape.axis(place).called(dim))


_WHERE: Final = next(row for row in pointwise.OPERATORS if row.name == "torch.where")

_MAKING: Final = f"names=None, {OPTIONS}, **sizes"

OPERATORS: Final = (
    OpRule("namedtorch.named", "value, names", named, dtype=SAME),
    *(
        OpRule(f"namedtorch.{name}", f"*size, {_MAKING}", _factory())
        for name in ("zeros", "ones", "empty", "rand", "randn")
    ),
    OpRule("namedtorch.full", f"*size, fill_value=None, {_MAKING}", _filled),
    OpRule("namedtorch.randint", f"*size, low=None, high=None, {_MAKING}", _integers),
    OpRule("namedtorch.eye", f"*size, {_MAKING}", _square),
    OpRule("namedtorch.arange", f"*size, {_MAKING}", _counted),
    OpRule("namedtorch.linspace", f"start, end, steps=None, {_MAKING}", _spread),
    *(
        OpRule(f"namedtorch.{name}_like", f"input, {OPTIONS}", keeps())
        for name in ("zeros", "ones", "empty", "rand", "randn")
    ),
    OpRule("namedtorch.full_like", f"input, fill_value, {OPTIONS}", keeps()),
    OpRule(
        "namedtorch.tensor", "data, names=None, dtype=None, device=None, requires_grad=False, pin_memory=False",
        _literal, spelled=("namedtorch.as_tensor",),
    ),
    OpRule("namedtorch.cat", "tensors, dim=0, *, out=None", joining.concatenated, dims=("dim",)),
    OpRule("namedtorch.stack", "tensors, dim=0, place=0", stacked),
    OpRule("namedtorch.where", "condition, input, other", _WHERE.rule),
)  # fmt: skip
