"""Methods of tensors that carry names: with numbers of axes in the place of names, or by the steps of their recipes."""

import ast
from collections.abc import Sequence
from typing import Any, Final

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.agreement import may_be_named, unknown_dims
from namedtorch.erase.facts import constant
from namedtorch.erase.places import Arguments, has_text, numbered
from namedtorch.erase.plain_steps import write_recipe
from namedtorch.erase.site import Site
from namedtorch.erase.turns import turns
from namedtorch.ops.naming import OWNER
from namedtorch.ops.op_rule import Mismatch, OpRule
from namedtorch.ops.table import METHOD, operator_for
from namedtorch.ops.values import Array, Names
from namedtorch.static.interpreter.domain import Val

_FUNCTION: Final = "torch."


def write_method(site: Site[Any]) -> ast.expr | None:
    """A method of a named tensor in plain torch; None where it stays as it is written."""
    node: ast.Call = site.node
    if not isinstance(node.func, ast.Attribute):
        return None
    tensor, name = node.func.value, node.func.attr
    values = site.worth.values(tensor)
    if not may_be_named(values):
        _refuse_unknown(site, tensor, name, values)
        return None
    arguments = [tensor, *node.args]
    own, plain = operator_for(OWNER + name), operator_for(METHOD + name)
    if own is not Unknown:
        if own.recipe is not None:
            made = write_recipe(site, own, arguments, node.keywords)
            if made is not None:
                return made
        else:
            told = constant(site.value(node))
            if told is None:
                raise unknown_dims(tensor, site.value(tensor))
            return told
    if plain is not Unknown:
        found = numbered(site, plain, arguments, node.keywords)
        return None if found is None else _called(found, name)
    function = operator_for(_FUNCTION + name)
    return None if own is not Unknown or function is Unknown else _function(site, function, arguments)


def _called(found: Arguments, name: str) -> ast.expr:
    tensor, *others = found.arguments
    return ast.Call(ast.Attribute(tensor, name, ast.Load()), others, found.keywords)


def _function(site: Site[Any], row: OpRule, arguments: Sequence[ast.expr]) -> ast.expr:
    """A function of torch that is a method of named tensors only."""
    found = numbered(site, row, arguments, site.node.keywords)
    if found is None:
        written = [ast.keyword(one.arg, site.write(one.value)) for one in site.node.keywords]
        found = Arguments([site.write(one) for one in arguments], written)
    torch, _, name = row.name.partition(".")
    return ast.Call(
        ast.Attribute(ast.Name(torch, ast.Load()), name, ast.Load()), found.arguments, found.keywords
    )


# What surely speaks of names


def _refuse_unknown(site: Site[Any], tensor: ast.expr, name: str, values: Sequence[Val]) -> None:
    """Refuses a call that only a named tensor takes, of what may be one. Raises `Unsettled`."""
    unknown = [one for one in values or [Unknown] if one is Unknown or _is_open(one)]
    if not unknown:
        return
    plain = operator_for(METHOD + name)
    if plain is Unknown:
        if operator_for(OWNER + name) is not Unknown:
            raise unknown_dims(tensor, unknown[0])
        return
    for turn in turns(site, [tensor, *site.node.args], site.node.keywords):
        try:
            bound = turn.bound(plain)
        except Mismatch:
            return
        if any(has_text(bound[one]) for one in plain.dims):
            raise unknown_dims(tensor, unknown[0])


def _is_open(value: Val) -> bool:
    return isinstance(value, Array) and value.names not in (Names.ALL, Names.NONE)
