"""Norms of vectors and matrices: they take dims away, or leave them with size 1."""

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.reduction import reduced
from namedtorch.ops.tensor_shape import SCALAR, TensorShape, Undetermined


def vector_norm(call: Call) -> TensorShape:
    """Takes dims away: one, several, or all."""
    if call.value("dim") is None and not call.flag("keepdim"):
        return SCALAR
    return reduced(call, call.places("dim", "x"), call.flag("keepdim"), call.shape("x"))


def norm(call: Call) -> TensorShape:
    """The norm of a vector, of matrices, or of all that is there."""
    shape, order = call.shape("A"), call.value("ord")
    if call.value("dim") is None:
        if order is Unknown:
            raise Undetermined
        if order is not None and shape.rank is not Unknown and shape.rank not in (1, 2):
            raise Misfit("rank-unfit", f"without `dim`, it takes 1 or 2 axes, and `A` has {shape.rank}", "A")
        if isinstance(order, str) and shape.rank == 1:
            raise Misfit("rank-unfit", f"the norm `{order}` is one of matrices, and `A` has 1 axis", "A")
        return reduced(call, call.places("dim", "A"), True, shape) if call.flag("keepdim") else SCALAR
    places = call.places("dim", "A")
    if order is not None and order is not Unknown and len(places) not in (1, 2):
        raise Misfit("axis-out-of-range", f"it takes 1 or 2 dims, and `dim` names {len(places)}", "A")
    return reduced(call, places, call.flag("keepdim"), shape)


def matrix_norm(call: Call) -> TensorShape:
    """Takes two dims away."""
    shape = call.shape("A")
    if shape.rank is not Unknown and shape.rank < 2:
        raise Misfit("rank-unfit", f"it takes matrices, and `A` has {shape.rank} axes", "A")
    places = call.places("dim", "A")
    if len(places) != 2:
        raise Misfit("axis-out-of-range", f"it takes 2 dims, and `dim` names {len(places)}", "A")
    return reduced(call, places, call.flag("keepdim"), shape)
