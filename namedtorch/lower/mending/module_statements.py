"""The statements of a method of a module, each in the form that TorchScript takes."""

import ast
import copy
from collections.abc import Sequence
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.module_choices import chosen
from namedtorch.lower.mending.module_expressions import Expressions, names_stored
from namedtorch.lower.mending.module_fields import is_missing
from namedtorch.lower.mending.module_loops import Unrolling, zipped
from namedtorch.lower.mending.module_spelling import Spelling
from namedtorch.lower.mending.module_taken import Taken, holds_modules
from namedtorch.lower.mending.module_values import PLAIN, Values, truth

_MUTABLE = (list, dict, set)


class Statements:
    """Rewrites statements in the order in which they run, and keeps what is known of the locals between them.

    `dropped` are locals whose assignments are left out, since every use of them stands for something else; `lasting`
    are those that are read behind a loop that sets them, `lists` those that are surely lists, `changed` those whose
    lists and dicts are changed in place.
    """

    def __init__(
        self,
        values: Values,
        taken: Taken,
        spelling: Spelling,
        lasting: frozenset[str],
        lists: frozenset[str],
        changed: frozenset[str],
    ) -> None:
        self.dropped: set[str] = set()
        self.values = values
        self.taken = taken
        self.spelling = spelling
        self.expressions = Expressions(values, taken, spelling)
        self._lasting = lasting
        self._lists = lists
        self._changed = changed
        self._counted: set[str] = set()

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements as the graph is to have them."""
        found: list[ast.stmt] = []
        for one in statements:
            found += self._statement(one)
            if (
                found
                and isinstance(found[-1], ast.Return | ast.Raise)
                and not isinstance(one, ast.Return | ast.Raise)
            ):
                # A condition that is known led here: what follows is never reached.
                break
        return found

    def forget(self, names: set[str]) -> None:
        """Drops what is known of locals that get another value."""
        for name in names:
            self.values.bound.pop(name, None)
            self.expressions.aliases.pop(name, None)
        for alias, node in list(self.expressions.aliases.items()):
            if any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(node)):
                del self.expressions.aliases[alias]

    def _statement(self, one: ast.stmt) -> list[ast.stmt]:
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self._assigned(one, name, value)
            case ast.If():
                return self._if(one)
            case ast.For():
                return self._for(one)
            case ast.While(test=test):
                self.forget(names_stored(one))
                one.test = self.expressions.condition(test)
                one.body, one.orelse = self.block(one.body), self.block(one.orelse)
                self.forget(names_stored(one))
                return [one]
            case ast.With(items=items):
                for item in items:
                    item.context_expr = self.expressions.mended(item.context_expr)
                self.forget(
                    {
                        name
                        for item in items
                        if item.optional_vars
                        for name in names_stored(item.optional_vars)
                    }
                )
                one.body = self.block(one.body)
                return [one]
            case ast.Assert(test=test, msg=message):
                one.test = self.expressions.condition(test)
                if (
                    isinstance(one.test, ast.Constant)
                    and one.test.value
                    and not isinstance(test, ast.Constant)
                ):
                    return []
                one.msg = None if message is None else self.expressions.mended(message)
                return [one]
            case ast.Try() | ast.Match() | ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                # Not for TorchScript as they stand: they are left alone, and what they may change is forgotten.
                self.forget(names_stored(one))
                return [one]
            case ast.Delete(targets=[ast.Name(id=name)]) if name in self.dropped:
                return []
            case _:
                return self._simple(one)

    def _assigned(self, one: ast.Assign, name: str, written: ast.expr) -> list[ast.stmt]:
        value = self.values.of(written)
        if self.expressions.waits(written) and _is_pure(written):
            # An element that is chosen later: every use chooses it anew.
            alias = self.expressions.mended(copy.deepcopy(written))
            if not any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(alias)):
                self.forget({name})
                self.dropped.add(name)
                self.taken.fixed.discard(name)
                self.expressions.aliases[name] = alias
                return []
        taken = value is Unknown or self.taken.expression(written)
        if type(value) in _MUTABLE and not taken and not self._lasts(name, value, written):
            self.taken.fixed.discard(name)
            return self._simple(one)
        plain = taken or (
            not isinstance(value, nn.Module)
            and not holds_modules(value)
            and self.spelling.of(value) is not None
        )
        made = self._simple(one) if plain else []
        self.forget({name})
        self.taken.fixed.discard(name)
        if value is not Unknown and (type(value) not in _MUTABLE or self._lasts(name, value, written)):
            self.values.bound[name] = value
        if not plain:
            self.dropped.add(name)
            self.taken.fixed.add(name)
        return made

    def _lasts(self, name: str, value: Any, written: ast.expr) -> bool:
        """Whether a list or dict stays what it is: nothing changes it, and it holds modules or is what `self` holds."""
        return name not in self._changed and (
            holds_modules(value) or isinstance(written, ast.Attribute | ast.Subscript)
        )

    def _simple(self, one: ast.stmt) -> list[ast.stmt]:
        """A statement without statements in it."""
        several = chosen(one, self.values, self.expressions, frozenset(self._counted))
        counter: Any = Unknown
        if isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Name):
            name = ast.Name(one.target.id, ast.Load())
            counter = self.values.of(ast.BinOp(name, one.op, one.value))
        made = several if several is not None else [self._mended(one)]
        self.forget(names_stored(*made))
        if type(counter) in PLAIN and isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Name):
            self.values.bound[one.target.id] = counter
        return made

    def _mended(self, one: ast.stmt) -> ast.stmt:
        for name, inner in ast.iter_fields(one):
            if isinstance(inner, ast.expr) and name != "annotation":
                setattr(one, name, self.expressions.mended(inner))
            elif isinstance(inner, list):
                inner[:] = [
                    self.expressions.mended(part) if isinstance(part, ast.expr) else part for part in inner
                ]
        return one

    def _if(self, one: ast.If) -> list[ast.stmt]:
        test = self.expressions.condition(one.test)
        known = (
            test.value
            if isinstance(test, ast.Constant) and not isinstance(one.test, ast.Constant)
            else Unknown
        )
        if known is Unknown:
            meant = truth(self.values.of(one.test))
            if meant is not Unknown and self._fails(one.orelse if meant else one.body):
                known = meant
        if known is not Unknown:
            return self.block(one.body if known else one.orelse)
        one.test = test
        before = self._state()
        one.body = self.block(one.body) or [ast.copy_location(ast.Pass(), one)]
        after = self._state()
        self._restore(before)
        one.orelse = self.block(one.orelse)
        if one.orelse and _ends(one.orelse):
            self._restore(after)
        elif not _ends(one.body):
            self._meet(after)
        return [one]

    def _fails(self, body: Sequence[ast.stmt]) -> bool:
        """Whether code uses what its module does not have, which TorchScript refuses in code that is never run."""
        for statement in body:
            for one in ast.walk(statement):
                match one:
                    case ast.Attribute(value=inner, attr=name, ctx=ast.Load()):
                        if is_missing(self.values.of(inner), name):
                            return True
                    case ast.Call(func=func) | ast.For(iter=func):
                        if self.values.of(func) is None:
                            return True
                    case ast.Subscript(value=inner):
                        owner = self.values.of(inner)
                        if owner is None or (
                            isinstance(owner, nn.ModuleList | nn.ModuleDict | nn.Sequential)
                            and self.values.of(one.slice) is not Unknown
                            and self.values.of(one) is Unknown
                        ):
                            return True
                    case _:
                        pass
        return False

    def _for(self, one: ast.For) -> list[ast.stmt]:
        unrolled = Unrolling(self).unrolled(one, self._lasting)
        if unrolled is not None:
            return unrolled
        before = zipped(one, self.values, self.spelling, self._lists)
        self.forget(names_stored(one))
        fixed = set(self.taken.fixed)
        self.taken.fixed -= names_stored(one)
        one.iter = self.expressions.mended(one.iter)
        counted = _counted(one, self.values) - self._counted
        self._counted |= counted
        one.body = self.block(one.body) or [ast.copy_location(ast.Pass(), one)]
        self._counted -= counted
        self.forget(names_stored(one))
        one.orelse = self.block(one.orelse)
        self.taken.fixed |= fixed - names_stored(one)
        return [*before, one]

    def _state(self) -> tuple[dict[str, Any], dict[str, ast.expr], set[str]]:
        return dict(self.values.bound), dict(self.expressions.aliases), set(self.taken.fixed)

    def _restore(self, state: tuple[dict[str, Any], dict[str, ast.expr], set[str]]) -> None:
        bound, aliases, fixed = state
        self.values.bound = dict(bound)
        self.expressions.aliases.clear()
        self.expressions.aliases.update(aliases)
        self.taken.fixed = set(fixed)

    def _meet(self, other: tuple[dict[str, Any], dict[str, ast.expr], set[str]]) -> None:
        """Keeps what is known on both of two ways."""
        bound, aliases, fixed = other
        mine = self.values.bound
        self.values.bound = {
            name: value for name, value in mine.items() if name in bound and _is_one(value, bound[name])
        }
        held = self.expressions.aliases
        for name in [*held]:
            if name not in aliases or ast.dump(aliases[name]) != ast.dump(held[name]):
                del held[name]
        self.taken.fixed |= fixed


def _counted(loop: ast.For, values: Values) -> set[str]:
    """The variables of a loop that count from 0."""
    match loop:
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=[_])):
            found = {name} if values.is_global("range") else set[str]()
        case ast.For(
            target=ast.Tuple(elts=[ast.Name(id=name), _]),
            iter=ast.Call(func=ast.Name(id="enumerate"), args=[_]),
        ):
            found = {name} if values.is_global("enumerate") else set[str]()
        case _:
            found = set[str]()
    return found - names_stored(*loop.body)


def _is_one(value: Any, other: Any) -> bool:
    return value is other or (type(value) in PLAIN and type(value) is type(other) and value == other)


def _ends(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def _is_pure(node: ast.expr) -> bool:
    allowed = (
        ast.Subscript | ast.Name | ast.Attribute | ast.Constant | ast.BinOp | ast.operator | ast.expr_context
    )
    return all(isinstance(one, allowed | ast.UnaryOp | ast.unaryop) for one in ast.walk(node))
