"""Findings that were there before."""

import json
from pathlib import Path

import pytest

from namedtorch.diagnostics.source import Place, Problem
from namedtorch.static.baseline import Baseline, Known, known_by
from namedtorch.static.configuration import Configuration, ConfigurationError
from namedtorch.static.project import Project


def known(problem: Problem) -> Known:
    return Known(problem.place.path, problem.code, problem.message, "text")


def problem(message: str = "m", path: str = "a.py", line: int = 1, code: str = "dims-differ") -> Problem:
    return Problem(code, "error", message, Place(path, line, 1, line, 2))


def known_of(message: str, path: str = "a.py") -> Known:
    return known(problem(message, path))


def test_written_and_read(tmp_path: Path) -> None:
    path = str(tmp_path / "known.json")
    baseline = Baseline({Known("b.py", "c", "m", "x = 'ä'"): 2, Known("a.py", "c", "m\udcff", ""): 1})
    baseline.write(path)
    assert Baseline.read(path) == baseline
    document = json.loads(Path(path).read_text(errors="surrogateescape"))
    assert [one["path"] for one in document["problems"]] == ["a.py", "b.py"]
    assert document["version"] == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "known.json"]


NO_BASELINES = [
    ("", "is no baseline of namedtorch"),
    ("[]", "is no baseline of namedtorch"),
    ("{}", "is no baseline of namedtorch"),
    ('{"version": 1, "problems": [{}]}', "is no baseline of namedtorch"),
    ('{"version": 2, "problems": []}', "is a baseline of another version of namedtorch"),
]


@pytest.mark.parametrize(("text", "message"), NO_BASELINES)
def test_what_is_no_baseline(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        Baseline.read(str(path))
    assert str(caught.value) == f"{path} {message}"


def test_a_missing_baseline_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"there is no baseline .*; `--baseline .* --update-baseline`"
    ):
        Baseline.read(str(tmp_path / "known.json"))
    with pytest.raises(ConfigurationError, match="can't read"):
        Baseline.read(str(tmp_path))


def test_known_findings_are_left_out_wherever_they_moved() -> None:
    baseline = Baseline({known_of("m"): 1, known_of("old"): 3})
    moved, second = problem(line=7), problem(line=9)
    others = [problem("other"), problem(path="b.py"), problem(code="rank-differs")]
    assert baseline.new([moved], known) == []
    assert baseline.new([moved, second, *others], known) == [second, *others]
    note = Problem("reveal", "note", "old", Place("a.py", 1, 1, 1, 2))
    assert baseline.new([note], known) == [note]


def test_findings_that_are_gone_are_counted_in_checked_files() -> None:
    baseline = Baseline({known_of("m"): 1, known_of("old"): 3, known_of("m", "b.py"): 5})
    assert baseline.gone([problem(), problem("old")], known, {"a.py", "c.py"}) == 2
    assert baseline.gone([], known, {"c.py"}) == 0


def test_an_update_keeps_what_is_known_of_other_files_that_are_there() -> None:
    baseline = Baseline({known_of("m"): 1, known_of("m", "b.py"): 2, known_of("m", "lost.py"): 1})
    found = [problem("new"), problem("new", line=2)]
    updated = baseline.updated(found, known, {"a.py"}, lambda path: path != "lost.py")
    assert updated == Baseline({known_of("new"): 2, known_of("m", "b.py"): 2})


def test_a_finding_is_known_by_its_path_from_the_root_and_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pkg").mkdir()
    monkeypatch.chdir(tmp_path / "pkg")
    project = Project.of([], Configuration(str(tmp_path)))
    read: list[str] = []

    def source(path: str) -> str:
        read.append(path)
        if path != "a.py":
            raise OSError
        return "x\n  y = 1  \n"

    known = known_by(project, source)
    assert known(problem(line=2)) == Known("pkg/a.py", "dims-differ", "m", "y = 1")
    assert known(problem(line=9)).text == known(problem(path="b.py")).text == ""
    assert read == ["a.py", "b.py"]
