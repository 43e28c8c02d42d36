"""Lambdas and functions inside of a function: their bodies where they are called, or functions of their own."""

import ast
import copy
import functools
from types import BuiltinFunctionType, FunctionType
from typing import Any, Optional

import torch

from namedtorch.erase.rewritten import rewritten
from namedtorch.lower.mending.constants import literal
from namedtorch.lower.mending.sequences import substituted
from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure, Work
from namedtorch.lower.mending.writing import expression, name, renamed

_LEAVING = (
    ast.Return
    | ast.Yield
    | ast.YieldFrom
    | ast.Await
    | ast.Nonlocal
    | ast.Global
    | ast.Import
    | ast.ImportFrom
)
_SCOPED = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_KNOWN = {"Tensor": torch.Tensor, "Optional": Optional}


def note_inner(work: Work) -> None:
    """Notes the lambdas and functions that a function keeps in variables which nothing else writes."""
    for one in ast.walk(work.node):
        match one:
            case ast.Assign(targets=[ast.Name(id=text)], value=ast.Lambda() as function):
                if work.written_once(text):
                    work.inner[text] = function
            case ast.FunctionDef(name=text, decorator_list=[]) if one is not work.node:
                if _is_defined_once(work, text):
                    work.inner_definitions[text] = one
                    body = _without_docstring(one)
                    match body:
                        case [ast.Return(value=ast.expr() as value)]:
                            work.inner[text] = ast.copy_location(ast.Lambda(one.args, value), one)
                        case _:
                            pass
            case _:
                pass


def _is_defined_once(work: Work, text: str) -> bool:
    if any(isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load) for one, _ in work.uses(text)):
        return False
    same = [one for one in ast.walk(work.node) if isinstance(one, ast.FunctionDef) and one.name == text]
    return len(same) == 1 and text not in {one.arg for one in ast.walk(work.node) if isinstance(one, ast.arg)}


def drop_inner(work: Work) -> None:
    """Takes out the lambdas and functions that nothing reads any more."""

    class Drop(ast.NodeTransformer):
        def visit_Assign(self, node: ast.Assign) -> Any:
            match node:
                case ast.Assign(targets=[ast.Name(id=text)], value=ast.Lambda()) if (
                    text in work.inner and not reads(text)
                ):
                    work.changed = True
                    return ast.copy_location(ast.Pass(), node)
                case ast.Assign(targets=[ast.Name(id=text)]) if text in work.spent and not reads(text):
                    return ast.copy_location(ast.Pass(), node)
                case _:
                    return node

        def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
            if node is not work.node and node.name in work.inner_definitions and not reads(node.name):
                work.changed = True
                return ast.copy_location(ast.Pass(), node)
            return self.generic_visit(node)

    def reads(text: str) -> bool:
        return any(isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) for one, _ in work.uses(text))

    work.node = Drop().visit(work.node)
    if work.changed or work.spent:
        _drop_pass(work.node)


def _drop_pass(node: ast.AST) -> None:
    for one in ast.walk(node):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(one, field, None)
            if (
                isinstance(block, list)
                and len(block) > 1
                and any(not isinstance(item, ast.Pass) for item in block)
            ):
                block[:] = [item for item in block if not isinstance(item, ast.Pass)]


def called_inner(node: ast.Call, walk: Walk) -> ast.expr | None:
    """The call of a lambda or of a function inside: its body, or a call of a function of its own."""
    if isinstance(node.func, ast.Lambda):
        return _inlined(node.func, node, walk)
    if not isinstance(node.func, ast.Name):
        return None
    text, work = node.func.id, walk.work
    if text in work.inner:
        try:
            return _inlined(work.inner[text], node, walk)
        except NotSure:
            pass
    definition = work.inner_definitions.get(text)
    if definition is None:
        return None
    try:
        return _hoisted(definition, node, walk)
    except NotSure:
        return _written_out(definition, node, walk)


def _inlined(function: ast.Lambda, node: ast.Call, walk: Walk) -> ast.expr:
    free = _free_names(function.body) - {one.arg for one in function.args.args}
    if free & walk.around.keys():
        raise NotSure
    if any(isinstance(one, ast.Starred) for one in node.args) or any(
        one.arg is None for one in node.keywords
    ):
        raise NotSure
    simple = ast.Name | ast.Constant
    if not walk.may_lift and not all(
        isinstance(one, simple) for one in [*node.args, *(k.value for k in node.keywords)]
    ):
        raise NotSure
    # Whether the arguments fit is seen before statements are put in front.
    places: list[Any] = [name("_", node) for _ in node.args]
    named = [ast.keyword(one.arg, name("_", node)) for one in node.keywords]
    substituted(function.args, function.body, places, named)
    values = [one if isinstance(one, simple) else walk.kept(one, "given") for one in node.args]
    keywords = [
        ast.keyword(one.arg, one.value if isinstance(one.value, simple) else walk.kept(one.value, "given"))
        for one in node.keywords
    ]
    return substituted(function.args, function.body, values, keywords)


def _written_out(definition: ast.FunctionDef, node: ast.Call, walk: Walk) -> ast.expr:
    """The statements of a function without branches that return, in front of the statement that calls it."""
    *body, last = _without_docstring(definition)
    if not isinstance(last, ast.Return) or last.value is None or not walk.may_lift:
        raise NotSure
    if any(isinstance(one, _LEAVING) for statement in body for one in ast.walk(statement)):
        raise NotSure
    if definition.name in _free_names(definition):
        raise NotSure
    work = walk.work
    given = _arguments(definition, node)
    own = {*given, *_stored(definition)}
    if any(isinstance(one, _SCOPED | ast.FunctionDef) for part in [*body, last] for one in ast.walk(part)):
        own = {*own}  # `renamed` renames what is inside of them alike.
    names = {text: work.fresh(text) for text in sorted(own)}
    for text, value in given.items():
        annotation = next((one.annotation for one in definition.args.args if one.arg == text), None)
        target = name(names[text], node, ast.Store())
        if annotation is None:
            walk.emit(ast.copy_location(ast.Assign([target], value), node))
        else:
            walk.emit(ast.copy_location(ast.AnnAssign(target, copy.deepcopy(annotation), value, 1), node))
    walk.emit(*walk.block([renamed(one, names) for one in body]))
    return renamed(last.value, names)


def _hoisted(definition: ast.FunctionDef, node: ast.Call, walk: Walk) -> ast.expr:
    """The call of a function of its own, which gets the variables of the function around as arguments."""
    work = walk.work
    captured = sorted(_captured(definition, work))
    if work.receiver in captured or {*captured} & walk.around.keys():
        raise NotSure
    if definition.name not in work.hoisted:
        work.hoisted[definition.name] = _function_of(definition, captured, work)
    made = work.hoisted[definition.name]
    called = work.mention(made, definition.name, node)
    keywords = [ast.copy_location(ast.keyword(text, name(text, node)), node) for text in captured]
    return ast.copy_location(ast.Call(called, node.args, [*node.keywords, *keywords]), node)


def _function_of(definition: ast.FunctionDef, captured: list[str], work: Work) -> FunctionType:
    arguments = definition.args
    if arguments.vararg or arguments.kwarg:
        raise NotSure
    if any(isinstance(one, _LEAVING) and not isinstance(one, ast.Return) for one in ast.walk(definition)):
        raise NotSure
    if any(
        isinstance(one, ast.FunctionDef | ast.Lambda) for part in definition.body for one in ast.walk(part)
    ):
        raise NotSure
    if not all(
        isinstance(one, ast.Constant)
        for one in [*arguments.defaults, *arguments.kw_defaults]
        if one is not None
    ):
        raise NotSure
    if definition.name in _free_names(definition):
        raise NotSure
    tree = copy.deepcopy(definition)
    for text in captured:
        kind = work.types.of(name(text, definition))
        if not kind or kind in ("tuple", "range", "None"):
            raise NotSure
        annotation = expression(kind, definition)
        tree.args.kwonlyargs.append(ast.copy_location(ast.arg(text, annotation), definition))
        tree.args.kw_defaults.append(None)
    names = {
        text: value
        for text, value in {**_KNOWN, **work.names}.items()
        if text not in work.function.__globals__
    }
    made = rewritten(work.function, tree, names, {})
    listed = [one.value for one in arguments.defaults if isinstance(one, ast.Constant)]
    made.__defaults__ = tuple(listed) or None
    made.__name__ = definition.name
    made.__qualname__ = f"{work.function.__qualname__}.{definition.name}"
    for text in ("_torchscript_modifier", "__namedtorch__"):
        vars(made).pop(text, None)
    return made


def _arguments(definition: ast.FunctionDef, node: ast.Call) -> dict[str, ast.expr]:
    """The arguments of a call by the names of the parameters, in the order in which they are written."""
    arguments = definition.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        raise NotSure
    if any(isinstance(one, ast.Starred) for one in node.args) or any(
        one.arg is None for one in node.keywords
    ):
        raise NotSure
    parameters = [one.arg for one in [*arguments.args, *arguments.kwonlyargs]]
    given: dict[str, ast.expr] = dict(zip([one.arg for one in arguments.args], node.args, strict=False))
    given.update({one.arg or "": one.value for one in node.keywords})
    defaults: dict[str, ast.expr] = dict(
        zip(
            [one.arg for one in arguments.args][len(arguments.args) - len(arguments.defaults) :],
            arguments.defaults,
            strict=True,
        )
    )
    defaults.update(
        {
            one.arg: value
            for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if value is not None
        }
    )
    for text, value in defaults.items():
        if text not in given:
            if not isinstance(value, ast.Constant):
                raise NotSure
            given[text] = value
    if given.keys() != {*parameters} or len(node.args) > len(arguments.args):
        raise NotSure
    return given


def _captured(definition: ast.FunctionDef, work: Work) -> set[str]:
    own = {one.arg for one in ast.walk(definition.args) if isinstance(one, ast.arg)} | _stored(definition)
    return (_free_names(definition) - own) & work.locals


def _free_names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def _stored(node: ast.AST) -> set[str]:
    return {
        one.id for one in ast.walk(node) if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)
    }


def _without_docstring(definition: ast.FunctionDef) -> list[ast.stmt]:
    start = 1 if ast.get_docstring(definition, clean=False) is not None else 0
    return definition.body[start:]


def choose_functions(work: Work) -> None:
    """`act = relu if smooth else tanh`: the choice is kept, and made again at each call."""
    for one in list(ast.walk(work.node)):
        match one:
            case ast.Assign(
                targets=[ast.Name(id=text)], value=ast.IfExp(test=test, body=first, orelse=second)
            ):
                pass
            case _:
                continue
        if not all(_is_function(work.value(part)) for part in (first, second)) or not work.written_once(text):
            continue
        if not work.only(text, lambda node, parent: isinstance(parent, ast.Call) and parent.func is node):
            continue
        flag = work.fresh(f"{text}_chosen")
        one.targets = [name(flag, one, ast.Store())]
        one.value = test
        _Chosen(text, flag, first, second).visit(work.node)
        work.changed = True


class _Chosen(ast.NodeTransformer):
    def __init__(self, text: str, flag: str, first: ast.expr, second: ast.expr) -> None:
        self._text = text
        self._flag = flag
        self._both = first, second

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name) or node.func.id != self._text:
            return node
        first, second = (
            ast.copy_location(
                ast.Call(copy.deepcopy(one), copy.deepcopy(node.args), copy.deepcopy(node.keywords)), node
            )
            for one in self._both
        )
        return ast.copy_location(ast.IfExp(name(self._flag, node), first, second), node)


def _is_function(value: Any) -> bool:
    return (
        isinstance(value, FunctionType | BuiltinFunctionType)
        or type(value).__name__ == "builtin_function_or_method"
    )


def called_partial(node: ast.Call, walk: Walk) -> ast.expr | None:
    """The call of a `functools.partial` from outside of the function: what it calls, with its arguments."""
    called = walk.work.value(node.func)
    if not isinstance(called, functools.partial) or not isinstance(node.func, ast.Name):
        return None
    work = walk.work
    if not work.bindings.is_constant(work.function, work.definition, node.func.id):
        return None
    inner: Any = called.func
    if not _is_function(inner):
        return None
    args = [literal(one, node, work) for one in called.args]
    given = {one.arg for one in node.keywords}
    kept = {key: literal(value, node, work) for key, value in called.keywords.items() if key not in given}
    if None in args or None in kept.values() or None in given:
        return None
    function = work.mention(inner, getattr(inner, "__name__", "function"), node)
    keywords = [
        *node.keywords,
        *(ast.copy_location(ast.keyword(key, value), node) for key, value in kept.items()),
    ]
    return ast.copy_location(ast.Call(function, [*args, *node.args], keywords), node)
