"""Where the manifest stands in an ONNX file, and whether the file leads outside of itself.

Source: onnx.proto of the Open Neural Network Exchange; the numbers are those of its fields.
"""

from collections.abc import Mapping

from namedtorch.archive.document import LONGEST
from namedtorch.archive.protobuf import BYTES, VARINT, BrokenMessage, Field, Read, Walk, entry, text_of
from namedtorch.archive.span import Span

_IR_VERSION, _GRAPH, _METADATA, _FUNCTIONS = 1, 7, 14, 25
_KEY, _VALUE = 1, 2

_OWN_FORMAT = b"ORTM"

_DEEPEST = 64
_LONGEST_KEY = 1000
_LONGEST_ENTRY = LONGEST + 2000

# By the kind of message: the fields that lead to tensors, and the kinds of message that they hold.
_LEADS: Mapping[str, Mapping[int, str]] = {
    "model": {_GRAPH: "graph", 20: "training", _FUNCTIONS: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
_NAME_OF_TENSOR, _EXTERNAL_DATA, _LOCATION = 8, 13, 14


def find_manifest(read: Read, size: int, name: str) -> Span | None:
    """The span of the manifest's metadata, whole and of its text; None for a model without one.

    Raises BrokenMessage for bytes that are no model, for two manifests, and for one that is not at the end.
    """
    walk = Walk(read)
    found: Span | None = None
    graph = False
    end = 0
    for field in walk.fields(0, size):
        end = field.end
        graph = graph or (field.number == _GRAPH and field.wire == BYTES)
        if field.number != _METADATA or field.wire != BYTES:
            continue
        value = _value_of(walk, field, name)
        if value is None:
            continue
        if found is not None:
            raise BrokenMessage("is broken (it holds two manifests)")
        found = Span(field.begin, field.end, value.start, value.end)
    if not graph:
        raise BrokenMessage("is no ONNX model (it has no graph)")
    if found is not None and found.end != end:
        raise BrokenMessage("was changed after it was written (its manifest is not at its end)")
    return found


def manifest_field(name: str, text: bytes) -> bytes:
    """The metadata that holds a manifest, to stand behind a model's bytes."""
    return entry(_KEY, _VALUE, name, text, _METADATA)


def outside_data(read: Read, size: int) -> str | None:
    """The name of a tensor whose data lies in another file, None for a model that is whole.

    Raises BrokenMessage for bytes that are no model, and for graphs that nest too deeply.
    """
    walk = Walk(read)
    # Depth first, by hand: a stranger's graphs nest as deep as they like.
    waiting: list[tuple[str, int, int, int]] = [("model", 0, size, 0)]
    while waiting:
        kind, start, end, depth = waiting.pop()
        if depth > _DEEPEST:
            raise BrokenMessage(f"is broken (graphs nest more than {_DEEPEST} deep)")
        if kind == "tensor":
            name = _outside(walk, start, end)
            if name is not None:
                return name
            continue
        for field in walk.fields(start, end):
            inner = _LEADS[kind].get(field.number)
            if inner is not None and field.wire == BYTES:
                waiting.append((inner, field.start, field.end, depth + 1))
    return None


def is_model(start: bytes) -> bool:
    """Whether a file may be an ONNX model, by its first eight bytes: a model begins with the version of its format.

    onnxruntime takes one with a mark of its own in it for a file of another format, with another graph.
    """
    begins = len(start) >= 2 and start[0] == _IR_VERSION << 3 | VARINT and 1 <= start[1] < 0x80
    return begins and start[4:8] != _OWN_FORMAT


def _value_of(walk: Walk, field: Field, name: str) -> Field | None:
    """The value of an entry of metadata whose key that is."""
    key: bytes | None = None
    value: Field | None = None
    for one in walk.fields(field.start, field.end):
        if one.number == _KEY and one.end - one.start <= _LONGEST_KEY:
            key = walk.content(one, _LONGEST_KEY)
        elif one.number == _VALUE:
            value = one
    if key != name.encode():
        return None
    if value is None or value.wire != BYTES:
        raise BrokenMessage(f"is broken ({name} has no text)")
    return value


def _outside(walk: Walk, start: int, end: int) -> str | None:
    name, outside = "", False
    for field in walk.fields(start, end):
        if field.number == _NAME_OF_TENSOR and field.end - field.start <= _LONGEST_KEY:
            name = text_of(walk.content(field, _LONGEST_KEY), "the name of a tensor")
        outside = (
            outside or field.number == _EXTERNAL_DATA or (field.number == _LOCATION and field.value != 0)
        )
    return (name or "(without a name)") if outside else None
