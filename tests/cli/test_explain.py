"""`namedtorch explain`."""

from collections.abc import Callable
from typing import Any

import pytest

from namedtorch.diagnostics import CODES

Run = Callable[..., Any]


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_page(run: Run, code: str) -> None:
    done = run("explain", code)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{code}: {CODES[code].title}\n\n")
    assert CODES[code].page.strip() in done.out


def test_lists_all_codes(run: Run) -> None:
    done = run("explain")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == list(CODES)


@pytest.mark.parametrize("word", ["error[dims-differ]", "[dims-differ]", "Dims_Differ", " dims-differ "])
def test_takes_a_code_as_it_was_printed(run: Run, word: str) -> None:
    assert run("explain", word).out.startswith("dims-differ: ")


def test_unknown_code_lists_near_ones(run: Run) -> None:
    done = run("explain", "dim-differ")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: there is no code `dim-differ`; did you mean `dims-differ`")


def test_unknown_code_without_a_near_one(run: Run) -> None:
    done = run("explain", "zzzz")
    assert done.code == 2
    assert done.err == (
        "error: there is no code `zzzz`; `namedtorch explain` lists all\n  see: namedtorch explain --help\n"
    )


def test_data(run: Run) -> None:
    one = CODES["dims-differ"]
    data = {"code": one.name, "title": one.title, "page": one.page.rstrip()}
    assert run("explain", "dims-differ", "--json").data == data
    assert run("explain", "--json").data["codes"][list(CODES).index("dims-differ")] == data
