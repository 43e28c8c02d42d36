"""The tree of a rewritten function where torch expects what it parsed: at lines and columns of the dedented source."""

import ast
import copy
import inspect
import re
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from torch._sources import ParsedDef, SourceContext

from namedtorch.diagnostics import LowerError

_SIGNATURE = re.compile(r"#\s*type:\s*\(")
_COMMENT = re.compile(r"#\s*type:")


class Wide(SourceContext):
    """What gives torch the ranges of a definition, all of them inside of its source.

    torch finds the names of `a.b.c` by looking into the source behind the end of what they are read from, where a node
    that was put in has none of its own.
    """

    def __init__(
        self, source: str, file: str | None, line: int, indent: int, function: str | None, behind: int = 0
    ) -> None:
        super().__init__(source, file, line, indent, True, function)
        self._last = len(source.rstrip().encode())
        self._seen = f"{source}\n{'-' * behind}"

    @property
    def source(self) -> str:
        """The source, and as much behind it as torch may look at."""
        return self._seen

    def make_raw_range(self, start: int, end: int) -> Any:
        """The range between two bytes of the source."""
        start = min(start, self._last)
        return super().make_raw_range(start, max(start, min(end, self._last)))


def wide(parsed: Any) -> Any:
    """What torch parsed, for a definition that was changed since."""
    source = parsed.ctx.source
    first = source.split("\n", 1)[0]
    indent = len(first) - len(first.lstrip())
    behind = _letters(parsed.ast)
    context = Wide(source, parsed.filename, parsed.file_lineno, indent, parsed.ctx.funcname, behind)
    return parsed._replace(ctx=context)


def _letters(tree: ast.AST) -> int:
    """How many letters the names and constants of a tree have, at least."""
    length = 8
    for one in ast.walk(tree):
        match one:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                length += len(name) + 2
            case ast.Constant(value=value):
                length += len(str(value)) + 2
            case _:
                pass
    return length


def parsed_tree(function: FunctionType, tree: ast.FunctionDef) -> Any:
    """What torch takes for a function that it parsed.

    The source is the user's own text. Raises LowerError where that is not at hand.
    """
    try:
        name = inspect.getsourcefile(function) or function.__code__.co_filename
        lines = inspect.findsource(function)[0]
    except (OSError, TypeError) as error:
        raise LowerError(f"the source of {function.__qualname__} is not at hand: {error}") from error
    first, last = tree.lineno, min(_last_line(tree), len(lines))
    written = lines[first - 1 : last]
    indent = written[0][: len(written[0]) - len(written[0].lstrip())]
    source = "".join(_aligned(written, indent))
    moved = _moved(tree, written, indent)
    context = Wide(source, name, first, len(indent), function.__name__)
    return ParsedDef(ast.Module([moved], []), context, _without_comments(source), name, first)


def _without_comments(source: str) -> str:
    """The source in which torch looks for the types of the function: what comments say of variables is in the tree."""
    return source if _SIGNATURE.search(source) else _COMMENT.sub("#", source)


def _last_line(tree: ast.FunctionDef) -> int:
    return max(getattr(one, "end_lineno", None) or tree.lineno for one in ast.walk(tree))


def _aligned(lines: Sequence[str], indent: str) -> list[str]:
    """The lines, all of them at least as far to the right as the `def`, as torch has them."""
    return [one if one.startswith(indent) else indent + one for one in lines]


def _moved(tree: ast.FunctionDef, lines: Sequence[str], indent: str) -> ast.FunctionDef:
    """A copy at the lines of this piece of the file, columns counted from the indent.

    What stands outside of the piece takes the place of what is around it.
    """
    moved = copy.deepcopy(tree)

    def place(node: Any, line: int, column: int) -> None:
        if "lineno" in node._attributes:
            number = int(node.lineno) - tree.lineno
            if 0 <= number < len(lines):
                line, column = number + 1, node.col_offset
                column -= len(indent) if lines[number].startswith(indent) else 0
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = max(column, 0)
        for one in ast.iter_child_nodes(node):
            place(one, line, column)

    place(moved, 1, 0)
    # torch takes defaults from the function; it refuses to see them at keyword-only parameters.
    moved.args.kw_defaults = [None] * len(moved.args.kwonlyargs)
    return moved
