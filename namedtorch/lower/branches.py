"""Which code of a function TorchScript compiles: it parses all, and leaves out what it can tell to be dead.

It tells `torch.jit.is_scripting()`, constants, `is None` where the type decides, `hasattr`, attributes that are
`Final` or in `__constants__`, what follows a return or a raise, and loops over containers without a module.
"""

import ast
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.torchscript import is_final


@dataclass(frozen=True, slots=True)
class Seen:
    """A node of a function; `compiled` is False where TorchScript only parses it."""

    node: Any
    compiled: bool


class Meanings(Protocol):
    """What names and attributes mean in a function."""

    def value(self, node: ast.AST | None) -> Any:
        """What a path of names through Python modules stands for; Unknown for all else."""
        ...

    def held(self, node: ast.AST | None) -> list[Any]:
        """What `self.a.b` is in each module that the function is a method of."""
        ...

    def is_never_none(self, name: str) -> bool:
        """Whether a name is a parameter whose type has no None in it."""
        ...


def nodes_of(definition: ast.FunctionDef, meanings: Meanings) -> list[Seen]:
    """The nodes of a body in the order of the source, but for what stands in annotations and inner functions."""
    walk = _Walk(meanings)
    walk.statements(definition.body, True)
    return walk.found


class _Walk:
    def __init__(self, meanings: Meanings) -> None:
        self.found: list[Seen] = []
        self._meanings = meanings

    def statements(self, body: Sequence[ast.stmt], live: bool) -> bool:
        """Walks statements; whether what follows them is compiled."""
        for one in body:
            live = self._statement(one, live) and live
        return live

    def _statement(self, one: ast.stmt, live: bool) -> bool:
        self.found.append(Seen(one, live))
        match one:
            case ast.Return(value=value):
                self._expressions(live, value)
                return False
            case ast.Raise(exc=exc):
                self._expressions(live, exc)
                return False
            case ast.If(test=test, body=body, orelse=orelse):
                known = self.known(test)
                self._expressions(live, test)
                first = self.statements(body, live and known is not False)
                second = self.statements(orelse, live and known is not True)
                return live and (first or second)
            case ast.For(target=target, iter=source, body=body, orelse=orelse):
                self._expressions(live, target, source)
                self.statements(body, live and not self._is_empty(source))
                self.statements(orelse, live)
            case ast.While(test=test, body=body, orelse=orelse):
                self._expressions(live, test)
                self.statements(body, live)
                self.statements(orelse, live)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                self._expressions(live, *(one.context_expr for one in items))
                return self.statements(body, live)
            case ast.Try() | ast.TryStar():
                for part in (
                    one.body,
                    *(handler.body for handler in one.handlers),
                    one.orelse,
                    one.finalbody,
                ):
                    self.statements(part, live)
            case ast.Match(subject=subject, cases=cases):
                self._expressions(live, subject)
                for case in cases:
                    self.statements(case.body, live)
            case ast.AnnAssign(target=target, value=value):
                self._expressions(live, target, value)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass
            case _:
                self._expressions(live, *ast.iter_child_nodes(one))
        return live

    def _expressions(self, live: bool, *several: ast.AST | None) -> None:
        for one in several:
            if one is None:
                continue
            self.found.append(Seen(one, live))
            match one:
                case ast.IfExp(test=test, body=body, orelse=orelse):
                    known = self.known(test)
                    self._expressions(live, test)
                    self._expressions(live and known is not False, body)
                    self._expressions(live and known is not True, orelse)
                case ast.BoolOp(op=op, values=values):
                    reached = live
                    for value in values:
                        self._expressions(reached, value)
                        reached = reached and self.known(value) is not isinstance(op, ast.Or)
                case ast.Lambda():
                    pass
                case _:
                    self._expressions(live, *ast.iter_child_nodes(one))

    def known(self, test: ast.expr) -> bool | None:
        """What TorchScript takes a condition for while it compiles; None where it waits for the call."""
        match test:
            case ast.Constant(value=bool() as value):
                return value
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                known = self.known(inner)
                return None if known is None else not known
            case ast.BoolOp(op=op, values=values):
                decides = isinstance(op, ast.Or)
                all_known = [self.known(one) for one in values]
                if decides in all_known:
                    return decides
                return None if None in all_known else not decides
            case ast.Call(func=ast.Name(id="hasattr"), args=[owner, ast.Constant(value=str() as name)]):
                held = self._meanings.held(owner)
                return _agreed([hasattr(one, name) for one in held if isinstance(one, nn.Module)])
            case ast.Call(func=called, args=[]):
                return True if _is_scripting(called, self._meanings.value(called)) else None
            case ast.Compare(
                left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
            ):
                known = self._is_none(left)
                return known if known is None or isinstance(op, ast.Is) else not known
            case ast.Attribute(value=inner, attr=name):
                owners = self._meanings.held(inner)
                values = [getattr(one, name, None) for one in owners if _is_constant(one, name)]
                return (
                    _agreed([one for one in values if isinstance(one, bool)])
                    if len(values) == len(owners)
                    else None
                )
            case _:
                return None

    def _is_none(self, node: ast.expr) -> bool | None:
        if isinstance(node, ast.Name):
            return False if self._meanings.is_never_none(node.id) else None
        if not isinstance(node, ast.Attribute):
            return None
        owners = self._meanings.held(node.value)
        values = self._meanings.held(node)
        if not values or any(one is Unknown for one in values):
            return None
        if any(
            _is_declared(owner, node.attr) and not isinstance(one, nn.Module)
            for owner, one in zip(owners, values, strict=True)
        ):
            return None
        return _agreed([one is None for one in values])

    def _is_empty(self, source: ast.expr) -> bool:
        held = self._meanings.held(source)
        return bool(held) and all(
            isinstance(one, nn.ModuleList | nn.Sequential | nn.ModuleDict) and len(one) == 0 for one in held
        )


def _agreed(values: Sequence[bool]) -> bool | None:
    return values[0] if values and len(set(values)) == 1 else None


def _is_scripting(called: ast.expr, value: Any) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    known = getattr(value, "__name__", name if value is Unknown else "")
    return name == known == "is_scripting" or known == "is_scripting"


def _is_constant(owner: Any, name: str) -> bool:
    if not isinstance(owner, nn.Module):
        return False
    return name in constants(owner)


def _is_declared(owner: Any, name: str) -> bool:
    return isinstance(owner, nn.Module) and name in declared(owner)


def constants(owner: nn.Module) -> set[str]:
    """The attributes of a module that are constants of its graph."""
    found = {name for name, annotation in declared(owner).items() if is_final(annotation)}
    return found | set(getattr(owner, "__constants__", ()))


def declared(owner: nn.Module) -> dict[str, Any]:
    """The annotations that torch reads: those of the nearest class that has any."""
    for one in type(owner).__mro__:
        found = inspect.get_annotations(one)
        if found:
            return found
    return {}
