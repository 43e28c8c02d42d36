"""The bounds that docs/threat-model.md promises are those that the readers hold."""

import re
from pathlib import Path

import pytest

from namedtorch.archive import (
    directory,
    document,
    executorch_file,
    field_rules,
    inspect,
    interface,
    metadata,
    onnx_file,
    protobuf,
)
from namedtorch.dims import polynomial
from namedtorch.signature import hint_json
from namedtorch.syntax import parse
from tests.fuzz import bounds

PAGE = Path(__file__).parents[2] / "docs" / "threat-model.md"
MIB = 2**20

ROWS = [
    ("the manifest", [document.LONGEST // MIB, document._MOST_VALUES, document._DEEPEST]),
    (
        "metadata in it",
        [metadata.MOST_BYTES // MIB, metadata.DEEPEST, (metadata._LARGEST + 1).bit_length() - 1],
    ),
    (
        "a shape or signature as text",
        [
            parse.MAX_LENGTH,
            parse.MAX_DEPTH,
            polynomial.MAX_COEFFICIENT.bit_length() + 1,
            polynomial.MAX_TERMS,
            polynomial.MAX_EXPONENT,
        ],
    ),
    ("hints of a signature", [hint_json.MAX_DEPTH]),
    (
        "methods; parameters, buffers, dims and operators that a manifest names",
        [field_rules.MOST_METHODS, field_rules.MOST_ENTRIES],
    ),
    ("the interface of a flat graph", [interface._MOST, interface._DEEPEST]),
    ("the drawing of a model", [field_rules.MOST_NODES, field_rules.MOST_EDGES]),
    ("a zip's directory", [directory.LONGEST_DIRECTORY // MIB, directory.MOST_RECORDS]),
    ("what a zip unpacks to", [directory._MOST_UNPACKED // MIB, directory._MOST_RATIO]),
    ("fields of an ONNX model", [protobuf.MOST_FIELDS, onnx_file._DEEPEST]),
    (
        "methods, and values of the manifest's own, of an ExecuTorch program",
        [executorch_file._MOST_METHODS],
    ),
    ("what is printed of a file", [inspect._LONGEST_LINE]),
]


def rows() -> dict[str, list[int]]:
    """The numbers in the right column of the table of bounds."""
    table = PAGE.read_text(encoding="utf-8").partition("## Bounds")[2].partition("\n## ")[0]
    found = re.findall(r"^\| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    numbers = {name: re.findall(r"\d[\d,]*", text) for name, text in found}
    return {name: [int(one.replace(",", "")) for one in listed] for name, listed in numbers.items()}


@pytest.mark.parametrize(("name", "limits"), ROWS, ids=[name for name, _ in ROWS])
def test_a_bound_is_the_readers_own(name: str, limits: list[int]) -> None:
    assert rows()[name] == limits


def test_every_bound_is_compared() -> None:
    assert set(rows()) - {"what"} == {name for name, _ in ROWS}


def test_the_fuzzer_holds_what_is_promised() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert (bounds.LONGEST, bounds.SECONDS, bounds.MEMORY) == (64 * 1024, 1, 200 * MIB)
    assert (
        "An input of 64 kB to any of the readers takes under a second of processor time and under 200 MB"
        in text
    )
