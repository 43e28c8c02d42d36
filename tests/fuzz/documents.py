"""What holds for manifests and their parts, whatever stands in the JSON."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from namedtorch.archive.container import Archive
from namedtorch.archive.document import parse_document
from namedtorch.archive.inspect import describe, to_dict
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.version import SCHEMA_VERSION
from namedtorch.diagnostics import ArchiveError
from namedtorch.signature.plan import Plan
from namedtorch.signature.signature import Signature
from tests.fuzz.texts import planned, rewritten, said

LONGEST_LINE = 2000


def manifest(data: bytes) -> bool:
    """A manifest is written as bytes that read as the same manifest; what is shown of it is printable lines."""
    try:
        found = Manifest.from_json(data, "m.pt")
    except ArchiveError as error:
        refusal(error, "m.pt")
        return False
    written = found.to_json()
    again = Manifest.from_json(written, "m.pt")
    assert again == replace(found, schema_version=SCHEMA_VERSION)
    assert again.to_json() == written
    shown(found)
    return True


def shown(found: Manifest) -> None:
    """What `inspect` says of a manifest fits a terminal, and JSON."""
    archive = Archive(Path("m.pt"), 1000, False, found)
    text = describe(archive)
    assert all(line.isprintable() and len(line) <= LONGEST_LINE for line in text.split("\n"))
    json.dumps(to_dict(archive), allow_nan=False)


def signature(data: bytes) -> bool:
    """A signature out of JSON is written as it was read, and has a plan that is."""
    return _part(data, Signature.from_json, _signature)


def plan(data: bytes) -> bool:
    """A plan out of JSON is written as it was read."""
    return _part(data, Plan.from_json, _plan)


def refusal(error: ArchiveError, path: str) -> None:
    """A refusal is one printable line that starts with the path."""
    text = str(error)
    assert text.startswith(f"{path}: ")
    assert text.isprintable()
    assert len(text) < 1000


def _part(data: bytes, read: Callable[[Any], Any], holds: Callable[[Any], None]) -> bool:
    try:
        found = read(parse_document(data))
    except ValueError as error:
        said(error)
        return False
    holds(found)
    return True


def _signature(found: Signature) -> None:
    # A default that is no plain value reads back as one object that says so.
    assert Signature.from_json(rewritten(found.to_json())) == found
    str(found)
    planned(found)


def _plan(found: Plan) -> None:
    assert Plan.from_json(rewritten(found.to_json())) == found
    assert isinstance(found.attributes, tuple)
