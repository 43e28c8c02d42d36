"""The unknowns of a signature, one size each, and the rules between them."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from namedtorch.diagnostics import DimError
from namedtorch.dims.attributes import is_attribute, steps_of
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group, Pattern
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.drawn import Drawn
from namedtorch.signature.search import Rule, Search, culprits
from namedtorch.signature.signature import Signature, tensors_of

_BATCHES = ("n", "b", "batch", "bs", "batch_size")
_SPATIAL = ("h", "w", "height", "width", "img_h", "img_w")

SMALL = (2, 3, 6, 4, 8, 9, 10, 12)
"""Sizes of batches."""

# Networks halve images a few times, so that the general sizes would end at nothing.
_LARGE = (37, 41, 46, 43, 47, 58, 53, 61)

GENERAL = (5, 7, 12, 11, 13, 16, 17, 19, 22)
"""Sizes of dims of which nothing is known."""

_MOST_NAMED = 6


def key_of(name: str, shape: Pattern, scope: str) -> str:
    """What a dim of a shape is called among all unknowns; one that is bound anew for every element, by the element."""
    return f"{scope}?{name}" if name in shape.each else name


def is_path(key: str) -> bool:
    """Tells whether an unknown is no dim but an attribute path, or an integer parameter."""
    return is_attribute(key) and "?" not in key


class Unknowns:
    """The unknown sizes of a call, by name, and what they must meet."""

    def __init__(self, signature: Signature, drawn: Iterable[Drawn], given: Mapping[str, int]) -> None:
        self._signature = signature
        self._liked: dict[str, Sequence[int]] = {}
        self._computed: set[str] = set()
        self._rules: list[Rule] = []  # that a call must meet
        self._wishes: list[
            Rule
        ] = []  # what makes a good example: no empty tensors, no negative sizes of results
        for one in drawn:
            self._add_tensor(one)
        inputs = set(self._liked)
        for where in signature.where:
            if all(symbol in inputs or is_attribute(symbol) for symbol in where.symbols):
                self._add_rule(f"`{where}`", where, self._global(where.symbols))
        for hint in tensors_of(signature.result):
            self._add_result(hint.shape, inputs)
        self._add_given(given)
        self._add_attributes()

    @property
    def numbers(self) -> set[int]:
        """The constants in the rules."""
        return {number for rule in self._rules for number in rule.numbers}

    def solve(self, seed: int) -> dict[str, int]:
        """A size for every unknown; raises DimError, naming what could not be met."""
        # What is computed from others comes last, so that those get what they like.
        liked = dict(sorted(self._liked.items(), key=lambda one: one[0] in self._computed))
        for rules, smallest in (([*self._rules, *self._wishes], 1), (self._rules, 1), (self._rules, 0)):
            found = Search(liked, rules, smallest, seed).run()
            if found is not None:
                return {key: found[key] for key in self._liked}
        broken = culprits(self._liked, self._rules, 0)
        texts = list(dict.fromkeys(rule.text for rule in broken))
        more = f" and {len(texts) - _MOST_NAMED} more" if len(texts) > _MOST_NAMED else ""
        raise DimError(
            f"no sizes were found for `{self._signature}` that meet "
            + ("" if len(texts) == 1 else "all of ")
            + ", ".join(texts[:_MOST_NAMED])
            + more
        )

    def _add_tensor(self, one: Drawn) -> None:
        shape = one.hint.shape
        for dim in (dim for axis in shape.axes for dim in _dims(axis)):
            if dim.name is not Unknown:
                self._unknown(key_of(dim.name, shape, one.scope), dim.name)
            if dim.size is Unknown:
                continue
            keys = self._keys(dim.size.symbols, shape, one.scope)
            if dim.name is not Unknown:
                equal = Constraint(Size.symbol(dim.name), "==", dim.size)
                own = {dim.name: key_of(dim.name, shape, one.scope)}
                self._computed |= {*own.values()} - {*keys.values()}
                self._add_rule(f"`{dim}` of `{one.argument}`", equal, {**keys, **own}, wish=dim.broadcast)
            if not dim.broadcast:
                text = f"`{dim}` of `{one.argument}` is no negative size"
                self._add_rule(text, Constraint(dim.size, ">=", Size.constant(0)), keys)
                if keys:
                    self._add_rule(text, Constraint(dim.size, ">=", Size.constant(1)), keys, wish=True)
        for where in shape.where:
            self._add_rule(f"`{where}`", where, self._keys(where.symbols, shape, one.scope))

    def _add_result(self, shape: Pattern, inputs: set[str]) -> None:
        for dim in (dim for axis in shape.axes for dim in _dims(axis)):
            if dim.size is not Unknown and dim.size.symbols <= inputs:
                positive = Constraint(dim.size, ">=", Size.constant(1))
                self._add_rule("", positive, self._global(dim.size.symbols), wish=True)
        for where in shape.where:
            if where.symbols <= inputs:
                self._add_rule("", where, self._global(where.symbols), wish=True)

    def _add_given(self, given: Mapping[str, int]) -> None:
        for name, size in given.items():
            bare = name.lstrip("?")
            keys = [key for key in self._liked if key.rpartition("?")[2] in (bare, f"{{{bare}}}")]
            if not keys:
                raise DimError(_missing(name, (key.rpartition("?")[2] for key in self._liked)))
            if type(size) is not int or size < 0:
                raise DimError(f"the size that is given for `{name}` is {size!r}, which is no size")
            for key in keys:
                self._add_rule(f"`{name}`={size}, which is given", *_fixed(key, size))

    def _add_attributes(self) -> None:
        """Fixes what is no dim: integer parameters by their defaults; attributes must be given."""
        parameters = {one.name: one for one in self._signature.parameters}
        fixed = {key for rule in self._rules if "which is given" in rule.text for key in rule.variables}
        for key in [key for key in self._liked if is_path(key) and key not in fixed]:
            path = steps_of(key)
            one = parameters.get(path[0])
            if len(path) > 1 or one is None:
                raise DimError(
                    f"`{key}` in the signature is an attribute, whose value the signature does not hold: give its size"
                )
            if type(one.default) is int:
                self._add_rule(f"`{one.name}`={one.default}, its default", *_fixed(key, one.default))

    def _unknown(self, key: str, name: str) -> None:
        word = name.lower()
        liked = SMALL if word in _BATCHES else _LARGE if word in _SPATIAL else GENERAL
        self._liked.setdefault(key, liked)

    def _keys(self, symbols: Iterable[str], shape: Pattern, scope: str) -> dict[str, str]:
        keys = {symbol: key_of(symbol, shape, scope) for symbol in sorted(symbols)}
        for symbol, key in keys.items():
            self._unknown(key, symbol)
        return keys

    def _global(self, symbols: Iterable[str]) -> dict[str, str]:
        keys = {symbol: symbol for symbol in sorted(symbols)}
        for key in keys:
            self._unknown(key, key)
        return keys

    def _add_rule(
        self, text: str, constraint: Constraint, keys: Mapping[str, str], wish: bool = False
    ) -> None:
        rules = self._wishes if wish else self._rules
        if all((one.constraint, one.keys) != (constraint, keys) for one in rules):
            rules.append(Rule(text, constraint, keys))


def _fixed(key: str, size: int) -> tuple[Constraint, Mapping[str, str]]:
    return Constraint(Size.symbol("fixed"), "==", Size.constant(size)), {"fixed": key}


def _dims(axis: Axis) -> tuple[Dim, ...]:
    match axis:
        case Dim():
            return (axis,)
        case Flattened(factors=factors):
            return factors
        case Group():
            return ()


def _missing(name: str, known: Iterable[str]) -> str:
    names = list(dict.fromkeys(known))
    near = get_close_matches(name, names, n=1)
    return (
        f"a size is given for `{name}`, but the dims of the arguments are "
        + (", ".join(f"`{one}`" for one in names) or "none")
        + (f"; did you mean `{near[0]}`?" if near else "")
    )
