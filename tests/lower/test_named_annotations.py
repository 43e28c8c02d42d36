"""Annotations of tensors that carry names are none that TorchScript has to refuse, alone and in containers."""

from typing import NamedTuple

import pytest

from namedtorch import Float, LowerError, NamedTensor
from tests.lower.unverified import lower

Pair = tuple[NamedTensor, NamedTensor]


class Two(NamedTuple):
    first: NamedTensor
    second: Float[NamedTensor, "N C"]


def refused(x: Float[NamedTensor, "N C"], several: list[NamedTensor]) -> Pair:
    one: NamedTensor = x
    listed: list[NamedTensor] = [x]
    table: dict[str, Float[NamedTensor, "N C"]] = {"x": x}
    pair: Pair = (x, one)
    either: NamedTensor | None = None
    quoted: "list[NamedTensor]" = [x, *several]
    both = Two(x, x)
    array = x.tensor.numpy()  # here
    return pair if either is None else (listed[0], quoted[0] + table["x"] + both.first + array.sum())


def test_only_what_is_refused_is_reported() -> None:
    with pytest.raises(LowerError) as caught:
        lower(refused)
    assert [one.text.strip() for one in caught.value.findings] == ["array = x.tensor.numpy()  # here"]
