"""Comparisons, logic and bits: answers about elements are bools."""

from typing import Final

from namedtorch.ops.call import Call
from namedtorch.ops.elementwise import boolean, broadcast_of, broadcasts, keeps, present, row, same
from namedtorch.ops.judge import name_conflict
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import Undetermined
from namedtorch.ops.values import Array, Value

_TWO: Final = ("input", "other")
_OTHER: Final = "input, other, out=None"

_COMPARED: Final = {
    "eq": "eq",
    "ne not_equal": "ne",
    "lt less": "lt",
    "le less_equal": "le",
    "gt greater": "gt",
    "ge greater_equal": "ge",
}
"""Functions and methods of torch, and Python's operators."""

_BITS: Final = {
    "bitwise_and": "and_",
    "bitwise_or": "or_",
    "bitwise_xor": "xor",
    "bitwise_left_shift": "lshift",
    "bitwise_right_shift": "rshift",
}


def _compared(call: Call) -> Array:
    """Compares element by element; with what is no number, Python answers."""
    if call.value("other") is None:
        raise Undetermined
    return broadcasts(*_TWO, made=boolean)(call)


def _answer(call: Call) -> Value:
    """Answers one question about two tensors, which broadcast: a bool that is not known."""
    broadcast_of(call, present(call, *_TWO))
    raise Undetermined


def _equal(call: Call) -> Value:
    """Answers whether two tensors of any shapes are the same: False surely where they carry different names."""
    left, right = call.shape("input"), call.shape("other")
    pairs = zip(left.fixed, right.fixed, strict=True) if left.rank == right.rank else ()
    if any(name_conflict(*pair) for pair in pairs):
        return False
    raise Undetermined


def _unanswered(call: Call) -> Value:
    """Answers a question about tensors of any shapes."""
    raise Undetermined


OPERATORS: Final = (
    *(
        row(names, _OTHER, _compared, f"operator.{operator}")
        for names, operator in _COMPARED.items()
    ),
    *(row(name, _OTHER, broadcasts(*_TWO, made=boolean)) for name in ("logical_and", "logical_or", "logical_xor")),
    row("logical_not", "input, out=None", keeps(made=boolean)),
    *(row(name, _OTHER, broadcasts(*_TWO, made=same), f"operator.{operator}") for name, operator in _BITS.items()),
    *(
        row(name, "input, out=None", keeps(made=boolean))
        for name in ("isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal", "signbit")
    ),
    row("isclose", "input, other, rtol=1e-05, atol=1e-08, equal_nan=False", broadcasts(*_TWO, made=boolean)),
    row("allclose", "input, other, rtol=1e-05, atol=1e-08, equal_nan=False", _answer),
    row("equal", "input, other", _equal),
    OpRule(
        "torch.isin", "elements, test_elements, assume_unique=False, invert=False, out=None",
        keeps("elements", made=boolean),
    ),
    row("is_same_size", "input, other", _unanswered),
)  # fmt: skip
