"""What a tensor tells of itself: its sizes, the number of its axes and elements, its one number."""

from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.elementwise import method
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import SCALAR, Undetermined
from namedtorch.ops.values import Array, Value


def _size(call: Call) -> Value:
    """Gives the size of one axis, or all of them."""
    if call.value("dim") is None:
        return tuple(axis.size for axis in call.axes("input"))
    if call.shape("input").rank == 0:
        raise Misfit("rank-unfit", "`input` has no axes", "input")
    axis = call.shape("input").axes[call.place("dim")]
    return axis.size if isinstance(axis, Axis) else Unknown


def _length(call: Call) -> Value:
    """Gives the size of axis 0."""
    shape = call.shape("input")
    if shape.rank == 0:
        raise Misfit("rank-unfit", "`input` has no axes", "input")
    return shape.at(0).size


def _rank(call: Call) -> Value:
    """Gives the number of axes."""
    rank = call.shape("input").rank
    return Unknown if rank is Unknown else Size.constant(rank)


def _elements(call: Call) -> Value:
    """Gives the number of elements."""
    return call.shape("input").elements


def _number(call: Call) -> Array:
    """Gives the one number that a tensor holds."""
    array = call.array("input")
    count = array.shape.elements
    if count is not Unknown and not call.judge.needs(count, Size.constant(1)):
        raise Misfit("size-unfit", f"it takes a tensor of one element, and `input` has {count}", "input")
    return Array(SCALAR, array.dtype)


def _untold(call: Call) -> Value:
    """Gives what sizes do not tell."""
    raise Undetermined


def _stride(call: Call) -> Value:
    """Gives how far the elements of one axis, or of all, are from one another."""
    if call.value("dim") is not None:
        call.place("dim")
    raise Undetermined


# fmt: off
_UNTOLD: Final = {
    "element_size": "input", "get_device": "input", "is_complex": "input", "is_contiguous": "input, memory_format=None",
    "is_floating_point": "input", "is_pinned": "input, device=None", "is_signed": "input",
    "numpy": "input, force=False", "data_ptr": "input", "storage_offset": "input",
    "tolist": "input",
}
# fmt: on

OPERATORS: Final = (
    OpRule(method("size"), "input, dim=None", _size, spelled=(method("shape"),), dims=("dim",), counts=True),
    OpRule(method("__len__"), "input", _length, counts=True),
    OpRule(method("dim"), "input", _rank, spelled=(method("ndimension"), method("ndim")), counts=True),
    OpRule("torch.numel", "input", _elements, spelled=(method("numel"), method("nelement")), counts=True),
    OpRule(method("stride"), "input, dim=None", _stride, dims=("dim",), counts=True),
    OpRule(method("item"), "input", _number),
    *(OpRule(method(name), parameters, _untold) for name, parameters in _UNTOLD.items()),
    *(OpRule(f"torch.{name}", "input", _untold) for name in ("is_complex", "is_floating_point", "is_nonzero")),
)  # fmt: skip
