"""Findings for code scanning: a log of SARIF 2.1.0, the standard of OASIS for results of static analysis."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from namedtorch import __version__
from namedtorch.diagnostics.codes import CODES
from namedtorch.diagnostics.source import Place, Problem, in_order

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_ROOT = "%SRCROOT%"
"""The folder that relative paths begin at, under the name that readers of SARIF know."""


def write(problems: Sequence[Problem], source: Callable[[str], str]) -> str:
    """The findings as a SARIF log of one run; the source is not read."""
    ordered = in_order(problems)
    rules = {code: at for at, code in enumerate(sorted({one.code for one in ordered}))}
    run = {
        "tool": {
            "driver": {
                "name": "namedtorch",
                "version": __version__,
                "rules": [_rule(code) for code in rules],
            }
        },
        # A column of ours is a character, and not a unit of UTF-16.
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, rules) for one in ordered],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(name: str) -> dict[str, Any]:
    """A code and its page; the name alone of one that has no page."""
    if name not in CODES:
        return {"id": name}
    code = CODES[name]
    return {
        "id": name,
        "shortDescription": {"text": code.title},
        "help": {"text": code.page.rstrip()},
    }


def _result(problem: Problem, rules: Mapping[str, int]) -> dict[str, Any]:
    help_text = f"\nhelp: {problem.help}" if problem.help else ""
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rules[problem.code],
        "level": problem.severity,
        "message": {"text": problem.message + help_text},
        "locations": [_location(problem.place, problem.label)],
    }
    if problem.remarks:
        result["relatedLocations"] = [
            {"id": number, **_location(remark.place, remark.text)}
            for number, remark in enumerate(problem.remarks, 1)
        ]
    return result


def _location(place: Place, text: str) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(place.path), "region": _region(place)}
    }
    return location | ({"message": {"text": text}} if text else {})


def _region(place: Place) -> dict[str, int]:
    """The range of a place, none of its numbers below what SARIF takes; its end is exclusive there, too."""
    line, column = max(1, place.line), max(1, place.column)
    end_line = max(line, place.end_line)
    end_column = max(1 if end_line > line else column, place.end_column)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _artifact(path: str) -> dict[str, str]:
    """The file as a URI: relative to the root of the sources, or absolute as the path is."""
    pure = PurePath(path)
    posix = pure.as_posix()
    if not pure.is_absolute():
        return {"uri": _quoted(posix), "uriBaseId": _ROOT}
    # A drive needs a slash before it, and keeps its colon.
    return {"uri": "file://" + ("" if posix.startswith("/") else "/") + _quoted(posix, safe="/:")}


def _quoted(path: str, safe: str = "/") -> str:
    """The path with all but plain letters as `%` and a byte, as the file system holds it where it does."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"), safe)
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "replace"), safe)
