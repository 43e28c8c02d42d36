"""Numbers of axes in the place of names, wherever a call takes dims."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.agreement import may_be_named
from namedtorch.erase.facts import number
from namedtorch.erase.site import Site, Unsettled
from namedtorch.erase.turns import Turn, changing, turns, unknown_argument, unsettled
from namedtorch.ops.call import Places
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import Mismatch, OpRule, bound_arguments
from namedtorch.ops.values import Array, Value
from namedtorch.static.interpreter.domain import Val
from namedtorch.static.interpreter.plain import as_rule_value

_NUMPY: Final = {"axis": "dim", "keepdims": "keepdim"}
"""Keywords of numpy's, which TorchScript does not know."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call is given, as it is written in plain torch."""

    arguments: list[ast.expr]
    keywords: list[ast.keyword]


def numbered(
    site: Site[Any], row: OpRule, arguments: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> Arguments | None:
    """The arguments of a call of a row with numbers of axes in the place of names; None where it names no dims.

    `arguments` begins with the tensor of a method. Axes count from the left, behind a part whose length is not known
    from the right. Raises `Unsettled` where names are given and nothing tells which axes they are.
    """
    found: dict[str, Places] | None = None
    for turn in turns(site, arguments, keywords):
        try:
            here = _places(site, row, turn, arguments)
        except Mismatch:
            return None
        if found is not None and here != found:
            raise changing(site, arguments[:1])
        found = here
    if not found:
        _refuse_unknown(site, row, arguments, keywords)
        return None
    return _written(site, row, found, arguments, keywords)


def _refuse_unknown(
    site: Site[Any], row: OpRule, arguments: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> None:
    """Refuses dims of a tensor with names that are texts which nobody knows, or may be. Raises `Unsettled`."""
    given = {one.arg: one.value for one in keywords if one.arg is not None}
    if len(given) < len(keywords) or not arguments or not may_be_named(site.worth.values(arguments[0])):
        return
    try:
        parts = bound_arguments(row.taken, cast("Any", list(arguments)), cast("Any", given))
    except Mismatch:
        return
    for name in row.dims:
        held: Any = parts.get(name)
        listed = cast("Sequence[Any]", held) if isinstance(held, tuple) else (held,)
        for part in listed:
            if isinstance(part, ast.expr) and any(map(_may_be_text, site.worth.values(part))):
                raise unknown_argument(site, part)


def _may_be_text(value: Val) -> bool:
    held = as_rule_value(value)
    if isinstance(held, list | tuple):
        return any(one is Unknown for one in cast("Sequence[Value]", held))
    return held is Unknown


def _places(site: Site[Any], row: OpRule, turn: Turn, arguments: Sequence[ast.expr]) -> dict[str, Places]:
    """The numbers of the dims that are named, by parameter."""
    call = turn.call(row)
    named = [name for name in row.dims if has_text(call.value(name))]
    if not named and not any(isinstance(one, str) for one in (*turn.arguments, *turn.keywords.values())):
        return {}
    misfit: Misfit | None = None
    try:
        row.given(call)
    except Misfit as error:
        misfit = error
    # Names may stand where a row lists no dims: in what is one list or several arguments.
    named += [name for name in call.places_of if name not in named and has_text(call.value(name))]
    if misfit is not None and named:
        raise unsettled(site, misfit, arguments[:1])
    tensors = [one for one in call.arguments.values() if isinstance(one, Array)]
    found: dict[str, Places] = {}
    for name in named:
        places = call.places_of.get(name)
        if places is None:
            raise unsettled(site, None, arguments[:1])
        found[name] = _counted(places, tensors)
    return found


def _counted(places: Places, tensors: Sequence[Array]) -> Places:
    """Places as numbers of axes: behind a rest of unknown length they count from the right."""
    if isinstance(places, tuple):
        return tuple(_counted(one, tensors) for one in places)
    shape = tensors[0].shape if tensors else None
    if shape is None or shape.rest is Unknown or places < shape.rest:
        return places
    return places - len(shape.axes)


def has_text(value: Value) -> bool:
    """Whether a dim, or one of a list of dims, is given by name."""
    if isinstance(value, list | tuple):
        return any(has_text(one) for one in cast("Sequence[Value]", value))
    return isinstance(value, str)


def _written(
    site: Site[Any],
    row: OpRule,
    found: Mapping[str, Places],
    arguments: Sequence[ast.expr],
    keywords: Sequence[ast.keyword],
) -> Arguments:
    if any(isinstance(one, ast.Starred) for one in arguments):
        return _without_stars(site, row, found, arguments, keywords)
    made: list[ast.expr] = []
    for part, (parameter, index) in zip(arguments, _positions(row, len(arguments), keywords), strict=True):
        numbers = found.get(parameter)
        if isinstance(numbers, tuple) and index is not None and not _is_list(site, part):
            numbers = numbers[index]
        made.append(site.write(part) if numbers is None else _number(site, part, numbers))
    return Arguments(made, _keywords(site, found, keywords))


def _positions(row: OpRule, count: int, keywords: Sequence[ast.keyword]) -> Iterator[tuple[str, int | None]]:
    """The parameter of each argument, and its number among those that one parameter takes together."""
    given = {_NUMPY.get(one.arg, one.arg) for one in keywords if one.arg is not None}
    for parameter in row.taken:
        if parameter.several:
            yield from ((parameter.name, index) for index in range(count))
            return
        if count and not parameter.keywords and parameter.name not in given:
            yield parameter.name, None
            count -= 1


def _keywords(
    site: Site[Any], found: Mapping[str, Places], keywords: Sequence[ast.keyword]
) -> list[ast.keyword]:
    made: list[ast.keyword] = []
    for one in keywords:
        name = one.arg if one.arg is None else _NUMPY.get(one.arg, one.arg)
        numbers = found.get(name) if name is not None else None
        if name is None and found:
            raise Unsettled(
                one.value, "dims are named beside keywords that are not written here", "write each keyword"
            )
        made.append(
            ast.keyword(name, site.write(one.value) if numbers is None else _number(site, one.value, numbers))
        )
    return made


def _is_list(site: Site[Any], part: ast.expr) -> bool:
    return isinstance(as_rule_value(site.value(part)), list | tuple)


def _number(site: Site[Any], part: ast.expr, places: Places) -> ast.expr:
    """An argument with numbers in the place of names; what is no name in it stays as it is written."""
    if not _is_text(site.value(part)):
        return site.write(part)
    if isinstance(places, int):
        return number(places)
    value = as_rule_value(site.value(part))
    kind = ast.List if isinstance(part, ast.List) or isinstance(value, list) else ast.Tuple
    if isinstance(part, ast.List | ast.Tuple) and len(part.elts) == len(places):
        items = [_number(site, item, one) for item, one in zip(part.elts, places, strict=True)]
        return kind(items, ast.Load())
    return kind([_literal(one) for one in places], ast.Load())


def _is_text(value: Val) -> bool:
    return has_text(as_rule_value(value))


def _literal(places: Places) -> ast.expr:
    if isinstance(places, int):
        return number(places)
    return ast.Tuple([_literal(one) for one in places], ast.Load())


def _without_stars(
    site: Site[Any],
    row: OpRule,
    found: Mapping[str, Places],
    arguments: Sequence[ast.expr],
    keywords: Sequence[ast.keyword],
) -> Arguments:
    """The same where a list is spread, `x.permute(*dims)`: all that stands behind the first star are dims."""
    first = next(place for place, one in enumerate(arguments) if isinstance(one, ast.Starred))
    index = next((place for place, one in enumerate(row.taken) if one.several), -1)
    name = row.taken[index].name
    numbers = found.get(name)
    if index < 0 or first < index or not isinstance(numbers, tuple):
        raise Unsettled(
            site.node, "names of dims stand beside arguments that are not written here", "write each argument"
        )
    made = [site.write(one) for one in arguments[:index]]
    return Arguments([*made, *map(_literal, numbers)], _keywords(site, found, keywords))
