"""The harness: what it makes of numbers, and that it makes the calls."""

import gc

import pytest
import torch
from interleave import Call, Series, each_once, interleave, table, undisturbed

MEDIANS = [
    ((3.0,), 3.0, 0.0),
    ((1.0, 2.0, 9.0), 2.0, 4.0),
    ((1.0, 2.0, 3.0, 4.0, 5.0), 3.0, 2.0),
]


@pytest.mark.parametrize(("values", "median", "spread"), MEDIANS)
def test_series_has_a_median_and_the_width_of_its_middle_half(
    values: tuple[float, ...], median: float, spread: float
) -> None:
    series = Series(values)
    assert (series.median, series.spread) == (median, spread)


def test_series_are_compared_round_by_round() -> None:
    # The machine was ten times slower in the last round.
    one, other = Series((2.0, 2.0, 20.0)), Series((1.0, 1.0, 10.0))
    assert one.minus(other).values == (1.0, 1.0, 10.0)
    assert one.over(other).values == (2.0, 2.0, 2.0)


def test_all_calls_are_made_with_their_arguments_in_every_round() -> None:
    seen: list[int] = []
    found = interleave(
        {"one": Call(seen.append, (1,)), "two": Call(seen.append, (2,))}, rounds=3, sample=1e-5
    )
    assert set(seen) == {1, 2}
    assert [len(series.values) for series in found.values()] == [3, 3]
    assert all(second > 0 for series in found.values() for second in series.values)


def test_a_call_made_once_is_prepared_anew() -> None:
    prepared = iter(range(100))
    called: list[int] = []
    series = each_once(lambda: Call(called.append, (next(prepared),)), rounds=4, warm=2)
    assert called == [0, 1, 2, 3, 4, 5]
    assert len(series.values) == 4


def test_measuring_leaves_collection_and_threads_as_they_were() -> None:
    threads = torch.get_num_threads()
    with undisturbed():
        assert not gc.isenabled()
        assert torch.get_num_threads() == 1
    assert gc.isenabled()
    assert torch.get_num_threads() == threads


def test_a_table_is_aligned() -> None:
    assert table(("what", "us"), [("a", "10"), ("longer", "9")]) == (
        "| what   | us |\n| ------ | -- |\n| a      | 10 |\n| longer | 9  |\n"
    )
