"""Quantization-aware training: a prepared model is trained as the float one, and converted in eval mode."""

import copy
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.ao.quantization import disable_fake_quant, disable_observer
from torch.nn import functional as F

import namedtorch
from namedtorch import DimError, LowerError, Prepared, prepare, quantize
from tests.lower.quantize.plain_models import Classes, Image, Positions, Repeated, Residual, conv, settled
from tests.lower.quantize.test_units import decibels, image
from tests.lower.unverified import lower


def train(prepared: nn.Module, steps: int = 30, rate: float = 1e-3) -> None:
    """A user's loop."""
    optimizer = torch.optim.SGD(prepared.parameters(), rate)
    for _ in range(steps):
        loss = prepared(image(4, 8, 8)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


class Dropping(nn.Module):
    """Dropout in its functional form, with a probability that depends on the mode as well."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Image) -> Classes:
        x = F.dropout(self.body(x).mean((2, 3)), 0.5, training=self.training)
        return self.head(x)


def test_functional_dropout_follows_the_mode_and_is_off_in_the_end() -> None:
    torch.manual_seed(0)
    prepared = prepare(settled(Dropping()), "qat")
    x = image()
    assert prepared.training
    assert not torch.equal(prepared(x), prepared(x))
    prepared.eval()
    prepared.apply(disable_observer)
    assert torch.equal(prepared(x), prepared(x))
    prepared.train()
    quantized = prepared.convert()
    assert torch.equal(quantized(x), quantized(x))
    lowered = lower(quantized)
    assert torch.equal(lowered(x), quantized(x))
    assert [*quantized.quantization.layers] == ["body.0", "head"]


class Auxiliary(nn.Module):
    """Another head in training."""

    def __init__(self) -> None:
        super().__init__()
        self.body = conv(3, 8)
        self.head = nn.Linear(8, 5)
        self.aux = nn.Linear(8, 5)

    def forward(self, x: Image) -> Classes:
        x = self.body(x).mean((2, 3))
        return self.head(x) + 10 * self.aux(x) if self.training else self.head(x)


def test_what_is_done_in_training_only_is_not_done_afterwards() -> None:
    torch.manual_seed(0)
    quantized = quantize(settled(Auxiliary()), "qat", train=partial(train, rate=0.0))
    x = image(4, 8, 8)
    assert decibels(quantized.float_module(x), quantized(x)) > 15
    assert "aux" in quantized.quantization.layers


class Signs(torch.autograd.Function):
    """A step whose gradient is that of a line."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x.sign()

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return gradients[0]


class Stepping(nn.Module):
    """A gradient of the user's own in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.last = nn.Linear(8, 5)

    def forward(self, x: namedtorch.Float[Tensor, "N F=6"]) -> Classes:
        return self.last(Signs.apply(self.first(x)))


def test_gradients_of_the_users_own_are_kept() -> None:
    torch.manual_seed(0)
    prepared = prepare(Stepping(), "qat")
    prepared(torch.randn(4, 6)).sum().backward()
    gradients = {name: one.grad for name, one in prepared.named_parameters()}
    [first] = [one for name, one in gradients.items() if "first" in name and name.endswith("weight")]
    assert first is not None
    assert first.norm() > 0
    assert [*prepared.convert().quantization.layers] == ["first", "last"]


@pytest.mark.parametrize("model", [Residual, Repeated])
def test_training_learns_as_the_float_model_would(model: type[nn.Module]) -> None:
    torch.manual_seed(0)
    given = settled(model())
    before = copy.deepcopy(given.state_dict())
    seen: list[Prepared] = []

    def loop(prepared: Prepared) -> None:
        seen.append(prepared)
        train(prepared, rate=1e-2)

    quantized = quantize(given, "qat", train=loop)
    after = quantized.float_module.body.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(value, given.state_dict()[name]) for name, value in before.items())
    # All that is trained has reached the float model: weights, norms and their statistics.
    assert [name for name, value in before.items() if torch.equal(value, after[name])] == []
    x = image(4, 8, 8)
    prepared = seen[0].eval().apply(disable_observer)
    assert decibels(prepared(x), quantized(x)) > 15
    assert decibels(prepared.apply(disable_fake_quant)(x), quantized.float_module(x)) > 60
    assert decibels(quantized.float_module(x), quantized.reference(x)) > 60


def test_tables_are_trained() -> None:
    torch.manual_seed(0)
    prepared = prepare(Positions(), "qat")
    optimizer = torch.optim.SGD(prepared.parameters(), 0.1)
    before = copy.deepcopy(prepared.state_dict())
    prepared(torch.randint(20, (2, 6))).square().mean().backward()
    optimizer.step()
    changed = [
        name
        for name, value in prepared.state_dict().items()
        if name in before
        and value.shape == before[name].shape
        and name.endswith("weight")
        and not torch.equal(value, before[name])
    ]
    assert len(changed) == 3
    floats = prepared.convert().float_module.body.state_dict()
    assert all(
        any(torch.equal(value, floats[own]) for own in floats)
        for name, value in prepared.state_dict().items()
        if name in changed
    )


def test_a_batch_of_another_layout_is_refused_in_training() -> None:
    prepared = prepare(settled(Dropping()), "qat")
    with pytest.raises(DimError, match="is it N H W C"):
        prepared(image().permute(0, 2, 3, 1))
    with pytest.raises(LowerError) as caught:
        prepared.convert()
    assert str(caught.value) == (
        "Dropping was not trained since it was prepared, so it knows no scales: call it in your training loop, then "
        "convert()"
    )


def test_a_checkpoint_is_a_state_dict() -> None:
    torch.manual_seed(0)
    model = settled(Dropping())
    one, other = prepare(model, "qat"), prepare(model, "qat")
    train(one, 3)
    other.load_state_dict(one.state_dict())
    x = image()
    assert torch.equal(one.convert()(x), other.convert()(x))
    with pytest.raises(TypeError, match=r"save prepared\.state_dict\(\)"):
        one.__reduce_ex__(2)
    again = copy.deepcopy(one)
    assert torch.equal(again.convert()(x), one.convert()(x))


UNTRAINED = (
    'method="qat" trains the model with quantization in view, and was given no training: quantize(model, "qat", '
    'train=loop), loop(prepared) trains its parameters in place; or prepared = prepare(model, "qat"), train it, '
    "prepared.convert()"
)
UNCHANGED = (
    "train= changed no parameter of the prepared model: its optimizer takes prepared.parameters(), not those of "
    "the float model"
)
REFUSED = [
    ({}, UNTRAINED),
    ({"train": 3}, "train= takes a function that trains the prepared model, not int"),
    (
        {"train": lambda _: nn.Linear(1, 1)},
        "train= trains the prepared model in place, and gave back another Linear",
    ),
    (
        {"train": lambda prepared: prepared(image()).mean()},
        UNCHANGED,
    ),
]


@pytest.mark.parametrize(("given", "text"), REFUSED, ids=["none", "number", "other", "nothing"])
def test_what_is_no_training_says_so(given: dict[str, object], text: str) -> None:
    with pytest.raises(LowerError) as caught:
        quantize(settled(Dropping()), "qat", **given)  # type: ignore[arg-type] # what users may give
    assert str(caught.value) == text
