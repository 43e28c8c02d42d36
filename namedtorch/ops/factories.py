"""Factories: tensors of given sizes, like another, or of Python's numbers."""

from collections.abc import Callable, Sequence
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.counts import Count, at_least
from namedtorch.ops.dtypes import FLOATING, DType, named, of_value
from namedtorch.ops.elementwise import keeps, method
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.op_rule import Mismatch, OpRule
from namedtorch.ops.tensor_shape import ANY_SHAPE, SCALAR, TensorShape, Undetermined
from namedtorch.ops.values import Array, Value

OPTIONS: Final = (
    "out=None, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False, memory_format=None, "
    "generator=None"
)
"""What most factories take by name."""


def of_sizes(sizes: Sequence[Count], argument: str = "size") -> TensorShape:
    """The shape with these sizes, none of which may be negative. Raises `Misfit`."""
    for size in sizes:
        at_least(size, 0, argument, f"a size is {size}")
    return TensorShape(tuple(Axis(size) for size in sizes))


def dtype_of(call: Call, default: DType = FLOATING) -> DType:
    """The dtype that is asked for, or the default."""
    asked = call.value("dtype")
    return default if asked is None else named(asked)


def sized(default: DType = FLOATING) -> Callable[[Call], Array]:
    """The rule of a factory that takes sizes: several, or one list."""

    def rule(call: Call) -> Array:
        if call.value("size") == ():
            raise Mismatch("size")
        return Array(of_sizes(call.sizes("size")), dtype_of(call, default))

    return rule


def _filled(call: Call) -> Array:
    """Fills these sizes with a number, whose dtype is that of the result."""
    if not isinstance(call.value("size"), tuple | list) and call.value("size") is not Unknown:
        raise Mismatch("size")
    return Array(of_sizes(call.sizes("size")), dtype_of(call, of_value(call.value("fill_value"))))


def _like_new(call: Call) -> Array:
    """Has these sizes, and the dtype of `input`."""
    if call.value("size") == ():
        raise Mismatch("size")
    return Array(of_sizes(call.sizes("size")), dtype_of(call, call.array("input").dtype))


def _identity(call: Call) -> Array:
    """Has ones on its diagonal, and as many columns as rows unless `m` says otherwise."""
    rows = call.size("n")
    columns = rows if call.value("m") is None else call.size("m")
    return Array(of_sizes([rows, columns], "n"), dtype_of(call))


# Tensors of Python's values


def literal_shape(value: Value, argument: str = "data") -> TensorShape:
    """The shape of nested lists of numbers and tensors. Raises `Misfit` for lists of different lengths side by side."""
    match value:
        case Array():
            return value.shape
        case bool() | Size() | float() | complex():
            return SCALAR
        case tuple() | list():
            return _listed(value, argument)
        case _:
            # Nobody knows whether it is a number.
            return ANY_SHAPE


def _listed(items: Sequence[Value], argument: str) -> TensorShape:
    shapes = [literal_shape(item, argument) for item in items]
    if not shapes:
        return TensorShape.of([0])
    sure = [shape for shape in shapes if shape.rank is not Unknown]
    first = sure[0] if sure else ANY_SHAPE
    for place, shape in enumerate(shapes):
        if shape.rank is Unknown:
            continue
        if shape.rank != first.rank or any(map(_differ, shape.fixed, first.fixed)):
            raise Misfit(
                "cat-sizes-differ",
                f"its items have different shapes: [{first}], and [{shape}] at {place}",
                argument,
            )
        axes = zip(first.fixed, shape.fixed, strict=True)
        first = TensorShape(tuple(one.called(either_name(one, other)) for one, other in axes))
    return TensorShape((Axis.of(len(items)), *first.axes))


def _differ(left: Axis, right: Axis) -> bool:
    sizes = left.value, right.value
    return name_conflict(left, right) or (Unknown not in sizes and sizes[0] != sizes[1])


def literal_dtype(value: Value) -> DType:
    """The dtype that torch gives nested lists of numbers, where their first items tell."""
    if isinstance(value, tuple | list):
        found = {literal_dtype(item) for item in value}
        return found.pop() if len(found) == 1 else Unknown
    return of_value(value)


def _literal(call: Call) -> Array:
    """Has the shape of nested lists, or of what is an array already."""
    value = call.value("data")
    if value is None or isinstance(value, str) or (isinstance(value, Size) and value.value is Unknown):
        # A symbolic size may be an argument, and that a list.
        raise Undetermined
    return Array(literal_shape(value), dtype_of(call, literal_dtype(value)))


def _number(call: Call) -> Array:
    """Holds one number."""
    return Array(SCALAR, dtype_of(call))


def _new_literal(call: Call) -> Array:
    """Has the shape of nested lists, and the dtype of `input`."""
    return Array(literal_shape(call.value("data")), dtype_of(call, call.array("input").dtype))


def _new(call: Call) -> Array:
    """Has sizes, or data, and the dtype of `input`."""
    return _typed(call.array("input").dtype)(call)


def _typed(dtype: DType) -> Callable[[Call], Array]:
    """The rule of `torch.FloatTensor`, which takes sizes, or data."""

    def rule(call: Call) -> Array:
        items = call.items("data")
        if all(isinstance(item, Size) for item in items):
            return Array(of_sizes(call.sizes("data"), "data") if items else TensorShape.of([0]), dtype)
        if len(items) > 1:
            return Array(
                of_sizes([item if isinstance(item, Size) else Unknown for item in items], "data"), dtype
            )
        if items[0] is Unknown or isinstance(items[0], tuple):
            # A tuple is data, or the sizes that `x.size()` gave.
            return Array(dtype=dtype)
        return Array(literal_shape(items[0]), dtype)

    return rule


_LIKE: Final = f"input, {OPTIONS}"
_NEW: Final = "dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False"
_TYPES: Final = {
    "Tensor": FLOATING,
    "FloatTensor": "float32",
    "DoubleTensor": "float64",
    "HalfTensor": "float16",
    "LongTensor": "int64",
    "IntTensor": "int32",
    "ByteTensor": "uint8",
    "BoolTensor": "bool",
}

OPERATORS: Final = (
    *(OpRule(f"torch.{name}", f"*size, {OPTIONS}", sized()) for name in ("zeros", "ones", "rand", "randn")),
    OpRule("torch.empty", f"*size, {OPTIONS}", sized()),
    OpRule("torch.full", f"size, fill_value, {OPTIONS}", _filled),
    OpRule("torch.eye", f"n, m=None, {OPTIONS}", _identity),
    *(OpRule(f"torch.{name}_like", _LIKE, keeps()) for name in ("zeros", "ones", "empty", "rand", "randn")),
    OpRule("torch.full_like", f"input, fill_value, {OPTIONS}", keeps()),
    *(
        OpRule(method(f"new_{name}"), f"input, *size, {_NEW}", _like_new)
        for name in ("zeros", "ones", "empty")
    ),
    OpRule(method("new"), "input, *data, dtype=None, device=None", _new),
    OpRule(method("new_full"), f"input, size, fill_value, {_NEW}", _like_new),
    OpRule(method("new_tensor"), f"input, data, {_NEW}", _new_literal),
    OpRule("torch.tensor", f"data, {OPTIONS}", _literal, spelled=("torch.as_tensor",)),
    OpRule("torch.scalar_tensor", f"s, {OPTIONS}", _number),
    OpRule("torch.asarray", "data, dtype=None, device=None, copy=None, requires_grad=False", _literal),
    OpRule("torch.from_numpy", "data", _literal),
    *(
        OpRule(f"torch.{name}", "*data, dtype=None, device=None", _typed(dtype))
        for name, dtype in _TYPES.items()
    ),
)
