"""Hints that are surely useful: a permutation of the axes that fits, a batch dim that is missing.

A hint is given only where one reading fits and no other does; a wrong hint costs more than none.
"""

from collections.abc import Sequence
from itertools import combinations, permutations

from namedtorch.dims.attributes import AttributeMissing, Attributes, is_attribute
from namedtorch.dims.bindings import Bindings
from namedtorch.dims.pattern import Dim, Pattern
from namedtorch.dims.unknown import Unknown

_MOST_AXES = 6  # permutations are tried, so the rank is bounded; no tensor with a layout has more


def layout_hint(
    shape: Pattern, sizes: Sequence[int], bindings: Bindings, attributes: Attributes
) -> str | None:
    """Names the layout that a tensor seems to have, where exactly one other order of its axes fits.

    `bindings` are those that the tensor did not bring itself. Axes of free size keep their order.
    """
    fixed = _fixed_sizes(shape, bindings, attributes)
    if fixed is None or len(fixed) != len(sizes) or len(sizes) > _MOST_AXES:
        return None
    constrained = [axis for axis, size in enumerate(fixed) if size is not None]
    free = [axis for axis, size in enumerate(fixed) if size is None]
    layouts: set[tuple[int, ...]] = set()
    for picked in permutations(range(len(sizes)), len(constrained)):
        # Dims of one size keep their order: swapping them would fit as well, and say nothing.
        swapped = any(
            one > other and fixed[axis] == fixed[behind]
            for (one, axis), (other, behind) in combinations(zip(picked, constrained, strict=True), 2)
        )
        if not swapped and all(
            sizes[at] == fixed[axis] for at, axis in zip(picked, constrained, strict=True)
        ):
            at_place = dict(zip(picked, constrained, strict=True))
            rest = iter(free)
            layouts.add(tuple(at_place[at] if at in at_place else next(rest) for at in range(len(sizes))))
    if len(layouts) != 1:
        return None
    (layout,) = layouts
    if layout == tuple(range(len(sizes))):
        return None
    text = " ".join(_name(shape.axes[axis]) for axis in layout)
    wrong = [axis for axis in constrained if sizes[axis] != fixed[axis]]
    if len(wrong) == 1:
        at = layout.index(wrong[0])
        return f"axis {at} has size {sizes[at]}: is it {text}?"
    return f"its sizes fit another order of the axes: is it {text}?"


def rank_hint(shape: Pattern, sizes: Sequence[int], bindings: Bindings, attributes: Attributes) -> str | None:
    """Says that the first dim seems to be missing, where the other axes fit and one of them is known."""
    fixed = _fixed_sizes(shape, bindings, attributes)
    if fixed is None or len(fixed) != len(sizes) + 1 or fixed[0] is not None:
        return None
    rest = fixed[1:]
    fits = all(size is None or size == actual for size, actual in zip(rest, sizes, strict=True))
    if not fits or all(size is None for size in rest):
        return None
    return f"is `{shape.axes[0]}` missing? x[None] adds it, with size 1"


def _fixed_sizes(shape: Pattern, bindings: Bindings, attributes: Attributes) -> list[int | None] | None:
    """The sizes that the axes must have, None for free ones; None for shapes with groups or flattened axes."""
    fixed: list[int | None] = []
    names: list[str] = []
    for axis in shape.axes:
        if not isinstance(axis, Dim) or axis.broadcast:
            return None
        if axis.size is Unknown:
            if axis.name is not Unknown:
                names.append(axis.name)
            free = axis.name is Unknown or axis.each
            fixed.append(None if free else bindings.sizes.get(str(axis.name)))
            continue
        try:
            known = {
                symbol: attributes.size(symbol) if is_attribute(symbol) else bindings.sizes[symbol]
                for symbol in axis.size.symbols
            }
            fixed.append(axis.size.evaluate(known))
        except (KeyError, ZeroDivisionError, AttributeMissing):
            return None
    return fixed if len(set(names)) == len(names) else None


def _name(axis: object) -> str:
    return axis.name if isinstance(axis, Dim) and axis.name is not Unknown else str(axis)
