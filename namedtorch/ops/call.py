"""`Call`: one call of an operator, as its rule reads it."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from namedtorch.dims.decide import Answer
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, Rest, is_reordered
from namedtorch.ops.judge import Judge, Misfit
from namedtorch.ops.tensor_shape import SCALAR, NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Array, Untyped, Value

Places: TypeAlias = "int | tuple[Places, ...]"
"""Dims as numbers, as torch takes them: one, several, or several lists."""


class Call:
    """The arguments of one call by the names of the row's parameters, defaults filled in.

    Every reading raises `Undetermined` where the argument is not known well enough. Places that readings return count
    from the left. `read` gives the attributes of a module, for rules of modules. `places_of` tells what the dims that
    were read are as numbers, by argument: what torch takes in the place of names.
    """

    def __init__(
        self,
        arguments: Mapping[str, Value],
        judge: Judge,
        read: Callable[[str], object] = lambda name: Unknown,
    ) -> None:
        self.arguments = arguments
        self.judge = judge
        self.read = read
        self.places_of: dict[str, Places] = {}

    # Reading arguments

    def value(self, name: str) -> Value:
        """The argument as it is; None where the call does not give it."""
        return self.arguments.get(name)

    def given(self, name: str) -> bool:
        """Whether the argument is there and surely not None. Raises `Undetermined` where it may be None."""
        value = self.value(name)
        if value is Unknown:
            raise Undetermined
        return value is not None

    def array(self, name: str) -> Array:
        """A tensor; a Python number is one without axes."""
        return as_array(self.value(name))

    def shape(self, name: str) -> TensorShape:
        """The shape of a tensor; a Python number is one without axes."""
        return self.array(name).shape

    def axes(self, name: str) -> tuple[Axis, ...]:
        """The axes of a tensor of known rank."""
        return self.shape(name).fixed

    def shapes(self, name: str) -> list[TensorShape]:
        """The shapes of a list or tuple of tensors, or of the tensors given one by one."""
        return [as_array(one).shape for one in self.items(name)]

    def items(self, name: str) -> Sequence[Value]:
        """The items of a list or tuple."""
        value = self.value(name)
        if isinstance(value, tuple | list):
            return value
        raise Undetermined

    def size(self, name: str) -> Size | UnknownType:
        """An integer as a size; `Unknown` where it is not known."""
        return as_size(self.value(name))

    def sizes(self, name: str) -> list[Size | UnknownType]:
        """A list of integers as sizes, also one written as several arguments; each may be `Unknown`."""
        value = self.value(name)
        if isinstance(value, tuple | list):
            if len(value) == 1 and isinstance(value[0], tuple | list):
                value = value[0]
            elif len(value) == 1 and value[0] is Unknown:
                # It may be one size, or a list of them.
                raise Undetermined
            return [as_size(one) for one in value]
        if isinstance(value, Size):
            return [value]
        raise Undetermined

    def repeated(self, name: str, count: int) -> list[Size | UnknownType]:
        """So many sizes: a list of them, or one for all (`kernel_size=3`)."""
        value = self.value(name)
        if isinstance(value, tuple | list):
            sizes = [as_size(one) for one in value]
            if len(sizes) == 1:
                return sizes * count
            if len(sizes) != count:
                raise Undetermined
            return sizes
        return [as_size(value)] * count

    def integer(self, name: str) -> int:
        """An integer whose value is known."""
        return as_integer(self.value(name))

    def flag(self, name: str) -> bool:
        """Whether an argument is true."""
        value = self.value(name)
        if isinstance(value, bool):
            return value
        raise Undetermined

    def text(self, name: str) -> str:
        """A string."""
        value = self.value(name)
        if isinstance(value, str):
            return value
        raise Undetermined

    def attribute(self, name: str) -> object:
        """An attribute of the module; `Unknown` where it is not known."""
        return self.read(name)

    # Reading dims. `of` is the name of the tensor whose dims they are.

    def place(self, name: str, of: str = "input", extra: int = 0) -> int:
        """The place of the dim that an argument names, by number or by name."""
        found = self.places_of[name] = self._place(self.value(name), name, of, extra)
        return found

    def places(self, name: str, of: str = "input") -> tuple[int, ...]:
        """The places of the dims that an argument names: one, a list, or all of them where it is None or empty."""
        value = self.value(name)
        if value is None or value == () or value == []:
            return tuple(range(len(self.axes(of))))
        listed = value if isinstance(value, tuple | list) else (value,)
        if len(listed) == 1 and isinstance(listed[0], tuple | list):
            listed = listed[0]
        found = tuple(self._place(one, name, of, 0) for one in listed)
        if len(set(found)) != len(found):
            raise Misfit("axis-repeated", f"`{name}` names one axis twice", of)
        self.places_of[name] = found if isinstance(value, tuple | list) else found[0]
        return found

    def _place(self, value: Value, name: str, of: str, extra: int) -> int:
        shape = self.shape(of)
        if isinstance(value, str):
            return self._named(shape, value, name, of)
        try:
            return shape.place(as_integer(value), extra)
        except NoSuchAxis as error:
            raise no_such_axis(name, of, error.axis, error.rank) from None

    def _named(self, shape: TensorShape, dim: str, name: str, of: str) -> int:
        return place_of(shape, dim, of, f"`{name}` is {dim!r}")

    # Judging

    def same(
        self,
        left: Axis,
        right: Axis,
        code: str,
        detail: str,
        argument: str,
        axis: int | UnknownType = Unknown,
        *,
        other: str | UnknownType = Unknown,
        other_axis: int | UnknownType = Unknown,
        help: str = "",
    ) -> Axis:
        """The axis that two have to be. Raises `Misfit`, which blames `axis` of `argument`, where they can't be one."""
        # What the meeting teaches is not known before it.
        elsewhere = self._elsewhere(left, right, argument, axis)
        met = self.judge.meet(left, right)
        if not met.fits:
            raise Misfit(
                code, detail, argument, axis,
                other=other, other_axis=other_axis, left=left, right=right, help=help,
            )  # fmt: skip
        if elsewhere is not None:
            raise Misfit(
                code, f"{detail}; `{right}` is axis {elsewhere} of `{argument}`", argument, axis,
                other=other, other_axis=other_axis, left=left, right=right, help=help,
            )  # fmt: skip
        self.notice_order(left, right, argument, axis, other, other_axis)
        return met.axis

    def notice_order(
        self, left: Axis, right: Axis, argument: str, axis: int | UnknownType, other: str | UnknownType,
        other_axis: int | UnknownType,
    ) -> None:  # fmt: skip
        """Remarks on two axes that hold the same dims flattened in another order."""
        if left.parts and right.parts and is_reordered(left, right):
            detail = "the same dims are flattened in another order there"
            self.judge.notice(
                Misfit(
                    "flattened-order-differs", detail, argument, axis,
                    other=other, other_axis=other_axis, left=left, right=right,
                )
            )  # fmt: skip

    def _elsewhere(self, left: Axis, right: Axis, argument: str, axis: int | UnknownType) -> int | None:
        """The axis that surely has the size that a dim of unknown size is to have: the tensor lies another way."""
        value = self.arguments.get(argument)
        if axis is Unknown or not isinstance(value, Array) or right.size is Unknown or right.is_one:
            return None
        if left.size is Unknown or not self.judge.insists(left.size, right.size):
            return None
        if self.is_equal(left.size, right.size):
            return None
        for place, one in enumerate(value.shape.axes):
            if place != axis and isinstance(one, Axis) and self.is_equal(one.size, right.size):
                return place
        return None

    def divisible(self, size: Size | UnknownType, by: Size | UnknownType) -> bool:
        """False where one size surely is no multiple of another."""
        if size is Unknown or by is Unknown or by.value == 0:
            return True
        try:
            rest = size % by
        except SizeLimitError:
            return True
        return self.judge.needs(rest, Size.constant(0))

    def is_equal(self, left: Size | UnknownType, right: Size | UnknownType) -> bool:
        """Whether two sizes are surely equal."""
        if left is Unknown or right is Unknown:
            return False
        return left == right or self.judge.decide(left, right) is Answer.EQUAL

    def rank_in(self, name: str, *ranks: int) -> int:
        """The rank of a tensor, which has to be one of these. Raises `Misfit`, and `Undetermined` where it is open."""
        rank = self.shape(name).rank
        if rank is Unknown:
            if len(ranks) == 1 and len(self.shape(name).axes) - 1 <= ranks[0]:
                return ranks[0]
            raise Undetermined
        if rank not in ranks:
            takes = " or ".join(str(one) for one in ranks)
            raise Misfit("rank-unfit", f"it takes {takes} axes, and `{name}` has {rank}", name)
        return rank


def place_of(shape: TensorShape, dim: str, of: str, said: str) -> int:
    """The place of the one axis that carries a dim.

    Raises `Misfit`, and `Undetermined` where it may lie in a `Rest`.
    """
    places = [
        place for place, axis in enumerate(shape.axes) if isinstance(axis, Axis) and axis.carried == dim
    ]
    if len(places) == 1:
        return places[0]
    if places:
        detail = f"{said}, and {len(places)} of its axes are `{dim}`: {', '.join(map(str, places))}"
        raise Misfit("dim-missing", detail, of, help="`rename` them, or give the number of the axis")
    names = [axis.carried for axis in shape.axes if isinstance(axis, Axis) and axis.carried is not Unknown]
    if shape.rest is not Unknown:
        raise Undetermined
    if not names:
        detail = f"{said}, and none of its axes has a name"
        raise Misfit("dim-missing", detail, of, help="`refine_names` gives names to axes without")
    listed = ", ".join(f"`{one}`" for one in names)
    words = dim.split()
    if len(words) > 1 and all(one in names for one in words):
        apart = ", ".join(f'"{one}"' for one in words)
        raise Misfit(
            "dim-missing", f"{said}, but its dims are {listed}", of, help=f"write each dim apart: `{apart}`"
        )
    close = get_close_matches(dim, names, 1, 0.6) or [one for one in names if one.lower() == dim.lower()]
    raise Misfit(
        "dim-missing", f"{said}, but its dims are {listed}", of,
        help=f"did you mean `{close[0]}`?" if close else "",
    )  # fmt: skip


def no_such_axis(name: str, of: str, axis: int | str, rank: int) -> Misfit:
    """The misfit of a dim that is out of range."""
    return Misfit("axis-out-of-range", f"`{name}` is {axis}, but `{of}` has {rank} axes", of)


def with_rank(shape: TensorShape, rank: int) -> TensorShape:
    """The shape with so many axes; a `Rest` becomes axes that nothing is known of. Raises `Undetermined`."""
    rest = shape.rest
    if rest is Unknown:
        if len(shape.axes) != rank:
            raise Undetermined
        return shape
    missing = rank - len(shape.axes) + 1
    if missing < 0:
        raise Undetermined
    return shape.replaced(rest, *(Axis() for _ in range(missing)))


def as_array(value: Value) -> Array:
    """A value as a tensor. Raises `Undetermined` for what is none."""
    if isinstance(value, Array):
        return value
    if value is Unknown or isinstance(value, Untyped):
        # Most operators take any tensor, of which nothing is known.
        return Array()
    if isinstance(value, bool):
        return Array(SCALAR, "bool")
    if isinstance(value, Size | float | complex):
        return Array(SCALAR)
    raise Undetermined


def as_size(value: Value) -> Size | UnknownType:
    """A value as a size; `Unknown` for what is none."""
    return value if isinstance(value, Size) else Unknown


def as_integer(value: Value) -> int:
    """A value as a number. Raises `Undetermined`."""
    if isinstance(value, Size):
        number = value.value
        if number is not Unknown:
            return number
    raise Undetermined


def rests(shape: TensorShape) -> list[Rest]:
    """The `Rest` of a shape, or none."""
    return [axis for axis in shape.axes if isinstance(axis, Rest)]
