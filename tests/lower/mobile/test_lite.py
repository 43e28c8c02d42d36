"""Files for phones: the lite interpreter gives what the model gives, and refuses what does not fit by name."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.jit.mobile import LiteScriptModule

from namedtorch import Float, LowerError, load
from namedtorch.lower.quantize.entry import prepare, quantize
from namedtorch.lower.quantize.quantized import Quantized
from tests.lower.mobile.phone_models import Dense, Photos, channels_last, images, on_phone
from tests.lower.unverified import lower

NHWC = "namedtorch: `image` has size 12 at axis 1, but `C` is 3"
STORED = "namedtorch: `image` is not stored as `@ channels_last`: its strides are [360, 120, 10, 1]"


def refusal(model: LiteScriptModule, x: Tensor) -> str:
    with pytest.raises((torch.jit.Error, RuntimeError)) as caught:
        model(x)
    return str(caught.value)


@pytest.mark.parametrize("to", [None, "lite"])
def test_float_models(tmp_path: Path, to: str | None) -> None:
    model = Photos().eval()
    phone = on_phone(lower(model, to=to), tmp_path)
    for x in (images(), channels_last(images(1, 4, 5))):
        torch.testing.assert_close(phone(x), model(x))
    assert NHWC in refusal(phone, images().permute(0, 2, 3, 1))


def test_optimized_models(tmp_path: Path) -> None:
    model = Photos().eval()
    phone = on_phone(lower(model, to="lite", optimize="mobile"), tmp_path)
    for x in (images(), images(1, 4, 5)):
        torch.testing.assert_close(phone(channels_last(x)), model(x), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(
            phone.run_method("encode", channels_last(x)), model.encode(x), rtol=1e-4, atol=1e-5
        )
    assert NHWC in refusal(phone, images().permute(0, 2, 3, 1))
    assert STORED in refusal(phone, images())
    # An image of one pixel, or none, is stored in any order.
    assert "`H`" in refusal(phone, torch.zeros(1, 3, 1, 1))


@pytest.fixture(scope="module")
def quantized() -> Quantized:
    return quantize(Photos().eval(), "static", [images(4), images(2)], progress=False)


@pytest.mark.parametrize("optimize", [None, "mobile"])
def test_quantized_models(tmp_path: Path, quantized: Quantized, optimize: str | None) -> None:
    lowered = lower(quantized, to="lite", optimize=optimize)
    phone = on_phone(lowered, tmp_path)
    x = channels_last(images())
    torch.testing.assert_close(phone(x), quantized(x))
    assert NHWC in refusal(phone, images().permute(0, 2, 3, 1))
    if optimize is not None:
        assert STORED in refusal(phone, images())
        assert "channels-last: inputs `image`, `encode: image`" in str(lowered.report).splitlines()
    loaded = load(tmp_path / "model.ptl", memory_format="convert")
    torch.testing.assert_close(loaded(images()), quantized(images()))
    assert loaded.manifest.quantization is not None


def test_what_is_not_the_quantized_model_itself(quantized: Quantized) -> None:
    with pytest.raises(LowerError, match=r"the module of a quantized model.*: lower\(quantized\)$"):
        lower(quantized.module)
    with pytest.raises(LowerError, match=r"not quantized yet: lower\(prepared\.convert\(\)\)$"):
        lower(prepare(Dense(), "static"))


class Wide(nn.Module):
    """Much of its file is weights."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(6, 4000)

    def forward(self, x: Float[Tensor, "N C=6"]) -> Float[Tensor, "N 4000"]:
        return self.head(x)


def test_quantized_weights_are_written_once(tmp_path: Path) -> None:
    # Weights of a byte, and a scale, a zero point and a bias for each row.
    least = 4000 * (6 + 8 + 8 + 4)
    lowered = lower(quantize(Wide(), "static", [torch.randn(4, 6)], progress=False))
    for made in (lowered, lowered.freeze()):
        for name in ("m.pt", "m.ptl"):
            made.save(tmp_path / name)
            assert least < os.path.getsize(tmp_path / name) < 1.5 * least


WRONG = [
    ("lite", "m.pt", "write m.ptl, or lower it for both, without to="),
    ("lite", "m.onnx", 'write m.ptl, or lower it for that: lower(model, to="onnx")'),
    ("torchscript", "m.ptl", "write m.pt, or lower it for both, without to="),
    ("torchscript", "m", "write m.pt"),
]


@pytest.mark.parametrize(("to", "name", "remedy"), WRONG)
def test_another_suffix_than_the_targets(tmp_path: Path, to: str, name: str, remedy: str) -> None:
    lowered = lower(Dense(), to=to)
    wanted = ".ptl" if to == "lite" else ".pt"
    with pytest.raises(LowerError) as caught:
        lowered.save(tmp_path / name)
    assert str(caught.value) == (
        f'can\'t save {str(tmp_path / name)!r}: the model was lowered with to="{to}", and such a file ends in '
        f"{wanted}: {remedy}"
    )
    assert os.listdir(tmp_path) == []
    lowered.save(tmp_path / f"m{wanted}")


class Box(NamedTuple):
    corners: Tensor
    score: Tensor


def test_what_the_lite_interpreter_has_no_form_for_is_said_when_it_is_lowered(tmp_path: Path) -> None:
    class Either(nn.Module):
        def forward(self, x: Float[Tensor, "N"] | list[Float[Tensor, "N"]]) -> Float[Tensor, "N"]:
            return x if isinstance(x, Tensor) else x[0]

    class Boxes(nn.Module):
        def forward(self, x: Float[Tensor, "N"]) -> list[Box]:
            return [Box(x, x.sum())]

    with pytest.raises(
        LowerError, match=r"has no unions.*lower it without to=\"lite\", or take the alternatives"
    ):
        lower(Either(), to="lite")
    said = (
        r"the lite interpreter knows a record only where it stands alone, not in `result: List\[Box\]`; %s, or put the "
        r"container into the record: `Box` with lists as its fields$"
    )
    with pytest.raises(LowerError, match=said % r'lower it without to="lite"'):
        lower(Boxes(), to="lite")
    with pytest.raises(LowerError, match=said % r"save it as \.pt"):
        lower(Boxes()).save(tmp_path / "m.ptl")
    lower(Boxes()).save(tmp_path / "m.pt")


class Weighed(nn.Module):
    """A record inside of the model is no matter; one that is given to it is."""

    def score(self, box: Box) -> Tensor:
        return box.corners * box.score

    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return self.score(Box(x, x.sum()))


class Given(nn.Module):
    def forward(self, x: Float[Tensor, "N"], box: Box) -> Float[Tensor, "N"]:
        return x * box.score


def test_a_record_as_an_argument_ends_the_process_of_a_lite_interpreter_and_is_refused(
    tmp_path: Path,
) -> None:
    said = (
        r"the lite interpreter takes no record, and dies of a call with `box: Box`; %s, or take the fields as "
        r"parameters of their own: a result may be a record$"
    )
    with pytest.raises(LowerError, match=said % r'lower it without to="lite"'):
        lower(Given(), to="lite")
    with pytest.raises(LowerError, match=said % r"save it as \.pt"):
        lower(Given()).save(tmp_path / "given.ptl")
    x = torch.tensor([1.0, 2.0])
    assert torch.equal(on_phone(lower(Weighed(), to="lite"), tmp_path)(x), Weighed()(x))


class Held(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return self.inner(x)


def test_hooks_that_the_lite_interpreter_leaves_out_are_refused(tmp_path: Path) -> None:
    def raised(module: nn.Module, args: tuple[Tensor], result: Tensor) -> Tensor:
        return result + 100

    model = Weighed()
    model.register_forward_hook(raised)
    with pytest.raises(
        LowerError, match="without the hooks of the outermost module, and would give another result"
    ):
        lower(model, to="lite")
    phone = on_phone(lower(Held(model), to="lite"), tmp_path)
    assert phone(torch.ones(2)).tolist() == [102, 102]
