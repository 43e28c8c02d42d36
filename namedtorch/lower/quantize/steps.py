"""Steps: the candidates that `auto` tried, and what came of each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from namedtorch.diagnostics.table import aligned
from namedtorch.lower.quantize.metrics import Judgement, shown


@dataclass(frozen=True, slots=True)
class Step:
    """A candidate that `auto` tried: what it was, its numbers, whether they are within the tolerance, and why.

    `settings` says it in words ("int8, per channel, x86"), `skipped` which layers stayed float for its sake.
    `float_metrics` and `metrics` are the numbers of the float model and of the candidate by the metrics' names; both
    are empty where it could not be made. `reason` is a sentence.
    """

    method: str
    metrics: Mapping[str, float]
    accepted: bool
    reason: str
    settings: str = ""
    skipped: tuple[str, ...] = ()
    float_metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    judgement: Judgement = field(default_factory=Judgement)

    @property
    def label(self) -> str:
        """The candidate in few words."""
        rest = f", {len(self.skipped)} layer{'s' * (len(self.skipped) > 1)} float" if self.skipped else ""
        return f"{self.method} ({self.settings}{rest})" if self.settings else self.method + rest

    def to_dict(self) -> dict[str, Any]:
        """The step as JSON-able data; what is not finite is null."""
        return {
            "method": self.method,
            "settings": self.settings,
            "skipped": list(self.skipped),
            "accepted": self.accepted,
            "reason": self.reason,
            "float_metrics": _finite(self.float_metrics),
            "metrics": _finite(self.metrics),
            "judgement": self.judgement.to_dict(),
        }


def path_text(steps: Sequence[Step]) -> str:
    """What `auto` tried, for people: the numbers of each candidate side by side, then what came of each."""
    if not steps:
        return ""
    names = list(dict.fromkeys(name for one in steps for name in (*one.float_metrics, *one.metrics)))
    lines: list[str] = []
    if names:
        before = next((one.float_metrics for one in steps if one.float_metrics), {})
        rows = [["", *names, ""], ["float", *(_cell(before, name) for name in names), ""]]
        for number, one in enumerate(steps, 1):
            verdict = "taken" if one.accepted else "not made" if not one.metrics else "not taken"
            rows.append([f"{number}. {one.label}", *(_cell(one.metrics, name) for name in names), verdict])
        lines += aligned(rows, right=range(1, len(names) + 1))
    for number, one in enumerate(steps, 1):
        lines.append(f"{number}. {one.label}: {one.reason}")
    return "\n".join(lines)


def _cell(numbers: Mapping[str, float], name: str) -> str:
    return shown(numbers[name]) if name in numbers else "-"


def _finite(numbers: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}
