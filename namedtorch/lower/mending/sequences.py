"""Builtins of Python that give iterators, sets, and what takes a function as a value."""

import ast
import copy
import functools
import itertools
from types import BuiltinFunctionType, FunctionType
from typing import Any

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure
from namedtorch.lower.mending.writing import constant, expression, name, statements

_KEYS = ("int", "str", "float", "bool")


def _is_builtin(node: ast.Call, walk: Walk, *known: Any) -> bool:
    called = walk.work.value(node.func)
    return any(called is one for one in known)


def mapped(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`list(map(f, xs))`, `list(filter(f, xs))`, `tuple(map(...))` in a place for lists: a comprehension."""
    if not _is_builtin(node, walk, list, sum, max, min, any, all, sorted) and not _joins(node):
        return None
    if not node.args or not isinstance(node.args[0], ast.Call):
        return None
    made = comprehension_of(node.args[0], walk)
    if made is None:
        return None
    if _is_builtin(node, walk, list):
        return made
    return ast.copy_location(ast.Call(node.func, [made, *node.args[1:]], node.keywords), node)


def unpacked_map(node: ast.Assign, walk: Walk) -> list[ast.stmt] | None:
    """`H, W = map(int, sizes)`: a comprehension that is unpacked."""
    if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Tuple):
        return None
    made = comprehension_of(node.value, walk)
    return None if made is None else [ast.copy_location(ast.Assign(node.targets, made), node)]


def _joins(node: ast.Call) -> bool:
    match node.func:
        case ast.Attribute(attr="join", value=ast.Constant()):
            return True
        case ast.Attribute(attr="stack" | "cat" | "extend"):
            return True
        case _:
            return False


def comprehension_of(node: ast.expr, walk: Walk) -> ast.ListComp | None:
    """The comprehension that `map` or `filter` is."""
    if not isinstance(node, ast.Call) or node.keywords or len(node.args) < 2:
        return None
    if not _is_builtin(node, walk, map, filter):
        return None
    function, *sources = node.args
    own = [walk.work.fresh("each") for _ in sources]
    values = [name(one, node) for one in own]
    targets: list[ast.expr] = [name(one, node, ast.Store()) for one in own]
    if _is_builtin(node, walk, filter):
        if len(sources) != 1:
            return None
        test = (
            values[0]
            if isinstance(function, ast.Constant) and function.value is None
            else applied(function, values, walk)
        )
        loop = ast.comprehension(targets[0], sources[0], [test], 0)
        return ast.copy_location(ast.ListComp(copy.deepcopy(values[0]), [loop]), node)
    source = sources[0]
    target = targets[0]
    if len(sources) > 1:
        source = ast.copy_location(ast.Call(name("zip", node), sources, []), node)
        target = ast.copy_location(ast.Tuple(targets, ast.Store()), node)
    loop = ast.comprehension(target, source, [], 0)
    return ast.copy_location(ast.ListComp(applied(function, values, walk), [loop]), node)


def applied(function: ast.expr, values: list[Any], walk: Walk) -> ast.expr:
    """The call of a function that stands as a value: a lambda's body, or a call by its name."""
    match function:
        case ast.Lambda(args=arguments, body=body):
            return substituted(arguments, body, values, [])
        case ast.Name(id=text) if text in walk.work.locals:
            found = walk.work.inner.get(text)
            if found is None:
                raise NotSure
            return substituted(found.args, found.body, values, [])
        case ast.Name() | ast.Attribute():
            called = walk.work.value(function)
            own = isinstance(function, ast.Attribute) and called is Unknown
            if (
                not own
                and not isinstance(called, FunctionType | BuiltinFunctionType | type)
                and not callable(called)
            ):
                raise NotSure
            return ast.copy_location(ast.Call(copy.deepcopy(function), values, []), function)
        case _:
            raise NotSure


def substituted(
    arguments: ast.arguments, body: ast.expr, values: list[Any], keywords: list[ast.keyword]
) -> ast.expr:
    """The body of a lambda with values in the place of its parameters.

    Each value has to be a name or a constant; raises NotSure otherwise.
    """
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs or arguments.kwonlyargs:
        raise NotSure
    parameters = [one.arg for one in arguments.args]
    given: dict[str, ast.expr] = dict(zip(parameters, values, strict=False))
    if len(values) > len(parameters):
        raise NotSure
    for one in keywords:
        if one.arg is None or one.arg not in parameters or one.arg in given:
            raise NotSure
        given[one.arg] = one.value
    defaults = dict(
        zip(parameters[len(parameters) - len(arguments.defaults) :], arguments.defaults, strict=True)
    )
    for text, default in defaults.items():
        if text not in given and not isinstance(default, ast.Constant):
            raise NotSure
        given.setdefault(text, default)
    if given.keys() != {*parameters}:
        raise NotSure
    inner = [
        one
        for one in ast.walk(body)
        if isinstance(
            one, ast.Lambda | ast.NamedExpr | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
        )
    ]
    if inner:
        raise NotSure
    if not all(isinstance(one, ast.Name | ast.Constant) for one in given.values()):
        raise NotSure
    return _Substituted(given).visit(copy.deepcopy(body))


class _Substituted(ast.NodeTransformer):
    def __init__(self, given: dict[str, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._given[node.id]) if node.id in self._given else node


def looped_over(node: ast.For, walk: Walk) -> list[ast.stmt] | None:
    """A loop over `map`, `iter` or `itertools.product`."""
    source = node.iter
    if not isinstance(source, ast.Call) or node.orelse:
        return None
    if _is_builtin(source, walk, iter) and len(source.args) == 1 and not source.keywords:
        return [ast.copy_location(ast.For(node.target, source.args[0], node.body, []), node)]
    if _is_builtin(source, walk, map) and len(source.args) == 2:
        each = walk.work.fresh("each")
        value = applied(source.args[0], [name(each, node)], walk)
        first = ast.copy_location(ast.Assign([node.target], value), node)
        target = name(each, node, ast.Store())
        return [ast.copy_location(ast.For(target, source.args[1], [first, *node.body], []), node)]
    if _is_builtin(source, walk, itertools.product) and not source.keywords:
        return _product(node, source.args, walk)
    if _is_builtin(source, walk, itertools.chain) and source.args and not source.keywords:
        kinds = {walk.type_of(one) for one in source.args}
        if len(kinds) != 1 or not next(iter(kinds)).startswith("list["):
            return None
        total = source.args[0]
        for one in source.args[1:]:
            total = ast.copy_location(ast.BinOp(total, ast.Add(), one), node)
        return [ast.copy_location(ast.For(node.target, total, node.body, []), node)]
    return None


def _product(node: ast.For, sources: list[ast.expr], walk: Walk) -> list[ast.stmt] | None:
    """Loops inside of each other; a `break` would leave one of them only."""
    targets = node.target.elts if isinstance(node.target, ast.Tuple) else []
    if len(targets) != len(sources) or any(isinstance(one, ast.Break) for one in ast.walk(node)):
        return None
    made: list[ast.stmt] = []
    held: list[ast.expr] = []
    for one in sources:
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "range":
            bounds = [
                each if isinstance(each, ast.Constant) else _kept(each, "bound", made, walk)
                for each in one.args
            ]
            held.append(ast.copy_location(ast.Call(one.func, bounds, []), one))
        else:
            held.append(_kept(one, "values", made, walk))
    body: list[ast.stmt] = node.body
    for target, source in reversed(list(zip(targets, held, strict=True))):
        body = [ast.copy_location(ast.For(target, source, body, []), node)]
    return [*made, *body]


def _kept(node: ast.expr, base: str, made: list[ast.stmt], walk: Walk) -> ast.expr:
    free = walk.work.fresh(base)
    made += statements("held = value", node, held=free, value=node)
    return name(free, node)


def turned(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`reversed(values)` of a list or a range, `sorted(values, reverse=True)`."""
    if _is_builtin(node, walk, reversed) and len(node.args) == 1:
        source = node.args[0]
        if isinstance(source, ast.Call) and _is_builtin(source, walk, range) and not source.keywords:
            return _turned_range(source)
        if walk.type_of(source).startswith("list["):
            return expression("values[::-1]", node, values=source)
        return None
    if not _is_builtin(node, walk, sorted) or len(node.args) != 1:
        return None
    options = {one.arg: one.value for one in node.keywords}
    if not options or not options.keys() <= {"key", "reverse"}:
        return None
    turn = options.get("reverse", constant(False, node))
    if not isinstance(turn, ast.Constant):
        return None
    key = options.get("key")
    if key is None or (isinstance(key, ast.Constant) and key.value is None):
        text = "sorted(values)[::-1]" if turn.value else "sorted(values)"
        kind = walk.type_of(node.args[0])
        if turn.value and kind not in ("list[int]", "list[float]", "list[str]", "list[bool]"):
            return None
        return expression(text, node, values=node.args[0])
    return _sorted_by(node, node.args[0], key, bool(turn.value), walk)


def _turned_range(source: ast.Call) -> ast.expr | None:
    match source.args:
        case [end]:
            return expression("range(end - 1, -1, -1)", source, end=end)
        case [start, end]:
            if not isinstance(start, ast.Name | ast.Constant) or not isinstance(end, ast.Name | ast.Constant):
                return None
            return expression("range(end - 1, start - 1, -1)", source, start=start, end=end)
        case _:
            return None


def _sorted_by(node: ast.Call, source: ast.expr, key: ast.expr, turn: bool, walk: Walk) -> ast.expr:
    """Values in the order of their keys: pairs of a key and a place are sorted, equal keys by their place."""
    values = walk.kept(source, "values")
    place, each = walk.work.fresh("place"), walk.work.fresh("each")
    found = applied(key, [name(each, node)], walk)
    sign = "-" if turn else ""
    pairs = expression(
        f"sorted([(found, {sign}place) for place, each in enumerate(values)])",
        node,
        found=found,
        place=place,
        each=each,
        values=values,
    )
    turned_pairs = expression("pairs[::-1]", node, pairs=pairs) if turn else pairs
    by = walk.work.fresh("by")
    return expression(
        f"[values[{sign}place] for by, place in pairs]",
        node,
        values=values,
        place=place,
        by=by,
        pairs=turned_pairs,
    )


def reduced(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`functools.reduce(f, values)`: a loop in front of the statement."""
    if not _is_builtin(node, walk, functools.reduce) or node.keywords or len(node.args) not in (2, 3):
        return None
    function, source = node.args[:2]
    if not walk.type_of(source).startswith("list["):
        return None
    values = walk.kept(source, "values")
    total, each = walk.work.fresh("total"), walk.work.fresh("each")
    start = node.args[2] if len(node.args) == 3 else expression("values[0]", node, values=values)
    rest = values if len(node.args) == 3 else expression("values[1:]", node, values=values)
    step = applied(function, [name(total, node), name(each, node)], walk)
    walk.emit(
        *statements(
            "total = start\nfor each in rest:\n    total = step",
            node,
            total=total,
            start=start,
            each=each,
            rest=rest,
            step=step,
        )
    )
    return name(total, node)


def as_set(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`len(set(values))`, `sorted(set(values))`: the keys of a dict."""
    if not _is_builtin(node, walk, len, sorted) or len(node.args) != 1 or node.keywords:
        return None
    keys = _keys_of(node.args[0], walk)
    if keys is None:
        return None
    if _is_builtin(node, walk, sorted):
        keys = expression("list(keys.keys())", node, keys=keys)
    return ast.copy_location(ast.Call(node.func, [keys], []), node)


def _keys_of(node: ast.expr, walk: Walk) -> ast.expr | None:
    match node:
        case ast.Call(func=func, args=[source], keywords=[]) if walk.work.value(func) in (set, frozenset):
            if walk.work.types.element(source, walk.around) not in _KEYS:
                return None
            each = walk.work.fresh("each")
            return expression("{each: True for each in source}", node, each=each, source=source)
        case ast.SetComp(elt=element, generators=generators):
            kind = walk.work.types.of(element, walk.work.types.inside(generators, walk.around))
            if kind not in _KEYS:
                return None
            return ast.copy_location(ast.DictComp(element, constant(True, node), generators), node)
        case ast.Set(elts=elements) if all(walk.type_of(one) in _KEYS for one in elements):
            return ast.copy_location(ast.Dict(list(elements), [constant(True, node) for _ in elements]), node)
        case _:
            return None


def set_variable(node: ast.Assign, walk: Walk) -> list[ast.stmt] | None:
    """`seen = {...}`, of which only the length and what is in it are asked."""
    if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return None
    keys = _keys_of(node.value, walk)
    if keys is None or not walk.work.written_once(node.targets[0].id):
        return None

    def is_fine(one: ast.AST, parent: ast.AST) -> bool:
        match parent:
            case ast.Call(func=ast.Name(id="len")):
                return True
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[other]):
                return other is one
            case _:
                return False

    if not walk.work.only(node.targets[0].id, is_fine):
        return None
    return [ast.copy_location(ast.Assign(node.targets, keys), node)]


def member_of_set(node: ast.Compare, walk: Walk) -> ast.expr | None:
    """`n in {1, 2}`: a list."""
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Set(elts=elements)]):
            if len({walk.type_of(one) for one in elements} - {""}) != 1:
                return None
            listed: ast.expr = ast.copy_location(ast.List(elements, ast.Load()), node)
        case ast.Compare(
            ops=[ast.In() | ast.NotIn()], comparators=[ast.Call(func=func, args=[source], keywords=[])]
        ) if walk.work.value(func) in (set, frozenset):
            if walk.work.types.element(source, walk.around) not in _KEYS or not walk.type_of(
                source
            ).startswith("list["):
                return None
            listed = source
        case _:
            return None
    return ast.copy_location(ast.Compare(node.left, node.ops, [listed]), node)


def first_of(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`next(iter(values))` of a list, and `list(iter(values))`."""
    match node:
        case ast.Call(func=func, args=[ast.Call(func=inner, args=[source], keywords=[])], keywords=[]):
            if walk.work.value(inner) is not iter or not walk.type_of(source).startswith("list["):
                return None
        case _:
            return None
    if walk.work.value(func) is next:
        return expression("values[0]", node, values=source)
    return expression("list(values)", node, values=source) if walk.work.value(func) is list else None
