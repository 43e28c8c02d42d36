"""A drawing: a model as one run of it went, a graph of what was computed, dims on its edges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from namedtorch.archive.fields import Fields, check_fields

Kind = Literal["input", "output", "state", "op", "module"]
"""What a node is: a tensor of the call, one of its result, a parameter or buffer that is read by itself, a function of
torch, or a module of torch's own, which is one piece."""


@dataclass(frozen=True, slots=True)
class Part:
    """One call of a module that has parts of its own: its class, its path, and the part that called it.

    The first part is the model itself, with the path ""; `parent` is the place of a part that stands before. A module
    that is called twice is two parts.
    """

    kind: str
    path: str
    parent: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The part as JSON-able data."""
        data: dict[str, Any] = {"kind": self.kind, "path": self.path}
        return data if self.parent is None else {**data, "parent": self.parent}


@dataclass(frozen=True, slots=True)
class Node:
    """A node, in the part with the place `part`.

    `label` is the name of an argument, a result, a parameter, a function or a class; `path` is that of a parameter or
    of a module of torch's, `detail` what else its call says ("3, 64, kernel_size=(7, 7)"); "" for what has none.
    """

    kind: Kind
    label: str
    part: int = 0
    path: str = ""
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The node as JSON-able data; what is empty is left out."""
        data: dict[str, Any] = {"kind": self.kind, "label": self.label, "part": self.part}
        optional = {"path": self.path, "detail": self.detail}
        return data | {name: value for name, value in optional.items() if value}


@dataclass(frozen=True, slots=True)
class Edge:
    """A tensor that goes from one node to a later one: its dims ("N C=64 H//2 W//2", "" for a scalar), its dtype."""

    source: int
    target: int
    dims: str
    dtype: str

    def to_dict(self) -> dict[str, Any]:
        """The edge as JSON-able data."""
        return {"dims": self.dims, "dtype": self.dtype, "source": self.source, "target": self.target}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A model as a graph without cycles: nodes in the order in which they ran, each in a part."""

    parts: tuple[Part, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def to_dict(self) -> dict[str, Any]:
        """The drawing as JSON-able data."""
        return {
            "edges": [one.to_dict() for one in self.edges],
            "nodes": [one.to_dict() for one in self.nodes],
            "parts": [one.to_dict() for one in self.parts],
        }

    @classmethod
    def of(cls, data: object, schema: Mapping[str, Fields]) -> "Drawing":
        """Reads what `to_dict` wrote, by the fields of a schema.

        Raises ValueError, with the end of a sentence that starts with what holds the drawing, for anything else: also
        for a place that is none, and for one that is not before what refers to it.
        """
        lists = check_fields(data, schema["drawing"], "drawing.")
        parts = tuple(Part(**one) for one in _entries(lists, "parts", schema))
        for place, part in enumerate(parts):
            if (part.parent is None) != (place == 0):
                raise ValueError(
                    f"has a bad 'drawing.parts.{place}.parent' (all parts but the first have one)"
                )
            _refer(part.parent or 0, max(place, 1), f"parts.{place}.parent")
        nodes = tuple(Node(**one) for one in _entries(lists, "nodes", schema))
        for place, node in enumerate(nodes):
            _refer(node.part, len(parts), f"nodes.{place}.part")
        edges = tuple(Edge(**one) for one in _entries(lists, "edges", schema))
        for place, edge in enumerate(edges):
            _refer(edge.target, len(nodes), f"edges.{place}.target")
            _refer(edge.source, edge.target, f"edges.{place}.source")
        return cls(parts, nodes, edges)


def _entries(
    lists: Mapping[str, object], name: str, schema: Mapping[str, Fields]
) -> Iterator[dict[str, Any]]:
    fields = schema[f"drawing.{name}.*"]
    for place, one in enumerate(cast("Sequence[object]", lists[name])):
        yield dict(check_fields(one, fields, f"drawing.{name}.{place}."))


def _refer(place: int, end: int, path: str) -> None:
    if not place < end:
        raise ValueError(f"has a bad 'drawing.{path}' (it must be less than {end})")
