"""Interfaces out of a file that nobody vouches for: each part is what it says, or is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.interface import Interface
from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import ArchiveError
from tests.archive.conftest import Signed

GOLDEN = Path(__file__).parent / "golden"
X = {"name": "x", "path": ["x"]}
ONE = {"inputs": [X], "outputs": ["y"], "result": {"output": 0}, "fixed": [], "lengths": []}


def test_what_is_written_reads_back() -> None:
    result = {
        "record": "R",
        "fields": [["y", {"output": 0}], ["all", {"dict": [["a", {"list": []}], [1, {"value": None}]]}]],
    }
    data = ONE | {"result": result, "lengths": [{"path": ["xs"], "length": 2}]}
    assert Interface.from_json(data).to_json() == data


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"inputs": [X, X]}, "two inputs have one name"),
    ({"outputs": ["y", "y"]}, "two outputs have one name"),
    ({"outputs": ["y", "z"]}, r"the result is made of the outputs \[0\], and there are 2"),
    ({"result": {"output": 1}}, "'output' is a whole number up to 0, not 1"),
    ({"result": {"output": True}}, "'output' is a whole number up to 0, not True"),
    ({"result": {"set": []}}, r"no part of a result has \['set'\]"),
    ({"result": {"value": [1]}}, "list is nothing that a graph fixes"),
    ({"result": {"value": 2**63}}, "9223372036854775808 is no number of a graph"),
    ({"result": {"dict": [["a", {"output": 0}], ["a", {"value": 1}]]}}, "two values of one name"),
    ({"result": {"dict": [["a"]]}}, "an entry of 'dict' is a name and a value"),
    ({"result": {"record": "two words", "fields": []}}, "'two words' is no name"),
    # Two spellings of one name, which Python reads as one.
    (
        {"result": {"record": "R", "fields": [["fi", {"output": 0}], ["\ufb01", {"value": 1}]]}},
        "'\ufb01' is no name",
    ),
    ({"inputs": [{"name": "x", "path": []}]}, "a path has 0 steps"),
    (
        {"inputs": [{"name": "x", "path": ["x", -1]}]},
        "'step' is a whole number up to 9223372036854775807, not -1",
    ),
    ({"inputs": [{"name": "x", "path": ["x"] * 33}]}, "a path has 33 steps"),
    ({"lengths": [{"path": ["x"], "length": 10_001}]}, "'length' is a whole number up to 10000, not 10001"),
]


@pytest.mark.parametrize(("fields", "text"), WRONG, ids=[text for _, text in WRONG])
def test_what_is_wrong_is_told(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Interface.from_json(ONE | fields)


def test_results_nest_so_deep() -> None:
    deep: Any = {"output": 0}
    for _ in range(32):
        deep = {"list": [deep]}
    with pytest.raises(ValueError, match="the result is nested more than 32 deep"):
        Interface.from_json(ONE | {"result": deep})


CHANGES: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda data: data.pop("interface"), "is of the format 'executorch' and has no 'interface'"),
    (lambda data: data.update(format="torchscript"), "is of the format 'torchscript' and has an 'interface'"),
    (
        lambda data: data["methods"].update(encode=data["methods"]["forward"]),
        "is of the format 'executorch', which has forward alone, and names 'encode'",
    ),
    (lambda data: data["interface"].update(inputs=1), "has a bad 'interface' ("),
]


@pytest.mark.parametrize(("change", "text"), CHANGES, ids=[text for _, text in CHANGES])
def test_a_manifest_has_the_interface_of_its_format(
    signed: Signed, change: Callable[[dict[str, Any]], Any], text: str
) -> None:
    data = json.loads((GOLDEN / "5-exported.json").read_bytes())
    change(data)
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(signed(data), "m.pt2")
    assert str(caught.value).startswith(f"m.pt2: namedtorch.json {text}")
