"""What is said where onnx and onnxruntime are not installed."""

from importlib.util import find_spec

import pytest

from namedtorch.deploy.runtimes.onnx import open_onnx
from namedtorch.diagnostics import ArchiveError, LowerError
from namedtorch.lower.targets.onnx import to_onnx
from tests.lower.targets.flat_programs import small

pytestmark = pytest.mark.skipif(find_spec("onnxruntime") is not None, reason="the extra is installed")


def test_lowering_says_what_to_install() -> None:
    with pytest.raises(LowerError) as refused:
        to_onnx(*small(), [])
    assert str(refused.value) == 'to="onnx" needs onnx: pip install "namedtorch[onnx]"'


def test_loading_says_what_to_install() -> None:
    with pytest.raises(ArchiveError) as refused:
        open_onnx(b"", small()[1], "models/small.onnx")
    assert str(refused.value) == (
        'models/small.onnx: is an ONNX model, and loading it needs onnxruntime: pip install "namedtorch[onnx]"'
    )
