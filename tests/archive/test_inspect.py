"""What a person and a program read of an archive."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from namedtorch.archive.container import Archive, read_archive
from namedtorch.archive.inspect import describe, to_dict
from namedtorch.archive.manifest import Manifest, Method
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import TENSOR, DictHint, ListHint, OptionalHint, PlainHint, TensorHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.syntax.resolve import parse_shape


def tensor(shape: str, family: str = "Float") -> TensorHint:
    return TensorHint(TENSOR, FAMILIES[family], parse_shape(shape))


DETECTOR = Signature(
    (
        Parameter("images", ListHint(tensor("C=3 ?H ?W"))),
        Parameter("mask", OptionalHint(tensor("N", "Bool")), default=None),
        Parameter("threshold", PlainHint("float"), default=0.5),
    ),
    DictHint(tensor("N 4")),
)


def archive_of(manifest: Manifest, signature: Signature, name: str = "detect.pt") -> Archive:
    method = Method(signature, build_plan(signature))
    return Archive(Path("models", name), 14_321_000, True, replace(manifest, methods={"forward": method}))


def test_readable_block(archive: Path) -> None:
    assert (
        describe(read_archive(archive))
        == f"""\
classifier.pt: models.digits.Classifier (module, eval mode)

  forward: image: N C=3 H W -> N classes=10 where H >= 32, W >= 32
    image  Shaped  N C=3 H W
    ->     Shaped  N classes=10
    where  H >= 32, W >= 32

  guard  in the graph, at the outermost module
  file   {archive.stat().st_size / 1000:.1f} kB, TorchScript
  made   script by namedtorch 0.1.0, torch 2.13.0; schema 1, rules 1"""
    )


def test_block_of_a_signature_with_containers(manifest: Manifest) -> None:
    assert (
        describe(archive_of(replace(manifest, guards="none", mode="train"), DETECTOR))
        == """\
detect.pt: models.digits.Classifier (module, train mode)

  forward: images: list[C=3 ?H ?W], mask: N | None = None, threshold: float = 0.5 -> dict[str, N 4]
    images     Float  list[C=3 ?H ?W]
    mask       Bool   N | None = None
    threshold         float = 0.5
    ->         Float  dict[str, N 4]

  guard  not in the graph; load checks in Python
  file   14.3 MB, TorchScript, for the lite interpreter too
  made   script by namedtorch 0.1.0, torch 2.13.0; schema 1, rules 1"""
    )


def test_scalars_are_named(manifest: Manifest) -> None:
    text = describe(archive_of(manifest, Signature((Parameter("x", tensor("N")),), tensor("", "Int"))))
    assert "\n    ->  Int    (a scalar)\n" in text


def test_other_methods_follow_forward(manifest: Manifest) -> None:
    encode = Signature((Parameter("x", tensor("N C")),), tensor("N d=8"))
    methods = {"encode": Method(encode, build_plan(encode)), **manifest.methods}
    text = describe(Archive(Path("m.pt"), 999, False, replace(manifest, methods=methods)))
    assert text.index("  forward: image") < text.index("  encode: x: N C -> N d=8\n    x   Float  N C\n")
    assert "999 bytes" in text


def test_data_says_the_same(archive: Path, manifest: Manifest) -> None:
    data = to_dict(read_archive(archive))
    assert json.loads(json.dumps(data)) == data
    assert data["manifest"] == json.loads(manifest.to_json())
    assert {key: value for key, value in data.items() if key not in ("manifest", "methods")} == {
        "path": str(archive),
        "bytes": archive.stat().st_size,
        "lite": False,
        "name": "models.digits.Classifier",
        "kind": "module",
        "mode": "eval",
        "guards": "boundary",
        "method": "script",
        "namedtorch_version": "0.1.0",
        "torch_version": "2.13.0",
        "schema_version": 1,
        "rules_version": 1,
        "signature": "image: N C=3 H W -> N classes=10 where H >= 32, W >= 32",
    }
    assert data["methods"] == {
        "forward": {
            "signature": "image: N C=3 H W -> N classes=10 where H >= 32, W >= 32",
            "parameters": [{"name": "image", "required": True, "dims": "N C=3 H W", "dtypes": ["Shaped"]}],
            "result": {"dims": "N classes=10", "dtypes": ["Shaped"]},
            "where": ["H >= 32", "W >= 32"],
        }
    }


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\u202e", "x" * 100_000])
def test_names_in_a_file_can_not_move_the_cursor(manifest: Manifest, hostile: str) -> None:
    signature = Signature((Parameter(hostile, PlainHint(hostile)),), tensor("N"))
    text = describe(archive_of(manifest, signature))
    assert all(line.isprintable() and len(line) <= 2000 for line in text.split("\n"))
    assert len(text.split("\n")) == 9
