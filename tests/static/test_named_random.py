"""Random programs with NamedTensor: what runs is silent, under the names of the run, and wrong names are found."""

import ast
import re
import warnings

import pytest

from namedtorch.static.checked import Checked
from tests.static.expectations import UNKNOWN, inferred_dims
from tests.static.named_steps import Program, drawn
from tests.static.test_named import checked

PROGRAMS = range(160)
OPEN = ("...", "*")

SIZE = re.compile(r"(?P<name>[^\W\d]\w*|\([^()]* [^()]*\))(=.*)?")


@pytest.fixture(scope="module", name="programs")
def drawn_programs() -> list[Program]:
    with warnings.catch_warnings():
        # Of sizes that torch warns of, and of matrices of one axis.
        warnings.simplefilter("ignore")
        return [drawn(seed) for seed in PROGRAMS]


def names(text: str) -> list[str | None]:
    """The names that inferred dims say: `N=2 (H) 3*C` has one."""
    found: list[str | None] = []
    for axis in words(text):
        match = SIZE.fullmatch(axis)
        found.append(None if match is None else match["name"])
    return found


def words(text: str) -> list[str]:
    """The axes of a text; what stands in parentheses is one."""
    found: list[str] = []
    depth = 0
    for character in text:
        if character == " " and depth == 0:
            found.append("")
            continue
        depth += (character == "(") - (character == ")")
        found = found or [""]
        found[-1] += character
    return [one for one in found if one]


def errors(found: Checked) -> list[tuple[int, str, str]]:
    return [(one.place.line, one.code, one.message) for one in found.problems if one.severity == "error"]


@pytest.mark.parametrize("style", ["sized", "named"])
def test_nothing_is_said_of_what_runs_and_names_are_those_of_the_run(
    programs: list[Program], style: str
) -> None:
    told, wrong = 0, list[str]()
    for seed, program in zip(PROGRAMS, programs, strict=True):
        source = program.source(style)
        found = checked(source, "program.py")
        wrong += [f"{seed}: {one}" for one in errors(found)]
        dims = inferred_dims(ast.parse(source), found.inferred)
        for line, text in enumerate(source.splitlines(), 1):
            name = text.strip().split(" ")[0]
            here = dims.get(line, [UNKNOWN])[0]
            if name not in program.values or here == UNKNOWN or here.startswith(OPEN):
                continue
            told += 1
            if names(here) != list(program.values[name].dims):
                wrong.append(f"{seed}: {text.strip()} has {program.values[name].dims}, not {here}")
    assert wrong == []
    assert told >= 0.95 * sum(len(program.steps) for program in programs)


def test_nothing_is_said_where_axes_may_have_any_name(programs: list[Program]) -> None:
    found = [errors(checked(program.source("open"), "program.py")) for program in programs]
    assert found == [[]] * len(programs)


@pytest.mark.parametrize(("style", "share"), [("sized", 0.97), ("named", 0.9)])
def test_what_a_dim_error_ends_is_found(programs: list[Program], style: str, share: float) -> None:
    count, found = 0, 0
    for program in programs:
        for failing in program.failing[:4]:
            source = program.source(style, failing)
            last = source.count("\n") - 1
            count += 1
            found += any(line == last for line, _, _ in errors(checked(source, "program.py")))
    assert count >= 300
    assert found >= share * count, f"{found} of {count}"


NAMED = [
    ("N C=3", ["N", "C"]),
    ("(H W)=12 (N) 5", ["(H W)", None, None]),
    ("2*C (H+1)//2 T=(H-1)//2", [None, None, "T"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_what_names_a_text_has(text: str, expected: list[str | None]) -> None:
    assert names(text) == expected
