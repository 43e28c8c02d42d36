"""The picture's data: a drawing, with what else its manifest says of the nodes, for the page's script."""

import json
from collections.abc import Iterator
from typing import Any

from namedtorch.archive.drawing import Drawing, Node
from namedtorch.archive.manifest import Manifest, State
from namedtorch.archive.quantization_table import scheme_text
from namedtorch.archive.state_table import axes_text

_MOST_FACTS = 8
# JSON has no need of these characters outside of texts; in a page they begin markup, in a script they end lines.
_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def picture_data(drawing: Drawing, manifest: Manifest) -> str:
    """The data as JSON that can stand in a script element: no character of it is markup."""
    held = _by_module(manifest)
    nodes = [{**one.to_dict(), "facts": list(_facts(one, manifest, held))} for one in drawing.nodes]
    data: dict[str, Any] = {
        "parts": [one.to_dict() for one in drawing.parts],
        "nodes": [{**one, "path": one.get("path", ""), "detail": one.get("detail", "")} for one in nodes],
        "edges": [[one.source, one.target, one.dims, one.dtype] for one in drawing.edges],
    }
    return json.dumps(data, separators=(",", ":")).translate(_ESCAPES)


def _by_module(manifest: Manifest) -> dict[str, list[tuple[str, State]]]:
    """The parameters and buffers of each module, by its path."""
    found: dict[str, list[tuple[str, State]]] = {}
    for path, one in manifest.state.items():
        around, _, name = path.rpartition(".")
        found.setdefault(around, []).append((name, one))
    return found


def _facts(node: Node, manifest: Manifest, held: dict[str, list[tuple[str, State]]]) -> Iterator[str]:
    """What the manifest says of a node: its weights, and how it was quantized."""
    if node.kind == "state" and node.path in manifest.state:
        yield _state_text("", manifest.state[node.path])
    if node.kind != "module":
        return
    for name, one in held.get(node.path, [])[:_MOST_FACTS]:
        yield _state_text(f"{name}: ", one)
    quantization = manifest.quantization
    if quantization is not None and node.path in quantization.layers:
        scheme = quantization.layers[node.path]
        yield f"quantized: {scheme_text(scheme)}, gives {scheme.activation or 'float'}"
    elif quantization is not None and node.path in quantization.stayed:
        yield f"stayed float: {quantization.stayed[node.path]}"


def _state_text(name: str, one: State) -> str:
    return f"{name}{axes_text(one)}  {one.dtype}"
