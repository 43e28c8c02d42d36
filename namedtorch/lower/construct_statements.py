"""Statements that TorchScript has no form for."""

import ast
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.body import Body, TypeComment
from namedtorch.lower.construct import Construct, always

_SIGNS = {ast.FloorDiv: "//=", ast.MatMult: "@="}
_FLAG = "note in a flag whether the loop ran to its end"


def _named(node: Any, body: Body) -> str | None:
    return node.name


def _otherwise(node: Any, body: Body) -> str | None:
    return "" if node.orelse else None


def _deleted(node: ast.Delete, body: Body) -> str | None:
    return next((body.text(one) for one in node.targets if isinstance(one, ast.Attribute)), None)


def _bare(node: ast.Raise, body: Body) -> str | None:
    return "" if node.exc is None else None


def _without_value(node: ast.AnnAssign, body: Body) -> str | None:
    return body.text(node.target) if node.value is None else None


def _on_attribute(node: ast.AnnAssign, body: Body) -> str | None:
    match node.target:
        case ast.Attribute(value=ast.Name(id="self")) if node.value is not None:
            return body.text(node.target)
        case _:
            return None


def _augmented(node: ast.AugAssign, body: Body) -> str | None:
    return _SIGNS.get(type(node.op))


def _left_loop(node: Any, body: Body) -> str | None:
    loop = body.parent(node)
    while loop is not None and not isinstance(loop, ast.For | ast.While):
        loop = body.parent(loop)
    if not isinstance(loop, ast.For):
        return None
    held = body.held(looped(loop.iter))
    if not any(isinstance(one, nn.ModuleList | nn.Sequential | nn.ModuleDict) for one in held):
        return None
    return "break" if isinstance(node, ast.Break) else "continue"


def looped(node: ast.expr) -> ast.expr:
    """What a loop runs over, under `enumerate`, `zip`, and `.items()`."""
    match node:
        case ast.Call(func=ast.Name(id="enumerate" | "zip"), args=[inner, *_]):
            return looped(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr="items" | "values" | "keys"), args=[]):
            return inner
        case _:
            return node


def _context(node: ast.With, body: Body) -> str | None:
    for item in node.items:
        called = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
        value = body.value(called)
        if value is Unknown:
            continue
        home = str(getattr(value, "__module__", ""))
        if home == "contextlib" or home == "warnings":
            return body.text(called)
        if getattr(getattr(value, "__wrapped__", None), "__code__", None) is not None and _makes_context(
            value
        ):
            return body.text(called)
    return None


def _makes_context(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.endswith("contextlib.py")


def _comment(node: TypeComment, body: Body) -> str | None:
    return node.text


STATEMENTS: tuple[Construct, ...] = (
    Construct(
        "match",
        "`match`",
        "write `if` and `elif`",
        (ast.Match,),
        always,
        parsed=True,
        says=r"^Match aren't supported()",
    ),
    Construct(
        "try",
        "`try`",
        "test for the case with `if` before it fails",
        (ast.Try, ast.TryStar),
        always,
        parsed=True,
        says=r"^(?:try blocks|TryStar) aren't supported()",
    ),
    Construct(
        "inner-function",
        "`{}`, a function defined inside of a function",
        "move it to the top of the file, and pass it what it reads",
        (ast.FunctionDef,),
        lambda node, body: None if node is body.node else node.name,
        parsed=True,
        says=r"^function definitions aren't supported()",
    ),
    Construct(
        "inner-class",
        "`{}`, a class defined inside of a function",
        "move it to the top of the file",
        (ast.ClassDef,),
        _named,
        parsed=True,
        says=r"^class definitions aren't supported()",
    ),
    Construct(
        "no-plain-function",
        "a lambda or an `async def`",
        "write a plain function with def at the top of the file",
        says=r"Expected a single top-level function",
    ),
    Construct(
        "import",
        "an import inside of a function",
        "import at the top of the file",
        (ast.Import, ast.ImportFrom),
        always,
        parsed=True,
        says=r"^import statements aren't supported()",
    ),
    Construct(
        "global",
        "`global`",
        "keep the value in an attribute of the module, or pass it in and return it",
        (ast.Global,),
        always,
        parsed=True,
        says=r"^global variables aren't supported()",
    ),
    Construct(
        "nonlocal",
        "`nonlocal`",
        "keep the value in an attribute of the module, or pass it in and return it",
        (ast.Nonlocal,),
        always,
        parsed=True,
        says=r"^nonlocal variables aren't supported()",
    ),
    Construct(
        "loop-else",
        "a loop with `else`",
        f"{_FLAG} and test it behind the loop",
        (ast.For, ast.While),
        _otherwise,
        parsed=True,
        says=r"^else branches of for loops aren't supported()",
    ),
    Construct(
        "unrolled-exit",
        "`{}` in a loop over modules, which TorchScript unrolls",
        "put the rest of the loop's body under an `if` instead",
        (ast.Break, ast.Continue),
        _left_loop,
        says=r"we do not support (break) or continue inside the body of these loops",
    ),
    Construct(
        "delete-attribute",
        "`del {}`",
        "leave it: the attributes of a module stay in TorchScript",
        (ast.Delete,),
        _deleted,
        says=r"^del statements are only supported for()",
    ),
    Construct(
        "bare-raise",
        "`raise` without an exception",
        'name the exception: `raise ValueError("...")`',
        (ast.Raise,),
        _bare,
        parsed=True,
    ),
    Construct(
        "annotation-alone",
        "`{}` is annotated without a value",
        "give it its first value on the same line",
        (ast.AnnAssign,),
        _without_value,
        parsed=True,
        says=r"^annotated assignments without assigned value()",
    ),
    Construct(
        "annotated-attribute",
        "`{}` is annotated outside of `__init__`",
        "annotate it in `__init__`, or in the body of the class",
        (ast.AnnAssign,),
        _on_attribute,
        parsed=True,
        says=r"^Type annotations on instance attributes must be declared()",
    ),
    Construct(
        "augmented-operator",
        "`{}`, an assignment that TorchScript does not have",
        "write it out: `a = a // b`, `a = a @ b`",
        (ast.AugAssign,),
        _augmented,
        parsed=True,
    ),
    Construct(
        "slice-of-list",
        "a slice of a list as a target",
        "assign the elements one by one, or make a new list: `values + others[1:]`",
        says=r"Sliced expression not yet supported for subscripted assignment",
    ),
    Construct(
        "context",
        "`with {}`",
        "enter it around the call of the model, outside of the graph",
        (ast.With,),
        _context,
    ),
    Construct(
        "unknown-context",
        "this `with`",
        "enter it around the call of the model, outside of the graph",
        says=r"With item expression must return an object",
    ),
    Construct(
        "type-comment",
        "the comment `{}`, which torch reads as the types of the function",
        "annotate the variable: `values: list[int] = []`",
        (TypeComment,),
        _comment,
        parsed=True,
        spreads=True,
        says=r"^expected type comment but found()",
    ),
)
