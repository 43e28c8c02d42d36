"""Where the manifest stands in an ExecuTorch program: in a method that gives a constant text.

Source: ExecuTorch's schema/program.fbs; the numbers are the places of its fields.
"""

from namedtorch.archive.document import LONGEST
from namedtorch.archive.flatbuffer import BrokenBuffer, Buffer, Read, Table
from namedtorch.archive.span import Span

METHOD = "namedtorch_json"
"""The method that gives the manifest."""

_IDENTIFIER = b"ET12"
_PLANS = 1
_NAME, _VALUES, _OUTPUTS = 0, 2, 4
_KIND, _VALUE = 0, 1
_TEXT_KIND = 6

_MOST_METHODS = 1000
_MOST_VALUES = 1000
_LONGEST_NAME = 1000


def is_program(start: bytes) -> bool:
    """Whether a file is a program of ExecuTorch's, by its first eight bytes."""
    return start[4:8] == _IDENTIFIER


def find_manifest(read: Read, size: int) -> Span | None:
    """The span of the manifest's text; None for a program without one.

    Raises BrokenBuffer for bytes that are no program, and for a manifest that is no constant text.
    """
    buffer = Buffer(read, size)
    found: list[Table] = []
    for plan in buffer.root().tables(_PLANS, _MOST_METHODS):
        name = plan.text(_NAME, _LONGEST_NAME)
        if name is not None and buffer.bytes(name[0], name[1] - name[0]) == METHOD.encode():
            found.append(plan)
    if not found:
        return None
    if len(found) > 1:
        raise BrokenBuffer("is broken (it holds two manifests)")
    values = found[0].tables(_VALUES, _MOST_VALUES)
    texts = [value for value in values if value.byte(_KIND) == _TEXT_KIND]
    table = texts[0].table(_VALUE) if len(texts) == 1 else None
    text = None if table is None else table.text(0, LONGEST)
    if text is None or _output(found[0]) != values.index(texts[0]):
        raise BrokenBuffer(f"is broken (its method {METHOD} gives no text)")
    start, stop = text
    return Span(start, stop, start, stop)


def _output(plan: Table) -> int | None:
    """The value that a method with one result gives."""
    at = plan.field(_OUTPUTS)
    if at is None:
        return None
    buffer = plan.buffer
    places = buffer.vector(buffer.follow(at), 4, _MOST_VALUES)
    return buffer.number(places.start) if len(places) == 1 else None
