"""Saved fields are for ever: an edit without a new schema version fails here."""

import hashlib
import json
from pathlib import Path

import pytest

from namedtorch.archive.fields import VERSIONS, schema_text
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.targets import SUFFIXES
from namedtorch.archive.version import SCHEMA_VERSION

GOLDEN = Path(__file__).parent / "golden"
MANIFESTS = sorted(GOLDEN.glob("*.json"))

RELEASED = {
    1: "3e68ec5705190f016deda0c9c377c688789e63f3c7a8e30809b94843086c1c26",
    2: "a753af77f55375cca216b716a054dd48dd5556797fcd048ca492412324ab44f7",
    3: "e4abfa15c0e33985cc6e2473c372d37cc1dfd89d1a5694c7b62dab9d28b00c85",
    4: "d2d5a9dfc90b5eb47e2c32f9ff336a0efc9deafaf396d7c760c1b7d6acd598fb",
}
"""For each released version the sum of its lines in sums.txt: nobody writes those files again."""


@pytest.mark.parametrize("version", VERSIONS)
def test_fields_are_those_of_the_checked_in_text(version: int) -> None:
    """A failure means: raise SCHEMA_VERSION, keep reading the old one, check in the new text beside the old."""
    assert schema_text(version) == (GOLDEN / f"schema-{version}.txt").read_text()


def test_every_version_has_a_text_and_a_manifest() -> None:
    versions = range(1, SCHEMA_VERSION + 1)
    assert list(VERSIONS) == list(versions)
    assert sorted(path.name for path in GOLDEN.glob("schema-*.txt")) == [
        f"schema-{one}.txt" for one in versions
    ]
    assert {int(path.name.split("-")[0]) for path in MANIFESTS} == set(versions)


@pytest.mark.parametrize("path", MANIFESTS, ids=[path.stem for path in MANIFESTS])
def test_manifests_of_every_version_read(path: Path) -> None:
    data = path.read_bytes()
    manifest = Manifest.from_json(data, path.name)
    assert str(manifest.signature) == GOLDEN.joinpath(f"{path.stem}.txt").read_text().strip()
    assert manifest.schema_version == int(path.name.split("-")[0])
    if manifest.schema_version == SCHEMA_VERSION:
        assert manifest.to_json() == data


@pytest.mark.parametrize("path", MANIFESTS, ids=[path.stem for path in MANIFESTS])
def test_parts_of_other_rooms_are_fields_of_the_schema_too(path: Path) -> None:
    """A failure means that signatures or plans are written otherwise than a released version wrote them."""
    methods = Manifest.from_json(path.read_bytes()).to_dict()["methods"]
    assert methods == json.loads(path.read_bytes())["methods"]


def test_golden_files_are_those_that_were_checked_in() -> None:
    """A failure means that a golden file changed, or that a new one is not in the list yet (write.py adds it)."""
    listed = dict(reversed(line.split("  ")) for line in (GOLDEN / "sums.txt").read_text().splitlines())
    files = [path for path in GOLDEN.iterdir() if path.suffix in (".json", ".txt", *SUFFIXES.values())]
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.name != "sums.txt"
    }
    assert found == listed


@pytest.mark.parametrize("version", RELEASED)
def test_golden_files_of_released_versions_stay(version: int) -> None:
    lines = (GOLDEN / "sums.txt").read_text().splitlines(keepends=True)
    own = [line for line in lines if line.split("  ")[1].startswith((f"{version}-", f"schema-{version}."))]
    assert hashlib.sha256("".join(own).encode()).hexdigest() == RELEASED[version]
