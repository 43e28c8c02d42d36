"""Families of dtypes: jaxtyping's, name by name, and what torch and numpy call their dtypes."""

import jaxtyping._array_types
import numpy as np
import pytest
import torch
from jaxtyping._array_types import AbstractDtype, _any_dtype

import namedtorch
from namedtorch.signature.annotation import ANNOTATIONS
from namedtorch.signature.dtypes import FAMILIES, dtype_name

THEIRS = {
    name: kind
    for name, kind in vars(jaxtyping._array_types).items()
    if isinstance(kind, type) and issubclass(kind, AbstractDtype) and kind is not AbstractDtype
}
OURS_ALONE = {"Quantized", "Float8"}


def test_the_families_are_those_of_jaxtyping_and_two_more() -> None:
    assert set(FAMILIES) - OURS_ALONE == set(THEIRS)
    assert len(THEIRS) > 30


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_a_family_has_the_dtypes_that_it_has_there(name: str) -> None:
    dtypes = THEIRS[name].dtypes
    expected = None if dtypes is _any_dtype else set(dtypes)
    ours = FAMILIES[name].dtypes
    assert (None if ours is None else set(ours)) == expected


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_is_public(name: str) -> None:
    assert getattr(namedtorch, name) is ANNOTATIONS[name]
    assert repr(ANNOTATIONS[name]) == name


NAMES = [
    (torch.float32, "float32"),
    (torch.bfloat16, "bfloat16"),
    (torch.bool, "bool"),
    (torch.float8_e5m2, "float8_e5m2"),
    (torch.quint8, "quint8"),
    (torch.complex64, "complex64"),
    (np.dtype("float32"), "float32"),
    (np.dtype("int64"), "int64"),
    (np.dtype("bool"), np.bool_.__name__),
    (np.float64, "float64"),
    ("prng_key", "prng_key"),
]


@pytest.mark.parametrize(("dtype", "name"), NAMES)
def test_a_dtype_has_one_name(dtype: object, name: str) -> None:
    assert dtype_name(dtype) == name


TAKES = [
    ("Float", torch.float16, True),
    ("Float", torch.int32, False),
    ("Float8", torch.float8_e4m3fn, True),
    ("Float8", torch.float16, False),
    ("Int", torch.uint8, False),
    ("Integer", torch.uint8, True),
    ("Real", torch.bool, False),
    ("Num", torch.complex64, True),
    ("Bool", torch.bool, True),
    ("Bool", np.dtype("bool"), True),
    ("Shaped", torch.quint8, True),
    ("Quantized", torch.quint8, True),
    ("Quantized", torch.uint8, False),
    ("UInt8", torch.uint8, True),
    ("BFloat16", torch.bfloat16, True),
    ("Float", torch.float8_e8m0fnu, False),
]


@pytest.mark.parametrize(("family", "dtype", "taken"), TAKES)
def test_a_family_takes_its_dtypes(family: str, dtype: object, taken: bool) -> None:
    assert FAMILIES[family].takes(dtype_name(dtype)) == taken
