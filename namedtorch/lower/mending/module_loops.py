"""Loops over what a module holds: written out, one body for each element, or over an index."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.module_changes import changed_locals
from namedtorch.lower.mending.module_expressions import Expressions, names_stored
from namedtorch.lower.mending.module_spelling import Spelling
from namedtorch.lower.mending.module_taken import Taken, holds_modules
from namedtorch.lower.mending.module_values import CONTAINERS, Values

_MOST = 128  # bodies of one loop
_CHANGING = frozenset({"append", "extend", "insert", "pop", "remove", "clear", "reverse", "sort"})


class Walk(Protocol):
    """The rewriting of the method that a loop stands in."""

    values: Values
    taken: Taken
    spelling: Spelling
    expressions: Expressions

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements as the graph is to have them."""
        ...

    def forget(self, names: set[str]) -> None:
        """Drops what is known of locals that get another value."""
        ...


class _GivenUp(Exception):
    """The loop can't be written out."""


class Unrolling:
    """Writes one loop out; `lasting` are the locals that are read behind a loop that sets them."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk

    def unrolled(self, loop: ast.For, lasting: frozenset[str]) -> list[ast.stmt] | None:
        """A body for each element; None where TorchScript takes the loop, or where it can't be written out."""
        walk = self._walk
        items = walk.values.of(loop.iter)
        items = list(items) if isinstance(items, CONTAINERS) else items
        items = list(items.keys()) if isinstance(items, dict | nn.ModuleDict) else items
        if not isinstance(items, list | tuple | range) or len(items) > _MOST:
            return None
        names = names_stored(loop.target)
        if names & (names_stored(*loop.body) | changed_locals(loop)) or not self._needed(loop, items):
            return None
        try:
            made = self._bodies(loop, list(items), names & lasting)
        except _GivenUp:
            return None
        finally:
            walk.forget(names)
            walk.taken.fixed -= names
        return made

    def _needed(self, loop: ast.For, items: Sequence[Any]) -> bool:
        walk = self._walk
        if not walk.taken.iterable(loop.iter) and not self._is_listed(walk.values.of(loop.iter)):
            return True
        if holds_modules(list(items)) and (_jumps(loop.body) or self._chooses(loop, items)):
            return True
        # What waits for the elements of this loop, not for the call.
        known = dict(walk.values.bound)
        stored = names_stored(loop.target, *loop.body)
        for name in stored:
            walk.values.bound.pop(name, None)
        waiting = [one for part in loop.body for one in ast.walk(part) if walk.expressions.waits(one)]
        walk.values.bound = known
        return any(_reads(one, stored) for one in waiting)

    def _is_listed(self, items: Any) -> bool:
        """Whether elements are of one type and can be written as a list, over which TorchScript loops."""
        if not isinstance(items, list | tuple) or not items:
            return False
        plain = len({type(one) for one in items}) == 1 and type(items[0]) in (bool, int, float, str)
        return plain and self._walk.spelling.literal(list(items)) is not None

    def _chooses(self, loop: ast.For, items: Sequence[Any]) -> bool:
        """Whether a body does other things with other classes of modules: TorchScript compiles all for each."""
        walk = self._walk
        kinds = {tuple(type(one) for one in (item if isinstance(item, tuple) else (item,))) for item in items}
        tests = [
            one.test for part in loop.body for one in ast.walk(part) if isinstance(one, ast.If | ast.IfExp)
        ]
        if len(kinds) < 2 or not tests:
            return False
        state = dict(walk.values.bound), set(walk.taken.fixed)
        bound = walk.expressions.bind(loop.target, items[0])
        walk.taken.fixed = set(state[1])
        found = bound and any(walk.values.of(one) is not Unknown and not _is_told(one) for one in tests)
        walk.values.bound, walk.taken.fixed = state
        return found

    def _bodies(self, loop: ast.For, items: list[Any], lasting: set[str]) -> list[ast.stmt]:
        """The bodies for these elements, one after the other, and what follows the last."""
        walk = self._walk
        if not items:
            if loop.orelse:
                return walk.block(copy.deepcopy(loop.orelse))
            return []
        names = names_stored(loop.target)
        walk.forget(names)
        if not walk.expressions.bind(loop.target, items[0]):
            raise _GivenUp
        body = walk.block(copy.deepcopy(loop.body))
        body = [*self._named(loop, body, names, lasting), *body]
        jump = _jump(body)
        if jump is None:
            if body and isinstance(body[-1], ast.Return | ast.Raise):
                return body
            return [*body, *self._bodies(loop, items[1:], lasting)]
        return self._jumped(loop, items, lasting, body, jump)

    def _jumped(
        self, loop: ast.For, items: list[Any], lasting: set[str], body: list[ast.stmt], jump: int
    ) -> list[ast.stmt]:
        """What is left of a body in which `continue` or `break` stands, and the bodies that follow it."""
        head, one, tail = body[:jump], body[jump], body[jump + 1 :]
        if isinstance(one, ast.Break):
            return head
        if isinstance(one, ast.Continue):
            return [*head, *self._bodies(loop, items[1:], lasting)]
        assert isinstance(one, ast.If)
        if _jump(tail) is not None or not isinstance(one.body[-1], ast.Continue | ast.Break):
            raise _GivenUp
        if _jumps(one.body[:-1]) or _jumps(one.orelse):
            raise _GivenUp
        breaks = isinstance(one.body[-1], ast.Break)
        kept = one.body[:-1] or [ast.copy_location(ast.Pass(), one)]
        # Which of the two ways was taken is not known behind them.
        self._walk.forget(names_stored(*loop.body))
        after = self._bodies(loop, items[1:], lasting)
        other = [*one.orelse, *tail, *(after if breaks else [])]
        branch = _turned(ast.copy_location(ast.If(one.test, kept, other), one))
        return [*head, branch] if breaks else [*head, branch, *after]

    def _named(
        self, loop: ast.For, body: list[ast.stmt], names: set[str], lasting: set[str]
    ) -> list[ast.stmt]:
        """Assignments for the variables of the loop that a body, or what follows the loop, still reads."""
        found: list[ast.stmt] = []
        for name in sorted(names):
            if name not in lasting and not any(_reads(one, {name}) for one in body):
                continue
            written = self._walk.spelling.of(self._walk.values.bound.get(name, Unknown))
            if written is None:
                raise _GivenUp
            statement = ast.Assign([ast.Name(name, ast.Store())], written)
            found.append(ast.copy_location(statement, loop))
        return found


def zipped(
    loop: ast.For, values: Values, spelling: Spelling, lists_of_method: frozenset[str]
) -> list[ast.stmt]:
    """Turns a `zip` of modules with a list of values into a loop over an index; gives what stands before the loop.

    TorchScript writes loops over modules out, and does not know how long a list is: the body runs only as long as the
    list has an element, as `zip` does it. `lists_of_method` are locals that are surely lists.
    """
    match loop:
        case ast.For(
            target=ast.Tuple(elts=targets),
            iter=ast.Call(func=ast.Name(id="zip"), args=several, keywords=[]),
            orelse=[],
        ) if len(targets) == len(several) and values.is_global("zip"):
            pass
        case _:
            return []
    modules = [isinstance(values.of(one), CONTAINERS) for one in several]
    lists = [one for one, module in zip(several, modules, strict=True) if not module]
    if sum(modules) == 0 or not lists or not all(_is_list(one, values, loop) for one in lists):
        return []
    if _jumps(loop.body) or any(isinstance(one, ast.Return) for part in loop.body for one in ast.walk(part)):
        return []
    before: list[ast.stmt] = []
    index = spelling.free("i")
    body: list[ast.stmt] = []
    tests: list[ast.expr] = []
    over: list[tuple[ast.expr, ast.expr]] = []
    for target, source, module in zip(targets, several, modules, strict=True):
        if module:
            over.append((target, source))
            continue
        if not isinstance(source, ast.Name) or source.id not in lists_of_method:
            name = spelling.free("values")
            written = source.args[0] if isinstance(source, ast.Call) else None
            turned = source if written is None else _backwards(written)
            if isinstance(source, ast.Name):
                # Only what has a slice is sure to have its elements in this order.
                turned = ast.Subscript(source, ast.Slice(None, None, None), ast.Load())
            before.append(ast.Assign([ast.Name(name, ast.Store())], turned))
            source = ast.Name(name, ast.Load())
        length = ast.Call(ast.Name("len", ast.Load()), [copy.deepcopy(source)], [])
        tests.append(ast.Compare(ast.Name(index, ast.Load()), [ast.Lt()], [length]))
        element = ast.Subscript(copy.deepcopy(source), ast.Name(index, ast.Load()), ast.Load())
        body.append(ast.Assign([target], element))
    loop.target = ast.Tuple([ast.Name(index, ast.Store()), *(one for one, _ in over)], ast.Store())
    loop.iter = ast.Call(ast.Name("enumerate", ast.Load()), [over[0][1]], [])
    if len(over) > 1:
        inner = ast.Tuple([one for one, _ in over], ast.Store())
        loop.target = ast.Tuple([ast.Name(index, ast.Store()), inner], ast.Store())
        zips = ast.Call(ast.Name("zip", ast.Load()), [source for _, source in over], [])
        loop.iter = ast.Call(ast.Name("enumerate", ast.Load()), [zips], [])
    test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
    loop.body = [ast.If(test, [*body, *loop.body], [])]
    for part in (*before, loop):
        for one in ast.walk(part):
            if "lineno" in one._attributes and not hasattr(one, "lineno"):
                ast.copy_location(one, loop)
    return before


def lists_in(definition: ast.FunctionDef) -> frozenset[str]:
    """The locals that only ever get a list that is written out."""
    found: dict[str, bool] = {}
    for one in ast.walk(definition):
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                listed = isinstance(value, ast.List | ast.ListComp)
                found[name] = listed and found.get(name, True)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.List() | ast.ListComp()):
                found[name] = found.get(name, True)
            case _:
                pass
    stored = Counter(
        one.id for one in ast.walk(definition) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    )
    plain = Counter(_plainly_assigned(definition))
    return frozenset(name for name, listed in found.items() if listed and stored[name] == plain[name])


def _plainly_assigned(definition: ast.FunctionDef) -> Iterator[str]:
    """The local of each plain assignment."""
    for one in ast.walk(definition):
        match one:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass


def _is_list(node: ast.expr, values: Values, loop: ast.For) -> bool:
    """Whether an expression is a local list (or tensor), or one turned around, that the loop does not change."""
    match node:
        case ast.Call(func=ast.Name(id="reversed"), args=[ast.Name() as inner], keywords=[]):
            name = inner.id
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice()):
            pass
        case ast.Name(id=name):
            pass
        case _:
            return False
    if values.is_global(name) or values.of(node) is not Unknown or name in names_stored(loop):
        return False
    for part in loop.body:
        for one in ast.walk(part):
            match one:
                case ast.Attribute(value=ast.Name(id=owner), attr=method) if owner == name:
                    if method in _CHANGING:
                        return False
                case ast.Subscript(value=ast.Name(id=owner), ctx=ast.Store() | ast.Del()) if owner == name:
                    return False
                case _:
                    pass
    return True


def _backwards(node: ast.expr) -> ast.expr:
    step = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
    return ast.Subscript(node, step, ast.Load())


def _is_told(test: ast.expr) -> bool:
    """Whether TorchScript decides a condition while it compiles."""
    return (
        isinstance(test, ast.Call)
        and isinstance(test.func, ast.Name)
        and test.func.id in ("isinstance", "hasattr")
    )


def _reads(node: ast.AST, names: set[str]) -> bool:
    return any(
        isinstance(one, ast.Name) and one.id in names and isinstance(one.ctx, ast.Load)
        for one in ast.walk(node)
    )


def _jumps(body: Sequence[ast.stmt]) -> bool:
    """Whether a `break` or `continue` of this loop stands anywhere in a body."""
    for one in body:
        if isinstance(one, ast.Break | ast.Continue):
            return True
        if isinstance(one, ast.For | ast.While):
            if _jumps(one.orelse):
                return True
            continue
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(one, name, None)
            if isinstance(inner, list) and _jumps(inner):
                return True
        if any(_jumps(handler.body) for handler in getattr(one, "handlers", ())):
            return True
        if any(_jumps(case.body) for case in getattr(one, "cases", ())):
            return True
    return False


def _jump(body: Sequence[ast.stmt]) -> int | None:
    """The first statement of a body that jumps; raises where it is in what can't be turned around."""
    for place, one in enumerate(body):
        if not _jumps([one]):
            continue
        if not isinstance(one, ast.Break | ast.Continue | ast.If):
            raise _GivenUp
        return place
    return None


def _turned(branch: ast.If) -> ast.If:
    """An `if` with an empty first way says the opposite."""
    if isinstance(branch.body[0], ast.Pass) and branch.orelse:
        test = ast.copy_location(ast.UnaryOp(ast.Not(), branch.test), branch.test)
        return ast.copy_location(ast.If(test, branch.orelse, []), branch)
    return branch
