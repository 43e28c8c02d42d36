"""The conditions in a file of the user's: what decides which code runs, and how often."""

import ast
import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from namedtorch.dims.unknown import Unknown

Form = Literal["if", "while", "for", "assert", "choice", "filter"]

_ABOUT_TYPES = frozenset({"isinstance", "issubclass", "hasattr", "callable", "type", "id"})

_PASS_ON = frozenset({"zip", "enumerate", "reversed", "list", "tuple"})
"""What gives as many things as it is given."""

_SAME_FOR_ALL = frozenset(
    {
        *("dim", "ndim", "ndimension", "dtype", "device", "layout", "requires_grad", "is_leaf", "type"),
        *("is_tensor", "is_floating_point", "is_complex", "is_cuda", "is_contiguous", "get_device"),
    }
)
"""What a tensor has whatever its sizes and values are: a signature holds it, not the call."""


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A condition: its form, what is asked (of a loop what it runs over), and the statement that it stands in.

    `function` is the function around it, None outside of all.
    """

    form: Form
    test: ast.expr
    statement: ast.stmt
    function: ast.FunctionDef | None

    @property
    def body(self) -> tuple[int, int] | None:
        """The lines of the first statement that runs by it; None where they are no lines of their own."""
        match self.statement:
            case ast.If(body=[first, *_]) | ast.While(body=[first, *_]) | ast.For(body=[first, *_]):
                alone = self.form in ("if", "while", "for") and first.lineno > (self.test.end_lineno or 0)
                return (first.lineno, first.end_lineno or first.lineno) if alone else None
            case _:
                return None


class SourceFile:
    """A file of Python code as linecache shows it; one that does not parse has no code."""

    def __init__(self, name: str) -> None:
        try:
            self.tree = ast.parse("".join(linecache.getlines(name)))
        except (SyntaxError, ValueError):
            self.tree = ast.Module([], [])
        self.name = name
        self.conditions = tuple(_conditions(self.tree))
        self.starting: dict[int, list[Condition]] = {}
        """The conditions by the line that is run when they are asked."""
        for one in self.conditions:
            self.starting.setdefault(_asked_at(one), []).append(one)

    def node_at(self, position: tuple[int, int, int, int]) -> list[ast.AST]:
        """The nodes around a position (line, last line, column, last column), the innermost first."""
        first, last, start, end = position
        found: list[ast.AST] = []
        waiting: list[ast.AST] = [self.tree]
        while waiting:
            for child in ast.iter_child_nodes(waiting.pop()):
                if not isinstance(child, ast.expr | ast.stmt):
                    waiting.append(child)
                elif (child.lineno, child.col_offset) <= (first, start) and (last, end) <= (
                    child.end_lineno or child.lineno,
                    child.end_col_offset or 0,
                ):
                    found.insert(0, child)
                    waiting = [child]
                    break
        return found


def met_tensors(condition: Condition, value_of: Callable[[str], Any]) -> bool:
    """Whether what a condition says may depend on the sizes or values of tensors; for `value_of` see `holds_tensors`.

    A loop over tensors that are listed one by one does not depend on them.
    """
    waiting = [condition.test]
    while condition.form == "for" and waiting:
        match waiting.pop():
            case ast.Tuple() | ast.List():
                pass
            case ast.Call(func=ast.Name(id=name), args=several) if name in _PASS_ON:
                waiting += several
            case other:
                if holds_tensors(other, value_of):
                    return True
    return condition.form != "for" and holds_tensors(condition.test, value_of)


def holds_tensors(node: ast.AST, value_of: Callable[[str], Any]) -> bool:
    """Whether what an expression gives may depend on the sizes or values of tensors.

    `value_of` gives what a name stands for, Unknown where it stands for nothing.
    """
    match node:
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]) | ast.Lambda() | ast.Constant():
            return False
        case ast.Call(func=ast.Name(id=name)) if name in _ABOUT_TYPES:
            return False
        case ast.Attribute(attr=name) | ast.Call(func=ast.Attribute(attr=name)) if name in _SAME_FOR_ALL:
            return False
        case ast.Name(id=name):
            return _is_read(value_of(name))
        case ast.Attribute(value=inner, attr=name):
            value = _held(node, value_of)
            return holds_tensors(inner, value_of) if value is Unknown else _is_read(value)
        case _:
            return any(holds_tensors(one, value_of) for one in ast.iter_child_nodes(node))


def _is_read(value: Any) -> bool:
    # What `x.shape` gives in a trace is a size whose items are tensors.
    return isinstance(value, Tensor | torch.Size)


def _held(node: ast.expr, value_of: Callable[[str], Any]) -> Any:
    """What `self.a.b` is, without running properties; Unknown for what is no such path."""
    match node:
        case ast.Name(id=name):
            return value_of(name)
        case ast.Attribute(value=inner, attr=name):
            owner = _held(inner, value_of)
            if isinstance(owner, nn.Module):
                for table in (vars(owner), owner._parameters, owner._buffers, owner._modules):
                    if name in table:
                        return table[name]
            return Unknown
        case _:
            return Unknown


def _conditions(tree: ast.Module) -> Iterator[Condition]:
    waiting: list[tuple[ast.AST, ast.stmt | None, ast.FunctionDef | None]] = [(tree, None, None)]
    while waiting:
        node, statement, function = waiting.pop()
        if isinstance(node, ast.stmt):
            statement = node
        if isinstance(node, ast.FunctionDef):
            function = node
        if statement is not None:
            for form, test in _asked(node):
                yield Condition(form, test, statement, function)
        waiting.extend((child, statement, function) for child in ast.iter_child_nodes(node))


def _asked(node: ast.AST) -> Iterator[tuple[Form, ast.expr]]:
    match node:
        case ast.If(test=test):
            yield "if", test
        case ast.While(test=test):
            yield "while", test
        case ast.Assert(test=test):
            yield "assert", test
        case ast.IfExp(test=test):
            yield "choice", test
        case ast.For(iter=over):
            yield "for", over
        case ast.comprehension(iter=over, ifs=tests):
            yield "for", over
            for test in tests:
                yield "filter", test
        case _:
            return


def _asked_at(one: Condition) -> int:
    return one.test.lineno if one.form in ("if", "while", "assert") else one.statement.lineno
