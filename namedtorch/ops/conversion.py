"""What keeps every size and changes how a tensor is stored: its dtype, device, memory, and place in the graph."""

from collections.abc import Callable, Iterator
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.dtypes import DType, named, real
from namedtorch.ops.elementwise import broadcasts, keeps, method, row
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value

_MEMORY: Final = "input, memory_format=None"

_DTYPES: Final = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "bfloat16": "bfloat16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "char": "int8",
    "byte": "uint8",
    "bool": "bool",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
"""Methods that are named for a dtype."""


def _cast(dtype: str) -> Callable[[Call], Array]:
    return lambda call: Array(call.array("input").shape, dtype)


def _converted(call: Call) -> Array:
    """Moves to a device, a dtype, or both: in any order, by position or by name, or as another tensor has them."""
    array = call.array("input")
    return Array(array.shape, _asked(call, array.dtype))


def _asked(call: Call, own: DType) -> DType:
    """The dtype that is asked for; a device, and a flag, ask for none."""
    for value in _destinations(call):
        if isinstance(value, Array):
            return value.dtype
        if isinstance(value, str):
            found = named(value)
            if found is not Unknown or value.startswith("torch."):
                return found
        elif value is Unknown:
            return Unknown
    return own


def _destinations(call: Call) -> Iterator[Value]:
    yield from call.items("destination")
    yield call.value("dtype")
    other = call.value("other")
    if other is not None:
        yield other


def _typed(call: Call) -> Array:
    """Converts to a type, or tells the name of one's own."""
    array = call.array("input")
    if call.value("dtype") is None:
        raise Undetermined
    return Array(array.shape, named(call.value("dtype")))


def _as_other(call: Call) -> Array:
    return Array(call.array("input").shape, call.array("other").dtype)


def _wrapped(call: Call) -> Array:
    if not call.given("data"):
        raise Undetermined
    return call.array("data")


# Complex numbers


def _parts(call: Call) -> Array:
    """Gives the two parts of each number in a last axis of size 2."""
    array = call.array("input")
    rank = len(array.shape.axes)
    return Array(array.shape.inserted(rank, Axis.of(2)), real(array.dtype))


def _numbers(call: Call) -> TensorShape:
    """Makes numbers of a last axis, which holds their two parts."""
    shape = call.shape("input")
    if not shape.axes:
        raise Misfit("rank-unfit", "its last axis has to hold two parts, and `input` has none", "input")
    place = len(shape.axes) - 1
    last = shape.at(-1)
    if last.size is not Unknown and not call.judge.needs(last.size, Size.constant(2)):
        raise Misfit(
            "size-unfit", "its last axis has to hold the two parts of each number", "input", place, left=last
        )
    return shape.without([place])


def _complex(dtype: DType) -> DType:
    return (
        {"float32": "complex64", "float64": "complex128"}.get(dtype, "complex")
        if dtype is not Unknown
        else dtype
    )


OPERATORS: Final = (
    *(OpRule(method(name), _MEMORY, _cast(dtype)) for name, dtype in _DTYPES.items()),
    OpRule(
        method("to"),
        "input, *destination, dtype=None, device=None, other=None, non_blocking=False, copy=False, memory_format=None",
        _converted,
    ),
    OpRule(method("type"), "input, dtype=None, non_blocking=False", _typed),
    OpRule(method("type_as"), "input, other", _as_other),
    row("clone", _MEMORY, keeps()),
    OpRule(method("contiguous"), _MEMORY, keeps()),
    OpRule(
        method("cpu"),
        "input, device=None, non_blocking=False, memory_format=None",
        keeps(),
        spelled=(method("cuda"), method("pin_memory")),
    ),
    row("detach", "input", keeps(), method("data")),
    OpRule(method("requires_grad_"), "input, requires_grad=True", keeps()),
    OpRule(method("share_memory_"), "input", keeps()),
    OpRule(method("to_dense"), "input, dtype=None, masked_grad=True", keeps()),
    OpRule(
        "torch.nn.Parameter",
        "data=None, requires_grad=True",
        _wrapped,
        spelled=("torch.nn.parameter.Parameter",),
    ),
    OpRule("torch.autograd.Variable", "data=None, requires_grad=False, volatile=False", _wrapped),
    OpRule("torch.nn.Buffer", "data=None, persistent=True", _wrapped, spelled=("torch.nn.parameter.Buffer",)),
    OpRule("torch.complex", "real, imag, out=None", broadcasts("real", "imag", made=_complex)),
    OpRule("torch.polar", "abs, angle, out=None", broadcasts("abs", "angle", made=_complex)),
    OpRule("torch.view_as_real", "input", _parts),
    OpRule("torch.view_as_complex", "input", _numbers),
    OpRule("torch.real", "input", keeps(made=real), spelled=(method("real"),)),
    OpRule("torch.imag", "input", keeps(made=real), spelled=(method("imag"),)),
)
