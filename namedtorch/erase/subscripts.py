"""Subscripts by names, `x["C", 0]`, `x[{"C": 0}]` and `x.sizes["C"]`, as subscripts and sizes by position."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.agreement import agreed, may_be_named, unknown_dims
from namedtorch.erase.arguments import value_of
from namedtorch.erase.evaluation import in_order
from namedtorch.erase.facts import number, write_fact
from namedtorch.erase.site import Site, Unsettled
from namedtorch.ops.call import place_of
from namedtorch.ops.subscripts import place_named
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.domain import DictValue, External, Given, Real, Text, Val

_SIZES: Final = "sizes"

_SLICE: Final = External("builtins.slice")

_MANY: Final = 2
"""From so many whole axes on, `...` stands for those in front."""


def write_subscript(site: Site[ast.Subscript]) -> ast.expr | None:
    """A subscript of a tensor by position; a constant where the names alone tell it."""
    node = site.node
    fact = write_fact(site)
    if fact is not None:
        return fact
    owner = node.value
    if isinstance(owner, ast.Attribute) and owner.attr == _SIZES and _holds_names(site, owner.value):
        return _size(site, owner.value)
    named = _Pairs.of(site)
    if named is None and isinstance(site.value(node.slice), DictValue) and _holds_names(site, owner):
        raise _unknown_name(node.slice)
    if named is None:
        return None
    if not _holds_names(site, owner):
        if any(isinstance(one, Array) for one in site.worth.values(owner)) or named.in_turn:
            raise unknown_dims(owner, site.value(owner))
        return None
    places = agreed(site, owner, lambda value: _places(value.shape, named.names))
    rank = agreed(site, owner, lambda value: _Rank.of(value.shape))
    entries = in_order(site, named.entries, sorted(range(len(places)), key=lambda one: rank.key(places[one])))
    taken = dict(zip(places, entries, strict=True))
    # TorchScript takes no `...` beside tensors and lists of places.
    dots = all(_takes_one_part(site, one) for one in named.entries)
    return ast.Subscript(site.write(owner), _index(rank, taken, dots), node.ctx)


def _holds_names(site: Site[ast.Subscript], owner: ast.expr) -> bool:
    return may_be_named(site.worth.values(owner))


def _size(site: Site[ast.Subscript], owner: ast.expr) -> ast.expr:
    """`x.sizes["C"]` as `x.size(1)`."""
    name = value_of(site, site.node.slice)
    if not isinstance(name, str):
        raise _unknown_name(site.node.slice)
    place = agreed(site, owner, lambda value: _place(value.shape, name, f"`sizes` is asked for {name!r}"))
    size = ast.Attribute(site.write(owner), "size", ast.Load())
    return ast.Call(size, [number(place)], [])


def _unknown_name(node: ast.expr) -> Unsettled:
    return Unsettled(
        node,
        f"which dim `{ast.unparse(node)}` means is not one and the same each time, or is not known",
        "write the name itself, or give it to a function that is called once for each name",
    )


# What an index names


@dataclass(frozen=True, slots=True)
class _Pairs:
    """An index by names: the names, and what is taken of each; `in_turn` where both stand in one tuple."""

    names: tuple[str, ...]
    entries: tuple[ast.expr, ...]
    in_turn: bool

    @staticmethod
    def of(site: Site[ast.Subscript]) -> "_Pairs | None":
        """The pairs of an index; None for one by position."""
        index = site.node.slice
        match index:
            case ast.Tuple(elts=elts) if _has_name(site, elts):
                if len(elts) % 2 or any(isinstance(one, ast.Starred) for one in elts):
                    raise Unsettled(
                        index, "an index by names has a name, and what to take of it, in turn",
                        'write `x["C", 0, "T", 1:4]`',
                    )  # fmt: skip
                return _Pairs(_texts(site, elts[::2]), tuple(map(_entry_of(site), elts[1::2])), True)
            case ast.Dict(keys=keys, values=values):
                given = [one for one in keys if one is not None]
                if len(given) < len(keys):
                    return _Pairs.of_value(index, site.value(index))
                return _Pairs(_texts(site, given), tuple(map(_entry_of(site), values)), False)
            case _:
                return _Pairs.of_value(index, site.value(index))

    @staticmethod
    def of_value(index: ast.expr, value: Val) -> "_Pairs | None":
        """The pairs in a variable that holds a dict, or a tuple of names and what to take of them."""
        match value:
            case DictValue() if not value.is_open:
                names = tuple(value.entries)
                return _Pairs(names, tuple(_item(index, name) for name in names), False)
            case tuple() if value and isinstance(value[0], str) and len(value) % 2 == 0:
                names = tuple(one for one in value[::2] if isinstance(one, str))
                if len(names) < len(value) // 2:
                    raise _unknown_name(index)
                places = range(1, len(value), 2)
                return _Pairs(names, tuple(_item(index, place) for place in places), True)
            case _:
                return None


def _has_name(site: Site[ast.Subscript], entries: Sequence[ast.expr]) -> bool:
    return any(isinstance(one, str | Text) for entry in entries for one in site.worth.values(entry))


def _texts(site: Site[ast.Subscript], nodes: Sequence[ast.expr]) -> tuple[str, ...]:
    found: list[str] = []
    for node in nodes:
        name = site.value(node)
        if not isinstance(name, str):
            raise _unknown_name(node)
        found.append(name)
    return tuple(found)


def _item(index: ast.expr, key: str | int) -> ast.expr:
    return ast.Subscript(index, ast.Constant(key), ast.Load())


# The index by position


@dataclass(frozen=True, slots=True)
class _Rank:
    """How many axes there are, or how many are known in front of others; places behind those count from the right."""

    front: int
    behind: int
    known: bool

    @staticmethod
    def of(shape: TensorShape) -> "_Rank":
        """The axes of a shape."""
        rest = shape.rest
        if rest is Unknown:
            return _Rank(len(shape.axes), 0, True)
        return _Rank(rest, len(shape.axes) - rest - 1, False)

    def key(self, place: int) -> tuple[bool, int]:
        """By what places are put in order from the left."""
        return place < 0, place


def _places(shape: TensorShape, names: Sequence[str]) -> tuple[int, ...]:
    return tuple(_from_an_end(shape, place_named(shape, name)) for name in names)


def _place(shape: TensorShape, name: str, said: str) -> int:
    return _from_an_end(shape, place_of(shape, name, "input", said))


def _from_an_end(shape: TensorShape, place: int) -> int:
    """A place that torch finds: from the right where it is not known how many axes are in front."""
    rest = shape.rest
    return place if rest is Unknown or place < rest else place - len(shape.axes)


def _takes_one_part(site: Site[ast.Subscript], entry: ast.expr) -> bool:
    """Whether an entry surely is a place or a slice."""
    values = site.worth.values(entry)
    told = bool(values) and all(isinstance(one, Size | Given | Real) for one in values)
    return told or isinstance(entry, ast.Slice)


def _index(rank: _Rank, taken: dict[int, ast.expr], dots: bool) -> ast.expr:
    """The index that takes these entries at these places, and all else whole; `dots` may stand for what is in front."""
    if not taken:
        return ast.Slice()
    last = rank.front - 1
    first = min(taken)
    fills_end = rank.known and all(place in taken for place in range(max(first, 0), last + 1))
    if dots and first >= _MANY and fills_end:
        return _tuple([ast.Constant(...), *(taken[place] for place in range(first, last + 1))])
    in_front = [place for place in taken if place >= 0]
    entries = [taken.get(place, ast.Slice()) for place in range(max(in_front, default=-1) + 1)]
    behind = [place for place in taken if place < 0]
    if behind:
        entries += [ast.Constant(...), *(taken.get(place, ast.Slice()) for place in range(min(behind), 0))]
    return _tuple(entries)


def _tuple(entries: list[ast.expr]) -> ast.expr:
    return entries[0] if len(entries) == 1 else ast.Tuple(entries, ast.Load())


def _entry_of(site: Site[ast.Subscript]):
    def entry(node: ast.expr) -> ast.expr:
        """What is taken of a dim, as an index by position has it: `slice(1, 3)` is `1:3`, and tuples are lists."""
        match node:
            case ast.Call(func=function, args=arguments, keywords=[]) if site.value(function) == _SLICE:
                parts: list[ast.expr | None] = [None if _is_none(one) else one for one in arguments]
                if len(parts) == 1:
                    parts = [None, *parts]
                return ast.Slice(*parts)
            case ast.Tuple(elts=elts):
                return ast.List(elts, ast.Load())
            case _:
                return node

    return entry


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
