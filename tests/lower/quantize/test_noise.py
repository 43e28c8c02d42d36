"""Signal to noise: of tensors, and of the layers of two bodies that run side by side."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.quantize.noise import Noise, noise_between
from namedtorch.lower.quantize.probes import model_noise
from namedtorch.lower.quantize.tables import layer_table

INF, NAN = math.inf, math.nan


def tensor(*numbers: float) -> Tensor:
    return torch.tensor(numbers)


RATIOS: list[tuple[str, Any, Any, object]] = [
    ("the same numbers", tensor(1.0, 2.0), tensor(1.0, 2.0), INF),
    ("a tenth of the power", tensor(10.0), tensor(10.0 + math.sqrt(10)), 10.0),
    ("a hundredth of the power", tensor(3.0, 4.0), tensor(3.0, 4.5), 20.0),
    ("as much noise as signal", tensor(2.0), tensor(4.0), 0.0),
    ("noise on nothing", tensor(0.0, 0.0), tensor(0.0, 1.0), -INF),
    ("nothing stays nothing", tensor(0.0), tensor(0.0), INF),
    ("a mask of infinities", tensor(-INF, 3.0, 4.0), tensor(-INF, 3.0, 4.5), 20.0),
    ("what is not finite in float does not count", tensor(NAN, INF, 1.0), tensor(5.0, 5.0, 1.0), INF),
    ("a number that broke", tensor(1.0, 2.0), tensor(1.0, NAN), -INF),
    ("integers have no noise", torch.tensor([1]), torch.tensor([9]), Unknown),
    ("no numbers", tensor(), tensor(), Unknown),
    ("other sizes", tensor(1.0), tensor(1.0, 2.0), Unknown),
    ("complex", torch.tensor([3 + 4j]), torch.tensor([3 + 4.5j]), 20.0),
    ("half floats", torch.tensor([2.0]).half(), tensor(2.0), INF),
    ("parts", (tensor(3.0), {"b": [tensor(4.0)]}), (tensor(3.0), {"b": [tensor(4.5)]}), 20.0),
    ("another structure", (tensor(3.0),), [tensor(3.0), tensor(1.0)], Unknown),
    ("quantized", tensor(1.0), torch.quantize_per_tensor(tensor(1.0), 0.5, 0, torch.quint8), INF),
]


@pytest.mark.parametrize(("what", "expected", "actual", "ratio"), RATIOS, ids=[one[0] for one in RATIOS])
def test_ratio_of_signal_to_noise(what: str, expected: Any, actual: Any, ratio: object) -> None:
    found = noise_between(expected, actual).decibels
    assert found == ratio or found == pytest.approx(ratio, abs=1e-5)


def test_sums_are_those_of_all_numbers() -> None:
    parts = noise_between(tensor(3.0), tensor(3.0)) + noise_between(tensor(4.0, 5.0), tensor(4.5))
    assert parts == Noise(signal=9.0, numbers=1, apart=1)
    assert Noise(1.0, 0.0, 1, broken=2).to_dict()["snr_db"] is None


class Two(nn.Module):
    """Two layers, behind each other; `twice` calls the first of them again."""

    def __init__(self, first: nn.Module, second: nn.Module, twice: bool = False) -> None:
        super().__init__()
        self.first, self.second, self.twice = first, second, twice

    def forward(self, x: Tensor) -> Tensor:
        made = self.first(x)
        return self.second(self.first(made) if self.twice else made)


class Scaled(nn.Module):
    """Multiplies by a number, in place on request."""

    def __init__(self, factor: float, in_place: bool = False) -> None:
        super().__init__()
        self.factor, self.in_place = factor, in_place

    def forward(self, x: Tensor) -> Tensor:
        return x.mul_(self.factor) if self.in_place else x * self.factor


SAMPLES = [((torch.arange(1.0, 5.0).view(2, 2),), {}), ((torch.ones(1, 2),), {})]
KINDS = {"first": "Scaled", "second": "Scaled"}


def ratio_of(factor: float) -> float:
    """The decibels of numbers that are off by a factor."""
    return -20 * math.log10(abs(factor - 1))


def test_numbers_that_are_none_in_float_are_told() -> None:
    inputs = [((torch.tensor([[NAN, 1.0]]),), {})]
    found = model_noise(Two(Scaled(1.1), Scaled(2.0)), Two(Scaled(1.0), Scaled(2.0)), KINDS, inputs)
    assert (found.outputs.nans, found.outputs.numbers, found.outputs.broken) == (1, 1, 0)
    assert "The float model itself gives NaN for these inputs, 1 times" in " ".join(
        layer_table(found, {}).notes
    )


def test_own_noise_is_apart_from_that_of_the_layers_before() -> None:
    found = model_noise(Two(Scaled(1.1), Scaled(2.0)), Two(Scaled(1.0), Scaled(2.0)), KINDS, SAMPLES)
    first, second = found.layers
    assert (first.path, second.path) == ("first", "second")
    assert first.own.decibels == first.cumulative.decibels == pytest.approx(ratio_of(1.1), abs=1e-4)
    assert (second.own.decibels, second.calls) == (INF, 2)
    assert second.cumulative.decibels == found.outputs.decibels == pytest.approx(20.0, abs=1e-4)


def test_cost_is_the_noise_at_the_outputs_of_the_layer_alone() -> None:
    found = model_noise(Two(Scaled(1.1), Scaled(1.2)), Two(Scaled(1.0), Scaled(1.0)), KINDS, SAMPLES)
    costs = {one.path: one.output.decibels for one in found.layers if one.output is not Unknown}
    assert costs == {"first": pytest.approx(20, abs=1e-4), "second": pytest.approx(ratio_of(1.2), abs=1e-4)}
    assert [one.path for one in found.costliest] == ["second", "first"]
    # 0.2 and 0.1, squared.
    assert [found.share(one) for one in found.costliest] == pytest.approx([0.8, 0.2], abs=1e-5)


class Noisy(Two):
    """The two layers, and between them a function that adds to what it is given."""

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x) * 1.5)


def test_noise_of_functions_between_the_layers_is_told() -> None:
    layers = (Scaled(1.1), Scaled(1.0))
    found = model_noise(Two(*layers), Two(Scaled(1.0), Scaled(1.0)), KINDS, SAMPLES)
    assert found.explained == pytest.approx(1.0)
    assert "explain" not in " ".join(layer_table(found, {}).notes)
    found = model_noise(Noisy(*layers), Two(Scaled(1.0), Scaled(1.0)), KINDS, SAMPLES)
    # 1.1 * 1.5 is off by 0.65, of which the layer alone brings 0.1.
    assert found.explained == pytest.approx((0.1 / 0.65) ** 2, abs=1e-4)
    assert "The layers explain 2% of this noise: " in " ".join(layer_table(found, {}).notes)


def test_a_layer_that_is_called_twice_is_compared_call_by_call() -> None:
    found = model_noise(
        Two(Scaled(2.2), Scaled(1.0), twice=True), Two(Scaled(2.0), Scaled(1.0), twice=True), KINDS, SAMPLES
    )
    first = found.layers[0]
    assert first.calls == 4
    # Off by 1.1 in the first call and by 1.21 in the second, whose signal is twice as large.
    power = (0.1**2 + 4 * 0.21**2) / 5
    assert first.cumulative.decibels == pytest.approx(-10 * math.log10(power), abs=1e-4)
    assert first.own.decibels == pytest.approx(20.0, abs=1e-4)
    assert first.output is not Unknown
    assert first.output.decibels == pytest.approx(ratio_of(1.21), abs=1e-4)


def test_layers_that_work_in_place_are_compared_as_they_were_called() -> None:
    bodies = (Two(Scaled(1.1, in_place=True), Scaled(3.0)), Two(Scaled(1.0, in_place=True), Scaled(3.0)))
    before = SAMPLES[0][0][0].clone()
    found = model_noise(*bodies, KINDS, SAMPLES)
    assert found.layers[0].own.decibels == pytest.approx(20.0, abs=1e-4)
    assert torch.equal(SAMPLES[0][0][0], before)


class Counting(nn.Module):
    """Adds how often it was called, and a random number."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.register_buffer("count", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        return self.layer(x) + self.count + torch.rand(x.shape)


def test_each_run_begins_from_the_same_state_with_the_same_random_numbers() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    found = model_noise(Counting(Scaled(1.0)), Counting(Scaled(1.0)), {"layer": "Scaled"}, SAMPLES * 2)
    assert found.outputs.decibels == INF
    assert torch.equal(torch.rand(3), expected)


def test_layers_that_are_not_called_are_silent_and_aliases_are_told_once() -> None:
    layers = [Scaled(1.0), Scaled(1.0)]
    bodies = [Two(one, one) for one in layers]
    for body in bodies:
        body.add_module("spare", Scaled(1.0))
    found = model_noise(*bodies, {**KINDS, "spare": "Scaled", "gone": "Linear"}, SAMPLES)
    assert [(one.path, one.calls) for one in found.layers] == [("first", 4)]
    assert found.silent == ("spare", "gone")


class Refusing(nn.Module):
    """A layer that only takes what has gone through another one."""

    def forward(self, x: Tensor) -> Tensor:
        if not bool((x < 0).all()):
            raise RuntimeError("negative numbers only\nand a stack of C++")
        return -x


def test_what_a_layer_refuses_is_told_and_the_rest_is_measured() -> None:
    found = model_noise(Two(Scaled(-1.0), Refusing()), Two(Scaled(1.0), Scaled(1.0)), KINDS, SAMPLES)
    second = found.layers[1]
    assert second.why == "it does not take the float layer's arguments: negative numbers only"
    assert (second.own.decibels, second.output) == (Unknown, Unknown)
    assert second.cumulative.decibels == INF
    assert found.share(second) is Unknown


def test_no_time_leaves_the_costs_out() -> None:
    bodies = (Two(Scaled(1.1), Scaled(1.2)), Two(Scaled(1.0), Scaled(1.0)))
    found = model_noise(*bodies, KINDS, SAMPLES, budget=-1)
    assert [(one.path, one.output, one.why) for one in found.costliest] == [
        ("second", Unknown, "the time for it was over"),
        ("first", Unknown, "the time for it was over"),
    ]


class Tagger(nn.Module):
    """An LSTM, whose result is nested, between two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(6, 8)
        self.lstm = nn.LSTM(8, 8, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Float[Tensor, "N T 6"]) -> Float[Tensor, "N 3"]:
        made, (hidden, _) = self.lstm(self.embed(x))
        return self.head(made[:, -1] + hidden[-1])


def quantized_noise(model: nn.Module, method: str, **asked: Any) -> Any:
    made: Any = namedtorch.quantize(model, method, progress=False, **asked)
    kinds = {path: one.kind for path, one in made.quantization.layers.items()}
    return model_noise(made.body, made.reference, kinds, made.samples())


def test_layers_that_give_tuples() -> None:
    torch.manual_seed(0)
    found = quantized_noise(Tagger().eval(), "dynamic")
    assert [one.path for one in found.layers] == ["embed", "lstm", "head"]
    for one in found.layers:
        assert 20 < one.own.decibels < 80
        assert one.output is not Unknown
        assert 20 < one.output.decibels < 80
        assert not one.why
    assert found.layers[0].own == found.layers[0].cumulative


class Narrow(nn.Module):
    """Four layers of which each leaves its input about as large as it is; the second never sees its first feature."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(16, 16) for _ in range(4))
        with torch.no_grad():
            self.layers[0].weight[0], self.layers[0].bias[0] = 0.0, 0.0

    def forward(self, x: Float[Tensor, "N 16"]) -> Float[Tensor, "N 16"]:
        for layer in self.layers:
            x = layer(x)
        return x


def static(model: nn.Module) -> Any:
    return quantized_noise(model, "static", data=[torch.randn(32, 16)], per_channel=False)


def dynamic(model: nn.Module) -> Any:
    return quantized_noise(model, "dynamic", data=None, per_channel=False)


@pytest.mark.parametrize("noise_of", [static, dynamic])
def test_a_layer_with_one_huge_weight_is_named_first(noise_of: Callable[[nn.Module], Any]) -> None:
    torch.manual_seed(0)
    model = Narrow().eval()
    with torch.no_grad():
        # On an input that is always 0: float does not feel it, and with one scale for all the others vanish.
        model.layers[1].weight[3, 0] = 1000.0
    found = noise_of(model)
    worst = found.costliest[0]
    assert worst.path == "layers.1"
    assert worst.own.decibels < 3
    assert found.share(worst) > 0.9
    assert all(one.own.decibels > 20 for one in found.costliest[1:])
    assert found.outputs.decibels < 10
