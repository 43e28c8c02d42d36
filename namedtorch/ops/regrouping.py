"""The rule of views: the same elements in the same order, under other sizes.

A view splits and merges neighbouring axes. It can't reorder them, though it takes sizes that look as if it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Final, TypeAlias

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest, merged, product
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.moved_dims import Regrouped, moved_dim, skewed
from namedtorch.ops.ratio import Ratio, product_of, quotient
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.view_names import MOVES, carried_names, check_unmixed

CODE: Final = "elements-differ"
_ONE: Final = Size.constant(1)
CUTS: Final = "view-cuts-dim"


class _Inferred(Enum):
    INFERRED = "-1"


INFERRED: Final = _Inferred.INFERRED
"""A size written as -1: what the others leave."""

Asked: TypeAlias = "Size | UnknownType | _Inferred"


@dataclass(frozen=True, slots=True)
class Viewed:
    """The argument that a view reads: its name, and the place of its first axis."""

    argument: str = "input"
    first: int = 0


INPUT: Final = Viewed()
"""The first argument, from its first axis on."""


def asked_sizes(sizes: Sequence[Size | UnknownType], argument: str) -> list[Asked]:
    """The sizes of a view as they are meant. Raises `Misfit` for two that are -1, and for negative ones."""
    asked: list[Asked] = []
    for size in sizes:
        number = Unknown if size is Unknown else size.value
        if number is not Unknown and number < -1:
            raise Misfit(CODE, f"a size is {number}", argument)
        asked.append(INFERRED if number == -1 else size)
    if asked.count(INFERRED) > 1:
        raise Misfit(CODE, "more than one size is -1", argument)
    return asked


def viewed(call: Call, shape: TensorShape, asked: Sequence[Asked], by: Viewed = INPUT) -> TensorShape:
    """The shape under other sizes.

    Raises `Misfit` where the numbers of elements differ, and where axes that carry names are mixed; `Undetermined`
    where nothing tells what becomes of names. A view that moves dims is noticed.
    """
    known = [axis for axis in shape.axes if isinstance(axis, Axis) and axis.size is not Unknown]
    if len(known) < len(shape.axes) or Unknown in asked:
        is_named = shape.rest is Unknown and has_names(shape.axes)
        return TensorShape(
            tuple(_by_symbols(call, shape.fixed, asked) if is_named else _alike(shape.axes, asked))
        )
    axes = shape.fixed
    try:
        sizes = [one for one in asked if isinstance(one, Size)]
        if INFERRED in asked:
            missing = _inferred(call, axes, sizes, by)
            if missing is Unknown:
                return TensorShape(tuple(_alike(axes, asked)))
            sizes = [one if isinstance(one, Size) else missing for one in asked]
        else:
            _check_elements(call, axes, sizes, by)
        return TensorShape(_regrouped(call, axes, sizes, by, asked))
    except (ValueError, ZeroDivisionError):
        # A size of 0, or one too large: there is no order of elements to speak of.
        is_empty = any(axis.value == 0 for axis in axes) and has_names(axes)
        return TensorShape(tuple(_by_symbols(call, axes, asked) if is_empty else _alike(axes, asked)))


def has_names(axes: Sequence[Axis | Rest]) -> bool:
    """Whether one of these carries a name."""
    return any(isinstance(axis, Axis) and axis.carried is not Unknown for axis in axes)


def _by_symbols(call: Call, axes: Sequence[Axis], asked: Sequence[Asked]) -> list[Axis]:
    """The axes of a view of a tensor with sizes that are 0 or not known, as if they were symbols.

    Raises `Undetermined` where that tells of no such view.
    """
    none, symbols = Size.symbol("{none}"), [Size.symbol(f"{{axis.{place}}}") for place in range(len(axes))]
    filled = [
        axis.resized(symbol if axis.size is Unknown else none if axis.value == 0 else axis.size)
        for axis, symbol in zip(axes, symbols, strict=True)
    ]
    wanted = [none if isinstance(one, Size) and one.value == 0 else one for one in asked]
    if wanted.count(Unknown) == 1 and INFERRED not in wanted:
        # One size is told by all others.
        wanted[wanted.index(Unknown)] = INFERRED
    if Unknown in wanted:
        raise Undetermined
    try:
        found = viewed(Call(call.arguments, Plain()), TensorShape(tuple(filled)), wanted).fixed
    except Misfit:
        raise Undetermined from None
    return [
        axis.resized(one if isinstance(one, Size) else Unknown)
        for axis, one in zip(found, asked, strict=True)
    ]


def _alike(axes: Sequence[Axis | Rest], asked: Sequence[Asked]) -> list[Axis]:
    """The axes of a view of which only the sizes are known; those that it surely leaves alone are kept.

    Raises `Undetermined` where another carries a name.
    """
    result = [Axis(one) if isinstance(one, Size) else ANY for one in asked]
    kept = 0
    for axis, one in zip(axes, result, strict=False):
        if not isinstance(axis, Axis) or axis.size is Unknown or axis.size != one.size:
            break
        result[kept] = axis
        kept += 1
    if has_names(axes[kept:]):
        raise Undetermined
    return result


def _inferred(call: Call, axes: Sequence[Axis], sizes: Sequence[Size], by: Viewed) -> Size | UnknownType:
    """The size that is written as -1. Raises `Misfit` where the other sizes surely do not divide the elements."""
    given = [axis.size for axis in axes if axis.size is not Unknown]
    ratio = product_of(given).over(product_of(sizes))
    if ratio.is_whole:
        return quotient(ratio)
    meant = product_of(given, exact=True).over(product_of(sizes, exact=True))
    if meant.is_whole:
        return quotient(meant)
    if not call.divisible(ratio.top, ratio.bottom):
        left, right = _uncancelled(axes, sizes)
        raise Misfit(
            CODE,
            f"`{_written(right)}` does not divide its `{_written(left)}` elements"
            if len(left) == len(axes)
            else f"`{_written(right)}` does not divide the `{_written(left)}` elements that are left",
            by.argument,
            left=Axis(product(left)),
            right=Axis(product(right)),
        )
    return quotient(meant)


def _check_elements(call: Call, axes: Sequence[Axis], sizes: Sequence[Size], by: Viewed) -> None:
    left, right = _uncancelled(axes, sizes)
    here, there = product(left), product(right)
    if here is Unknown or there is Unknown:
        return
    if any(axis.value == 0 for axis in axes) and any(size.value == 0 for size in sizes):
        return
    if here.value == 0 or there.value == 0:
        fits = call.judge.needs(here, there)
    else:
        # What cancels is on both sides for all values: a lone rest of symbols would have to be 1. Asked first, for
        # what has to be equal is so from then on.
        rest = product_of([here]).over(product_of([there]))
        lone = [one for one in (rest, rest.inverse) if _is_lone(one)]
        fits = (
            not any(_is_left(call, one) for one in lone)
            and call.judge.needs(here, there)
            and all(call.judge.needs(one.top, _ONE) for one in lone)
        )
    if not fits:
        raise Misfit(
            CODE,
            f"it has {_elements(axes)} elements, and the view {_elements([Axis(size) for size in sizes])}",
            by.argument,
            left=Axis(here),
            right=Axis(there),
        )


def _is_lone(rest: Ratio) -> bool:
    """Whether this is a product of symbols and nothing else."""
    return rest.is_whole and not rest.is_one and rest.plain_symbols and rest.number == 1


def _is_left(call: Call, rest: Ratio) -> bool:
    """Whether one of these dims at least need not be 1."""
    return not call.is_equal(rest.top, _ONE) and any(
        call.judge.insists(Size.symbol(name), _ONE) for name in rest.top.symbols
    )


def _uncancelled(axes: Sequence[Axis], sizes: Sequence[Size]) -> tuple[list[Axis], list[Axis]]:
    """The axes and the sizes of a view without those that are on both sides."""
    left, right = list(axes), list(sizes)
    for axis in axes:
        if axis.size is not Unknown and axis.size in right:
            right.remove(axis.size)
            left.remove(axis)
    return left, [Axis(size) for size in right]


def _elements(axes: Sequence[Axis]) -> str:
    number = product(axes)
    text = "*".join(_factor(axis) for axis in axes) or "1"
    if number is Unknown or number.value is Unknown or len(axes) < 2:
        return f"`{text}`"
    return f"{number} (`{text}`)"


def _written(axes: Sequence[Axis]) -> str:
    return "*".join(_factor(axis) for axis in axes) or "1"


def _factor(axis: Axis) -> str:
    text = str(axis.size)
    return f"({text})" if any(sign in text for sign in "+-") else text


def _regrouped(
    call: Call, axes: Sequence[Axis], sizes: Sequence[Size], by: Viewed, asked: Sequence[Asked]
) -> tuple[Axis, ...]:
    """The axes of a view of which all sizes are known."""
    view = Regrouped.of(axes, sizes)
    inferred = asked.index(INFERRED) if INFERRED in asked else Unknown
    names: dict[int, str | UnknownType] = {}
    if has_names(axes):
        check_unmixed(view, by.argument, by.first)
        names = carried_names(view, inferred)
    moved = moved_dim(view)
    if moved is not Unknown:
        call.judge.notice(
            Misfit(
                MOVES,
                f"a view only splits and merges neighbouring axes, but `{moved.name}`, which stands "
                f"{_behind(moved.before)} in `{by.argument}`, is asked for {_behind(moved.after)}",
                by.argument,
                by.first + moved.axis,
                left=moved.leaf,
                help=f"elements keep their order here: to move `{moved.name}`, use `transpose` or `permute`",
            )
        )
    elif inferred is not Unknown:
        _notice_cut(call, view, by)
    gone = skewed(view)
    return tuple(
        (ANY if place in gone else _result(view, place, size)).called(names.get(place, Unknown))
        for place, size in enumerate(sizes)
    )


def _behind(front: Ratio) -> str:
    try:
        return "first" if front.is_one else f"behind `{quotient(front)}`"
    except SizeLimitError:
        return "elsewhere"


def _result(view: Regrouped, place: int, size: Size) -> Axis:
    if size.value == 1:
        return Axis(size, inserted=len(view.sizes) > len(view.axes))
    span = view.span(place)
    if span is Unknown:
        return Axis(size)
    axis = merged(view.leaves[span[0] : span[1]])
    return axis if span[1] - span[0] == 1 else replace(axis, size=size)


def _notice_cut(call: Call, view: Regrouped, by: Viewed) -> None:
    """Notices `(N, 400)` viewed as `(-1, 256)`: only where `N` is a multiple of 16 is there such a view."""
    for place, size in enumerate(view.sizes):
        ratio = view.keys[place]
        if ratio.number.denominator == 1 or ratio.number.numerator == 1:
            continue
        if not view.leaves or replace(ratio, number=Fraction(1)) != view.leaf_keys[0]:
            continue
        if not ratio.plain_symbols or ratio.is_number:
            continue
        # The numbers of the other axes and of the input: neither is a multiple of the other.
        numbers = [leaf for leaf in view.leaves if leaf.value is not Unknown]
        others = [one for there, one in enumerate(view.sizes) if there != place and one.value is not Unknown]
        if len(numbers) != len(view.leaves) - 1 or not others:
            continue
        have, want = product(numbers), product([Axis(one) for one in others])
        call.judge.notice(
            Misfit(
                CUTS,
                f"each of its `{view.leaves[0]}` has {have} elements, and the view "
                f"asks for {want}: -1 becomes `{size}`",
                by.argument,
                left=Axis(have),
                right=Axis(want),
                help="write the leading size in the place of -1 to be told where the sizes differ",
            )
        )
        return
