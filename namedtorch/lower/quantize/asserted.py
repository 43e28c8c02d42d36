"""Conditions that end in an error: `assert` and `if ...: raise`, which torch.fx follows as checks in its graph."""

import ast
import dis
import linecache
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FrameType

Span = tuple[int | None, int | None, int | None, int | None]
"""First and last line, first and last column (in bytes) of code, as Python's instructions know them."""


def wanted_truth(frame: FrameType) -> tuple[bool, str] | None:
    """What the condition that a frame asks for just now has to be, all else being an error; and the text of it.

    None for a condition that decides anything else.
    """
    span = _span(frame.f_code, frame.f_lasti)
    if span is None:
        return None
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    return _required("".join(lines)).get(span)


def _span(code: CodeType, offset: int) -> Span | None:
    """Where the value was computed that is asked for its truth: a jump itself may stand for the whole statement."""
    before: dis.Instruction | None = None
    for one in dis.get_instructions(code):
        if one.offset == offset:
            # From Python 3.13 on, a comparison may ask for the truth itself.
            source = one if one.opname.startswith("COMPARE") else before
            found = None if source is None else source.positions
            if found is None:
                return None
            return found.lineno, found.end_lineno, found.col_offset, found.end_col_offset
        before = one
    return None


@lru_cache(maxsize=64)
def _required(source: str) -> dict[Span, tuple[bool, str]]:
    """The conditions of a file that must be as told, by their places."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return {}
    found: dict[Span, tuple[bool, str]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assert(test=test):
                leaves = _leaves(test, True)
            case ast.If(test=test, body=[ast.Raise()], orelse=[]):
                leaves = _leaves(test, False)
            case _:
                continue
        for leaf, value in leaves:
            found[leaf.lineno, leaf.end_lineno, leaf.col_offset, leaf.end_col_offset] = (
                value,
                ast.unparse(test),
            )
    return found


def _leaves(test: ast.expr, value: bool) -> Iterator[tuple[ast.expr, bool]]:
    """The parts of a condition that must each be so for it to be `value`."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values) if value:
            for one in values:
                yield from _leaves(one, True)
        case ast.BoolOp(op=ast.Or(), values=values) if not value:
            for one in values:
                yield from _leaves(one, False)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _leaves(operand, not value)
            yield test, value
        case ast.BoolOp():
            # One of several is enough: none of them alone must be anything.
            return
        case _:
            yield test, value
