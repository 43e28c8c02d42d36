"""Findings that were there before: a file of them, so that only new ones are reported."""

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from namedtorch.diagnostics.source import Problem
from namedtorch.static.configuration import ConfigurationError
from namedtorch.static.project import Project

_VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """What a finding is known by: its file, its code, what it says, and the text of its line, wherever that is."""

    path: str
    code: str
    message: str
    text: str


def known_by(project: Project, source: Callable[[str], str]) -> Callable[[Problem], Known]:
    """What gives what a finding of the project is known by; paths are relative to the project's root."""
    texts: dict[str, Sequence[str]] = {}

    def known(problem: Problem) -> Known:
        path, line = problem.place.path, problem.place.line
        lines = texts[path] if path in texts else texts.setdefault(path, _lines(path, source))
        text = lines[line - 1].strip() if line <= len(lines) else ""
        return Known(project.from_root(path), problem.code, problem.message, text)

    return known


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each known finding was there."""

    counts: Mapping[Known, int]

    @staticmethod
    def read(path: str) -> "Baseline":
        """The baseline in a file; raises ConfigurationError where there is none."""
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                document = cast("dict[str, Any]", json.load(file))
            if document["version"] != _VERSION:
                raise ConfigurationError(f"{path} is a baseline of another version of namedtorch")
            counts: Counter[Known] = Counter()
            for one in document["problems"]:
                counts[Known(one["path"], one["code"], one["message"], one["text"])] += int(one["count"])
        except FileNotFoundError:
            raise ConfigurationError(
                f"there is no baseline {path}; `--baseline {path} --update-baseline` writes it"
            ) from None
        except OSError as error:
            raise ConfigurationError(f"can't read {path}: {error.strerror or error}") from error
        except ConfigurationError:
            raise
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigurationError(f"{path} is no baseline of namedtorch") from error
        return Baseline(counts)

    def write(self, path: str) -> None:
        """Replaces the file by this baseline, at once and in a form that merges well; raises OSError."""
        problems = [
            {"path": one.path, "code": one.code, "message": one.message, "text": one.text, "count": count}
            for one, count in sorted(self.counts.items())
        ]
        text = json.dumps({"version": _VERSION, "problems": problems}, indent=2, ensure_ascii=False) + "\n"
        temporary = f"{path}.{os.getpid()}.new"
        try:
            with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
                file.write(text)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.remove(temporary)
            raise

    def new(self, problems: Iterable[Problem], known: Callable[[Problem], Known]) -> list[Problem]:
        """The findings that are not in it: of several that are known by the same, those beyond its count."""
        left = Counter(self.counts)
        found: list[Problem] = []
        for problem in problems:
            key = known(problem)
            if left[key] > 0 and problem.severity != "note":
                left[key] -= 1
            else:
                found.append(problem)
        return found

    def gone(
        self, problems: Iterable[Problem], known: Callable[[Problem], Known], checked: Collection[str]
    ) -> int:
        """How many of its findings in the checked files are there no more."""
        left = Counter({key: count for key, count in self.counts.items() if key.path in checked})
        left.subtract(known(problem) for problem in problems)
        return sum(count for count in left.values() if count > 0)

    def updated(
        self,
        problems: Sequence[Problem],
        known: Callable[[Problem], Known],
        checked: Collection[str],
        exists: Callable[[str], bool],
    ) -> "Baseline":
        """The baseline after a check: the findings of the checked files, and what was known of other files."""
        others = {
            one: count for one, count in self.counts.items() if one.path not in checked and exists(one.path)
        }
        return Baseline(others | Counter(known(one) for one in problems if one.severity != "note"))


def _lines(path: str, source: Callable[[str], str]) -> Sequence[str]:
    try:
        return source(path).split("\n")
    except OSError:
        return ()
