"""Which files are checked again, and which answers are taken from an earlier check."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.static import cache as cache_room
from namedtorch.static import rules
from namedtorch.static.cache import Cache, default_folder
from namedtorch.static.configuration import Configuration
from namedtorch.static.imported import imported_names
from namedtorch.static.project import Project
from namedtorch.static.record import Record
from namedtorch.static.run import Outcome, check
from tests.static.stand_in import Examiner, write

FILES = {
    "pyproject.toml": "",
    "pkg/__init__.py": "",
    "pkg/a.py": "from pkg.b import x\nfrom .late import y\nsoso()  # namedtorch: ignore[dims-differ]\n",
    "pkg/b.py": "from . import c\nx = 1\n",
    "pkg/c.py": "def endless(): pass\n",
    "broken.py": "x = (\n",
    "typings/torch.pyi": "x: int\n",
}
PYTHON = ["broken.py", "pkg/__init__.py", "pkg/a.py", "pkg/b.py", "pkg/c.py"]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, as the current folder."""
    root = tmp_path / "project"
    write(root, FILES)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "caches" / "namedtorch")


class Checks:
    """Checks of one project with one cache."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.examiner = Examiner()
        self.outcome: Outcome

    def __call__(self, *paths: str, **settings: object) -> list[str]:
        """Checks, and answers the files that were checked again."""
        configuration = replace(Configuration(os.getcwd()), **settings)
        self.outcome = check(paths or ["."], configuration, self.folder, self.examiner)
        return self.examiner.taken()


@pytest.fixture
def checked_again(folder: str) -> Checks:
    """Checks the project once; calls check it again."""
    checks = Checks(folder)
    assert checks() == PYTHON
    assert checks.outcome.known == 0
    return checks


def test_nothing_is_checked_again(checked_again: Checks) -> None:
    first = checked_again.outcome
    assert checked_again() == []
    assert checked_again.outcome.known == len(PYTHON)
    for part in ("problems", "notices", "failures", "files"):
        assert getattr(checked_again.outcome, part) == getattr(first, part)
    assert len(first.problems) == 2
    assert len(first.notices) == 2


def edit(name: str, text: str) -> Callable[[], object]:
    return lambda: write(Path(), {name: text})


EDITS = [
    # What is done, and the files that are checked again.
    ("content", edit("pkg/c.py", "x = 2\n"), ["pkg/c.py"]),
    ("dependency", edit("pkg/b.py", "from . import c\nx = 2\n"), ["pkg/a.py", "pkg/b.py"]),
    ("same content", edit("pkg/b.py", FILES["pkg/b.py"]), []),
    ("time alone", lambda: os.utime("pkg/b.py", (1, 1)), []),
    ("new file that nobody asks for", edit("pkg/d.py", ""), ["pkg/d.py"]),
    ("new file that was asked for", edit("pkg/late.py", ""), ["pkg/a.py", "pkg/late.py"]),
    ("new file that is found first", edit("pkg/b/__init__.py", ""), ["pkg/a.py", "pkg/b/__init__.py"]),
    # Two roots have a module of this name, so that it is nobody's; the dependency asks for it.
    (
        "new file elsewhere",
        edit("other/pkg/__init__.py", ""),
        ["other/pkg/__init__.py", "pkg/a.py", "pkg/b.py"],
    ),
    ("lost dependency", lambda: os.remove("pkg/b.py"), ["pkg/a.py"]),
    ("lost file", lambda: os.remove("broken.py"), []),
    ("repaired", edit("broken.py", "x = ()\n"), ["broken.py"]),
]


@pytest.mark.parametrize(("act", "again"), [one[1:] for one in EDITS], ids=[one[0] for one in EDITS])
def test_what_changed_is_checked_again(
    checked_again: Checks, act: Callable[[], object], again: list[str]
) -> None:
    act()
    assert checked_again() == again
    assert checked_again() == []
    assert checked_again.outcome.problems == check_without_cache().problems


def check_without_cache() -> Outcome:
    return check(["."], Configuration(os.getcwd()), "", Examiner())


def test_a_dependency_counts_as_it_was_at_the_check(checked_again: Checks) -> None:
    edit("pkg/b.py", "from . import c\nbad = 2\n")()
    # Now the state of pkg/b.py is known, but pkg/a.py was checked with another.
    assert checked_again("pkg/b.py") == ["pkg/b.py"]
    assert checked_again("pkg/a.py") == ["pkg/a.py"]
    assert "imports something bad" in {one.message for one in checked_again.outcome.problems}


def test_what_is_not_asked_for_is_kept(checked_again: Checks) -> None:
    edit("pkg/c.py", "x = 3\n")()
    assert checked_again("pkg/c.py") == ["pkg/c.py"]
    assert checked_again() == []


SETTINGS = [
    ({"comments": True}, PYTHON),
    ({"src": (".",)}, PYTHON),
    ({"stubs": ("typings",)}, PYTHON),
    # These choose among findings, whatever was found.
    ({"select": ("dims-differ",)}, []),
    ({"ignore": ("rank-differs",)}, []),
    ({"fail_on": "warning"}, []),
    ({"exclude": ("broken.py",)}, []),
]


@pytest.mark.parametrize(("settings", "again"), SETTINGS)
def test_settings(checked_again: Checks, settings: dict[str, object], again: list[str]) -> None:
    assert checked_again(**settings) == again
    assert checked_again(**settings) == []
    assert checked_again() == []


def test_selection_counts_after_the_cache(checked_again: Checks) -> None:
    assert checked_again(select=("rank-differs",)) == []
    assert [one.code for one in checked_again.outcome.problems] == ["rank-differs"]


def test_an_edit_of_a_stub(checked_again: Checks) -> None:
    assert checked_again(stubs=("typings",)) == PYTHON
    edit("typings/torch.pyi", "x: str\n")()
    assert checked_again(stubs=("typings",)) == PYTHON
    edit("typings/vision.pyi", "x: str\n")()
    assert checked_again(stubs=("typings",)) == PYTHON


def test_other_rules(checked_again: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_room, "rules_key", lambda: "others")
    assert checked_again() == PYTHON
    assert checked_again() == []


def test_the_key_of_the_rules_follows_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "namedtorch"
    write(package, {"__init__.py": "", "static/deep/a.py": "1", "lower/a.py": "1"})
    monkeypatch.setattr(rules.namedtorch, "__file__", str(package / "__init__.py"))
    before = rules.rules_key()
    write(package, {"lower/a.py": "22", "static/__pycache__/a.pyc": "1"})
    assert rules.rules_key() == before
    write(package, {"static/deep/a.py": "22"})
    changed = rules.rules_key()
    assert changed != before
    os.utime(package / "static/deep/a.py", (1, 1))
    assert rules.rules_key() not in (before, changed)


def test_paths_as_seen_from_another_folder(checked_again: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path.cwd()
    monkeypatch.chdir("pkg")
    configuration = Configuration(str(root))
    examiner = Examiner()
    for again in (["__init__.py", "a.py", "b.py", "c.py"], []):
        outcome = check(["."], configuration, checked_again.folder, examiner)
        assert examiner.taken() == again
        assert {one.place.path for one in outcome.problems} == {"a.py"}


BROKEN_CACHES = [b"", b"\n", b"x\n{}", b"{", b"\xff\n\xff"]


@pytest.mark.parametrize("data", BROKEN_CACHES)
def test_a_broken_cache_is_none(checked_again: Checks, data: bytes) -> None:
    (file,) = Path(checked_again.folder).iterdir()
    good = file.read_bytes()
    for bad in (data, good[: len(good) // 2], good.replace(b"pkg", b"kgp", 1)):
        file.write_bytes(bad)
        assert checked_again() == PYTHON
        assert checked_again() == []


def test_a_folder_that_can_not_be_written_is_no_cache(folder: str) -> None:
    Path(folder).parent.mkdir()
    Path(folder).write_text("in the way")
    checks = Checks(folder)
    assert checks() == checks() == PYTHON
    assert Checks("")() == PYTHON


def test_failures_are_not_kept(checked_again: Checks) -> None:
    edit("pkg/c.py", "crash()\n")()
    assert checked_again() == checked_again() == ["pkg/c.py"]
    assert len(checked_again.outcome.failures) == 1


def test_what_is_done_of_an_interrupted_check_is_kept(folder: str) -> None:
    def interrupted(paths: Sequence[str], project: Project) -> Iterator[tuple[str, Record]]:
        yield from itertools.islice(Examiner()(paths, project), 3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(["."], Configuration(os.getcwd()), folder, interrupted)
    assert Checks(folder)() == PYTHON[3:]


def test_few_files_are_kept_of_a_project(checked_again: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        monkeypatch.setattr(cache_room, "rules_key", lambda key=str(number): key)
        checked_again()
    assert len(list(Path(checked_again.folder).iterdir())) == 4
    shutil.copytree(Path.cwd(), Path.cwd().with_name("copy"))
    monkeypatch.chdir(Path.cwd().with_name("copy"))
    assert checked_again() == PYTHON
    assert len(list(Path(checked_again.folder).iterdir())) == 5


def test_lost_files_are_forgotten(checked_again: Checks) -> None:
    os.remove("broken.py")
    edit("pkg/c.py", "")()
    checked_again("pkg/c.py")
    (file,) = Path(checked_again.folder).iterdir()
    assert b"broken.py" not in file.read_bytes()
    assert b"pkg/a.py" in file.read_bytes()


def test_file_names_that_are_no_text(checked_again: Checks) -> None:
    name = os.fsdecode(b"pkg/\xff.py")
    edit(name, "bad()\n")()
    assert checked_again() == [name]
    assert checked_again() == []


FOLDERS = [
    ({"NAMEDTORCH_CACHE_DIR": "/own", "XDG_CACHE_HOME": "/xdg"}, "/own"),
    ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/namedtorch"),
    ({"XDG_CACHE_HOME": ""}, os.path.expanduser("~/.cache/namedtorch")),
    ({"XDG_CACHE_HOME": "relative"}, ""),
]


@pytest.mark.parametrize(("environment", "path"), FOLDERS)
def test_where_caches_are(environment: dict[str, str], path: str) -> None:
    assert default_folder(environment) == path


IMPORTS = [
    ("import a.b.c as d, e", {"a", "a.b", "a.b.c", "e"}),
    ("from a.b import c as d, e", {"a.b", "a.b.c", "a.b.e"}),
    ("from . import c", {"pkg", "pkg.c"}),
    ("from .a import c\n  from ..b import *", {"pkg.a", "pkg.a.c"}),
    ("from .. a import c", set[str]()),
    ("from a import (b,  # the first (of two)\n  c)\n", {"a", "a.b", "a.c"}),
    ("from a import b, \\\n  c; import d", {"a", "a.b", "a.c", "d"}),
    ("try: import a\nexcept E: import b", {"a", "b"}),
    ("if x:\n\timport a  # import b\n", {"a"}),
    ("x = 1; from a import b", {"a", "a.b"}),
    ("from.a import b", {"pkg.a", "pkg.a.b"}),
    ("important = 1\nx.import_(y)\n# import z\n", set[str]()),
    ("", set[str]()),
]


@pytest.mark.parametrize(("text", "names"), IMPORTS)
def test_imported_names(text: str, names: set[str]) -> None:
    found = imported_names(text, "pkg.m", is_package=False)
    assert found == sorted(names)


def test_a_cache_of_no_folder_finds_nothing() -> None:
    assert Cache.of(Project.of(["."]), "").find("pkg/a.py") is Unknown
