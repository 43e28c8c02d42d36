"""Comments that silence findings, and those that silence nothing."""

import ast

import pytest

from namedtorch.diagnostics.source import Problem
from namedtorch.static.checked import Options
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.selection import Selection
from namedtorch.static.source_module import SourceModule
from namedtorch.static.suppression import UNUSED_IGNORE, anchors, ignores, without_silenced
from tests.static.stand_in import ERROR, WARNING, check_module

ALL = Selection(frozenset(), frozenset(), ())


def found(text: str, selection: Selection = ALL) -> list[Problem]:
    module = SourceModule("a", "a.py", text, ast.parse(text), is_package=False)
    problems = check_module(module, Project.of([], Configuration("/nowhere")), Options()).problems
    anchored = dict(zip(problems, anchors(problems, module.tree), strict=True))
    return without_silenced(anchored, ignores(module), selection)


def codes(text: str, selection: Selection = ALL) -> list[tuple[int, str]]:
    return sorted((problem.place.line, problem.code) for problem in found(text, selection))


SILENCED = [
    "bad()  # namedtorch: ignore[dims-differ]",
    "bad()  # namedtorch: ignore",
    "bad()  #namedtorch:ignore",
    "bad()  # type: ignore  # namedtorch: ignore[dims-differ]",
    "bad()  # namedtorch: ignore[dims-differ]  # as the paper has it",
    "bad()  # namedtorch: ignore[dims-differ] as the paper has it",
    "bad(); soso()  # namedtorch: ignore[dims-differ, rank-differs]",
    "bad(); soso()  # namedtorch: ignore[rank-differs,dims-differ,]",
    "bad(); soso()  # namedtorch: ignore[dims-differ]  # namedtorch: ignore[rank-differs]",
    # On the statement's first line, the finding's own, its last, and the last of the statement.
    "x = (  # namedtorch: ignore[dims-differ]\n    bad()\n)",
    "x = (\n    bad()  # namedtorch: ignore[dims-differ]\n)",
    "x = (\n    bad()\n)  # namedtorch: ignore[dims-differ]",
    "x = bad(  # namedtorch: ignore[dims-differ]\n    1,\n)",
    "x = bad(\n    1,\n)  # namedtorch: ignore[dims-differ]",
    "x = f(\n    bad('''\n'''),  # namedtorch: ignore[dims-differ]\n    1)",
    "def f(  # namedtorch: ignore[dims-differ]\n    x=bad(),\n):\n    pass",
    "def f(\n    x=bad(),  # namedtorch: ignore[dims-differ]\n):\n    pass",
    "if x:\n    for y in z:\n        bad()  # namedtorch: ignore[dims-differ]",
    "try:\n    pass\nexcept E:\n    bad(  # namedtorch: ignore\n    )",
    "match x:\n    case 1:\n        y = (  # namedtorch: ignore\n            bad())",
    "# namedtorch: ignore-file\nbad()\nsoso()",
    "'''Doc.'''\n# namedtorch: ignore-file[dims-differ]\nbad()\nbad()",
    "#!/bin/python\n# namedtorch: ignore-file[dims-differ, rank-differs]\nbad()\nsoso()",
    "# namedtorch: ignore-file[dims-differ]\n@bad()\ndef f(): pass",
]


@pytest.mark.parametrize("text", SILENCED)
def test_silenced(text: str) -> None:
    bare = text.replace("namedtorch:", "noqa:")
    assert {code for _, code in codes(bare)} & {ERROR, WARNING}
    assert codes(text) == []


NOT_SILENCED = [
    ("bad()\n# namedtorch: ignore", [(1, ERROR), (2, UNUSED_IGNORE)]),
    ("bad()  # namedtorch: ignore[rank-differs]", [(1, ERROR), (1, UNUSED_IGNORE)]),
    ("bad()  # namedtorch: ignored", [(1, ERROR)]),
    ("bad()  # namedtorch: ignore-this", [(1, ERROR)]),
    ("bad(); x = '# namedtorch: ignore'", [(1, ERROR)]),
    ("# namedtorch: ignore\nbad()", [(1, UNUSED_IGNORE), (2, ERROR)]),
    # The comment on a compound statement is not one on all in it.
    ("def f():  # namedtorch: ignore\n    bad()", [(1, UNUSED_IGNORE), (2, ERROR)]),
    ("if bad():\n    pass\nelse:\n    x = 1  # namedtorch: ignore", [(1, ERROR), (4, UNUSED_IGNORE)]),
    ("x = 1\n# namedtorch: ignore-file\nbad()", [(2, UNUSED_IGNORE), (3, ERROR)]),
    ("# namedtorch: ignore-file[rank-differs]\nbad()", [(1, UNUSED_IGNORE), (2, ERROR)]),
    ("@f\ndef g(): bad()\n# namedtorch: ignore-file", [(2, ERROR), (3, UNUSED_IGNORE)]),
    ("bad()  # namedtorch: ignore[]", [(1, ERROR), (1, UNUSED_IGNORE)]),
    ("bad()  # namedtorch: ignore[dims-differ", [(1, ERROR), (1, UNUSED_IGNORE)]),
]


@pytest.mark.parametrize(("text", "expected"), NOT_SILENCED)
def test_not_silenced(text: str, expected: list[tuple[int, str]]) -> None:
    assert codes(text) == expected


MESSAGES = [
    ("x = 1  # namedtorch: ignore", "`namedtorch: ignore` silences nothing", "remove the comment"),
    ("# namedtorch: ignore-file", "`namedtorch: ignore-file` silences nothing", "remove the comment"),
    (
        "x = 1  # namedtorch: ignore[dims-differ, rank-differs]",
        "`namedtorch: ignore` silences no `dims-differ`, `rank-differs`",
        "remove the comment",
    ),
    (
        "bad()  # namedtorch: ignore[dims-differ, rank-differs]",
        "`namedtorch: ignore` silences no `rank-differs`",
        "remove the code from its list",
    ),
    (
        "x = 1  # namedtorch: ignore[dim-differs]",
        "`namedtorch: ignore` names a code that there is not: `dim-differs`; did you mean",
        "",
    ),
    ("x = 1  # namedtorch: ignore[]", "`namedtorch: ignore` does not count: its brackets are empty", ""),
    ("x = 1  # namedtorch: ignore[x", "`namedtorch: ignore` does not count: its bracket is not closed", ""),
    ("x = 1\n# namedtorch: ignore-file", "`namedtorch: ignore-file` does not count: it stands behind", ""),
]


@pytest.mark.parametrize(("text", "message", "help_"), MESSAGES)
def test_what_is_said_of_unused_comments(text: str, message: str, help_: str) -> None:
    (problem,) = found(text)
    assert problem.message.startswith(message)
    assert (problem.code, problem.severity, problem.help) == (UNUSED_IGNORE, "warning", help_)


def test_the_place_of_an_unused_comment() -> None:
    text = "x = 'ä#'  # noqa  # namedtorch: ignore[dims-differ] because"
    (problem,) = found(text)
    place = problem.place
    assert text[place.column - 1 : place.end_column - 1] == "# namedtorch: ignore[dims-differ]"
    assert (place.path, place.line, place.end_line) == ("a.py", 1, 1)


ONLY_WARNING = Selection(frozenset({WARNING, UNUSED_IGNORE}), frozenset(), ())
NO_ERROR = Selection(frozenset(), frozenset({ERROR}), ())
NO_UNUSED = Selection(frozenset(), frozenset({UNUSED_IGNORE}), ())
SELECTED = [
    # A comment for a code that was not selected may be needed when it is.
    ("x = 1  # namedtorch: ignore[dims-differ]", ONLY_WARNING, []),
    ("x = 1  # namedtorch: ignore[rank-differs]", ONLY_WARNING, [(1, UNUSED_IGNORE)]),
    ("x = 1  # namedtorch: ignore", ONLY_WARNING, []),
    ("bad()  # namedtorch: ignore", NO_ERROR, []),
    ("bad()  # namedtorch: ignore[dims-differ]", NO_ERROR, []),
    ("bad()", NO_ERROR, []),
    ("soso()", NO_ERROR, [(1, WARNING)]),
    ("x = 1  # namedtorch: ignore", NO_UNUSED, []),
    ("x = 1  # namedtorch: ignore[dims-differ, unused-ignore]", ALL, []),
    ("# namedtorch: ignore-file[unused-ignore]\nx = 1  # namedtorch: ignore", ALL, []),
    ("# namedtorch: ignore-file[unused-ignore]\nbad()", ALL, [(2, ERROR)]),
]


@pytest.mark.parametrize(("text", "selection", "expected"), SELECTED)
def test_only_selected_codes_count(text: str, selection: Selection, expected: list[tuple[int, str]]) -> None:
    assert codes(text, selection) == expected


def test_per_file_ignores() -> None:
    patterns = (("tests", (ERROR,)), ("*/a.py", (WARNING,)))
    selection = Selection.of(Configuration("/", select=(ERROR, WARNING), per_file_ignores=patterns))
    for path, taken in (
        ("a.py", {ERROR, WARNING}),
        ("tests/b.py", {WARNING}),
        ("pkg/a.py", {ERROR}),
        ("tests/a.py", set[str]()),
    ):
        assert {code for code in (ERROR, WARNING, UNUSED_IGNORE) if selection.at(path).takes(code)} == taken
