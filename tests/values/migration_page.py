"""The page on migration, `docs/migration.md`, and its code: rows of tables, and blocks with what they give."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namedtorch import DimError, NamedTensor

PAGE = Path(__file__).parents[2] / "docs" / "migration.md"

_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
_ROW = re.compile(r"^\| (.*?) \| `([^`|]*)` \| (`[^`]*`|refused) \|(.*)\|$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One row of a table: the old call (or a rule), what to write now, and the dims that it gives, or "refused"."""

    old: str
    code: str
    gives: str
    remark: str


def rows(text: str) -> list[Row]:
    """The rows of all tables."""
    return [
        Row(old, code, gives.strip("`"), remark.strip()) for old, code, gives, remark in _ROW.findall(text)
    ]


def blocks(text: str) -> list[str]:
    """The blocks of code; the first makes what all code of the page uses."""
    return _BLOCK.findall(text)


def given(code: str, names: dict[str, Any]) -> str:
    """What an expression gives: dims, another value, or "refused"."""
    try:
        value = eval(code, names)
    except DimError:
        return "refused"
    if isinstance(value, NamedTensor):
        return " ".join("_" if name is None else name for name in value.dims)
    return str(value)


def expectations(block: str) -> Iterator[tuple[str, str]]:
    """The expressions of a block that a comment says the value of."""
    lines = block.splitlines()
    for statement in ast.parse(block).body:
        assert statement.end_lineno is not None
        _, _, comment = lines[statement.end_lineno - 1].partition("  # ")
        if isinstance(statement, ast.Expr):
            yield ast.unparse(statement), comment
