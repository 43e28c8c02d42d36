"""Comprehensions with conditions or several loops, as loops that append."""

import ast
import copy
from typing import Any

from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure
from namedtorch.lower.mending.writing import expression, name, renamed, statements


def filtered(node: Any, walk: Walk) -> ast.expr | None:
    """A list or dict by a comprehension that TorchScript has no form for: a loop in front of the statement."""
    if not any(one.ifs for one in node.generators) and len(node.generators) == 1:
        return None
    if any(one.is_async for one in node.generators) or _holds_walrus(node):
        raise NotSure
    own = {
        item.id: walk.work.own_or_fresh(item.id, node)
        for one in node.generators
        for item in ast.walk(one.target)
        if isinstance(item, ast.Name)
    }
    made = renamed(node, own)
    # The first source is evaluated outside of the names of the comprehension.
    made.generators[0].iter = copy.deepcopy(node.generators[0].iter)
    generators: list[ast.comprehension] = made.generators
    sources = [_held(one.iter, walk) if place == 0 else one.iter for place, one in enumerate(generators)]
    found = _target(node, walk) or walk.work.fresh("found")
    inner: list[ast.stmt]
    if isinstance(node, ast.DictComp):
        empty = ast.DictComp(made.key, made.value, [])
        inner = statements("found[key] = value", node, found=found, key=made.key, value=made.value)
    else:
        empty = ast.ListComp(made.elt, [])
        inner = statements("found.append(one)", node, found=found, one=made.elt)
    start = _empty(empty, generators, sources, node, walk)
    for one, source in reversed(list(zip(generators, sources, strict=True))):
        for test in reversed(one.ifs):
            inner = [ast.copy_location(ast.If(test, inner, []), node)]
        inner = [ast.copy_location(ast.For(one.target, source, inner, []), node)]
    walk.emit(*statements("found = start", node, found=found, start=start), *walk.block(inner))
    return name(found, node)


def _target(node: ast.expr, walk: Walk) -> str:
    """The variable that gets the list, where the statement is nothing but its assignment."""
    match walk.statement:
        case ast.Assign(targets=[ast.Name(id=text)], value=value):
            own = (value.lineno, value.col_offset, type(value)) == (node.lineno, node.col_offset, type(node))
            inside = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            return text if own and text not in inside else ""
        case _:
            return ""


def _empty(
    element: Any, generators: list[ast.comprehension], sources: list[ast.expr], place: ast.AST, walk: Walk
) -> ast.expr:
    """An empty list or dict of the type that the comprehension has: itself, over empty sources."""
    first, *rest = zip(generators, sources, strict=True)
    if not rest:
        made = copy.deepcopy(element)
        made.generators = [ast.comprehension(copy.deepcopy(first[0].target), _nothing(first[1]), [], 0)]
        return ast.copy_location(made, place)
    if isinstance(element, ast.DictComp):
        raise NotSure
    # Lists of lists, of which no element is ever taken, name the type of the innermost.
    nested = element.elt
    for one, source in reversed([first, *rest]):
        loop = ast.comprehension(copy.deepcopy(one.target), _nothing(source), [], 0)
        nested = ast.copy_location(ast.ListComp(copy.deepcopy(nested), [loop]), place)
    for _ in rest:
        each = walk.work.fresh("each")
        nested = expression("[each[0] for each in lists]", place, each=each, lists=nested)
    return nested


def _held(source: ast.expr, walk: Walk) -> ast.expr:
    """A source that may be written twice."""
    match source:
        case ast.Call(func=ast.Name(id="enumerate" | "zip" | "range"), args=arguments):
            source.args = [
                one if isinstance(one, ast.Constant) or _is_path(one) else walk.kept(one, "values")
                for one in arguments
            ]
            return source
        case _:
            return source if _is_path(source) else walk.kept(source, "values")


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _nothing(source: ast.expr) -> ast.expr:
    """The source with nothing in it, of the same type."""
    match source:
        case ast.Call(func=ast.Name(id="range")):
            return expression("range(0)", source)
        case ast.Call(func=ast.Name(id="enumerate" | "zip"), args=arguments):
            made = copy.deepcopy(source)
            several = arguments[:1] if getattr(source.func, "id", "") == "enumerate" else arguments
            made.args = [_nothing(one) for one in several]
            made.keywords = []
            return made
        case _:
            return expression("source[:0]", source, source=source)


def _holds_walrus(node: ast.AST) -> bool:
    return any(isinstance(one, ast.NamedExpr | ast.Await | ast.Yield) for one in ast.walk(node))
