"""A manifest, and files made by hand: TorchScript's container is a zip, so that torch is not needed."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.manifest import Manifest, Method
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature

SIGNATURE = "image: N C=3 H W -> N classes=10 where H >= 32, W >= 32"

Records = list[tuple[str, bytes]]
Pack = Callable[[str, Records], Path]
Signed = Callable[[dict[str, Any]], bytes]


@pytest.fixture
def manifest() -> Manifest:
    signature = parse_signature(SIGNATURE)
    return Manifest(
        name="models.digits.Classifier",
        kind="module",
        mode="eval",
        guards="boundary",
        methods={"forward": Method(signature, build_plan(signature))},
        torch_version="2.13.0",
        namedtorch_version="0.1.0",
    )


@pytest.fixture
def signed() -> Signed:
    """Writes a document with the digest that belongs to it, whatever else is in it."""

    def write(document: dict[str, Any]) -> bytes:
        rest = {name: value for name, value in document.items() if name != "digest"}
        # As the schema's text says it, by hand: a reader in another language does the same.
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return json.dumps({**rest, "digest": hashlib.sha256(text.encode()).hexdigest()}).encode()

    return write


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Writes a zip of these records, in this order, stored as torch stores them."""

    def write(name: str, records: Records) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as container:
            for record, data in records:
                container.writestr(record, data)
        return path

    return write


@pytest.fixture
def archive(pack: Pack, manifest: Manifest) -> Path:
    """A file with the records of a TorchScript archive, of which only the manifest is real."""
    return pack(
        "classifier.pt",
        [
            ("classifier/extra/namedtorch.json", manifest.to_json()),
            ("classifier/data/0", bytes(4000)),
            ("classifier/data.pkl", b"\x80\x02."),
            ("classifier/constants.pkl", b"\x80\x02)."),
            ("classifier/version", b"3\n"),
        ],
    )
