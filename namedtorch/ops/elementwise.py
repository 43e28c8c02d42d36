"""Rules of what goes element by element: one tensor keeps its axes, several broadcast."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call, as_array
from namedtorch.ops.dtypes import DType, named, promoted
from namedtorch.ops.op_rule import OpRule, Rule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value

Made: TypeAlias = Callable[[DType], DType]
"""What becomes of the dtype that the operands have together."""


def same(dtype: DType) -> DType:
    """The dtype of the operands."""
    return dtype


def boolean(dtype: DType) -> DType:
    """The dtype of an answer."""
    return "bool"


def unsaid(dtype: DType) -> DType:
    """A dtype that the operands do not tell."""
    return Unknown


def keeps(name: str = "input", made: Made = same) -> Callable[[Call], Array]:
    """The rule of an operator whose result has the axes of one tensor."""

    def rule(call: Call) -> Array:
        array = call.array(name)
        asked = call.value("dtype")
        return Array(array.shape, made(array.dtype) if asked is None else named(asked))

    return rule


def along(of: str = "input", made: Made = same) -> Callable[[Call], Array]:
    """The rule of an operator that keeps the axes and goes along `dim`; where that is None, torch takes one itself."""
    kept = keeps(of, made)

    def rule(call: Call) -> Array:
        check_dim(call, of)
        return kept(call)

    return rule


def check_dim(call: Call, of: str = "input") -> None:
    """Refuses a `dim` that is out of range. Raises `Misfit`."""
    if call.value("dim") is None:
        return
    try:
        call.place("dim", of)
    except Undetermined:
        # Whichever it is, the axes stay.
        return


def check_rank(call: Call, name: str, *ranks: int) -> None:
    """Refuses a tensor that surely has another number of axes. Raises `Misfit`."""
    if call.shape(name).rank is not Unknown:
        call.rank_in(name, *ranks)


def broadcasts(*names: str, numbers: tuple[str, ...] = (), made: Made = same) -> Callable[[Call], Array]:
    """The rule of an operator whose result has the axes that its operands broadcast to, None left out.

    Operands of `numbers` are taken for numbers where nothing is known of them.
    """

    def rule(call: Call) -> Array:
        operands = present(call, *names, *numbers)
        dtype = made(promoted(operands.values()))
        return Array(broadcast_of(call, without_unknown(operands, numbers)), dtype)

    return rule


def present(call: Call, *names: str) -> dict[str, Value]:
    """The arguments that are not None, of which one is a tensor. Raises `Undetermined` where none surely is."""
    operands: dict[str, Value] = {}
    for name in names:
        value = call.value(name)
        if value is not None:
            operands[name] = value
    if not any(isinstance(value, Array) for value in operands.values()):
        raise Undetermined
    return operands


def without_unknown(operands: Mapping[str, Value], names: Collection[str]) -> dict[str, Value]:
    """The operands without those of these names of which nothing is known."""
    return {name: value for name, value in operands.items() if value is not Unknown or name not in names}


def broadcast_of(call: Call, operands: Mapping[str, Value]) -> TensorShape:
    """The shape that the operands broadcast to."""
    return broadcast(call, list(operands), [as_array(value).shape for value in operands.values()])


def method(name: str) -> str:
    """The spelling of a method of tensors."""
    return f"torch.Tensor.{name}"


def spellings(names: str) -> tuple[str, ...]:
    """Functions and methods of these names: `acos arccos`."""
    return tuple(one for name in names.split() for one in (f"torch.{name}", method(name)))


def row(
    names: str, parameters: str, rule: Rule, *more: str, dims: tuple[str, ...] = (), normalizes: str = ""
) -> OpRule:
    """The row of an operator that is a function and a method under each of these names, and has more spellings."""
    first, *others = (*spellings(names), *more)
    return OpRule(first, parameters, rule, spelled=tuple(others), dims=dims, normalizes=normalizes)


def unary(*names: str, made: Made = same, parameters: str = "input, out=None") -> tuple[OpRule, ...]:
    """Rows of operators that keep the axes of `input`."""
    return tuple(row(one, parameters, keeps(made=made)) for one in names)


def binary(*names: str, made: Made = same, parameters: str = "input, other, out=None") -> tuple[OpRule, ...]:
    """Rows of operators that broadcast `input` and `other`."""
    return tuple(row(one, parameters, broadcasts("input", "other", made=made)) for one in names)
