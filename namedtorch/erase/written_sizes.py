"""`WrittenSizes`: sizes among the arguments of a call, each under a symbol that stands for what the user wrote."""

import ast
from collections.abc import Collection, Sequence
from typing import Any, cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.evaluation import is_harmless
from namedtorch.erase.facts import number
from namedtorch.erase.site import Site, Unsettled
from namedtorch.ops.values import Fields, Value
from namedtorch.static.interpreter.domain import Val
from namedtorch.static.interpreter.plain import as_rule_value


class WrittenSizes:
    """What a recipe makes of `self.heads` is written as `self.heads`, whatever number that is."""

    def __init__(self, site: Site[Any]) -> None:
        self._site = site
        self._symbols: dict[ast.expr, str] = {}
        self._known: dict[str, Size] = {}
        self._made: dict[str, ast.expr] = {}

    def read(self, part: ast.expr, value: Val, is_size: bool = False) -> Value:
        """An argument as rules read it; `is_size` says that it is a size even where nothing is known of it."""
        return self._read(part, as_rule_value(value), is_size)

    def _read(self, part: ast.expr, value: Value, is_size: bool = False) -> Value:
        match part, value:
            case ((ast.Tuple(elts=parts) | ast.List(elts=parts)), (tuple() | list())) if len(parts) == len(
                value
            ):
                items = [self._read(*pair) for pair in zip(parts, value, strict=True)]
                return tuple(items) if isinstance(value, tuple) else items
            case ast.Dict(values=parts), Fields(names=names, items=held) if len(parts) == len(names):
                return Fields(names, tuple(self._read(*pair) for pair in zip(parts, held, strict=True)))
            case ((ast.Constant() | ast.UnaryOp()), Size()):
                return value
            case _, Size():
                # What is negative says something else than a size.
                negative = value.value is not Unknown and value.value < 0
                return value if negative else self._symbol(part, value)
            case _:
                return self._symbol(part, None) if is_size and value is Unknown else value

    def _symbol(self, part: ast.expr, known: Size | None) -> Size:
        name = self._symbols.setdefault(part, f"{{{len(self._symbols)}}}")
        if known is not None:
            self._known[name] = known
        return Size.symbol(name)

    def known(self, size: Size) -> Size:
        """A size with what is known of its symbols in their place."""
        return size.substitute(self._known)

    def expression(self, size: Size) -> ast.expr:
        """A size as it is written. Raises `Unsettled` for one that is reckoned of others."""
        if size.value is not Unknown:
            return number(size.value)
        for part, name in self._symbols.items():
            if size.name == name:
                if name not in self._made:
                    self._made[name] = self._site.write(part)
                return self._made[name]
        raise Unsettled(self._site.node, f"the size {size} is not one that is written here", "write it out")

    @property
    def parts(self) -> Collection[ast.expr]:
        """The sizes that the user wrote."""
        return self._symbols.keys()

    def name_repeated(self, sizes: Sequence[Size]) -> None:
        """Gives a variable to each of these sizes that stands there more than once, and to those that nothing uses."""
        for part, name in self._symbols.items():
            count = sum(one.name == name for one in sizes)
            if count > 1 or (not count and not is_harmless(self._site, part)):
                self._made[name] = self._site.name(self._site.write(part), part)


def sizes_in(value: object) -> list[Size]:
    """All sizes in an argument."""
    if isinstance(value, Size):
        return [value]
    if isinstance(value, tuple | list):
        return [size for one in cast("Sequence[object]", value) for size in sizes_in(one)]
    return []
