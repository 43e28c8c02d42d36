"""Source files as they are read: text, tree, comments, and what is no Python."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namedtorch.diagnostics.source import Place
from namedtorch.dims.unknown import Unknown
from namedtorch.static import source_module
from namedtorch.static.source_module import BrokenModule, SourceModule, read_text


def read(tmp_path: Path, data: bytes) -> SourceModule | BrokenModule:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    return SourceModule.read(str(path), "a")


TEXTS = [
    (b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n"),
    ("x = 'ä'".encode(), "x = 'ä'"),
    ("\ufeffx = 'ä'".encode(), "x = 'ä'"),
    ("# coding: latin-1\nx = 'ä'\n".encode("latin-1"), "# coding: latin-1\nx = 'ä'\n"),
    (b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\nx = '\x80'\n", None),
    (b"", ""),
    (b"x = '\\d'\nassert (1, 'always')\n", None),
]


@pytest.mark.parametrize(("data", "text"), TEXTS, ids=range(len(TEXTS)))
def test_text_and_tree(tmp_path: Path, data: bytes, text: str | None) -> None:
    module = read(tmp_path, data)
    assert isinstance(module, SourceModule)
    assert text is None or module.text == text
    assert ast.dump(module.tree) == ast.dump(ast.parse(data.replace(rb"\d", rb"\\d")))
    assert read_text(module.path) == module.text


BROKEN = [
    (b"x = (\n", "the file is not checked, because it is no Python: '(' was never closed", (1, 5, 1, 6)),
    (b"x = 1\n  y = 2\n", "the file is not checked, because it is no Python: unexpected indent", (2,)),
    (b"print 'x'", "the file is not checked, because it is no Python: Missing parentheses", (1, 1)),
    (b"x = 1\ny = '\xff'\n", "the text is not utf-8", (2, 1, 2, 2)),
    (b"# coding: no-such-code\n", "unknown encoding", (1, 1, 1, 2)),
    (b"# coding: latin-1\nx = 'caf\xe9' (\n", "'(' was never closed", (2,)),
    (b"\xef\xbb\xbf# coding: latin-1\n", "encoding", (1, 1, 1, 2)),
    (b"x = 1\x00\n", "null bytes", (1, 1)),
    (b"x = " + b"(" * 300 + b")" * 300, "too many nested parentheses", (1,)),
    (b"x = " + b"-" * 100_000 + b"1", "", (1,)),
    (b"x" + b".y" * 100_000, "", (1,)),
    ("x = 1\nä = 'ö' ö\n".encode(), "invalid syntax", (2,)),
]


@pytest.mark.parametrize(("data", "text", "place"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_python_says_where(tmp_path: Path, data: bytes, text: str, place: tuple[int, ...]) -> None:
    module = read(tmp_path, data)
    assert isinstance(module, BrokenModule)
    problem = module.problem
    assert problem is not Unknown
    assert (problem.code, problem.severity) == ("syntax-error", "error")
    assert text in problem.message
    where = (problem.place.line, problem.place.column, problem.place.end_line, problem.place.end_column)
    assert where[: len(place)] == place


def test_what_can_not_be_read_has_a_reason_and_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "LARGEST", 10)
    for path, reason in (
        (tmp_path / "no.py", "can't be read: No such file"),
        (tmp_path, "can't be read: Is a"),
    ):
        module = SourceModule.read(str(path), "no")
        assert isinstance(module, BrokenModule)
        assert (module.reason.startswith(reason), module.problem) == (True, Unknown)
    module = read(tmp_path, b"x = 12345678")
    assert isinstance(module, BrokenModule)
    assert (module.reason, module.problem) == ("is larger than 10 bytes", Unknown)
    assert isinstance(read(tmp_path, b"x = 123456"), SourceModule)


@given(
    st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
)
def test_reading_never_raises(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    module = read(tmp_path_factory.getbasetemp(), data)
    if isinstance(module, SourceModule):
        lines = module.text.split("\n")
        assert all(lines[line - 1].endswith(comment) for line, comment in module.comments.items())
    elif module.problem is not Unknown:
        place = module.problem.place
        assert isinstance(place, Place)
        assert 1 <= place.line <= place.end_line
        assert place.column >= 1
        assert place.end_line > place.line or place.end_column > place.column


COMMENTS = [
    ("x = 1  # one\n# two\ny = '# three'\n", {1: "# one", 2: "# two"}),
    ("x = (  # one\n  1,  # two\n)", {1: "# one", 2: "# two"}),
    ("x = '''\n# one\n'''  # two", {3: "# two"}),
    ("x = 1", {}),
    ("\x0cx = 1 # one", {1: "# one"}),
]


@pytest.mark.parametrize(("text", "comments"), COMMENTS)
def test_comments(tmp_path: Path, text: str, comments: dict[int, str]) -> None:
    module = read(tmp_path, text.encode())
    assert isinstance(module, SourceModule)
    assert module.comments == comments


RELATIVE = [
    ("pkg.a", False, 0, "x.y", "x.y"),
    ("pkg.a", False, 1, "b", "pkg.b"),
    ("pkg.a", False, 1, None, "pkg"),
    ("pkg", True, 1, "b", "pkg.b"),
    ("pkg", True, 1, None, "pkg"),
    ("pkg.sub", True, 2, "b", "pkg.b"),
    ("pkg.sub.a", False, 2, "b.c", "pkg.b.c"),
    ("a", False, 1, "b", ""),
    ("pkg", True, 2, "b", ""),
    ("pkg.a", False, 3, "b", ""),
    ("pkg.a", False, 0, None, ""),
]


@pytest.mark.parametrize(("name", "is_package", "level", "module", "absolute"), RELATIVE)
def test_relative_imports(name: str, is_package: bool, level: int, module: str | None, absolute: str) -> None:
    tree = ast.parse("")
    assert SourceModule(name, "a.py", "", tree, is_package).resolve(level, module) == absolute
