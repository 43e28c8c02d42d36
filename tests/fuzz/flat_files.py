"""What holds for files that are no zips: an ONNX model's manifest is where ONNX finds it, and nothing leads outside."""

import importlib.util
from collections.abc import Iterator
from typing import Any

from namedtorch.archive.container import read_archive
from namedtorch.archive.document import parse_document
from namedtorch.archive.flat import refuse_outside_data
from namedtorch.archive.manifest import MANIFEST_NAME
from namedtorch.archive.seal import verify
from namedtorch.archive.seal_flat import read_whole
from namedtorch.diagnostics import ArchiveError
from tests.fuzz.documents import refusal, shown
from tests.fuzz.files import written_to

HAS_ONNX = importlib.util.find_spec("onnx") is not None


def flat_file(data: bytes) -> bool:
    """A file is read and verified, or refused in one line; what a runtime would get are its very bytes."""
    written = written_to(data)
    try:
        found = read_archive(written)
        verify(written, found.manifest, str(written))
        whole = read_whole(found, str(written), check=True)
    except ArchiveError as error:
        refusal(error, str(written))
        return False
    assert whole == data
    assert parse_document(found.text) == parse_document(found.text.strip())
    shown(found.manifest)
    return True


def onnx_file(data: bytes) -> bool:
    """As any file; and ONNX's own reader finds the same manifest, and no data in other files."""
    answer = flat_file(data)
    if HAS_ONNX:
        _compared(data, answer)
    return answer


def _compared(data: bytes, answer: bool) -> None:
    model = _parsed(data)
    # What ONNX's own reader refuses, no runtime is misled by.
    if model is None:
        return
    try:
        refuse_outside_data(data, "m.onnx")
        outside = False
    except ArchiveError:
        outside = True
    assert outside or not any(_leads_outside(one) for one in _tensors(model))
    if answer:
        named = [one.value for one in model.metadata_props if one.key == MANIFEST_NAME]
        assert [one.encode() for one in named] == [read_archive(written_to(data)).text]


def _parsed(data: bytes) -> Any:
    import onnx  # optional
    from google.protobuf.message import DecodeError

    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError:
        return None
    return model


def _tensors(message: Any) -> Iterator[Any]:
    """The tensors in a message, however deep."""
    waiting = [message]
    while waiting:
        one = waiting.pop()
        if one.DESCRIPTOR.name == "TensorProto":
            yield one
        for field, value in one.ListFields():
            if field.message_type is not None:
                waiting.extend([value] if hasattr(value, "ListFields") else value)


def _leads_outside(tensor: Any) -> bool:
    return tensor.data_location != 0 or len(tensor.external_data) > 0
