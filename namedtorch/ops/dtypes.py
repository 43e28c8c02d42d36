"""What is certain of the dtype of a result: a dtype by its name, `float32`, or a family, `floating` or `integer`.

Source: https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.values import Array, Value

DType: TypeAlias = str | UnknownType
"""The name of a dtype or of a family."""

INTEGER: Final = "integer"
FLOATING: Final = "floating"
COMPLEX: Final = "complex"
_CATEGORIES: Final = ("bool", INTEGER, FLOATING, COMPLEX)

_ALIASES: Final = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "cfloat": "complex64",
    "cdouble": "complex128",
    "chalf": "complex32",
}
_OF_TYPES: Final = {"bool": "bool", "int": "int64", "float": FLOATING}


def category(dtype: DType) -> DType:
    """What a dtype is one of: `bool`, `integer`, `floating` or `complex`."""
    if dtype is Unknown:
        return Unknown
    for start, found in (
        ("bool", "bool"),
        ("uint", INTEGER),
        ("int", INTEGER),
        ("bfloat", FLOATING),
        ("float", FLOATING),
        ("complex", COMPLEX),
    ):
        if dtype.startswith(start):
            return found
    return Unknown


def named(value: Value) -> DType:
    """The dtype that an argument names: `torch.float`, or one of Python's types."""
    if not isinstance(value, str):
        return Unknown
    if not value.startswith("torch."):
        return _OF_TYPES.get(value, Unknown)
    name = value.removeprefix("torch.")
    name = _ALIASES.get(name, name)
    return name if category(name) is not Unknown else Unknown


def of_value(value: Value) -> DType:
    """The dtype of a tensor, or the one that torch makes of a Python number."""
    match value:
        case Array():
            return value.dtype
        case bool():
            return "bool"
        case Size():
            return "int64"
        case float():
            return FLOATING
        case complex():
            return COMPLEX
        case _:
            return Unknown


def promoted(values: Iterable[Value]) -> DType:
    """The dtype of a result of several operands: that of the highest category, tensors first."""
    operands = list(values)
    tensors = {of_value(one) for one in operands if isinstance(one, Array)}
    numbers = {of_value(one) for one in operands if not isinstance(one, Array)}
    if Unknown in tensors | numbers or not tensors:
        return Unknown
    known = {one for one in tensors if one is not Unknown}
    highest = _highest(known)
    if highest is Unknown:
        return Unknown
    above = _highest({one for one in numbers if one is not Unknown} | {highest})
    if above != highest:
        return "int64" if above == INTEGER else above
    among = {one for one in known if category(one) == highest}
    return among.pop() if len(among) == 1 else highest


def _highest(dtypes: set[str]) -> DType:
    places = [_CATEGORIES.index(found) for found in (category(one) for one in dtypes) if found is not Unknown]
    return _CATEGORIES[max(places)] if len(places) == len(dtypes) else Unknown


def floated(dtype: DType) -> DType:
    """The dtype of a function that makes floats of integers: `sqrt`, `mean`, a division."""
    return FLOATING if category(dtype) in ("bool", INTEGER) else dtype


def summed(dtype: DType) -> DType:
    """The dtype of a sum, which counts integers and bools in int64."""
    return "int64" if category(dtype) in ("bool", INTEGER) else dtype


def counted(dtype: DType) -> DType:
    """The dtype of a product, which is an integer for bools."""
    return "int64" if dtype == "bool" else dtype


def doubled(dtype: DType) -> DType:
    """The dtype of what is computed in double precision."""
    return {COMPLEX: "complex128", Unknown: Unknown}.get(category(dtype), "float64")


def real(dtype: DType) -> DType:
    """The dtype of the absolute value, or of a part, of a number."""
    return FLOATING if category(dtype) == COMPLEX else dtype
