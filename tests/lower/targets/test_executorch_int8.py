"""Programs of ExecuTorch in int8: what is quantized, how close it is, for which sizes it holds."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from namedtorch import Float, load, lower, quantize
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.quantization import LayerScheme
from namedtorch.diagnostics import LowerError
from namedtorch.lower.quantize.float_state import state_digest
from namedtorch.lower.targets.executorch import to_executorch
from namedtorch.lower.targets.executorch_quantized import Calibration, noise_of
from tests.lower.targets.flat_programs import Bare, Small, exported
from tests.threads import one_thread as one_thread

pytest.importorskip("executorch")


class Many(nn.Module):
    """What XNNPACK makes int8: layers with a norm, activations in both spellings, and one that it leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.act = nn.ReLU()
        self.middle = nn.Linear(8, 16)
        self.head = nn.Linear(16, 5)
        self.last = nn.LayerNorm(5)

    def forward(self, image: Tensor) -> tuple[Tensor]:
        y = self.act(self.norm(self.conv(image))).mean((2, 3))
        return (self.last(self.head(self.middle(y).relu())),)


def _many() -> tuple[nn.Module, ExportedProgram, Manifest]:
    torch.manual_seed(0)
    module = Many().eval()
    n, h = Dim("N", min=1, max=8), Dim("H", min=4, max=16)
    made = exported(module, "image: N C=3 H 12 -> N classes=5", [torch.randn(3, 3, 9, 12)], [{0: n, 2: h}])
    return module, *made


def _batches(scale: float = 1.0) -> list[list[Tensor]]:
    return [[scale * torch.randn(4, 3, 8, 12)] for _ in range(3)]


@pytest.mark.parametrize(
    ("method", "layers", "stayed"),
    [
        (
            "static",
            {
                "conv": LayerScheme(
                    "Conv2d", "qint8", "qint8", "per_channel", 0, "out", ("BatchNorm2d", "ReLU")
                ),
                "middle": LayerScheme("Linear", "qint8", "qint8", "per_channel", 0, "out", ("relu",)),
                "head": LayerScheme("Linear", "qint8", "qint8", "per_channel", 0, "out"),
            },
            {"last": "XNNPACK's quantizer leaves LayerNorm float"},
        ),
        (
            "dynamic",
            {
                "middle": LayerScheme("Linear", "qint8", "", "per_channel", 0, "out"),
                "head": LayerScheme("Linear", "qint8", "", "per_channel", 0, "out"),
            },
            {
                "conv": "XNNPACK's quantizer leaves Conv2d float",
                "last": "XNNPACK's quantizer leaves LayerNorm float",
                "norm": "XNNPACK's quantizer leaves BatchNorm2d float",
            },
        ),
    ],
)
def test_int8_keeps_the_dims_and_says_what_was_done(
    method: Any, layers: dict[str, LayerScheme], stayed: dict[str, str]
) -> None:
    module, program, manifest = _many()
    digest = state_digest(module)
    made = to_executorch(
        program, manifest, [[torch.randn(1, 3, 4, 12)]], Calibration(method, _batches(), digest)
    )
    told = made.manifest.quantization
    assert told is not None
    assert (told.method, told.engine, told.float_digest) == (method, "xnnpack", digest)
    assert dict(told.layers) == layers
    assert dict(told.stayed) == stayed
    (noise,) = [one for one in made.notes if one.startswith("int8: ")]
    assert noise.endswith(" dB of signal over noise in the results, on 3 batches")
    for size in ((1, 4), (8, 16)):
        given = torch.randn(size[0], 3, size[1], 12)
        expected, found = program.module()(given)[0], made.run([given])[0]
        assert found.shape == expected.shape
        assert 0 < (found - expected).norm() < 0.2 * expected.norm()


def test_a_model_that_int8_destroys_is_refused() -> None:
    _, program, _ = _many()
    with pytest.raises(LowerError) as refused:
        noise_of(program, lambda given: [torch.randn(4, 5)], _batches(), "tests.Many")
    assert str(refused.value).startswith("tests.Many in int8 is not the model any more: -")
    assert str(refused.value).endswith(
        " dB of signal over noise in its results on 3 batches, and 3 dB are the least; calibrate it with batches like "
        "those that it will get, or lower the float model"
    )


def test_a_model_without_such_layers_is_refused() -> None:
    program, manifest = exported(Bare(), "x: N 3 -> N 3", [torch.randn(4, 3)], [{0: Dim("N", max=8)}])
    asked = Calibration("dynamic", [[torch.randn(4, 3)]], state_digest(Small()))
    with pytest.raises(LowerError) as refused:
        to_executorch(program, manifest, [], asked)
    assert str(refused.value) == (
        'XNNPACK\'s quantizer takes no layer of tests.Bare for int8 (method="dynamic" is for linear layers): lower the '
        "float model"
    )


class Photo(nn.Module):
    """Torch alone notes of it that H and W are not 3, which is where a 3x3 convolution leaves one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.head = nn.Linear(8, 4)

    def forward(
        self, image: Float[Tensor, "N C=3 H W @ channels_last where N <= 2, H >= 3, H <= 9, W >= 3, W <= 9"]
    ) -> Float[Tensor, "N 4"]:
        return self.head(self.conv(image).relu().mean((2, 3)))


def test_int8_holds_for_all_sizes_of_the_signature_and_in_its_memory_format(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Photo().eval()
    batches = [stored_by_pixels(2, size) for size in (3, 5, 9)]
    path = tmp_path / "photo.pte"
    lower(quantize(model, "static", batches), to="executorch", verify=False).save(path)
    loaded = load(path)
    for image in batches:
        expected = model(image)
        assert 0 < (loaded(image) - expected).norm() < 0.05 * expected.norm()


def stored_by_pixels(count: int, size: int) -> Tensor:
    return torch.randn(count, 3, size, size).contiguous(memory_format=torch.channels_last)
