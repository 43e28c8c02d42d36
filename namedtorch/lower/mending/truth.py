"""Conditions that are Optionals, and `or` and `and` that give one of their values."""

import ast
import copy
import re
from typing import Any

from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import Work
from namedtorch.lower.mending.writing import expression

_OPTIONAL = re.compile(r"Optional\[(?P<inner>.*)\]$")
_SIZED = ("list[", "dict[", "str")


def note_tests(work: Work) -> None:
    """Marks the expressions of which only the truth counts."""
    for one in ast.walk(work.node):
        match one:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
                _mark(test)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                _mark(inner)
            case ast.comprehension(ifs=tests):
                for test in tests:
                    _mark(test)
            case _:
                pass


def _mark(node: Any) -> None:
    node.tested = True
    if isinstance(node, ast.BoolOp):
        for one in node.values:
            _mark(one)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _mark(node.operand)


def optional_test(node: ast.Name, walk: Walk) -> ast.expr | None:
    """`if sizes:` of an Optional."""
    if not getattr(node, "tested", False) or not isinstance(node.ctx, ast.Load):
        return None
    found = _OPTIONAL.match(walk.type_of(node))
    if found is None:
        return None
    plain = copy.copy(node)
    plain.tested = False  # type: ignore[attr-defined]  # A mark of ours.
    return _test(plain, walk.type_of(node))


def _test(node: ast.Name, kind: str) -> ast.expr | None:
    found = _OPTIONAL.match(kind)
    inner = found["inner"] if found is not None else kind
    if inner.startswith(_SIZED):
        text = "len(value) > 0"
    elif inner in ("int", "float"):
        text = "value != 0"
    elif inner == "bool":
        text = "value"
    elif inner == "Tensor":
        text = "bool(value)"
    else:
        return None
    made = expression(f"value is not None and {text}" if found is not None else text, node, value=node)
    for one in ast.walk(made):
        one.tested = False  # type: ignore[attr-defined]  # A mark of ours.
    return made


def chosen_value(node: ast.BoolOp, walk: Walk) -> ast.expr | None:
    """`sizes or [1]`, `n and m` as values, of which TorchScript gives the truth only."""
    if getattr(node, "tested", False):
        return None
    kinds = [walk.type_of(one) for one in node.values]
    plain = [_OPTIONAL.sub(r"\g<inner>", one) for one in kinds]
    if set(plain) == {"bool"} or "" in plain or len(set(plain)) != 1:
        return None
    if not all(isinstance(one, ast.Name) for one in node.values[:-1]):
        return None
    made = node.values[-1]
    for one, kind in reversed(list(zip(node.values[:-1], kinds[:-1], strict=True))):
        assert isinstance(one, ast.Name)
        test = _test(one, kind)
        if test is None:
            return None
        if isinstance(node.op, ast.And):
            if _OPTIONAL.match(kind):
                return None
            made = ast.copy_location(ast.IfExp(test, made, copy.deepcopy(one)), node)
        else:
            made = ast.copy_location(ast.IfExp(test, copy.deepcopy(one), made), node)
    return made
