"""`Judge`: who says whether two axes may meet. Rules ask; each reader of the table brings its own."""

from dataclasses import dataclass, replace
from typing import Protocol

from namedtorch.dims.decide import Answer, decide
from namedtorch.dims.size import Size
from namedtorch.dims.unify import Verdict, unify
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis


class Misfit(Exception):
    """An operator does not take these arguments.

    `code` is one of the table of codes, `detail` the clause that says what is wrong; `argument` and `axis` (a place,
    from the left) are at fault, `other` and `other_axis` what they have to agree with; parameters go by the names of
    the row, `input`, `tensors[1]`. `left` and `right` are the two axes.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        argument: str,
        axis: int | UnknownType = Unknown,
        *,
        other: str | UnknownType = Unknown,
        other_axis: int | UnknownType = Unknown,
        left: Axis | UnknownType = Unknown,
        right: Axis | UnknownType = Unknown,
        help: str = "",
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.argument = argument
        self.axis = axis
        self.other = other
        self.other_axis = other_axis
        self.left = left
        self.right = right
        self.help = help


@dataclass(frozen=True, slots=True)
class Meeting:
    """Whether two axes may meet, and the axis that both are from here on."""

    fits: bool
    axis: Axis


def name_conflict(left: Axis, right: Axis) -> bool:
    """Whether two axes carry different names: they never meet, whatever their sizes."""
    return left.carried is not Unknown and right.carried is not Unknown and left.carried != right.carried


def either_name(left: Axis, right: Axis) -> str | UnknownType:
    """The name that one of two axes carries that have met."""
    return right.carried if left.carried is Unknown else left.carried


class Judge(Protocol):
    """Decides about axes and sizes for one reader of the table."""

    def meet(self, left: Axis, right: Axis) -> Meeting:
        """Whether two axes may be one, and which."""
        ...

    def decide(self, left: Size, right: Size) -> Answer:
        """Whether two sizes are equal."""
        ...

    def needs(self, left: Size, right: Size) -> bool:
        """Whether the code is right that needs two sizes to be equal: False only where that is surely wrong."""
        ...

    def insists(self, left: Size, right: Size) -> bool:
        """Whether the first size is a dim that need not be as long as the second."""
        ...

    def notice(self, misfit: Misfit) -> None:
        """Takes a remark on a call that torch takes, but whose author probably meant another."""
        ...


class Plain:
    """A judge for sizes alone: two that differ for all assignments of their symbols do not fit."""

    def __init__(self) -> None:
        self.notices: list[Misfit] = []

    def meet(self, left: Axis, right: Axis) -> Meeting:
        """Whether two sizes may be equal, and no two names; of two dims that meet, the first stays."""
        if name_conflict(left, right):
            return Meeting(False, Axis())
        unified = unify(left.size, right.size, standing={})
        if unified.verdict is Verdict.CONFLICT:
            return Meeting(False, Axis())
        first, second = (left, right) if unified.size == left.size else (right, left)
        name = first.name if first.name is not Unknown else second.name
        parts = first.parts or second.parts
        return Meeting(True, replace(first, name=name, parts=parts, carried=either_name(left, right)))

    def decide(self, left: Size, right: Size) -> Answer:
        """Whether two sizes are equal, for all assignments or for none."""
        return decide(left, right)

    def needs(self, left: Size, right: Size) -> bool:
        """Whether two sizes may be equal."""
        return decide(left, right) is not Answer.DIFFERENT

    def insists(self, left: Size, right: Size) -> bool:
        """No size is a dim."""
        return False

    def notice(self, misfit: Misfit) -> None:
        """Keeps the remark."""
        self.notices.append(misfit)
