"""What values are made of: each container is made anew of the same kind, with other leaves."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch

from namedtorch import named
from namedtorch.lower.containers import parts_of, with_leaves


class Pair(NamedTuple):
    left: Any
    right: Any


@dataclass(frozen=True)
class Held:
    inner: Any
    doubled: Any = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "doubled", [self.inner, self.inner])


def test_leaves_are_changed_and_kinds_stay() -> None:
    value = {"a": [1, (2, Pair(3, Held(4)))], "b": None}
    found = with_leaves(value, lambda one: None if one is None else one + 10)
    assert found == {"a": [11, (12, Pair(13, Held(14)))], "b": None}
    assert type(found["a"][1][1]) is Pair
    assert found["a"][1][1].right.doubled == [14, 14]


def test_a_named_tensor_is_a_leaf() -> None:
    x = named(torch.ones(2), "N")
    assert with_leaves([x], lambda one: one.dims) == [("N",)]


def test_parts_have_places() -> None:
    assert parts_of(Pair(1, 2), "state") == {"state.left": 1, "state.right": 2}
    assert parts_of(Held(1), "x") == {"x.inner": 1, "x.doubled": [1, 1]}
    assert parts_of([1], "images") == {"images[0]": 1}
    assert parts_of({"a": 1}, "more") == {"more['a']": 1}
    assert parts_of(1, "x") is None
