"""Timing in one process: calls that take turns, so that a busy machine slows all of them alike.

A round times each call once, as a loop of a few milliseconds, beginning with another one each time. Calls are compared
round by round, and the median of the rounds counts. Garbage collection is off, and torch has one thread where no other
number is asked for.
"""

import gc
import statistics
import sys
import time
import timeit
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

SAMPLE = 2e-3
"""Seconds that the loop of one call takes in a round, about; a longer call is made once."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function with the arguments to call it with."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of all rounds, in order: seconds, or how often one time goes into another."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """The width of the middle half of the rounds (interquartile range); 0 for a single one."""
        low, high = self.quartiles
        return high - low

    @property
    def quartiles(self) -> tuple[float, float]:
        """Where the middle half of the rounds begins and ends."""
        if len(self.values) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    def minus(self, other: "Series") -> "Series":
        """The difference in each round."""
        return Series(tuple(a - b for a, b in zip(self.values, other.values, strict=True)))

    def over(self, other: "Series") -> "Series":
        """The ratio in each round."""
        return Series(
            tuple(a / b if b else float("inf") for a, b in zip(self.values, other.values, strict=True))
        )


def interleave(
    calls: Mapping[str, Call], rounds: int = 150, sample: float = SAMPLE, threads: int = 1
) -> dict[str, Series]:
    """Seconds of one call of each, by round, after a warm-up."""
    loops = {name: _loop(call) for name, call in calls.items()}
    with undisturbed(threads):
        numbers = {name: _warm(loop, sample) for name, loop in loops.items()}
        seconds: dict[str, list[float]] = {name: [] for name in calls}
        for names in turns(list(calls), rounds):
            for name in names:
                seconds[name].append(loops[name](numbers[name]) / numbers[name])
    return {name: Series(tuple(found)) for name, found in seconds.items()}


def each_once(prepare: Callable[[], Call], rounds: int = 60, warm: int = 5) -> Series:
    """Seconds of calls that are made once each, by round; `prepare` makes the next one, unmeasured."""
    found: list[float] = []
    with undisturbed():
        for _ in range(rounds + warm):
            call = prepare()
            start = time.perf_counter()
            call.function(*call.arguments)
            found.append(time.perf_counter() - start)
    return Series(tuple(found[warm:]))


@contextmanager
def undisturbed(threads: int = 1) -> Iterator[None]:
    """Garbage collection off, and so many threads for torch (where it is loaded), as long as the context lasts."""
    torch: Any = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 1
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    if torch:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        if torch:
            torch.set_num_threads(before)
        if collecting:
            gc.enable()


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table whose source is aligned."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in padded)


def _loop(call: Call) -> Callable[[int], float]:
    """A loop without anything but the call: it takes the number of calls, and gives seconds."""
    names = [f"argument{index}" for index in range(len(call.arguments))]
    space = {"function": call.function, **dict(zip(names, call.arguments, strict=True))}
    return timeit.Timer(f"function({', '.join(names)})", globals=space).timeit


def _warm(loop: Callable[[int], float], sample: float) -> int:
    """Warms a call up, and finds how many calls a sample takes."""
    loop(1)  # a first call may build things, and says nothing about the next
    number = 1
    while (seconds := loop(number)) < sample / 2:
        number *= 2
    return max(1, round(number * sample / seconds))


def turns(names: list[str], rounds: int) -> Iterator[list[str]]:
    """Each round begins with the next name."""
    for turn in range(rounds):
        first = turn % len(names)
        yield names[first:] + names[:first]
