"""What a user asks of quantization: engines, dtypes, layers to leave, and what is no such thing."""

from typing import Any

import pytest
import torch
from torch import nn

from namedtorch import LowerError
from namedtorch.lower.quantize.settings import Settings, converting, settings_of, using

ENGINES = sorted(one for one in torch.backends.quantized.supported_engines if one != "none")


def test_settings_are_those_of_torch_where_none_are_given() -> None:
    assert settings_of("static") == Settings(torch.backends.quantized.engine, torch.qint8, True, (), None)


def test_settings_as_a_user_writes_them() -> None:
    made = settings_of("dynamic", "qnnpack", "float16", False, "head")
    assert made == Settings("qnnpack", torch.float16, False, ("head",), None)
    assert settings_of("dynamic", skip=None).skip == ()
    assert settings_of("dynamic", skip=nn.LSTM).skip == (nn.LSTM,)
    assert settings_of("dynamic", skip=["head", nn.LSTM], dtype=torch.int8).dtype is torch.qint8


FLOAT16 = (
    'method="static" has int8 weights and activations: float16 is for method="dynamic" '
    "(weights that are half as large)"
)
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"method": "magic"}, 'method=\'magic\' is none of "auto", "dynamic", "static", "qat"'),
    (
        {"method": "dynamic", "dtype": "int3"},
        "dtype='int3' is none of torch.qint8 (or torch.int8) and torch.float16",
    ),
    ({"method": "static", "dtype": torch.float16}, FLOAT16),
    (
        {"method": [torch.zeros(1)]},
        'the method comes before the data, quantize(model, "static", data): this is list',
    ),
    (
        {"method": "static", "skip": nn.Linear(1, 1)},
        'skip takes paths of layers and types (skip=["head", nn.Linear]), not Linear',
    ),
    (
        {"method": "static", "engine": "tpu"},
        f"engine='tpu' is none that this build of torch has: {', '.join(ENGINES)}",
    ),
    (
        {"method": "static", "skip": [3]},
        'skip takes paths of layers and types (skip=["head", nn.Linear]), not int',
    ),
]


@pytest.mark.parametrize(("given", "text"), REFUSED)
def test_what_is_no_setting_says_what_is(given: dict[str, Any], text: str) -> None:
    with pytest.raises(LowerError) as caught:
        settings_of(**given)
    assert str(caught.value) == text


@pytest.mark.parametrize("around", [using, converting])
def test_an_engine_is_set_and_set_back(around: Any) -> None:
    before = torch.backends.quantized.engine
    other = next(one for one in ENGINES if one != before)
    seen: list[str] = []

    def fail() -> None:
        with around(other):
            seen.append(torch.backends.quantized.engine)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert seen == [other]
    assert torch.backends.quantized.engine == before
