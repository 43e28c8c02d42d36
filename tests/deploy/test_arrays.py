"""Arrays and numbers to tensors, and back."""

from typing import Any

import numpy as np
import pytest
import torch

from namedtorch.deploy.arrays import to_array, to_tensor
from namedtorch.signature.dtypes import FAMILIES

NUMBERS: list[tuple[Any, str, torch.dtype]] = [
    (1, "Shaped", torch.int64),
    (1.5, "Shaped", torch.float32),
    (True, "Shaped", torch.bool),
    (1, "Float", torch.float32),
    (1, "Float16", torch.float16),
    (1.5, "Float64", torch.float64),
    ([1, 2], "UInt8", torch.uint8),
    (True, "Int", torch.int64),
    (1, "Complex", torch.complex64),
    # What the family can't hold stays what it is: the guard says so in the argument's terms.
    (1.5, "Int", torch.float32),
    (1, "Bool", torch.int64),
]


@pytest.mark.parametrize(("value", "family", "dtype"), NUMBERS)
def test_numbers_take_a_dtype_of_the_family(value: Any, family: str, dtype: torch.dtype) -> None:
    tensor = to_tensor(value, family=FAMILIES[family])
    assert tensor.dtype == dtype
    assert tensor.tolist() == value


@pytest.mark.parametrize("dtype", ["float64", "float16", "int8", "uint8", "bool", "complex64", ">f4", ">i8"])
def test_arrays_keep_their_dtype(dtype: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    back = to_array(to_tensor(array, family=FAMILIES["BFloat16"]))
    assert back.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(back, array)


def test_arrays_that_may_not_be_written_to_are_copied() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    to_tensor(array).add_(1)
    assert array.tolist() == [0, 1, 2]


def test_strides_of_arrays_do_not_matter() -> None:
    array = np.arange(6).reshape(2, 3)[::-1, ::-2]
    np.testing.assert_array_equal(to_array(to_tensor(array)), array)


@pytest.mark.parametrize("value", ["text", {"a": 1}, [[1], [1, 2]], object(), np.array(["a"]), 10**30, None])
def test_what_is_no_numbers(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^is no tensor "):
        to_tensor(value)


def test_dtypes_that_numpy_lacks_become_float32() -> None:
    array = to_array(torch.tensor([1.5, 2.0], dtype=torch.bfloat16))
    assert array.dtype == np.float32
    assert array.tolist() == [1.5, 2.0]


def test_results_that_are_no_plain_tensors() -> None:
    assert to_array(torch.ones(2, requires_grad=True)).tolist() == [1, 1]
    assert to_array(torch.tensor([1 + 2j]).conj()).tolist() == [1 - 2j]
    assert to_array(torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.quint8)).tolist() == [1, 1]
    assert to_array(3).tolist() == 3
    with pytest.raises(ValueError, match="is object, not numbers"):
        to_array(object())
