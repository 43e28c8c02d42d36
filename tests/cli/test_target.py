"""`MODULE:NAME`: what is found, made, and said where it is not."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

MODULES = {
    "broken_import.py": "import no_such_library_at_all\n",
    "broken_syntax.py": "def f(:\n",
    "exiting.py": "import sys\nsys.exit(3)\n",
    "raising.py": "x = 1\nraise RuntimeError('no data\\non this disk')\n",
    "factories.py": """\
class Plain:
    pass

number = 3

def make(classes, depth=2):
    return Plain()

def fail():
    return [][1]
""",
    "package/__init__.py": "",
    "package/inner.py": "class Holder:\n    number = 3\n",
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules, as the current one."""
    for name, text in MODULES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {Path(one).parts[0].removesuffix(".py") for one in MODULES}:
            del sys.modules[name]


MAKE = "`factories:make(classes, depth=2)`: "
NOT_A_MODULE = (
    "`factories:make` returned Plain, not a module; "
    "a function is lowered itself if its parameters are annotated with dims, or named in --signature"
)
MISSING_LIBRARY = (
    "importing `broken_import` failed: ModuleNotFoundError: No module named 'no_such_library_at_all'"
)

WRONG_USE = [
    ("factories", "`factories` is not MODULE:NAME, such as models.digits:Classifier"),
    (":make", "`:make` is not MODULE:NAME, such as models.digits:Classifier"),
    ("./package/inner.py:Net", "`./package/inner.py` is a path; give the module's name: package.inner:Net"),
    ("missing_one:make", "there is no module `missing_one` (looked in {here} and in what is installed)"),
    (
        "package.missing:make",
        "there is no module `package.missing` (looked in {here} and in what is installed)",
    ),
    ("factories:mak", "`factories` has no `mak`; did you mean `make`?"),
    ("factories:zzz", "`factories` has no `zzz`"),
    ("package.inner:Holder.size", "`package.inner` has no `Holder.size`"),
    (
        "factories:number",
        "`factories:number` is int, neither a module, nor a class or function that makes one",
    ),
    (
        "factories:make",
        MAKE + "missing a required argument: 'classes'; write --arg NAME=VALUE",
    ),
    (
        "factories:make --arg classes=10 --arg width=3",
        MAKE + "got an unexpected keyword argument 'width'; write --arg NAME=VALUE",
    ),
    (
        "factories:make --arg classes=10",
        NOT_A_MODULE,
    ),
    ("factories:make --arg 10", "--arg 10: write it --arg NAME=VALUE"),
    ("factories:make --arg a=1 --arg a=2", "--arg a=2: `a` is given twice"),
]


@pytest.mark.parametrize(("words", "text"), WRONG_USE, ids=[words for words, _ in WRONG_USE])
def test_wrong_use_is_said_in_the_users_words(run: Run, project: Path, words: str, text: str) -> None:
    done = run("lower", *words.split(), "-o", "x.pt")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {text.format(here=project)}\n  see: namedtorch lower --help\n"


REFUSED = [
    (
        "broken_import:x",
        MISSING_LIBRARY + "\n  at {here}/broken_import.py:1",
    ),
    ("exiting:x", "importing `exiting` failed: SystemExit: 3\n  at {here}/exiting.py:2"),
    (
        "raising:x",
        "importing `raising` failed: RuntimeError: no data\non this disk\n  at {here}/raising.py:2",
    ),
    (
        "broken_syntax:x",
        "importing `broken_syntax` failed: SyntaxError: invalid syntax (broken_syntax.py, line 1)",
    ),
    (
        "factories:fail",
        "`factories:fail` failed: IndexError: list index out of range\n  at {here}/factories.py:10",
    ),
]


@pytest.mark.parametrize(("target", "text"), REFUSED, ids=[target for target, _ in REFUSED])
def test_failures_of_the_users_code_name_its_line(run: Run, project: Path, target: str, text: str) -> None:
    done = run("lower", target, "-o", "x.pt")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: {text.format(here=project)}\n"


def test_traceback_is_shown_when_asked_for(run: Run) -> None:
    done = run("lower", "factories:fail", "-o", "x.pt", "--traceback")
    assert done.code == 1
    assert "IndexError: list index out of range\n\nThe above exception" in done.err
