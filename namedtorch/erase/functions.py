"""Calls of functions that take names, `namedtorch.cat([x, y], "C")`, `F.softmax(x, "C")`, as those of torch."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.agreement import may_be_named
from namedtorch.erase.arguments import Arguments, given_by_name
from namedtorch.erase.evaluation import is_harmless
from namedtorch.erase.factories import HOME, torch_function
from namedtorch.erase.facts import constant, write_fact
from namedtorch.erase.homes import FOREIGN
from namedtorch.erase.places import numbered
from namedtorch.erase.site import Site, Unsettled
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.table import operator_for
from namedtorch.ops.values import Array, Names
from namedtorch.signature.array import NAMED
from namedtorch.static.interpreter.carried import tensors_in
from namedtorch.static.interpreter.definitions import member
from namedtorch.static.interpreter.domain import (
    Bound,
    External,
    Function,
    Instance,
    Iterated,
    Layer,
    Method,
    Super,
    Val,
)

_TORCH: Final = "torch."

_KEPT: Final = (f"{HOME}reveal_dims",)
"""Functions that take what is there, be it named or plain."""

_NAMED: Final = External(NAMED)


def write_function(site: Site[ast.Call]) -> ast.expr | None:
    """A call with numbers in the place of names, of the function of torch that does the same."""
    fact = write_fact(site)
    if fact is not None:
        return fact
    function = site.value(site.node.func)
    if not isinstance(function, External):
        _refuse_unwritten(site, function)
        return None
    if function.name.partition(".")[0] not in FOREIGN and _takes_names(site):
        shown = ast.unparse(site.node.func)
        raise Unsettled(
            site.node.func, f"the source of `{shown}` is not at hand, and it gets a tensor with names",
            "define it by `def`, in a file",
        )  # fmt: skip
    writer = _WRITERS.get(function.name)
    if writer is not None:
        return writer(site) if site.node.args or site.node.keywords else None
    _refuse_passed_on(site)
    _refuse_handed_on(site, function.name)
    row = operator_for(function.name)
    if function.name.startswith(HOME):
        return _of_this_library(site, function.name, row)
    if row is Unknown:
        return None
    return _answer(site) or _numbered(site, site.node.func, row, site.node.args)


def _numbered(
    site: Site[ast.Call], function: ast.expr, row: OpRule, arguments: Sequence[ast.expr]
) -> ast.expr | None:
    found = numbered(site, row, arguments, site.node.keywords)
    return None if found is None else ast.Call(site.write(function), found.arguments, found.keywords)


def _answer(site: Site[ast.Call]) -> ast.expr | None:
    """Whether two tensors are equal, where their names tell that they are not."""
    if any(one is not False for one in site.worth.values(site.node)) or not site.worth.ran(site.node):
        return None
    harmless = all(is_harmless(site, one) for one in Arguments.of(site).all)
    return constant(False) if _takes_names(site) and harmless else None


def _takes_names(site: Site[ast.Call]) -> bool:
    parts = [*site.node.args, *(one.value for one in site.node.keywords)]
    values = [site.value(part.value if isinstance(part, ast.Starred) else part) for part in parts]
    return may_be_named(list(tensors_in(values)))


# Functions of this library


def _of_this_library(site: Site[ast.Call], name: str, row: Any) -> ast.expr | None:
    """A function that torch has as well, but for names. Raises `Unsettled` for one that works with names as it runs."""
    plain = operator_for(_TORCH + name.removeprefix(HOME))
    if isinstance(row, OpRule) and isinstance(plain, OpRule) and _takes_alike(row, plain):
        found = numbered(site, row, site.node.args, site.node.keywords)
        arguments = [site.write(one) for one in site.node.args] if found is None else found.arguments
        keywords = _written(site, site.node.keywords) if found is None else found.keywords
        listed = [_list(site, *pair) for pair in zip(site.node.args, arguments, strict=True)]
        return ast.Call(torch_function(plain.name), listed, keywords)
    if row is Unknown and name not in _KEPT and _takes_names(site):
        raise Unsettled(
            site.node, f"`{name}` reads names while it runs, and plain tensors have none",
            "call it where the program is not lowered, on named tensors",
        )  # fmt: skip
    return None


def _takes_alike(row: OpRule, plain: OpRule) -> bool:
    """Whether a function takes the first parameters of another one, and no others."""
    names = [one.name for one in plain.taken]
    return [one.name for one in row.taken] == names[: len(row.taken)]


def _refuse_passed_on(site: Site[ast.Call]) -> None:
    """Refuses a function of this library in the place of an argument, `partial(namedtorch.zeros, N=2)`.

    Who calls it, and with which names, is not written here. Raises `Unsettled`.
    """
    for one in (*site.node.args, *(keyword.value for keyword in site.node.keywords)):
        if _is_of_this_library(site.value(one)):
            raise Unsettled(
                one, f"`{ast.unparse(one)}` is given to another function, and it gives tensors with names",
                "give it a function of your own, which calls it",
            )  # fmt: skip


def _refuse_unwritten(site: Site[ast.Call], function: Val) -> None:
    """Refuses calls of methods that are not written where they are called. Raises `Unsettled`."""
    func = site.node.func
    match function:
        case Method(receiver=Array(names=Names.ALL | Names.SOME), name=name) if not isinstance(
            func, ast.Attribute
        ):
            raise Unsettled(
                func, f"it is the method `{name}` of a tensor with names, which is not written in the call",
                f"write `x.{name}(...)` where it is called",
            )  # fmt: skip
        case Method(receiver=Super() | Instance() | Layer(), name="__call__") if _takes_names(site):
            raise Unsettled(
                func, f"what `{ast.unparse(func)}` runs is not followed, and it gets a tensor with names",
                "call `forward`, or the module itself",
            )  # fmt: skip
        case _:
            pass


def _kind(site: Site[ast.Call]) -> ast.expr | None:
    """`type(x)` is another class for a plain tensor. Raises `Unsettled`."""
    if _takes_names(site):
        raise Unsettled(
            site.node, f"`{ast.unparse(site.node)}` is NamedTensor, and in plain torch it is Tensor",
            "ask by `isinstance(x, NamedTensor)`",
        )  # fmt: skip
    return None


def _refuse_handed_on(site: Site[ast.Call], name: str) -> None:
    """Refuses to give code of the user's, and tensors with names, to a function that nobody can look into.

    Who calls that code, and with what, is not written here. Raises `Unsettled`.
    """
    if site.value(site.node) is not Unknown or not _takes_names(site):
        return
    for one in (*site.node.args, *(keyword.value for keyword in site.node.keywords)):
        match site.value(one):
            case Function() | Bound():
                is_code = True
            case Instance(kind=kind):
                is_code = member(kind, "forward") is not None
            case _:
                is_code = False
        if is_code:
            raise Unsettled(
                one, f"`{ast.unparse(one)}` is given to `{name}`, which calls it, and it takes tensors with names",
                "call it here, or let that function call one of your own that takes plain tensors",
            )  # fmt: skip


def _is_of_this_library(value: Val) -> bool:
    return (
        isinstance(value, External)
        and value.name.startswith(HOME)
        and operator_for(value.name) is not Unknown
    )


def _written(site: Site[ast.Call], keywords: Sequence[ast.keyword]) -> list[ast.keyword]:
    return [ast.keyword(one.arg, site.write(one.value)) for one in keywords]


def _list(site: Site[ast.Call], part: ast.expr, made: ast.expr) -> ast.expr:
    """Tensors as a list, which torch takes; functions of this library take all that can be run through."""
    if isinstance(made, ast.GeneratorExp):
        return ast.ListComp(made.elt, made.generators)
    if isinstance(site.value(part), Iterated):
        return ast.Call(ast.Name("list", ast.Load()), [made], [])
    return made


def _stack(site: Site[ast.Call]) -> ast.expr | None:
    """The new dim is at its place, in front unless that is said."""
    if not Arguments.of(site).fit(operator_for(f"{HOME}stack")):
        return None
    given = given_by_name(site, ("tensors", "dim", "place"))
    tensors, dim, place = given["tensors"], given.get("dim"), given.get("place")
    listed = _list(site, tensors, site.write(tensors))
    if dim is not None and not isinstance(site.value(dim), str):
        place = dim
    in_front = place is None or (isinstance(place, ast.Constant) and place.value == 0)
    keywords = [] if place is None or in_front else [ast.keyword("dim", site.write(place))]
    return ast.Call(torch_function("torch.stack"), [listed], keywords)


def _called(site: Site[ast.Call]) -> ast.expr:
    """`namedtorch.call(f, x, dim="T")` is `f(x, dim=1)`."""
    if not site.node.args or isinstance(site.node.args[0], ast.Starred):
        raise Unsettled(
            site.node, "which function is called is not written here", "write it in the first place"
        )
    function, *arguments = site.node.args
    named = site.value(function)
    row = operator_for(named.name) if isinstance(named, External) else Unknown
    made = None if row is Unknown else _numbered(site, function, row, arguments)
    if made is not None:
        return made
    written = [site.write(one) for one in arguments]
    return ast.Call(site.write(function), written, _written(site, site.node.keywords))


def _crossing(site: Site[ast.Call]) -> ast.expr:
    """A function or a module of plain tensors is what it was before it took named ones."""
    given = Arguments.of(site)
    return site.write(given.all[0])


def _is_instance(site: Site[ast.Call]) -> ast.expr | None:
    """Of a tensor with names, Python tells otherwise than of the plain one; and none has any in plain torch."""
    if len(site.node.args) != 2:
        return None
    value, kinds = site.node.args
    asked = site.value(kinds)
    if not may_be_named(site.worth.values(value)) and _NAMED not in (
        asked if isinstance(asked, tuple) else (asked,)
    ):
        return None
    return constant(site.value(site.node)) if is_harmless(site, site.node) else None


_WRITERS: Final[Mapping[str, Callable[[Site[ast.Call]], ast.expr | None]]] = {
    f"{HOME}call": _called,
    f"{HOME}stack": _stack,
    f"{HOME}named_function": _crossing,
    f"{HOME}named_module": _crossing,
    "builtins.isinstance": _is_instance,
    "builtins.type": _kind,
}
