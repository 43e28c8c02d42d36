"""Expressions of a method of a module, each in the form that TorchScript takes."""

import ast
import copy
import functools
import types
from collections.abc import Iterator
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.module_lambdas import inlined, lambda_of
from namedtorch.lower.mending.module_spelling import Spelling
from namedtorch.lower.mending.module_taken import Taken
from namedtorch.lower.mending.module_values import Values, truth

_MOST_ELEMENTS = 128


class Expressions(ast.NodeTransformer):
    """Rewrites expressions; each node that it makes stands where the node stood that it is for.

    `aliases` are locals that stand for an element of a container whose index waits for the call.
    """

    def __init__(self, values: Values, taken: Taken, spelling: Spelling) -> None:
        self.aliases: dict[str, ast.expr] = {}
        self._values = values
        self._taken = taken
        self._spelling = spelling

    def mended(self, node: ast.expr) -> ast.expr:
        """The expression as the graph is to have it."""
        return self.visit(node)

    def condition(self, node: ast.expr) -> ast.expr:
        """A condition, the parts of it that are known left out where TorchScript does not take them."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=inner) if not self._taken.condition(inner):
                new = self.condition(inner)
                if isinstance(new, ast.Constant):
                    return ast.copy_location(ast.Constant(not new.value), node)
                return ast.copy_location(ast.UnaryOp(ast.Not(), new), node)
            case ast.BoolOp(op=op, values=several):
                return self._parts(node, op, several)
            case _:
                known = truth(self._values.of(node))
                if known is not Unknown and not self._taken.condition(node):
                    return ast.copy_location(ast.Constant(known), node)
                return self.visit(node)

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            new = self._whole(node)
            if new is not None:
                return _placed(new, node)
        return super().visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.condition(node.test)
        if isinstance(test, ast.Constant):
            return self.visit(node.body if test.value else node.orelse)
        node.test, node.body, node.orelse = test, self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        callee = self._values.of(node.func)
        if isinstance(node.func, ast.Subscript) and isinstance(callee, list):
            return self._part(node, self._values.of(node.func.value), callee)
        if (
            callee is not Unknown
            and not isinstance(callee, nn.Module)
            and not self._taken.expression(node.func)
        ):
            called = self._called(node, callee)
            if called is not None:
                return called
        return self._generic(node)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        for place, (op, other) in enumerate(zip(node.ops, node.comparators, strict=True)):
            value = self._values.of(other)
            if isinstance(op, ast.In | ast.NotIn) and isinstance(value, set | frozenset) and value:
                written = self._spelling.literal(sorted(value, key=repr))
                if written is not None:
                    node.comparators[place] = _placed(written, other)
        return self._generic(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        written = self._written_out(node)
        return self._inside(node, node.generators) if written is None else written

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._inside(node, node.generators)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._inside(node, node.generators)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self._inside(node, node.generators)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        return node

    def _whole(self, node: ast.expr) -> ast.expr | None:
        """What stands for an expression of known value, or for the alias of an element; None if it may stay."""
        if isinstance(node, ast.Name) and node.id in self.aliases:
            return copy.deepcopy(self.aliases[node.id])
        if isinstance(node, ast.Constant | ast.Lambda | ast.Slice):
            return None
        value = self._values.of(node)
        if value is Unknown or value is self._values.module:
            return None
        if isinstance(
            value,
            types.FunctionType | types.MethodType | types.BuiltinFunctionType | functools.partial | type,
        ):
            return None
        return None if self._taken.expression(node) else self._spelling.of(value)

    def _parts(self, node: ast.expr, op: ast.boolop, several: list[ast.expr]) -> ast.expr:
        decides = isinstance(op, ast.Or)
        left: list[ast.expr] = []
        for one in several:
            new = self.condition(one)
            if (
                isinstance(new, ast.Constant)
                and isinstance(new.value, bool)
                and not isinstance(one, ast.Constant)
            ):
                if new.value is decides:
                    left.append(new)
                    break
                continue
            left.append(new)
        if not left:
            return ast.copy_location(ast.Constant(not decides), node)
        return left[0] if len(left) == 1 else ast.copy_location(ast.BoolOp(op, left), node)

    def _part(self, node: ast.Call, owner: Any, several: list[Any]) -> ast.expr:
        """The call of a part of an nn.Sequential: one of its modules after the other."""
        paths = [self._spelling.of(one) for one in several]
        chain = isinstance(owner, nn.Sequential) and type(owner).forward is nn.Sequential.forward
        one = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred)
        if not (chain and one and paths and all(isinstance(module, nn.Module) for module in several)):
            return self._generic(node)
        result = self.visit(node.args[0])
        for path in paths:
            if path is None:
                return self._generic(node)
            result = _placed(ast.Call(path, [result], []), node)
        return result

    def _called(self, node: ast.Call, callee: Any) -> ast.expr | None:
        """The call of a function that a module, or what configures it, holds."""
        arguments, keywords = list(node.args), list(node.keywords)
        while isinstance(callee, functools.partial):
            given = [self._spelling.of(one) for one in callee.args]
            named = {key: self._spelling.of(one) for key, one in callee.keywords.items()}
            if any(one is None for one in (*given, *named.values())) or any(
                one.arg is None for one in keywords
            ):
                return None
            own = {one.arg for one in keywords}
            # Python evaluates what the call says; what the partial holds is there already.
            arguments = [*(one for one in given if one is not None), *arguments]
            held = [ast.keyword(key, one) for key, one in named.items() if key not in own and one is not None]
            keywords, callee = [*keywords, *held], callee.func
        function = self._function(callee, arguments, keywords)
        if function is None:
            return None
        if isinstance(function, ast.Lambda):
            body = inlined(function, arguments, keywords)
            return None if body is None else self.visit(_placed(body, node))
        return self._generic(_placed(ast.Call(function, arguments, keywords), node))

    def _function(
        self, callee: Any, arguments: list[ast.expr], keywords: list[ast.keyword]
    ) -> ast.expr | None:
        if isinstance(callee, nn.Module):
            return self._spelling.path(callee)
        if isinstance(callee, types.MethodType):
            owner: Any = callee.__self__
            own = (
                isinstance(owner, nn.Module)
                and getattr(type(owner), callee.__name__, None) is callee.__func__
            )
            path = self._spelling.path(owner) if own and owner is not self._values.module else None
            if own and owner is self._values.module:
                path = ast.Name(self._values.receiver, ast.Load())
            return None if path is None else ast.Attribute(path, callee.__name__, ast.Load())
        if isinstance(callee, types.FunctionType) and callee.__name__ == "<lambda>":
            return lambda_of(callee, self._spelling)
        if isinstance(callee, types.FunctionType | types.BuiltinFunctionType):
            return self._spelling.function(callee)
        return None

    def _inside(self, node: Any, generators: list[ast.comprehension]) -> Any:
        """Mends a comprehension, whose variables hide names of the method."""
        with self._hidden({name for one in generators for name in names_stored(one.target)}):
            for one in generators:
                one.ifs = [self.condition(test) for test in one.ifs]
            return self._generic(node)

    def _written_out(self, node: ast.ListComp) -> ast.expr | None:
        """The elements of a comprehension over what is known, where TorchScript takes no loop there."""
        match node.generators:
            case [ast.comprehension(target=target, iter=source, ifs=tests, is_async=0)]:
                items = self._values.of(source)
            case _:
                return None
        items = list(items) if isinstance(items, (nn.ModuleList, nn.Sequential)) else items
        if not isinstance(items, list | tuple | range) or len(items) > _MOST_ELEMENTS:
            return None
        taken = self._taken.iterable(source)
        with self._hidden(names_stored(target)):
            if taken and not tests and not any(self.waits(one) for one in ast.walk(node.elt)):
                return None
        found: list[ast.expr] = []
        for item in items:
            with self._hidden(names_stored(target)):
                if not self.bind(target, item):
                    return None
                holds = [truth(self._values.of(one)) for one in tests]
                if Unknown in holds:
                    return None
                if all(holds):
                    found.append(self.visit(copy.deepcopy(node.elt)))
        if any(_mentions(one, names_stored(target)) for one in found):
            return None
        return ast.copy_location(ast.List(found, ast.Load()), node)

    def waits(self, node: ast.AST) -> bool:
        """Whether a node chooses a module, or one of what a module holds, by what is not known here."""
        match node:
            case ast.Subscript(value=inner, slice=place) if isinstance(node.ctx, ast.Load):
                owner = self._values.of(inner)
                if owner is Unknown or isinstance(place, ast.Slice) or self._values.of(place) is not Unknown:
                    return False
                return isinstance(owner, nn.Module) or not self._taken.expression(inner)
            case ast.Call(func=ast.Name(id="type"), args=[_]):
                return self._values.of(node) is Unknown
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, *_]):
                return isinstance(self._values.of(owner), nn.Module) and self._values.of(name) is Unknown
            case _:
                return False

    def bind(self, target: ast.expr, value: Any) -> bool:
        """Makes the names of a target stand for a value that is known; False where they do not fit."""
        match target:
            case ast.Name(id=name):
                self._values.bound[name] = value
                self._taken.fixed.add(name)
                return True
            case ast.Tuple(elts=several) | ast.List(elts=several):
                fits = isinstance(value, list | tuple) and len(value) == len(several)
                return fits and all(self.bind(one, part) for one, part in zip(several, value, strict=True))
            case _:
                return False

    def _hidden(self, names: set[str]) -> "_Hidden":
        return _Hidden(self._values, self._taken, self.aliases, names)

    def _generic(self, node: Any) -> Any:
        return super().generic_visit(node)


class _Hidden:
    """Takes names out of what is known for a while."""

    def __init__(self, values: Values, taken: Taken, aliases: dict[str, ast.expr], names: set[str]) -> None:
        self._tables: list[dict[str, Any]] = [values.bound, aliases]
        self._taken = taken
        self._names = names

    def __enter__(self) -> None:
        self._kept = [{name: table[name] for name in self._names if name in table} for table in self._tables]
        self._fixed = self._names & self._taken.fixed
        self._clear()

    def __exit__(self, *_: object) -> None:
        self._clear()
        for table, kept in zip(self._tables, self._kept, strict=True):
            table.update(kept)
        self._taken.fixed |= self._fixed

    def _clear(self) -> None:
        for table in self._tables:
            for name in self._names:
                table.pop(name, None)
        self._taken.fixed -= self._names


def names_stored(*nodes: ast.AST) -> set[str]:
    """The names that code gives a value, or takes it from."""
    return {
        one.id
        for node in nodes
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)
    }


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(node))


def _placed(new: ast.expr, old: ast.expr) -> Any:
    """An expression whose nodes stand where another one stands."""
    for one in _without_place(new):
        ast.copy_location(one, old)
    return new


def _without_place(node: ast.AST) -> Iterator[ast.AST]:
    for one in ast.walk(node):
        if "lineno" in one._attributes and not hasattr(one, "lineno"):
            yield one
