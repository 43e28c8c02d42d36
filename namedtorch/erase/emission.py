"""Bodies of functions in plain torch: what speaks of names is written anew, all else stays as it is written."""

import ast
import copy
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from namedtorch.erase.agreement import of_parameter
from namedtorch.erase.attributes import is_renaming
from namedtorch.erase.optional_names import annotated_none
from namedtorch.erase.site import Site, Unsettled
from namedtorch.erase.worth import Worth
from namedtorch.erase.writers import WRITERS
from namedtorch.static.interpreter.domain import Crossing

_LAZY = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
"""Expressions whose parts need not run, or run more than once."""

_WORDS = "x"
"""What a value is called that gets a name: `x_1`."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """A definition in plain torch, located where the user's is.

    `changed` says that it is another than the user's; `calls` leads from nodes that call functions of the user's to
    what became of them.
    """

    definition: ast.FunctionDef
    changed: bool
    calls: Mapping[ast.AST, ast.expr]


def emitted(definition: ast.FunctionDef, worth: Worth, calls: Container[ast.AST] = ()) -> Emitted:
    """Writes a definition in plain torch; `calls` are the nodes that call functions of the user's.

    Branches that this specialisation never takes are left out. Raises `Unsettled`.
    """
    emission = _Emission(definition, worth, calls)
    made = copy.copy(definition)
    try:
        made.body = emission.body(definition.body)
    except Unsettled as error:
        raise of_parameter(error, definition) from None
    return Emitted(made, emission.changed, emission.placed)


class _Emission:
    def __init__(self, definition: ast.FunctionDef, worth: Worth, calls: Container[ast.AST]) -> None:
        self.worth = worth
        self.changed = False
        self.placed: dict[ast.AST, ast.expr] = {}
        self._calls = calls
        self._definition = definition
        self._names = {one.id for one in ast.walk(definition) if isinstance(one, ast.Name)}
        self._names |= {one.arg for one in ast.walk(definition) if isinstance(one, ast.arg)}
        self._parameters = {one.arg for one in ast.walk(definition.args) if isinstance(one, ast.arg)}
        self._before: list[ast.stmt] | None = None
        self._count = 0

    # Statements

    def body(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Statements as they are written; a body is never empty."""
        found: list[ast.stmt] = []
        for one in statements:
            found += self.statement(one)
            if isinstance(found[-1] if found else None, ast.Return | ast.Raise | ast.Break | ast.Continue):
                break
        return found or [ast.copy_location(ast.Pass(), statements[0])]

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.If():
                return self._if(node)
            case ast.Assert():
                return self._assert(node)
            case ast.While():
                test = self._kept(node.test)
                made = ast.While(test, self.body(node.body), self._else(node.orelse))
                return [ast.copy_location(made, node)]
            case ast.For() | ast.With() | ast.Try():
                return self._block(node)
            case ast.FunctionDef():
                return self._inner_definition(node)
            case ast.Assign() if is_renaming(node, self.worth):
                self.changed = True
                return []
            case ast.AnnAssign():
                return self._annotated(node)
            case _:
                return self._plain(node)

    def _inner_definition(self, node: ast.FunctionDef) -> list[ast.stmt]:
        """A definition inside of another one: its defaults and decorators are evaluated where it stands."""
        outer, self._before = self._before, []
        try:
            made = copy.copy(node)
            made.decorator_list = [self.expression(one) for one in node.decorator_list]
            made.args = copy.copy(node.args)
            made.args.defaults = [self.expression(one) for one in node.args.defaults]
            made.args.kw_defaults = [
                None if one is None else self.expression(one) for one in node.args.kw_defaults
            ]
            before = self._before
        finally:
            self._before = outer
        made.body = self.body(node.body)
        return [*before, made]

    def _plain(self, node: ast.stmt) -> list[ast.stmt]:
        """A statement without a body, behind those that give names to its parts."""
        outer, self._before = self._before, []
        try:
            optional = annotated_none(node, self._definition, self.worth)
            if optional is not None:
                return [optional]
            made = cast("ast.stmt", self._copied(node))
            return self._before if _says_nothing(node, made) else [*self._before, made]
        finally:
            self._before = outer

    def _block(self, node: ast.stmt) -> list[ast.stmt]:
        outer, self._before = self._before, []
        try:
            made = copy.copy(node)
            for name, value in ast.iter_fields(node):
                if name in ("body", "orelse", "finalbody"):
                    setattr(made, name, self.body(value) if value else [])
                elif name == "handlers":
                    setattr(made, name, [self._handler(one) for one in value])
                else:
                    setattr(made, name, self._part(value))
            return [*self._before, made]
        finally:
            self._before = outer

    def _handler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        made = copy.copy(node)
        made.body = self.body(node.body)
        return made

    def _else(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        return self.body(statements) if statements else []

    def _if(self, node: ast.If) -> list[ast.stmt]:
        taken = self._decided(node.test)
        if taken is not None:
            self.changed = True
            kept = node.body if taken else node.orelse
            return [*self._refined(node.test, taken), *(self.body(kept) if kept else [])]
        outer, self._before = self._before, []
        try:
            test = self.expression(node.test)
            before = self._before
        finally:
            self._before = outer
        made = ast.If(test, self.body(node.body), self._else(node.orelse))
        return [*before, ast.copy_location(made, node)]

    def _refined(self, test: ast.expr, holds: bool) -> list[ast.stmt]:
        """What still has to be said where a condition about None is left out: a graph goes by the types of names."""
        match test:
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as kind]) if (
                name in self._parameters and isinstance(kind, ast.IsNot) is holds
            ):
                there = ast.Compare(ast.Name(name, ast.Load()), [ast.IsNot()], [ast.Constant(None)])
                return [_located_statement(ast.Assert(there), test)]
            case _:
                return []

    def _assert(self, node: ast.Assert) -> list[ast.stmt]:
        if self._decided(node.test) is True and self._speaks(node.test):
            self.changed = True
            return []
        return self._plain(node)

    def _annotated(self, node: ast.AnnAssign) -> list[ast.stmt]:
        """An annotation is no expression that runs: it stays as it is written."""
        outer, self._before = self._before, []
        try:
            made = copy.copy(node)
            made.target = cast("Any", self.expression(node.target))
            made.value = None if node.value is None else self.expression(node.value)
            return [*self._before, made]
        finally:
            self._before = outer

    def _decided(self, test: ast.expr) -> bool | None:
        """What a condition surely is in this specialisation; None where it depends."""
        values = self.worth.values(test)
        if values and all(value is True for value in values):
            return True
        return False if values and all(value is False for value in values) else None

    def _speaks(self, node: ast.expr) -> bool:
        """Whether an expression is written otherwise in plain torch."""
        changed, self.changed = self.changed, False
        try:
            self._kept(node)
            return self.changed
        except Unsettled:
            return True
        finally:
            self.changed = changed

    # Expressions

    def expression(self, node: ast.expr) -> ast.expr:
        """An expression in plain torch."""
        made = self._expression(node)
        if node in self._calls:
            self.placed[node] = made
        return made

    def _expression(self, node: ast.expr) -> ast.expr:
        for writer in WRITERS.get(type(node), ()):
            made = writer(Site(node, self.worth, self.expression, self.named, self.insist))
            if made is not None:
                self.changed = True
                return _located(made, node)
        if isinstance(node, ast.Call) and any(
            isinstance(one, Crossing) for one in self.worth.values(node.func)
        ):
            # The function of plain tensors has the name that the one of named tensors had.
            self.changed = True
        if isinstance(node, ast.IfExp):
            taken = self._decided(node.test)
            unused = node.orelse if taken else node.body
            if taken is not None and not self.worth.ran(unused):
                self.changed = True
                if self._before is not None:
                    self._before += self._refined(node.test, taken)
                return self.expression(node.body if taken else node.orelse)
        if isinstance(node, _LAZY):
            outer, self._before = self._before, None
            try:
                return cast("ast.expr", self._copied(node))
            finally:
                self._before = outer
        return cast("ast.expr", self._copied(node))

    def _kept(self, node: ast.expr) -> ast.expr:
        """An expression that runs more than once: nothing can be put before it."""
        outer, self._before = self._before, None
        try:
            return self.expression(node)
        finally:
            self._before = outer

    def named(self, made: ast.expr, node: ast.expr) -> ast.expr:
        """A value that is written more than once, under a name: `made` is what became of the user's `node`."""
        if _is_simple(made):
            return made
        if self._before is None:
            raise Unsettled(
                node, "its value is needed more than once, and it stands where no statement can be put before it",
                "assign it to a variable of its own first",
            )  # fmt: skip
        self._count += 1
        while (name := f"{_WORDS}_{self._count}") in self._names:
            self._count += 1
        target = ast.Name(name, ast.Store())
        self._before.append(_located_statement(ast.Assign([target], made), node))
        return ast.Name(name, ast.Load())

    def insist(self, test: ast.expr, message: str, node: ast.expr) -> bool:
        """Puts a check of the user's `node` in front of the statement; False where nothing can stand there."""
        if self._before is None:
            return False
        self._before.append(_located_statement(ast.Assert(test, ast.Constant(message)), node))
        return True

    def _copied(self, node: ast.AST) -> ast.AST:
        made = copy.copy(node)
        for name, value in ast.iter_fields(node):
            setattr(made, name, self._part(value))
        return made

    def _part(self, value: Any) -> Any:
        if isinstance(value, ast.expr):
            return self.expression(value)
        if isinstance(value, ast.AST):
            return self._copied(value)
        if isinstance(value, list):
            return [self._part(one) for one in cast("list[Any]", value)]
        return value


def _says_nothing(node: ast.stmt, made: ast.stmt) -> bool:
    """Whether a call became a bare name, `x.rename_(N="B")`, or what it is assigned to, `x = x.rename(N="B")`."""
    match node, made:
        case ast.Assign(value=ast.Call()), ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)):
            return name == other
        case _:
            pass
    if not isinstance(node, ast.Expr) or not isinstance(made, ast.Expr):
        return False
    return isinstance(node.value, ast.Call) and _is_simple(made.value)


def _is_simple(node: ast.expr) -> bool:
    """Whether an expression can stand twice without running anything twice."""
    if isinstance(node, ast.Attribute):
        return _is_simple(node.value)
    return isinstance(node, ast.Name | ast.Constant)


def _located(made: ast.expr, node: ast.expr) -> ast.expr:
    """Gives new nodes the place of the user's expression."""
    for one in _unplaced(made):
        ast.copy_location(one, node)
    return made


def _located_statement(made: ast.stmt, node: ast.expr) -> ast.stmt:
    for one in _unplaced(made):
        ast.copy_location(one, node)
    return made


def _unplaced(made: ast.AST) -> Iterator[ast.AST]:
    for one in ast.walk(made):
        if isinstance(one, ast.expr | ast.stmt | ast.keyword) and not hasattr(one, "lineno"):
            yield one
