"""What the check of one file found, in a form that can be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from namedtorch.diagnostics.source import Place, Problem, Remark
from namedtorch.static.suppression import Ignore


@dataclass(frozen=True, slots=True)
class Record:
    """All that a check of one file found, before codes are selected and comments count.

    `problems` have the lines on which a comment silences them. `broken` says why the file could not be read, `failure`
    what went wrong inside of namedtorch.
    """

    problems: Mapping[Problem, tuple[int, ...]] = field(default_factory=dict[Problem, tuple[int, ...]])
    ignores: tuple[Ignore, ...] = ()
    over_budget: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    broken: str = ""
    failure: str = ""

    def to_json(self) -> list[Any]:
        """The record as JSON-able data, without its dependencies and failure: `from_json` reads it."""
        return [
            [[asdict(problem), lines] for problem, lines in self.problems.items()],
            [asdict(one) for one in self.ignores],
            self.over_budget,
            self.broken,
        ]

    @staticmethod
    def from_json(data: Sequence[Any]) -> "Record":
        """The record of such data."""
        problems, comments, over_budget, broken = data
        return Record(
            {_problem(problem): tuple(lines) for problem, lines in problems},
            tuple(_ignore(one) for one in comments),
            tuple(over_budget),
            broken=broken,
        )


def _problem(data: dict[str, Any]) -> Problem:
    remarks = tuple(Remark(Place(**one["place"]), one["text"]) for one in data["remarks"])
    fields: dict[str, Any] = {**data, "place": Place(**data["place"]), "remarks": remarks}
    return Problem(**fields)


def _ignore(data: dict[str, Any]) -> Ignore:
    fields: dict[str, Any] = {**data, "place": Place(**data["place"]), "codes": tuple(data["codes"])}
    return Ignore(**fields)
