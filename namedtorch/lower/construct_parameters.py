"""Parameters and arguments, and lists whose length TorchScript does not know."""

import ast
from typing import Any

from namedtorch.lower.body import Body
from namedtorch.lower.construct import Construct

_LISTS = frozenset({"unbind", "split", "chunk", "size", "tolist", "split_with_sizes", "tensor_split"})
_TEXT_OF_LIST = "cannot statically infer the expected size of a list"


def _is_list(node: ast.expr | None) -> bool:
    """Whether an expression is surely a list of TorchScript's, whose length it does not know."""
    match node:
        case ast.Attribute(attr="shape") | ast.List() | ast.ListComp() | ast.GeneratorExp():
            return True
        case ast.Call(func=ast.Attribute(attr=name), args=arguments):
            return name in _LISTS and not (name == "size" and arguments)
        case _:
            return False


def _star(node: Any, body: Body) -> str | None:
    return body.text(node.value) if isinstance(node.ctx, ast.Load) and _is_list(node.value) else None


def _star_target(node: ast.Assign, body: Body) -> str | None:
    for target in node.targets:
        if isinstance(target, ast.Tuple | ast.List) and _is_list(node.value):
            for one in target.elts:
                if isinstance(one, ast.Starred):
                    return body.text(one.value)
    return None


def _vararg(node: ast.arg, body: Body) -> str | None:
    return node.arg if body.node.args.vararg is node else None


def _kwarg(node: ast.arg, body: Body) -> str | None:
    return node.arg if body.node.args.kwarg is node else None


def _keyword_default(node: ast.arg, body: Body) -> str | None:
    arguments = body.node.args
    if body.definition.rewritten:
        return None
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if one is node and default is not None:
            return node.arg
    return None


def _positional_only(node: ast.arg, body: Body) -> str | None:
    last = body.node.args.posonlyargs[-1:]
    return node.arg if node in last else None


def default_of(node: ast.arg, body: Body) -> ast.expr | None:
    """The default of a parameter that may be given by position."""
    listed = [*body.node.args.posonlyargs, *body.node.args.args]
    defaults = body.node.args.defaults
    with_default = listed[len(listed) - len(defaults) :]
    return next((default for one, default in zip(with_default, defaults, strict=True) if one is node), None)


def _mutable_default(node: ast.arg, body: Body) -> str | None:
    return node.arg if isinstance(default_of(node, body), ast.List | ast.Dict | ast.Set) else None


def _expansion(node: ast.keyword, body: Body) -> str | None:
    return body.text(node.value) if node.arg is None else None


def _merge(node: ast.Dict, body: Body) -> str | None:
    return "" if None in node.keys else None


def _tuple_of_list(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="tuple"), args=[inner]) if _is_list(inner):
            return body.text(inner)
        case _:
            return None


def _zipped(node: ast.Call, body: Body) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="zip"), args=[ast.Starred(value=inner), *_]):
            return body.text(inner)
        case _:
            return None


PARAMETERS: tuple[Construct, ...] = (
    Construct(
        "star-parameter",
        "the parameter `*{}`, which takes any number of arguments",
        "name every parameter, or take one list: `{}: list[Tensor]`",
        (ast.arg,),
        _vararg,
        parsed=True,
    ),
    Construct(
        "double-star-parameter",
        "the parameter `**{}`, which takes any keyword",
        "name every parameter, or take one dict: `{}: dict[str, Tensor]`",
        (ast.arg,),
        _kwarg,
        parsed=True,
    ),
    Construct(
        "keyword-only-default",
        "the keyword-only parameter `{}` with a default",
        "drop the default, or the `*` before it",
        (ast.arg,),
        _keyword_default,
        parsed=True,
    ),
    Construct(
        "positional-only",
        "positional-only parameters, up to `{}`",
        "drop the `/`",
        (ast.arg,),
        _positional_only,
        parsed=True,
    ),
    Construct(
        "mutable-default",
        "`{}` has a list or dict as its default",
        "let the default be None (`Optional[...] = None`) and make it in the body",
        (ast.arg,),
        _mutable_default,
        says=r"Mutable default parameters are not supported.*parameter (\w+)",
    ),
    Construct(
        "star-argument",
        "`*{}`, a list whose length TorchScript does not know",
        "pass the list itself (`x.view(sizes)`), or name its elements (`sizes[0], sizes[1]`)",
        (ast.Starred,),
        _star,
    ),
    Construct(
        "star-target",
        "the target `*{}`: how many values it takes is not known",
        "take slices of the list: `first, rest = parts[0], parts[1:]`",
        (ast.Assign,),
        _star_target,
    ),
    Construct(
        "tuple-of-list",
        "`tuple({})`, a tuple whose length TorchScript does not know",
        "keep the list: it goes wherever TorchScript takes sizes",
        (ast.Call,),
        _tuple_of_list,
    ),
    Construct(
        "zip-star",
        "`zip(*{})`, over lists whose number TorchScript does not know",
        "name the lists: `zip(pairs[0], pairs[1])`",
        (ast.Call,),
        _zipped,
        says=r"Unexpected starred expansion",
    ),
    Construct(
        "list-length",
        "a list where TorchScript needs to know how many values there are",
        "name the elements (`parts[0], parts[1]`), or pass the list itself without `*`",
        says=_TEXT_OF_LIST,
    ),
    Construct(
        "keyword-expansion",
        "`**{}` in a call",
        "write the arguments out: `dim=0, keepdim=True`",
        (ast.keyword,),
        _expansion,
        parsed=True,
        says=r"keyword-arg expansion is not supported()",
    ),
    Construct(
        "dict-expansion",
        "`**` in a dict",
        "make one dict and call `.update(other)`",
        (ast.Dict,),
        _merge,
        parsed=True,
        says=r"Dict expansion .* is not supported()",
    ),
)
