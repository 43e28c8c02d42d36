"""The sizes for which an exported program holds, against those that the signature promises.

torch notes of what it traced which sizes it holds for, as expressions. Some are what the model needs, some say no more
than that torch has not looked at size 1. They are found out here by numbers: one dim is changed, and then another.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import sympy
import torch
from torch.export import ExportedProgram

from namedtorch.dims.size import Size
from namedtorch.lower.targets.demand import Demand, shaped, tied
from namedtorch.lower.targets.dynamic_shapes import DynamicShapes
from namedtorch.lower.targets.guard_lines import noted_line
from namedtorch.lower.targets.noted_conditions import NotedCondition, noted_conditions
from namedtorch.lower.targets.roots import Linear
from namedtorch.lower.targets.user_lines import UserLine

_TRIED = 160
"""So many values of a dim are looked at, from its least on."""

_FAR = (256, 512, 1000, 1024, 1025, 2048, 4096, 4097, 10_000, 65_536, 1_000_000)
"""Larger ones that are looked at as well: tables of positions end at such."""

_SMALL = 16
"""So many of the least values of all dims are looked at together."""

_UNSEEN = 2
"""The least size that torch notes of any axis, and does not hold anything to."""

_Sizes = list[tuple[int, ...]]


@dataclass(slots=True)
class HeldSizes:
    """What torch has noted of the sizes of a program whose dynamic shapes it found out itself."""

    program: ExportedProgram
    dynamic: DynamicShapes
    _shapes: list[tuple[Any, ...]] = field(init=False)
    _linear: list[list[tuple[Any, int, int]]] = field(init=False)
    _guards: list[NotedCondition] = field(init=False)
    _names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._names = tuple(str(one) for one in self.program.graph_signature.user_inputs)
        nodes = {node.name: node for node in self.program.graph.nodes if node.op == "placeholder"}
        self._shapes = [tuple(nodes[name].meta["val"].shape) for name in self._names]
        self._linear = [[_linear_in(size) for size in shape] for shape in self._shapes]
        texts = cast("Sequence[str]", getattr(self.program, "_guards_code", ()) or ())
        self._guards = list(noted_conditions(texts))

    @property
    def is_conditional(self) -> bool:
        """Whether torch has noted conditions at all."""
        return bool(self._guards)

    def demands(self) -> list[Demand]:
        """What is asked of dims beyond what the signature says, one dim after the other."""
        base = self._base
        found: list[Demand] = []
        gone: set[str] = set()
        for root in self.dynamic.roots:
            values = [*self._values(root, base[root]), *self._excluded(root, base)]
            tried = {value: self._tried({**base, root: value}) for value in values}
            good = [value for value, holds in tried.items() if holds]
            bad = [value for value, holds in tried.items() if holds is False]
            if bad and min(bad) > max(good):
                last = self._last(root, base, max(good), min(bad))
                good, bad = [*good, last], [last + 1, *bad]
            if not bad or root in gone:
                continue
            other = self._tie(root, base) if {*good} == {base[root]} else None
            if other is not None:
                gone.add(other[0])
            for one in self._demanded(root, base, good, bad, other):
                near = [value for value in good if value != base[root]]
                control = min(near, key=lambda value, first=one.bad[0]: abs(value - first), default=None)
                found.append(replace(one, control=control))
        return found

    def relax(self) -> None:
        """Takes off the program what torch noted beyond the signature, once it is known to do without."""
        base = self._base
        values = {root: list(self._values(root, base[root])) for root in self.dynamic.roots}
        wanted = [{**base, root: value} for root in values for value in values[root]]
        # Small ones together: what torch has not looked at is of size 1 in the end.
        wanted += [
            {root: own[min(place, len(own) - 1)] for root, own in values.items()} for place in range(_SMALL)
        ]
        promised = [
            self._given(sizes) for one in wanted if self.dynamic.allowed(sizes := self.dynamic.sizes_at(one))
        ]
        program = cast("Any", self.program)
        named = [dict(zip(self._names, one, strict=True)) for one in promised]
        kept = [guard.text for guard in self._guards if all(map(guard.holds, named))]
        if len(kept) < len(self._guards):
            program._guards_code = kept
        for symbol, bound in list(program.range_constraints.items()):
            sizes = [env[symbol] for one in promised if symbol in (env := self._symbols(one) or {})]
            if sizes and (min(sizes) < bound.lower or bound.upper < max(sizes)):
                upper = bound.upper if max(sizes) <= bound.upper else sympy.oo
                program.range_constraints[symbol] = type(bound)(min(min(sizes), bound.lower), upper)

    @property
    def _base(self) -> Mapping[str, int]:
        return self.dynamic.roots_at(self.dynamic.example())

    def _values(self, root: str, own: int) -> Iterable[int]:
        """The values of a root that are looked at, in order."""
        bounds = self.dynamic.bounds[root]
        last = max(own + _TRIED // 4, bounds.least + _TRIED)
        found = [*range(bounds.least, last + 1), *(one for one in _FAR if one > last)]
        return found if bounds.most is None else [one for one in found if one < bounds.most] + [bounds.most]

    def _excluded(self, root: str, base: Mapping[str, int]) -> Iterator[int]:
        """Single values of a root that a condition excludes, between those that are looked at one by one."""
        values = list(self._values(root, base[root]))
        gaps = [one for one in itertools.pairwise(values) if one[1] - one[0] > 1]
        for guard in self._guards if gaps else ():
            if not guard.excludes:
                continue

            def distance(value: int, guard: NotedCondition = guard) -> float:
                sizes = self._given(self.dynamic.sizes_at({**base, root: value}))
                return guard.distance(dict(zip(self._names, sizes, strict=True))) or 0

            for low, high in gaps:
                below = distance(low)
                if below * distance(high) >= 0:
                    continue
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if distance(middle) * below > 0 else (low, middle)
                yield high

    def _last(self, root: str, base: Mapping[str, int], good: int, bad: int) -> int:
        """The largest value of a root for which the program holds, between one for which it does and one without."""
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (good, middle) if self._tried({**base, root: middle}) is False else (middle, bad)
        return good

    def _tried(self, roots: Mapping[str, int]) -> bool | None:
        """Whether the program holds at these roots; None where the signature has no such sizes."""
        sizes = self.dynamic.sizes_at(roots)
        return self._holds(self._given(sizes)) if self.dynamic.allowed(sizes) else None

    def _holds(self, given: _Sizes) -> bool:
        env = self._symbols(given)
        if env is None:
            return False
        for symbol, size in env.items():
            bound = self.program.range_constraints.get(symbol)
            if bound is not None and not (size >= bound.lower or bound.lower <= _UNSEEN):
                return False
            if bound is not None and size > bound.upper:
                return False
        return not self._broken(given)

    def _symbols(self, given: _Sizes) -> dict[Any, int] | None:
        """The values of torch's symbols at sizes of the inputs; None where they are not what its shapes say."""
        env: dict[Any, int] = {}
        rest: list[tuple[Any, int]] = []
        for shape, sizes in zip(self._linear, given, strict=True):
            for (symbol, factor, offset), size in zip(shape, sizes, strict=True):
                if symbol is None:
                    if offset != size:
                        return None
                elif not factor:
                    rest.append((symbol, size))
                else:
                    value, left = divmod(size - offset, factor)
                    if left or env.setdefault(symbol, value) != value:
                        return None
        return env if all(expression.subs(env) == size for expression, size in rest) else None

    def _broken(self, given: _Sizes) -> list[NotedCondition]:
        """The conditions that do not hold."""
        named = dict(zip(self._names, given, strict=True))
        return [one for one in self._guards if not one.holds(named)]

    def _tie(self, root: str, base: Mapping[str, int]) -> tuple[str, int, int] | None:
        """Another root that this one goes with, and in what ratio."""
        for other in self.dynamic.roots:
            if other == root:
                continue
            common = math.gcd(base[root], base[other])
            one, two = base[root] // common, base[other] // common
            steps = [step for step in range(2, common + 5) if step != common]
            if all(self._tried({**base, root: one * step, other: two * step}) for step in steps):
                return other, one, two
        return None

    def _demanded(
        self,
        root: str,
        base: Mapping[str, int],
        good: Sequence[int],
        bad: Sequence[int],
        tie: tuple[str, int, int] | None,
    ) -> Iterator[Demand]:
        """What is asked of a root: one thing, or where nothing says all of it several."""
        made = self._demand(root, base, bad)
        conditions = self._conditions(root, base, made.bad[0])
        if tie is not None:
            text = tied(made.dim, made.linear, *self._shown(tie[0]), tie[1:])
            yield replace(made, kind="tied", stated=text)
            return
        if conditions and all(self._roots_of(one) - {root} for one in conditions):
            # Of one dim alone, others as they are, it says nothing.
            yield replace(made, stated=conditions[0].stated(self._lengths))
            return
        if {*good} == {base[root]}:
            yield replace(made, kind="fixed")
            return
        whole = shaped(made, good, bad)
        if whole.kind != "other":
            yield whole
            return
        low, high = [one for one in bad if one < min(good)], [one for one in bad if one > max(good)]
        if low:
            yield replace(self._demand(root, base, low), kind="least", bound=min(good))
        if high:
            yield replace(self._demand(root, base, high), kind="most", bound=max(good))
        others: dict[str, list[int]] = {}
        for value in bad:
            if min(good) < value < max(good):
                broken = self._conditions(root, base, value)
                others.setdefault(broken[0].stated(self._lengths) if broken else "", []).append(value)
        for text, values in others.items():
            yield replace(self._demand(root, base, values), stated=text)

    def _demand(self, root: str, base: Mapping[str, int], bad: Sequence[int]) -> Demand:
        """That some values of a root are left out, whatever keeps them out."""
        dim, linear = self._shown(root)
        near = tuple(sorted(bad, key=lambda value: abs(value - base[root])))
        static = any(isinstance(size, int) for size in self._at_axes(root))
        noted = self._noted(self.dynamic.sizes_at({**base, root: near[0]}))
        return Demand(dim, root, linear, "other", base[root], near, None, 1, "", static, *noted)

    def _conditions(self, root: str, base: Mapping[str, int], value: int) -> list[NotedCondition]:
        """The conditions that a value of a root breaks."""
        return self._broken(self._given(self.dynamic.sizes_at({**base, root: value})))

    def _roots_of(self, condition: NotedCondition) -> set[str]:
        """The roots that a condition is about."""
        sizes = [self.dynamic.axes[name][place].size for name, place in condition.axes]
        dims = {symbol for one in sizes if one is not None for symbol in one.symbols}
        linear = [self.dynamic.dims[one] for one in dims if one in self.dynamic.dims]
        return {one.root for one in linear if one.root is not None}

    @property
    def _lengths(self) -> Mapping[str, Sequence[Size | None]]:
        """The sizes of the axes of inputs, by the names that their user wrote."""
        bare = {own: Size.symbol(name) for own, name in self.dynamic.bare.items()}
        return {
            name: [None if one.size is None else one.size.substitute(bare) for one in axes]
            for name, axes in self.dynamic.axes.items()
        }

    def _shown(self, root: str) -> tuple[str, Linear]:
        """The dim that stands for a root in messages: the plainest one, by the name that its user wrote."""
        own = [(name, one) for name, one in self.dynamic.dims.items() if one.root == root]
        name, linear = min(own, key=lambda one: (one[1].factor, one[1].offset))
        return self.dynamic.bare.get(name, name), linear

    def _at_axes(self, root: str) -> Iterable[Any]:
        """What torch has at the axes that are dims of a root: symbols, or sizes."""
        for one, shape in zip(self.dynamic.inputs, self._shapes, strict=True):
            for axis, size in zip(self.dynamic.axes[one.input.name], shape, strict=True):
                linear = None if axis.size is None else self.dynamic.dims.get(str(axis.size))
                if linear is not None and linear.root == root:
                    yield size

    def _noted(self, sizes: Mapping[str, int]) -> tuple[bool, UserLine | None]:
        """Whether torch asks of these sizes that something is 1, and the user's line where it first asks what fails."""
        node = next((one for one in self.program.graph.nodes if "val" in one.meta), None)
        fake: Any = getattr(None if node is None else node.meta["val"], "fake_mode", None)
        environment: Any = getattr(fake, "shape_env", None)
        sources: Mapping[str, Any] = getattr(environment, "source_to_var", {})
        given = dict(zip(self._names, self._given(sizes), strict=True))
        values = {
            symbol: given[name][axis]
            for name in self._names
            for axis in range(len(given[name]))
            if (symbol := sources.get(f"L['{name}'].size()[{axis}]")) is not None
        }
        broken = [
            one
            for one in getattr(environment, "guards", ())
            if one.expr.free_symbols and one.expr.subs(values) == sympy.false
        ]
        of_one = any(isinstance(one.expr, sympy.Eq) and 1 in one.expr.args for one in broken)
        lines = (noted_line(one.sloc) for one in broken)
        return of_one, next((one for one in lines if one is not None), None)

    def _given(self, sizes: Mapping[str, int]) -> _Sizes:
        """The sizes of the inputs."""
        return [
            tuple(
                size if axis.size is None else axis.size.evaluate(sizes)
                for axis, size in zip(self.dynamic.axes[one.input.name], one.value.shape, strict=True)
            )
            for one in self.dynamic.inputs
        ]


def _linear_in(size: Any) -> tuple[Any, int, int]:
    """A size of torch's as symbol, factor and offset: no symbol of a number, a factor of 0 of what is not linear."""
    expression: Any = size.node.expr if isinstance(size, torch.SymInt) else sympy.Integer(size)
    symbols = list(expression.free_symbols)
    if not symbols:
        return None, 0, int(expression)
    if len(symbols) == 1:
        offset, second = expression.subs(symbols[0], 0), expression.subs(symbols[0], 1)
        if sympy.expand(offset + (second - offset) * symbols[0] - expression) == 0:
            return symbols[0], int(second - offset), int(offset)
    return expression, 0, 0
