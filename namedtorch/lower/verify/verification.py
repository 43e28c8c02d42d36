"""What a verification found: what was compared, where the signature promises too much, what a trace keeps fixed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from namedtorch.diagnostics import LowerError

_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """One call of a method in one assignment of sizes: `differences` are in words, none where it is the original's.

    `sizes` is a text, `largest` the largest difference between two numbers.
    """

    method: str
    sizes: str
    largest: float
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """How a lowered model compares with its original.

    `wider` tells what the signature takes and the original does not, `fixed` the dims that keep one size in the graph,
    `notes` what could not be compared, and why. `warnings` tell what most likely is a mistake: two dims that are one,
    an original that takes nothing.
    """

    name: str
    comparisons: tuple[Comparison, ...] = ()
    wider: tuple[str, ...] = ()
    fixed: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differed. True also where nothing was compared: `comparisons` is empty then."""
        return not any(one.differences for one in self.comparisons)

    @property
    def largest(self) -> float:
        """The largest difference between two numbers, in all calls."""
        return max((one.largest for one in self.comparisons), default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """The verification as JSON-able data."""
        return {**asdict(self), "largest": self.largest, "is_same": self.is_same}

    def __str__(self) -> str:
        lines: list[str] = []
        methods = dict.fromkeys(one.method for one in self.comparisons)
        for method in methods:
            own = [one for one in self.comparisons if one.method == method]
            label = self.name if method == "forward" else f"{self.name}.{method}"
            same = [one.sizes for one in own if not one.differences]
            if same:
                largest = max(one.largest for one in own if not one.differences)
                apart = "equal in all digits" if not largest else f"at most {largest:.2g} apart"
                lines.append(f"verified: {label} as the original at {'; '.join(same)} ({apart})")
            lines += [
                f"differs: {label} at {one.sizes}: {'; '.join(one.differences[:_MOST_SHOWN])}"
                for one in own
                if one.differences
            ]
        return "\n".join(lines + [f"note: {one}" for one in (*self.wider, *self.notes)])


class VerifyError(LowerError):
    """A graph that does not compute what its original does; `verification` has all that was compared."""

    verification: Verification

    @classmethod
    def of_verification(cls, verification: Verification, fixed: Sequence[str], remedy: str) -> "VerifyError":
        """Builds the error: `fixed` are the sentences about dims that keep their size, `remedy` is what to do."""
        error = cls(_text(verification, fixed, remedy))
        error.verification = verification
        return error


def _text(verification: Verification, fixed: Sequence[str], remedy: str) -> str:
    bad = [one for one in verification.comparisons if one.differences]
    first = bad[0]
    label = verification.name if first.method == "forward" else f"{verification.name}.{first.method}"
    headline = f"{label} was lowered to a graph that does not compute what the original does"
    lines = [f"{fixed[0]} ({headline})" if fixed else headline, *(f"  {one}" for one in fixed[1:])]
    for one in bad[:_MOST_SHOWN]:
        where = one.sizes if one.method == first.method else f"{one.method} {one.sizes}"
        lines += [f"  at {where}: {difference}" for difference in one.differences[:_MOST_SHOWN]]
        if len(one.differences) > _MOST_SHOWN:
            lines.append(f"    ... and {len(one.differences) - _MOST_SHOWN} more places")
    if len(bad) > _MOST_SHOWN:
        lines.append(f"  ... and in {len(bad) - _MOST_SHOWN} more calls")
    same = [
        one.sizes for one in verification.comparisons if not one.differences and one.method == first.method
    ]
    lines += [f"  the same at {'; '.join(same[:_MOST_SHOWN])}"] if same else []
    lines += [f"  {one}" for one in verification.notes]
    return "\n".join([*lines, f"  {remedy}"])
