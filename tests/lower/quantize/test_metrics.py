import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from namedtorch import LowerError, named
from namedtorch.lower.quantize.metrics import (
    TOLERANCE,
    Judgement,
    Metric,
    judged,
    measured_metrics,
    metrics_of,
)
from namedtorch.lower.quantize.steps import Step, path_text


def accuracy(model: Any) -> float:
    return 0.5


def perplexity(model: Any) -> float:
    return 20.0


# tolerance, that of accuracy (a function), that of perplexity (a Metric with 0.5)
TOLERANCES: list[tuple[Any, float, float]] = [
    (None, TOLERANCE, 0.5),
    (0.02, 0.02, 0.5),
    (0, 0.0, 0.5),
    (math.inf, math.inf, 0.5),
    (np.float64(0.25), 0.25, 0.5),
    ({"perplexity": 2}, TOLERANCE, 2.0),
    ({"accuracy": 0.1, "perplexity": 0.25}, 0.1, 0.25),
    ({}, TOLERANCE, 0.5),
]


@pytest.mark.parametrize(("tolerance", "one", "other"), TOLERANCES)
def test_a_tolerance_is_for_all_or_for_one(tolerance: Any, one: float, other: float) -> None:
    found = metrics_of(
        {"accuracy": accuracy, "perplexity": Metric(perplexity, better="lower", tolerance=0.5)}, tolerance
    )
    assert [found["accuracy"].limit, found["perplexity"].limit] == [one, other]
    assert [found["accuracy"].better, found["perplexity"].better] == ["higher", "lower"]


def test_no_metrics_are_none() -> None:
    assert metrics_of(None) == metrics_of({}) == {}


REFUSED: list[tuple[Any, Any, str]] = [
    (accuracy, None, "metrics is a function: give functions of a model by name, metrics={'accuracy': accuracy}"),
    ({"accuracy": 0.9}, None, "the metric `accuracy` is the float 0.9, and no function of a model"),
    ({3: accuracy}, None, "a metric is called 3: give it a name"),
    ({"": accuracy}, None, "a metric is called '': give it a name"),
    (None, 0.1, "tolerance=0.1 is what metrics may lose, and there are none: give metrics={'accuracy': accuracy}"),
    ({}, {"accuracy": 0.1}, "is what metrics may lose, and there are none"),
    ({"accuracy": accuracy}, {"acuracy": 0.1}, "of `acuracy`, which is no metric; did you mean `accuracy`?"),
    ({"accuracy": accuracy}, {"loss": 0.1}, "says something of `loss`, which is no metric; there is `accuracy`"),
    ({"accuracy": accuracy}, -0.1, "tolerance is -0.1: it is a number, 0 or more, in the numbers of the metric"),
    ({"accuracy": accuracy}, math.nan, "tolerance is nan: it is a number, 0 or more"),
    ({"accuracy": accuracy}, "1%", "tolerance is '1%': it is a number"),
    ({"accuracy": accuracy}, True, "tolerance is True: it is a number"),
    ({"accuracy": accuracy}, {"accuracy": -1}, "the tolerance of `accuracy` is -1: it is a number"),
]  # fmt: skip


@pytest.mark.parametrize(("metrics", "tolerance", "message"), REFUSED)
def test_what_is_no_metric_or_no_tolerance_is_refused(metrics: Any, tolerance: Any, message: str) -> None:
    with pytest.raises(LowerError) as error:
        metrics_of(metrics, tolerance)
    assert message in str(error.value).replace("<function accuracy>", "a function").replace(
        "an function", "a function"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"function": 0.5}, "a metric is a function of a model, not the float 0.5"),
        ({"function": accuracy, "better": "more"}, "better='more' is none of \"higher\", \"lower\""),
        ({"function": accuracy, "tolerance": -1}, "the tolerance of a metric is -1: it is a number, 0 or more"),
    ],
)  # fmt: skip
def test_a_metric_is_checked_when_it_is_made(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(LowerError) as error:
        Metric(**arguments)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        Fraction(1, 2),
        np.float32(0.5),
        np.array(0.5),
        np.array([0.5]),
        torch.tensor(0.5),
        torch.tensor([[0.5]], dtype=torch.bfloat16),
        torch.tensor(0.5, requires_grad=True),
        named(torch.tensor([0.5]), "N"),
    ],
)
def test_numbers_of_all_kinds_are_metrics(value: Any) -> None:
    model = nn.Linear(1, 1)
    assert measured_metrics(metrics_of({"a": lambda one: value, "b": lambda one: 3}), model) == {
        "a": 0.5,
        "b": 3.0,
    }


def test_infinite_numbers_are_metrics() -> None:
    assert measured_metrics(metrics_of({"psnr": lambda one: torch.tensor(math.inf)}), nn.ReLU()) == {
        "psnr": math.inf
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "the metric `f1` gives None: does its function end with a return?"),
        (math.nan, "the metric `f1` is not a number (NaN): nothing can be compared with it"),
        (torch.tensor(math.nan), "the metric `f1` is not a number (NaN)"),
        ("0.5", "the metric `f1` gives the str '0.5', and is to give a number"),
        (np.str_("0.5"), "the metric `f1` gives"),
        (1 + 2j, "the metric `f1` gives the complex (1+2j), and is to give a number"),
        (torch.tensor(1 + 2j), "the metric `f1` gives the complex (1+2j), and is to give a number"),
        ([0.5], "the metric `f1` gives a list of 1, and is to give a number"),
        (torch.ones(10), "the metric `f1` gives a float32 Tensor (10,), and is to give one number: take its mean"),
        (np.zeros(0), "the metric `f1` gives a float64 ndarray (0,), and is to give one number"),
        ({"f1": 0.5}, "the metric `f1` gives a mapping, and is to give one number: give a metric for each"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(value: Any, message: str) -> None:
    with pytest.raises(LowerError) as error:
        measured_metrics(metrics_of({"f1": lambda model: value}), nn.ReLU())
    assert message in str(error.value)


def test_a_metric_that_fails_is_named() -> None:
    def fails(model: Any) -> float:
        raise KeyError("labels")

    with pytest.raises(KeyError) as error:
        measured_metrics(metrics_of({"f1": fails}), nn.ReLU())
    assert error.value.__notes__ == ["in the metric `f1` of ReLU()"]


def test_every_metric_sees_a_model_in_eval_mode() -> None:
    seen: list[bool] = []

    def careless(model: nn.Module) -> float:
        seen.append(model.training)
        model.train()
        return 1.0

    model = nn.ReLU()
    measured_metrics(metrics_of({"a": careless, "b": careless}), model)
    assert seen == [False, False]
    assert not model.training


# better, tolerance, before, after, whether it is within, how much worse it became
CHANGES: list[tuple[Any, float, float, float, bool, float]] = [
    ("higher", 0.01, 0.97, 0.96, True, 0.01),
    ("higher", 0.01, 0.97, 0.959, False, 0.011),
    ("higher", 0.01, 0.97, 0.99, True, -0.02),
    ("higher", 0.0, 0.97, 0.97, True, 0.0),
    ("higher", 0.0, 0.97, 0.969, False, 0.001),
    ("lower", 0.5, 20.0, 20.5, True, 0.5),
    ("lower", 0.5, 20.0, 20.6, False, 0.6),
    ("lower", 0.5, 20.0, 3.0, True, -17.0),
    ("higher", 1.0, math.inf, math.inf, True, 0.0),
    ("higher", 1.0, math.inf, 60.0, False, math.inf),
    ("higher", math.inf, 0.9, 0.1, True, 0.8),
    ("higher", 0.01, float(np.float32(0.97)), float(np.float32(0.96)), True, 0.01),
]


@pytest.mark.parametrize(("better", "tolerance", "before", "after", "within", "loss"), CHANGES)
def test_a_change_is_within_the_tolerance_or_not(
    better: Any, tolerance: float, before: float, after: float, within: bool, loss: float
) -> None:
    metrics = {"m": Metric(accuracy, better, tolerance)}
    found = judged(metrics, {"m": before}, {"m": after})
    assert found.within == within == (not found.beyond)
    assert found.changes[0].loss == pytest.approx(loss, abs=1e-6)
    assert found.to_dict()["within"] == within


def test_every_metric_is_judged_and_the_worst_come_first() -> None:
    metrics = metrics_of(
        {
            "mean": accuracy,
            "worst class": accuracy,
            "loss": Metric(perplexity, "lower", 0.1),
            "same": accuracy,
        }
    )
    found = judged(
        metrics,
        {"mean": 0.9, "worst class": 0.8, "loss": 1.0, "same": 0.5},
        {"mean": 0.9055, "worst class": 0.7, "loss": 1.15, "same": 0.5},
    )
    assert not found.within
    assert [one.name for one in found.beyond] == ["worst class", "loss"]
    assert str(found) == (
        "worst class 0.8 -> 0.7, 0.1 worse, and 0.01 may be lost; loss 1 -> 1.15, 0.15 worse, and 0.1 may be lost; "
        "mean 0.9 -> 0.9055, 0.0055 better; same stays 0.5"
    )


def test_the_path_of_steps_is_a_table_and_a_sentence_for_each() -> None:
    before = {"accuracy": 0.97, "loss": 0.1}
    steps = [
        Step("dynamic", {}, False, "it can't be made: nothing fits", "int8, per channel, x86", (), {}),
        Step("static", {"accuracy": 0.9, "loss": 0.3}, False, "too much", "int8, x86", ("a",), before),
        Step(
            "qat", {"accuracy": 0.97, "loss": 12345.6}, True, "it is within", "int8, x86", ("a", "b"), before
        ),
    ]
    assert path_text(steps).splitlines() == [
        "                                      accuracy   loss",
        "float                                     0.97    0.1",
        "1. dynamic (int8, per channel, x86)          -      -  not made",
        "2. static (int8, x86, 1 layer float)       0.9    0.3  not taken",
        "3. qat (int8, x86, 2 layers float)        0.97  12346  taken",
        "1. dynamic (int8, per channel, x86): it can't be made: nothing fits",
        "2. static (int8, x86, 1 layer float): too much",
        "3. qat (int8, x86, 2 layers float): it is within",
    ]
    assert path_text([]) == ""
    assert steps[1].to_dict() == {
        "method": "static",
        "settings": "int8, x86",
        "skipped": ["a"],
        "accepted": False,
        "reason": "too much",
        "float_metrics": before,
        "metrics": {"accuracy": 0.9, "loss": 0.3},
        "judgement": Judgement().to_dict(),
    }
