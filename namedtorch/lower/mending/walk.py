"""The rewriting of a body in the order in which Python evaluates it, so that statements may be put in front."""

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType
from typing import Any

from namedtorch.lower.mending.work import NotSure, Work
from namedtorch.lower.mending.writing import name

ExpressionMend = Callable[[Any, "Walk"], ast.expr | None]
"""Gives what takes the place of an expression, None where it stays; it may put statements in front."""

StatementMend = Callable[[Any, "Walk"], "list[ast.stmt] | None"]
"""Gives what takes the place of a statement, None where it stays."""


@dataclass(frozen=True, slots=True)
class Mends:
    """What mends which nodes: `whole` expressions before what is in them is looked at, `parts` behind."""

    statements: Mapping[type, Sequence[StatementMend]]
    whole: Mapping[type, Sequence[ExpressionMend]]
    parts: Mapping[type, Sequence[ExpressionMend]]


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in a node that holds an expression; `sure`: it is evaluated whenever the node is, and once."""

    owner: Any
    field: str
    index: int | None
    sure: bool = True

    def get(self) -> ast.expr:
        value = getattr(self.owner, self.field)
        return value if self.index is None else value[self.index]

    def set(self, node: ast.expr) -> None:
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


class Walk:
    """Mends the statements of a function; what a statement evaluates before a lifted piece is kept in a variable."""

    def __init__(self, work: Work, mends: Mends) -> None:
        self.work = work
        self.changed = False
        self.statement: ast.stmt | None = None
        """The statement that is looked at."""
        self.around: dict[str, str] = {}
        """The types of the names of the comprehensions around."""
        self._mends = mends
        self._before: list[ast.stmt] = []
        self._unsure = 0

    def block(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Statements with all in them mended."""
        found: list[ast.stmt] = []
        for one in body:
            found += self._statement(one)
        return found

    @property
    def may_lift(self) -> bool:
        """Whether statements may be put in front of what is looked at."""
        return self._unsure == 0

    def emit(self, *several: ast.stmt) -> None:
        """Puts statements in front of the statement that is looked at; raises NotSure where none can stand."""
        if not self.may_lift:
            raise NotSure
        self._before += several

    def kept(self, node: ast.expr, base: str = "value") -> ast.Name:
        """The name of a variable that holds a value; a name stands for itself."""
        if isinstance(node, ast.Name) and node.id != self.work.receiver:
            return node
        free = self.work.fresh(base)
        target = name(free, node, ast.Store())
        self.emit(ast.copy_location(ast.Assign([target], node), node))
        return name(free, node)

    def type_of(self, node: ast.expr) -> str:
        """The type that an expression surely has where it stands."""
        return self.work.types.of(node, self.around)

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        outer, self.statement = self.statement, node
        try:
            for mend in self._mends.statements.get(type(node), ()):
                try:
                    new = mend(node, self)
                except NotSure:
                    continue
                if new is not None:
                    self.changed = True
                    return self.block(new)
            return self._inside(node)
        finally:
            self.statement = outer

    def _inside(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return [node]
        before, self._before = self._before, []
        head = copy.copy(node)
        changed = self.changed
        try:
            self._head(head)
            lifted = self._before
        except NotSure:
            head, lifted, self.changed = node, [], changed
        finally:
            self._before = before
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(head, field, None)
            if isinstance(inner, list) and inner:
                setattr(head, field, self.block(inner) or [ast.copy_location(ast.Pass(), head)])
        for handler in getattr(head, "handlers", ()):
            handler.body = self.block(handler.body)
        for case in getattr(head, "cases", ()):
            case.body = self.block(case.body)
        if lifted and isinstance(head, ast.While):
            return _looped(lifted, head)
        return lifted if lifted and _says_nothing(head) else [*lifted, head]

    def _head(self, node: ast.stmt) -> None:
        slots: list[_Slot] = []
        for field, sure in _heads(node):
            value = getattr(node, field)
            if value is None:
                continue
            copied = copy.deepcopy(value)
            setattr(node, field, copied)
            if isinstance(copied, list):
                slots += [_Slot(node, field, place, sure) for place in range(len(copied))]
            else:
                slots.append(_Slot(node, field, None, sure))
        if isinstance(node, ast.With | ast.AsyncWith):
            node.items = copy.deepcopy(node.items)
            slots = [_Slot(one, "context_expr", None, place == 0) for place, one in enumerate(node.items)]
        self._slots(slots)

    def _slots(self, slots: Sequence[_Slot]) -> None:
        done: list[_Slot] = []
        for slot in slots:
            mark = len(self._before)
            self._unsure += not slot.sure
            try:
                slot.set(self._expression(slot.get()))
            finally:
                self._unsure -= not slot.sure
            if len(self._before) > mark:
                self._keep(done, mark)
            done.append(slot)

    def _expression(self, node: ast.expr) -> ast.expr:
        new = self._mended(node, self._mends.whole)
        if new is not None:
            return self._expression(new)
        around = self.around
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            self.around = self.work.types.inside(node.generators, around)
        try:
            self._slots(list(_slots_of(node)))
        finally:
            self.around = around
        new = self._mended(node, self._mends.parts)
        return node if new is None else new

    def _mended(self, node: ast.expr, mends: Mapping[type, Sequence[ExpressionMend]]) -> ast.expr | None:
        for mend in mends.get(type(node), ()):
            mark = len(self._before)
            try:
                new = mend(node, self)
            except NotSure:
                del self._before[mark:]
                continue
            if new is not None:
                self.changed = True
                return new
        return None

    def _keep(self, done: Sequence[_Slot], mark: int) -> None:
        """Holds in variables what is evaluated before the statements that were put in front since `mark`."""
        lifted = self._before[mark:]
        written = {
            one.id
            for statement in lifted
            for one in ast.walk(statement)
            if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)
        }
        for slot in done:
            node = slot.get()
            if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                # The target of an assignment: what it is made of is evaluated behind the value.
                raise NotSure
            if isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id not in written):
                continue
            if self._is_own(node):
                if not all(self._is_calm(one) for one in lifted):
                    raise NotSure
                continue
            if isinstance(node, ast.Starred | ast.Slice):
                raise NotSure
            free = self.work.fresh("value")
            target = name(free, node, ast.Store())
            self._before.insert(mark, ast.copy_location(ast.Assign([target], node), node))
            mark += 1
            slot.set(name(free, node))

    def _is_own(self, node: ast.expr) -> bool:
        """Whether an expression is an attribute of the object that the method belongs to, or of a module of Python."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name):
            return False
        return node.id == self.work.receiver or node.id not in self.work.locals

    def _is_calm(self, statement: ast.stmt) -> bool:
        """Whether a statement surely changes nothing but the variables that it assigns."""
        for one in ast.walk(statement):
            if not isinstance(one, ast.Call):
                continue
            called = self.work.value(one.func)
            if isinstance(called, BuiltinFunctionType | FunctionType | type):
                if (getattr(called, "__module__", None) or "torch").partition(".")[0] not in (
                    "torch",
                    "builtins",
                ):
                    return False
            elif (
                not isinstance(one.func, ast.Attribute)
                or self._is_own(one.func)
                or one.func.attr.endswith("_")
            ):
                return False
        return True


def _heads(node: ast.stmt) -> Iterator[tuple[str, bool]]:
    """The fields of a statement that hold expressions, in the order of evaluation, and whether each is sure."""
    match node:
        case ast.Assign():
            yield from (("value", True), ("targets", True))
        case ast.AnnAssign():
            yield from (("value", True), ("target", True))
        case ast.AugAssign():
            yield from (("target", True), ("value", True))
        case ast.Return() | ast.Expr():
            yield "value", True
        case ast.If() | ast.While():
            yield "test", True
        case ast.For():
            yield "iter", True
        case ast.Assert():
            yield from (("test", True), ("msg", False))
        case ast.Raise():
            yield "exc", True
        case ast.Match():
            yield "subject", True
        case _:
            pass


def _slots_of(node: ast.expr) -> Iterator[_Slot]:
    """The places of an expression in the order of evaluation."""
    match node:
        case ast.BoolOp(values=values):
            for place in range(len(values)):
                yield _Slot(node, "values", place, place == 0)
        case ast.IfExp():
            yield _Slot(node, "test", None)
            yield _Slot(node, "body", None, False)
            yield _Slot(node, "orelse", None, False)
        case ast.Compare(comparators=others):
            yield _Slot(node, "left", None)
            for place in range(len(others)):
                yield _Slot(node, "comparators", place, place == 0)
        case ast.Call(func=func, args=args, keywords=keywords):
            if isinstance(func, ast.Attribute):
                yield _Slot(func, "value", None)
            elif not isinstance(func, ast.Name):
                yield _Slot(node, "func", None)
            for place in range(len(args)):
                yield _Slot(node, "args", place)
            for one in keywords:
                yield _Slot(one, "value", None)
        case ast.Dict(keys=keys, values=values):
            for place, key in enumerate(keys):
                if key is not None:
                    yield _Slot(node, "keys", place)
                yield _Slot(node, "values", place)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            for place, one in enumerate(node.generators):
                yield _Slot(one, "iter", None, place == 0)
                for number in range(len(one.ifs)):
                    yield _Slot(one, "ifs", number, False)
            fields = ("key", "value") if isinstance(node, ast.DictComp) else ("elt",)
            for field in fields:
                yield _Slot(node, field, None, False)
        case ast.Lambda():
            return
        case ast.NamedExpr():
            yield _Slot(node, "value", None)
        case _:
            for field, value in ast.iter_fields(node):
                if isinstance(value, ast.expr):
                    yield _Slot(node, field, None)
                elif isinstance(value, list):
                    listed: list[Any] = value
                    for place, one in enumerate(listed):
                        if isinstance(one, ast.expr):
                            yield _Slot(node, field, place)


def _says_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=text)], value=ast.Name(id=same)):
            return text == same
        case _:
            return False


def _looped(lifted: list[ast.stmt], loop: ast.While) -> list[ast.stmt]:
    """A loop whose condition takes statements: they run before it, and again at the end of its body."""
    if _continues(loop.body):
        leave = ast.If(ast.UnaryOp(ast.Not(), loop.test), [ast.Break()], [])
        loop.body = [*copy.deepcopy(lifted), leave, *loop.body]
        loop.test = ast.Constant(True)
        for one in (leave, *ast.walk(leave)):
            if "lineno" in one._attributes and not hasattr(one, "lineno"):
                ast.copy_location(one, loop)
        ast.copy_location(loop.test, loop)
        return [loop]
    loop.body = [*loop.body, *copy.deepcopy(lifted)]
    return [*lifted, loop]


def _continues(body: Sequence[ast.stmt]) -> bool:
    """Whether a `continue` of this loop stands in its body."""
    for one in body:
        if isinstance(one, ast.Continue):
            return True
        if isinstance(one, ast.For | ast.While | ast.FunctionDef | ast.ClassDef):
            continue
        if any(_continues(getattr(one, field, None) or ()) for field in ("body", "orelse", "finalbody")):
            return True
    return False
