"""Quantized archives: their weights are packed for the engine that they were made for, if this torch has it."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from namedtorch import load
from namedtorch.archive.quantization import LayerScheme, Quantization
from tests.deploy.archives import write

SIGNATURE = "x: N C=2 H W -> N 3 H-2 W-2"


class Quantized(nn.Module):
    """A quantized convolution around floats."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = torch.ao.nn.quantized.Conv2d(2, 3, 3)
        weight = torch.quantize_per_tensor(torch.randn(3, 2, 3, 3), 0.05, 0, torch.qint8)
        self.conv.set_weight_bias(weight, torch.randn(3))
        self.conv.scale = 0.1

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(torch.quantize_per_tensor(x, 0.05, 64, torch.quint8)).dequantize()


def saved(folder: Path, engine: str, name: str = "m.pt") -> Path:
    scheme = LayerScheme("Conv2d", "qint8", "quint8", "per_tensor")
    quantization = Quantization("static", engine, "0" * 64, {"conv": scheme})
    return write(folder / name, Quantized(), SIGNATURE, quantization=quantization)


def packed_for(module: torch.jit.ScriptModule) -> str:
    """The engine that the weights of the convolution are packed for: it names itself where it refuses a dtype."""
    x = torch.quantize_per_tensor(torch.randn(1, 2, 5, 5), 0.05, 0, torch.qint32)
    with pytest.raises(RuntimeError) as caught:
        torch.ops.quantized.conv2d(x, module.conv._packed_params, 0.1, 0)
    return "qnnpack" if "qnnpack" in str(caught.value).lower() else "another"


@pytest.fixture(autouse=True)
def engine_as_before() -> Iterator[None]:
    before = torch.backends.quantized.engine
    yield
    torch.backends.quantized.engine = before


@pytest.mark.parametrize("name", ["m.pt", "m.ptl"])
@pytest.mark.parametrize(("engine", "expected"), [("qnnpack", "qnnpack"), ("x86", "another")])
def test_the_engine_of_the_manifest_packs(tmp_path: Path, engine: str, expected: str, name: str) -> None:
    path = saved(tmp_path, engine, name)
    for own in ("x86", "qnnpack"):
        torch.backends.quantized.engine = own
        model = load(path)
        assert torch.backends.quantized.engine == own
        assert packed_for(model.module) == expected
        assert model(torch.randn(1, 2, 6, 6)).shape == (1, 3, 4, 4)


def test_an_engine_that_this_torch_lacks_is_told_of(tmp_path: Path) -> None:
    path = saved(tmp_path, "hexagon")
    torch.backends.quantized.engine = "qnnpack"
    with pytest.warns(UserWarning, match="hexagon") as told:
        model = load(path)
    said = [str(one.message) for one in told if "hexagon" in str(one.message)]
    expected = (
        f"{path}: is quantized for hexagon, which this build of torch lacks; its weights are packed for qnnpack, and "
        "results may differ in their last digits"
    )
    assert said == [expected]
    assert packed_for(model.module) == "qnnpack"
    x = torch.randn(1, 2, 6, 6)
    torch.testing.assert_close(model(x), load(saved(tmp_path, "qnnpack", "own.pt"))(x))


def test_the_engine_is_set_back_when_the_file_is_broken(tmp_path: Path) -> None:
    path = saved(tmp_path, "qnnpack")
    torch.backends.quantized.engine = "x86"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(bytes(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=r"m\.pt"):
            load(path)
    assert torch.backends.quantized.engine == "x86"
