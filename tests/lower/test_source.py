"""Sources with other text in them keep their lines; linecache gets them for a while only."""

import ast
import inspect
import linecache
from types import FunctionType
from typing import Any

import pytest

from namedtorch.lower.source import Edit, Sources, shown, spliced

TEXT = """def f(x: Float[
    Tensor, "N"  # comment
], größe: Float[Tensor, "ä ö"]=1, y: int = 2) -> Float[Tensor,
        "N"]:
    z: Float[Tensor, "N C"] = x; w: Float[Tensor, "N"] = x
    return z
"""

WANTED = """def f(x: (T

), größe: T=1, y: int = 2) -> (T
):
    z: T = x; w: T = x
    return z
"""


def edits(text: str) -> list[Edit]:
    return [Edit.of(node, "T") for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Subscript)]


def test_lines_stay_where_they_are() -> None:
    result = "".join(spliced(TEXT.splitlines(keepends=True), edits(TEXT)))
    assert result == WANTED
    ast.parse(result)


def test_functions_are_found_with_their_decorators() -> None:
    def decorated(function: Any) -> Any:
        return function

    @decorated
    @decorated
    def found() -> None: ...

    definition = Sources().find(found)
    assert definition is not None
    assert definition.file == __file__
    assert definition.lines[definition.first - 1].strip() == "@decorated"
    assert definition.lines[definition.last - 1].strip() == "def found() -> None: ..."


def test_functions_without_source_are_not_found() -> None:
    names: dict[str, Any] = {}
    exec("def f(): ...", names)
    assert Sources().find(names["f"]) is None
    function = lambda: None  # noqa: E731
    assert isinstance(function, FunctionType)
    assert Sources().find(function) is None


def test_linecache_is_as_it_was_after_an_error_too() -> None:
    before = linecache.getlines(__file__)

    def show() -> None:
        with shown({__file__: ["new\n"], "<nowhere>": ["other\n"]}):
            linecache.checkcache()
            assert linecache.getlines(__file__) == ["new\n"]
            assert linecache.getline("<nowhere>", 1) == "other\n"
            raise KeyError

    with pytest.raises(KeyError):
        show()
    assert linecache.getlines(__file__) == before
    assert "<nowhere>" not in linecache.cache
    assert inspect.getsource(show).startswith("    def show")
