"""The sizes that a factory is asked for, as torch takes them: in their order."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.erase.arguments import Arguments, value_of
from namedtorch.erase.site import Site, Unsettled
from namedtorch.ops.factories import OPTIONS
from namedtorch.ops.judge import Misfit
from namedtorch.ops.named_factories import read_shape, read_sizes
from namedtorch.ops.op_rule import read_parameters
from namedtorch.static.interpreter.domain import Given, ListValue, Many, ShapeOf, Val

OPTION_NAMES: Final = frozenset(one.name for one in read_parameters(OPTIONS))
"""The keywords of factories that torch has."""


@dataclass(frozen=True, slots=True)
class AskedSizes:
    """The sizes of all axes: expressions one by one, one that holds all of them, or those that a text says.

    `parts` are the user's expressions that they are made of. `told` are the sizes that a text says, over the indices of
    `parts` as symbols.
    """

    parts: tuple[ast.expr, ...]
    whole: bool = False
    told: tuple[Size, ...] | UnknownType = Unknown

    @property
    def evaluated(self) -> Sequence[ast.expr]:
        """The parts that the sizes need, in the order in which they need them first."""
        if self.told is Unknown:
            return self.parts
        mentioned = dict.fromkeys(one for size in self.told for one in _mentioned(size))
        places = {_symbol(place): part for place, part in enumerate(self.parts)}
        return [places[one] for one in mentioned]

    @property
    def repeated(self) -> Sequence[ast.expr]:
        """The parts that stand in more than one place."""
        if self.told is Unknown:
            return ()
        texts = [one for size in self.told for one in _mentioned(size)]
        return [part for place, part in enumerate(self.parts) if texts.count(_symbol(place)) > 1]

    def one_by_one(self, made: Mapping[ast.expr, ast.expr]) -> list[ast.expr]:
        """The sizes as arguments of their own; `made` has the parts in plain torch."""
        if self.told is Unknown:
            return [made[one] for one in self.parts]
        names = {_symbol(place): made[part] for place, part in enumerate(self.parts) if part in made}
        return [written_size(size, names) for size in self.told]

    def together(self, made: Mapping[ast.expr, ast.expr]) -> ast.expr:
        """The sizes as one argument."""
        return made[self.parts[0]] if self.whole else ast.Tuple(self.one_by_one(made), ast.Load())


def asked_sizes(
    site: Site[ast.Call], given: Sequence[ast.expr], arguments: Arguments, others: Sequence[str] = ()
) -> AskedSizes:
    """The sizes among arguments: those `given` by place, or by keyword; `others` are keywords of the factory's own.

    Raises `Unsettled` where nothing tells them.
    """
    named = {
        name: one
        for name, one in arguments.by_name.items()
        if name not in OPTION_NAMES and name not in others and name != "names"
    }
    listed = named.get("size")
    if listed is not None and _holds_all(value_of(site, listed)) is True:
        given = [*given, listed]
        del named["size"]
    if not given:
        return AskedSizes(tuple(named.values()))
    text = value_of(site, given[0])
    if isinstance(text, str):
        return _by_text(site, given[0], text, named)
    if len(given) > 1:
        return AskedSizes(tuple(given))
    whole = _holds_all(text)
    if whole is Unknown:
        raise Unsettled(
            given[0], f"whether `{ast.unparse(given[0])}` is one size or a list of them is not known",
            "write the sizes one by one",
        )  # fmt: skip
    return AskedSizes(tuple(given), whole=whole)


def _holds_all(value: Val) -> bool | UnknownType:
    """Whether a value is a sequence of sizes, and no size."""
    match value:
        case tuple() | ListValue() | ShapeOf() | Many():
            return True
        case Size() | Given():
            return False
        case _:
            return Unknown


def _by_text(site: Site[ast.Call], node: ast.expr, text: str, named: Mapping[str, ast.expr]) -> AskedSizes:
    symbols = {name: Size.symbol(_symbol(place)) for place, name in enumerate(named)}
    try:
        shape = read_shape(text, "size")
        axes = read_sizes(text, symbols).fixed
    except Misfit as misfit:
        raise Unsettled(node, misfit.detail, misfit.help) from None
    told = [
        one.name
        for axis in shape.axes
        for one in _dims(axis)
        if one.size is not Unknown and one.name in named
    ]
    if told or shape.where:
        said = f"the size of `{told[0]}`" if told else "what its sizes have to be"
        raise Unsettled(
            node, f'"{text}" says {said}, which the sizes by keyword say as well',
            "leave it out of the text, and write an `assert` of its own",
        )  # fmt: skip
    sizes = [axis.size for axis in axes if axis.size is not Unknown]
    if len(sizes) < len(axes):
        raise Unsettled(node, f'not all sizes follow from "{text}"', "give them by keyword")
    return AskedSizes(tuple(named.values()), told=tuple(sizes))


def _dims(axis: Axis) -> Sequence[Dim]:
    match axis:
        case Dim():
            return (axis,)
        case Flattened(factors=factors):
            return factors
        case Group():
            return ()


def _symbol(place: int) -> str:
    return f"{{{place}}}"


# Sizes as expressions


def written_size(size: Size, known: Mapping[str, ast.expr]) -> ast.expr:
    """A size as an expression; `known` are those of its symbols."""
    words = {symbol: f"_{place}" for place, symbol in enumerate(sorted(size.symbols))}
    tree = ast.parse(size.render(words.__getitem__), mode="eval").body
    return _Filled({word: known[symbol] for symbol, word in words.items()}).visit(tree)


class _Filled(ast.NodeTransformer):
    """Puts expressions in the place of words; what stands around them has no place in a file."""

    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.known.get(node.id, ast.Name(node.id, ast.Load()))

    def generic_visit(self, node: ast.AST) -> ast.AST:
        made = super().generic_visit(node)
        for name in node._attributes:
            if hasattr(made, name):
                delattr(made, name)
        return made


def _mentioned(size: Size) -> list[str]:
    """The symbols of a size, as often as it is written with them."""
    found: list[str] = []

    def note(symbol: str) -> str:
        found.append(symbol)
        return "_"

    size.render(note)
    return found
