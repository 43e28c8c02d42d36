"""Dims in comments behind assignments, `q = ...  # (B, nh, T, hs)`, held against what is inferred.

A name in a comment is the dim, the local or the attribute of that name; any other name is what it stands for at first
sight. Nothing is said where a comment may be right.
"""

import ast
import re
from collections.abc import Iterator
from typing import Final

from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.decide import Answer
from namedtorch.dims.pattern import Dim
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit
from namedtorch.ops.matching import rank_fits
from namedtorch.ops.values import Array
from namedtorch.static.comment_dims import read_comment
from namedtorch.static.interpreter.domain import Chain, DictValue, Instance, Layer, ListValue, Val, held_items
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK, exactly_equal
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.plain import as_number

CODE: Final = "comment-differs"

_PRODUCT: Final = re.compile(r"[)\]]\s*[@x\u00d7*]\s*[(\[]")

_DEEPEST: Final = 3
"""Modules inside of modules whose sizes are looked at."""


def check_comment(machine: Machine, statement: ast.stmt, target: ast.expr, value: Val) -> None:
    """Holds a value to the comment behind the assignment that gives it to a target; a misfit becomes a fault."""
    if not machine.comments or machine.quiet or len(machine.frames) != 1 or not isinstance(value, Array):
        return
    shape = _stated(machine, statement, target)
    if shape is Unknown or shape.where or value.shape.rest is not Unknown:
        return
    misfit = _Comment(machine, shape).misfit(value)
    if misfit is not None:
        machine.fault(misfit, target, {"value": target}, {"value": value}, "warning")


def _stated(machine: Machine, statement: ast.stmt, target: ast.expr) -> Shape | UnknownType:
    """The dims in the comment right behind a statement, if they are those of its target."""
    module = machine.frame.scope.module
    line = statement.end_lineno or statement.lineno
    comment = module.comments.get(line)
    if comment is None:
        return Unknown
    behind = module.lines[line - 1].encode()[statement.end_col_offset or 0 :]
    if not behind.lstrip().startswith(b"#"):
        return Unknown
    stated = read_comment(comment)
    if stated is Unknown or (_PRODUCT.search(comment) and _goes_on(getattr(statement, "value", None))):
        return Unknown
    name = ast.unparse(target)
    subject = stated.subject
    return stated.shape if subject is Unknown or subject in (name, name.removeprefix("self.")) else Unknown


def _goes_on(node: ast.expr | None) -> bool:
    """Whether something is done with a product: `(a @ b).squeeze(2)`, whose comment may tell what `a @ b` is."""
    match node:
        case (
            ast.Call(func=ast.Attribute(value=ast.BinOp() | ast.Call()))
            | ast.Subscript(value=ast.BinOp() | ast.Call())
        ):
            return True
        case _:
            return False


class _Comment:
    """The dims in one comment."""

    def __init__(self, machine: Machine, shape: Shape) -> None:
        self.machine = machine
        self.judge = machine.judge
        self.shape = shape
        # In a loop, names stand for other sizes in each turn.
        self.names = dict(machine.frame.remarks) if machine.frame.loops else machine.frame.remarks

    def misfit(self, value: Array) -> Misfit | None:
        """What surely does not fit, if anything does not; names that are new are bound."""
        if not rank_fits(value.shape, self.shape):
            groups = len(self.shape.groups)
            least = "at least " if groups else ""
            said = len(self.shape.axes) - groups
            detail = f"it has {len(value.shape.axes)} axes, and the comment says {least}{said}"
            return Misfit(CODE, detail, "value")
        if len(self.shape.groups) > 1:
            return None
        for place, axis, found in self._axes(value.shape.fixed):
            expected = self._size(axis, found)
            if expected is Unknown or found.size is Unknown:
                continue
            if self._differ(found.size, expected) or self._is_elsewhere(value, place, axis, expected):
                label = Unknown if axis.name is Unknown or _is_called(expected, axis.name) else axis.name
                right = Axis(expected, label)
                detail = f'the comment says "{self.shape}"'
                return Misfit(CODE, detail, "value", place, left=found, right=right)
        return None

    def _axes(self, fixed: tuple[Axis, ...]) -> Iterator[tuple[int, Dim, Axis]]:
        """The dims of the comment, each with the axis that it states."""
        count = len(self.shape.axes)
        group = self.shape.groups[0] if self.shape.groups else count
        for index, axis in enumerate(self.shape.axes):
            if isinstance(axis, Dim):
                place = index if index < group else len(fixed) - (count - index)
                yield place, axis, fixed[place]

    def _size(self, dim: Dim, found: Axis) -> Size | UnknownType:
        """The size that a comment states; a name that stands for nothing yet is bound to what is found."""
        if dim.size is not Unknown:
            return self._computed(dim.size)
        name = dim.name
        if name is Unknown:
            return Unknown
        if found.size is not Unknown and _is_called(found.size, name):
            return found.size
        size = self._meant(name)
        if size is Unknown and name not in self.names and found.size is not Unknown and not found.is_one:
            self.machine.journal.write(self.names, name, found.size)
        return size

    def _computed(self, size: Size) -> Size | UnknownType:
        sizes: dict[str, Size] = {}
        for symbol in size.symbols:
            meant = self._attribute(symbol) if is_attribute(symbol) else self._meant(symbol)
            if meant is Unknown:
                return Unknown
            sizes[symbol] = meant
        try:
            return size.substitute(sizes)
        except (SizeLimitError, ZeroDivisionError):
            return Unknown

    def _meant(self, name: str) -> Size | UnknownType:
        """What a name stands for where the comment is; Unknown for one that is new."""
        frame = self.machine.frame
        for one in (name, self._in_other_case(name)):
            axis = frame.axes.get(one)
            if axis is not None:
                return axis.size
            local = as_number(frame.cell.get(one, Unknown))
            if local is not Unknown and (local.value is Unknown or local.value > 1):
                # A counter, a flag, or a size of 1 is called as it likes.
                return local
        if name in self.names:
            # Where branches meet that mean different sizes by it, it is a number of which nothing is known.
            return as_number(self.names[name])
        made = frame.receiver
        if isinstance(made, Instance):
            held = as_number(made.cell.get(name, Unknown))
            return self._argument(made, name) if held is Unknown else held
        return Unknown

    def _in_other_case(self, name: str) -> str:
        """`T` for `t`, where all names of the comment are written in the other case, and stand for something so."""
        frame = self.machine.frame
        symbols = [one for one in self.shape.symbols if not one.startswith("*") and not is_attribute(one)]
        for change in (str.upper, str.lower):
            changed = [change(one) for one in symbols]
            if not set(changed) & set(symbols) and all(
                one in frame.axes or as_number(frame.cell.get(one, Unknown)) is not Unknown for one in changed
            ):
                return change(name)
        return name

    def _attribute(self, path: str) -> Size | UnknownType:
        value: Val = self.machine.frame.receiver
        first, *names = path.strip("{}").split(".")
        if first != "self":
            return Unknown
        for name in names:
            value = value.cell.get(name, Unknown) if isinstance(value, Instance) else Unknown
        return as_number(value)

    def _argument(self, made: Instance, name: str) -> Size | UnknownType:
        """The constructor argument of that name, `config.n_embd` for `n_embd`, that layers are made with."""
        found = {symbol for symbol in _symbols(made, 0) if _last(symbol) == name}
        return Size.symbol(found.pop()) if len(found) == 1 else Unknown

    def _differ(self, left: Size, right: Size) -> bool:
        """Whether two sizes are surely not the same: by their values, or as dims that code tells apart by name."""
        one, other = self.judge.resolved(left), self.judge.resolved(right)
        answer = self.judge.decide(left, right)
        if answer is not Answer.UNKNOWN:
            return answer is Answer.DIFFERENT
        if one.name is Unknown or other.name is Unknown or exactly_equal(one, other):
            return False
        return _kind(one.name) == _kind(other.name)

    def _is_elsewhere(self, value: Array, place: int, dim: Dim, size: Size) -> bool:
        """Whether a dim that an axis may have is surely another one, of which the comment says something else."""
        if size.name is Unknown or self._is_equal(value.shape.fixed[place].size, size):
            return False
        return any(
            other != place and axis.name != dim.name and self._is_equal(found.size, size)
            for other, axis, found in self._axes(value.shape.fixed)
        )

    def _is_equal(self, left: Size | UnknownType, right: Size) -> bool:
        return left is not Unknown and self.judge.decide(left, right) is Answer.EQUAL


def _kind(symbol: str) -> str:
    """Dims of one kind are told apart by name: those of annotations, arguments, and those of one `x.shape`."""
    if symbol.startswith(FLEXIBLE_MARK):
        return symbol.partition("@")[2] or symbol
    return symbol[:1] if symbol.startswith("{") else ""


def _last(symbol: str) -> str:
    return symbol.strip("{}").rpartition(".")[2]


def _is_called(size: Size, name: str) -> bool:
    """Whether a size is the constructor argument, or the local, of a name."""
    symbol = size.name
    if symbol is Unknown:
        return False
    return _last(symbol.partition("@")[0].replace(FLEXIBLE_MARK, "{")) == name


def _symbols(value: Val, depth: int) -> Iterator[str]:
    """The constructor arguments that the layers inside of an object are made of."""
    if depth > _DEEPEST:
        return
    match value:
        case Instance(cell=cell):
            inner: list[Val] = list(cell.values())
        case Chain(cell=cell) | ListValue(cell=cell):
            items = held_items(cell)
            inner = list(items) if isinstance(items, tuple) else []
        case DictValue():
            inner = list(value.entries.values())
        case Layer(attributes=attributes):
            inner = list(attributes.values())
        case Array(shape=shape):
            inner = [axis.size for axis in shape.axes if isinstance(axis, Axis)]
        case _:
            size = as_number(value)
            if size is not Unknown and size.name is not Unknown and size.name.startswith("{"):
                yield size.name
            return
    for one in inner:
        yield from _symbols(one, depth + 1)
