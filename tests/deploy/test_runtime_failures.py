"""What a runtime raises for an argument that the guard lets through, in words about the argument."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, Int, load
from tests.lower.unverified import lower


class State(NamedTuple):
    h: Float[Tensor, "N 4"]


class Scored(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)

    def forward(
        self, x: Float[Tensor, "N C=4"], more: list[Float[Tensor, "N 4"]], state: State, at: Int[Tensor, "N"]
    ) -> Float[Tensor, "N 2"]:
        return self.head(x + state.h) + self.head(more[0])[at]


X, AT = torch.ones(3, 4), torch.zeros(3, dtype=torch.int64)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "scored.pt"
    lower(Scored()).save(path)
    return path


def said(path: Path, **changed: object) -> DimError:
    with pytest.raises(DimError) as caught:
        load(path)(**{"x": X, "more": [X], "state": State(X), "at": AT, **changed})
    assert caught.value.__cause__ is not None
    return caught.value


def test_an_array_in_the_dtype_that_numpy_has_by_default(path: Path) -> None:
    error = said(path, x=np.ones((3, 4)), state=State(X.double()))
    assert str(error) == (
        "`x` is float64, and the weights of the model are float32: give it as float32 (`x.to(torch.float32)`, or for "
        "an array `x.astype('float32')`)\n  in tests.deploy.test_runtime_failures.Scored"
    )
    (failure,) = error.failures
    assert (failure.code, failure.argument) == ("dtype-differs", "x")
    assert (failure.expected, failure.actual) == ("float32", "float64")


def test_places_in_containers_are_named(path: Path) -> None:
    assert str(said(path, more=[X.half()])).startswith(
        "`more[0]` is float16, and the weights of the model are float32"
    )
    assert str(said(path, state=State(X.to("meta")))).startswith(
        "`state.h` is on meta, and the model is on cpu"
    )


def test_what_no_argument_explains_is_the_runtimes_own(path: Path) -> None:
    with pytest.raises((RuntimeError, IndexError), match="index 9 is out of bounds"):
        load(path)(X, [X], State(X), AT + 9)
