"""`namedtorch check`: its words, its answers and its exit codes."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import namedtorch.static
from tests.static import stand_in
from tests.static.stand_in import write

Run = Callable[..., Any]

BAD = "dims-differ"
FILES = {
    "pyproject.toml": "",
    "clean.py": "x = 1\n",
    "bad.py": "x = 1\ny = bad(x)\n",
    "soso.py": "soso()\n",
    "broken.py": "x = (\n",
    "large.py": "def endless(): pass\n",
    "crash.py": "crash()\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, as the current folder, a cache of its own, and the stand-in for the checker."""
    monkeypatch.setattr(namedtorch.static, "checker", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "namedtorch.static.checker", stand_in)
    monkeypatch.setenv("NAMEDTORCH_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "project"
    write(root, FILES)
    monkeypatch.chdir(root)
    return root


EXITS = [
    ("clean.py", 0),
    ("bad.py", 1),
    ("soso.py", 0),
    ("soso.py --fail-on warning", 1),
    ("soso.py --fail-on error", 0),
    ("bad.py soso.py clean.py", 1),
    (f"bad.py --ignore {BAD}", 0),
    ("bad.py --select rank-differs", 0),
    ("bad.py --select rank-differs --select dims-differ", 1),
    ("bad.py soso.py --select rank-differs,size-differs --fail-on warning", 1),
    ("broken.py", 1),
    ("crash.py", 2),
    ("crash.py bad.py", 2),
    ("no.py", 2),
    (". --jobs 0", 2),
    ("bad.py --update-baseline", 2),
]


@pytest.mark.parametrize(("words", "code"), EXITS)
def test_exit_codes(run: Run, words: str, code: int) -> None:
    # Once examined, once known.
    for _ in range(2):
        assert run("check", *words.split()).code == code


WRONG = [
    ("no.py", "there is no file or folder no.py"),
    ("clean.py no.py", "there is no file or folder no.py"),
    ("--select dim-differs", "--select: there is no code `dim-differs`; did you mean `dims-differ`"),
    ("--ignore x1", "--ignore: there is no code `x1`"),
    (
        "--format xml",
        "argument --format: invalid choice: 'xml'; it is one of text, concise, json, sarif, github",
    ),
    ("--jobs many", "argument --jobs: 'many' is no number of processes"),
    ("--update-baseline", "--update-baseline needs --baseline FILE"),
    ("--baseline no.json", "there is no baseline no.json; `--baseline no.json --update-baseline` writes it"),
    ("--config no.toml", "can't read no.toml: No such file or directory"),
    ("--fail-on note", "argument --fail-on: invalid choice: 'note'; it is one of error, warning"),
]


@pytest.mark.parametrize(("words", "text"), WRONG)
def test_wrong_use(run: Run, words: str, text: str) -> None:
    done = run("check", *words.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {text}")
    assert done.err.endswith("\n  see: namedtorch check --help\n")


def test_wrong_configuration_is_wrong_use(run: Run) -> None:
    write(Path(), {"pyproject.toml": "[tool.namedtorch]\nselct = []"})
    done = run("check")
    assert done.code == 2
    assert "pyproject.toml: there is no key `selct`; did you mean `select`?" in done.err


def test_text(run: Run) -> None:
    done = run("check", "bad.py")
    assert done.err == ""
    assert done.out.startswith("error[dims-differ]: a bad call\n")
    assert " --> bad.py:2:5\n" in done.out
    assert "y = bad(x)\n" in done.out
    assert done.out.endswith("\nFound 1 error in 1 file.\n")


def test_silence_where_all_is_well(run: Run) -> None:
    done = run("check", "clean.py")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_the_whole_project_from_any_folder_in_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path(), {"sub/bad.py": "bad()"})
    Path("crash.py").unlink()
    assert run("check", "--format", "concise").out == (
        "bad.py:2:5: error[dims-differ] a bad call\n"
        "soso.py:1:1: warning[rank-differs] a soso call\n"
        "sub/bad.py:1:1: error[dims-differ] a bad call\n"
    )
    above = Path.cwd()
    monkeypatch.chdir("sub")
    paths = [line.partition(":")[0] for line in run("check", "--format", "concise").out.splitlines()]
    assert sorted(paths) == sorted([f"{above}/bad.py", f"{above}/soso.py", "bad.py"])


def test_json_is_a_list_of_findings(run: Run) -> None:
    done = run("check", "bad.py", "--format", "json")
    (problem,) = json.loads(done.out)
    assert problem == {
        "path": "bad.py", "line": 2, "column": 5, "end_line": 2, "end_column": 11, "code": BAD, "severity": "error",
        "message": "a bad call", "help": "", "labels": [],
    }  # fmt: skip
    assert json.loads(run("check", "clean.py", "--format", "json").out) == []


@pytest.mark.parametrize("format_", ["sarif", "github"])
def test_other_formats(run: Run, format_: str) -> None:
    out = run("check", "bad.py", "--format", format_).out
    if format_ == "sarif":
        assert json.loads(out)["runs"][0]["results"][0]["ruleId"] == BAD
    else:
        assert out.startswith("::error file=bad.py,line=2,")


def test_data(run: Run) -> None:
    done = run("check", "bad.py", "large.py", "--json")
    assert done.code == 1
    assert [one["path"] for one in done.data["problems"]] == ["bad.py"]
    assert (done.data["files"], done.data["failures"]) == (2, [])
    assert done.data["notices"][0].startswith("large.py: `endless` is too large")
    assert run("check", "no.py", "--json").data["error"] == "WrongUse"


def test_internal_errors_are_told_and_others_are_checked(run: Run) -> None:
    done = run("check", "crash.py", "bad.py", "--format", "concise")
    assert done.code == 2
    assert done.out == "bad.py:2:5: error[dims-differ] a bad call\n"
    assert done.err.startswith("error: internal error in crash.py: RecursionError: too deep (")
    assert done.err.count("\n") == 1


def test_a_fault_of_the_check_itself_is_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namedtorch.static.examination.examine", None)
    done = run("check", "bad.py")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: namedtorch failed with TypeError: ")
    assert run("check", "bad.py", "--traceback").err.startswith("Traceback (most recent call last):")
    assert run("check", "bad.py", "--json").data["exit"] == 2


def test_verbose(run: Run) -> None:
    done = run("check", "large.py", "bad.py", ".", "--ignore", BAD, "--verbose", "--no-cache")
    lines = done.err.splitlines()
    assert "large.py: `endless` is too large to be followed; nothing in it is known" in lines
    assert "broken.py: not checked: '(' was never closed" in lines
    assert lines[-1].startswith("checked 6 files in ")
    assert lines[-1].endswith(" s, 0 from the cache")


def test_cache(run: Run, tmp_path: Path) -> None:
    words = ("check", "bad.py", "clean.py", "--verbose")
    assert run(*words, "--no-cache").err.endswith(" 0 from the cache\n")
    assert not (tmp_path / "cache").exists()
    first, second = run(*words), run(*words)
    assert first.err.endswith(" 0 from the cache\n")
    assert second.err.endswith(" 2 from the cache\n")
    assert first.out == second.out != ""
    assert run(*words, "--no-cache").err.endswith(" 0 from the cache\n")


TABLE = "[tool.namedtorch]\n"
CONFIGURED = [
    ('ignore = ["dims-differ"]', "bad.py", 0),
    ('ignore = ["dims-differ"]', "bad.py --select dims-differ", 1),
    ('select = ["rank-differs"]', "bad.py", 0),
    ('select = ["rank-differs"]', "soso.py --ignore rank-differs --fail-on warning", 0),
    ('fail-on = "warning"', "soso.py", 1),
    ('fail-on = "warning"', "soso.py --fail-on error", 0),
    ('exclude = ["bad.py"]', "bad.py", 1),
    ('exclude = ["bad.py"]', "bad.py --force-exclude", 0),
    ('exclude = ["bad.py"]\nforce-exclude = true', "bad.py", 0),
    ('exclude = ["bad.py", "broken.py", "crash.py"]', "", 0),
    ('per-file-ignores = { "b*.py" = ["dims-differ"] }', "bad.py", 0),
    ('comments = true\nfail-on = "warning"', "clean.py", 1),
]


@pytest.mark.parametrize(("table", "words", "code"), CONFIGURED)
def test_configuration(run: Run, table: str, words: str, code: int) -> None:
    write(Path(), {"pyproject.toml": TABLE + table})
    assert run("check", *words.split()).code == code
    Path("pyproject.toml").rename("other.toml")
    assert run("check", *words.split(), "--config", "other.toml").code == code


def test_baseline(run: Run) -> None:
    done = run("check", "bad.py", "soso.py", "--baseline", "known.json", "--update-baseline")
    assert (done.code, done.out) == (0, "known.json: 2 findings\n")
    words = ("check", "bad.py", "soso.py", "clean.py", "--baseline", "known.json", "--format", "concise")
    assert run(*words).out == ""
    write(Path(), {"bad.py": "\n\ny = bad(x)\nz = bad(x)\n"})
    done = run(*words)
    assert (done.code, done.out) == (1, "bad.py:4:5: error[dims-differ] a bad call\n")
    write(Path(), {"bad.py": ""})
    done = run(*words, "--verbose")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("known.json: 1 finding gone; --update-baseline drops what is\n")
    # Of files that were not checked, what is known stays.
    assert (
        run("check", "bad.py", "--baseline", "known.json", "--update-baseline").out
        == "known.json: 1 finding\n"
    )
    assert run("check", "soso.py", "--baseline", "known.json", "--fail-on", "warning").code == 0


def test_a_baseline_is_not_written_where_not_all_is_known(run: Run) -> None:
    done = run("check", "bad.py", "crash.py", "--baseline", "known.json", "--update-baseline")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("error: known.json is not written\n")
    assert not Path("known.json").exists()


def test_a_baseline_that_can_not_be_written(run: Run) -> None:
    done = run("check", "bad.py", "--baseline", "no/known.json", "--update-baseline")
    assert done.code == 2
    assert done.err.startswith("error: can't read or write no/known.json")


def test_several_processes_find_the_same(run: Run) -> None:
    write(Path(), {f"many/m{number}.py": "bad(); soso()\n" for number in range(20)})
    one = run("check", "many", "--jobs", "1", "--no-cache")
    assert one.out.endswith("\nFound 20 errors and 20 warnings in 20 files.\n")
    assert run("check", "many", "--jobs", "3", "--no-cache").out == one.out
    assert run("check", "many", "--no-cache").out == one.out


PAGE = (Path(__file__).parents[2] / "docs" / "checking.md").read_text()


def test_the_page_has_every_option_and_no_other(run: Run) -> None:
    options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", run("check", "--help").out)
    assert set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE)) == set(options) - {
        "--help",
        "--traceback",
    }


def test_the_configuration_on_the_page_is_one(run: Run) -> None:
    (table,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    write(Path(), {"pyproject.toml": table, "lib/a.py": "", "typings/a.pyi": ""})
    assert run("check", "clean.py", "--fail-on", "error").code == 0
    keys = set(tomllib.loads(table)["tool"]["namedtorch"])
    write(Path(), {"pyproject.toml": "[tool.namedtorch]\nx = 1"})
    (known,) = re.findall(r"\(known: (.*)\)", run("check").err)
    assert keys == set(known.split(", "))


def test_the_hook_on_the_page_is_the_one_that_there_is() -> None:
    hooks = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text()
    (entry,) = re.findall(r"  entry: (.*)\n", hooks)
    assert f"The hook runs `{entry}`" in PAGE
    assert re.findall(r"- id: (.*)\n", hooks) == re.findall(r"- id: (.*)\n", PAGE)


def test_a_python_file_is_taken_for_one_to_check(run: Run) -> None:
    assert "did you mean namedtorch check bad.py?" in run("bad.py").err


HEAVY = {"torch", "numpy", "lark", "jaxtyping", "beartype"}
ROOMS = {
    "namedtorch.static.checker",
    "namedtorch.syntax",
    "namedtorch.signature",
    "namedtorch.ops",
    "multiprocessing",
}


def test_known_answers_wait_for_nothing(run: Run) -> None:
    words = ["check", "bad.py", "soso.py", "clean.py"]
    first = run(*words)
    # A process of its own, and without the stand-in: what it answers is what is known.
    code = (
        f"import sys; from namedtorch.cli import main; main({words!r}); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == first.out != ""
    assert set(done.stderr.split()) & (HEAVY | ROOMS) == set()


FEW_FILES = """\
import sys, types
from namedtorch.cli import main
from namedtorch.static.checked import Checked
checker = types.SimpleNamespace(check_module=lambda *_: Checked(over_budget=("f",)))
sys.modules["namedtorch.static.checker"] = checker
main(["check", "bad.py", "--no-cache", "--verbose"])
print(*sys.modules, file=sys.stderr)
"""


def test_few_files_wait_for_no_other_process() -> None:
    done = subprocess.run([sys.executable, "-c", FEW_FILES], capture_output=True, text=True, check=True)
    told, *_, modules = done.stderr.splitlines()
    assert told.startswith("bad.py: `f` is too large")
    assert set(modules.split()) & {"multiprocessing", "concurrent.futures"} == set()


NO_CHECK = [
    ["check", "--help"],
    ["check", "no.py"],
    ["check", "--select", "x"],
    ["reveal", "no.py"],
    ["reveal", "-h"],
]


@pytest.mark.parametrize("words", NO_CHECK, ids=" ".join)
def test_wrong_words_wait_for_nothing(words: list[str]) -> None:
    code = (
        f"import sys; from namedtorch.cli import main; main({words!r}); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stderr.splitlines()[-1].split()) & (HEAVY | ROOMS) == set()
