"""How a model was quantized, in a manifest: read back as it was written, refused in one line where anything is off."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.container import Archive
from namedtorch.archive.inspect import describe
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.diagnostics import ArchiveError

Signed = Callable[[dict[str, Any]], bytes]

GOLDEN = Path(__file__).parent / "golden"


def edit(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data.update(fields)


def quantized(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["quantization"].update(fields)


def layer(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["quantization"]["layers"]["head.fc"].update(fields)


AGAIN = "; get the file again, or lower the model again"
TEXT = "(it must be text, 1 to 1000 printable characters)"
LAYERS = (
    "has a bad 'quantization.layers' (it must be object, at most 100000 paths of quantized layers, \"\" for the model "
    "itself)"
)
STAYED = (
    "has a bad 'quantization.stayed' (it must be object, at most 100000 paths of layers that stayed float, \"\" for "
    "the model itself, each with text, 1 to 1000 printable characters: why)"
)
AXIS = (
    "has a bad 'quantization.layers.head.fc.axis' (it must be integer, 0 to 63: the axis of the weights that has a "
    "scale for each place)"
)
FUSED = (
    "has a bad 'quantization.layers.head.fc.fused' (it must be list, at most 100 texts, each 1 to 100 printable "
    "characters: the kinds of layers that it took in, in order)"
)
FLOAT = (
    "has a bad 'quantization.float_digest' (it must be text, 64 hexadecimal digits: the digest of the state of the "
    "float model that it was made of)"
)
DIGIT = "0123456789abcdef" * 4
MOST = 100_000

BROKEN = [
    (
        edit(quantization=None),
        "has a bad 'quantization' (it must be object: how the model was quantized; absent for a float model)",
    ),
    (edit(quantization={}), "has no field 'quantization.engine'"),
    (quantized(colour=1), "has a field that its schema doesn't know, 'quantization.colour'"),
    (
        quantized(method="auto"),
        'has a bad \'quantization.method\' (it must be one of "dynamic", "static", "qat")',
    ),
    (
        quantized(engine="x86\n"),
        "has a bad 'quantization.engine' (it must be text, 1 to 100 printable characters)",
    ),
    (quantized(float_digest=DIGIT[1:]), FLOAT),
    (quantized(layers=[]), LAYERS),
    (quantized(layers={"a\x1b[2J": {}}), LAYERS),
    (quantized(layers={"a": []}), "has no object at 'quantization.layers.a'"),
    (quantized(layers={"": []}), "has no object at 'quantization.layers.'"),
    (quantized(layers={"": {}}), "has no field 'quantization.layers..kind'"),
    (quantized(stayed=["head"]), STAYED),
    (quantized(stayed={"head": None}), STAYED),
    (quantized(stayed={"head": ""}), STAYED),
    (quantized(stayed={"he\nad": "skipped"}), STAYED),
    (layer(bits=8), "has a field that its schema doesn't know, 'quantization.layers.head.fc.bits'"),
    (layer(kind=["Linear"]), f"has a bad 'quantization.layers.head.fc.kind' {TEXT}"),
    (
        layer(scheme="per_group"),
        'has a bad \'quantization.layers.head.fc.scheme\' (it must be one of "per_tensor", "per_channel")',
    ),
    (layer(axis=64), AXIS),
    (layer(axis=-1), AXIS),
    (layer(axis=True), AXIS),
    (layer(axis=0.0), AXIS),
    (layer(dim=""), f"has a bad 'quantization.layers.head.fc.dim' {TEXT}"),
    (
        layer(weight=8),
        "has a bad 'quantization.layers.head.fc.weight' (it must be text, 1 to 100 printable characters)",
    ),
    (
        layer(activation={}),
        "has a bad 'quantization.layers.head.fc.activation' (it must be text, 1 to 100 printable characters)",
    ),
    (layer(fused="ReLU"), FUSED),
    (layer(fused=["ReLU"] * 101), FUSED),
    (layer(fused=["Re\nLU"]), FUSED),
]


@pytest.mark.parametrize(("change", "text"), BROKEN, ids=[text for _, text in BROKEN])
def test_says_in_one_line_which_field_is_wrong(
    signed: Signed, change: Callable[[dict[str, Any]], None], text: str
) -> None:
    data = json.loads((GOLDEN / "5-everything.json").read_bytes())
    change(data)
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(signed(data), "x.pt")
    assert str(caught.value) == f"x.pt: namedtorch.json {text}{AGAIN}"


ODD: list[Any] = [
    None, True, -1, 64, 2**63, 0.5, "", "a\nb", "\x1b[2J", "\u202e", "x" * 2000, [], {}, [[]], ["a", 1], {"": {}}
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside of a document."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places(one, (*path, key))


def outcome(data: bytes) -> tuple[str, Manifest | None]:
    """What is said of a document that is refused, or what was read of it."""
    try:
        return "", Manifest.from_json(data, "x.pt")
    except ArchiveError as error:
        return str(error), None


@pytest.mark.parametrize("part", ["quantization", "state"])
def test_an_odd_value_anywhere_is_refused_in_one_line_or_read(signed: Signed, part: str) -> None:
    whole = json.loads((GOLDEN / "5-everything.json").read_bytes())
    refused = 0
    for path in [(part,), *places(whole[part], (part,))]:
        for odd in ODD:
            data = copy.deepcopy(whole)
            inner = data
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = odd
            said, read = outcome(signed(data))
            if read is None:
                refused += 1
                assert said.startswith("x.pt: namedtorch.json ")
                assert said.isprintable()
            else:
                assert Manifest.from_json(read.to_json()) == read
                assert describe(Archive(Path("x.pt"), 1, False, read)).replace("\n", "").isprintable()
    assert refused > 100


@pytest.mark.parametrize("odd", ["", "a\nb", "\x1b[2J", "x" * 2000])
@pytest.mark.parametrize("place", ["layers", "stayed"])
def test_an_odd_path_is_refused_but_that_of_the_model(signed: Signed, place: str, odd: str) -> None:
    data = json.loads((GOLDEN / "5-everything.json").read_bytes())
    value = data["quantization"][place].popitem()[1]
    data["quantization"][place][odd] = value
    if odd:
        with pytest.raises(ArchiveError, match=f"has a bad 'quantization.{place}'"):
            Manifest.from_json(signed(data))
    else:
        assert "" in getattr(Manifest.from_json(signed(data)).quantization, place)


def test_schema_3_knows_no_quantization(signed: Signed) -> None:
    data = json.loads((GOLDEN / "3-everything.json").read_bytes())
    read = Manifest.from_json(signed(data))
    assert (read.schema_version, read.quantization) == (3, None)
    assert Manifest.from_json(read.to_json()) == replace(read, schema_version=5)
    newest = json.loads((GOLDEN / "5-everything.json").read_bytes())
    with pytest.raises(ArchiveError, match="has a field that its schema doesn't know, 'quantization'"):
        Manifest.from_json(signed(data | {"quantization": newest["quantization"]}))
    data["state"]["conv1.weight"]["kind"] = "packed"
    with pytest.raises(ArchiveError, match=r"\(it must be one of \"parameter\", \"buffer\"\)"):
        Manifest.from_json(signed(data))


def test_a_float_model_has_no_field_of_quantization(manifest: Manifest) -> None:
    assert "quantization" not in manifest.to_dict()


def test_the_model_itself_can_be_the_layer(manifest: Manifest) -> None:
    schemes = {"": LayerScheme("Linear", "qint8", scheme="per_channel", axis=0, dim="out")}
    held = replace(manifest, quantization=Quantization("dynamic", "x86", DIGIT, schemes))
    assert Manifest.from_json(held.to_json()) == held
    assert held.to_dict()["quantization"]["layers"] == {
        "": {"axis": 0, "dim": "out", "kind": "Linear", "scheme": "per_channel", "weight": "qint8"}
    }


def test_as_many_layers_as_there_may_be_are_read(manifest: Manifest, signed: Signed) -> None:
    data = manifest.to_dict()
    layers = {f"layers.{place}": {"kind": "Linear", "scheme": "per_tensor"} for place in range(MOST)}
    data["quantization"] = {
        "engine": "x86",
        "float_digest": DIGIT,
        "layers": layers,
        "method": "dynamic",
        "stayed": {},
    }
    read = Manifest.from_json(signed(data)).quantization
    assert read is not None
    assert read.layers == dict.fromkeys(layers, LayerScheme("Linear"))
    layers["one.more"] = layers["layers.0"]
    with pytest.raises(ArchiveError, match=re.escape(LAYERS)):
        Manifest.from_json(signed(data))


def test_a_long_path_of_a_layer_is_cut_in_the_message(signed: Signed) -> None:
    data = json.loads((GOLDEN / "5-everything.json").read_bytes())
    data["quantization"]["layers"]["x" * 1000] = {"kind": "Linear", "scheme": "none"}
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(signed(data), "x.pt")
    assert str(caught.value).startswith("x.pt: namedtorch.json has a bad 'quantization.layers.xxx")
    assert len(str(caught.value)) < 400
