"""`--sizes`, and how times and rates are written."""

import pytest

from namedtorch.archive.inspect import bytes_text
from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.sizes import products, read_sizes
from namedtorch.cli.table import aligned, duration, rate

READ = [
    ([], {}),
    (["N=1,8,32", "H=224"], {"N": (1, 8, 32), "H": (224,)}),
    (["N=1, 8"], {"N": (1, 8)}),
    (["N=8,8"], {"N": (8,)}),
    (["*batch=4x16,8", "*empty="], {"*batch": ((4, 16), (8,)), "*empty": ((),)}),
]


@pytest.mark.parametrize(("words", "sizes"), READ)
def test_sizes_by_dim(words: list[str], sizes: dict[str, object]) -> None:
    assert read_sizes(words) == sizes


A_NUMBER = "a size is a whole number, 1 or more; several are written N=1,8"
WRONG = [
    (["8"], "--sizes 8: write --sizes N=1,8,32 H=224 behind the archives"),
    (["N=1", "other.pt"], "--sizes other.pt: write --sizes N=1,8,32 H=224 behind the archives"),
    (["N=1", "N=8"], "--sizes N=8: `N` has sizes already; write them with commas, N=1,8"),
    (["N=0"], f"--sizes N=0: {A_NUMBER}"),
    (["N=-1"], f"--sizes N=-1: {A_NUMBER}"),
    (["N=1.5"], f"--sizes N=1.5: {A_NUMBER}"),
    (["N="], f"--sizes N=: {A_NUMBER}"),
    (
        ["*b=4*16"],
        "--sizes *b=4*16: the sizes of a group are written '*b=4x16', those of an empty one *b=",
    ),
]


@pytest.mark.parametrize(("words", "text"), WRONG)
def test_words_without_sizes(words: list[str], text: str) -> None:
    with pytest.raises(WrongUse) as caught:
        read_sizes(words)
    assert str(caught.value) == text


def test_every_choice_is_made_once() -> None:
    assert products({}) == [{}]
    assert products({"N": (1, 8), "H": (4,)}) == [{"N": 1, "H": 4}, {"N": 8, "H": 4}]
    assert len(products({"N": (1, 2, 3), "H": (1, 2), "W": (1, 2)})) == 12


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
