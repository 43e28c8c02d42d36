"""Copies and pickles: modules of checked classes, checked functions, and what crosses processes."""

import copy
import dataclasses
import functools
import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, checked

z = torch.zeros


@checked
def scale(x: Float[Tensor, "N"], by: int = 2) -> Float[Tensor, "N"]:
    return x * by


@checked
class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.function = scale

    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 2"]:
        return self.linear(x)


@checked
@dataclasses.dataclass
class Batch:
    x: Float[Tensor, "N C"]
    y: Float[Tensor, "N"]


@checked
class Pair(NamedTuple):
    x: Float[Tensor, "N C"]
    y: Float[Tensor, "N"]


COPIES: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
NAMES = ["copy", "deepcopy", "pickle"]


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
@pytest.mark.parametrize("called", [False, True])
def test_modules(copied: Callable[[Any], Any], called: bool) -> None:
    network = Network()
    if called:
        network(z(1, 3))
    again = copied(network)
    assert again(z(4, 3)).shape == (4, 2)
    with pytest.raises(DimError):
        again(z(4, 2))


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_functions(copied: Callable[[Any], Any]) -> None:
    again = copied(scale)
    assert again is scale
    assert copied(functools.partial(scale, by=3))(torch.ones(2)).sum() == 6


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
@pytest.mark.parametrize("made", [Batch, Pair])
def test_records(copied: Callable[[Any], Any], made: Any) -> None:
    again = copied(made(z(2, 3), z(2)))
    assert type(again) is made
    assert again.y.shape == (2,)


def _work(size: int) -> Any:
    try:
        return scale(torch.zeros(size, size)) if size > 2 else tuple(scale(torch.zeros(size)).shape)
    except DimError as error:
        return error


def test_errors_cross_processes() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        accepted, refused = pool.map(_work, [2, 3])
    assert accepted == (2,)
    assert isinstance(refused, DimError)
    assert refused.failures[0].code == "rank-differs"
