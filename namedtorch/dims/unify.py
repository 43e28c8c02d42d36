"""Whether two sizes that meet on one axis may do so: identity of dims, on top of `decide`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.decide import Answer, decide
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType


class Standing(Enum):
    """How much a symbol insists on being itself."""

    RIGID = "rigid"
    """A dim written in the signature: in its body, no other dim may take its place."""
    ARGUMENT = "argument"
    """A constructor argument: the class has to be right for all of its values."""
    FLEXIBLE = "flexible"
    """A size that comes from code."""


class Verdict(Enum):
    """What becomes of two sizes on one axis."""

    SAME = "same"
    """They are equal, always."""
    CONFLICT = "conflict"
    """They are different, or different rigid dims: an alarm."""
    CONDITIONAL = "conditional"
    """They are equal for some constructor arguments only: an alarm where every path comes here, else none."""
    OPEN = "open"
    """They may be equal, and nobody promised otherwise: no alarm."""


@dataclass(frozen=True, slots=True)
class Unification:
    """A verdict, and the size that the axis has from here on; `Unknown` behind a conflict."""

    verdict: Verdict
    size: Size | UnknownType


def unify(
    left: Size | UnknownType,
    right: Size | UnknownType,
    *,
    standing: Mapping[str, Standing],
    given: Iterable[Constraint] = (),
) -> Unification:
    """Unifies two sizes that one axis has to have, where the constraints hold.

    A symbol without a standing is flexible. `Unknown` unifies with everything. Of two sizes that unify, the result
    is the one that says more: a rigid dim, else a number, else what is made of arguments.
    """
    if left is Unknown:
        return Unification(Verdict.OPEN, right)
    if right is Unknown:
        return Unification(Verdict.OPEN, left)
    preferred = min(left, right, key=lambda size: _rank(size, standing))
    match decide(left, right, given):
        case Answer.EQUAL:
            return Unification(Verdict.SAME, preferred)
        case Answer.DIFFERENT:
            return Unification(Verdict.CONFLICT, Unknown)
        case Answer.UNKNOWN:
            verdict = _undecided(left, right, standing)
            return Unification(verdict, Unknown if verdict is Verdict.CONFLICT else preferred)


def _undecided(left: Size, right: Size, standing: Mapping[str, Standing]) -> Verdict:
    """The verdict on two sizes that are equal for some assignments, as far as is known."""
    standings = _standings(left, standing), _standings(right, standing)
    are_names = left.name is not Unknown and right.name is not Unknown
    if not all(standings) or any(Standing.FLEXIBLE in each for each in standings):
        return Verdict.OPEN
    if are_names and Standing.ARGUMENT not in standings[0] | standings[1]:
        return Verdict.CONFLICT
    if are_names or Standing.RIGID not in standings[0] | standings[1]:
        return Verdict.CONDITIONAL
    return Verdict.OPEN


def _standings(size: Size, standing: Mapping[str, Standing]) -> set[Standing]:
    """The standings of the symbols of a size; none for a number."""
    return {standing.get(name, Standing.FLEXIBLE) for name in size.symbols}


def _rank(size: Size, standing: Mapping[str, Standing]) -> int:
    standings = _standings(size, standing)
    if size.name is not Unknown and Standing.RIGID in standings:
        return 0
    if not standings:
        return 1
    if standings == {Standing.ARGUMENT}:
        return 2 if size.name is not Unknown else 3
    return 5 if Standing.FLEXIBLE in standings else 4
