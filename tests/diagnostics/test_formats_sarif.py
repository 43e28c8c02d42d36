"""SARIF: the structure that version 2.1.0 of the standard asks for, and what stands in it."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namedtorch.diagnostics import CODES
from namedtorch.diagnostics.formats.sarif import write
from namedtorch.diagnostics.source import Place, Problem, Remark
from tests.diagnostics.test_formats_carets import wild_problems

GOLDEN = Path(__file__).parent / "formats" / "found.sarif"

# Of each object: the properties it must have, those it may have of the ones that a checker of source files needs,
# and what each holds: an object by its name, a list of them, or a test of a value.
Holds = str | list[str] | Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(least: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value >= least


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: value in values


def _uri(value: Any) -> bool:
    """RFC 3986: a URI or a relative reference, whose first segment holds no colon."""
    characters = r"(?:[\w.~!$&'()*+;=@/-]|%[0-9A-F]{2})*"
    return bool(re.fullmatch(rf"(?:file://(?=/)(?:{characters}|:)*|{characters})", value, re.ASCII))


OBJECTS: dict[str, tuple[set[str], dict[str, Holds]]] = {
    "log": ({"version", "runs"}, {"$schema": _text, "version": _one_of("2.1.0"), "runs": ["run"]}),
    "run": (
        {"tool", "results"},
        {
            "tool": "tool",
            "results": ["result"],
            "columnKind": _one_of("utf16CodeUnits", "unicodeCodePoints"),
        },
    ),
    "tool": ({"driver"}, {"driver": "driver"}),
    "driver": ({"name"}, {"name": _text, "version": _text, "rules": ["rule"]}),
    "rule": ({"id"}, {"id": _text, "shortDescription": "message", "help": "message"}),
    "message": ({"text"}, {"text": _text}),
    "result": (
        {"message"},
        {
            "ruleId": _text,
            "ruleIndex": _count(-1),
            "level": _one_of("none", "note", "warning", "error"),
            "message": "message",
            "locations": ["location"],
            "relatedLocations": ["location"],
        },
    ),
    "location": (
        set(),
        {"id": _count(-1), "physicalLocation": "physicalLocation", "message": "message"},
    ),
    "physicalLocation": ({"artifactLocation"}, {"artifactLocation": "artifact", "region": "region"}),
    "artifact": (set(), {"uri": _uri, "uriBaseId": _text}),
    "region": (
        {"startLine"},
        {"startLine": _count(1), "startColumn": _count(1), "endLine": _count(1), "endColumn": _count(1)},
    ),
}


def faults(value: Any, holds: Holds = "log", where: str = "log") -> list[str]:
    """The places in a log that are not as the standard says."""
    if callable(holds):
        return [] if holds(value) else [where]
    if isinstance(holds, list):
        if not isinstance(value, list):
            return [where]
        return [fault for at, one in enumerate(value) for fault in faults(one, holds[0], f"{where}[{at}]")]
    required, properties = OBJECTS[holds]
    if not isinstance(value, dict):
        return [where]
    found = [f"{where}.{name}" for name in (required - set(value)) | (set(value) - set(properties))]
    for name in set(value) & set(properties):
        found += faults(value[name], properties[name], f"{where}.{name}")
    return found + _between(value, holds, where)


def _between(value: dict[str, Any], holds: str, where: str) -> list[str]:
    """What properties of one object say of each other."""
    match holds:
        case "run":
            rules = [rule["id"] for rule in value["tool"]["driver"]["rules"]]
            fits = len(set(rules)) == len(rules) and all(
                rules[result["ruleIndex"]] == result["ruleId"] for result in value["results"]
            )
        case "result":
            ids = [one["id"] for one in value.get("relatedLocations", [])]
            fits = len(set(ids)) == len(ids)
        case "artifact":
            fits = ("uriBaseId" in value) != value["uri"].startswith("file:")
        case "region":
            start, end = (value["startLine"], value["startColumn"]), (value["endLine"], value["endColumn"])
            fits = start <= end
        case _:
            fits = True
    return [] if fits else [where]


@given(st.lists(wild_problems(), max_size=5))
def test_every_log_is_as_the_standard_says(problems: list[Problem]) -> None:
    log = json.loads(write(problems, str))
    assert faults(log) == []
    assert len(log["runs"][0]["results"]) == len(problems)


# What is done to the golden log, and where the check must see it.
BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another version": (lambda log: log.update(version="2.2"), "log.version"),
    "no runs": (lambda log: log.pop("runs"), "log.runs"),
    "no list": (lambda log: log.update(runs={}), "log.runs"),
    "an unknown property": (lambda log: log["runs"][0].update(columns="x"), "log.runs[0].columns"),
    "an unknown level": (
        lambda log: log["runs"][0]["results"][1].update(level="fatal"),
        "log.runs[0].results[1].level",
    ),
    "another rule": (lambda log: log["runs"][0]["results"][1].update(ruleIndex=2), "log.runs[0]"),
    "a rule twice": (
        lambda log: log["runs"][0]["tool"]["driver"]["rules"].append({"id": "first-code"}),
        "log.runs[0]",
    ),
    "one id twice": (
        lambda log: log["runs"][0]["results"][0]["relatedLocations"][0].update(id=2),
        "log.runs[0].results[0]",
    ),
    "a column from 0": (
        lambda log: _first(log)["region"].update(startColumn=0),
        "log.runs[0].results[0].locations[0].physicalLocation.region.startColumn",
    ),
    "an end before the start": (
        lambda log: _first(log)["region"].update(endLine=1),
        "log.runs[0].results[0].locations[0].physicalLocation.region",
    ),
    "a space in a URI": (
        lambda log: _first(log)["artifactLocation"].update(uri="a b.py"),
        "log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri",
    ),
    "a scheme in a relative URI": (
        lambda log: _first(log)["artifactLocation"].update(uri="a:b.py"),
        "log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri",
    ),
}


def _first(log: dict[str, Any]) -> dict[str, Any]:
    return log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]


@pytest.mark.parametrize("name", BROKEN)
def test_the_check_sees_a_log_that_is_broken(name: str) -> None:
    log = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert faults(log) == []
    broken = copy.deepcopy(log)
    change, where = BROKEN[name]
    change(broken)
    assert faults(broken) == [where]


PATHS = [
    ("a.py", {"uri": "a.py", "uriBaseId": "%SRCROOT%"}),
    ("./models/a.py", {"uri": "models/a.py", "uriBaseId": "%SRCROOT%"}),
    ("../a.py", {"uri": "../a.py", "uriBaseId": "%SRCROOT%"}),
    ("a b/数%.py", {"uri": "a%20b/%E6%95%B0%25.py", "uriBaseId": "%SRCROOT%"}),
    ("c:a.py", {"uri": "c%3Aa.py", "uriBaseId": "%SRCROOT%"}),
    ("\udcff.py", {"uri": "%FF.py", "uriBaseId": "%SRCROOT%"}),
    ("/src/a b.py", {"uri": "file:///src/a%20b.py"}),
]


@pytest.mark.parametrize(("path", "artifact"), PATHS)
def test_a_path_is_a_uri(path: str, artifact: dict[str, str]) -> None:
    log = json.loads(write([Problem("dims-differ", "error", "", Place(path, 1, 1, 1, 2))], str))
    assert _first(log)["artifactLocation"] == artifact


REGIONS = [
    (Place("a.py", 3, 5, 3, 9), (3, 5, 3, 9)),
    (Place("a.py", 3, 5, 4, 2), (3, 5, 4, 2)),
    (Place("a.py", 3, 5, 3, 5), (3, 5, 3, 5)),
    (Place("a.py", 0, 0, 0, 0), (1, 1, 1, 1)),
    (Place("a.py", 3, 5, 2, 9), (3, 5, 3, 9)),
    (Place("a.py", 3, 5, 4, -1), (3, 5, 4, 1)),
]


@pytest.mark.parametrize(("place", "region"), REGIONS)
def test_a_place_is_a_region(place: Place, region: tuple[int, ...]) -> None:
    log = json.loads(write([Problem("dims-differ", "error", "", place)], str))
    assert tuple(_first(log)["region"].values()) == region
    assert list(_first(log)["region"]) == ["startLine", "startColumn", "endLine", "endColumn"]


def test_a_rule_has_the_page_of_its_code() -> None:
    place = Place("a.py", 1, 1, 1, 2)
    found = [Problem(code, "error", "", place) for code in (*CODES, "no-page-yet", *CODES)]
    rules = json.loads(write(found, str))["runs"][0]["tool"]["driver"]["rules"]
    pages = {
        code.name: {
            "id": code.name,
            "shortDescription": {"text": code.title},
            "help": {"text": code.page.rstrip()},
        }
        for code in CODES.values()
    }
    assert rules == [pages.get(name, {"id": name}) for name in sorted([*CODES, "no-page-yet"])]


def test_a_remark_is_a_related_location() -> None:
    place, other = Place("a.py", 1, 1, 1, 2), Place("b.py", 2, 3, 2, 4)
    found = [Problem("dims-differ", "error", "wrong", place, "here", (Remark(other, "there"),), "do")]
    (result,) = json.loads(write(found, str))["runs"][0]["results"]
    assert result["message"] == {"text": "wrong\nhelp: do"}
    assert result["locations"][0]["message"] == {"text": "here"}
    (related,) = result["relatedLocations"]
    assert related["message"] == {"text": "there"}
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "b.py"
