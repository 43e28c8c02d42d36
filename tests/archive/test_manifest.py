"""The manifest as bytes: the same for equal manifests, and refused in one line where anything is off."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.manifest import Manifest, Method
from namedtorch.diagnostics import ArchiveError
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature

Signed = Callable[[dict[str, Any]], bytes]

GOLDEN = Path(__file__).parent / "golden"
AGAIN = "; get the file again, or lower the model again"

SIGNATURES = [
    "image: N C=3 H W -> N classes=10 where H >= 32, W >= 32",
    "x: *batch in, y: *batch in -> *batch out=4",
    "x: T N (heads=8 d) -> T N d",
    "x: N C H W @ channels_last -> N C (H+1)//2 W//2",
]


@pytest.mark.parametrize("text", SIGNATURES)
def test_reads_back_what_it_wrote(text: str) -> None:
    signature = parse_signature(text)
    method = Method(signature, build_plan(signature))
    written = Manifest(
        name="losses.<locals>.focal",
        kind="function",
        mode="train",
        guards="none",
        methods={"forward": method, "encode": method},
        torch_version="2.13.0+cpu",
    )
    read = Manifest.from_json(written.to_json())
    assert read == written
    assert read.to_json() == written.to_json()
    assert str(read.signature) == str(signature)
    assert read.plan == method.plan
    assert read.namedtorch_version


def test_order_of_methods_does_not_show_in_the_bytes(manifest: Manifest) -> None:
    method = manifest.methods["forward"]

    def bytes_of(*names: str) -> bytes:
        return Manifest(
            name="m",
            kind="module",
            mode="eval",
            guards="boundary",
            methods=dict.fromkeys(names, method),
            torch_version="2.13.0",
        ).to_json()

    assert bytes_of("forward", "encode") == bytes_of("encode", "forward")


def edit(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data.update(fields)


def drop(field: str) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        del data[field]

    return change


def forward(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["methods"]["forward"].update(fields)


def state(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["state"]["conv1.weight"].update(fields)


TEXT = "(it must be text, 1 to 1000 printable characters)"
METHODS = "has a bad 'methods' (it must be object, at most 1000 names of methods, among them \"forward\")"
TRACED = (
    "(it must be list, at most 100000 texts, each 0 to 1000 printable characters: the paths of the modules that were "
    'traced, "" for the outermost; absent for none)'
)
DIGESTS = (
    "has a bad 'digests' (it must be object, empty or a sha256 (64 hexadecimal digits) for each of "
    '"code", "constants", "other", "weights", or "file" alone)'
)
OPERATORS = (
    "has a bad 'operators' (it must be object, at most 100000 names of operators, each with text, "
    "1 to 1000 printable characters: what provides it)"
)
STAGES = (
    "has a bad 'stages' (it must be list, at most 100 texts, each 1 to 100 printable characters: "
    "what was done to the graph, in order)"
)
SIZES = "has a bad 'state.conv1.weight.sizes' (it must be list, at most 64 integers, 0 or more)"
VERSION = "has a bad 'schema_version' (it must be integer, 1 to 5)"
STATE = (
    "has a bad 'state' (it must be object, at most 100000 paths of parameters, of buffers and of what quantized layers "
    "have packed)"
)
DIGIT = "0123456789abcdef" * 4

BROKEN = [
    (drop("mode"), "has no field 'mode'"),
    (drop("schema_version"), "has no field 'schema_version'"),
    (drop("state"), "has no field 'state'"),
    (edit(mode="fast"), 'has a bad \'mode\' (it must be one of "eval", "train")'),
    (edit(mode=["eval"]), 'has a bad \'mode\' (it must be one of "eval", "train")'),
    (edit(guards=None), 'has a bad \'guards\' (it must be one of "boundary", "all", "none")'),
    (edit(kind="class"), 'has a bad \'kind\' (it must be one of "module", "function")'),
    (edit(method="onnx"), 'has a bad \'method\' (it must be one of "script", "trace", "annotate", "export")'),
    (edit(traced=["a", "b\n"]), f"has a bad 'traced' {TRACED}"),
    (edit(traced="a"), f"has a bad 'traced' {TRACED}"),
    (edit(name=""), f"has a bad 'name' {TEXT}"),
    (edit(name="a\x1b[2J"), f"has a bad 'name' {TEXT}"),
    (edit(name="x" * 1001), f"has a bad 'name' {TEXT}"),
    (edit(torch_version=2.13), "has a bad 'torch_version' (it must be text, 1 to 100 printable characters)"),
    (edit(schema_version=0), VERSION),
    (edit(schema_version=-1), VERSION),
    (edit(schema_version=True), VERSION),
    (edit(schema_version="1"), VERSION),
    (edit(schema_version=2.0), VERSION),
    (edit(rules_version=1.0), "has a bad 'rules_version' (it must be integer, 1 or more)"),
    (edit(colour="red"), "has a field that its schema doesn't know, 'colour'"),
    (forward(note=1), "has a field that its schema doesn't know, 'methods.forward.note'"),
    (
        forward(plan=[]),
        "has a bad 'methods.forward.plan' (it must be object, a guard plan as `Plan.to_json` writes it)",
    ),
    (edit(methods={}), METHODS),
    (edit(methods={"forward": 1}), "has no object at 'methods.forward'"),
    (lambda data: data["methods"].update({"no name": data["methods"]["forward"]}), METHODS),
    (edit(state=[]), STATE),
    (edit(state={"": {}}), STATE),
    (edit(state={"a": []}), "has no object at 'state.a'"),
    (edit(state={"a": {}}), "has no field 'state.a.dtype'"),
    (state(colour=1), "has a field that its schema doesn't know, 'state.conv1.weight.colour'"),
    (
        state(kind="tensor"),
        'has a bad \'state.conv1.weight.kind\' (it must be one of "parameter", "buffer", "packed")',
    ),
    (state(sizes=[-1]), SIZES),
    (state(sizes=[True]), SIZES),
    (state(sizes=[2**63]), SIZES),
    (state(sizes=[1] * 65), SIZES),
    (state(sizes="64"), SIZES),
    (
        state(dims=None),
        "has a bad 'state.conv1.weight.dims' (it must be text, 0 to 1000 printable characters)",
    ),
    (
        state(dims="a\nb"),
        "has a bad 'state.conv1.weight.dims' (it must be text, 0 to 1000 printable characters)",
    ),
    (
        state(memory_format="rowwise"),
        'has a bad \'state.conv1.weight.memory_format\' (it must be one of "channels_last", "channels_last_3d")',
    ),
    (edit(sizes={"C": 3}), "has no object at 'sizes.C'"),
    (edit(sizes={"C": {"by": "x", "size": -3}}), "has a bad 'sizes.C.size' (it must be integer, 0 or more)"),
    (edit(sizes={"C": {"by": "", "size": 3}}), f"has a bad 'sizes.C.by' {TEXT}"),
    (edit(operators={"a::b": 1}), OPERATORS),
    (edit(operators=["a::b"]), OPERATORS),
    (edit(stages="freeze"), STAGES),
    (edit(stages=[1]), STAGES),
    (edit(stages=["a"] * 101), STAGES),
    (edit(digests={"weights": DIGIT}), DIGESTS),
    (edit(digests=dict.fromkeys(("code", "constants", "other", "weights"), DIGIT.upper())), DIGESTS),
    (edit(digests=None), DIGESTS),
    (
        edit(metadata=[]),
        "has a bad 'metadata' (it must be object, any JSON of the user's, at most 1048576 bytes and 32 levels)",
    ),
    (
        edit(metadata={"n": 2**64}),
        "has a bad 'metadata' (metadata.n is an integer of over 64 bits; write it as text)",
    ),
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


@pytest.mark.parametrize("part", ["signature", "plan"])
@pytest.mark.parametrize("data", [{}, {"x": 1}, {"parameters": [[[]]]}, {"parameters": 3, "steps": 3}])
def test_broken_parts_are_named(manifest: Manifest, signed: Signed, part: str, data: dict[str, Any]) -> None:
    document = json.loads(manifest.to_json())
    document["methods"]["forward"][part] = data
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(signed(document))
    message = str(caught.value)
    assert message.startswith(f"namedtorch.json: namedtorch.json has a bad 'methods.forward.{part}' (")
    assert message.endswith(AGAIN)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "x.pt: namedtorch.json is empty" + AGAIN),
        (b"[]", "x.pt: namedtorch.json is no JSON object" + AGAIN),
        (
            b"{",
            "x.pt: namedtorch.json is no JSON "
            "(Expecting property name enclosed in double quotes at character 1)" + AGAIN,
        ),
    ],
)
def test_what_is_no_manifest_at_all(data: bytes, text: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(data, "x.pt")
    assert str(caught.value) == text


def test_newer_schema_says_what_to_upgrade(manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namedtorch.archive.manifest.NAMEDTORCH_VERSION", "0.1.0")
    newer = {"schema_version": 6, "namedtorch_version": "0.9.1", "methods": "of another kind", "new": 1}
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(json.dumps(newer).encode(), "x.pt")
    assert str(caught.value) == (
        "x.pt: written by namedtorch 0.9.1 with schema 6, and namedtorch 0.1.0 reads schemas up to 5; "
        'upgrade: pip install --upgrade "namedtorch"'
    )


def test_newer_rules_are_read(manifest: Manifest, signed: Signed) -> None:
    data = json.loads(manifest.to_json()) | {"rules_version": 7}
    assert Manifest.from_json(signed(data)).rules_version == 7


def test_an_edited_manifest_is_found_by_its_own_digest(manifest: Manifest) -> None:
    data = manifest.to_json().replace(b"2.13.0", b"2.13.1")
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(data, "x.pt")
    assert str(caught.value) == (
        "x.pt: namedtorch.json was changed after it was written (it does not match its own digest)" + AGAIN
    )


@pytest.mark.parametrize("digest", [None, 1, "", "0" * 63, "0" * 65, "g" * 64])
def test_a_digest_that_is_none(manifest: Manifest, digest: object) -> None:
    data = json.loads(manifest.to_json()) | {"digest": digest}
    with pytest.raises(ArchiveError, match=r"has a bad 'digest'|does not match its own digest"):
        Manifest.from_json(json.dumps(data).encode())
    del data["digest"]
    with pytest.raises(ArchiveError, match="has no field 'digest'"):
        Manifest.from_json(json.dumps(data).encode())


def test_spaces_and_order_of_a_document_do_not_count(manifest: Manifest) -> None:
    data = json.loads(manifest.to_json())
    backwards = dict(reversed(data.items()))
    assert Manifest.from_json(json.dumps(backwards, indent=7, ensure_ascii=False).encode()) == manifest


def test_what_is_not_said_takes_its_default(manifest: Manifest) -> None:
    read = Manifest.from_json((GOLDEN / "1-classifier.json").read_bytes())
    assert read.schema_version == 1
    assert (read.stages, read.state, read.sizes, read.operators, read.metadata, read.digests) == (
        (),
        {},
        {},
        {},
        {},
        {},
    )
    # What is written is of the newest schema, whatever was read.
    written = Manifest.from_json(read.to_json())
    assert written == replace(read, schema_version=5)


def test_schema_2_knows_no_traces(signed: Signed) -> None:
    data = json.loads((GOLDEN / "2-everything.json").read_bytes())
    read = Manifest.from_json(signed(data))
    assert (read.schema_version, read.method, read.traced) == (2, "annotate", ())
    assert Manifest.from_json(read.to_json()) == replace(read, schema_version=5)
    with pytest.raises(ArchiveError, match="has a field that its schema doesn't know, 'traced'"):
        Manifest.from_json(signed(data | {"traced": [""]}))
    with pytest.raises(
        ArchiveError, match=r"has a bad 'method' \(it must be one of \"script\", \"annotate\"\)"
    ):
        Manifest.from_json(signed(data | {"method": "trace"}))


def test_no_traces_are_no_field(manifest: Manifest, signed: Signed) -> None:
    assert "traced" not in manifest.to_dict()
    assert replace(manifest, traced=("",)).to_dict()["traced"] == [""]
    assert Manifest.from_json(signed(manifest.to_dict() | {"traced": []})) == manifest


def test_metadata_is_a_copy(manifest: Manifest) -> None:
    labels = ["cat"]
    given = {"labels": labels}
    held = replace(manifest, metadata=given)
    labels.append("dog")
    given["more"] = []
    assert held.metadata == {"labels": ["cat"]}


def test_metadata_that_is_no_json_is_refused_at_once(manifest: Manifest) -> None:
    with pytest.raises(ValueError, match=r"^metadata\.means\[1\] is NaN, "):
        replace(manifest, metadata={"means": [0.5, float("nan")]})


def test_does_not_write_what_it_would_refuse(manifest: Manifest) -> None:
    bad = Manifest(
        name="",
        kind="module",
        mode="eval",
        guards="boundary",
        methods=manifest.methods,
        torch_version="2.13.0",
    )
    with pytest.raises(ArchiveError, match="has a bad 'name'"):
        bad.to_json()


def test_every_cut_and_many_flipped_bits_are_refused_in_one_line_or_read(manifest: Manifest) -> None:
    data = manifest.to_json()
    for length in range(0, len(data) - 2, 7):
        with pytest.raises(ArchiveError) as caught:
            Manifest.from_json(data[:length])
        assert "\n" not in str(caught.value)
    for at in range(0, len(data), 5):
        flipped = bytearray(data)
        flipped[at] ^= 1 << (at % 8)
        assert "\n" not in refusal(bytes(flipped))


def refusal(data: bytes) -> str:
    """What is said of these bytes; nothing where they are a manifest."""
    try:
        Manifest.from_json(data)
    except ArchiveError as error:
        return str(error)
    return ""
