"""Roots: what the free dims of a signature are computed from, once its constraints are solved, and their ranges."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the largest size of a dim; None is no bound."""

    least: int = 1
    most: int | None = None

    def __str__(self) -> str:
        return f"{self.least} to {'any' if self.most is None else self.most}"


@dataclass(frozen=True, slots=True)
class Linear:
    """A size that is `factor * root + offset`; without a root it is the offset."""

    root: str | None
    factor: int
    offset: int

    def at(self, inner: "Linear") -> "Linear":
        """This size, with another one in the place of its root."""
        if self.root is None:
            return self
        return Linear(inner.root, self.factor * inner.factor, self.factor * inner.offset + self.offset)


@dataclass(slots=True)
class Solving:
    """Solves constraints for roots: each dim is linear in a root, each root has a range."""

    free: Sequence[str]
    constraints: Sequence[Constraint]
    solved: dict[str, Linear] = field(init=False)
    bounds: dict[str, Bounds] = field(default_factory=dict[str, Bounds])
    undeclared: dict[str, None] = field(default_factory=dict[str, None])

    def __post_init__(self) -> None:
        self.solved = {name: Linear(name, 1, 0) for name in self.free}
        rest = [one for one in self.constraints if not self._equates(one)]
        rest = [one for one in rest if not self._divides(one)]
        for name in self.free:
            root = self.solved[name]
            if root.root is not None:
                self._bound(root, ">=", 1)
        for one in rest:
            if not self._ranges(one):
                for symbol in sorted((one.left - one.right).symbols & {*self.free}):
                    if (root := self.solved[symbol].root) is not None:
                        self.undeclared[root] = None
        for name, own in self.bounds.items():
            if own.least == own.most:
                # `where N <= 1`: there is one size.
                target = Linear(None, 0, own.least)
                self.solved = {key: _put(value, name, target) for key, value in self.solved.items()}
                self.undeclared.pop(name, None)

    def _equates(self, one: Constraint) -> bool:
        """Takes `W == H`, `W == 2*H`, `H == 224`."""
        if one.relation != "==":
            return False
        for left, right in ((one.left, one.right), (one.right, one.left)):
            name, other = left.name, linear_in(right)
            if name is Unknown or name not in self.solved or other is None or other.root == name:
                continue
            if other.root is not None and (other.root not in self.solved or other.factor < 1):
                continue
            if self.solved[name] != Linear(name, 1, 0):
                continue
            target = other if other.root is None else other.at(self.solved[other.root])
            if target.root == name:
                continue
            self.solved = {key: _put(value, name, target) for key, value in self.solved.items()}
            return True
        return False

    def _divides(self, one: Constraint) -> bool:
        """Takes `H % 32 == 0` of a dim that is not divided otherwise."""
        found = _remainder(one)
        if found is None:
            return False
        name, divisor, rest = found
        own = self.solved.get(name)
        if own is None or own.root is None or (own.factor % divisor == 0 and own.offset % divisor == rest):
            return own is not None and own.root is not None
        if own.factor != 1:
            return False
        # root + offset = rest (mod divisor)
        shift = (rest - own.offset) % divisor
        root = own.root
        made = f"{root}//{divisor}" if not shift else f"({root}-{shift})//{divisor}"
        self.solved = {
            key: _put(value, root, Linear(made, divisor, shift)) for key, value in self.solved.items()
        }
        self.bounds[made] = Bounds(0 if shift else 1)
        return True

    def _ranges(self, one: Constraint) -> bool:
        """Takes `H >= 7`, `2*H < 100`, and what is about constants."""
        difference = linear_in(one.left - one.right)
        if difference is None or difference.root not in {None, *self.solved}:
            return False
        if difference.root is None:
            return True
        linear = difference.at(self.solved[difference.root])
        return linear.root is None or self._bound(linear, one.relation, 0)

    def _bound(self, linear: Linear, relation: str, number: int) -> bool:
        """Notes what `linear RELATION number` says of the range of its root."""
        assert linear.root is not None
        factor, rest = linear.factor, number - linear.offset
        if factor < 0:
            factor, rest = -factor, -rest
            relation = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(relation, relation)
        least, most = None, None
        match relation:
            case ">=":
                least = -(-rest // factor)
            case ">":
                least = rest // factor + 1
            case "<=":
                most = rest // factor
            case "<":
                most = -(-rest // factor) - 1
            case _:
                return False
        old = self.bounds.get(linear.root, Bounds(0))
        if least is not None:
            old = Bounds(max(old.least, least), old.most)
        if most is not None:
            old = Bounds(old.least, most if old.most is None else min(old.most, most))
        self.bounds[linear.root] = old
        return True


def _put(value: Linear, name: str, target: Linear) -> Linear:
    return value.at(target) if value.root == name else value


def linear_in(size: Size) -> Linear | None:
    """A size as a linear one over at most one dim; None for any other."""
    if not size.symbols:
        assert size.value is not Unknown
        return Linear(None, 0, size.value)
    if len(size.symbols) != 1:
        return None
    (name,) = size.symbols
    offset = size.substitute({name: Size.constant(0)}) if not _divides_by(size, name) else None
    if offset is None or offset.value is Unknown:
        return None
    factor = (size.substitute({name: Size.constant(1)}) - offset).value
    if factor is Unknown or not factor:
        return None
    made = Size.symbol(name) * factor + offset
    return Linear(name, factor, offset.value) if made == size else None


def _divides_by(size: Size, name: str) -> bool:
    """Whether a dim stands in a divisor, where it can't be 0."""
    try:
        size.substitute({name: Size.constant(0)})
    except ZeroDivisionError:
        return True
    return False


def _remainder(one: Constraint) -> tuple[str, int, int] | None:
    """The dim, divisor and rest of `H % 32 == 0`."""
    if one.relation != "==":
        return None
    for left, right in ((one.left, one.right), (one.right, one.left)):
        match left.tree(), right.value:
            case ["%", str(name), int(divisor)], int(rest) if divisor > 1 and 0 <= rest < divisor:
                return name, divisor, rest
            case _:
                continue
    return None
