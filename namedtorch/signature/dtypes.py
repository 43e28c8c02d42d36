"""Families of dtypes, by the names that torch and numpy print.

Source: jaxtyping's families, numpy's hierarchy of scalars.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_BOOLS = ("bool", "bool_")
_UINTS = ("uint2", "uint4", "uint8", "uint16", "uint32", "uint64")
_INTS = ("int2", "int4", "int8", "int16", "int32", "int64")
_FLOATS = (
    "float4_e2m1fn",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "bfloat16",
    "float16",
    "float32",
    "float64",
)
_COMPLEXES = ("complex64", "complex128")
_QUANTIZED = ("qint8", "quint8", "qint32", "quint4x2", "quint2x4")


@dataclass(frozen=True, slots=True)
class Family:
    """A set of dtypes under one name; `dtypes` of None takes every dtype."""

    name: str
    dtypes: tuple[str, ...] | None

    def takes(self, dtype: str) -> bool:
        """Tells whether a dtype (`float32`) belongs to the family."""
        return self.dtypes is None or dtype in self.dtypes


def _sized(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """One family for each dtype: `Int8`, `BFloat16`, `Float8e5m2`."""
    return {_class_name(name): (name,) for name in names}


def _class_name(dtype: str) -> str:
    head = {"uint": "UInt", "int": "Int", "bfloat": "BFloat", "float": "Float", "complex": "Complex"}
    for prefix, written in head.items():
        if dtype.startswith(prefix):
            return written + dtype[len(prefix) :].replace("_", "")
    raise ValueError(dtype)


FAMILIES: Mapping[str, Family] = {
    name: Family(name, dtypes)
    for name, dtypes in {
        "Shaped": None,
        "Bool": _BOOLS,
        "UInt": _UINTS,
        "Int": _INTS,
        "Integer": _UINTS + _INTS,
        "Float": _FLOATS,
        "Complex": _COMPLEXES,
        "Inexact": _FLOATS + _COMPLEXES,
        "Real": _FLOATS + _UINTS + _INTS,
        "Num": _UINTS + _INTS + _FLOATS + _COMPLEXES,
        "Key": ("prng_key",),
        "Quantized": _QUANTIZED,
        # All 8-bit floats: the sized class between Float and one encoding.
        "Float8": tuple(name for name in _FLOATS if name.startswith("float8")),
        **_sized(_UINTS + _INTS + _FLOATS + _COMPLEXES),
    }.items()
}
"""Every family by its name, as annotations write it."""


EVERY = Family("Shaped", (*sorted({name for one in FAMILIES.values() for name in one.dtypes or ()}), "other"))
"""What says nothing of dtypes, taken at its word: it takes each of them, and dtypes that have no family."""


def dtype_name(dtype: object) -> str:
    """The name of a dtype of torch, numpy or another array library: `float32`.

    A class such as `numpy.float32` and a text are taken as well.
    """
    kind = getattr(dtype, "type", None)
    if isinstance(kind, type):  # numpy.dtype
        return kind.__name__ if kind.__name__ != "void" else str(dtype)
    if isinstance(dtype, str):
        return dtype
    if isinstance(dtype, type):
        return dtype.__name__
    return repr(dtype).rsplit(".", 1)[-1]
