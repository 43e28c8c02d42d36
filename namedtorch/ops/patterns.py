"""Patterns that carry names: `N (heads d) T -> N heads T d` splits, permutes, reduces, repeats and merges axes.

The left side is in the order of the axes, and its names are those that they carry, or that axes without one get; the
result carries those of the right side.
"""

from collections.abc import Callable, Sequence
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops import reduction as reductions
from namedtorch.ops.axes import INSERTED, ONE, Axis, carried_by, merged, names_in, product
from namedtorch.ops.call import Call, as_size, with_rank
from namedtorch.ops.einops import CODE, quotient
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.pattern_layout import layout
from namedtorch.ops.pattern_moves import REDUCTIONS, steps
from namedtorch.ops.pattern_sides import Composed, Part, bad, read_sides
from namedtorch.ops.pattern_steps import held, written_steps
from namedtorch.ops.recipes import Recipe
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.tidy_steps import tidied
from namedtorch.ops.values import Fields

NAMES: Final = "names-differ"
_INPUT: Final = "input"


def transformed(operation: str) -> Callable[[Call], TensorShape]:
    """The rule of an operation: the shape that a pattern gives."""

    def rule(call: Call) -> TensorShape:
        return _Transform(call, operation).shape

    return rule


def recipe(operation: str, call: Call) -> Recipe:
    """What one call does. Raises `Misfit`, and `Undetermined` where a size is not known."""
    transform = _Transform(call, operation)
    reduction = call.text("reduction") if operation == "reduce" else ""
    return Recipe(transform.shape, steps(transform.layout.moves, transform.sizes, reduction))


def written(operation: str) -> Callable[[Call], Recipe]:
    """What one call does in the steps that people write, which need no other sizes than those that are given."""

    def rule(call: Call) -> Recipe:
        transform = _Transform(call, operation)
        moves, sizes = transform.layout.moves, transform.told
        reduction = call.text("reduction") if operation == "reduce" else ""
        checked = [
            one for one in held(moves, sizes) if not call.is_equal(transform.input[one.place].size, one.size)
        ]
        steps = written_steps(moves, sizes, reduction, takes_all)
        return Recipe(transform.shape, tidied(steps, len(transform.input)), tuple(checked))

    return rule


def takes_all(method: str) -> bool:
    """Whether a method of torch reduces all axes where it is told none."""
    row = next(row for row in reductions.OPERATORS if f"torch.Tensor.{method}" in row.spellings)
    return not any(one.required for one in row.taken[1:])


class _Transform:
    """One pattern applied to one tensor: the axes that its dims are."""

    def __init__(self, call: Call, operation: str) -> None:
        self.call = call
        pattern, sizes = call.text("pattern"), call.value("sizes")
        assert isinstance(sizes, Fields)
        if operation == "reduce":
            _check_reduction(call.value("reduction"))
        left, _ = read_sides(pattern)
        self.left = left
        self.given = {name: as_size(one) for name, one in zip(sizes.names, sizes.items, strict=True)}
        shape = call.shape(_INPUT)
        if shape.rank is Unknown and left.several is Unknown:
            shape = with_rank(shape, len(left.axes))
        self.input = shape.fixed
        self.layout = layout(operation, pattern, sizes.names, len(self.input))
        self.axes: dict[str, Axis] = {}
        self._check_written()
        self._check_names()
        for place, (composed, axis) in enumerate(zip(self.layout.taken, self.input, strict=True)):
            self._take(composed, place, axis)

    def size(self, part: Part) -> Size | UnknownType | None:
        """The size that a dim is given; None where it is given none."""
        written = self.layout.written.get(part.key)
        return self.given.get(part.key) if written is None else Size.constant(written)

    def _check_written(self) -> None:
        for name, size in self.given.items():
            written = self.layout.written.get(name)
            if written is not None and not self._may_be(size, Size.constant(written)):
                raise bad(f"`{name}` is {written} in the pattern, and {size} is given", "give the size once")

    def _may_be(self, size: Size | UnknownType, other: Size | UnknownType) -> bool:
        return size is Unknown or other is Unknown or self.call.judge.needs(size, other)

    # Names

    def _check_names(self) -> None:
        """Refuses a pattern that names an axis otherwise than it is named."""
        wrong = [
            place
            for place, (composed, axis) in enumerate(zip(self.layout.taken, self.input, strict=True))
            if axis.carried is not Unknown and not _is_called(composed, axis.carried)
        ]
        if wrong:
            raise misnamed(
                _INPUT, self.left.text, [_text(one) for one in self.layout.taken], self.input, wrong[0]
            )

    # Sizes

    def _take(self, composed: Composed, place: int, axis: Axis) -> None:
        if len(composed) > 1:
            self._split(composed, place, axis)
            return
        for part in composed:
            self._keep(part, place, axis)
        if not composed:
            self._equal("1", place, axis, ONE)

    def _keep(self, part: Part, place: int, axis: Axis) -> None:
        size = self.size(part)
        if size is not None:
            self._equal(str(part), place, axis, size)
            if axis.size is Unknown:
                axis = axis.resized(size)
        self.axes[part.key] = axis if part.name is Unknown else axis.called(part.name)

    def _split(self, composed: Composed, place: int, axis: Axis) -> None:
        sizes = [self.size(part) for part in composed]
        text = _text(composed)
        if sizes.count(None) > 1:
            names = ", ".join(f"`{part}`" for part, size in zip(composed, sizes, strict=True) if size is None)
            raise Misfit(
                CODE, f"`{text}` is {axis}, and the sizes of {names} are not known", _INPUT, place,
                help="give all but one: `heads=8`",
            )  # fmt: skip
        known = product(Axis(size) for size in sizes if size is not None)
        if None not in sizes:
            self._equal(text, place, axis, known)
        elif not self._divides(known, axis):
            raise Misfit(CODE, f"`{text}` splits {axis} into parts of {known}", _INPUT, place, left=axis)
        for part, size in zip(composed, sizes, strict=True):
            found = quotient(axis.size, known) if size is None else size
            self.axes[part.key] = Axis(found, carried=part.name)

    def _divides(self, known: Size | UnknownType, axis: Axis) -> bool:
        return (known is Unknown or known.value != 0) and self.call.divisible(axis.size, known)

    def _equal(self, text: str, place: int, axis: Axis, size: Size | UnknownType) -> None:
        if not self._may_be(axis.size, size):
            raise Misfit(
                CODE, f"`{text}` is {size}, and axis {place} is {axis}", _INPUT, place,
                left=axis, right=Axis(size),
            )  # fmt: skip

    @property
    def told(self) -> dict[str, Size]:
        """The sizes that are given, by what tells their dims. Raises `Undetermined`."""
        found: dict[str, Size] = {}
        for composed in (*self.layout.taken, *self.layout.given):
            for part in composed:
                size = self.size(part)
                if size is Unknown:
                    raise Undetermined
                if size is not None:
                    found[part.key] = size
        return found

    @property
    def sizes(self) -> dict[str, Size]:
        """The size of every dim, those that are made among them. Raises `Undetermined`."""
        found: dict[str, Size] = {}
        for composed in (*self.layout.taken, *self.layout.given):
            for part in composed:
                size = self._part(part).size
                if size is Unknown:
                    raise Undetermined
                found[part.key] = size
        return found

    # The result

    @property
    def shape(self) -> TensorShape:
        """The shape of the right side. Raises `Misfit` where a name would be that of two axes."""
        axes = tuple(self._axis(composed) for composed in self.layout.given)
        refuse_doubled(axes, self.input)
        return TensorShape(axes)

    def _axis(self, composed: Composed) -> Axis:
        if not composed:
            return INSERTED
        axes = [self._part(part) for part in composed]
        return axes[0] if len(axes) == 1 else merged(axes).called(_merged_name(axes))

    def _part(self, part: Part) -> Axis:
        found = self.axes.get(part.key)
        if found is not None:
            return found
        size = self.size(part)
        return Axis(Unknown if size is None else size, carried=part.name)


def misnamed(argument: str, text: str, written: Sequence[str], axes: Sequence[Axis], place: int) -> Misfit:
    """The misfit of a text that names the axes of an argument, that at `place` otherwise than it is named."""
    names = ["_" if axis.carried is Unknown else axis.carried for axis in axes]
    if sorted(names) == sorted(written):
        return Misfit(
            NAMES, f"the pattern has `{text}`, and the dims of `{argument}` are `{' '.join(names)}`", argument, place,
            help="write them in their order, or put them in that order by `align_to`",
        )  # fmt: skip
    return Misfit(
        NAMES,
        f"the pattern has `{text}`, and axis {place} of `{argument}` is `{names[place]}`, not `{written[place]}`",
        argument, place, help="write the names that the axes have; `rename` gives them others",
    )  # fmt: skip


def refuse_doubled(result: Sequence[Axis], inputs: Sequence[Axis]) -> None:
    """Refuses a name that two axes of a result would have, and none of the inputs has twice. Raises `Misfit`."""
    names = [axis.carried for axis in result if axis.carried is not Unknown]
    for name in dict.fromkeys(names):
        if names.count(name) > max(1, sum(axis.carried == name for axis in inputs)):
            raise Misfit(
                "names-repeated", f"two axes of the result would be `{name}`", "pattern",
                help="`_` and `...` keep the names of their axes; `rename` one of them",
            )  # fmt: skip


def _text(composed: Composed) -> str:
    """The dims of an axis as users write them."""
    if len(composed) == 1:
        return str(composed[0])
    return f"({' '.join(map(str, composed))})" if composed else "1"


def _merged_name(axes: Sequence[Axis]) -> str | UnknownType:
    """The name of the axis that these make; those in the name of one stand beside the others."""
    names = [name for axis in axes for name in names_in(axis.carried) or (axis.carried,)]
    return carried_by(Axis(carried=name) for name in names)


def _is_called(composed: Composed, carried: str) -> bool:
    """Whether an axis of a name may be written as these dims.

    One dim is named as the axis is. Several split it, whatever its name; but where it was merged of dims, these stay in
    their order.
    """
    if not composed or (len(composed) == 1 and composed[0].name is Unknown):
        return True
    if len(composed) == 1:
        return composed[0].name == carried
    inner = [str(name) for name in names_in(carried)]
    outer = [str(part.name) for part in composed]
    while inner and outer and inner[0] == outer[0]:
        inner, outer = inner[1:], outer[1:]
    while inner and outer and inner[-1] == outer[-1]:
        inner, outer = inner[:-1], outer[:-1]
    return not (set(inner) & set(outer)) - {str(Unknown)}


def _check_reduction(value: object) -> None:
    if isinstance(value, str) and value not in REDUCTIONS:
        raise bad(f"there is no reduction `{value}`", f"it is one of {', '.join(REDUCTIONS)}")


OPERATORS: Final = (
    OpRule(
        "namedtorch.rearrange", "input, pattern, **sizes", transformed("rearrange"),
        spelled=("namedtorch.NamedTensor.rearrange",), dtype=SAME, recipe=written("rearrange"),
    ),
    OpRule(
        "namedtorch.reduce", "input, pattern, reduction, **sizes", transformed("reduce"),
        spelled=("namedtorch.NamedTensor.reduce",), recipe=written("reduce"),
    ),
    OpRule("namedtorch.repeat", "input, pattern, **sizes", transformed("repeat"), dtype=SAME, recipe=written("repeat")),
)  # fmt: skip
