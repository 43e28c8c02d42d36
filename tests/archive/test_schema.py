"""Saved fields are for ever: an edit without a new schema version fails here."""

from pathlib import Path

import pytest

from namedtorch.archive.fields import schema_text
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.version import SCHEMA_VERSION

GOLDEN = Path(__file__).parent / "golden"
MANIFESTS = sorted(GOLDEN.glob("*.json"))


def test_fields_are_those_of_the_checked_in_text() -> None:
    """A failure means: raise SCHEMA_VERSION, keep reading the old one, check in the new text beside the old."""
    assert schema_text() == (GOLDEN / f"schema-{SCHEMA_VERSION}.txt").read_text()


def test_every_version_has_a_text_and_a_manifest() -> None:
    versions = range(1, SCHEMA_VERSION + 1)
    assert [path.name for path in sorted(GOLDEN.glob("schema-*.txt"))] == [
        f"schema-{one}.txt" for one in versions
    ]
    assert {int(path.name.split("-")[0]) for path in MANIFESTS} == set(versions)


@pytest.mark.parametrize("path", MANIFESTS, ids=[path.stem for path in MANIFESTS])
def test_manifests_of_every_version_read(path: Path) -> None:
    data = path.read_bytes()
    manifest = Manifest.from_json(data, path.name)
    assert str(manifest.signature) == GOLDEN.joinpath(f"{path.stem}.txt").read_text().strip()
    if manifest.schema_version == SCHEMA_VERSION:
        # The parts that other rooms write (signature, plan) are fields of the schema too.
        assert manifest.to_json() == data
