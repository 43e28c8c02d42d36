"""What came out of comparing two models: a verdict, and what it rests on."""

from dataclasses import dataclass
from typing import Any, Literal

from namedtorch.diagnostics.errors import MOST_SHOWN

Verdict = Literal["identical", "compatible", "breaking"]
"""Whether one model can stand in the place of another."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether a new model can stand in the place of an old one.

    `identical`: they take the same calls and promise the same results, whatever their dims are called. `compatible`:
    the new one takes every call of the old one, and what it returns is what the old one promised; `changes` says what
    else it takes and gives. `breaking`: it does not; `reasons` says why, one sentence each. `notes` is what callers may
    care about and no signature tells: other weights, another format. They have no say in the verdict.

    `old` and `new` are what the two are called in the text, `signatures` those of forward where their texts differ.
    """

    verdict: Verdict
    old: str
    new: str
    reasons: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    signatures: tuple[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON-able data."""
        return {
            "verdict": self.verdict,
            "old": self.old,
            "new": self.new,
            "reasons": list(self.reasons),
            "changes": list(self.changes),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self._sentence()}"]
        lines += _listed(self.reasons) + _listed(self.changes)
        if self.signatures is not None:
            lines += [f"  old: {self.signatures[0]}", f"  new: {self.signatures[1]}"]
        lines += [f"  note: {text}" for text in self.notes]
        return "\n".join(lines)

    def _sentence(self) -> str:
        match self.verdict:
            case "identical":
                return f"{self.new} takes the same calls as {self.old}, and promises the same results"
            case "compatible":
                return f"{self.new} can stand in the place of {self.old}, and differs in {_counted(self.changes)}"
            case "breaking":
                return f"{self.new} can't stand in the place of {self.old}, for {_counted(self.reasons, 'reason')}"


def _listed(texts: tuple[str, ...]) -> list[str]:
    lines = [f"  {number}. {text}" for number, text in enumerate(texts[:MOST_SHOWN], 1)]
    if len(texts) > MOST_SHOWN:
        lines.append(f"  ... and {len(texts) - MOST_SHOWN} more, all with --json")
    return lines


def _counted(texts: tuple[str, ...], what: str = "thing") -> str:
    return f"{len(texts)} {what}{'' if len(texts) == 1 else 's'}"
