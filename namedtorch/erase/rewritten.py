"""Functions made of a changed syntax tree, whose nodes keep the places of the user's code that they come from.

Python runs such a function under the user's file and lines, so that tracebacks show what was written there.
"""

import ast
import copy
import inspect
import weakref
from collections.abc import Iterator, Mapping
from types import CellType, CodeType, FunctionType
from typing import Any

from namedtorch.diagnostics import LowerError

_DEFINITIONS: "weakref.WeakKeyDictionary[FunctionType, ast.FunctionDef]" = weakref.WeakKeyDictionary()

_FACTORY, _MADE = "__namedtorch_factory__", "__namedtorch_made__"


def rewritten(
    function: FunctionType,
    node: ast.FunctionDef,
    names: Mapping[str, Any] | None = None,
    annotations: Mapping[str, Any] | None = None,
    namespace: dict[str, Any] | None = None,
    cells: Mapping[str, Any] | None = None,
) -> FunctionType:
    """A function with the code of `node` in the place of the code of `function`.

    `node` is located in the file of `function`, lines counted from 1; nodes without a place take that of what is
    around them. The function has the name of `node`, and keeps the closure of `function` and its module; it sees
    `names` beside its globals, or `namespace` in the place of both, also what is put there later. With `cells`, which
    are more names of its closure, the globals stay those of `function`, which both see and change. Decorators are left
    off. Which parameters are annotated is said by `node`, what their annotations mean by `annotations` (those of
    `function` where they are not given), else by their text. Defaults are the values that `function` has, by the name
    of the parameter; a parameter that `function` does not have takes the constant that is written.
    """
    tree = copy.deepcopy(node)
    tree.decorator_list = []
    _locate(tree)
    closed = {name: CellType(value) for name, value in (cells or {}).items()}
    closed |= dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    code = _compiled(tree, function.__code__.co_filename, sorted(closed))
    if namespace is None:
        namespace = {**function.__globals__, **names} if names else function.__globals__
    try:
        closure = tuple(closed[name] for name in code.co_freevars)
    except KeyError as error:  # Only names of the closure are parameters of the factory.
        raise LowerError(f"{function.__qualname__} has no {error} in its closure") from None
    made = FunctionType(code, namespace, tree.name, None, closure)
    _give_defaults(made, function, tree)
    outer = function.__qualname__.rpartition(".")[0]
    made.__qualname__ = f"{outer}.{tree.name}" if outer else tree.name
    made.__module__ = function.__module__
    made.__doc__ = function.__doc__
    given = function.__annotations__ if annotations is None else annotations
    made.__annotations__ = dict(_annotations(tree, given))
    made.__dict__.update({key: value for key, value in vars(function).items() if key != "__wrapped__"})
    _DEFINITIONS[made] = tree
    return made


def definition_in(function: FunctionType) -> ast.FunctionDef | None:
    """The tree that a rewritten function was made of, at the places of the user's file; None for any other."""
    return _DEFINITIONS.get(function)


def note_definition(function: FunctionType, node: ast.FunctionDef) -> None:
    """Says of a copy of a rewritten function what it was made of."""
    _DEFINITIONS[function] = node


def _locate(tree: ast.FunctionDef) -> None:
    """Gives nodes without a place that of what is around them; a node never ends before it begins."""
    ast.fix_missing_locations(tree)
    for one in ast.walk(tree):
        if not isinstance(one, ast.expr | ast.stmt) or one.end_lineno is None:
            continue
        if (one.end_lineno, one.end_col_offset or 0) < (one.lineno, one.col_offset):
            one.end_lineno, one.end_col_offset = one.lineno, one.col_offset


def _compiled(tree: ast.FunctionDef, file: str, free: list[str]) -> CodeType:
    """The code of a definition, in which the names `free` are those of a function around it."""
    bare = copy.deepcopy(tree)
    # Under its own name it would stand in front of a function of that name that it calls.
    bare.name = _MADE
    bare.returns = None
    for argument in _arguments(bare.args):
        argument.annotation = None
    bare.args.defaults = []
    bare.args.kw_defaults = [None] * len(bare.args.kwonlyargs)
    factory = ast.FunctionDef(
        name=_FACTORY,
        args=ast.arguments([], [ast.arg(name) for name in free], None, [], [], None, []),
        body=[bare],
        decorator_list=[],
        returns=None,
    )
    ast.copy_location(factory, tree)
    module = ast.fix_missing_locations(ast.Module([factory], []))
    outer = next(one for one in compile(module, file, "exec", dont_inherit=True).co_consts if _is_code(one))
    code = next(one for one in outer.co_consts if _is_code(one) and one.co_name == _MADE)
    return _under(code.replace(co_name=tree.name), f"{_FACTORY}.<locals>.{_MADE}", tree.name)


def _under(code: CodeType, old: str, new: str) -> CodeType:
    """Code whose qualified name, and those of what is defined inside of it, begin with `new` in the place of `old`."""
    inner = tuple(_under(one, old, new) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_qualname=new + code.co_qualname.removeprefix(old), co_consts=inner)


def _is_code(value: object) -> bool:
    return isinstance(value, CodeType)


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from arguments.posonlyargs
    yield from arguments.args
    yield from arguments.kwonlyargs
    if arguments.vararg is not None:
        yield arguments.vararg
    if arguments.kwarg is not None:
        yield arguments.kwarg


def _give_defaults(made: FunctionType, function: FunctionType, tree: ast.FunctionDef) -> None:
    known = {
        name: one.default
        for name, one in inspect.signature(function, follow_wrapped=False).parameters.items()
        if one.default is not inspect.Parameter.empty
    }
    positional = [*tree.args.posonlyargs, *tree.args.args]
    listed = positional[len(positional) - len(tree.args.defaults) :]
    values = [
        _default(argument.arg, default, known)
        for argument, default in zip(listed, tree.args.defaults, strict=True)
    ]
    made.__defaults__ = tuple(values) or None
    keywords = {
        argument.arg: _default(argument.arg, default, known)
        for argument, default in zip(tree.args.kwonlyargs, tree.args.kw_defaults, strict=True)
        if default is not None
    }
    made.__kwdefaults__ = keywords or None


def _default(name: str, written: ast.expr, known: Mapping[str, Any]) -> Any:
    return known[name] if name in known else ast.literal_eval(written)


def _annotations(tree: ast.FunctionDef, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What each annotation of the tree means: what is given for it, else its text."""
    for one in _arguments(tree.args):
        if one.annotation is not None:
            yield one.arg, given.get(one.arg, ast.unparse(one.annotation))
    if tree.returns is not None:
        yield "return", given.get("return", ast.unparse(tree.returns))
