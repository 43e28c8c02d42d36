"""The search for sizes: small integers that meet every rule, within a budget."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isqrt

from namedtorch.dims.bounds import Interval, interval
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.polynomial import Compound
from namedtorch.dims.size import Size, SizeLimitError

_USUAL = 256
_FAR = 4096
_MOST = 1 << 16
_BUDGET = 200_000  # rules asked: well under a second
_PRIMES = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 3, 2)


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint between variables, and the text that names it; `keys` gives the variable of each symbol."""

    text: str
    constraint: Constraint
    keys: Mapping[str, str]
    variables: frozenset[str] = field(init=False)
    # Variables that both sides are linear in, and the difference of the sides: exact, where it could be computed.
    linear: frozenset[str] = field(init=False)
    difference: Size | None = field(init=False)

    def __post_init__(self) -> None:
        sides = (self.constraint.left, self.constraint.right)
        bent = {symbol for side in sides for symbol in _bent(side)}
        linear = frozenset(key for symbol, key in self.keys.items() if symbol not in bent)
        try:
            difference = self.constraint.left - self.constraint.right
        except SizeLimitError:
            difference = None
        object.__setattr__(self, "variables", frozenset(self.keys.values()))
        object.__setattr__(self, "linear", linear)
        object.__setattr__(self, "difference", difference)

    def holds(self, values: Mapping[str, int]) -> bool:
        """Tells whether it is true at these values of all its variables."""
        return self.constraint.holds({symbol: values[key] for symbol, key in self.keys.items()})

    def turning(self, values: Mapping[str, int], variable: str) -> int | None:
        """Where both sides are equal, rounded up, as a value of a variable that they are linear in; None if nowhere.

        It is the only value that an equality leaves, if it is one.
        """
        if variable not in self.linear:
            return None
        try:
            at_0, at_1 = (self._difference(values, variable, one) for one in (0, 1))
        except ZeroDivisionError:
            return None
        slope = at_1 - at_0
        return -(at_0 // slope) if slope else None

    def _difference(self, values: Mapping[str, int], variable: str, value: int) -> int:
        sizes = {symbol: value if key == variable else values[key] for symbol, key in self.keys.items()}
        return self.constraint.left.evaluate(sizes) - self.constraint.right.evaluate(sizes)

    def possible(self, values: Mapping[str, int], bounds: Mapping[str, Interval]) -> bool:
        """Tells whether it may become true; without doubt false only if no values within the bounds make it so."""
        if self.difference is None:
            return True
        known = {
            symbol: Interval(values[key], values[key]) if key in values else bounds[key]
            for symbol, key in self.keys.items()
        }
        between = interval(self.difference.polynomial, known, Interval(-inf, inf))
        match self.constraint.relation:
            case "==":
                return between.low <= 0 <= between.high
            case "!=":
                return not between.low == between.high == 0
            case "<":
                return between.low < 0
            case "<=":
                return between.low <= 0
            case ">":
                return between.high > 0
            case ">=":
                return between.high >= 0

    @property
    def numbers(self) -> frozenset[int]:
        """The constants of its two sides."""
        found: set[int] = set()
        trees: list[object] = [self.constraint.left.tree(), self.constraint.right.tree()]
        while trees:
            tree = trees.pop()
            if isinstance(tree, int):
                found.add(abs(tree))
            elif isinstance(tree, list):
                trees += tree
        return frozenset(found)


def _bent(size: Size) -> Iterable[str]:
    """The symbols that a size is not linear in."""
    for monomial, _ in size.polynomial.terms:
        for atom, exponent in monomial:
            if isinstance(atom, Compound):
                for operand in atom.operands:
                    yield from operand.symbols
            elif exponent > 1:
                yield atom


@dataclass(slots=True)
class Search:
    """One search: variables in order, the values that each likes best, and the rules."""

    preferred: Mapping[str, Sequence[int]]
    rules: Sequence[Rule]
    smallest: int = 1
    seed: int = 0
    _left: int = field(default=_BUDGET, init=False)

    def run(self) -> dict[str, int] | None:
        """Values for all variables, different ones where the rules leave a choice; None if none was found."""
        if not all(rule.holds({}) for rule in self.rules if not rule.variables):
            return None
        domains = {variable: self._domain(variable, liked) for variable, liked in self.preferred.items()}
        return self._extend({}, domains) if all(domains.values()) else None

    def _domain(self, variable: str, liked: Sequence[int]) -> list[int]:
        """The values that a variable may have, best first: it alone decides some rules."""
        about = [rule for rule in self.rules if variable in rule.variables]
        alone = [rule for rule in about if len(rule.variables) == 1]
        for rule in alone:
            if rule.constraint.relation == "==" and variable in rule.linear:
                only = rule.turning({}, variable)
                return [] if only is None else self._filtered(variable, [only], alone)
        numbers = {number for rule in about for number in rule.numbers if number <= _MOST}
        near = {number * times + step for number in numbers for times in (1, 2, 3, 4) for step in (-1, 0, 1)}
        near |= {isqrt(number) + step for number in numbers for step in (0, 1)}
        rest = sorted(one for one in (*near, *range(2, _USUAL + 1)) if one > 1)
        values: list[int] = [*liked, *_PRIMES, *rest, 1, 0]
        kept = self._filtered(variable, list(dict.fromkeys(values)), alone)
        kept = kept or self._filtered(variable, range(_FAR), alone)[:_USUAL]
        best = len([one for one in kept if one in liked])
        best = best if best > 1 else min(len(kept), 8)
        start = self.seed % best if best else 0
        return [*kept[start:best], *kept[:start], *kept[best:]]

    def _filtered(self, variable: str, values: Iterable[int], rules: Sequence[Rule]) -> list[int]:
        return [
            one
            for one in values
            if one >= self.smallest and all(rule.holds({variable: one}) for rule in rules)
        ]

    def _extend(self, values: dict[str, int], domains: Mapping[str, list[int]]) -> dict[str, int] | None:
        if len(values) == len(domains):
            return values
        open_ones = [variable for variable in domains if variable not in values]
        # What has one value left goes first; else in order, so that the first dims get what they like.
        variable = next((one for one in open_ones if len(domains[one]) <= 1), open_ones[0])
        used = set(values.values())
        for value in sorted(domains[variable], key=lambda one: one in used):
            if self._left < 0:
                return None
            chosen = {**values, variable: value}
            narrowed = self._narrowed(chosen, domains, variable)
            found = None if narrowed is None else self._extend(chosen, narrowed)
            if found is not None:
                return found
        return None

    def _narrowed(
        self, values: Mapping[str, int], domains: Mapping[str, list[int]], last: str
    ) -> Mapping[str, list[int]] | None:
        """The domains after a choice; None where a rule is broken, or leaves a variable nothing."""
        narrowed = dict(domains)
        for rule in self.rules:
            if last not in rule.variables:
                continue
            missing = [variable for variable in rule.variables if variable not in values]
            self._left -= 1
            if not missing:
                if not rule.holds(values):
                    return None
            elif len(missing) == 1:
                (variable,) = missing
                narrowed[variable] = self._left_by(rule, values, variable, narrowed[variable])
                if not narrowed[variable]:
                    return None
            else:
                self._left -= len(missing)
                if not rule.possible(values, {one: _bounds(narrowed[one]) for one in missing}):
                    return None
        return narrowed

    def _left_by(
        self, rule: Rule, values: Mapping[str, int], variable: str, domain: Sequence[int]
    ) -> list[int]:
        """The values that a rule leaves its last open variable."""
        turning = rule.turning(values, variable)
        near = [] if turning is None else [turning, turning + 1, turning - 1]
        if rule.constraint.relation == "==" and variable in rule.linear and near:
            candidates = near[:1]
        else:
            self._left -= len(domain)
            candidates = domain
        kept = [one for one in candidates if rule.holds({**values, variable: one})]
        if min(kept, default=inf) > _USUAL or candidates is not domain:
            alone = [one for one in self.rules if one.variables == frozenset({variable})]
            fit = [one for one in near if rule.holds({**values, variable: one})]
            return self._filtered(variable, fit, alone) + ([] if candidates is not domain else kept)
        return kept


def _bounds(domain: Sequence[int]) -> Interval:
    """Where the values of a variable lie; small ones are all in its domain, of large ones only some."""
    high = max(domain)
    return Interval(min(domain), high if high < _USUAL else inf)


def culprits(preferred: Mapping[str, Sequence[int]], rules: Sequence[Rule], smallest: int) -> list[Rule]:
    """Rules of which none can be left out without sizes being found for the rest."""
    kept = list(rules)
    for rule in rules:
        others = [one for one in kept if one is not rule]
        if Search(preferred, others, smallest).run() is None:
            kept = others
    return kept
