"""The rows of a latency: what was measured of the float model and the quantized one, in which sizes."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from namedtorch.dims.bindings import value_text
from namedtorch.lower.given_example import Sizes
from namedtorch.lower.latency import Timing


class Form(enum.Enum):
    """One of the two models, in Python behind its guard or as it is deployed: in TorchScript, frozen."""

    FLOAT_EAGER = "float_eager"
    FLOAT = "float"
    QUANTIZED_EAGER = "quantized_eager"
    QUANTIZED = "quantized"


@dataclass(frozen=True, slots=True)
class Row:
    """All forms at the same inputs; `sizes` are those of the free dims and groups."""

    sizes: Sizes
    samples: int
    times: Mapping[Form, Timing]

    @property
    def before(self) -> Timing:
        """The float model as it is deployed; in Python where it can't be."""
        return self.times.get(Form.FLOAT, self.times[Form.FLOAT_EAGER])

    @property
    def after(self) -> Timing:
        """The quantized model as it is deployed; in Python where it can't be."""
        return self.times.get(Form.QUANTIZED, self.times[Form.QUANTIZED_EAGER])

    @property
    def speed(self) -> float:
        """How many times as fast the quantized model is, both as they are deployed, round by round."""
        return self.after.speed_over(self.before)

    @property
    def speed_over_eager(self) -> float:
        """How many times as fast the deployed quantized model is as the float one in Python."""
        return self.after.speed_over(self.times[Form.FLOAT_EAGER])

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON-able data."""
        return {
            "sizes": _plain(self.sizes),
            "samples": self.samples,
            "times": {form.value: _timing(one) for form, one in self.times.items()},
            "speed": self.speed,
            "speed_over_float_eager": self.speed_over_eager,
        }


@dataclass(frozen=True, slots=True)
class Left:
    """Sizes that were not measured, and why."""

    sizes: Sizes
    why: str

    def to_dict(self) -> dict[str, Any]:
        """What was left out as JSON-able data."""
        return {"sizes": _plain(self.sizes), "why": self.why}


@dataclass(frozen=True, slots=True)
class Latency:
    """Rows over batch sizes, and what was left out; `batch` is the dim of samples, "" where no dim is told."""

    rows: tuple[Row, ...]
    left: tuple[Left, ...]
    batch: str
    threads: int
    burn_in: int

    @property
    def common(self) -> Sizes:
        """The sizes of dims other than the batch that all rows share."""
        first = self.rows[0].sizes if self.rows else {}
        return {
            name: size
            for name, size in first.items()
            if name != self.batch and all(row.sizes.get(name) == size for row in self.rows)
        }

    def label(self, row: Row) -> str:
        """What tells a row from the others: `N=8`."""
        common = self.common
        return sizes_text({name: size for name, size in row.sizes.items() if name not in common})

    def to_dict(self) -> dict[str, Any]:
        """The latency as JSON-able data."""
        return {
            "batch_dim": self.batch or None,
            "threads": self.threads,
            "burn_in": self.burn_in,
            "rows": [row.to_dict() for row in self.rows],
            "left_out": [one.to_dict() for one in self.left],
        }


def sizes_text(sizes: Sizes) -> str:
    """`N=8 T=32`; "-" for none."""
    return " ".join(f"{name}={value_text(size)}" for name, size in sizes.items()) or "-"


def _timing(one: Timing) -> dict[str, Any]:
    low, high = one.quartiles
    return {
        "median_s": one.median,
        "quartiles_s": [low, high],
        "samples_per_second": one.samples_per_second,
        "rounds": len(one.seconds),
        "calls_per_round": one.calls,
    }


def _plain(sizes: Sizes) -> dict[str, int | list[int]]:
    return {name: list(size) if isinstance(size, tuple) else size for name, size in sizes.items()}
