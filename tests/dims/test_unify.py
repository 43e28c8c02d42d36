"""`unify`: which sizes may meet on one axis."""

import pytest

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.size import Size
from namedtorch.dims.unify import Standing, Unification, Verdict, unify
from namedtorch.dims.unknown import Unknown

STANDING = {
    "C": Standing.RIGID,
    "K": Standing.RIGID,
    "H": Standing.RIGID,
    "{n}": Standing.ARGUMENT,
    "{m}": Standing.ARGUMENT,
    "{x}": Standing.FLEXIBLE,
}
C, K, H, N, M, X, Y = (Size.symbol(name) for name in ("C", "K", "H", "{n}", "{m}", "{x}", "{y}"))
THREE, FOUR = Size.constant(3), Size.constant(4)

CASES = [
    (C, C, Verdict.SAME, C),
    (THREE, THREE, Verdict.SAME, THREE),
    ((H - 1) // 1 + 1, H, Verdict.SAME, H),
    (2 * (H // 2), H, Verdict.OPEN, H),
    # Two dims of the signature, whatever their sizes.
    (C, K, Verdict.CONFLICT, Unknown),
    # A dim against a compound or a number: only where they differ.
    (C, 2 * K, Verdict.OPEN, C),
    (C, 2 * C, Verdict.CONFLICT, Unknown),
    (C, THREE, Verdict.OPEN, C),
    (THREE, FOUR, Verdict.CONFLICT, Unknown),
    (C + K, C * K, Verdict.OPEN, C + K),
    # Constructor arguments.
    (N, M, Verdict.CONDITIONAL, N),
    (4 * N, M, Verdict.CONDITIONAL, M),
    (N, C, Verdict.CONDITIONAL, C),
    (N, N + 1, Verdict.CONFLICT, Unknown),
    (N, THREE, Verdict.OPEN, THREE),
    (2 * N, C, Verdict.OPEN, C),
    (N, 2 * C, Verdict.OPEN, N),
    # Sizes from code; a symbol that nobody speaks for is one.
    (C, X, Verdict.OPEN, C),
    (N, X, Verdict.OPEN, N),
    (X, Y, Verdict.OPEN, X),
    (X, THREE, Verdict.OPEN, THREE),
    (X + 1, X, Verdict.CONFLICT, Unknown),
    # Unknown.
    (Unknown, C, Verdict.OPEN, C),
    (C, Unknown, Verdict.OPEN, C),
    (Unknown, Unknown, Verdict.OPEN, Unknown),
]


@pytest.mark.parametrize(("left", "right", "verdict", "size"), CASES, ids=str)
def test_verdicts(left: Size, right: Size, verdict: Verdict, size: Size) -> None:
    assert unify(left, right, standing=STANDING) == Unification(verdict, size)
    assert unify(right, left, standing=STANDING).verdict is verdict


GIVEN = [
    (C, K, Constraint(C, "==", K), Verdict.SAME),
    (C, K, Constraint(C, ">=", K), Verdict.CONFLICT),
    (N, M, Constraint(N, "==", M), Verdict.SAME),
    (N, M, Constraint(N, "!=", M), Verdict.CONFLICT),
    (2 * (H // 2), H, Constraint(H % 2, "==", Size.constant(0)), Verdict.SAME),
    (H, THREE, Constraint(H, ">=", Size.constant(7)), Verdict.CONFLICT),
    (C, THREE, Constraint(C, "==", THREE), Verdict.SAME),
]


@pytest.mark.parametrize(("left", "right", "constraint", "verdict"), GIVEN, ids=str)
def test_constraints_are_assumptions(
    left: Size, right: Size, constraint: Constraint, verdict: Verdict
) -> None:
    assert unify(left, right, standing=STANDING, given=[constraint]).verdict is verdict
