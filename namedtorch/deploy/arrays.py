"""Between numpy's arrays, which files hold, and tensors, which models take."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from namedtorch.signature.dtypes import FAMILIES, Family, dtype_name

_PLAIN = ("int64", "float32", "complex64")


def to_tensor(
    values: object, device: "str | torch.device | None" = None, family: Family = FAMILIES["Shaped"]
) -> Tensor:
    """The tensor of an array, a number or nested lists of numbers, on `device` if one is given.

    An array keeps its dtype. Python's numbers take torch's default dtypes where `family` takes them, else one of
    the family that holds such numbers: 1 is a fine float, 0.5 is no integer. Raises ValueError for what is no
    numbers.
    """
    try:
        if isinstance(values, np.ndarray):
            tensor = _copied(values)
        else:
            tensor = torch.as_tensor(values)
            if not family.takes(dtype_name(tensor.dtype)):
                tensor = torch.as_tensor(values, dtype=_wider(tensor, family))
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ValueError(f"is no tensor ({error})") from error
    return tensor if device is None else tensor.to(device)


def from_array(value: "np.ndarray[Any, Any] | np.generic[Any]", device: torch.device) -> Any:
    """The tensor of an array or a number of numpy's on a device, of the same dtype.

    It shares the memory of the array where torch can; one of a dtype that torch does not have is returned itself, and
    so is one of which some numbers are masked: a tensor would have them all.
    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        return value
    array = np.asarray(value)
    try:
        shared = array.flags.writeable and array.dtype.isnative and _has_steps(array)
        tensor = torch.from_numpy(array) if shared else _copied(array)
    except (TypeError, ValueError):
        return value
    return tensor if device.type == "cpu" else tensor.to(device)


def _has_steps(array: "np.ndarray[Any, Any]") -> bool:
    """Tells whether the strides are whole numbers of elements, forward."""
    return all(step >= 0 and step % array.itemsize == 0 for step in array.strides)


def _copied(array: "np.ndarray[Any, Any]") -> Tensor:
    # torch takes arrays in the byte order of the machine only, and those that may be written to.
    return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("=")))


def _wider(tensor: Tensor, family: Family) -> torch.dtype:
    """A dtype of the family that holds what the tensor holds; the tensor's own where the family has none."""
    least = _kind(tensor.dtype)
    for name in (*_PLAIN, *(family.dtypes or ())):
        dtype = getattr(torch, name, None)
        if family.takes(name) and isinstance(dtype, torch.dtype) and _kind(dtype) >= least:
            return dtype
    return tensor.dtype


def _kind(dtype: torch.dtype) -> int:
    """Booleans, integers, floats and complex numbers in this order; each holds the ones before."""
    if dtype.is_complex:
        return 3
    return 2 if dtype.is_floating_point else int(dtype is not torch.bool)


def to_array(value: Any) -> "np.ndarray[Any, Any]":
    """The array of a tensor or a number; a dtype that numpy does not have (bfloat16, float8) becomes float32.

    Raises ValueError for what is no numbers.
    """
    if isinstance(value, Tensor):
        tensor = value.detach().cpu()
        if tensor.is_quantized:
            tensor = tensor.dequantize()
        try:
            return tensor.resolve_conj().resolve_neg().numpy()
        except TypeError:
            return tensor.to(torch.float32).numpy()
    array = np.asarray(value)
    if array.dtype == object:
        raise ValueError(f"is {type(value).__name__}, not numbers")
    return array
