"""Findings in source files: what is wrong, at which place, and where the other side came from."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
"""How much a finding weighs; a note answers a question (`reveal_dims`)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A half-open range of a file: lines and columns count from 1, columns in characters, the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of another place: where the other side came from."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in a source file; `label` is what is said at its place, `help` what to do."""

    code: str
    severity: Severity
    message: str
    place: Place
    label: str = ""
    remarks: tuple[Remark, ...] = ()
    help: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON-able data; the first of `labels` is its own, if it has one."""
        own = (Remark(self.place, self.label),) if self.label else ()
        return asdict(self.place) | {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
            "labels": [asdict(one.place) | {"message": one.text} for one in (*own, *self.remarks)],
        }


def in_order(problems: Iterable[Problem]) -> Sequence[Problem]:
    """The findings by path, line, column and code, in the same order however they came."""
    return sorted(problems, key=_rank)


def _rank(problem: Problem) -> tuple[str, int, int, str, str]:
    place = problem.place
    return place.path, place.line, place.column, problem.code, repr(problem)
