"""`Turn`: the arguments of a call as its row reads them, one of the times that it was made."""

import ast
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.agreement import dims_text, unknown_dims
from namedtorch.erase.site import Site, Unsettled
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.values import Array, Names, Value
from namedtorch.static.interpreter.domain import DictValue, Maybe, Val
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.plain import as_rule_value, items_of

_MOST: Final = 64
"""So many combinations of values are looked at; of more, what is known of each argument together."""

_LONGEST: Final = 40
"""An expression of more characters is not quoted."""

_OUT: Final = "out"
"""The keyword that says where a result goes, which rows do not speak of."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The values of the arguments, in their order, and by keyword."""

    arguments: tuple[Value, ...]
    keywords: Mapping[str, Value]

    def bound(self, row: OpRule) -> dict[str, Value]:
        """The arguments by the parameters of a row. Raises `Mismatch`."""
        return row.bind(self.arguments, self.keywords)

    def call(self, row: OpRule) -> Call:
        """The call that a row reads. Raises `Mismatch`."""
        return Call(self.bound(row), Plain())


def _as_it_is(part: ast.expr, value: Val) -> Value:
    del part
    return as_rule_value(value)


def turns(
    site: Site[Any],
    arguments: Sequence[ast.expr],
    keywords: Sequence[ast.keyword],
    read: Callable[[ast.expr, Val], Value] = _as_it_is,
) -> Iterator[Turn]:
    """What a call was given, for every combination of what its arguments were worth.

    `read` makes of an argument what rules read. One with a star counts for as many as it holds; raises `Unsettled`
    where nobody knows how many these are.
    """
    parts = [*arguments, *(one.value for one in keywords if one.arg != _OUT)]
    names = [one.arg for one in keywords if one.arg != _OUT]
    choices = [_worths(site, part) for part in parts]
    if prod(map(len, choices)) > _MOST:
        choices = [[site.value(part.value if isinstance(part, ast.Starred) else part)] for part in parts]
    for chosen in itertools.product(*choices):
        listed: list[Value] = []
        for part, value in zip(arguments, chosen[: len(arguments)], strict=True):
            listed += _spread(part, value) if isinstance(part, ast.Starred) else [read(part, value)]
        given: dict[str, Value] = {}
        for name, part, value in zip(names, parts[len(arguments) :], chosen[len(arguments) :], strict=True):
            if name is None:
                given |= _spread_pairs(part, value)
            else:
                given[name] = read(part, value)
        yield Turn(tuple(listed), given)


def _worths(site: Site[Any], part: ast.expr) -> Sequence[Val]:
    """The values that a part had, each once; of tensors that differ in sizes only, what is known of all of them.

    Which sizes belong to which of another argument's is not known.
    """
    found: list[Val] = []
    for held in site.worth.values(part.value if isinstance(part, ast.Starred) else part):
        one = held.value if isinstance(held, Maybe) else held
        place = next((place for place, other in enumerate(found) if _are_alike(one, other)), None)
        if place is None:
            found.append(one)
        else:
            found[place] = join(found[place], one)
    return found or [Unknown]


def _are_alike(one: Val, other: Val) -> bool:
    if isinstance(one, Array) and isinstance(other, Array):
        return one.names is other.names and _carried(one) == _carried(other)
    return as_rule_value(one) == as_rule_value(other)


def _carried(value: Array) -> list[object]:
    return [axis.carried if isinstance(axis, Axis) else axis for axis in value.shape.axes]


def _spread(part: ast.Starred, value: Val) -> list[Value]:
    items = items_of(value)
    if items is Unknown:
        raise Unsettled(
            part, f"it is not known what `{ast.unparse(part)}` stands for",
            "write the arguments one by one",
        )  # fmt: skip
    return [as_rule_value(one) for one in items]


def _spread_pairs(part: ast.expr, value: Val) -> dict[str, Value]:
    if not isinstance(value, DictValue) or value.is_open:
        raise Unsettled(
            part, f"it is not known what `**{ast.unparse(part)}` stands for", "write the keywords one by one"
        )
    return {name: as_rule_value(one) for name, one in value.entries.items()}


def unsettled(site: Site[Any], misfit: Misfit | None, tensors: Sequence[ast.expr]) -> Unsettled:
    """Why a row does not tell what a call of these tensors means: it refuses the call, or their dims are not known."""
    for part in tensors:
        for value in site.worth.values(part) or [Unknown]:
            known = isinstance(value, Array) and value.names in (Names.ALL, Names.NONE)
            if not known or (isinstance(value, Array) and value.shape.rest is not Unknown):
                return unknown_dims(part, value)
    if misfit is not None:
        return Unsettled(site.node, misfit.detail, misfit.help)
    for one in _told(site.node):
        if as_rule_value(site.value(one)) is Unknown:
            return unknown_argument(site, one)
    return Unsettled(site.node, "its arguments do not tell what it does to the dims", "write numbers of dims")


def _told(node: Any) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (one.value if isinstance(one, ast.Starred) else one for one in node.args)
        yield from (one.value for one in node.keywords)


def unknown_argument(site: Site[Any], part: ast.expr) -> Unsettled:
    """Why the dims that an argument says are not known."""
    many = len(site.worth.values(part)) > 1
    reason = (
        f"`{ast.unparse(part)}` is another one at another time, in a loop or behind a branch"
        if many
        else f"the value of `{ast.unparse(part)}` is not known"
    )
    return Unsettled(part, reason, "write the names of dims in the call itself")


def changing(site: Site[Any], tensors: Sequence[ast.expr]) -> Unsettled:
    """Why a call is not one and the same each time that it is made: other dims, or other names."""
    for part in tensors:
        values = [one.value if isinstance(one, Maybe) else one for one in site.worth.values(part)]
        found = list(dict.fromkeys(dims_text(one) for one in values if isinstance(one, Array)))
        if len(found) > 1:
            text = ast.unparse(part)
            return Unsettled(
                part,
                f"{f'`{text}`' if len(text) <= _LONGEST else 'it'} has other dims at another time, in a loop or behind "
                f"a branch: {found[0]}, and {found[1]}",
                f"put its dims in one order before: `align_to({', '.join(map(repr, found[0].strip('`').split()))})`",
            )  # fmt: skip
    return Unsettled(
        site.node, "the dims that it names are other ones at another time, in a loop or behind a branch",
        "write the call once for each of them",
    )  # fmt: skip
