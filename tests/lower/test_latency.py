"""The measuring of calls in turns, under a clock that stands still between them."""

import gc
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch

from namedtorch.lower import latency
from namedtorch.lower.latency import Case, Timing, interleaved, waited


@dataclass
class Clock:
    """A clock that only the calls move, and the calls in order."""

    now: float = 0.0
    made: list[str] = field(default_factory=list)

    def call(self, name: str, *seconds: float) -> Callable[[], None]:
        """A call that takes these seconds in turn, the last of them ever after."""
        left = list(seconds)

        def call() -> None:
            self.made.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return call


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(latency.time, "perf_counter", lambda: found.now)
    return found


def test_each_round_begins_with_another_case(clock: Clock) -> None:
    cases = [Case(clock.call(name, 1.0)) for name in "abc"]
    interleaved(cases, rounds=range(3), burn_in=1)
    assert "".join(clock.made) == "abc" + "abc" + "bca" + "cab"


def test_burn_in_does_not_count(clock: Clock) -> None:
    (timing,) = interleaved([Case(clock.call("a", 9.0, 8.0, 1.0, 2.0, 3.0))], rounds=range(3), burn_in=2)
    assert timing == Timing((1.0, 2.0, 3.0), 1, 1)


def test_short_calls_are_repeated_within_their_turn(clock: Clock) -> None:
    cases = [Case(clock.call("a", 2.0**-12), samples=8), Case(clock.call("b", 1.0))]
    short, long = interleaved(cases, rounds=range(2), burn_in=1)
    assert (short.calls, long.calls) == (4, 1)
    assert short.seconds == (2.0**-12, 2.0**-12)
    assert "".join(clock.made) == "ab" + "aaaab" + "baaaa"


def test_budget_ends_the_rounds_but_for_the_first_three(clock: Clock) -> None:
    (timing,) = interleaved([Case(clock.call("a", 1.0))], rounds=range(100), burn_in=1, budget=10.0)
    assert len(timing.seconds) == 10
    (timing,) = interleaved([Case(clock.call("a", 5.0))], rounds=range(100), burn_in=50, budget=1.0)
    assert len(timing.seconds) == latency.LEAST_ROUNDS
    assert len(clock.made) == 11 + 2 + latency.LEAST_ROUNDS


def test_conditions_are_as_asked_and_as_before_afterwards() -> None:
    before = torch.get_num_threads()
    seen: list[tuple[int, bool]] = []

    def failing() -> None:
        seen.append((torch.get_num_threads(), gc.isenabled()))
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        interleaved([Case(failing)], threads=3)
    assert seen == [(3, False)]
    assert (torch.get_num_threads(), gc.isenabled()) == (before, True)


def test_nothing_to_measure() -> None:
    assert interleaved([]) == []


def test_summary_of_a_timing() -> None:
    timing = Timing(tuple(float(number) for number in range(1, 12)), 1, samples=3)
    assert (timing.p10, timing.median, timing.p90, timing.samples_per_second) == (2.0, 6.0, 10.0, 0.5)
    single = Timing((2.0,), 1, 1)
    assert (single.p10, single.median, single.p90) == (2.0, 2.0, 2.0)
    assert Timing((0.0,), 1, 1).samples_per_second == math.inf


def test_calls_on_the_cpu_wait_for_nothing() -> None:
    def call() -> None:
        pass

    assert waited(call, "cpu") is call
