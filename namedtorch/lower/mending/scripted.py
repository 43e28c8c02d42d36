"""Functions that stand in a graph for those of Python that TorchScript has not; torch compiles them with the model."""

import torch
from torch import Tensor


def zero_filled(value: int, width: int) -> str:
    """A number with zeros in front, behind its sign, as the format `0{width}d` writes it."""
    if value < 0:
        return "-" + str(-value).zfill(width - 1)
    return str(value).zfill(width)


def product_of_ints(values: list[int]) -> int:
    """The product of numbers, 1 of none, as `math.prod` gives it."""
    total = 1
    for value in values:
        total = total * value
    return total


def sum_of_tensors(values: list[Tensor]) -> Tensor:
    """The sum of tensors, as `sum` adds them to 0; raises IndexError of none."""
    total = 0 + values[0]
    for value in values[1:]:
        total = total + value
    return total


def equal_length(first: int, other: int) -> int:
    """The length that two lists of a strict `zip` have; raises ValueError of two lengths."""
    if first != other:
        raise ValueError("zip() arguments are not of one length")
    return other


def of_sizes(tensor: Tensor, sizes: list[int], pattern: str, trailing: bool = False) -> Tensor:
    """The tensor itself, which has to be of these sizes, -1 any, or to end in them where they are `trailing`.

    Raises AssertionError, which says the pattern.
    """
    more = tensor.dim() - len(sizes)
    assert more == 0 or (trailing and more > 0), (
        f"`{pattern}` takes {len(sizes)} axes, and gets {tensor.dim()}"
    )
    for place, size in enumerate(sizes):
        assert size < 0 or tensor.size(more + place) == size, (
            f"`{pattern}`: axis {place} is not of size {size}"
        )
    return tensor


def without_prefix(text: str, prefix: str) -> str:
    """A text without what it may begin with, as `str.removeprefix` gives it."""
    if len(prefix) > 0 and text.startswith(prefix):
        return text[len(prefix) :]
    return text


def without_suffix(text: str, suffix: str) -> str:
    """A text without what it may end with, as `str.removesuffix` gives it."""
    if len(suffix) > 0 and text.endswith(suffix):
        return text[: len(text) - len(suffix)]
    return text


def largest_float(dtype: torch.dtype) -> float:
    """The largest number of a dtype, as `torch.finfo(dtype).max` gives it; raises ValueError for other dtypes."""
    if dtype == torch.float32:
        return 3.4028234663852886e38
    if dtype == torch.float64:
        return 1.7976931348623157e308
    if dtype == torch.float16:
        return 65504.0
    if dtype == torch.bfloat16:
        return 3.3895313892515355e38
    raise ValueError("torch.finfo() requires a floating point dtype")


def smallest_float(dtype: torch.dtype) -> float:
    """The lowest number of a dtype, as `torch.finfo(dtype).min` gives it; raises ValueError for other dtypes."""
    return -largest_float(dtype)


def resolution_of_float(dtype: torch.dtype) -> float:
    """The distance from 1 to the next number of a dtype, as `torch.finfo(dtype).eps` gives it."""
    if dtype == torch.float32:
        return 1.1920928955078125e-07
    if dtype == torch.float64:
        return 2.220446049250313e-16
    if dtype == torch.float16:
        return 0.0009765625
    if dtype == torch.bfloat16:
        return 0.0078125
    raise ValueError("torch.finfo() requires a floating point dtype")


def normal_of_float(dtype: torch.dtype) -> float:
    """The smallest normal number of a dtype, as `torch.finfo(dtype).tiny` gives it."""
    if dtype == torch.float32 or dtype == torch.bfloat16:
        return 1.1754943508222875e-38
    if dtype == torch.float64:
        return 2.2250738585072014e-308
    if dtype == torch.float16:
        return 6.103515625e-05
    raise ValueError("torch.finfo() requires a floating point dtype")
