"""One list of findings in every format, and what each format makes of the rest."""

import json
from pathlib import Path

import pytest

from namedtorch import __version__
from namedtorch.diagnostics.formats import FORMATS
from namedtorch.diagnostics.source import Place, Problem, Remark
from tests.diagnostics.formats.places import Files

GOLDEN = Path(__file__).parent / "formats"

FILES = Files(
    {
        "models/head.py": (
            "class Head(nn.Module):\n"
            "    def __init__(self):\n"
            "        self.fc = nn.Linear(512, 10)\n"
            "\n"
            '    def forward(self, x: Float[Tensor, "N 256"]):\n'
            "        return self.fc(x)\n"
        ),
        "models/loss.py": "y = torch.softmax(\n    x, 0\n)\nreveal_dims(y)\n",
    }
)
at = FILES.place

# Codes without a page: a page may change.
FOUND = [
    Problem("third-code", "note", "`y` is N C", at("models/loss.py", "y", 2)),
    Problem(
        "first-code",
        "error",
        "`x` has size 256 at its last axis, but `self.fc` takes 512",
        at("models/head.py", "x", 2),
        "N 256",
        (
            Remark(at("models/head.py", "nn.Linear(512, 10)"), "`in_features` is 512"),
            Remark(at("models/head.py", '"N 256"'), "`x` is N 256"),
        ),
        "write nn.Linear(256, 10)",
    ),
    Problem(
        "second-code",
        "warning",
        "100% of N: a, b",
        at("models/loss.py", "torch.softmax(\n    x, 0\n)"),
        "over N",
    ),
]

SUFFIXES = {"text": "txt", "concise": "concise.txt", "json": "json", "sarif": "sarif", "github": "github.txt"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_list_of_findings_is_written_as_the_golden_text(name: str) -> None:
    golden = (GOLDEN / f"found.{SUFFIXES[name]}").read_text(encoding="utf-8")
    assert FORMATS[name](FOUND, FILES.read) + "\n" == golden.replace("THIS VERSION", __version__)


@pytest.mark.parametrize("name", FORMATS)
def test_only_text_reads_the_source(name: str) -> None:
    read: list[str] = []

    def source(path: str) -> str:
        read.append(path)
        return ""

    FORMATS[name](FOUND, source)
    assert bool(read) == (name == "text")


EMPTY = {"text": "", "concise": "", "json": "[]", "github": ""}


@pytest.mark.parametrize("name", EMPTY)
def test_no_finding_is_nothing(name: str) -> None:
    assert FORMATS[name]([], FILES.read) == EMPTY[name]


def test_findings_stand_by_path_line_column_and_code() -> None:
    keys = [("a.py", 1, 1, "b-b"), ("a.py", 1, 2, "a-a"), ("a.py", 1, 2, "b-b"), ("a.py", 10, 1, "a-a")]
    keys += [("b.py", 2, 1, "a-a")]
    found = [
        Problem(code, "error", "", Place(path, line, column, line, column + 1))
        for path, line, column, code in (keys[one] for one in (3, 0, 4, 2, 1))
    ]
    written = json.loads(FORMATS["json"](found, FILES.read))
    assert [(one["path"], one["line"], one["column"], one["code"]) for one in written] == keys


def test_an_object_has_these_fields() -> None:
    place = {"path": "a.py", "line": 1, "column": 2, "end_line": 3, "end_column": 4}
    other = {"path": "b.py", "line": 5, "column": 6, "end_line": 7, "end_column": 8}
    remark = Remark(Place(**other), "there")
    problem = Problem("dims-differ", "error", "wrong", Place(**place), remarks=(remark,), help="do")
    said = {"code": "dims-differ", "severity": "error", "message": "wrong", "help": "do"}
    assert problem.to_dict() == {**place, **said, "labels": [{**other, "message": "there"}]}
    labelled = Problem("dims-differ", "error", "wrong", Place(**place), "here", (remark,), "do")
    labels = [{**place, "message": "here"}, {**other, "message": "there"}]
    assert labelled.to_dict() == {**place, **said, "labels": labels}


CONCISE = [
    (
        Problem("dims-differ", "warning", "a\n  b\r\n\nc", Place("a.py", 1, 2, 3, 4)),
        "a.py:1:2: warning[dims-differ] a b c",
    ),
    (Problem("dims-differ", "note", "", Place("a\n.py", 1, 2, 3, 4)), "a\\n.py:1:2: note[dims-differ]"),
]


@pytest.mark.parametrize(("problem", "expected"), CONCISE)
def test_a_concise_finding_is_one_line(problem: Problem, expected: str) -> None:
    assert FORMATS["concise"]([problem], FILES.read) == expected


GITHUB = [
    (
        Problem("d", "error", "a: 100%,\r\nb", Place("a,b:c%.py", 1, 2, 1, 4)),
        "::error file=a%2Cb%3Ac%25.py,line=1,endLine=1,col=2,endColumn=4,title=namedtorch d::a: 100%25,%0D%0Ab",
    ),
    # Columns on different lines, or in the wrong order, make GitHub refuse the command.
    (
        Problem("dims-differ", "warning", "a", Place("a.py", 1, 9, 3, 4)),
        "::warning file=a.py,line=1,endLine=3,title=namedtorch dims-differ::a",
    ),
    (
        Problem("dims-differ", "note", "a", Place("a.py", 5, 9, 5, 4)),
        "::notice file=a.py,line=5,endLine=5,title=namedtorch dims-differ::a",
    ),
    (
        Problem("a:b", "note", "a", Place("a.py", 5, 9, 3, 4)),
        "::notice file=a.py,line=5,endLine=5,title=namedtorch a%3Ab::a",
    ),
]


@pytest.mark.parametrize(("problem", "expected"), GITHUB)
def test_a_workflow_command_escapes_what_would_end_it(problem: Problem, expected: str) -> None:
    assert FORMATS["github"]([problem], FILES.read) == expected
