"""A drawing in a manifest: what is written reads back, and what nobody would write is refused in a sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from namedtorch.archive.drawing import Drawing, Edge, Node, Part
from namedtorch.archive.fields import VERSIONS
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.version import SCHEMA_VERSION

SCHEMA = VERSIONS[SCHEMA_VERSION]

DRAWING = Drawing(
    (Part("Net", ""), Part("Block", "block", 0), Part("Block", "block", 0)),
    (
        Node("input", "image"),
        Node("module", "Conv2d", 1, "block.conv", "3, 8, kernel_size=(3, 3)"),
        Node("state", "scale", 2, "block.scale"),
        Node("op", "mul", 2),
        Node("output", "result"),
    ),
    (
        Edge(0, 1, "N C=3 H W", "float32"),
        Edge(1, 3, "N 8 H-2 W-2", "float32"),
        Edge(2, 3, "", "float32"),
        Edge(3, 4, "N 8 H-2 W-2", "float32"),
    ),
)


def changed(change: Callable[[dict[str, Any]], Any]) -> Any:
    data = json.loads(json.dumps(DRAWING.to_dict()))
    replaced = change(data)
    return data if replaced is None else replaced


def put(name: str, place: int, **fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data[name][place].update(fields)


def test_reads_what_it_wrote() -> None:
    data = json.loads(json.dumps(DRAWING.to_dict()))
    assert Drawing.of(data, SCHEMA) == DRAWING
    assert data["nodes"][0] == {"kind": "input", "label": "image", "part": 0}
    assert data["parts"][:2] == [{"kind": "Net", "path": ""}, {"kind": "Block", "path": "block", "parent": 0}]


def test_is_a_field_of_the_manifest(manifest: Manifest) -> None:
    assert "drawing" not in manifest.to_dict()
    drawn = replace(manifest, drawing=DRAWING)
    assert Manifest.from_json(drawn.to_json()) == drawn


NO_PLACE = "(it must be integer, the place of a node)"
CASES = [
    ("none", lambda data: [], "has no object at 'drawing'"),
    ("no nodes", lambda data: data.__delitem__("nodes"), "has no field 'drawing.nodes'"),
    ("more", lambda data: data.update(links=[]), "has a field that its schema doesn't know, 'drawing.links'"),
    ("no part", lambda data: data.update(parts=[]), "has a bad 'drawing.parts' (it must be list, 1 to 5000"),
    (
        "many",
        lambda data: data.update(nodes=[None] * 5001),
        "has a bad 'drawing.nodes' (it must be list, 0 to 5000 objects",
    ),
    (
        "many edges",
        lambda data: data.update(edges=[None] * 20_001),
        "has a bad 'drawing.edges' (it must be list, 0 to 20000",
    ),
    ("no object", lambda data: data["edges"].append(7), "has no object at 'drawing.edges.4'"),
    ("kind", put("nodes", 3, kind="gate"), "has a bad 'drawing.nodes.3.kind' (it must be one of"),
    ("label", put("nodes", 3, label="mul\n"), "has a bad 'drawing.nodes.3.label' (it must be text, 1 to"),
    ("long", put("edges", 0, dims="N" * 301), "has a bad 'drawing.edges.0.dims' (it must be text, 0 to 300"),
    (
        "unknown",
        put("edges", 0, weight=1),
        "has a field that its schema doesn't know, 'drawing.edges.0.weight'",
    ),
    ("truth", put("edges", 0, source=False), "has a bad 'drawing.edges.0.source' (it must be integer"),
    ("negative", put("edges", 0, target=-1), f"has a bad 'drawing.edges.0.target' {NO_PLACE}"),
    ("no node", put("edges", 3, target=5), "has a bad 'drawing.edges.3.target' (it must be less than 5)"),
    ("backward", put("edges", 1, source=3), "has a bad 'drawing.edges.1.source' (it must be less than 3)"),
    ("nowhere", put("nodes", 1, part=3), "has a bad 'drawing.nodes.1.part' (it must be less than 3)"),
    ("own parent", put("parts", 1, parent=1), "has a bad 'drawing.parts.1.parent' (it must be less than 1)"),
    (
        "root",
        put("parts", 0, parent=0),
        "has a bad 'drawing.parts.0.parent' (all parts but the first have one)",
    ),
    (
        "orphan",
        lambda data: data["parts"][2].__delitem__("parent"),
        "has a bad 'drawing.parts.2.parent' (all parts but the first have one)",
    ),
]


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_refuses_what_is_none(change: Callable[[dict[str, Any]], Any], said: str) -> None:
    with pytest.raises(ValueError, match=r"^has ") as caught:
        Drawing.of(changed(change), SCHEMA)
    assert str(caught.value).startswith(said)
