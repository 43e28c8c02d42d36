"""Expressions that TorchScript has no form for."""

import ast
from typing import Any

from namedtorch.lower.body import Body
from namedtorch.lower.construct import Construct, always


def _walrus(node: ast.NamedExpr, body: Body) -> str | None:
    return body.text(node.target)


def _filtered(node: Any, body: Body) -> str | None:
    return "" if any(one.ifs for one in node.generators) else None


def _nested(node: Any, body: Body) -> str | None:
    return "" if len(node.generators) > 1 else None


def _super(node: ast.Call, body: Body) -> str | None:
    match node.func:
        case ast.Name(id="super"):
            parent = body.parent(node)
            return parent.attr if isinstance(parent, ast.Attribute) else ""
        case _:
            return None


def _format(node: ast.FormattedValue, body: Body) -> str | None:
    if node.format_spec is None or node.conversion != -1:
        return None
    return ast.unparse(node.format_spec).removeprefix("f").strip("'\"")


def _conversion(node: ast.FormattedValue, body: Body) -> str | None:
    return "" if node.conversion != -1 else None


def _plus(node: ast.UnaryOp, body: Body) -> str | None:
    return "" if isinstance(node.op, ast.UAdd) else None


def _bytes(node: ast.Constant, body: Body) -> str | None:
    return "" if isinstance(node.value, bytes) else None


def _print(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="print"), keywords=[ast.keyword(arg=str(name)), *_]):
            return name
        case _:
            return None


EXPRESSIONS: tuple[Construct, ...] = (
    Construct(
        "walrus",
        "`{} := ...`, an assignment inside of an expression",
        "assign on a line of its own",
        (ast.NamedExpr,),
        _walrus,
        parsed=True,
        says=r"^NamedExpr aren't supported()",
    ),
    Construct(
        "lambda",
        "a lambda",
        "write a function with def at the top of the file and call it",
        (ast.Lambda,),
        always,
        parsed=True,
        says=r"^Lambda aren't supported()",
    ),
    Construct(
        "yield",
        "`yield`",
        "append to a list and return it",
        (ast.Yield, ast.YieldFrom),
        always,
        parsed=True,
        says=r"^Yield(?:From)? aren't supported()",
    ),
    Construct(
        "comprehension-if",
        "a comprehension with `if`",
        "write a loop with `if` that appends",
        (ast.ListComp, ast.DictComp, ast.GeneratorExp),
        _filtered,
        parsed=True,
        says=r"^Comprehension ifs are not supported()",
    ),
    Construct(
        "comprehension-twice",
        "a comprehension with two `for`",
        "write one loop inside of the other",
        (ast.ListComp, ast.DictComp, ast.GeneratorExp),
        _nested,
        parsed=True,
        says=r"^Only a single generator is currently supported()",
    ),
    Construct(
        "set",
        "a set",
        "write a list, or the keys of a dict",
        (ast.Set, ast.SetComp),
        always,
        parsed=True,
        says=r"^Set(?:Comp)? aren't supported()",
    ),
    Construct(
        "super",
        "`super()`",
        "give what the base class does a name of its own there, and call `self.that_name(...)`",
        (ast.Call,),
        _super,
    ),
    Construct(
        "f-string-format",
        "a format in an f-string: `:{}`",
        "write `{value}` without a format",
        (ast.FormattedValue,),
        _format,
        parsed=True,
        says=r"^Don't support formatting in JoinedStr()",
    ),
    Construct(
        "f-string-conversion",
        "`!r`, `!s` or `=` in an f-string",
        "write `{value}` without it",
        (ast.FormattedValue,),
        _conversion,
        parsed=True,
        says=r"^Don't support conversion in JoinedStr()",
    ),
    Construct("unary-plus", "a `+` before a value", "drop it", (ast.UnaryOp,), _plus, parsed=True),
    Construct(
        "bytes",
        "bytes",
        "write a str, or a tensor of torch.uint8",
        (ast.Constant,),
        _bytes,
        parsed=True,
        says=r"^Unknown Constant expression type()",
    ),
    Construct(
        "print-option",
        "`print` with `{}=`",
        'print one text: `print(f"{a} {b}")`',
        (ast.Call,),
        _print,
        says=r"print doesn't accept any keyword arguments()",
    ),
)
