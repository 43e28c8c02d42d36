"""The dims of a signature that a call is free to choose, and the one along which its samples lie."""

from typing import TypeGuard

from namedtorch.dims.pattern import Axis, Dim, Group
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.hints import OptionalHint, TensorHint
from namedtorch.signature.known import bare_name
from namedtorch.signature.signature import Signature, tensors_of


def batch_dim(signature: Signature) -> str | UnknownType:
    """The dim along which a model takes several samples at once; Unknown where the signature does not tell.

    It is the first axis of the first tensor, if that is a free dim by itself: `N` of `image: N C=3 H W`. A first axis
    `C=3`, `*batch`, `#N`, `2*N` or `_` is none.
    """
    for parameter in signature.parameters:
        hint = parameter.hint.inner if isinstance(parameter.hint, OptionalHint) else parameter.hint
        if isinstance(hint, TensorHint):
            first = bare_name(hint.shape.axes[0]) if hint.shape.axes else Unknown
            return first if first in free_dims(signature) else Unknown
    return Unknown


def free_dims(signature: Signature) -> tuple[str, ...]:
    """The dims (`"N"`) and groups (`"*batch"`) of the parameters that each call may give other sizes, in order."""
    axes = [axis for one in signature.parameters for hint in tensors_of(one.hint) for axis in hint.shape.axes]
    known = {_label(axis) for hint in signature.tensors for axis in hint.shape.axes}
    names = (f"*{axis.name}" if _is_named_group(axis) else bare_name(axis) for axis in axes)
    return tuple(dict.fromkeys(name for name in names if name is not Unknown and name not in known))


def _label(axis: Axis) -> str | UnknownType:
    """`C` of `C=3`; Unknown for an axis of another form."""
    return axis.name if isinstance(axis, Dim) and axis.size is not Unknown else Unknown


def _is_named_group(axis: Axis) -> TypeGuard[Group]:
    return isinstance(axis, Group) and axis.name is not Unknown and not axis.each
