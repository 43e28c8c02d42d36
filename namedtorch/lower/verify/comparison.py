"""Two values compared: tensors within a tolerance of their dtype, all else as it is."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from namedtorch.lower.containers import parts_of
from namedtorch.signature.dtypes import dtype_name

RELATIVE: Mapping[torch.dtype, float] = {
    torch.float64: 1e-9,
    torch.complex128: 1e-9,
    torch.float32: 1e-4,
    torch.complex64: 1e-4,
    torch.float16: 1e-2,
    torch.bfloat16: 2e-2,
}
"""How far a number may be from the original's, in parts of it; of dtypes that are not here, not at all."""

ABSOLUTE = 0.1
"""How far numbers about 0 may be from the original's, in parts of what a usual number of the tensor may be off."""

_SMALLEST = 0.1  # numbers below it count as if they were usual: they are what is left where others cancel


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two values differ; `what` is the rest of a sentence that begins with the place.

    `is_of_numbers` tells that all else is the same.
    """

    place: str
    what: str
    amount: float = math.inf
    is_of_numbers: bool = False

    def __str__(self) -> str:
        return f"{self.place} {self.what}"


def largest_difference(expected: Any, actual: Any) -> float:
    """The largest amount by which numbers of two values of one structure differ; 0 where nothing can be counted."""
    return max((_largest(one, other) for one, other in pairs(expected, actual)), default=0.0)


def differences(expected: Any, actual: Any, place: str, times: float = 1.0) -> Iterator[Difference]:
    """Where a value is not what was expected, within so many times the tolerance of its dtype.

    A list, tuple, mapping or record is compared by its parts, a record by its fields, whatever its class, or by their
    order where a tuple stands for it. NaN is equal to NaN. A tensor differs by its dtype, its sizes, its device, or its
    numbers.
    """
    if isinstance(expected, Tensor) or isinstance(actual, Tensor):
        if isinstance(expected, Tensor) and isinstance(actual, Tensor):
            yield from _tensors(expected, actual, place, times)
        else:
            yield Difference(place, f"is {_told(actual)}, and was to be {_told(expected)}")
        return
    expected = _as_tuple(expected, actual)
    parts, others = parts_of(expected, place), parts_of(actual, place)
    if parts is None or others is None:
        if parts is not others or not _same(expected, actual):
            of_numbers = isinstance(expected, int | float) and isinstance(actual, int | float)
            yield Difference(
                place, f"is {_told(actual)}, and was to be {_told(expected)}", is_of_numbers=of_numbers
            )
    elif parts.keys() != others.keys():
        yield Difference(place, f"has {_listed(others)}, and was to have {_listed(parts)}")
    else:
        for name, part in parts.items():
            yield from differences(part, others[name], name, times)


def _tensors(expected: Tensor, actual: Tensor, place: str, times: float) -> Iterator[Difference]:
    said = [
        (name, one, other)
        for name, one, other in (
            ("dtype", dtype_name(actual.dtype), dtype_name(expected.dtype)),
            ("sizes", tuple(actual.shape), tuple(expected.shape)),
            ("device", str(actual.device), str(expected.device)),
        )
        if one != other
    ]
    if said:
        for name, one, other in said:
            yield Difference(place, f"has the {name} {one}, and was to have {other}")
        return
    expected, actual = dense(expected), dense(actual)
    if torch.equal(expected, actual):
        return
    one, other = _plain(expected), _plain(actual)
    off = ~_close(one, other, times * RELATIVE.get(expected.dtype, 0.0))
    if not bool(off.any()):
        return
    apart = torch.where(off, (one - other).abs().double().nan_to_num(nan=math.inf), 0.0)
    worst = int(apart.reshape(-1).argmax())
    index = [int(one) for one in torch.unravel_index(torch.tensor(worst), apart.shape)] if apart.dim() else []
    where = f" at {index}" if index else ""
    count = int(off.sum())
    share = f", {count} of {off.numel()} numbers differ" if off.numel() > 1 else ""
    found, wanted = actual.reshape(-1)[worst].item(), expected.reshape(-1)[worst].item()
    amount = float(apart.max())
    yield Difference(
        place,
        f"is {_number(found)}{where}, and was to be {_number(wanted)} ({dtype_name(actual.dtype)}{share})",
        amount,
        True,
    )


def dense(tensor: Tensor) -> Tensor:
    """A tensor with all its numbers, neither sparse nor quantized."""
    tensor = tensor.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    return tensor if tensor.layout is torch.strided else tensor.to_dense()


def _plain(tensor: Tensor) -> Tensor:
    """The numbers of a tensor as they can be subtracted."""
    if tensor.dtype.is_complex:
        return tensor.to(torch.complex128)
    # Integers beyond 2**53 that differ in their last digits are rarer than models that have none.
    return tensor.double()


def _close(expected: Tensor, actual: Tensor, relative: float) -> Tensor:
    equal = (expected == actual) | (expected.isnan() & actual.isnan())
    if not relative:
        return equal
    sizes = expected.abs()
    usual = sizes[sizes.isfinite() & (sizes > 0)]
    # The lower quartile: a mask of -1e9 says nothing of the numbers beside it.
    scale = float(usual.sort().values[usual.numel() // 4]) if usual.numel() else 0.0
    allowed = relative * (sizes + ABSOLUTE * max(scale, _SMALLEST))
    return equal | ((expected - actual).abs() <= allowed)


def _largest(expected: Tensor, actual: Tensor) -> float:
    if expected.shape != actual.shape or expected.dtype != actual.dtype or not expected.numel():
        return 0.0
    expected, actual = dense(expected), dense(actual)
    if torch.equal(expected, actual):
        return 0.0
    apart = (_plain(expected) - _plain(actual)).abs()
    # Infinite ones, and NaN, are equal or told as a difference.
    apart = apart[apart.isfinite()]
    return float(apart.max()) if apart.numel() else 0.0


def pairs(expected: Any, actual: Any) -> Iterator[tuple[Tensor, Tensor]]:
    """The tensors of two values side by side; nothing of parts that are not of one structure."""
    if isinstance(expected, Tensor) and isinstance(actual, Tensor):
        yield expected, actual
        return
    parts, others = parts_of(_as_tuple(expected, actual), ""), parts_of(actual, "")
    if parts is not None and others is not None and parts.keys() == others.keys():
        for name, part in parts.items():
            yield from pairs(part, others[name])


def _as_tuple(expected: Any, actual: Any) -> Any:
    """A record as the tuple that a trace gives in its place."""
    plain = isinstance(actual, tuple) and not hasattr(actual, "_fields")
    return tuple(expected) if plain and isinstance(expected, tuple) else expected


def _same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, float) and isinstance(actual, float):
        return (
            (math.isnan(expected) and math.isnan(actual))
            or expected == actual
            or math.isclose(expected, actual, rel_tol=RELATIVE[torch.float32], abs_tol=1e-6)
        )
    if type(expected) is not type(actual) and not isinstance(expected, int | float | bool | str | None):
        # TorchScript has its own classes for devices, dtypes and objects.
        return str(expected) == str(actual)
    return type(expected) is type(actual) and bool(expected == actual)


def _told(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a {dtype_name(value.dtype)} tensor of sizes {tuple(value.shape)}"
    if isinstance(value, list | tuple | dict):
        return f"a {type(cast('Any', value)).__name__} of {len(cast('Any', value))}"
    return f"{value!r:.60}"


def _listed(parts: Mapping[str, Any]) -> str:
    return f"{len(parts)} parts (" + ", ".join(list(parts)[:4]) + (", ..." if len(parts) > 4 else "") + ")"


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
