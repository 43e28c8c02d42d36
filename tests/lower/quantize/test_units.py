"""Units: the parts of a model that are quantized, found in models as people write them, that do what they did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils import _pytree

import namedtorch
from tests.lower.quantize import plain_models as models
from tests.lower.unverified import lower


@dataclass(frozen=True)
class Case:
    """A model, the layers that are quantized, and those that stay float with words of the reason."""

    model: type[nn.Module]
    layers: str
    stayed: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Any, ...] = ()
    other: tuple[Any, ...] = ()


def image(n: int = 2, h: int = 12, w: int = 12) -> Tensor:
    return torch.randn(n, 3, h, w)


CASES = [
    Case(models.Residual, "stem.0 stem.2 block.0.0 block.1.fc1 block.1.fc2 head"),
    Case(models.Branches, "a.0 b.0 join.0"),
    Case(models.Repeated, "stem act conv act_2 conv_2 act_3 conv_3 act_4"),
    Case(models.OnSizes, "stem.0 wide.0 last", other=(image(1, 6, 6),)),
    Case(models.OnValues, "stem.0 blocks.0.0 blocks.1.0 head"),
    Case(models.Optionals, "stem.0 first.conv second.conv", other=(image(), torch.rand(2, 1, 12, 12))),
    Case(models.Lists, "body.0 head", inputs=([image(), image(2, 9, 8)],), other=([image()],)),
    Case(models.Record, "body.0 head"),
    Case(models.Exported, "body.0 head"),
    Case(models.Named, "body.0 head"),
    Case(
        models.Positions,
        "words places out",
        inputs=(torch.randint(20, (2, 6)),),
        other=(torch.randint(20, (3, 9)),),
    ),
    Case(models.Counting, "body.0 head"),
    Case(models.Reading, "body.0", {"head": "the code around it needs the module itself"}),
    Case(models.InPlace, "body.0 last"),
    Case(
        models.Norms,
        "conv norm head",
        {"group": "GroupNorm", "prelu": "torch's quantized operator computes something else"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.model.__name__)
@torch.no_grad()
def test_a_model_as_people_write_it_is_quantized_and_does_what_it_did(case: Case) -> None:
    torch.manual_seed(0)
    model = models.settled(case.model())
    given = case.inputs or (image(),)
    data = [given if len(given) > 1 else given[0]]
    quantized = namedtorch.quantize(model, "static", [*data, *data], progress=False)
    assert [*quantized.quantization.layers] == case.layers.split()
    stayed = quantized.quantization.stayed
    for path, words in case.stayed.items():
        assert words in stayed[path]
    assert stayed.keys() == case.stayed.keys()
    lowered = lower(quantized)
    for inputs in (given, case.other or (image(1, 16, 10),)):
        expected = quantized.float_module(*inputs)
        for one in (quantized, lowered):
            found = one(*inputs)
            assert type(found) is type(expected) or one is lowered
            # Scales were learned from the first inputs.
            assert decibels(expected, found) > (20 if inputs is given else 10)


def decibels(expected: Any, found: Any) -> float:
    """The ratio of signal to noise of two values of one structure."""
    one, other = (
        torch.cat([part.detach().flatten() for part in _pytree.tree_leaves(value)])
        for value in (expected, found)
    )
    return float(10 * torch.log10(one.square().sum() / (one - other).square().sum().clamp_min(1e-12)))


def test_a_layer_with_hooks_stays_float() -> None:
    model = models.settled(models.OnSizes())
    assert isinstance(model, models.OnSizes)
    heard: list[int] = []
    model.last.register_forward_hook(lambda *_: heard.append(1))
    quantized = namedtorch.quantize(model, "static", [image()], progress=False)
    assert quantized.quantization.stayed == {"last": "hooks are called around it"}
    heard.clear()
    quantized(image())
    assert heard == [1]


class Forked(nn.Module):
    """One of two layers, by the sum of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.high = nn.Conv2d(3, 8, 1)
        self.low = nn.Conv2d(3, 8, 1)

    def forward(self, x: models.Image) -> models.Maps:
        return self.high(x) if float(x.sum()) > 0 else self.low(x)


@torch.no_grad()
def test_a_layer_that_no_batch_gets_to_stays_float() -> None:
    torch.manual_seed(0)
    model = Forked().eval()
    x = torch.rand(2, 3, 8, 8)
    prepared = namedtorch.prepare(
        model, "static", example=lambda N, H, W: torch.rand(N, 3, H, W) - N % 2
    )  # dims
    prepared(x)
    quantized = prepared.convert()
    assert [*quantized.quantization.layers] == ["high"]
    assert "low" in quantized.quantization.stayed
    assert torch.equal(quantized(-x), model(-x))
    assert decibels(model(x), quantized(x)) > 20


class Drawing(nn.Module):
    """Random numbers that no argument says: torch.fx would keep those of its one run."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1)

    def forward(self, x: models.Image) -> models.Maps:
        return self.conv(x) + torch.rand(8, 1, 1)


def test_what_torch_fx_follows_wrongly_is_left_to_python() -> None:
    quantized = namedtorch.quantize(Drawing().eval(), "static", [image()], progress=False)
    assert [*quantized.quantization.layers] == ["conv"]
    x = image()
    assert not torch.equal(quantized(x), quantized(x))


def test_nothing_to_quantize_says_why() -> None:
    class Bare(nn.Module):
        def forward(self, x: models.Image) -> models.Image:
            return x.relu()

    with pytest.raises(namedtorch.LowerError) as caught:
        namedtorch.prepare(Bare(), "static")
    assert str(caught.value) == (
        'nothing in test_nothing_to_quantize_says_why.<locals>.Bare can be quantized by "static": it has no '
        "convolution, linear layer or table that torch quantizes"
    )


def test_a_model_that_takes_none_of_its_inputs_says_so() -> None:
    class Failing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 1)

        def forward(self, x: models.Image) -> models.Maps:
            y = self.conv(x).relu_()
            y.mul_(2)
            return y

    with pytest.raises(namedtorch.LowerError, match="Failing can't be trained: a backward pass fails"):
        namedtorch.prepare(Failing(), "qat")
