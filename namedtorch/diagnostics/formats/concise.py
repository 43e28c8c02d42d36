"""Findings for a shell: one line each, as compilers write them."""

from collections.abc import Callable, Sequence

from namedtorch.diagnostics.formats.characters import on_one_line, visible
from namedtorch.diagnostics.source import Problem, in_order


def write(problems: Sequence[Problem], source: Callable[[str], str]) -> str:
    """A line for each finding: `path:line:column: error[code] message`; the source is not read."""
    return "\n".join(_line(one) for one in in_order(problems))


def _line(problem: Problem) -> str:
    place = problem.place
    where = f"{visible(place.path)}:{place.line}:{place.column}"
    return f"{where}: {problem.severity}[{visible(problem.code)}] {on_one_line(problem.message)}".rstrip()
