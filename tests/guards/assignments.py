"""What a signature means, by trying: a call fits where one size for every dim makes every axis what it is."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from namedtorch.dims.pattern import Axis, Dim, Flattened
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hints import Hint, ListHint, TensorHint, TupleHint
from tests.guards.calls import Call

_MOST = 3000


def has_assignment(call: Call) -> bool | None:
    """Tells whether one assignment of sizes fits the call; None for too many to try, and for empty tensors."""
    hints = [(one.hint, value) for one, value in zip(call.signature.parameters, call.arguments, strict=True)]
    tensors = [
        found
        for hint, value in [*hints, (call.signature.result, call.result)]
        for found in _tensors(hint, value)
    ]
    if any(len(hint.shape.axes) != value.dim() or not _takes(hint, value) for hint, value in tensors):
        return False
    if any(0 in value.shape for _, value in tensors):
        return None  # a factor of a product that is 0 can't be solved for, so what needs it is not checked
    axes = [
        (axis, size)
        for hint, value in tensors
        for axis, size in zip(hint.shape.axes, value.shape, strict=True)
    ]
    constraints = [*call.signature.where, *(one for hint, _ in tensors for one in hint.shape.where)]
    names = {symbol for hint, _ in tensors for symbol in hint.shape.symbols}
    names |= {symbol for one in constraints for symbol in one.symbols}
    choices: dict[str, list[int]] = {name: list(range(33)) for name in sorted(names)}
    choices["{n}"] = [call.arguments[-1]]
    for axis, size in axes:
        if isinstance(axis, Dim) and axis.name is not Unknown and axis.size is Unknown:
            choices[axis.name] = [size]
    count = 1
    for sizes in choices.values():
        count *= len(sizes)
    if count > _MOST:
        return None
    for values in product(*choices.values()):
        sizes = dict(zip(choices, values, strict=True))
        try:
            if all(_is(axis, size, sizes) for axis, size in axes) and all(
                one.holds(sizes) for one in constraints
            ):
                return True
        except ZeroDivisionError:
            continue
    return False


def _tensors(hint: Hint, value: Any) -> Iterator[tuple[TensorHint, Any]]:
    match hint:
        case TensorHint():
            yield hint, value
        case ListHint(item=item):
            for one in value:
                yield from _tensors(item, one)
        case TupleHint(items=items):
            for item, one in zip(items, value, strict=True):
                yield from _tensors(item, one)
        case _:
            pass


def _takes(hint: TensorHint, value: Any) -> bool:
    return hint.family.takes(str(value.dtype).removeprefix("torch."))


def _is(axis: Axis, size: int, sizes: dict[str, int]) -> bool:
    match axis:
        case Flattened(factors=factors):
            if any(factor.name is Unknown and factor.size is Unknown for factor in factors):
                others = [
                    factor for factor in factors if factor.name is not Unknown or factor.size is not Unknown
                ]
                known = _product(others, sizes)
                return known is not None and (size % known == 0 if known else size == 0)
            return _product(factors, sizes) == size
        case Dim(name=name, size=expected):
            if expected is not Unknown:
                found = expected.evaluate(sizes)
                return found == size and (name is Unknown or sizes[name] == found)
            return name is Unknown or sizes[name] == size
        case _:
            raise AssertionError(axis)


def _product(factors: Any, sizes: dict[str, int]) -> int | None:
    """The product of the factors; None where a label of one contradicts."""
    found = 1
    for factor in factors:
        size = sizes[factor.name] if factor.size is Unknown else factor.size.evaluate(sizes)
        if factor.name is not Unknown and sizes[factor.name] != size:
            return None
        found *= size
    return found
