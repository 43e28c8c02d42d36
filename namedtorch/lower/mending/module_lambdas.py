"""Lambdas that a module holds, as the expressions that they are."""

import ast
import builtins
import copy
import linecache
import types

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.module_spelling import Spelling
from namedtorch.lower.namespace import Scope

_NO_BODY = (
    ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.NamedExpr | ast.Yield
)
_SIMPLE = ast.Name | ast.Constant


def lambda_of(function: types.FunctionType, spelling: Spelling) -> ast.Lambda | None:
    """The tree of a lambda, names of its own surroundings written so that a method understands them.

    None where its source is not at hand, or is not surely this one.
    """
    node = _written(function)
    if node is None or any(isinstance(one, _NO_BODY) for one in ast.walk(node.body)):
        return None
    parameters = {one.arg for one in node.args.args}
    scope = Scope(function)
    renamed = _Names(parameters, scope, spelling)
    body = renamed.visit(copy.deepcopy(node.body))
    return ast.Lambda(node.args, body) if isinstance(body, ast.expr) and not renamed.failed else None


def inlined(function: ast.Lambda, arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr | None:
    """The body of a lambda for the arguments of a call; None where they would be computed twice, or out of order."""
    args = function.args
    if args.posonlyargs or args.kwonlyargs or args.vararg or args.kwarg or args.defaults:
        return None
    names = [one.arg for one in args.args]
    given = dict(zip(names, arguments, strict=False))
    given |= {one.arg: one.value for one in keywords if one.arg is not None}
    if len(given) != len(arguments) + len(keywords) or set(given) != set(names):
        return None
    if any(isinstance(one, ast.Starred) for one in arguments):
        return None
    used = [one.id for one in ast.walk(function.body) if isinstance(one, ast.Name) and one.id in given]
    for name, one in given.items():
        if not isinstance(one, _SIMPLE) and (used.count(name) != 1 or len(given) > 1):
            return None
    return _Arguments(given).visit(copy.deepcopy(function.body))


def _written(function: types.FunctionType) -> ast.Lambda | None:
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None
    found = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.Lambda)
        and one.lineno == code.co_firstlineno
        and [arg.arg for arg in one.args.args] == list(code.co_varnames[: code.co_argcount])
    ]
    return found[0] if len(found) == 1 else None


class _Names(ast.NodeTransformer):
    """Writes the names of a lambda that are no parameters as a method sees them; takes the places off."""

    def __init__(self, parameters: set[str], scope: Scope, spelling: Spelling) -> None:
        self.failed = False
        self._parameters = parameters
        self._scope = scope
        self._spelling = spelling

    def visit(self, node: ast.AST) -> ast.AST:
        for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            if hasattr(node, name):
                delattr(node, name)
        return super().visit(node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._parameters:
            return node
        value = self._scope.get(node.id, Unknown)
        if value is Unknown:
            # One of Python's, or a name that is not there yet.
            self.failed = self.failed or not hasattr(builtins, node.id)
            return node
        written = self._spelling.of(value)
        if written is None and isinstance(
            value, types.ModuleType | types.FunctionType | types.BuiltinFunctionType | type
        ):
            written = self._spelling.name(value, node.id)
        self.failed = self.failed or written is None
        return node if written is None else written


class _Arguments(ast.NodeTransformer):
    def __init__(self, given: dict[str, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._given[node.id]) if node.id in self._given else node
