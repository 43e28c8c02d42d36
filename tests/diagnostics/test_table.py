"""Tables, times and sizes as people read them on a terminal."""

import pytest

from namedtorch.archive.inspect import bytes_text
from namedtorch.diagnostics.table import aligned, duration, rate, spread

TIMES = [
    (1.2e-7, "0.12 us"),
    (3.14e-5, "31.4 us"),
    (9.996e-4, "1000 us"),
    (2.05e-3, "2.05 ms"),
    (1.2, "1.20 s"),
]


@pytest.mark.parametrize(("seconds", "text"), TIMES)
def test_times_have_three_digits(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_range_has_the_unit_of_its_middle() -> None:
    assert spread(2.05e-3, 9.8e-4, 0.0121) == "2.05 ms (0.98-12.1)"
    assert spread(1.2, 1.2, 1.2) == "1.20 s (1.20-1.20)"


def test_rates_and_sizes_of_files() -> None:
    assert [rate(count) for count in (48211.4, 31.44, 0.5)] == ["48,211", "31.4", "0.50"]
    assert [bytes_text(size) for size in (12, 85_300, 14_300_000, 2 * 10**9)] == [
        "12 bytes",
        "85.3 kB",
        "14.3 MB",
        "2.0 GB",
    ]


def test_columns_are_as_wide_as_their_cells() -> None:
    assert aligned([["a", "bb", "c"], ["aaa", "b", "cc"]], right=[1]) == ["a    bb  c", "aaa   b  cc"]
