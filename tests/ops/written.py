"""Values of rows as texts, with symbols for sizes: tensors, calls and results."""

from collections.abc import Mapping
from typing import Any

from namedtorch.dims.pattern import Dim, Flattened
from namedtorch.dims.size import Size
from namedtorch.dims.unify import Standing, Verdict, unify
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest, merged
from namedtorch.ops.judge import Meeting, Misfit, Plain
from namedtorch.ops.op_rule import Mismatch
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Several, Value
from namedtorch.syntax.resolve import parse_shape


class Rigid(Plain):
    """A judge for whom all symbols are dims of a signature."""

    def meet(self, left: Axis, right: Axis) -> Meeting:
        """Whether two sizes may be equal; two dims are not."""
        unified = unify(left.size, right.size, standing=_Standing())
        if unified.verdict is Verdict.CONFLICT:
            return Meeting(False, Axis())
        return super().meet(left, right)

    def needs(self, left: Size, right: Size) -> bool:
        """Whether two sizes may be equal; two dims are not, and a product of dims is not 1."""
        if right.value == 1 and left.symbols:
            return False
        return unify(left, right, standing=_Standing()).verdict is not Verdict.CONFLICT


class _Standing(Mapping[str, Standing]):
    def __getitem__(self, name: str) -> Standing:
        return Standing.RIGID

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def size(text: str) -> Size:
    """A size: `C`, `2*C+1`."""
    (dim,) = parse_shape(text).axes
    assert isinstance(dim, Dim)
    return _size(dim)


def sizes(text: str) -> list[Size]:
    """Several sizes; -1 as in a call of torch."""
    return [Size.constant(int(one)) if one.startswith("-") else size(one) for one in text.split()]


def tensor(text: str, dtype: str = "float32") -> Array:
    """A tensor: `N C (H W) _ ...`."""
    axes: list[Axis | Rest] = []
    for axis in parse_shape(text).axes:
        match axis:
            case Dim():
                axes.append(_axis(axis))
            case Flattened(factors=factors):
                axes.append(merged([_axis(factor) for factor in factors]))
            case _:
                axes.append(Rest(axis.name))
    return Array(TensorShape(tuple(axes)), dtype)


def _axis(dim: Dim) -> Axis:
    return Axis() if dim.name is Unknown and dim.size is Unknown else Axis(_size(dim))


def _size(dim: Dim) -> Size:
    if dim.size is not Unknown:
        return dim.size
    assert dim.name is not Unknown
    return Size.symbol(dim.name)


def gives(spelling: str, *arguments: Any, **keywords: Any) -> Any:
    """What a row gives for arguments, of which texts are tensors: dims as text, or the code of a misfit.

    Codes of notices stand behind: `B T (h d) !view-moves-dims`.
    """
    rule = operator_for(spelling)
    assert rule is not Unknown, f"no row for {spelling}"
    judge = Rigid()
    try:
        result = rule(
            [value(one) for one in arguments], {name: value(one) for name, one in keywords.items()}, judge
        )
    except Misfit as misfit:
        return misfit.code
    except Mismatch as mismatch:
        return f"mismatch: {mismatch}"
    told = written(result)
    noticed = "".join(f" !{one.code}" for one in judge.notices)
    return f"{told}{noticed}" if noticed else told


def value(argument: Any) -> Any:
    """An argument as rows see it."""
    match argument:
        case str():
            return tensor(argument)
        case bool():
            return argument
        case int():
            return Size.constant(argument)
        case tuple():
            return tuple(value(one) for one in argument)
        case list():
            return [value(one) for one in argument]
        case slice():
            return slice(value(argument.start), value(argument.stop), value(argument.step))
        case _:
            return argument


def written(result: Value) -> Any:
    """A result as text; tuples of texts where it is a tuple."""
    match result:
        case Array(shape=shape):
            return " ".join(_written(axis) for axis in shape.axes)
        case Several(item=item):
            return f"{written(item)}, ..."
        case tuple() | list():
            return tuple(written(one) for one in result)
        case _:
            return str(result) if isinstance(result, Size) else repr(result)


def _written(axis: Axis | Rest) -> str:
    if isinstance(axis, Axis) and axis.parts:
        return f"({' '.join(_written(part) for part in axis.parts)})"
    return str(axis)
