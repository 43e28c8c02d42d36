"""Random programs over names: chains of methods, alignments, patterns and contractions of one tensor, as text."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from random import Random

MOST_ELEMENTS = 3_000

_NAMES = ("N", "C", "H", "W", "T", "D", "K", "heads", "d", "S", "batch", "classes")

_REDUCTIONS = ("sum", "mean", "amax", "amin", "logsumexp", "prod", "std", "norm")

_SAME = (
    '.softmax("{0}")',
    '.log_softmax(dim="{0}")',
    '.cumsum("{0}")',
    '.flip("{0}")',
    '.roll(1, "{0}")',
    '.sort("{0}").values',
    '.topk(1, "{0}").values.expand({0}={1})',
    '.cummax("{0}")[0]',
    '.narrow("{0}", 0, {1})',
    ".tanh()",
    ' * x.size("{0}")',
)
"""Calls that leave the dims as they are, by the name and the size of one of them."""

_PATTERN_REDUCTIONS = ("sum", "mean", "max", "min", "prod", "logsumexp")


@dataclass
class Program:
    """A function that is given a tensor of these dims and the number 2; `dims` are those that `x` has by now."""

    random: Random
    name: str
    dims: dict[str, int]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.given = dict(self.dims)
        for _ in range(self.random.randint(2, 6)):
            self._step()

    @property
    def text(self) -> str:
        body = "\n".join(f"    {line}" for line in [*self.lines, "return x"])
        return f'def {self.name}(x: Float[NamedTensor, "{" ".join(self.given)}"], two: int):\n{body}'

    def _fresh(self) -> str:
        return self.random.choice([one for one in _NAMES if one not in self.dims])

    def _any(self) -> str:
        return self.random.choice(list(self.dims))

    def _shuffled(self) -> list[str]:
        return self.random.sample(list(self.dims), len(self.dims))

    def _become(self, call: str, dims: dict[str, int]) -> None:
        if prod(dims.values()) <= MOST_ELEMENTS and len(dims) < 7:
            self.lines.append(f"x = {call}")
            self.dims = dims

    def _step(self) -> None:
        steps: list[Callable[[], None]] = [self._unsqueeze, self._repeat]
        if self.dims:
            steps += [
                self._reduce, self._same, self._align, self._align, self._rename, self._rearrange, self._rearrange,
                self._reduce_by_pattern, self._center, self._split, self._contract, self._einsum, self._transpose,
            ]  # fmt: skip
        if len(self.dims) > 1:
            steps += [self._flatten, self._flatten]
        self.random.choice(steps)()

    def _reduce(self) -> None:
        name, one = self.random.choice(_REDUCTIONS), self._any()
        order = "2, " if name == "norm" else ""
        if self.random.random() < 0.5:
            self._become(
                f'x.{name}({order}dim="{one}", keepdim=True)',
                {**self.dims, one: 1},
            )
        else:
            left = {key: size for key, size in self.dims.items() if key != one}
            self._become(f'x.{name}({order}"{one}")', left)

    def _same(self) -> None:
        one = self._any()
        self._become("x" + self.random.choice(_SAME).format(one, self.dims[one]), dict(self.dims))

    def _align(self) -> None:
        order = self._shuffled()
        dims = {one: self.dims[one] for one in order}
        if self.random.random() < 0.5:
            new = self._fresh()
            place = self.random.randint(0, len(order))
            order.insert(place, new)
            dims = {one: self.dims.get(one, 1) for one in order}
        if self.random.random() < 0.3 and order:
            last = order[0]
            rest = [one for one in self.dims if one != last]
            self._become(
                f'x.align_to(..., "{last}")', {**{one: self.dims[one] for one in rest}, last: dims[last]}
            )
        else:
            self._become(f"x.align_to({', '.join(map(repr, order))})", dims)

    def _rename(self) -> None:
        one, new = self._any(), self._fresh()
        dims = {(new if key == one else key): size for key, size in self.dims.items()}
        self._become(f'x.rename({one}="{new}")', dims)

    def _transpose(self) -> None:
        one, other = self._any(), self._any()
        names = [other if key == one else one if key == other else key for key in self.dims]
        self._become(f'x.transpose("{one}", "{other}")', {key: self.dims[key] for key in names})

    def _unsqueeze(self) -> None:
        new = self._fresh()
        self._become(f'x.unsqueeze("{new}").expand({new}=two)', {new: 2, **self.dims})

    def _flatten(self) -> None:
        names, new = list(self.dims), self._fresh()
        first = self.random.randrange(len(names) - 1)
        last = self.random.randint(first + 1, len(names) - 1)
        merged = names[first : last + 1]
        dims: dict[str, int] = {}
        for key, size in self.dims.items():
            if key == merged[0]:
                dims[new] = prod(self.dims[one] for one in merged)
            elif key not in merged:
                dims[key] = size
        self._become(f'x.flatten({merged!r}, "{new}")', dims)

    def _split(self) -> None:
        even = [key for key, size in self.dims.items() if size % 2 == 0]
        if not even:
            return
        one, new = self.random.choice(even), self._fresh()
        dims: dict[str, int] = {}
        for key, size in self.dims.items():
            dims |= {new: 2, key: size // 2} if key == one else {key: size}
        size = self.random.choice(["2", "two"])
        self._become(f'x.unflatten("{one}", (("{new}", {size}), ("{one}", -1)))', dims)

    def _rearrange(self) -> None:
        """Splits an axis where one is even, puts all in another order, and merges the first two."""
        even = [key for key, size in self.dims.items() if size % 2 == 0]
        left, parts, given = list(self.dims), dict(self.dims), ""
        if even and self.random.random() < 0.7:
            one, new = self.random.choice(even), self._fresh()
            left[left.index(one)] = f"({new} {one})"
            parts = {**self.dims, one: self.dims[one] // 2, new: 2}
            given = f", {new}={self.random.choice(['2', 'two'])}"
        order = self.random.sample(list(parts), len(parts))
        right, dims = list(order), {one: parts[one] for one in order}
        if len(order) > 1 and self.random.random() < 0.5:
            place, name = self.random.randrange(len(order) - 1), self._fresh()
            pair = order[place : place + 2]
            right[place : place + 2] = [f"({' '.join(pair)})"]
            dims = {}
            for one in order:
                dims |= {name: prod(parts[each] for each in pair)} if one == pair[0] else {}
                dims |= {one: parts[one]} if one not in pair else {}
            if name in parts:
                return
            merged = f".rename({', '.join(map(repr, dims))})"
            self._become(f'x.rearrange("{" ".join(left)} -> {" ".join(right)}"{given}){merged}', dims)
        else:
            self._become(f'x.rearrange("{" ".join(left)} -> {" ".join(right)}"{given})', dims)

    def _reduce_by_pattern(self) -> None:
        kept = [one for one in self._shuffled() if self.random.random() < 0.6]
        kind = self.random.choice(_PATTERN_REDUCTIONS)
        self._become(
            f'x.reduce("{" ".join(self.dims)} -> {" ".join(kept)}", "{kind}")',
            {one: self.dims[one] for one in kept},
        )

    def _repeat(self) -> None:
        new, order = self._fresh(), list(self.dims)
        order.insert(self.random.randint(0, len(order)), new)
        dims = {one: self.dims.get(one, 2) for one in order}
        self._become(f'x.repeat("{" ".join(self.dims)} -> {" ".join(order)}", {new}=two)', dims)

    def _center(self) -> None:
        one = self._any()
        self._become(f'x - x.mean("{one}").align_as(x)', dict(self.dims))

    def _contract(self) -> None:
        one, new = self._any(), self._fresh()
        other = (
            f'x.rename({one}="{new}")'
            if self.random.random() < 0.5
            else f'x.rename({one}="{new}").align_to("{new}", ...)'
        )
        over = [key for key in self.dims if key != one][: self.random.randint(1, 2)]
        if not over:
            return
        dims = {key: size for key, size in self.dims.items() if key not in over}
        told = over[0] if len(over) == 1 else over
        self._become(f"namedtorch.contract(x, {other}, over={told!r})", {**dims, new: self.dims[one]})

    def _einsum(self) -> None:
        one = self._any()
        left = " ".join(self.dims)
        kept = {key: size for key, size in self.dims.items() if key != one}
        self._become(
            f'namedtorch.einsum("{left}, {one} -> {" ".join(kept)}", x, x.reduce("{left} -> {one}", "mean"))',
            kept,
        )


def programs(seed: int, count: int) -> dict[str, Program]:
    """So many programs, each with another tensor."""
    random = Random(seed)
    found: dict[str, Program] = {}
    for place in range(count):
        names = random.sample(_NAMES, random.randint(1, 4))
        name = f"f{place}"
        found[name] = Program(random, name, {one: random.choice((1, 2, 3, 4, 6)) for one in names})
    return found
