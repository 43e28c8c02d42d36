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
    """Says which axis is missing, or too many, where one reading fits and the size of another axis confirms it."""
    fixed = _fixed_sizes(shape, bindings, attributes, broadcasts=True)
    if fixed is None:
        return None
    loose = [isinstance(axis, Dim) and axis.broadcast for axis in shape.axes]
    if len(sizes) == len(fixed) - 1:
        places = [
            at
            for at in range(len(fixed))
            if (fixed[at] in (None, 1) or loose[at])
            and _confirmed(fixed[:at] + fixed[at + 1 :], loose[:at] + loose[at + 1 :], sizes)
        ]
        if len(places) == 1:
            at = places[0]
            adds = "x[None]" if at == 0 else f"x.unsqueeze({at})"
            return f"is `{shape.axes[at]}` missing? {adds} adds it, with size 1"
    if len(sizes) == len(fixed) + 1:
        ones = [at for at in range(len(sizes)) if sizes[at] == 1]
        fits = [at for at in ones if _confirmed(fixed, loose, [*sizes[:at], *sizes[at + 1 :]])]
        if len(fits) == 1:
            return f"axis {fits[0]} has size 1 and is one too many: x.squeeze({fits[0]}) takes it away"
    return None


def _confirmed(fixed: Sequence[int | None], loose: Sequence[bool], sizes: Sequence[int]) -> bool:
    """Tells whether sizes fit, and one of them by a size that is known."""
    pairs = list(zip(fixed, loose, sizes, strict=True))
    fits = all(size is None or size == actual or (one and actual == 1) for size, one, actual in pairs)
    return fits and any(size is not None and size == actual for size, _, actual in pairs)


def _fixed_sizes(
    shape: Pattern, bindings: Bindings, attributes: Attributes, broadcasts: bool = False
) -> list[int | None] | None:
    """The sizes that the axes must have, None for free ones; None for shapes with groups or flattened axes.

    Shapes that broadcast, or hold one dim twice, have sizes only with `broadcasts`.
    """
    fixed: list[int | None] = []
    names: list[str] = []
    for axis in shape.axes:
        if not isinstance(axis, Dim) or (axis.broadcast and not broadcasts):
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
    return fixed if broadcasts or len(set(names)) == len(names) else None


def _name(axis: object) -> str:
    return axis.name if isinstance(axis, Dim) and axis.name is not Unknown else str(axis)
