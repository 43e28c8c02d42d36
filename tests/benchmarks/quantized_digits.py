"""Accuracy on handwritten digits: the network of `examples/digits_quantized.py` from several seeds, in every form."""

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interleave import table
from named_models import imported
from speed import Row

DIGITS = "digits"

SEEDS = range(5)

FLOAT = "float"
PER_TENSOR = "static, per tensor"
PER_CHANNEL = "static, per channel"
QAT = "QAT, per channel"

LOSSES = {PER_CHANNEL: 1.0, QAT: 0.5}
"""How many points of the float accuracy a form may lose: the median over the seeds."""

ORDER = (PER_TENSOR, PER_CHANNEL, QAT)
"""From what loses most to what loses least."""

NOTES = """\
Noise is twice the standard error over the seeds, and at least one image. QAT trains on from the float network, which
may raise its accuracy above that one's.
"""

TALKS = (
    ("ImageNet, MobileNetV2, static: float -> per tensor, per channel, QAT", "72 -> 57, 67, 71"),
    ("ImageNet, ResNet-50, static", "76.1 -> 75.9"),
    ("ImageNet, MobileNetV2, QAT", "71.9 -> 71.6"),
    ("translation, dynamic, BLEU", "32.78 -> 32.78"),
)


@dataclass(frozen=True, slots=True)
class Accuracies:
    """Percent of the held-out images that each form recognises, by seed."""

    percent: Mapping[str, Sequence[float]]
    images: int

    @property
    def image(self) -> float:
        """What one image counts, in points."""
        return 100 / self.images

    def differences(self, form: str, over: str) -> list[float]:
        """Points that a form has more than another one, seed by seed."""
        pairs = zip(self.percent[form], self.percent[over], strict=True)
        return [one - other for one, other in pairs]

    def gained(self, form: str, over: str) -> float:
        """Points that a form has more than another one: the median over the seeds."""
        return statistics.median(self.differences(form, over))

    def noise(self, form: str, over: str) -> float:
        """Points by which two forms may differ and are equal: twice the standard error, and at least one image."""
        apart = self.differences(form, over)
        return max(2 * statistics.stdev(apart) / math.sqrt(len(apart)), self.image)

    def text(self) -> str:
        """The accuracies of all seeds, and those of the talks."""
        rows = [
            (
                form,
                f"{statistics.median(found):.2f}",
                "" if form == FLOAT else f"{self.gained(form, FLOAT):+.2f}",
                *(f"{one:.2f}" for one in found),
            )
            for form, found in self.percent.items()
        ]
        seeds = (f"seed {seed}" for seed in SEEDS)
        return "\n".join(
            (
                f"Percent of {self.images} held-out digits; one of them is {self.image:.2f} points.\n",
                table(("form", "median", "over float, by seed", *seeds), rows),
                NOTES,
                "What the talks showed, of other networks and other data:\n",
                table(("what", "accuracy"), TALKS),
            )
        )


def accuracies() -> Accuracies:
    """Trains the network from each seed, and quantizes it in every way, in one thread."""
    example, reading = imported("digits_quantized"), imported("digits")
    found: dict[str, list[float]] = {}
    with reading.one_thread():
        for seed in SEEDS:
            model = example.train(seed)
            for form, one in {FLOAT: model, **example.variants(model, seed)}.items():
                found.setdefault(form, []).append(100 * example.accuracy(one))
    return Accuracies(found, len(example.digits().test_labels))


def accuracy_bars(found: Accuracies) -> list[Row]:
    """What is lost at most, and which form loses more than which."""
    rows: list[Row] = []
    for form, allowed in LOSSES.items():
        lost = found.gained(FLOAT, form)
        rows.append(
            Row(
                f"digits, {form}: points lost",
                f"{lost:.2f}",
                f"at most {allowed:g}",
                max(0.0, lost) / allowed,
            )
        )
    for less, more in itertools.pairwise(ORDER):
        gained, noise = found.gained(more, less), found.noise(more, less)
        rows.append(
            Row(
                f"digits, {more} against {less}: points gained",
                f"{gained:+.2f}",
                f"at least -{noise:.2f}, within noise",
                max(0.0, -gained) / noise,
            )
        )
    return rows
