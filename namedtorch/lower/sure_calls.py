"""The calls that the body of a forward makes whenever it returns, and which of its own arguments go into them.

Only what is certain counts. A call stands in a statement that no condition, loop or `try` encloses, before any return
that may not be the last, and in no operand that may be left out. An argument is followed as long as it is surely the
tensor that came in, with the sizes that it came with: not after its name was given another value, and not after
somebody saw it who may change it in place. TorchScript, for which this is, changes no modules.
"""

import ast
import builtins
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Protocol

from namedtorch.lower.harmless import PLAIN_ATTRIBUTES, gives_back, is_transparent, keeps_sizes, only_reads
from namedtorch.lower.namespace import Scope
from namedtorch.lower.source import Definition


@dataclass(slots=True, eq=False)
class Tracked:
    """A tensor that an argument is followed to.

    With `sure`, it has the sizes that the parameter came with. `origins` are those that it may be one object with,
    though of other sizes, perhaps: `x.contiguous()` may be `x`.
    """

    parameter: str
    sure: bool = True
    origins: "tuple[Tracked, ...]" = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A step of a path through a container: `[0]`."""

    value: int | str


Path = tuple[str | Key, ...]
"""The attributes and keys that lead from the receiver to what is called: `self.layers[0]`."""

Arguments = Sequence[Tracked | None]
Keywords = Mapping[str, Tracked | None]


class Receiver(Protocol):
    """What a body belongs to, and so knows what `self.conv1(x)` does."""

    def called(
        self, path: Path, arguments: Arguments, keywords: Keywords, line: int, sure: bool
    ) -> Tracked | None:
        """Follows the arguments into a call on the receiver; gives the one that the call returns, if it does.

        `sure` says that the call is made. What may be changed in there is to be spoiled.
        """
        ...


def spoil(*several: Tracked | None) -> None:
    """Gives up tensors whose sizes may change, and all that may be one object with them."""
    for one in several:
        if one is not None:
            one.sure = False
            spoil(*one.origins)


def derived(*several: Tracked | None) -> Tracked | None:
    """What is made of tensors: it may be one of them, and has sizes that nobody knows."""
    origins = tuple(one for one in several if one is not None)
    return Tracked(origins[0].parameter, False, origins) if origins else None


def follow(
    function: FunctionType,
    definition: Definition,
    arguments: Mapping[str, Tracked],
    receiver: Receiver,
    sure: bool,
) -> None:
    """Follows arguments, by the names of their parameters, through a method; `sure` says that it is called at all."""
    if inspect.isgeneratorfunction(function):
        spoil(*arguments.values())
        return
    _Body(function, definition, arguments, receiver, sure).run()


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class _Body:
    def __init__(
        self,
        function: FunctionType,
        definition: Definition,
        arguments: Mapping[str, Tracked],
        receiver: Receiver,
        sure: bool,
    ) -> None:
        self._node = definition.node
        self._scope = Scope(function)
        self._locals = {*function.__code__.co_varnames, *function.__code__.co_cellvars}
        self._receiver = receiver
        self._sure = sure
        self._known = dict(arguments)
        listed = [*self._node.args.posonlyargs, *self._node.args.args]
        self._self = listed[0].arg if listed else ""
        stored = list(_stored(self._node))
        if any(isinstance(one, str) and one == self._self for one in stored):
            self._self = ""
        # What the body itself puts on its receiver is not what stood there before.
        self._replaced = {_first_step(one, self._self) for one in stored if not isinstance(one, str)}

    def run(self) -> None:
        self._block(self._node.body)

    def _block(self, statements: Sequence[ast.stmt]) -> bool:
        """Follows statements in order; tells whether they surely leave the function."""
        return any(self._statement(one) for one in statements)

    def _statement(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Expr(value=value):
                self._use(value)
            case ast.Assign(targets=targets, value=value):
                seen = self._value(value)
                for target in targets:
                    self._bind(target, seen)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._bind(target, self._value(value))
            case ast.AugAssign(target=target, value=value):
                self._use(value)
                self._bind(target, None)
            case ast.Return(value=value):
                if value is not None:
                    self._use(value)
                return True
            case ast.Raise():
                return True
            case ast.With(items=items, body=body) if all(self._is_transparent(one) for one in items):
                for item in items:
                    self._use(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, None)
                return self._block(body)
            case ast.Pass() | ast.Global() | ast.Nonlocal():
                pass
            case _:
                self._maybe(statement)
        return False

    def _maybe(self, statement: ast.stmt) -> None:
        """Follows a statement of which nobody knows what it runs, and how often."""
        before, self._sure = self._sure, False
        self._inside(statement)
        for one in _stored(statement):
            if isinstance(one, str):
                self._known.pop(one, None)
        self._sure = before and not any(isinstance(one, ast.Return) for one in _own_nodes(statement))

    def _inside(self, node: ast.AST) -> None:
        match node:
            case ast.expr():
                self._escape(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._spoil_mentioned(node)
            case ast.If(test=test) | ast.While(test=test):
                self._use(test)
                self._all_inside(node.body, node.orelse)
            case ast.For(iter=iterated):
                self._value(iterated)
                self._all_inside([node.target], node.body, node.orelse)
            case ast.Expr(value=value) | ast.AugAssign(value=value):
                self._use(value)
            case ast.Return(value=value):
                if value is not None:
                    self._use(value)
            case _:
                self._all_inside(list(ast.iter_child_nodes(node)))

    def _all_inside(self, *lists: Sequence[ast.AST]) -> None:
        for several in lists:
            for one in several:
                self._inside(one)

    def _bind(self, target: ast.expr, value: Tracked | None) -> None:
        match target:
            case ast.Name(id=name):
                self._known.pop(name, None)
                if value is not None:
                    self._known[name] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._bind(part, None)
            case ast.Starred(value=inner):
                self._bind(inner, None)
            case _:
                self._value(target)
                spoil(value)

    def _use(self, node: ast.expr) -> Tracked | None:
        """Follows an expression whose value, or list of values, nobody keeps or changes."""
        if isinstance(node, ast.Tuple | ast.List):
            return derived(*[self._use(one) for one in node.elts])
        return self._value(node)

    def _escape(self, node: ast.expr) -> None:
        """Follows an expression whose value goes where it may be changed."""
        spoil(self._value(node))

    def _perhaps(self, *nodes: ast.expr) -> None:
        """Follows operands that may be left out."""
        before, self._sure = self._sure, False
        for node in nodes:
            self._escape(node)
        self._sure = before

    def _value(self, node: ast.expr) -> Tracked | None:
        """Follows an expression, its parts in Python's order; gives the tensor that it is, if it may be one of ours."""
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                return self._known.get(name)
            case ast.Call():
                return self._call(node)
            case ast.Attribute(value=inner, attr=name, ctx=context):
                seen = self._value(inner)
                if name.endswith("_") or not isinstance(context, ast.Load):
                    spoil(seen)
                return None if name in PLAIN_ATTRIBUTES else derived(seen)
            case ast.Subscript(value=inner, slice=index):
                seen = self._value(inner)
                self._value(index)
                return derived(seen)
            case ast.BinOp(left=left, right=right):
                self._value(left)
                self._value(right)
            case ast.UnaryOp(operand=operand):
                return derived(self._value(operand))
            case ast.Compare(left=left, comparators=[first, *others]):
                self._value(left)
                self._value(first)
                self._perhaps(*others)
            case ast.BoolOp(values=[first, *others]):
                self._escape(first)
                self._perhaps(*others)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._use(test)
                self._perhaps(body, orelse)
            case ast.NamedExpr(target=ast.Name(id=name), value=inner):
                self._escape(inner)
                self._known.pop(name, None)
            case ast.FormattedValue(value=inner) | ast.Starred(value=inner):
                self._use(inner)
            case ast.Lambda():
                self._spoil_mentioned(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                first = node.generators[0]
                self._value(first.iter)
                self._spoil_mentioned(node, but=first.iter)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._escape(child)
        return None

    def _call(self, node: ast.Call) -> Tracked | None:
        path = self._path(node.func)
        if path and path[0] not in self._replaced:
            return self._call_of_receiver(path, node)
        function = self._named(node.func)
        if gives_back(function) and len(node.args) == 1:
            return self._value(node.args[0])
        harmless = keeps_sizes(function)
        tensor = None
        if isinstance(node.func, ast.Attribute):
            name, tensor = node.func.attr, self._value(node.func.value)
            if name.endswith("_"):
                spoil(tensor)
            elif tensor is not None:
                harmless = True
            if name in PLAIN_ATTRIBUTES:
                tensor = None
        else:
            self._escape(node.func)
        seen = [tensor]
        # torch gives an `out` the sizes of the result.
        keywords = [(one.value, harmless and one.arg not in ("out", None)) for one in node.keywords]
        for one, keeps in [*((one, harmless) for one in node.args), *keywords]:
            inner = one.value if isinstance(one, ast.Starred) else one
            if keeps:
                seen.append(self._use(inner))
            else:
                self._escape(inner)
        return None if only_reads(function) else derived(*seen)

    def _call_of_receiver(self, path: Path, node: ast.Call) -> Tracked | None:
        unpacked = any(isinstance(one, ast.Starred) for one in node.args)
        if unpacked or any(one.arg is None for one in node.keywords):
            for one in (*node.args, *(keyword.value for keyword in node.keywords)):
                self._escape(one.value if isinstance(one, ast.Starred) else one)
            return None
        arguments = [self._value(one) for one in node.args]
        keywords = {one.arg: self._value(one.value) for one in node.keywords if one.arg is not None}
        return self._receiver.called(path, arguments, keywords, node.lineno, self._sure)

    def _path(self, node: ast.expr) -> Path | None:
        """The path of an expression that begins at the receiver."""
        match node:
            case ast.Name(id=name) if name == self._self:
                return ()
            case ast.Attribute(value=inner, attr=step):
                pass
            case ast.Subscript(value=inner, slice=ast.Constant(value=int() | str() as key)):
                step = Key(key)
            case ast.Subscript(
                value=inner, slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as key))
            ):
                step = Key(-key)
            case _:
                return None
        path = self._path(inner)
        return None if path is None else (*path, step)

    def _named(self, node: ast.expr) -> Any:
        """What `torch.nn.functional.relu` is here, None for what is no path through modules."""
        match node:
            case ast.Name(id=name):
                if name in self._locals:
                    return None
                return self._scope.get(name, getattr(builtins, name, None))
            case ast.Attribute(value=inner, attr=name):
                owner = self._named(inner)
                return getattr(owner, name, None) if isinstance(owner, ModuleType) else None
            case _:
                return None

    def _is_transparent(self, item: ast.withitem) -> bool:
        manager = item.context_expr
        return isinstance(manager, ast.Call) and is_transparent(self._named(manager.func))

    def _spoil_mentioned(self, node: ast.AST, but: ast.AST | None = None) -> None:
        """Gives up what an expression or definition mentions that runs later, or over and over."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one is but:
                continue
            if isinstance(one, ast.Name):
                spoil(self._known.get(one.id))
            waiting.extend(ast.iter_child_nodes(one))
        for one in _stored(node):
            if isinstance(one, str):
                self._known.pop(one, None)


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement, without what stands in functions and classes in it."""
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if not isinstance(one, _SCOPES):
            waiting.extend(ast.iter_child_nodes(one))


def _first_step(node: ast.expr, root: str) -> str:
    """The attribute of the receiver that `self.a.b[i]` begins with, "" where it begins elsewhere."""
    step = ""
    while isinstance(node, ast.Attribute | ast.Subscript):
        step = node.attr if isinstance(node, ast.Attribute) else ""
        node = node.value
    return step if isinstance(node, ast.Name) and node.id == root else ""


def _stored(node: ast.AST) -> Iterator[str | ast.expr]:
    """What a statement gives a value, deletes or imports: names, and the places `a.b` and `a[0]`."""
    for one in ast.walk(node):
        match one:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                yield one
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]
            case ast.ExceptHandler(name=str() as name):
                yield name
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name
            case ast.MatchMapping(rest=str() as name):
                yield name
            case _:
                continue
