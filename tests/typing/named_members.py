"""The members of `NamedTensor` as a stub declares them: those of its source, of the rooms, and of torch."""

import ast
import builtins
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any, Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.table import METHOD, operator_for
from namedtorch.values import NamedTensor, methods, named_tensor, templates
from tests.typing import named_types
from tests.typing.torch_stubs import Member, functions, members

_TEMPLATES: Final = {
    one.__code__ for one in (templates.method, templates.binary, templates.reflected, templates.getter)
}
"""What the methods of torch are made of."""

_FUNCTION: Final = "torch."

_PROTOCOL: Final = """
@classmethod
def __torch_function__(
    cls, function: Any, types: Any, arguments: Any = (), keywords: Any = None
) -> Any: ...
"""

_HASH: Final = ast.parse("def __hash__(self) -> int: ...").body[0]

_BODY: Final[ast.stmt] = ast.Expr(ast.Constant(...))
_ELLIPSIS: Final = ast.Constant(...)


@dataclass(frozen=True)
class Declared:
    """Declarations, and the modules that have the names in their annotations."""

    body: Sequence[ast.stmt]
    homes: Mapping[str, str]


def definition() -> ast.ClassDef:
    """The class in its source."""
    (found,) = [one for one in _parsed(named_tensor.__name__).body if isinstance(one, ast.ClassDef)]
    return found


def class_members() -> Iterator[Declared]:
    """All members of the class: those of its own source in their order, then the others by name."""
    own = vars(NamedTensor)
    yield Declared(_of_source(own), homes_in(named_tensor.__name__))
    for name in sorted(own):
        function = _function_of(own[name])
        if name == "__torch_function__":
            yield Declared(ast.parse(_PROTOCOL).body, named_types.HOMES)
        elif function is None or function.__code__.co_filename == "<string>" or _is_of_source(function):
            continue
        elif _is_of_torch(function) or _gives_any_of_torch(name, own[name], function):
            yield Declared(_of_torch(name, function), named_types.HOMES)
        else:
            yield Declared(_of_room(name, own[name]), homes_in(function.__module__))


def module_members() -> Declared:
    """What the source has beside the class: functions and aliases."""
    body: list[ast.stmt] = []
    for one in _parsed(named_tensor.__name__).body:
        match one:
            case ast.FunctionDef(name=name) if not name.startswith("_"):
                body.append(_bodiless(one, shadowing=()))
            case ast.Assign():
                body.append(one)
            case _:
                pass
    return Declared(body, homes_in(named_tensor.__name__))


def is_private(name: str) -> bool:
    """Whether a name is nothing to users: `_name`, but not `__len__`."""
    return name.startswith("_") and not name.startswith("__")


def shadowing() -> frozenset[str]:
    """The members that have the name of a type of Python's, which annotations in the class then take for the member."""
    return frozenset(name for name in vars(NamedTensor) if isinstance(getattr(builtins, name, None), type))


def homes_in(module: str) -> dict[str, str]:
    """The modules of all names that a module has: those that it imports from, and itself."""
    found: dict[str, str] = {}
    for one in _parsed(module).body:
        match one:
            case ast.ImportFrom(module=str(home), names=aliases):
                found.update({alias.asname or alias.name: home for alias in aliases})
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.ClassDef(name=name):
                found[name] = module
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = module
            case _:
                pass
    return found


@cache
def _parsed(module: str) -> ast.Module:
    file = import_module(module).__file__
    assert file is not None
    return ast.parse(Path(file).read_text(encoding="utf-8"))


def _function_of(value: Any) -> FunctionType | None:
    """The function that a member is, or that reads it."""
    found = value.fget if isinstance(value, property) else value
    return found if isinstance(found, FunctionType) else None


def _is_of_source(function: FunctionType) -> bool:
    return function.__code__.co_filename == named_tensor.__file__


def _is_of_torch(function: FunctionType) -> bool:
    return function.__code__ in _TEMPLATES or function.__code__.co_filename == methods.__file__


# Of the source


def _of_source(own: Mapping[str, Any]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for one in definition().body:
        match one:
            case ast.AnnAssign():
                found.append(one)
            case ast.FunctionDef(name=name) if not is_private(name):
                function = _function_of(own[name])
                if function is not None and _is_of_source(function):
                    found.append(_bodiless(one, shadowing()))
            case ast.Assign(targets=[ast.Name(id="__hash__")]):
                found.append(_bodiless(_HASH, shadowing()))
            case _:
                pass
    return found


def _bodiless(function: ast.stmt, shadowing: frozenset[str] | tuple[()]) -> ast.FunctionDef:
    """A function of namedtorch's own without its body, and defaults that are more than constants."""
    function = deepcopy(function)
    assert isinstance(function, ast.FunctionDef)
    for one in _arguments(function):
        if one.annotation is not None:
            one.annotation = named_types.shadowed(named_types.unquoted(one.annotation), shadowing)
    if function.returns is not None:
        function.returns = named_types.shadowed(named_types.unquoted(function.returns), shadowing)
    function.args.defaults = [_default(one) for one in function.args.defaults]
    function.args.kw_defaults = [None if one is None else _default(one) for one in function.args.kw_defaults]
    function.body = [_BODY]
    return function


def _default(value: ast.expr) -> ast.expr:
    return value if isinstance(value, ast.Constant) else _ELLIPSIS


def _arguments(function: ast.FunctionDef) -> list[ast.arg]:
    listed = function.args
    found = [*listed.posonlyargs, *listed.args, listed.vararg, *listed.kwonlyargs, listed.kwarg]
    return [one for one in found if one is not None]


# Of the rooms


def _of_room(name: str, value: Any) -> list[ast.stmt]:
    """A member that a function of a room is, or reads and sets."""
    if not isinstance(value, property):
        found = [_method(one, name) for one in _definitions(value)]
        found[0].body = _docstring(value) or [_BODY]
        return [*found]
    getter = _function_of(value)
    assert getter is not None
    (read,) = [_method(one, name) for one in _definitions(getter)]
    read.decorator_list = [ast.Name("property")]
    read.body = _docstring(getter) or [_BODY]
    if value.fset is None:
        return [read]
    (written,) = [_method(one, name) for one in _definitions(value.fset)]
    written.decorator_list = [ast.Attribute(ast.Name(name), "setter")]
    return [read, written]


def _definitions(function: Callable[..., Any]) -> list[ast.FunctionDef]:
    """The overloads of a function, or the one that it is."""
    assert isinstance(function, FunctionType)
    found = [
        one
        for one in _parsed(function.__module__).body
        if isinstance(one, ast.FunctionDef) and one.name == function.__name__
    ]
    return [one for one in found if one.decorator_list] or found


def _method(function: ast.FunctionDef, name: str) -> ast.FunctionDef:
    """A function of a tensor as its method."""
    made = _bodiless(function, shadowing())
    made.name = name
    first = _arguments(made)[0]
    first.arg, first.annotation = "self", None
    return made


def _docstring(function: Any) -> list[ast.stmt]:
    """The first paragraph of what a function says of itself; a checker finds no other text for the method."""
    paragraph = " ".join((function.__doc__ or "").strip().partition("\n\n")[0].split())
    return (
        [ast.Expr(ast.Constant(textwrap.fill(paragraph, 100, subsequent_indent=" " * 8)))]
        if paragraph
        else []
    )


# Of torch


def _gives_any_of_torch(name: str, value: Any, function: FunctionType) -> bool:
    """Whether a room says nothing of what its method gives, which is torch's own: `size`."""
    if isinstance(value, property) or name not in members():
        return False
    returned = [one.returns for one in _definitions(function)]
    return all(one is None or ast.unparse(one) == "Any" for one in returned)


def _of_torch(name: str, function: FunctionType) -> list[ast.stmt]:
    operation = function.__globals__["own"] if function.__code__ in _TEMPLATES else METHOD + name
    if operation.startswith(_FUNCTION) and not operation.startswith(METHOD):
        found = functions()[operation.removeprefix(_FUNCTION)]
    elif name in members():
        found = members()[name]
    else:
        raise LookupError(
            f"torch's stubs have no `{name}`: tests/typing/torch_stubs.py lists what they leave out"
        )
    row = operator_for(operation if operation.startswith(_FUNCTION) else METHOD + name)
    dims = () if row is Unknown else row.dims
    declared = [_typed(name, one, dims) for one in found]
    there = {one.arg for each in declared if isinstance(each, ast.FunctionDef) for one in _arguments(each)}
    if isinstance(declared[0], ast.FunctionDef) and not there >= set(dims):
        raise LookupError(f"`{name}` has the dims {dims} in the table, and torch's stubs have {there}")
    return declared


def _typed(name: str, member: Member, dims: Sequence[str]) -> ast.stmt:
    """A member of torch's with our types; an attribute is a property, for nothing sets it."""
    if isinstance(member, ast.AnnAssign):
        spelled = ast.unparse(
            named_types.shadowed(named_types.given(deepcopy(member.annotation)), shadowing())
        )
        return ast.parse(f"@property\ndef {name}(self) -> {spelled}: ...").body[0]
    made = deepcopy(member)
    first, *others = _arguments(made)
    first.arg, first.annotation = "self", None
    for one in others:
        assert one.annotation is not None, f"{name}: {one.arg}"
        spelled = named_types.taken_dim if one.arg in dims else named_types.taken
        one.annotation = named_types.shadowed(spelled(one.annotation), shadowing())
    assert made.returns is not None, name
    made.returns = named_types.shadowed(named_types.given(made.returns), shadowing())
    made.body = [_BODY]
    return made
