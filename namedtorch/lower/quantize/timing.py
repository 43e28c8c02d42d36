"""Timing: how long the float model and the quantized one take, side by side, over batch sizes."""

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch

from namedtorch.diagnostics import LowerError
from namedtorch.diagnostics.table import duration
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.given_example import GivenExample, Inputs, Sizes
from namedtorch.lower.latency import LEAST_ROUNDS, Case, interleaved, threaded
from namedtorch.lower.quantize.latency_rows import Form, Latency, Left, Row, sizes_text
from namedtorch.lower.quantize.quantized import Quantized
from namedtorch.signature.batch import batch_dim, free_dims

BATCHES = (1, 8)
"""The batch sizes that are measured where none are given."""

BURN_IN = 5
"""Rounds that do not count."""

_LEAST = 2 + LEAST_ROUNDS
"""Calls of each form that are made however little time there is: two burn in."""


Calls = Mapping[Form, Callable[..., Any]]
"""What is measured: the eager forms, and the deployed ones where the models can be lowered."""


def latency(
    quantized: Quantized,
    calls: Calls,
    samples: Sequence[Inputs],
    *,
    batch_sizes: Sequence[int] | None,
    sizes: Sizes | None = None,
    rounds: int,
    threads: int,
    budget: float,
) -> Latency:
    """Measures all forms in turns, one batch size behind the other, without gradients.

    A batch is one of the samples if it has that size, and else drawn in the sizes that the first sample has in all
    other dims, but for those in `sizes` ({"T": 32}). Without `batch_sizes` they are `BATCHES`, and what can't be
    measured, or takes longer than `budget` seconds allow, is left out. Raises LowerError where a size that was asked
    for can't be measured, or is of no dim.
    """
    signature = quantized.signature
    batch = batch_dim(signature)
    name = "" if batch is Unknown else batch
    if not name and batch_sizes is not None:
        raise LowerError(
            f"batch_sizes={tuple(batch_sizes)} are sizes of a batch dim, and the first axis of the first tensor of "
            f"`{signature}` is no free dim: leave them out"
        )
    asked, others = bool(batch_sizes or sizes), dict(sizes or {})
    for dim in others:
        if dim not in free_dims(signature):
            listed = ", ".join(f"`{one}`" for one in free_dims(signature)) or "none"
            raise LowerError(
                f"sizes gives one of `{dim}`, which is no free dim of `{signature}`; free are: {listed}"
            )
    counts = batch_sizes or ((others[name],) if name in others else BATCHES)
    wanted: list[Sizes] = [{**others, name: count} for count in dict.fromkeys(counts)] if name else [others]
    limit = math.inf if batch_sizes else budget / len(wanted)
    inputs = _Batches(quantized, samples, name)
    rows: list[Row] = []
    left: list[Left] = []
    for at in itertools.chain(wanted, _last(rows, wanted)):
        try:
            bound, (args, kwargs) = inputs.of(at)
            count = bound.get(name, 1)
            number = count if isinstance(count, int) else 1
            cases = [Case(functools.partial(call, *args, **kwargs), number) for call in calls.values()]
            cost = _cost(cases, threads)
        except Exception as error:  # models raise what they like for sizes that they have no use for
            why = str(error).strip().partition("\n")[0] or type(error).__name__
            if asked:
                raise LowerError(f"the latency can't be measured with {sizes_text(at)}: {why}") from error
            left.append(Left(at, why))
            continue
        if rows and cost * _LEAST > limit:
            why = f"a call of each form takes {duration(cost)}; measured(batch_sizes=({number},)) takes the time for it"
            left.append(Left(at, why))
            continue
        with torch.no_grad():
            timings = interleaved(cases, rounds=range(rounds), burn_in=BURN_IN, budget=limit, threads=threads)
        rows.append(Row(bound, number, dict(zip(calls, timings, strict=True))))
    return Latency(tuple(rows), tuple(left), name, threads, BURN_IN)


def _last(rows: Sequence[Row], wanted: Sequence[Sizes]) -> Iterator[Sizes]:
    """The sizes of the samples themselves, if no others could be measured."""
    if not rows and {} not in wanted:
        yield {}


@dataclass(frozen=True, slots=True)
class _Batches:
    """The inputs of a model in any sizes of its batch dim, "" for none, as like the samples as they can be."""

    quantized: Quantized
    samples: Sequence[Inputs]
    batch: str

    def of(self, wanted: Sizes) -> tuple[Sizes, Inputs]:
        """The sizes of all free dims and groups, and the inputs; raises LowerError where there are none."""
        known = [self._sizes(one) for one in self.samples]
        for sizes, inputs in zip(known, self.samples, strict=True):
            if wanted.items() <= sizes.items():
                return sizes, inputs
        # Sizes of the data count: a network that is fed small images says nothing of large ones.
        like = {**(known[0] if known else {}), **wanted}
        made = self.quantized.subject.examples()["forward"].at(like)
        return self._sizes(made), made

    def _sizes(self, inputs: Inputs) -> Sizes:
        signature = self.quantized.signature
        found = GivenExample(inputs, signature, self.quantized.subject.label).sizes_of(inputs)
        return {name: found[name] for name in free_dims(signature) if name in found}


def _cost(cases: Sequence[Case], threads: int) -> float:
    """Seconds of a call of each; the second one, as the first may build things."""
    with torch.no_grad(), threaded(threads):
        for case in cases:
            case.call()
        started = perf_counter()
        for case in cases:
            case.call()
        return perf_counter() - started
