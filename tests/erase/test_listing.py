"""Listings: the same code, its lines not too long, under the place that it comes from."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import namedtorch
from namedtorch.erase.listing import WIDTH, formatted, listing
from namedtorch.erase.rewritten import rewritten

CASES = [
    ("x = 1", "x = 1"),
    ("x = call(first, second, third, 4)", "x = call(\n    first, second, third, 4\n)"),
    (
        "x = call(the_first_argument, the_second_argument)",
        "x = call(\n    the_first_argument,\n    the_second_argument,\n)",
    ),
    ("y = (a_long_name + another_long_name)", "y = (\n    a_long_name + another_long_name\n)"),
    ("y = (a_name_that_is_very_long_indeed,)", "y = (\n    a_name_that_is_very_long_indeed,\n)"),
    ("z = x.view(1, 2).permute(0, 2, 1, 3)", "z = x.view(1, 2).permute(\n    0, 2, 1, 3\n)"),
    ("z = call('a text, with (a comma, 2)', y)", "z = call(\n    'a text, with (a comma, 2)',\n    y,\n)"),
    ("z = [a for a, b in pairs_of_things_here]", "z = [\n    a for a, b in pairs_of_things_here\n]"),
    ("z = call(lambda a, b: a + b_and_others_x)", "z = call(\n    lambda a, b: a + b_and_others_x\n)"),
    ("nothing_to_break_in_a_line_that_is_long", "nothing_to_break_in_a_line_that_is_long"),
    ("nothing_to_break_in_here_either_at_all()", "nothing_to_break_in_here_either_at_all()"),
]


@pytest.mark.parametrize(("code", "wanted"), CASES, ids=[code[:24] for code, _ in CASES])
def test_lines_are_broken_in_their_outermost_brackets(code: str, wanted: str) -> None:
    assert formatted(code, 30) == f"{wanted}\n"


FILES = sorted(Path(namedtorch.__file__).parent.rglob("*.py"))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(FILES), st.integers(20, 110))
def test_code_means_the_same(file: Path, width: int) -> None:
    text = ast.unparse(ast.parse(file.read_text()))
    made = formatted(text, width)
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse(text))
    assert all(line == line.rstrip() for line in made.splitlines() if '"' not in line and "'" not in line)


def scaled(x: int, by: int = 2) -> int:
    """Multiplies."""
    return x * by


def test_listing_of_a_rewritten_function_names_the_place_of_the_users() -> None:
    first = scaled.__code__.co_firstlineno
    node = ast.parse("\n" * (first - 1) + "def scaled(x: int, by: int=2) -> int:\n    return x + by").body[0]
    assert isinstance(node, ast.FunctionDef)
    new = rewritten(scaled, node)
    assert new(3) == 5
    assert listing(new) == f"# {__file__}:{first}\ndef scaled(x: int, by: int=2) -> int:\n    return x + by\n"
    assert listing(scaled) == ""
    assert WIDTH == 100
