"""`namedtorch reveal`: a source with its dims."""

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import namedtorch.static
from namedtorch.cli.margin import beside, under
from namedtorch.diagnostics.source import Place
from namedtorch.static.checked import Inferred
from tests.static import stand_in
from tests.static.stand_in import place, write

Run = Callable[..., Any]

SOURCE = """\
def f(x):
    y = dims("N C")
    return g(dims("N"), dims("N H"), y)
z = bad(1)
soso()  # namedtorch: ignore[rank-differs]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namedtorch.static, "checker", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "namedtorch.static.checker", stand_in)
    write(tmp_path, {"pyproject.toml": "", "a.py": SOURCE, "broken.py": "x = (\n", "crash.py": "crash()\n"})
    monkeypatch.chdir(tmp_path)


def test_the_source_has_its_dims_beside_it_and_findings_behind(run: Run) -> None:
    done = run("reveal", "a.py")
    assert (done.code, done.err) == (0, "")
    source, found = done.out.split("\n\n", 1)
    assert source == (
        "def f(x):\n"
        '    y = dims("N C")                      #: N C\n'
        '    return g(dims("N"), dims("N H"), y)  #: dims("N"): N; dims("N H"): N H\n'
        "z = bad(1)\n"
        "soso()  # namedtorch: ignore[rank-differs]"
    )
    assert found.startswith("error[dims-differ]: a bad call\n")
    assert " --> a.py:4:5\n" in found


def test_one_line(run: Run) -> None:
    assert run("reveal", "a.py:3").out == (
        '3 |     return g(dims("N"), dims("N H"), y)\n'
        "                 ^^^^^^^^^ N\n"
        "                            ^^^^^^^^^^^ N H\n"
    )
    assert run("reveal", "a.py:1").out == "1 | def f(x):\n"
    assert run("reveal", "a.py:4").out.startswith("4 | z = bad(1)\n\nerror[dims-differ]")


def test_data(run: Run) -> None:
    data = run("reveal", "a.py:3", "--json").data
    assert [one["dims"] for one in data["inferred"]] == ["N", "N H"]
    assert data["inferred"][0] | {"dims": ""} == {
        "path": "a.py", "line": 3, "column": 14, "end_line": 3, "end_column": 23, "dims": "",
    }  # fmt: skip
    assert data["problems"] == []
    assert [one["line"] for one in run("reveal", "a.py", "--json").data["problems"]] == [4]


WRONG = [
    ("no.py", "there is no file no.py"),
    ("no.py:3", "there is no file no.py"),
    (".", ". is a folder; give a file"),
    ("a.py:0", "lines count from 1"),
    ("a.py:6", "a.py has 5 lines, and no line 6"),
    ("a.py:x", "there is no file a.py:x"),
]


@pytest.mark.parametrize(("word", "text"), WRONG)
def test_wrong_use(run: Run, word: str, text: str) -> None:
    done = run("reveal", word)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {text}\n  see: namedtorch reveal --help\n"


def test_a_file_that_is_no_python(run: Run) -> None:
    done = run("reveal", "broken.py")
    assert done.out.startswith("x = (\n\nerror[syntax-error]: ")


def test_an_internal_error(run: Run) -> None:
    done = run("reveal", "crash.py")
    assert (done.code, done.out) == (2, "crash()\n")
    assert done.err.startswith("error: internal error in crash.py: ")


def test_excluded_files_are_shown(run: Run) -> None:
    write(Path(), {"pyproject.toml": '[tool.namedtorch]\nexclude = ["a.py"]\nforce-exclude = true'})
    assert "#: N C" in run("reveal", "a.py").out


def test_a_file_with_a_colon_in_its_name(run: Run) -> None:
    write(Path(), {"b.py:3": 'dims("N")\n'})
    assert run("reveal", "b.py:3").out == 'dims("N")  #: N\n'
    assert run("reveal", "b.py:3:1").out.startswith('1 | dims("N")\n    ^')


def inferred(text: str) -> list[Inferred]:
    """The dims that the calls in a text name."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [Inferred(place(node, "a.py"), str(ast.literal_eval(node.args[0]))) for node in calls]


LONG = 'g("a b c d e f g h i j k l")'
MARGINS = [
    ('f("N")', ['f("N")  #: N']),
    ('f("N"), f("N")', ['f("N"), f("N")  #: N']),
    ("x = 1", ["x = 1"]),
    # Of long expressions the beginning names them.
    (f'{LONG}, f("N")', [f'{LONG}, f("N")  #: {LONG[:21]}...: a b c d e f g h i j k l; f("N"): N']),
    ('f(\n"N")\nx', ["f(  #: N", '"N")', "x"]),
    (f'x = f("N") + "{"y" * 80}"\nf("C")', [f'x = f("N") + "{"y" * 80}"  #: N', 'f("C")  #: C']),
]


@pytest.mark.parametrize(("text", "shown"), MARGINS, ids=range(len(MARGINS)))
def test_margins(text: str, shown: list[str]) -> None:
    assert beside(text.split("\n"), inferred(text)) == shown


def test_wide_characters_keep_columns() -> None:
    lines = ["x = '日本', f", "yyyyyyyyyyyyyy"]
    dims = [Inferred(Place("a.py", 1, 11, 1, 12), "N"), Inferred(Place("a.py", 2, 1, 2, 15), "C")]
    assert beside(lines, dims) == ["x = '日本', f   #: N", "yyyyyyyyyyyyyy  #: C"]
    assert under(lines[0], 1, dims[:1])[1] == " " * 16 + "^ N"
    assert under("a = g(", 1, [Inferred(Place("a.py", 1, 5, 3, 2), "N")])[1] == "        ^^ N"
