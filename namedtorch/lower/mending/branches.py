"""`match`, `else` behind loops, `with nullcontext()`, imports and log messages inside of a function."""

import ast
import contextlib
import copy
import importlib
import logging
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure
from namedtorch.lower.mending.writing import constant, expression, name, statements

_LOGGED = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})


def matched(node: ast.Match, walk: Walk) -> list[ast.stmt] | None:
    """`match` over numbers and texts: `if` and `elif`."""
    made: list[ast.stmt] = []
    subject: Any = node.subject
    if not isinstance(subject, ast.Name) or _is_written(subject.id, node.cases):
        held = walk.work.fresh("subject")
        made = statements("held = value", node, held=held, value=node.subject)
        subject = name(held, node)
    branches: list[ast.stmt] = []
    for case in reversed(node.cases):
        test, bound = _test(case.pattern, subject)
        body = [*bound, *case.body]
        if case.guard is not None:
            if bound:
                raise NotSure
            test = case.guard if test is None else ast.BoolOp(ast.And(), [test, case.guard])
        if test is None:
            branches = body
        else:
            test = ast.copy_location(test, case.pattern)
            branches = [ast.copy_location(ast.If(test, body, branches), case.pattern)]
    return [*made, *branches]


def _test(pattern: ast.pattern, subject: ast.Name) -> tuple[ast.expr | None, list[ast.stmt]]:
    """The condition of a pattern, None for one that takes all, and the names that it gives values."""
    match pattern:
        case ast.MatchValue(value=ast.Constant() | ast.UnaryOp() | ast.Attribute() as value):
            return expression("subject == value", pattern, subject=subject, value=value), []
        case ast.MatchSingleton(value=value):
            return expression(
                "subject is value", pattern, subject=subject, value=constant(value, pattern)
            ), []
        case ast.MatchOr(patterns=several):
            tests = [_test(one, subject) for one in several]
            if any(bound for _, bound in tests):
                raise NotSure
            known = [test for test, _ in tests if test is not None]
            if len(known) < len(tests):
                return None, []
            return ast.copy_location(ast.BoolOp(ast.Or(), known), pattern), []
        case ast.MatchAs(pattern=None, name=None):
            return None, []
        case ast.MatchAs(pattern=inner, name=str(text)):
            test, bound = (None, []) if inner is None else _test(inner, subject)
            return test, [*bound, *statements("target = subject", pattern, target=text, subject=subject)]
        case _:
            raise NotSure


def _is_written(text: str, cases: Sequence[ast.match_case]) -> bool:
    return any(
        isinstance(one, ast.Name) and one.id == text and not isinstance(one.ctx, ast.Load)
        for case in cases
        for one in ast.walk(case)
    )


def loop_else(node: Any, walk: Walk) -> list[ast.stmt] | None:
    """A loop with `else`: a flag tells whether the loop ran to its end."""
    if not node.orelse:
        return None
    behind, loop = node.orelse, copy.copy(node)
    loop.orelse = []
    if not _leaves(node.body):
        return [loop, *behind]
    ended = walk.work.fresh("ended")
    loop.body = _flagged(node.body, ended)
    return [
        *statements("ended = True", node, ended=ended),
        loop,
        ast.copy_location(ast.If(name(ended, behind[0]), behind, []), behind[0]),
    ]


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether a `break` of this loop stands in its body."""
    for one in body:
        if isinstance(one, ast.Break):
            return True
        inner = [] if isinstance(one, ast.For | ast.While) else [getattr(one, "body", ())]
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            continue
        inner += [getattr(one, "orelse", ()), getattr(one, "finalbody", ())]
        inner += [case.body for case in getattr(one, "cases", ())]
        inner += [handler.body for handler in getattr(one, "handlers", ())]
        if any(isinstance(block, list) and _leaves(block) for block in inner):
            return True
    return False


def _flagged(body: Sequence[ast.stmt], ended: str) -> list[ast.stmt]:
    """The body of a loop in which each `break` of it takes the flag back."""
    made: list[ast.stmt] = []
    for one in body:
        if isinstance(one, ast.Break):
            made += [*statements("ended = False", one, ended=ended), one]
            continue
        changed: Any = copy.copy(one)
        fields = ("orelse",) if isinstance(one, ast.For | ast.While) else ("body", "orelse", "finalbody")
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            fields = ()
        for field in fields:
            block = getattr(changed, field, None)
            if isinstance(block, list):
                setattr(changed, field, _flagged(block, ended))
        if isinstance(one, ast.Match | ast.Try):
            # Their own mending comes first, or there is none.
            raise NotSure
        made.append(changed)
    return made


def null_context(node: ast.With, walk: Walk) -> list[ast.stmt] | None:
    """`with contextlib.nullcontext():`, which does nothing."""
    made: list[ast.stmt] = []
    kept: list[ast.withitem] = []
    for one in node.items:
        match one.context_expr:
            case ast.Call(func=func, args=args, keywords=[]) if (
                walk.work.value(func) is contextlib.nullcontext
            ):
                if one.optional_vars is not None:
                    value = args[0] if args else constant(None, node)
                    made.append(ast.copy_location(ast.Assign([one.optional_vars], value), node))
                elif args:
                    made.append(ast.copy_location(ast.Expr(args[0]), node))
            case _:
                if made:
                    raise NotSure
                kept.append(one)
    if len(kept) == len(node.items):
        return None
    if not kept:
        return [*made, *node.body]
    return [ast.copy_location(ast.With(kept, [*made, *node.body]), node)]


def inner_import(node: Any, walk: Walk) -> list[ast.stmt] | None:
    """An import inside of a function: what it imports is a name of the function's."""
    work = walk.work
    found: dict[str, Any] = {}
    for one in node.names:
        if one.name == "*" or getattr(node, "level", 0):
            raise NotSure
        text = (one.asname or one.name).partition(".")[0]
        if not work.written_once_or_imported(text):
            raise NotSure
        try:
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module or "")
                found[text] = getattr(module, one.name)
            else:
                module = importlib.import_module(one.name)
                found[text] = module if one.asname else importlib.import_module(text)
        except (ImportError, AttributeError) as error:
            raise NotSure from error
    work.names.update(found)
    return []


def logged(node: ast.Expr, walk: Walk) -> list[ast.stmt] | None:
    """A message to a log of Python's, which a graph has not: left out, where its arguments do nothing."""
    call = node.value
    if (
        not isinstance(call, ast.Call)
        or not isinstance(call.func, ast.Attribute)
        or call.func.attr not in _LOGGED
    ):
        return None
    owner = walk.work.value(call.func.value)
    if owner is not logging and not isinstance(owner, logging.Logger):
        return None
    given = [*call.args, *(one.value for one in call.keywords)]
    if not all(_does_nothing(one, walk) for one in given):
        return None
    return [ast.copy_location(ast.Pass(), node)]


def _does_nothing(node: ast.expr, walk: Walk) -> bool:
    """Whether to evaluate an expression surely changes nothing."""
    for one in ast.walk(node):
        match one:
            case ast.Call(func=ast.Attribute(value=owner, attr=method)):
                if method.endswith("_") or walk.type_of(owner) not in ("Tensor", "str"):
                    return False
            case ast.Call(func=func):
                called = walk.work.value(func)
                if getattr(called, "__module__", "") != "builtins" or isinstance(called, FunctionType):
                    return False
            case ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom():
                return False
            case _:
                pass
    return True
