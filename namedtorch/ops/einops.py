"""Patterns of einops: `b (h w) c -> b c h w` splits, permutes, repeats, reduces and merges axes.

Source: https://github.com/arogozhnikov/einops/blob/v0.8.2/einops/einops.py
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, INSERTED, Axis, Rest, merged, names_in, product
from namedtorch.ops.call import Call, as_array, as_size
from namedtorch.ops.einops_packing import packed, unpacked
from namedtorch.ops.einops_pattern import (
    ELLIPSIS,
    Composition,
    Expression,
    Factor,
    Number,
    check_names,
    read_einsum,
    read_pattern,
    spoken,
)
from namedtorch.ops.einsum import BAD, aligned, axis_at, check_rank, contracted
from namedtorch.ops.flattening import flat_name, parted
from namedtorch.ops.judge import Misfit
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Fields, Value

CODE: Final = "elements-differ"
_REDUCTIONS: Final = ("min", "max", "sum", "mean", "prod", "any", "all")

Sizes = dict[str, Size | UnknownType]


class Transform:
    """One pattern applied to one tensor: what its names are bound to. `kept` are those that a reduction leaves."""

    def __init__(self, call: Call, argument: str, sizes: Sizes, kept: Collection[Factor] = ()) -> None:
        self.call = call
        self.argument = argument
        self.sizes = sizes
        self.kept = kept
        self.axes: dict[Factor, Axis] = {}
        self.spread: tuple[Axis | Rest, ...] = ()

    def take(self, left: Expression, shape: TensorShape) -> None:
        """Binds the names of the left side. Raises `Misfit`."""
        named = [one for one in left.axes if isinstance(one, tuple)]
        check_rank(self.argument, left.text, len(named), left.open, shape)
        before = left.axes.index(ELLIPSIS) if left.open else Unknown
        places, self.spread = aligned(shape, len(named), before)
        for factors, place in zip(named, places, strict=True):
            self._split(factors, place, axis_at(shape, place))

    def size(self, factor: Factor) -> Size | UnknownType | None:
        """The size that a factor is given; None where it is given none."""
        if isinstance(factor, Number):
            return Size.constant(factor.value)
        return self.sizes.get(factor)

    def _new(self, factor: Factor) -> Axis:
        """The axis of a factor that is given a size."""
        size = self.size(factor)
        return ANY if size is None else Axis(size)

    def _split(self, factors: Composition, place: int, axis: Axis) -> None:
        open_factors = [one for one in factors if self.size(one) is None]
        if len(open_factors) > 1:
            names = ", ".join(f"`{one}`" for one in open_factors)
            raise Misfit(BAD, f"the sizes of {names} can't be told: give all but one", self.argument, place)
        if len(factors) == 1 and open_factors:
            self.axes[factors[0]] = axis
            return
        known = product(self._new(one) for one in factors if one not in open_factors)
        if not open_factors:
            self._equal(factors, place, axis, known)
        elif not self.call.divisible(axis.size, known):
            raise Misfit(
                CODE,
                f"`{spoken(factors)}` splits {axis} into parts of {known}",
                self.argument,
                place,
                left=axis,
            )
        for factor, one in zip(factors, self._parts(factors, axis, known), strict=True):
            self.axes[factor] = one

    def _equal(self, factors: Composition, place: int, axis: Axis, known: Size | UnknownType) -> None:
        if axis.size is Unknown or known is Unknown:
            return
        if not self.call.judge.needs(axis.size, known):
            raise Misfit(
                CODE, f"`{spoken(factors)}` is {known}, but the axis is {axis}", self.argument, place,
                left=axis, right=Axis(known),
            )  # fmt: skip

    def _parts(self, factors: Composition, axis: Axis, known: Size | UnknownType) -> list[Axis]:
        """The axes that one is split into; those that were flattened in it, where their sizes are these."""
        found: list[Axis] = []
        for factor in factors:
            size = self.size(factor)
            found.append(Axis(quotient(axis.size, known) if size is None else size))
        if len(factors) == 1:
            return [axis if axis.size is not Unknown else found[0].called(axis.carried)]
        if len(axis.parts) == len(found) and all(
            self.call.is_equal(part.size, one.size) for part, one in zip(axis.parts, found, strict=True)
        ):
            return list(axis.parts)
        left = [place for place, factor in enumerate(factors) if factor in self.kept]
        if len(left) == 1 and len(names_in(axis.carried)) != len(found):
            # A reduction in blocks leaves the dim with fewer places, as pooling does.
            found[left[0]] = found[left[0]].called(axis.carried)
            return found
        return parted(axis, found)

    def result(self, right: Expression) -> TensorShape:
        """The shape of the right side."""
        axes: list[Axis | Rest] = []
        for factors in right.axes:
            if isinstance(factors, tuple):
                axes.append(self._merged(factors))
            else:
                axes.extend(self.spread)
        return TensorShape(tuple(axes))

    def _merged(self, factors: Composition) -> Axis:
        axes: list[Axis] = []
        old: list[Axis] = []
        for factor in factors:
            if factor == ELLIPSIS:
                for one in self.spread:
                    if isinstance(one, Rest):
                        return ANY
                    old.append(one)
                    axes.append(one)
            elif factor in self.axes:
                old.append(self.axes[factor])
                axes.append(self.axes[factor])
            else:
                axes.append(self._new(factor))
        if not factors:
            return INSERTED
        if len(axes) == 1:
            return axes[0]
        # What is repeated is still the dim that it was.
        return merged(axes).called(flat_name(old))


def quotient(size: Size | UnknownType, by: Size | UnknownType) -> Size | UnknownType:
    """One size through another, which divides it."""
    if size is Unknown or by is Unknown:
        return Unknown
    try:
        return size // by
    except (SizeLimitError, ZeroDivisionError):
        return Unknown


def transformed(
    call: Call, operation: str, pattern: str, argument: str, value: Value, sizes: Fields
) -> TensorShape:
    """The shape that a pattern gives. Raises `Misfit` where einops refuses it."""
    left, right = read_pattern(pattern)
    check_names(operation, left, right, sizes.names)
    given = {name: as_size(one) for name, one in zip(sizes.names, sizes.items, strict=True)}
    transform = Transform(call, argument, given, right.names if operation == "reduce" else ())
    transform.take(left, _stacked(call, argument, value))
    return transform.result(right)


def _stacked(call: Call, argument: str, value: Value) -> TensorShape:
    """A tensor, or a list of tensors that are stacked along a new first axis."""
    if not isinstance(value, list):
        return as_array(value).shape
    if not value:
        raise Misfit(BAD, "it is an empty list", argument)
    shapes = [as_array(one).shape for one in value]
    first = shapes[0]
    for index, shape in enumerate(shapes[1:], 1):
        if shape.rank is Unknown or first.rank is Unknown:
            continue
        name = f"{argument}[{index}]"
        if shape.rank != first.rank:
            raise Misfit(
                "rank-unfit", f"it has {shape.rank} axes, and `{argument}[0]` has {first.rank}", name
            )
        met = [
            call.same(
                one, other, "cat-sizes-differ", f"it is stacked with `{argument}[0]`", name, place,
                other=f"{argument}[0]", other_axis=place,
            )
            for place, (one, other) in enumerate(zip(shape.fixed, first.fixed, strict=True))
        ]  # fmt: skip
        first = TensorShape(tuple(met))
    return first.inserted(0, Axis.of(len(value)))


def _operator(operation: str) -> Callable[[Call], TensorShape]:
    def rule(call: Call) -> TensorShape:
        """Applies a pattern to `tensor`."""
        if operation == "reduce":
            check_reduction(call.value("reduction"))
        sizes = call.value("axes_lengths")
        assert isinstance(sizes, Fields)
        return transformed(call, operation, call.text("pattern"), "tensor", call.value("tensor"), sizes)

    return rule


def check_reduction(value: object) -> None:
    """Raises `Misfit` for a text that names no reduction."""
    if isinstance(value, str) and value not in _REDUCTIONS:
        raise Misfit(BAD, f"there is no reduction `{value}`", "tensor")


def _layer(operation: str) -> Callable[[Call], TensorShape]:
    def rule(call: Call) -> TensorShape:
        """Applies the pattern of a layer to `input`."""
        if operation == "reduce":
            check_reduction(call.attribute("reduction"))
        pattern, sizes = call.attribute("pattern"), call.attribute("axes_lengths")
        if not isinstance(pattern, str) or not isinstance(sizes, Fields):
            raise Undetermined
        return transformed(call, operation, pattern, "input", call.value("input"), sizes)

    return rule


def einsum(call: Call) -> TensorShape:
    """Tensors, and behind them a pattern whose names are words: `b q d, b k d -> b q k`."""
    items: Sequence[Value] = call.items("tensors_and_pattern")
    if len(items) < 2 or isinstance(items[0], str):
        raise Misfit(BAD, "it takes tensors, and behind them the pattern", "tensors_and_pattern")
    pattern = items[-1]
    if not isinstance(pattern, str):
        raise Undetermined
    shapes = [as_array(one).shape for one in items[:-1]]
    return contracted(call, read_einsum(pattern), shapes, "tensors_and_pattern")


OPERATORS: Final = (
    *(
        OpRule(f"einops.{name}", f"{taken}, **axes_lengths", _operator(name), dtype=SAME)
        for name, taken in (
            ("rearrange", "tensor, pattern"),
            ("repeat", "tensor, pattern"),
            ("reduce", "tensor, pattern, reduction"),
        )
    ),
    OpRule("einops.einsum", "*tensors_and_pattern", einsum, dtype=SAME),
    OpRule("einops.pack", "tensors, pattern", packed),
    OpRule("einops.unpack", "tensor, packed_shapes, pattern", unpacked, dtype=SAME),
)

MODULES: Final = (
    ModuleRule(
        "einops.layers.torch.Rearrange",
        constructor="pattern, **axes_lengths",
        operate=_layer("rearrange"),
    ),
    ModuleRule(
        "einops.layers.torch.Reduce",
        constructor="pattern, reduction, **axes_lengths",
        operate=_layer("reduce"),
    ),
)
