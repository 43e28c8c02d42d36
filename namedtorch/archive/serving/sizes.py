"""Shapes as servers write them: numbers, and -1 for an axis that may have any size."""

from collections.abc import Mapping

from namedtorch.archive.serving.refusal import ServingError
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.signature import Signature

FREE = -1
"""An axis of any size."""


def constraints_of(signature: Signature) -> tuple[Constraint, ...]:
    """All that a signature says of its sizes, each constraint once."""
    shapes = [one for hint in signature.tensors for one in hint.shape.where]
    return tuple(dict.fromkeys((*shapes, *signature.where)))


def fixed_sizes(signature: Signature) -> Mapping[str, Size]:
    """The dims that every call gives the same size, by a label (`C=3`) or a constraint (`H == 224`)."""
    known: dict[str, Size] = {}
    for hint in signature.tensors:
        dims = [
            axis for axis in hint.shape.axes if isinstance(axis, Dim) and not axis.broadcast and not axis.each
        ]
        for dim in dims:
            if dim.name is not Unknown and dim.size is not Unknown and dim.size.value is not Unknown:
                known.setdefault(dim.name, dim.size)
    equalities = [one for one in constraints_of(signature) if one.relation == "=="]
    # Each round settles one dim at least: `W == H, H == 224`.
    while True:
        before = len(known)
        for one in equalities:
            for side, other in ((one.left, one.right), (one.right, one.left)):
                value = _substituted(other, known)
                if side.name is not Unknown and value.value is not Unknown:
                    known.setdefault(side.name, value)
        if len(known) == before:
            return known


def sizes_of(shape: Shape, known: Mapping[str, Size], name: str, target: str) -> tuple[int, ...]:
    """The size of each axis; raises ServingError for a tensor of no fixed number of axes, which `name` is."""
    known = {symbol: size for symbol, size in known.items() if symbol not in shape.each}
    found: list[int] = []
    for axis in shape.axes:
        if isinstance(axis, Group):
            raise ServingError(
                f"`{name}` is `{shape.without_where()}`, where `{axis}` is any number of axes, and {target} asks how "
                "many: write them out before lowering (`N C`), or lower to .onnx, which fixes how many there are"
            )
        size = _size(axis, known)
        found.append(FREE if size is None or size < 0 else size)
    return tuple(found)


def _size(axis: Axis, known: Mapping[str, Size]) -> int | None:
    """The size of an axis where it is one number; None for any."""
    if isinstance(axis, Flattened):
        product = 1
        for one in axis.factors:
            size = _size(one, known)
            if size is None:
                return None
            product *= size
        return product
    # What broadcasts may be 1 as well.
    if not isinstance(axis, Dim) or axis.broadcast:
        return None
    size = axis.size
    if size is Unknown:
        size = Unknown if axis.name is Unknown else known.get(axis.name, Unknown)
    if size is Unknown:
        return None
    value = _substituted(size, known).value
    return None if value is Unknown else value


def _substituted(size: Size, known: Mapping[str, Size]) -> Size:
    """The size with what is known; as it is where that has no meaning."""
    try:
        return size.substitute(known)
    except (ZeroDivisionError, SizeLimitError):
        return size
