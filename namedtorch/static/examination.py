"""Files checked one after the other, in this process."""

import gc
import os
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager

from namedtorch.dims.unknown import Unknown
from namedtorch.static.checked import CheckModule, Options
from namedtorch.static.project import Project
from namedtorch.static.record import Record
from namedtorch.static.source_module import BrokenModule
from namedtorch.static.suppression import anchors, ignores

FEW = 12
"""Fewer files are checked sooner by one process than by several."""

COLLECTED = 300_000
"""Python looks for garbage after so many new objects, not after 700: syntax trees are millions, and none is garbage."""

_MOST_PARSED = 6_000_000
"""After so many characters, parsed modules are forgotten: their trees take some forty times the room of the text."""


def examine(
    paths: Sequence[str], project: Project, check_module: CheckModule
) -> Iterator[tuple[str, Record]]:
    """Checks files, and yields each with its record."""
    with rarely_collected():
        for path in paths:
            yield path, examined(path, project, check_module)
            project = relieved(project)


@contextmanager
def rarely_collected() -> Generator[None]:
    """Lets Python look for garbage after `COLLECTED` new objects, as long as the context lasts."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def examined(path: str, project: Project, check_module: CheckModule) -> Record:
    """Checks one file; whatever goes wrong becomes a failure of the record."""
    try:
        module = project.module_at(path)
        if isinstance(module, BrokenModule):
            problems = {} if module.problem is Unknown else {module.problem: (module.problem.place.line,)}
            return Record(problems, broken=module.reason)
        checked = check_module(module, project, Options(comments=project.configuration.comments))
        comments = ignores(module)
        lines = anchors(checked.problems, module.tree) if comments else [()] * len(checked.problems)
        problems = dict(zip(checked.problems, lines, strict=True))
        dependencies = tuple(sorted(checked.dependencies - {module.path}))
        return Record(problems, comments, checked.over_budget, dependencies)
    except (
        Exception
    ) as error:  # A file that the checker trips over must not keep the others from being checked.
        return Record(failure=_failure(error))


def _failure(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    at = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300] + at


def relieved(project: Project) -> Project:
    """The project to go on with; one of which nothing is parsed, where much was."""
    if project.parsed() <= _MOST_PARSED:
        return project
    # Trees and what was made of them lie in cycles.
    gc.collect()
    return project.unparsed()


def available_cores() -> int:
    """How many cores this process may use."""
    counted: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return max(1, len(counted(0)) if counted else os.cpu_count() or 1)
