"""Compiling again what torch refused, with bodies left out, to learn what else it refuses; it leaves no trace.

All here is internals of `torch.jit`: its parser, which is told to leave out a body, the way it collects the methods of
a module, and its tables of compiled functions, classes and modules, which are as they were when the block ends.
"""

import ast
import contextlib
import gc
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any, cast

import torch
from torch import nn
from torch.jit import _recursive, _state, frontend

from namedtorch.lower.softening import softened
from namedtorch.lower.torchscript import quiet


class Recompiler:
    """Compiles parts of a model; a body that was left out is a `raise` with the same signature."""

    def __init__(self, methods: Callable[[nn.Module], Sequence[str]]) -> None:
        self._methods = methods
        self._left_out: dict[CodeType, bool] = {}
        self._softened: set[CodeType] = set()

    def soften(self, code: CodeType, definition: ast.FunctionDef) -> bool:
        """Has refused syntax of a body replaced; False if there is none with a substitute, or it was done before."""
        if code in self._left_out or code in self._softened or softened(definition) is None:
            return False
        self._softened.add(code)
        return True

    def leave_out(self, code: CodeType, header: bool = False) -> bool:
        """Has the body of a function compiled as a raise; `header`: its parameters' types are refused as well.

        False if it was left out already.
        """
        if code in self._left_out and self._left_out[code] >= header:
            return False
        self._left_out[code] = header
        return True

    def compile(self, part: nn.Module | FunctionType) -> Exception | None:
        """What torch says of a part; None if it takes it."""
        compiled = set(_recursive.concrete_type_store.methods_compiled)
        try:
            if isinstance(part, nn.Module):
                _recursive.create_script_module(part, self._stubs)
            else:
                cast("Callable[[Any], Any]", torch.jit.script)(part)
        # torch raises RuntimeError, ValueError, NotImplementedError, its own, and more.
        except Exception as error:
            _forget_half_made(compiled)
            return error
        return None

    def _stubs(self, module: nn.Module) -> list[Any]:
        store = _recursive.concrete_type_store
        types = store.type_store.get(type(module), ())
        if types and all(one in store.methods_compiled for one in types):
            # Every form that the class has here is compiled; to collect its methods again would only take time.
            return []
        found = list(_recursive.infer_methods_to_compile(module))
        names = {one.def_.name().name for one in found}
        others = [name for name in self._methods(module) if name not in names]
        return [*found, *(_recursive.make_stub_from_method(module, name) for name in others)]

    def _parsed(self, parsed: Any, compiled: Any) -> Any:
        code = getattr(getattr(compiled, "__func__", compiled), "__code__", None)
        if code in self._left_out:
            _leave_out(parsed.ast.body[0], self._left_out[code])
        elif code in self._softened:
            parsed.ast.body[0] = softened(parsed.ast.body[0]) or parsed.ast.body[0]
        return parsed


@contextlib.contextmanager
def recompiler(methods: Callable[[nn.Module], Sequence[str]]) -> Iterator[Recompiler]:
    """A recompiler; `methods` gives the methods of a module to compile besides its forward."""
    module = cast("Any", frontend)
    parse = module.parse_def
    made = Recompiler(methods)
    with quiet(), warnings.catch_warnings(), _unchanged_tables():
        # All that torch has to warn of, it said when it compiled first.
        warnings.simplefilter("ignore")
        _forget_half_made(set())
        module.parse_def = lambda compiled: made._parsed(parse(compiled), compiled)
        try:
            yield made
        finally:
            module.parse_def = parse


def release(error: BaseException | None) -> None:
    """Frees what the frames of an exception hold.

    torch keeps an entry of its compiler's call stack in one of them (`_recursive_compile_class`): as long as that frame
    lives, every later complaint says that it was called from there.
    """
    met: set[int] = set()
    while error is not None and id(error) not in met:
        met.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
    if torch._C.ErrorReport.call_stack():
        # Another frame, of an earlier error that is garbage by now.
        gc.collect()


def returns_unknown(node: ast.FunctionDef) -> bool:
    """Whether a function says nothing of what it returns, and returns something."""
    return node.returns is None and any(
        isinstance(one, ast.Yield | ast.YieldFrom) or (isinstance(one, ast.Return) and one.value is not None)
        for statement in node.body
        for one in ast.walk(statement)
    )


def _leave_out(definition: ast.FunctionDef, header: bool) -> None:
    place = definition.body[0]
    arguments = definition.args
    arguments.args = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    arguments.posonlyargs, arguments.kwonlyargs, arguments.kw_defaults = [], [], []
    arguments.vararg = arguments.kwarg = None
    if header:
        for argument in arguments.args:
            argument.annotation = _placed(ast.Name("Any", ast.Load()), place)
        definition.returns = _placed(ast.Name("Tensor", ast.Load()), place)
    elif returns_unknown(definition):
        # What TorchScript takes for the type of all that is not annotated.
        definition.returns = _placed(ast.Name("Tensor", ast.Load()), place)
    error = ast.Call(ast.Name("RuntimeError", ast.Load()), [ast.Constant("left out")], [])
    definition.body = [_placed(ast.Raise(error, None), place)]


def _placed(node: Any, place: ast.stmt) -> Any:
    for one in ast.walk(node):
        if "lineno" in one._attributes:
            ast.copy_location(one, place)
    return node


def _forget_half_made(compiled: set[Any]) -> None:
    """Drops the types of modules whose methods were not compiled: the next attempt makes them anew."""
    store = _recursive.concrete_type_store
    for owner, types in list(store.type_store.items()):
        store.type_store[owner] = [one for one in types if one in store.methods_compiled or one in compiled]


@contextlib.contextmanager
def _unchanged_tables() -> Iterator[None]:
    store = _recursive.concrete_type_store
    tables: list[Any] = [
        _state._jit_caching_layer,
        _state._jit_function_overload_caching,
        _state._script_classes,
        _state._name_to_pyclass,
    ]
    before = [dict(one) for one in tables]
    types = {owner: list(known) for owner, known in store.type_store.items()}
    compiled = set(store.methods_compiled)
    try:
        yield
    finally:
        for table, entries in zip(tables, before, strict=True):
            for key in [one for one in table if one not in entries]:
                del table[key]
        store.type_store.clear()
        store.type_store.update(types)
        store.methods_compiled.clear()
        store.methods_compiled.update(compiled)
