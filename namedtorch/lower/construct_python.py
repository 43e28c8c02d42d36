"""Calls of Python's builtins, and of objects that TorchScript can't call."""

import ast
import enum
import functools
import types
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.body import Body
from namedtorch.lower.construct import Construct

_INTROSPECTION = frozenset(
    {"vars", "dir", "locals", "globals", "eval", "exec", "compile", "issubclass", "callable", "breakpoint"}
)
_ENDS = frozenset({"iter", "next"})


def _builtin(*names: str) -> Any:
    """Calls of builtins of these names."""

    def match(node: ast.Call, body: Body) -> str | None:
        if isinstance(node.func, ast.Name) and node.func.id in names and node.func.id not in body.locals:
            return node.func.id
        return None

    return match


def _with_key(node: ast.Call, body: Body) -> str | None:
    match node:
        case (
            ast.Call(func=ast.Name(id="sorted" | "max" | "min" as name))
            | ast.Call(func=ast.Attribute(attr="sort" as name))
        ):
            return name if any(one.arg == "key" for one in node.keywords) else None
        case _:
            return None


def _sorted_reverse(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="sorted")) if [one.arg for one in node.keywords] == ["reverse"]:
            return ""
        case _:
            return None


def _made_set(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="set" | "frozenset" as name), args=[_]):
            return name
        case _:
            return None


def _name_in_variable(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="getattr" | "hasattr" as name), args=[_, ast.Constant(), *_]):
            return None
        case ast.Call(func=ast.Name(id="getattr" | "hasattr" as name), args=[_, _, *_]):
            return name
        case _:
            return None


def _type_call(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="type"), args=[inner]):
            parent = body.parent(node)
            return body.text(inner) if isinstance(parent, ast.Compare | ast.Attribute) else None
        case _:
            return None


def _rounded(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="round"), args=[_, _]):
            return ""
        case _:
            return None


def _of_record(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Attribute(attr="_replace" | "_asdict" | "_make" as name)):
            return name
        case _:
            return None


def _itself(node: ast.Call, body: Body) -> str | None:
    """A call of the function that this is, or of its own module."""
    match node.func:
        case ast.Name(id=name) if name == body.receiver and name:
            return name if body.node.name == "forward" else None
        case ast.Name():
            called = body.value(node.func)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == body.receiver and name:
            return body.text(node.func) if attribute == body.node.name else None
        case _:
            return None
    code = getattr(called, "__code__", None)
    return body.text(node.func) if code is not None and code is body.code else None


def _partial(node: ast.Call, body: Body) -> str | None:
    value = body.value(node.func)
    if isinstance(value, functools.partial) and isinstance(value.func, types.FunctionType):
        return body.text(node.func)
    return None


def _callable(node: ast.Call, body: Body) -> str | None:
    value = body.value(node.func)
    plain = (
        type,
        nn.Module,
        types.FunctionType,
        types.MethodType,
        types.BuiltinFunctionType,
        functools.partial,
    )
    if (
        value is Unknown
        or isinstance(value, plain)
        or type(value).__module__.startswith(("torch", "builtins", "numpy"))
    ):
        return None
    call = vars(type(value)).get("__call__")
    return (
        body.text(node.func)
        if isinstance(call, types.FunctionType) and not hasattr(value, "__wrapped__")
        else None
    )


def _enum(node: ast.Call, body: Body) -> str | None:
    value = body.value(node.func)
    return body.text(node.func) if isinstance(value, type) and issubclass(value, enum.Enum) else None


MUTUAL_RECURSION = Construct(
    "mutual-recursion",
    "`{}`, which calls back to here",
    "write a loop",
    says=r"maximum recursion depth exceeded()",
)
PYTHON: tuple[Construct, ...] = (
    Construct(
        "map",
        "`{}`, which takes a function as a value",
        "write a comprehension: `[relu(x) for x in xs]`",
        (ast.Call,),
        _builtin("map", "filter"),
    ),
    Construct(
        "sort-key",
        "`{}` with a `key=`, a function as a value",
        "sort the keys themselves, or a tensor of them: `torch.argsort`",
        (ast.Call,),
        _with_key,
    ),
    Construct(
        "sorted-reverse",
        "`sorted` with `reverse=`",
        "sort, then turn it around: `sorted(values)[::-1]`",
        (ast.Call,),
        _sorted_reverse,
    ),
    Construct(
        "reversed",
        "`{}`, an iterator of Python's",
        "write `values[::-1]`, `range(n - 1, -1, -1)`, or make the modules' list in that order in `__init__`",
        (ast.Call,),
        _builtin("reversed"),
    ),
    Construct("set-call", "`{}(...)`, a set", "write a list, or the keys of a dict", (ast.Call,), _made_set),
    Construct(
        "getattr",
        "`{}` with a name in a variable",
        "write the name as a text, or keep the parts in an nn.ModuleDict and loop over it",
        (ast.Call,),
        _name_in_variable,
    ),
    Construct(
        "setattr",
        "`{}`, of an attribute by its name",
        "write `self.name = value`",
        (ast.Call,),
        _builtin("setattr", "delattr"),
    ),
    Construct(
        "type-call",
        "`type({})`",
        "write `isinstance(value, int)`, or a text in the place of a name",
        (ast.Call,),
        _type_call,
    ),
    Construct(
        "introspection",
        "`{}`, which looks into Python",
        "decide it in `__init__`, or behind `if not torch.jit.is_scripting():`",
        (ast.Call,),
        _builtin(*_INTROSPECTION),
    ),
    Construct(
        "iter",
        "`{}`, an iterator of Python's",
        "write a `for`, or an index: `values[0]`",
        (ast.Call,),
        _builtin(*_ENDS),
    ),
    Construct(
        "repr",
        "`{}`, a text for Python",
        "write `str(value)` or an f-string",
        (ast.Call,),
        _builtin("repr", "format", "ascii"),
    ),
    Construct(
        "input",
        "`{}`, a file or a terminal",
        "read it outside of the graph",
        (ast.Call,),
        _builtin("open", "input"),
    ),
    Construct(
        "round-digits",
        "`round` with a number of digits",
        "write `round(value * 100) / 100`, or `torch.round(x, decimals=2)`",
        (ast.Call,),
        _rounded,
    ),
    Construct(
        "record-method",
        "`.{}`, a method of NamedTuples",
        "make the record anew: `Pair(left=x, right=old.right)`",
        (ast.Call,),
        _of_record,
    ),
    Construct(
        "recursion",
        "`{}` calls itself",
        "write a loop",
        (ast.Call,),
        _itself,
        says=r"(?:function|method) '(\w+)' is called recursively",
    ),
    MUTUAL_RECURSION,
    Construct(
        "partial",
        "`{}`, a functools.partial",
        "write a function with def that calls it",
        (ast.Call,),
        _partial,
    ),
    Construct(
        "callable-object",
        "`{}`, an object that is called",
        "write a function, or a module that `self` holds",
        (ast.Call,),
        _callable,
    ),
    Construct(
        "enum-call",
        "`{}(...)`, a member of an enum by its value",
        "compare with the members: `if key == Mode.SUM.value`",
        (ast.Call,),
        _enum,
        says=r"cannot call a EnumClass()",
    ),
)
