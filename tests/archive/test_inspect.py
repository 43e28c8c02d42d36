"""What a person and a program read of an archive."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from namedtorch.archive.container import Archive, read_archive
from namedtorch.archive.inspect import describe, to_dict
from namedtorch.archive.interface import Input, Interface, Output
from namedtorch.archive.manifest import KnownSize, Manifest, Method, State
from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import TENSOR, DictHint, ListHint, OptionalHint, PlainHint, TensorHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.syntax.resolve import parse_shape

GOLDEN = Path(__file__).parent / "golden"


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
        describe(read_archive(archive), "5" * 64)
        == f"""\
classifier.pt: models.digits.Classifier (module, eval mode)

  forward: image: N C=3 H W -> N classes=10 where H >= 32, W >= 32
    image  Shaped  N C=3 H W
    ->     Shaped  N classes=10
    where  H >= 32, W >= 32

  guard   in the graph, at the outermost module
  file    {archive.stat().st_size / 1000:.1f} kB, TorchScript
  made    script by namedtorch 0.1.0, torch 2.13.0; schema 5, rules 1
  sha256  {"5" * 64}"""
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

  guard   not in the graph; load checks in Python
  file    14.3 MB, TorchScript, for the lite interpreter too
  made    script by namedtorch 0.1.0, torch 2.13.0; schema 5, rules 1
  sha256  not read, as the file is large; namedtorch inspect --sha256 reads it"""
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
    assert to_dict(read_archive(archive))["sha256"] is None
    data = to_dict(read_archive(archive), "5" * 64)
    assert json.loads(json.dumps(data)) == data
    assert data["manifest"] == json.loads(manifest.to_json())
    assert {key: value for key, value in data.items() if key not in ("manifest", "methods")} == {
        "traced": [],
        "stages": [],
        "parameters": 0,
        "buffers": 0,
        "packed": 0,
        "quantization": None,
        "state": [],
        "sizes": {},
        "operators": {},
        "metadata": {},
        "digests": {},
        "path": str(archive),
        "bytes": archive.stat().st_size,
        "sha256": "5" * 64,
        "format": "torchscript",
        "interface": None,
        "lite": False,
        "name": "models.digits.Classifier",
        "kind": "module",
        "mode": "eval",
        "guards": "boundary",
        "method": "script",
        "namedtorch_version": "0.1.0",
        "torch_version": "2.13.0",
        "schema_version": 5,
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


def everything() -> Manifest:
    return Manifest.from_json((GOLDEN / "5-everything.json").read_bytes())


def test_block_of_a_manifest_with_everything() -> None:
    assert (
        describe(Archive(Path("m.pt"), 14_321_000, False, everything()))
        == """\
m.pt: models.Golden (module, eval mode)

  forward: image: N C=3 H W -> N classes=10 where H >= 32, W >= 32
    image  Shaped  N C=3 H W
    ->     Shaped  N classes=10
    where  H >= 32, W >= 32

  encode: image: N C=3 H W -> N hidden=8
    image  Shaped  N C=3 H W
    ->     Shaped  N hidden=8

  state: 10,048 numbers in 2 parameters (bfloat16, float32), 650 numbers in 2 packed weights \
(float32, qint8), 121 numbers in 3 buffers (bool, float64, int64)
    bn1.num_batches_tracked  buffer     int64     (a scalar)
    conv1.weight             parameter  float32   out=64 in=3 kh=7 kw=7 @ channels_last
    empty                    buffer     bool      0 4  (N 4)
    head.weight              parameter  bfloat16  10 64
    volume                   buffer     float64   1 2 3 4 5 @ channels_last_3d

  quantized: static for qnnpack; 1 layer without weights, 1 layer quint8 per channel along axis 0, \
1 layer qint8 per channel along `out`, 1 layer float16; activations quint8, float
    the model itself  Golden                                                          gives quint8
    embed             EmbeddingBag                 quint8 along axis 0                gives float
    head.fc           Linear + BatchNorm1d + ReLU  qint8 along `out`    out=10 in=64  gives quint8
    lstm              LSTM                         float16                            gives float
  stayed float: 2 layers
    last: skipped
    norm: LayerNorm has no quantized operator

  metadata
    ""      "an empty key"
    labels  ["cat", "dog", "\u732b"]
    means   [0.485, 0.456, 1e-300, -0.0, 5e-324]
    nested  {"a b": [null, true, false, {}, [], 18446744073709551615, -9223372036854775808]}

  sizes    C=3 by conv1.in_channels, H=0 by annotation, classes=10 by self.classes
  needs    mylib::gelu2.out  from python module mylib.ops
           mylib::relu2      from libmylib.so
           x::y              not known from where
  guard    in the graph, at every module
  file     14.3 MB, TorchScript
  made     trace, freeze, channels_last by namedtorch 0.1.0, torch 2.13.0; schema 5, rules 1
  traced   blocks.1
  twin     the float model whose state is 76a7e234dc54
  digests  weights 9a129038d9a0, code 5694d08a2e53, constants 7517017f1ed2, other d9298a10d1b0
  sha256   not read, as the file is large; namedtorch inspect --sha256 reads it"""
    )


def test_data_of_a_manifest_with_everything() -> None:
    manifest = everything()
    data = to_dict(Archive(Path("m.pt"), 1, False, manifest))
    assert json.loads(json.dumps(data)) == data
    assert (data["parameters"], data["buffers"]) == (64 * 3 * 7 * 7 + 10 * 64, 1 + 0 + 120)
    assert [row["path"] for row in data["state"]] == sorted(manifest.state)
    assert data["state"][1] == {
        "path": "conv1.weight",
        "kind": "parameter",
        "dtype": "float32",
        "sizes": [64, 3, 7, 7],
        "dims": "out=64 in=3 kh=7 kw=7",
        "memory_format": "channels_last",
    }
    assert data["sizes"]["C"] == {"size": 3, "by": "conv1.in_channels"}
    assert data["operators"] == manifest.operators
    assert data["metadata"] == manifest.metadata
    assert data["digests"] == manifest.digests
    assert data["stages"] == ["freeze", "channels_last"]
    assert data["traced"] == ["", "blocks.1"]
    assert data["manifest"]["digest"]


def test_manifest_of_an_older_schema_is_shown_as_it_would_be_written() -> None:
    manifest = Manifest.from_json((GOLDEN / "1-classifier.json").read_bytes())
    archive = Archive(Path("m.pt"), 1, False, manifest)
    assert to_dict(archive)["schema_version"] == 1
    assert to_dict(archive)["manifest"] == json.loads(manifest.to_json())
    assert "schema 1, rules 1\n" in describe(archive)


def test_the_state_of_a_quantized_flat_graph_is_that_of_the_float_model(manifest: Manifest) -> None:
    """What a flat graph holds of a quantized layer stands in its own format; listed is what it was made of."""
    held = replace(
        manifest,
        state={"fc.weight": State("parameter", "float32", (8, 4))},
        quantization=Quantization(
            "static", "xnnpack", "0" * 64, {"fc": LayerScheme("Linear", "qint8", "qint8")}
        ),
        format="executorch",
        method="export",
        interface=Interface((Input("image", ("image",)),), ("scores",), Output(0)),
    )
    text = describe(Archive(Path("m.pte"), 1, False, held))
    assert "\n  state of the float model: 32 numbers in 1 parameter (float32)\n" in text


def lines_of_state(manifest: Manifest, entries: int) -> list[str]:
    state = {
        f"layers.{place}.weight": State("parameter", "float32", (8, 4), "out=8 in")
        for place in range(entries)
    }
    text = describe(Archive(Path("m.pt"), 1, False, replace(manifest, state=state)))
    lines = text.split("\n")
    start = next(place for place, line in enumerate(lines) if line.startswith("  state: "))
    return lines[start : lines.index("", start)]


def test_a_few_entries_are_all_shown(manifest: Manifest) -> None:
    assert lines_of_state(manifest, 3) == [
        "  state: 96 numbers in 3 parameters (float32)",
        "    layers.0.weight  float32  8 4  (out=8 in)",
        "    layers.1.weight  float32  8 4  (out=8 in)",
        "    layers.2.weight  float32  8 4  (out=8 in)",
    ]
    assert lines_of_state(manifest, 1)[0] == "  state: 32 numbers in 1 parameter (float32)"
    assert len(lines_of_state(manifest, 13)) == 14


def test_of_many_entries_the_first_are_shown_and_the_rest_is_counted(manifest: Manifest) -> None:
    lines = lines_of_state(manifest, 300)
    assert lines[0] == "  state: 9,600 numbers in 300 parameters (float32)"
    # By number, not by letter: 10 stands behind 9.
    assert [line.split()[0] for line in lines[1:13]] == [f"layers.{place}.weight" for place in range(12)]
    assert lines[13:] == ["    ... and 288 more, all with --json"]


def test_long_metadata_is_cut(manifest: Manifest) -> None:
    metadata = {"labels": [f"class {one}" for one in range(1000)], "note": "n" * 500} | {
        f"key{one}": one for one in range(30)
    }
    operators = {f"mylib::op{one}": "libmylib.so" for one in range(30)}
    text = describe(
        Archive(Path("m.pt"), 1, False, replace(manifest, metadata=metadata, operators=operators))
    )
    assert '\n    labels  ["class 0", ' in text
    assert "... (1000 items)\n" in text
    assert "\n    ...     and 20 more, all with --json\n" in text
    assert "\n          ...          and 18 more, all with --json\n" in text
    assert max(map(len, text.split("\n"))) < 150


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\u202e", "x" * 100_000])
def test_names_in_a_file_can_not_move_the_cursor(manifest: Manifest, hostile: str) -> None:
    signature = Signature((Parameter(hostile, PlainHint(hostile)),), tensor("N"))
    text = describe(archive_of(manifest, signature))
    assert all(line.isprintable() and len(line) <= 2000 for line in text.split("\n"))
    assert len(text.split("\n")) == 10


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\u202e"])
def test_metadata_can_not_move_the_cursor(manifest: Manifest, hostile: str) -> None:
    metadata = {hostile: [hostile], "plain": hostile}
    text = describe(Archive(Path(hostile), 1, False, replace(manifest, metadata=metadata)))
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text.split("\n")) == 15


def test_hostile_numbers_are_shown_too(manifest: Manifest) -> None:
    largest = 2**63 - 1
    state = {"9" * 900 + ".w": State("buffer", "int8", (largest,) * 64)}
    held = replace(manifest, state=state, sizes={"C": KnownSize(largest, "annotation")})
    archive = Archive(Path("m.pt"), 1, False, Manifest.from_json(held.to_json()))
    assert str(largest) in describe(archive)
    json.dumps(to_dict(archive))
