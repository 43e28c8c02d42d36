"""A check as a whole: what is reported, by how many processes, and what happens when one fails."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.static import examination, workers
from namedtorch.static.configuration import Configuration, ConfigurationError
from namedtorch.static.examination import available_cores
from namedtorch.static.project import Project
from namedtorch.static.run import Outcome, check
from namedtorch.static.source_module import SourceModule
from tests.static.stand_in import ERROR, WARNING, Examiner, write

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcome(files: dict[str, str], *paths: str, jobs: int = 1, **settings: object) -> Outcome:
    write(Path(), files)
    configuration = Configuration(os.getcwd(), **settings)  # pyright: ignore[reportArgumentType]
    return check(paths or ["."], configuration, "", Examiner(jobs))


def places(found: Outcome) -> list[tuple[str, int, str]]:
    return [(one.place.path, one.place.line, one.code) for one in found.problems]


def test_findings_come_in_order_and_only_of_the_checked_files() -> None:
    files = {"b.py": "soso()\nbad()", "a.py": "x = 1\nbad(), soso()", "c.py": "bad()", "d/e.py": "bad()"}
    found = outcome(files, "b.py", "a.py", "d", "a.py")
    expected = [
        ("a.py", 2, ERROR),
        ("a.py", 2, WARNING),
        ("b.py", 1, WARNING),
        ("b.py", 2, ERROR),
        ("d/e.py", 1, ERROR),
    ]
    assert places(found) == expected
    assert found.files == ("a.py", "b.py", "d/e.py")
    assert (found.notices, found.failures, found.known) == ((), (), 0)


def test_selection_by_code_and_by_file() -> None:
    files = {"a.py": "bad(), soso()", "tests/a.py": "bad(), soso()"}
    found = outcome(files, select=(ERROR, WARNING), per_file_ignores=(("tests", (ERROR,)),))
    assert places(found) == [("a.py", 1, ERROR), ("a.py", 1, WARNING), ("tests/a.py", 1, WARNING)]
    assert places(outcome(files, ignore=(WARNING,))) == [("a.py", 1, ERROR), ("tests/a.py", 1, ERROR)]


def test_patterns_are_relative_to_the_root(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, {"pkg/a.py": "bad()"})
    monkeypatch.chdir(here / "pkg")
    for pattern, count in (("pkg/*", 0), ("a.py", 0), ("/a.py", 1)):
        configuration = Configuration(str(here), per_file_ignores=((pattern, (ERROR,)),))
        assert len(check(["a.py"], configuration, "", Examiner()).problems) == count


def test_no_python_is_a_finding_only_where_it_is_named() -> None:
    files = {"a.py": "x = (\n", "b.py": "bad()"}
    found = outcome(files)
    assert places(found) == [("b.py", 1, ERROR)]
    assert found.notices == ("a.py: not checked: '(' was never closed",)
    found = outcome(files, "a.py", "b.py")
    assert places(found) == [("a.py", 1, "syntax-error"), ("b.py", 1, ERROR)]
    assert found.notices == ()
    assert places(outcome(files, "a.py", ignore=("syntax-error",))) == []


def test_a_named_file_that_can_not_be_read_is_a_failure() -> None:
    os.symlink("nowhere", "a.py")
    assert outcome({}, "a.py").failures == ("a.py can't be read: No such file or directory",)
    assert outcome({}).files == ()


def test_large_functions_are_noticed() -> None:
    (notice,) = outcome({"a.py": "def endless(): pass"}).notices
    assert notice == "a.py: `endless` is too large to be followed; nothing in it is known"


def test_the_configuration_of_the_project_is_read() -> None:
    write(Path(), {"a.py": "bad(), soso()", "pyproject.toml": f"[tool.namedtorch]\nignore = ['{ERROR}']"})
    assert places(check(["a.py"], Unknown, "", Examiner())) == [("a.py", 1, WARNING)]
    write(Path(), {"pyproject.toml": "[tool.namedtorch]\nx = 1"})
    with pytest.raises(ConfigurationError):
        check(["a.py"], Unknown, "", Examiner())


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_file_that_the_checker_trips_over_keeps_no_other_from_being_checked(jobs: int) -> None:
    files = {f"m{number:02}.py": "crash()" if number % 7 == 3 else "bad()" for number in range(20)}
    found = outcome(files, jobs=jobs)
    crashed = [name for name, text in files.items() if text == "crash()"]
    assert places(found) == [(name, 1, ERROR) for name in files if name not in crashed]
    starts = [f"internal error in {name}: RecursionError: too deep (" for name in crashed]
    assert [one.startswith(start) for one, start in zip(found.failures, starts, strict=True)] == [True] * 3
    assert all(
        "stand_in.py:" in one and one.endswith("please report it with that file") for one in found.failures
    )


@pytest.mark.parametrize("platform", ["linux", "other"])
def test_any_number_of_processes_finds_the_same(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    files = {"pkg/__init__.py": "", "pkg/bad.py": "bad = 1"}
    for number in range(30):
        files[f"pkg/m{number}.py"] = (
            f"from . import m{(number + 1) % 30}\nfrom .bad import x\nbad(); soso()\n"
        )
    files["pkg/m7.py"] += "def endless(): pass"
    one = outcome(files)
    assert len(one.problems) == 90
    # Other systems start processes anew instead of copying this one.
    monkeypatch.setattr(workers.sys, "platform", platform)
    for jobs in (2, 5) if platform == "linux" else (2,):
        several = outcome(files, jobs=jobs)
        assert [getattr(several, part) for part in ("problems", "notices", "failures", "files")] == [
            getattr(one, part) for part in ("problems", "notices", "failures", "files")
        ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_parsed_is_forgotten_where_it_is_much(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    files = {f"m{number:02}.py": f"from m{number + 1:02} import x\nbad()" for number in range(20)}
    expected = outcome(files)
    # More than some files, and less than all.
    monkeypatch.setattr(examination, "_MOST_PARSED", 100)
    assert outcome(files, jobs=jobs).problems == expected.problems
    project = Project.of(["."])
    kept = [
        module.text for path in project.checked if isinstance(module := project.module_at(path), SourceModule)
    ]
    assert project.parsed() == len("".join(kept)) > 100
    relieved = examination.relieved(project)
    assert (relieved.parsed(), relieved.checked, relieved.finder) == (0, project.checked, project.finder)
    assert examination.relieved(relieved) is relieved


def test_a_process_that_dies_is_a_failure_of_one_file() -> None:
    files = {f"m{number:02}.py": "die()" if number in (9, 40) else "bad()" for number in range(50)}
    found = outcome(files, jobs=2)
    assert [one[: one.index(" process")] for one in found.failures] == [
        "internal error in m09.py: the",
        "internal error in m40.py: the",
    ]
    assert [path for path, *_ in places(found)] == [name for name, text in files.items() if text == "bad()"]


PROGRAM = """
import sys
from namedtorch.static.configuration import Configuration
from namedtorch.static.run import check
from tests.static.stand_in import Examiner
print("started", flush=True)
check(["."], Configuration(sys.argv[1]), "", Examiner(3))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("to_all", [True, False], ids=["group", "parent"])
def test_an_interrupt_ends_all_processes_at_once(here: Path, to_all: bool) -> None:
    write(here, {f"m{number}.py": "sleep()" for number in range(20)})
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(here)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "started\n"
        deadline = time.monotonic() + 30
        while len(children := processes_of(program.pid)) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(children) == 4
        os.killpg(program.pid, signal.SIGINT) if to_all else os.kill(program.pid, signal.SIGINT)
        _, errors = program.communicate(timeout=30)
        assert program.returncode == -signal.SIGINT
        assert errors.count("Traceback") == errors.count("KeyboardInterrupt") == 1
        assert processes_of(program.pid) == []
    finally:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)


def processes_of(session: int) -> list[int]:
    """The processes of a session that are alive."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def test_the_cores_of_this_process_are_counted() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
