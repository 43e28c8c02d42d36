"""What holds for comparisons of strangers' models: a model can stand in its own place, whatever it says it takes."""

from functools import cache

from namedtorch.archive.compare import compare
from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import ArchiveError
from tests.fuzz.tiny_files import TINY


def compared(data: bytes) -> bool:
    """A manifest is identical to itself, and compares with another in lines that fit a terminal."""
    try:
        found = Manifest.from_json(data, "m.pt")
    except ArchiveError:
        return False
    for old, new in ((found, found), (found, _other()), (_other(), found)):
        answer = compare(old, new)
        assert all(line.isprintable() for line in str(answer).split("\n"))
        assert old is not new or answer.verdict == "identical"
    return True


@cache
def _other() -> Manifest:
    data = TINY["onnx"].read_bytes()
    return Manifest.from_json(data[data.index(b"{\n") :], "tiny.onnx")
