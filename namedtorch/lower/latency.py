"""Latency: calls that take turns, so that a busy machine slows all of them alike.

A round times every case once, beginning with another one each time; the medians of the rounds count. A call that is
too short for the clock is repeated within its turn.
"""

import gc
import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch

LEAST_TURN = 1e-3
"""Seconds that a turn takes at least: a shorter call is repeated."""

LEAST_ROUNDS = 3
"""Rounds that are made however little time there is."""


@dataclass(frozen=True, slots=True)
class Case:
    """A call to measure, and how many samples it takes through the model.

    The call returns when its result is there: on a device, it waits for it.
    """

    call: Callable[[], object]
    samples: int = 1


@dataclass(frozen=True, slots=True)
class Timing:
    """The seconds that one call of a case took, by round, each the mean of `calls` calls in a row."""

    seconds: tuple[float, ...]
    calls: int
    samples: int

    @property
    def median(self) -> float:
        """The median of the rounds, in seconds."""
        return statistics.median(self.seconds)

    @property
    def p10(self) -> float:
        """What a tenth of the rounds stay under, in seconds."""
        return self._tenths()[0]

    @property
    def p90(self) -> float:
        """What nine tenths of the rounds stay under, in seconds."""
        return self._tenths()[-1]

    @property
    def quartiles(self) -> tuple[float, float]:
        """What a quarter and three quarters of the rounds stay under, in seconds."""
        if len(self.seconds) == 1:
            return self.seconds[0], self.seconds[0]
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high

    @property
    def samples_per_second(self) -> float:
        """Samples through the model in a second, at the median."""
        return self.samples / self.median if self.median else math.inf

    def speed_over(self, other: "Timing") -> float:
        """How many times as fast as another case of the same rounds, round by round."""
        pairs = zip(other.seconds, self.seconds, strict=True)
        return statistics.median(theirs / ours if ours else math.inf for theirs, ours in pairs)

    def _tenths(self) -> Sequence[float]:
        if len(self.seconds) == 1:
            return self.seconds
        return statistics.quantiles(self.seconds, n=10, method="inclusive")


def interleaved(
    cases: Sequence[Case],
    *,
    rounds: Iterable[object] = range(30),
    burn_in: int = 5,
    budget: float = math.inf,
    threads: int = 1,
) -> list[Timing]:
    """Measures the cases in turns, after `burn_in` rounds that do not count.

    `rounds` is iterated once, a round an item (a progress bar's are fine). When `budget` seconds are over, it ends
    after `LEAST_ROUNDS`; a quarter of them ends the burn-in. torch has `threads` threads and garbage collection is off
    meanwhile. What a call raises passes through.
    """
    if not cases:
        return []
    started = time.perf_counter()
    found: list[list[float]] = [[] for _ in cases]
    with _undisturbed(threads):
        quickest = [math.inf] * len(cases)
        for turn in range(max(1, burn_in)):
            for index in _turns(len(cases), turn):
                quickest[index] = min(quickest[index], _timed(cases[index].call, 1))
            if turn and time.perf_counter() - started > budget / 4:
                break
        calls = [max(1, round(LEAST_TURN / max(seconds, 1e-9))) for seconds in quickest]
        for turn, _ in enumerate(rounds):
            for index in _turns(len(cases), turn):
                found[index].append(_timed(cases[index].call, calls[index]))
            if turn + 1 >= LEAST_ROUNDS and time.perf_counter() - started > budget:
                break
    return [
        Timing(tuple(seconds), count, case.samples)
        for seconds, count, case in zip(found, calls, cases, strict=True)
    ]


def waited(call: Callable[[], object], device: str) -> Callable[[], object]:
    """The call, and on an accelerator the wait for what it has only queued."""
    if torch.device(device).type == "cpu":
        return call

    def both() -> object:
        result = call()
        torch.accelerator.synchronize()
        return result

    return both


def _turns(count: int, turn: int) -> Iterator[int]:
    first = turn % count
    return itertools.chain(range(first, count), range(first))


def _timed(call: Callable[[], object], times: int) -> float:
    """Seconds of one call, the mean of so many in a row."""
    repeated = itertools.repeat(None, times)
    start = time.perf_counter()
    for _ in repeated:
        call()
    return (time.perf_counter() - start) / times


@contextmanager
def _undisturbed(threads: int) -> Iterator[None]:
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        with threaded(threads):
            yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def threaded(threads: int) -> Iterator[None]:
    """Gives torch so many threads as long as the context lasts."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
