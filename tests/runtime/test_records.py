"""Checked dataclasses and NamedTuples: their fields are held when one is made, and their methods."""

import dataclasses
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from namedtorch import AnnotationError, DimError, Float, Int, checked

z = torch.zeros


def test_dataclasses() -> None:
    @checked
    @dataclasses.dataclass
    class Batch:
        images: Float[Tensor, "N C"]
        labels: Int[Tensor, "N"]
        note: str = ""
        extra: list[Float[Tensor, "?K C"]] = dataclasses.field(default_factory=list)

        def total(self, scale: Float[Tensor, ""]) -> Float[Tensor, ""]:
            return self.images.sum() * scale

    batch = Batch(z(2, 3), z(2).long())
    assert batch.extra == []
    assert batch.total(z(())).shape == ()
    assert dataclasses.replace(batch, labels=z(2).long()).note == ""
    with pytest.raises(DimError, match="`labels` has size 3 at axis 0, but `N` is 2"):
        dataclasses.replace(batch, labels=z(3).long())
    with pytest.raises(DimError) as caught:
        Batch(z(2, 3), z(3), extra=[z(1, 3), z(1, 4)], note=3)
    assert [(one.code, one.argument) for one in caught.value.failures] == [
        ("dtype-differs", "labels"),
        ("dims-differ", "labels"),
        ("wrong-type", "note"),
        ("dims-differ", "extra[1]"),
    ]
    with pytest.raises(DimError, match="`scale` has rank 1"):
        batch.total(z(1))


@pytest.mark.parametrize("options", [{"frozen": True}, {"slots": True}, {"kw_only": True}, {"eq": False}])
def test_dataclass_options(options: dict[str, bool]) -> None:
    @checked
    @dataclasses.dataclass(**options)
    class Batch:
        images: Float[Tensor, "N C"]
        labels: Float[Tensor, "N"]

    Batch(images=z(2, 3), labels=z(2))
    with pytest.raises(DimError, match="`labels`"):
        Batch(images=z(2, 3), labels=z(3))


def test_a_dataclass_with_post_init() -> None:
    @checked
    @dataclasses.dataclass
    class Batch:
        images: Float[Tensor, "N C"]
        seed: dataclasses.InitVar[int] = 0
        mean: Float[Tensor, "C"] = dataclasses.field(init=False)

        def __post_init__(self, seed: int) -> None:
            self.mean = self.images.mean(0) + seed

    assert Batch(z(2, 3), 1).mean.shape == (3,)


def test_checked_below_dataclass_is_refused() -> None:
    with pytest.raises(AnnotationError, match="write @checked above @dataclass, not below it"):

        @dataclasses.dataclass
        @checked
        class Batch:
            images: Float[Tensor, "N C"]


def test_named_tuples() -> None:
    @checked
    class Pair(NamedTuple):
        left: Float[Tensor, "N C"]
        right: Float[Tensor, "N"]
        name: str = "pair"

        def both(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return self.right + x

    pair = Pair(z(2, 3), z(2))
    assert pair.name == "pair"
    assert pair.both(z(2)).shape == (2,)
    left, right, _ = pair
    assert Pair._make([left, right, "x"]).name == "x"
    with pytest.raises(DimError, match="`right` has size 3 at axis 0, but `N` is 2"):
        Pair(z(2, 3), z(3))
    assert pair._replace(name="y").name == "y"
    assert isinstance(pair, Pair)
    assert Pair._fields == ("left", "right", "name")
