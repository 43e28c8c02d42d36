"""A check: which files, what is known of them, who examines the rest, and what is reported."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from namedtorch.diagnostics.source import Problem, in_order
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.cache import Cache
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.record import Record
from namedtorch.static.selection import Selection
from namedtorch.static.suppression import without_silenced

Examine = Callable[[Sequence[str], Project], Iterable[tuple[str, Record]]]
"""Checks files of a project, and gives each with its record in any order.

It is a parameter of a check, because what examines takes long to load, and a check whose answers are all known must
not wait for it.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check of `files` found, in order of place; `notices` are for who asks for more.

    `failures` say which files namedtorch itself failed on, or could not read although they were named: nothing is
    known of these. `known` of the files were not examined again.
    """

    project: Project
    problems: tuple[Problem, ...]
    notices: tuple[str, ...]
    failures: tuple[str, ...]
    files: tuple[str, ...]
    known: int


def check(
    paths: Sequence[str], configuration: Configuration | UnknownType, cache_folder: str, examine: Examine
) -> Outcome:
    """Checks files and folders; without any, the whole project.

    `cache_folder` is where records are kept ("": nowhere). Raises ConfigurationError where the project's
    pyproject.toml, which is read unless a configuration is given, says nothing clear.
    """
    project = Project.of(paths, configuration)
    cache = Cache.of(project, cache_folder)
    records: dict[str, Record] = {}
    for path in project.checked:
        record = cache.find(path)
        if record is not Unknown:
            records[path] = record
    known = len(records)
    missing = [path for path in project.checked if path not in records]
    try:
        for path, record in examine(missing, project) if missing else ():
            records[path] = record
            cache.store(path, record)
    finally:
        # Of a check that is interrupted, what is done need not be done again.
        cache.save()
    return _outcome(project, records, known)


def _outcome(project: Project, records: Mapping[str, Record], known: int) -> Outcome:
    selection = Selection.of(project.configuration)
    problems: list[Problem] = []
    notices: list[str] = []
    failures: list[str] = []
    for path in project.checked:
        record = records[path]
        if record.failure:
            failures.append(f"internal error in {path}: {record.failure}; please report it with that file")
            continue
        if record.broken and path not in project.named:
            notices.append(f"{path}: not checked: {record.broken}")
            continue
        if record.broken and not record.problems:
            failures.append(f"{path} {record.broken}")
        here = selection.at(project.from_root(path))
        problems += without_silenced(record.problems, record.ignores, here)
        notices += [
            f"{path}: `{name}` is too large to be followed; nothing in it is known"
            for name in record.over_budget
        ]
    return Outcome(
        project,
        tuple(in_order(dict.fromkeys(problems))),
        tuple(notices),
        tuple(failures),
        project.checked,
        known,
    )
