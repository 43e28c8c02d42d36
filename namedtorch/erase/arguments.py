"""The arguments of a call as they are written, one by one, and put in another order."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.erase.evaluation import in_order, is_harmless
from namedtorch.erase.facts import number
from namedtorch.erase.site import Site, Unsettled
from namedtorch.ops.op_rule import Mismatch, OpRule, bound_arguments
from namedtorch.static.interpreter.domain import DictValue, Val
from namedtorch.static.interpreter.plain import items_of


@dataclass(frozen=True, slots=True)
class Arguments:
    """The expressions that a call gives by place, and those that it gives by keyword, in the order of writing."""

    by_place: tuple[ast.expr, ...]
    by_name: Mapping[str, ast.expr]

    @staticmethod
    def of(site: Site[ast.Call]) -> "Arguments":
        """Those of a call; what stars spread is taken apart. Raises `Unsettled` where nothing tells what that is."""
        by_place: list[ast.expr] = []
        for one in site.node.args:
            by_place += _spread(site, one.value) if isinstance(one, ast.Starred) else [one]
        by_name: dict[str, ast.expr] = {}
        for keyword in site.node.keywords:
            by_name |= _entries(site, keyword.value) if keyword.arg is None else {keyword.arg: keyword.value}
        return Arguments(tuple(by_place), by_name)

    def fit(self, row: OpRule | UnknownType) -> bool:
        """Whether these are arguments of a row: any others are refused where the code runs."""
        try:
            taken = () if row is Unknown else row.taken
            bound_arguments(taken, [None] * len(self.by_place), dict.fromkeys(self.by_name))
        except Mismatch:
            return False
        return True

    @property
    def all(self) -> tuple[ast.expr, ...]:
        """All expressions, as they are evaluated."""
        return (*self.by_place, *self.by_name.values())


def given_by_name(site: Site[ast.Call], parameters: Sequence[str]) -> dict[str, ast.expr]:
    """The arguments of a call by the names of the parameters that they are given for."""
    given = Arguments.of(site)
    return dict(zip(parameters, given.by_place, strict=False)) | dict(given.by_name)


def value_of(site: Site[Any], node: ast.expr) -> Val:
    """What an expression is worth, be it the user's or a text that was made."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case _:
            return site.value(node)


def written(site: Site[Any], parts: Sequence[ast.expr], used: Sequence[ast.expr]) -> dict[ast.expr, ast.expr]:
    """The `used` ones of some `parts` in plain torch, as they will be evaluated; the parts are in the order of writing.

    One that is left out, and may do more than give its value, is evaluated in front of the statement.
    """
    left = [one for one in parts if one not in used and not is_harmless(site, one)]
    evaluated = [*left, *used]
    listed = [one for one in parts if one in evaluated]
    found = in_order(site, listed, [listed.index(one) for one in evaluated])
    made = dict(zip(listed, found, strict=True))
    for one in left:
        site.name(made.pop(one), one)
    return made


def _spread(site: Site[ast.Call], sequence: ast.expr) -> list[ast.expr]:
    items = items_of(site.value(sequence))
    if items is Unknown:
        raise Unsettled(
            sequence, f"how many arguments `*{ast.unparse(sequence)}` gives is not known", "write them one by one"
        )  # fmt: skip
    _refuse_twice(site, sequence)
    return [ast.Subscript(sequence, number(place), ast.Load()) for place in range(len(items))]


def _entries(site: Site[ast.Call], mapping: ast.expr) -> dict[str, ast.expr]:
    value = site.value(mapping)
    if not isinstance(value, DictValue) or value.is_open:
        raise Unsettled(
            mapping, f"which keywords `**{ast.unparse(mapping)}` gives is not known", "write them one by one"
        )  # fmt: skip
    _refuse_twice(site, mapping)
    return {name: ast.Subscript(mapping, ast.Constant(name), ast.Load()) for name in value.entries}


def _refuse_twice(site: Site[ast.Call], node: ast.expr) -> None:
    """Refuses to evaluate more than once what may do more than give its value. Raises `Unsettled`."""
    if not is_harmless(site, node):
        raise Unsettled(
            node, f"what `{ast.unparse(node)}` gives is needed part by part, and it may be run once only",
            "assign it to a variable of its own first",
        )  # fmt: skip
