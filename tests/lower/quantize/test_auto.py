from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from namedtorch import DimError, Float, Int, LowerError
from namedtorch.lower.quantize.entry import quantize
from namedtorch.lower.quantize.metrics import Metric
from namedtorch.lower.quantize.steps import path_text


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


class Images(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3)
        self.second = nn.Conv2d(8, 8, 3)
        self.head = nn.Linear(8, 4)

    def forward(self, image: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 4"]:
        return self.head(self.second(self.first(image).relu()).relu().mean((2, 3)))


class Texts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(50, 16)
        self.lstm = nn.LSTM(16, 16, batch_first=True)
        self.head = nn.Linear(16, 4)

    def forward(self, ids: Int[Tensor, "N T"]) -> Float[Tensor, "N 4"]:
        return self.head(self.lstm(self.words(ids))[0][:, -1])


class Speech(nn.Module):
    """A convolution in front of a large LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.front = nn.Conv1d(4, 8, 3, padding=1)
        self.lstm = nn.LSTM(8, 32, batch_first=True)
        self.head = nn.Linear(32, 4)

    def forward(self, sound: Float[Tensor, "N 4 T"]) -> Float[Tensor, "N 4"]:
        return self.head(self.lstm(self.front(sound).transpose(1, 2))[0][:, -1])


class Uneven(nn.Module):
    """Linear layers, the first of which has a large weight for what is always 0: its scale is too coarse for others."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(nn.Linear(16, 16) for _ in range(5)))
        with torch.no_grad():
            self.layers[0].weight[:, 0] = 200

    def forward(self, x: Float[Tensor, "N 16"]) -> Float[Tensor, "N 16"]:
        return self.layers(x)


class Own(nn.Module):
    """Matrices that are no layers: nothing that dynamic quantization takes."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(8, 8))

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 8"]:
        return functional.linear(x, self.matrix)


class Mostly(nn.Module):
    """A large matrix that is no layer, and a small layer."""

    def __init__(self) -> None:
        super().__init__()
        self.own = Own()
        self.head = nn.Linear(8, 2)

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 2"]:
        return self.head(self.own(x))


class Nearest(nn.Module):
    """What it gives are no numbers that could be a little off."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(8, 4)

    def forward(self, x: Float[Tensor, "N 8"]) -> Int[Tensor, "N"]:
        return self.head(x).argmax(1)


def images(count: int = 2, scale: float = 1.0) -> list[tuple[Tensor, Tensor]]:
    return [(scale * torch.randn(4, 3, 10, 9), torch.zeros(4, dtype=torch.long)) for _ in range(count)]


def likeness(model: nn.Module, x: Tensor) -> Any:
    """A metric as a user writes one: how near the outputs are to those of the model, 1 for the same."""
    with torch.no_grad():
        wanted = model(x)

    def measure(other: Any) -> Tensor:
        with torch.no_grad():
            return 1 - (other(x) - wanted).norm() / wanted.norm()

    return measure


def test_a_convolutional_model_is_static() -> None:
    found = quantize(Images().eval(), "auto", images(), progress=False)
    assert found.quantization.method == "static"
    assert {one.scheme for one in found.quantization.layers.values()} == {"per_channel"}
    step = found.steps[0]
    assert [(one.method, one.settings, one.accepted) for one in found.steps] == [
        ("static", f"int8, per channel, {found.quantization.engine}", True)
    ]
    assert step.metrics["signal to noise, dB"] > 20
    assert step.reason.startswith(
        "the model is convolutional: convolutions do 100% of the multiply-adds of a call"
    )
    assert (
        "so static comes first; 100% of the weights are quantized; its outputs on 2 samples have"
        in step.reason
    )
    assert step.reason.endswith("and without metrics 20 dB, noise of a tenth of the signal, are enough")


def test_a_convolutional_model_without_data_asks_for_it() -> None:
    with pytest.raises(LowerError) as error:
        quantize(Images().eval())
    assert str(error.value).startswith("Images is convolutional (convolutions do ")
    assert "scales that come from calibration; give data=, a DataLoader or a list of batches" in str(
        error.value
    )


def test_a_recurrent_model_is_dynamic_without_data() -> None:
    found = quantize(Texts().eval())
    assert found.quantization.method == "dynamic"
    assert set(found.quantization.layers) == {"words", "lstm", "head"}
    assert found.steps[0].reason.startswith(
        "the model is bound by its weights: convolutions do 0% of the multiply-adds of a call"
    )


def test_a_convolution_in_front_of_a_large_lstm_changes_nothing() -> None:
    data = [torch.randn(2, 4, 12)]
    model = Speech().eval()
    found = quantize(
        model, data=data, metrics={"likeness": likeness(model, data[0])}, tolerance=0.1, progress=False
    )
    assert [one.method for one in found.steps] == ["dynamic"]
    assert found.steps[0].float_metrics == {"likeness": 1.0}
    assert 0.9 < found.steps[0].metrics["likeness"] < 1
    assert found.steps[0].judgement.within
    assert (
        "so dynamic comes first; 98% of the weights are quantized; it is within the tolerance: likeness 1 -> 0.9"
        in (found.steps[0].reason)
    )


def test_the_layer_that_costs_most_is_left_float() -> None:
    x = torch.randn(8, 16)
    x[:, 0] = 0
    found = quantize(Uneven().eval(), data=[x], progress=False)
    first, second = found.steps
    assert not first.accepted
    assert first.reason.endswith("and without metrics 20 dB, noise of a tenth of the signal, are asked for")
    assert second.accepted
    assert second.skipped == ("layers.0",)
    assert set(found.quantization.layers) == {f"layers.{number}" for number in range(1, 5)}
    assert second.metrics["signal to noise, dB"] > 20 > first.metrics["signal to noise, dB"]
    lines = path_text(found.steps).splitlines()
    assert lines[2].endswith("not taken")
    assert lines[3].startswith(f"2. dynamic (int8, per channel, {found.quantization.engine}, 1 layer float)")
    assert lines[3].endswith("taken")


def trained(prepared: Any) -> None:
    """Training in small steps: what counts are the scales, those of inputs as they are."""
    steps = torch.optim.SGD(prepared.parameters(), lr=1e-4)
    for image, _ in images(4):
        steps.zero_grad()
        prepared(image).square().mean().backward()
        steps.step()


def test_what_loses_too_much_is_trained() -> None:
    # Calibrated with images that are too bright, the scales are too coarse for what is measured.
    model = Images().eval()
    metric = likeness(model, images(1)[0][0])
    found = quantize(
        model, data=iter(images(3, 500.0)), train=trained, metrics={"likeness": metric}, tolerance=0.1, progress=False
    )  # fmt: skip
    assert found.quantization.method == "qat"
    assert found.steps[-1].accepted
    assert found.steps[-1].method == "qat"
    assert {one.method for one in found.steps[:-1]} == {"static"}
    assert all("too much is lost: likeness 1 -> " in one.reason for one in found.steps[:-1])
    assert found.metrics["likeness"].limit == 0.1


def test_where_nothing_is_good_enough_all_candidates_are_listed() -> None:
    model = Images().eval()
    data = images()
    metric = likeness(model, data[0][0])
    with pytest.raises(LowerError) as error:
        quantize(
            model,
            data=data,
            metrics={"likeness": metric, "loss": Metric(lambda one: 1 - metric(one), better="lower")},
            tolerance={"likeness": 1e-9, "loss": 1},
            progress=False,
        )
    lines = str(error.value).splitlines()
    assert lines[0] == "no candidate for Images is within the tolerance"
    assert lines[1].split() == ["likeness", "loss"]
    assert lines[2].split() == ["float", "1", "0"]
    assert lines[3].strip().startswith("1. static (int8, per channel, ")
    assert lines[3].endswith("not taken")
    assert "worse, and 1e-09 may be lost; loss 0 -> " in str(error.value)
    assert lines[-1].startswith(
        "what to do: raise the tolerance; or give train=, a function that trains the model, for quantization-aware "
        "training; or leave more layers float: those that cost most are ['"
    )


def test_a_candidate_that_can_not_be_made_is_a_step() -> None:
    with pytest.raises(LowerError) as error:
        quantize(Own().eval())
    text = str(error.value)
    assert text.startswith("no candidate for Own can be made and measured\n  1. dynamic (int8, per channel, ")
    assert "so dynamic comes first; it can't be made: nothing in Own can be quantized" in text
    assert text.endswith("what to do: give data= for static quantization")


def test_matrices_that_are_no_layers_are_static() -> None:
    found = quantize(Own().eval(), data=[torch.randn(8, 8)], progress=False)
    assert [(one.method, one.accepted) for one in found.steps] == [("dynamic", False), ("static", True)]


def test_a_candidate_with_few_of_the_weights_is_taken_if_no_other_does_more() -> None:
    alone = quantize(Mostly().eval())
    assert [(one.method, one.accepted) for one in alone.steps] == [("dynamic", True)]
    assert "22% of the weights are quantized; its outputs" in alone.steps[0].reason
    assert alone.steps[0].reason.endswith("are enough; those are few, and no other method quantizes more")
    found = quantize(Mostly().eval(), data=[torch.randn(8, 8)], progress=False)
    assert [(one.method, one.accepted) for one in found.steps] == [("dynamic", False), ("static", True)]
    assert found.quantization.method == "static"


def test_outputs_without_numbers_need_metrics() -> None:
    model = Nearest().eval()
    with pytest.raises(LowerError) as error:
        quantize(model)
    assert "its outputs have no numbers to compare, and there are no metrics: give metrics=" in str(
        error.value
    )
    x = torch.randn(16, 8)
    found = quantize(
        model, metrics={"agreement": lambda one: (one(x) == model(x)).float().mean()}, tolerance=0.2
    )
    assert found.quantization.method == "dynamic"


def test_a_metric_that_a_candidate_can_not_give_is_a_step() -> None:
    model = Texts().eval()

    def careless(other: Any) -> int:
        return next(other.body.head.parameters()).numel()

    with pytest.raises(LowerError) as error:
        quantize(model, metrics={"size": careless})
    assert "it can't be measured: " in str(error.value)


def test_a_metric_that_the_float_model_can_not_give_is_the_users() -> None:
    def fails(model: Any) -> float:
        raise KeyError("labels")

    with pytest.raises(KeyError) as error:
        quantize(Texts().eval(), metrics={"f1": fails})
    assert error.value.__notes__[0].startswith("in the metric `f1` of <Held Texts")


def test_float16_weights_are_dynamic() -> None:
    found = quantize(Texts().eval(), dtype=torch.float16)
    assert [(one.method, one.settings.split(",")[0]) for one in found.steps] == [("dynamic", "float16")]


def test_a_batch_that_does_not_fit_is_refused_before_anything_is_made() -> None:
    with pytest.raises(DimError) as error:
        quantize(Images().eval(), data=[torch.randn(2, 3, 9, 9), torch.randn(2, 9, 9, 3)])
    assert "axis 3 has size 3: is it N H W 3?" in str(error.value)
    assert "batch 1 of the data (counted from 0)" in str(error.value)


def test_a_model_without_weights_is_refused() -> None:
    class Pool(nn.Module):
        def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
            return x.mean(1)

    with pytest.raises(LowerError, match="can be quantized: it has no layers with weights"):
        quantize(Pool())
