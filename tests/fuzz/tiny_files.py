"""The smallest real files of the formats that are no TorchScript, which `tests.fuzz.tiny` writes."""

from pathlib import Path

_SEEDS = Path(__file__).parent / "seeds"

TINY = {
    "export": _SEEDS / "exported" / "tiny",
    "onnx": _SEEDS / "onnx" / "tiny",
    "executorch": _SEEDS / "program" / "tiny",
}
