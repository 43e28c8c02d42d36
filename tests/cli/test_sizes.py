"""`--sizes`, and how times and rates are written."""

import pytest

from namedtorch.cli.outcome import WrongUse
from namedtorch.cli.sizes import products, read_sizes

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
