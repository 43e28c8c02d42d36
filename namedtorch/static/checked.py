"""What the checker is asked, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass

from namedtorch.diagnostics.source import Place, Problem
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule


@dataclass(frozen=True, slots=True)
class Options:
    """What is checked besides: dims in comments behind assignments."""

    comments: bool = False


@dataclass(frozen=True, slots=True)
class Inferred:
    """The dims, as text, of the target of an assignment or of a call."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one module.

    `over_budget` names the functions that were too large to be followed, `dependencies` are the paths of all files
    that an edit of could change the findings, however far away.
    """

    problems: tuple[Problem, ...] = ()
    over_budget: tuple[str, ...] = ()
    dependencies: frozenset[str] = frozenset()
    inferred: tuple[Inferred, ...] = ()


CheckModule = Callable[[SourceModule, Project, Options], Checked]
"""Checks one module of a project; raises nothing."""
