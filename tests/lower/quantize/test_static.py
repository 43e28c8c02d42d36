"""Static quantization: scales from data, per tensor and per channel, engines, what torch gets wrong, skip, qconfigs."""

import pytest
import torch
from torch import Tensor, nn
from torch.ao.quantization import HistogramObserver, MinMaxObserver, QConfig, default_weight_observer
from torch.nn import functional as F

import namedtorch
from namedtorch import DimError, Float, LowerError, prepare, quantize
from tests.lower.quantize.plain_models import Branches, Classes, Image, Maps, Residual, conv, settled
from tests.lower.quantize.test_units import decibels, image
from tests.lower.unverified import lower

ENGINES = sorted({"x86", "qnnpack"} & {*torch.backends.quantized.supported_engines})


class Small(nn.Module):
    """A convolution and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Image) -> Classes:
        return self.head(self.body(x).mean((2, 3)))


@pytest.fixture(scope="module")
def small() -> Small:
    torch.manual_seed(0)
    model = settled(Small())
    assert isinstance(model, Small)
    return model


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("per_channel", [True, False])
@torch.no_grad()
def test_weights_per_tensor_and_per_channel_for_each_engine(
    small: Small, engine: str, per_channel: bool
) -> None:
    before = torch.backends.quantized.engine
    data = [image(), image()]
    quantized = quantize(small, "static", data, engine=engine, per_channel=per_channel, progress=False)
    assert quantized.quantization.engine == engine
    body = quantized.quantization.layers["body.0"]
    expected = ("per_channel", 0, "out") if per_channel else ("per_tensor", None, None)
    assert (body.scheme, body.axis, body.dim) == expected
    assert (body.kind, body.fused, body.weight) == ("Conv2d", ("BatchNorm2d", "ReLU"), "qint8")
    assert decibels(small(data[0]), quantized(data[0])) > 20
    assert decibels(quantized(data[0]), lower(quantized)(data[0])) > 60
    assert torch.backends.quantized.engine == before


def test_the_float_model_is_left_as_it_is(small: Small) -> None:
    state = {name: value.clone() for name, value in small.state_dict().items()}
    attributes = {name: set(vars(one)) for name, one in small.named_modules()}
    small.train()
    data, drawn = [image()], torch.get_rng_state()
    quantized = quantize(small, "static", data, progress=False)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert small.training
    small.eval()
    assert {name: set(vars(one)) for name, one in small.named_modules()} == attributes
    assert all(torch.equal(state[name], value) for name, value in small.state_dict().items())
    assert torch.equal(quantized.float_module(x := image()), small(x))
    assert not quantized.module.training


def test_the_reference_has_the_layers_of_the_quantized_body(small: Small) -> None:
    quantized = quantize(small, "static", [image()], progress=False)
    x = image()
    torch.testing.assert_close(quantized.reference(x), small(x), rtol=1e-4, atol=1e-5)
    known = dict(quantized.reference.named_modules())
    assert all(path in known for path in quantized.quantization.layers)


class Fixed(nn.Module):
    """A sigmoid of an image, whose input torch would round to the range of its result."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1)

    def forward(self, x: Image) -> Maps:
        return self.conv(torch.sigmoid(x))


class Transposed(nn.Module):
    """Transposed convolutions, which some engines of torch compute wrongly."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.up = nn.ConvTranspose2d(8, 4, 2, 2)
        self.same = nn.ConvTranspose2d(4, 4, 2, 2)

    def forward(self, x: Image) -> Float[Tensor, "N D=4 H2 W2"]:
        return self.same(self.up(self.body(x)))


class Weights(nn.Module):
    """A convolution with weights of the user's own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1)
        self.weights = nn.Parameter(torch.randn(8, 8, 1, 1))

    def forward(self, x: Image) -> Maps:
        return F.conv2d(self.conv(x), self.weights)


@pytest.mark.parametrize("model", [Fixed, Transposed, Weights, Branches])
@torch.no_grad()
def test_what_torch_gets_wrong_stays_float(model: type[nn.Module]) -> None:
    torch.manual_seed(0)
    made = settled(model())
    data = [image(), image()]
    quantized = quantize(made, "static", data, progress=False)
    assert decibels(made(data[0]), quantized(data[0])) > 20
    assert quantized.quantization.layers


def test_skip_leaves_layers_float(small: Small) -> None:
    for skip in (["head"], [nn.Linear], "head"):
        quantized = quantize(small, "static", [image()], skip=skip, progress=False)
        assert [*quantized.quantization.layers] == ["body.0"]
        assert quantized.quantization.stayed["head"].startswith("it is skipped")
    with pytest.raises(LowerError, match="skip='hed' names no layer of the model; did you mean `head`"):
        quantize(small, "static", [image()], skip="hed")


def test_own_observers_are_used(small: Small) -> None:
    own = QConfig(activation=MinMaxObserver.with_args(dtype=torch.quint8), weight=default_weight_observer)
    prepared = prepare(small, "static", qconfig=own)
    kinds = {type(one) for one in prepared.modules()}
    assert MinMaxObserver in kinds
    assert HistogramObserver not in kinds
    prepared(image())
    assert prepared.convert().quantization.layers["body.0"].scheme == "per_tensor"


def test_calibration_by_hand(small: Small) -> None:
    prepared = prepare(small, "static")
    assert repr(prepared) == "<Prepared Small: x: N C=3 H W -> N classes=5>"
    for _ in range(2):
        assert torch.allclose(prepared(x := image()), small(x), atol=1e-5)
    first = prepared.convert()
    prepared(image() * 50)
    second = prepared.convert()
    x = image()
    assert not torch.equal(first(x), second(x))
    assert first.quantization.float_digest == second.quantization.float_digest


def test_a_batch_of_another_layout_is_refused_before_the_observers_see_it(small: Small) -> None:
    prepared = prepare(small, "static")
    with pytest.raises(DimError, match="is it N H W C"):
        prepared(image().permute(0, 2, 3, 1))
    with pytest.raises(LowerError) as caught:
        prepared.convert()
    assert str(caught.value) == (
        "Small was not called since it was prepared, so it knows no scales: call it with batches (for x in data: "
        "prepared(x)), then convert()"
    )
    with pytest.raises(DimError, match=r"(?s)is it N H W C.*batch 1 of the data"):
        quantize(small, "static", [image(), image().permute(0, 2, 3, 1)], progress=False)


class Sized(nn.Module):
    """Code that does something else for large images, which nobody draws."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1)

    def forward(self, x: Image) -> Maps:
        y = self.conv(x)
        # torch.fx has no sizes, and sees one of the two.
        return y * (1.0 if type(x.shape[-1]) is not int or x.shape[-1] < 64 else 2.0)


def test_a_call_that_is_like_none_before_is_compared_with_the_float_model() -> None:
    model = Sized().eval()
    prepared = prepare(model, "static")
    prepared(image(1, 9, 9))
    with pytest.raises(
        LowerError, match="Sized was prepared for other calls than this one, and would not do"
    ):
        prepared(image(1, 4, 80))
    # With data that has such calls, it stays Python.
    quantized = quantize(model, "static", [image(), image(), image(), image(1, 4, 80)], progress=False)
    for size in (12, 80):
        x = image(1, 4, size)
        assert decibels(model(x), quantized(x)) > 20


def test_training_a_calibrated_model_is_refused(small: Small) -> None:
    prepared = prepare(small, "static")
    prepared.eval()
    with pytest.raises(LowerError, match='to train it, prepare\\(model, "qat"\\)'):
        prepared.train()


def test_named_tensors_calibrate_as_plain_ones(small: Small) -> None:
    prepared = prepare(small, "static")
    prepared(namedtorch.named(image(), "N C H W"))
    assert prepared.convert()(image()).shape == (2, 5)


def test_a_whole_network_lowers_and_is_verified() -> None:
    torch.manual_seed(0)
    quantized = quantize(settled(Residual()), "static", [image()], progress=False)
    lowered = namedtorch.lower(quantized)
    assert lowered.report.verification is not None
    assert torch.equal(lowered(x := image()), quantized(x))
