"""Calls of NumPy, of Python's library, and of what torch offers to Python only."""

import ast
import functools
import types
from typing import Any

import torch

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.body import Body
from namedtorch.lower.construct import Construct
from namedtorch.lower.torchscript import is_builtin

_OUTSIDE = "do it outside of the graph, and pass in what comes of it"


def _library(*names: str) -> Any:
    """Calls of functions out of modules of these names."""

    def match(node: ast.Call, body: Body) -> str | None:
        root = node.func
        while isinstance(root, ast.Attribute):
            root = root.value
        value = body.value(root)
        if isinstance(value, types.ModuleType):
            home = value.__name__
        else:
            # A function, a class, or an object that such a module made: a logger.
            home = getattr(value, "__module__", None) or type(value).__module__
            home = type(getattr(value, "__self__", None)).__module__ if home in (None, "builtins") else home
        if value is Unknown or not isinstance(home, str):
            return None
        return body.text(node.func) if home.partition(".")[0].lstrip("_") in names else None

    return match


def _numpy_method(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Attribute(attr="numpy" | "__array__" as name), args=[]):
            return name
        case _:
            return None


def _untyped_list(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="tolist"), args=[]):
            parent = body.parent(node)
            return None if isinstance(parent, ast.AnnAssign) else body.text(inner)
        case _:
            return None


def _of_dtype(node: ast.Attribute, body: Body) -> str | None:
    match node:
        case ast.Attribute(
            value=ast.Attribute(attr="dtype"), attr="is_floating_point" | "is_complex" as name
        ):
            return name
        case _:
            return None


def _of_shape(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(value=inner, attr="shape"), attr="numel")):
            return body.text(inner)
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Attribute(value=inner, attr="size"), args=[]), attr="numel"
            )
        ):
            return body.text(inner)
        case _:
            return None


def _c_function(node: ast.Call, body: Body) -> str | None:
    value = body.value(node.func)
    if not isinstance(value, types.BuiltinFunctionType) or is_builtin(value):
        return None
    return body.text(node.func) if value.__module__ in ("math", "_operator") else None


def _torch_name(*names: str) -> Any:
    def match(node: ast.Call, body: Body) -> str | None:
        value = body.value(node.func)
        known = [getattr(torch, name) for name in names]
        return body.text(node.func) if any(value is one for one in known) else None

    return match


def _checkpointed(node: ast.Call, body: Body) -> str | None:
    value = body.value(node.func)
    home = getattr(value, "__module__", None)
    return body.text(node.func) if home == "torch.utils.checkpoint" else None


LIBRARY_FUNCTION = Construct(
    "library-function",
    "{}, Python that TorchScript can't compile",
    "write it with operators that it has, or call it outside of the graph",
)
LIBRARIES: tuple[Construct, ...] = (
    Construct(
        "numpy",
        "`{}`, of NumPy",
        "write it with torch, or compute it in `__init__`",
        (ast.Call,),
        _library("numpy"),
    ),
    Construct(
        "numpy-method",
        "`.{}()`: TorchScript has no arrays of NumPy",
        "stay with tensors",
        (ast.Call,),
        _numpy_method,
    ),
    Construct(
        "tolist",
        "`{}.tolist()` without a type",
        "annotate what it is assigned to: `values: list[float] = x.tolist()`",
        (ast.Call,),
        _untyped_list,
        says=r"Expected type hint for result of tolist\(\)()",
    ),
    Construct(
        "random",
        "`{}`, a random number of Python's",
        "draw it with torch: `torch.rand(1).item()`, `torch.randint(0, 5, (1,)).item()`",
        (ast.Call,),
        _library("random"),
    ),
    Construct(
        "time",
        "`{}`, the clock",
        "measure around the call of the model, outside of the graph",
        (ast.Call,),
        _library("time", "datetime"),
    ),
    Construct(
        "system",
        "`{}`, the system",
        "read it in `__init__`, and keep it in an attribute",
        (ast.Call,),
        _library("os", "sys", "posix", "pathlib", "subprocess", "shutil"),
    ),
    Construct(
        "logging",
        "`{}`, logging",
        "write `print(...)`, or log outside of the graph",
        (ast.Call,),
        _library("logging"),
    ),
    Construct(
        "copy",
        "`{}`, a copy of Python's",
        "write `x.clone()` for a tensor, `values[:]` for a list",
        (ast.Call,),
        _library("copy"),
    ),
    Construct(
        "iterator",
        "`{}`, an iterator of Python's",
        "write the loops out",
        (ast.Call,),
        _library("itertools"),
    ),
    Construct(
        "reduce",
        "`{}`, which takes a function as a value",
        "write a loop that keeps the result in a variable",
        (ast.Call,),
        lambda node, body: body.text(node.func) if body.value(node.func) is functools.reduce else None,
    ),
    Construct(
        "library",
        "`{}`, of Python's library",
        _OUTSIDE,
        (ast.Call,),
        _library(
            "json",
            "re",
            "pickle",
            "uuid",
            "statistics",
            "csv",
            "struct",
            "hashlib",
            "textwrap",
            "heapq",
            "bisect",
        ),
    ),
    Construct(
        "einops",
        "`{}`, of einops, with what lowering does not know",
        "write the pattern, and a reduction, as texts in the call; where `...` is not in front on both sides, give the "
        'parameter its dims: `x: Float[Tensor, "N C H W"]`',
        (ast.Call,),
        _library("einops"),
    ),
    Construct(
        "math",
        "`{}`, a function of C that TorchScript does not know",
        "write it with operators, or with torch (`torch.tensor(sizes).prod()`)",
        (ast.Call,),
        _c_function,
    ),
    Construct(
        "dtype-property",
        "`.dtype.{}`",
        "write `x.{}()`, of the tensor",
        (ast.Attribute,),
        _of_dtype,
    ),
    Construct("shape-numel", "`{}.shape.numel()`", "write `{}.numel()`", (ast.Call,), _of_shape),
    Construct(
        "torch-number",
        "`{}`, which tells limits of numbers to Python only",
        "read it in `__init__`: `self.lowest = torch.finfo(torch.float32).min`",
        (ast.Call,),
        _torch_name("finfo", "iinfo", "get_default_dtype"),
    ),
    Construct(
        "torch-tensor-class",
        "`{}(...)`, a class",
        "write `torch.tensor([...])` or `torch.zeros(...)`",
        (ast.Call,),
        _torch_name("Tensor"),
    ),
    Construct(
        "is-tensor",
        "`{}`, a test for Python",
        "write `isinstance(x, torch.Tensor)`",
        (ast.Call,),
        _torch_name("is_tensor"),
    ),
    Construct(
        "grad-mode",
        "`{}`, which TorchScript does not have",
        "write `torch.no_grad()`, or set it around the call of the model",
        (ast.Call,),
        _torch_name("enable_grad", "inference_mode", "set_grad_enabled"),
    ),
    Construct(
        "checkpoint",
        "`{}`, which saves memory in training",
        "call the module itself if `torch.jit.is_scripting()`, and `{}` otherwise",
        (ast.Call,),
        _checkpointed,
    ),
    LIBRARY_FUNCTION,
)
