"""Whether a server may put several requests into one call: along a dim that each tensor begins with."""

from dataclasses import dataclass

from namedtorch.archive.serving.sizes import constraints_of
from namedtorch.archive.serving.tensors import Served
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.batch import batch_dim
from namedtorch.signature.known import bare_name


@dataclass(frozen=True, slots=True)
class Batch:
    """The dim along which requests are joined, and the most samples that the signature allows (None for any)."""

    dim: str
    most: int | None


def batch_of(served: Served) -> Batch | str:
    """The batch dim of a model, or why it has none, for the end of a sentence.

    Every tensor begins with it, and it stands nowhere else: not on a second axis, in no size that is computed, and in
    no constraint but one that bounds it from above.
    """
    dim = batch_dim(served.signature)
    if dim is Unknown:
        return "no free dim begins the first tensor"
    for one in served.tensors:
        if not one.shape.axes or bare_name(one.shape.axes[0]) != dim:
            return f"{one.name} does not begin with {dim}"
        if any(dim in Shape((axis,)).symbols for axis in one.shape.axes[1:]):
            return f"{one.name} has {dim} on another axis too"
    most: int | None = None
    for constraint in constraints_of(served.signature):
        if dim not in constraint.symbols:
            continue
        bound = _bound(constraint, dim)
        if bound is not None:
            most = bound if most is None else min(most, bound)
        elif not _always(constraint, dim):
            return f"{dim} is not free: {constraint}"
    return Batch(dim, most) if most is None or most > 0 else f"{dim} is never more than {most}"


def _bound(constraint: Constraint, dim: str) -> int | None:
    """The most that a constraint allows, where it says nothing else: 8 of `N <= 8`, `N < 9`, `9 > N`."""
    left, right, relation = constraint.left, constraint.right, constraint.relation
    if right.name == dim:
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        left, right, relation = right, left, turned.get(relation, relation)
    number = right.value
    if left.name != dim or number is Unknown or relation not in ("<", "<="):
        return None
    return number if relation == "<=" else number - 1


def _always(constraint: Constraint, dim: str) -> bool:
    """Whether a constraint holds for each number of samples: `N >= 1`."""
    if constraint.symbols != frozenset((dim,)):
        return False
    left, right, relation = constraint.left, constraint.right, constraint.relation
    if right.name == dim:
        left, right, relation = right, left, {"<": ">", "<=": ">="}.get(relation, "")
    number = right.value
    if left.name != dim or number is Unknown:
        return False
    return (relation == ">=" and number <= 1) or (relation == ">" and number <= 0)
