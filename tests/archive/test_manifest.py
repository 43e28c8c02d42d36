"""The manifest as bytes: the same for equal manifests, and refused in one line where anything is off."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from namedtorch.archive.manifest import Manifest, Method
from namedtorch.diagnostics import ArchiveError
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature

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


BROKEN = [
    (drop("mode"), "has no field 'mode'"),
    (edit(mode="fast"), 'has a bad \'mode\' (it must be one of "eval", "train")'),
    (edit(mode=["eval"]), 'has a bad \'mode\' (it must be one of "eval", "train")'),
    (edit(guards=None), 'has a bad \'guards\' (it must be one of "boundary", "none")'),
    (edit(kind="class"), 'has a bad \'kind\' (it must be one of "module", "function")'),
    (edit(method="trace"), "has a bad 'method' (it must be one of \"script\")"),
    (edit(name=""), "has a bad 'name' (it must be text, 1 to 1000 printable characters)"),
    (edit(name="a\x1b[2J"), "has a bad 'name' (it must be text, 1 to 1000 printable characters)"),
    (edit(name="x" * 1001), "has a bad 'name' (it must be text, 1 to 1000 printable characters)"),
    (edit(torch_version=2.13), "has a bad 'torch_version' (it must be text, 1 to 100 printable characters)"),
    (edit(schema_version=0), "has a bad 'schema_version' (it must be integer 1)"),
    (edit(schema_version=True), "has a bad 'schema_version' (it must be integer 1)"),
    (edit(schema_version="1"), "has a bad 'schema_version' (it must be integer 1)"),
    (edit(rules_version=1.0), "has a bad 'rules_version' (it must be integer, 1 or more)"),
    (edit(colour="red"), "has a field that its schema doesn't know, 'colour'"),
    (forward(note=1), "has a field that its schema doesn't know, 'methods.forward.note'"),
    (
        forward(plan=[]),
        "has a bad 'methods.forward.plan' (it must be object, a guard plan as `Plan.to_json` writes it)",
    ),
    (
        edit(methods={}),
        "has a bad 'methods' (it must be object, at most 1000 names of methods, among them \"forward\")",
    ),
    (
        edit(methods={"forward": 1}),
        "has no object at 'methods.forward'",
    ),
    (
        lambda data: data["methods"].update({"no name": data["methods"]["forward"]}),
        "has a bad 'methods' (it must be object, at most 1000 names of methods, among them \"forward\")",
    ),
]


@pytest.mark.parametrize(("change", "text"), BROKEN, ids=[text for _, text in BROKEN])
def test_says_in_one_line_which_field_is_wrong(
    manifest: Manifest, change: Callable[[dict[str, Any]], None], text: str
) -> None:
    data = json.loads(manifest.to_json())
    change(data)
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(json.dumps(data).encode(), "x.pt")
    assert str(caught.value) == f"x.pt: namedtorch.json {text}{AGAIN}"


@pytest.mark.parametrize("part", ["signature", "plan"])
@pytest.mark.parametrize("data", [{}, {"x": 1}, {"parameters": [[[]]]}, {"parameters": 3, "steps": 3}])
def test_broken_parts_are_named(manifest: Manifest, part: str, data: dict[str, Any]) -> None:
    document = json.loads(manifest.to_json())
    document["methods"]["forward"][part] = data
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(json.dumps(document).encode())
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
    newer = {"schema_version": 2, "namedtorch_version": "0.9.1", "methods": "of another kind", "new": 1}
    with pytest.raises(ArchiveError) as caught:
        Manifest.from_json(json.dumps(newer).encode(), "x.pt")
    assert str(caught.value) == (
        "x.pt: written by namedtorch 0.9.1 with schema 2, and namedtorch 0.1.0 reads schemas up to 1; "
        'upgrade: pip install --upgrade "namedtorch"'
    )


def test_newer_rules_are_read(manifest: Manifest) -> None:
    data = json.loads(manifest.to_json()) | {"rules_version": 7}
    assert Manifest.from_json(json.dumps(data).encode()).rules_version == 7


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
