"""Dynamic shapes: what torch.export is told of the axes of each input, made from a narrowed signature.

Every dim that the signature leaves free is a `torch.export.Dim`, dims that are equal are one, and what `where` says of
its size is its range. A dim that is computed (`2*T`) is derived where torch can derive it.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch.export import Dim as TorchDim

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.pattern import Dim, Flattened
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.targets.flat import FlatInput
from namedtorch.lower.targets.roots import Bounds, Linear, Solving, linear_in


@dataclass(frozen=True, slots=True)
class AxisSize:
    """The size of one axis of an input over the free dims, as the signature says it; None where it says nothing."""

    size: Size | None


@dataclass(slots=True)
class DynamicShapes:
    """What torch.export is told of the inputs of a call under a narrowed signature's constraints, `where`.

    `axes` are the sizes of all axes by input, `bounds` the ranges of the roots of which dims are computed; `undeclared`
    are roots that stand in constraints of which torch can't be told.
    """

    inputs: Sequence[FlatInput]
    where: Sequence[Constraint]
    axes: dict[str, tuple[AxisSize, ...]] = field(init=False)
    bounds: dict[str, Bounds] = field(init=False)
    undeclared: tuple[str, ...] = field(init=False)
    _names: set[str] = field(init=False)
    _roots: dict[str, Any] = field(init=False)
    _solved: dict[str, Linear] = field(init=False)

    def __post_init__(self) -> None:
        self.axes = {one.input.name: tuple(_axes(one)) for one in self.inputs}
        free = free_dims(self.axes)
        solving = Solving(free, [*self._constraints()])
        self._solved, self.bounds, self.undeclared = solving.solved, solving.bounds, tuple(solving.undeclared)
        self._names, self._roots = set(), {}

    @property
    def shapes(self) -> dict[str, dict[int, Any] | None]:
        """The `dynamic_shapes` of torch.export, by the names of the inputs: what the signature promises."""
        return {name: self._shape(axes, self._axis) or None for name, axes in self.axes.items()}

    @property
    def open_shapes(self) -> dict[str, dict[int, Any] | None]:
        """The same, with axes of which torch finds out itself in the place of all that are free."""
        return {name: self._shape(axes, self._open) or None for name, axes in self.axes.items()}

    @property
    def bare(self) -> Mapping[str, str]:
        """The names that a user gave dims which are bound anew for each element, and have names of their own here."""
        return {
            scoped_name(name, one): name
            for one in self.inputs
            if one.hint is not None
            for name in one.hint.shape.each
        }

    @property
    def derives_unknown(self) -> bool:
        """Whether a size is computed as torch can't be told."""
        made = [self._axis(axis) for axes in self.axes.values() for axis in axes]
        return any(one is TorchDim.AUTO for one in made)

    @property
    def dims(self) -> Mapping[str, Linear]:
        """The free dims of the inputs, each in terms of its root; one without a root has one size."""
        return self._solved

    @property
    def roots(self) -> tuple[str, ...]:
        """What dims are computed from, each as free as its range (`bounds`) and `where` say."""
        return tuple(dict.fromkeys(one.root for one in self._solved.values() if one.root is not None))

    def sizes_at(self, roots: Mapping[str, int]) -> dict[str, int]:
        """The sizes of the free dims."""
        return {
            name: one.offset if one.root is None else one.factor * roots[one.root] + one.offset
            for name, one in self._solved.items()
        }

    def roots_at(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """The values of the roots at sizes of the free dims."""
        return {
            one.root: (sizes[name] - one.offset) // one.factor
            for name, one in self._solved.items()
            if one.root is not None
        }

    def example(self) -> dict[str, int]:
        """The sizes of the free dims in the inputs themselves."""
        found: dict[str, int] = {}
        pairs = [
            (axis.size, size)
            for one in self.inputs
            for axis, size in zip(self.axes[one.input.name], one.value.shape, strict=True)
            if axis.size is not None
        ]
        # A factor of a flattened axis is known once the others are.
        for _ in self._solved:
            known = {name: Size.constant(size) for name, size in found.items()}
            for own, size in pairs:
                linear = linear_in(own.substitute(known))
                if linear is not None and linear.root is not None:
                    found.setdefault(linear.root, (size - linear.offset) // linear.factor)
        return found

    def allowed(self, sizes: Mapping[str, int]) -> bool:
        """Whether all constraints hold at sizes of the free dims, which are all that they are about."""
        return all(one.holds(sizes) for one in self._constraints() if one.symbols <= sizes.keys()) and all(
            size > 0 for size in sizes.values()
        )

    def _constraints(self) -> Iterable[Constraint]:
        yield from self.where
        for each in self.inputs:
            yield from _own(each)

    def _shape(self, axes: Iterable[AxisSize], dim: Callable[[AxisSize], Any]) -> dict[int, Any]:
        found = {place: dim(axis) for place, axis in enumerate(axes)}
        return {place: one for place, one in found.items() if one is not None}

    def _open(self, axis: AxisSize) -> Any:
        return None if self._axis(axis) is None else TorchDim.AUTO

    def _axis(self, axis: AxisSize) -> Any:
        if axis.size is None:
            return TorchDim.AUTO
        if axis.size.value is not Unknown:
            return None
        linear = linear_in(axis.size)
        if linear is None or linear.root is None:
            return TorchDim.AUTO
        linear = linear.at(self._solved[linear.root])
        if linear.root is None:
            return None
        if linear.root in self.undeclared or linear.factor < 1:
            return TorchDim.AUTO
        root = self._root(linear.root)
        made = root if linear.factor == 1 else linear.factor * root
        if linear.offset:
            made = made + linear.offset if linear.offset > 0 else made - -linear.offset
        return made

    def _root(self, root: str) -> Any:
        if root not in self._roots:
            name = _identifier(root)
            while name in self._names:
                name += "_"
            self._names.add(name)
            bounds = self.bounds.get(root, Bounds())
            self._roots[root] = (
                TorchDim(name, min=bounds.least)
                if bounds.most is None
                else TorchDim(name, min=bounds.least, max=bounds.most)
            )
        return self._roots[root]


def _own(one: FlatInput) -> Iterable[Constraint]:
    """What an input's own shape says of dims, under their names in the call: its constraints, and sizes (`C=3`)."""
    if one.hint is None:
        return
    scoped = {name: Size.symbol(scoped_name(name, one)) for name in one.hint.shape.each}
    for constraint in one.hint.shape.where:
        yield constraint.substitute(scoped)
    for axis in one.hint.shape.axes:
        for dim in axis.factors if isinstance(axis, Flattened) else (axis,):
            if isinstance(dim, Dim) and dim.name is not Unknown and dim.size is not Unknown:
                yield Constraint(Size.symbol(dim.name), "==", dim.size).substitute(scoped)


def scoped_name(name: str, one: FlatInput) -> str:
    """A dim that is bound anew for each element, under a name of its own."""
    return _identifier(f"{one.input.name}_{name}")


def _axes(one: FlatInput) -> Iterable[AxisSize]:
    if one.hint is None:
        yield from [AxisSize(None)] * one.value.dim()
        return
    for place, axis in enumerate(one.hint.shape.axes):
        match axis:
            case Dim():
                yield AxisSize(_size(axis, one, place))
            case Flattened(factors=factors) if all(_is_known(factor) for factor in factors):
                yield AxisSize(
                    math.prod([_size(one_of, one, place) for one_of in factors], start=Size.constant(1))
                )
            case _:
                # Also a group whose elements have other ranks each.
                yield AxisSize(None)


def _is_known(dim: Dim) -> bool:
    return dim.name is not Unknown or dim.size is not Unknown


def _size(dim: Dim, one: FlatInput, place: int) -> Size:
    """The size of a dim at an axis of an input, dims of elements under names of their own."""
    if dim.size is not Unknown:
        each = frozenset[str]() if one.hint is None else one.hint.shape.each
        scoped = {name: Size.symbol(scoped_name(name, one)) for name in dim.size.symbols & each}
        return dim.size.substitute(scoped)
    if dim.name is Unknown:
        return Size.symbol(_anonymous(one, place))
    return Size.symbol(scoped_name(dim.name, one) if dim.each else dim.name)


def _anonymous(one: FlatInput, place: int) -> str:
    return f"{one.input.name}_axis{place}"


def _identifier(text: str) -> str:
    name = "".join(one if one.isidentifier() or one.isdigit() else "_" for one in text)
    return name if name.isidentifier() else f"_{name}"


def free_dims(axes: Mapping[str, Iterable[AxisSize]]) -> list[str]:
    """The dims of the inputs that are free, in order."""
    found = (
        symbol
        for one in axes.values()
        for axis in one
        if axis.size is not None
        for symbol in sorted(axis.size.symbols)
    )
    return list(dict.fromkeys(found))
