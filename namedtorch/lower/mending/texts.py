"""f-strings with formats, and `print` with options."""

import ast
import re
from typing import Any

from namedtorch.lower.mending.scripted import zero_filled
from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure
from namedtorch.lower.mending.writing import constant, expression

_EXACT = ("int", "str")
_FORMAT = re.compile(r"(?P<align>[<>])?(?P<zero>0)?(?P<width>\d+)?(?P<kind>[ds])?$")


def formatted(node: ast.JoinedStr, walk: Walk) -> ast.expr | None:
    """An f-string without formats: numbers and texts are brought to their width before.

    In the message of an error, a format that TorchScript can't follow is left out.
    """
    if not any(
        isinstance(one, ast.FormattedValue) and (one.conversion != -1 or one.format_spec is not None)
        for one in node.values
    ):
        return None
    message = isinstance(walk.statement, ast.Raise | ast.Assert)
    values: list[Any] = []
    for one in node.values:
        if isinstance(one, ast.FormattedValue):
            value = _value(one, walk, message)
            values.append(ast.copy_location(ast.FormattedValue(value, -1, None), one))
        else:
            values.append(one)
    return ast.copy_location(ast.JoinedStr(values), node)


def _value(node: ast.FormattedValue, walk: Walk, message: bool) -> ast.expr:
    kind = walk.type_of(node.value)
    if (
        node.conversion != -1
        and not message
        and not (kind == "int" or (kind == "str" and node.conversion == ord("s")))
    ):
        raise NotSure
    if node.format_spec is None:
        return node.value
    spec = _constant(node.format_spec)
    found = _FORMAT.match(spec) if spec is not None else None
    if found is None or kind not in _EXACT or (kind == "str" and (found["kind"] == "d" or found["zero"])):
        if message:
            return node.value
        raise NotSure
    if found["width"] is None:
        return node.value
    width = constant(int(found["width"]), node)
    if found["zero"] and not found["align"]:
        called = walk.work.mention(zero_filled, "zero_filled", node)
        return expression("called(value, width)", node, called=called, value=node.value, width=width)
    if found["zero"]:
        raise NotSure
    side = found["align"] or ("<" if kind == "str" else ">")
    text = "value" if kind == "str" else "str(value)"
    method = "ljust" if side == "<" else "rjust"
    return expression(f"{text}.{method}(width)", node, value=node.value, width=width)


def _constant(node: ast.expr) -> str | None:
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str(text))]):
            return text
        case ast.JoinedStr(values=[]):
            return ""
        case _:
            return None


def formatted_by_method(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`"{:03d}".format(n)`: the f-string that it is, where its fields are in order."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"), args=args, keywords=[]
        ):
            if not re.search(r"\{[:!]", text) or any(isinstance(one, ast.Starred) for one in args):
                return None
        case _:
            return None
    pieces = re.split(r"(\{(?:![rs])?(?::[^{}]*)?\})", text)
    if "{" in "".join(pieces[::2]) or "}" in "".join(pieces[::2]) or len(pieces) // 2 != len(args):
        return None
    values: list[Any] = []
    given = iter(args)
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            if piece:
                values.append(constant(piece, node))
            continue
        body = piece[1:-1]
        conversion, _, spec = body.partition(":")
        shape = ast.copy_location(ast.JoinedStr([constant(spec, node)]), node) if spec else None
        code = ord(conversion[1]) if conversion else -1
        values.append(ast.copy_location(ast.FormattedValue(next(given), code, shape), node))
    return formatted(ast.copy_location(ast.JoinedStr(values), node), walk)


def printed(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`print` without options that change nothing, and with one text for a separator of its own."""
    if not isinstance(node.func, ast.Name) or walk.work.value(node.func) is not print or not node.keywords:
        return None
    options = {one.arg: one.value for one in node.keywords}
    if not all(isinstance(one, ast.Constant) for one in options.values()) or None in options:
        return None
    given = {key: value.value for key, value in options.items() if isinstance(value, ast.Constant)}
    if (
        given.get("end") not in (None, "\n")
        or given.get("file") is not None
        or not given.keys() <= {"sep", "end", "file", "flush"}
    ):
        return None
    separator = given.get("sep")
    if separator in (None, " ") or len(node.args) < 2:
        return ast.copy_location(ast.Call(node.func, node.args, []), node)
    if not all(walk.type_of(one) in _EXACT for one in node.args) or not isinstance(separator, str):
        raise NotSure
    if "{" in separator or "}" in separator:
        raise NotSure
    values: list[Any] = []
    for one in node.args:
        values += [constant(separator, node)] if values else []
        values.append(ast.copy_location(ast.FormattedValue(one, -1, None), one))
    text = ast.copy_location(ast.JoinedStr(values), node)
    return ast.copy_location(ast.Call(node.func, [text], []), node)
