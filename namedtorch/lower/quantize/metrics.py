"""Metrics: what a user measures of a model, and how much of it may be lost."""

import math
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal, cast

import numpy as np
from torch import Tensor

from namedtorch.diagnostics import LowerError
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.array import array_text
from namedtorch.values.named_tensor import NamedTensor

TOLERANCE = 0.01
"""How much worse a metric may become where nobody says otherwise: one point of an accuracy."""

_SLACK = 1e-6
"""What of a loss is no loss but rounding, in parts of the metric: 0.97 - 0.96 is more than 0.01."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A function of a model that gives a number, which way is better, and the loss that is tolerated.

    The model is called as the float one is. `tolerance` counts in the metric's own numbers; Unknown leaves it to what
    is said for all metrics. Raises LowerError for what is no function, no direction, or no tolerance.
    """

    function: Callable[[Any], Any]
    better: Literal["higher", "lower"] = "higher"
    tolerance: float | UnknownType = Unknown

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise LowerError(f"a metric is a function of a model, not {array_text(self.function)}")
        if self.better not in ("higher", "lower"):
            raise LowerError(f'better={self.better!r} is none of "higher", "lower"')
        if self.tolerance is not Unknown:
            _check_tolerance(self.tolerance, "the tolerance of a metric")

    @property
    def limit(self) -> float:
        """The tolerance, or the usual one where none is said."""
        return TOLERANCE if self.tolerance is Unknown else self.tolerance

    def loss(self, before: float, after: float) -> float:
        """How much worse a number is than another; negative where it is better."""
        if before == after:
            return 0.0
        return before - after if self.better == "higher" else after - before


@dataclass(frozen=True, slots=True)
class Change:
    """A metric of the float model and of the quantized one; `loss` is how much worse it became."""

    name: str
    before: float
    after: float
    loss: float
    tolerance: float

    @property
    def within(self) -> bool:
        """Whether it lost no more than is tolerated."""
        sizes = [abs(one) for one in (self.before, self.after) if math.isfinite(one)]
        return self.loss <= self.tolerance + _SLACK * max(sizes, default=0.0)

    def __str__(self) -> str:
        if self.loss == 0:
            return f"{self.name} stays {shown(self.after)}"
        way = "worse" if self.loss > 0 else "better"
        limit = "" if self.within else f", and {shown(self.tolerance)} may be lost"
        return (
            f"{self.name} {shown(self.before)} -> {shown(self.after)}, {shown(abs(self.loss))} {way}{limit}"
        )

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON-able data; what is not finite is null."""
        found = {
            "float": self.before,
            "quantized": self.after,
            "loss": self.loss,
            "tolerance": self.tolerance,
        }
        finite = {name: value if math.isfinite(value) else None for name, value in found.items()}
        return {"name": self.name, **finite, "within": self.within}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of every metric: one aggregate would hide uneven damage."""

    changes: tuple[Change, ...] = ()

    @property
    def within(self) -> bool:
        """Whether every metric is within its tolerance."""
        return all(one.within for one in self.changes)

    @property
    def beyond(self) -> tuple[Change, ...]:
        """The metrics that lost more than is tolerated, those that lost most of it first."""
        lost = [one for one in self.changes if not one.within]
        return tuple(sorted(lost, key=_excess, reverse=True))

    def __str__(self) -> str:
        return "; ".join(str(one) for one in (*self.beyond, *(one for one in self.changes if one.within)))

    def to_dict(self) -> dict[str, Any]:
        """The judgement as JSON-able data."""
        return {"within": self.within, "changes": [one.to_dict() for one in self.changes]}


def metrics_of(
    metrics: Mapping[str, Metric | Callable[[Any], Any]] | None,
    tolerance: float | Mapping[str, float] | None = None,
) -> dict[str, Metric]:
    """What a user gave as metrics, each with its tolerance; nothing for None.

    Of a function, higher is better. The tolerance by a metric's name counts first, then that of the Metric, then the
    number for all. Raises LowerError for what is no function, for names of no metric, and for negative tolerances.
    """
    if metrics is None:
        metrics = {}
    if not isinstance(metrics, Mapping):
        raise LowerError(
            f"metrics is {array_text(metrics)}: give functions of a model by name, metrics={{'accuracy': accuracy}}"
        )
    found: dict[str, Metric] = {}
    for name, one in metrics.items():
        if not isinstance(name, str) or not name:
            raise LowerError(f"a metric is called {name!r}: give it a name, metrics={{'accuracy': accuracy}}")
        if not isinstance(one, Metric) and not callable(one):
            raise LowerError(f"the metric `{name}` is {array_text(one)}, and no function of a model")
        found[name] = one if isinstance(one, Metric) else Metric(one)
    if tolerance is None:
        return found
    if not found:
        raise LowerError(
            f"tolerance={tolerance!r} is what metrics may lose, and there are none: give metrics="
            "{'accuracy': accuracy}"
        )
    if not isinstance(tolerance, Mapping):
        _check_tolerance(tolerance, "tolerance")
        return {
            name: replace(one, tolerance=tolerance) if one.tolerance is Unknown else one
            for name, one in found.items()
        }
    for name, limit in tolerance.items():
        if name not in found:
            near = get_close_matches(str(name), found, n=1)
            hint = (
                f"; did you mean `{near[0]}`?"
                if near
                else f"; there is {', '.join(f'`{one}`' for one in found)}"
            )
            raise LowerError(f"tolerance says something of `{name}`, which is no metric{hint}")
        _check_tolerance(limit, f"the tolerance of `{name}`")
        found[name] = replace(found[name], tolerance=limit)
    return found


def measured_metrics(metrics: Mapping[str, Metric], model: Any) -> dict[str, float]:
    """The numbers that the metrics of a model give; it is in eval mode at the start of each.

    An infinite one is a number. Raises LowerError for what is none, with the metric's name, and what a metric raises.
    """
    found: dict[str, float] = {}
    for name, metric in metrics.items():
        model.eval()
        try:
            value = metric.function(model)
        except Exception as error:
            error.add_note(f"in the metric `{name}` of {model!r:.200}")
            raise
        finally:
            model.eval()
        found[name] = _number(name, value)
    return found


def judged(
    metrics: Mapping[str, Metric], before: Mapping[str, float], after: Mapping[str, float]
) -> Judgement:
    """The metrics of the float model against those of the quantized one."""
    return Judgement(
        tuple(
            Change(name, before[name], after[name], one.loss(before[name], after[name]), one.limit)
            for name, one in metrics.items()
        )
    )


def shown(number: float) -> str:
    """A number as people read it: four digits."""
    return f"{number:.4g}" if abs(number) < 1e4 or not math.isfinite(number) else f"{number:.0f}"


def _excess(one: Change) -> float:
    """How many times the tolerated loss it lost."""
    return one.loss / one.tolerance if one.tolerance else math.inf


def _number(name: str, value: Any) -> float:
    """The number that a metric gave; raises LowerError for what is none."""
    plain = value.tensor if isinstance(value, NamedTensor) else value
    if isinstance(plain, Tensor | np.ndarray | np.generic):
        count = plain.numel() if isinstance(plain, Tensor) else plain.size
        if count != 1:
            raise LowerError(
                f"the metric `{name}` gives {array_text(value)}, and is to give one number: take its mean, or give a "
                "metric for each"
            )
        plain = cast("Any", plain).item()
    if plain is None:
        raise LowerError(f"the metric `{name}` gives None: does its function end with a return?")
    if isinstance(plain, Mapping):
        raise LowerError(
            f"the metric `{name}` gives a mapping, and is to give one number: give a metric for each"
        )
    if not isinstance(plain, numbers.Real) and (isinstance(plain, str) or not hasattr(plain, "__float__")):
        raise LowerError(f"the metric `{name}` gives {array_text(plain)}, and is to give a number")
    found = float(cast("Any", plain))
    if math.isnan(found):
        raise LowerError(
            f"the metric `{name}` is not a number (NaN): nothing can be compared with it; a mean of nothing is NaN, "
            "and so is what an infinite or NaN output leads to"
        )
    return found


def _check_tolerance(value: object, what: str) -> None:
    good = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not good or not float(cast("Any", value)) >= 0:
        raise LowerError(f"{what} is {value!r}: it is a number, 0 or more, in the numbers of the metric")
