"""Inputs in another memory format than the signature's: refused with what to do, or copied where that is asked for."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, Float32, Int, load
from tests.deploy.archives import write
from tests.lower.unverified import lower

X = torch.arange(120, dtype=torch.float32).reshape(1, 2, 6, 10)


class Scored(nn.Module):
    """Numbers of images that are wanted channels-last, and of what is wanted otherwise."""

    def forward(
        self,
        image: Float[Tensor, "N C=2 H W @ channels_last"],
        weights: Float[Tensor, "W H @ W H"] | None = None,
        others: list[Float[Tensor, "N C h w @ channels_last"]] | None = None,
    ) -> Float[Tensor, "N"]:
        total = image.sum((1, 2, 3))
        if weights is not None:
            total = total + (image * weights.t()).sum((1, 2, 3))
        if others is not None:
            for one in others:
                total = total + one.sum((1, 2, 3))
        return total

    @torch.jit.export
    def stored(
        self, image: Float[Tensor, "N C=2 H W @ channels_last"]
    ) -> Float[Tensor, "N C H W @ channels_last"]:
        return image


@pytest.fixture(scope="module", params=[".pt", ".ptl"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("formats") / f"scored{request.param}"
    lower(Scored()).save(path)
    return path


def test_refused_with_what_to_do(path: Path) -> None:
    model = load(path)
    with pytest.raises(DimError) as caught:
        model(X)
    lines = str(caught.value).splitlines()
    assert lines[0] == (
        "`image` is not stored as `@ channels_last`: its strides are (120, 60, 10, 1), those of a contiguous tensor"
    )
    assert lines[-1] == (
        '  help: give it stored so (`x.to(memory_format=...)`), or load the model with memory_format="convert"'
    )
    (failure,) = caught.value.failures
    assert (failure.code, failure.argument) == ("memory-format-differs", "image")
    assert failure.help is not None
    assert failure.help in caught.value.to_dict()["message"]
    assert model(X.to(memory_format=torch.channels_last)).tolist() == [float(X.sum())]


def test_converted(path: Path) -> None:
    model = load(path, memory_format="convert")
    expected = float(X.sum())
    given = X.clone()
    for one in (X, X.numpy(), X.to(memory_format=torch.channels_last), nn.Parameter(X)):
        assert model(one).tolist() == model(image=one).tolist() == [expected]
    assert torch.equal(X, given)
    assert X.is_contiguous()
    weights = torch.randn(10, 6)
    more = model(X, weights, [X, X + 1])
    torch.testing.assert_close(more, torch.tensor([3 * expected + 120 + float((X * weights.t()).sum())]))
    assert model.stored(X).is_contiguous(memory_format=torch.channels_last)


def test_what_is_stored_so_is_not_copied(path: Path) -> None:
    model = load(path, memory_format="convert")
    x = X.to(memory_format=torch.channels_last)
    assert model.stored(x).data_ptr() == x.data_ptr()
    grey = torch.zeros(1, 2, 1, 10)
    assert model(grey.transpose(2, 3)).shape == (1,)


def test_all_else_is_checked_as_ever(path: Path) -> None:
    model = load(path, memory_format="convert")
    with pytest.raises(DimError, match="`image` has size 6 at axis 1, but `C` is 2"):
        model(X.permute(0, 2, 3, 1))
    with pytest.raises(DimError, match="`image`"):
        model(X[0])
    with pytest.raises(DimError, match="`image`"):
        model("no image")
    with pytest.raises(DimError, match="`image`"):
        model(X.long())


def test_another_word_is_refused(path: Path) -> None:
    wrong: Any = "channels_last"
    with pytest.raises(ValueError, match=r"^memory_format is 'check' or 'convert', not 'channels_last'$"):
        load(path, memory_format=wrong)


class Pair(NamedTuple):
    image: Float[Tensor, "N C H W @ channels_last"]
    ids: Int[Tensor, "N"]


def test_values_of_every_kind(tmp_path: Path) -> None:
    def total(
        pair: Pair,
        named: dict[str, Float[Tensor, "N C H W @ channels_last"]],
        either: Float32[Tensor, "N C H W @ channels_last"] | list[Float32[Tensor, "N C H W @ channels_last"]],
        couple: tuple[Float[Tensor, "N C H W @ channels_last"], Float[Tensor, "K"]],
    ) -> Float[Tensor, ""]:
        found = pair.image.sum() + named["a"].sum() + couple[0].sum()
        if isinstance(either, Tensor):
            return found + either.sum()
        return found + either[0].sum()

    lower(total).save(tmp_path / "m.pt")
    model = load(tmp_path / "m.pt", memory_format="convert")
    ids = torch.zeros(1, dtype=torch.long)
    for either in (X, [X]):
        result = model((X, ids), {"a": X}, either, (X, torch.ones(3)))
        assert float(result) == 4 * float(X.sum())
    with pytest.raises(DimError, match="4 things do not fit"):
        load(tmp_path / "m.pt")((X, ids), {"a": X}, X, (X, torch.ones(3)))


def test_models_without_memory_formats_are_called_as_ever(tmp_path: Path) -> None:
    class Plain(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * 2

    write(tmp_path / "m.pt", Plain(), "x: N C -> N C")
    model = load(tmp_path / "m.pt", memory_format="convert")
    x = torch.randn(3, 2).t()
    assert model(x).stride() == x.stride()
    np.testing.assert_array_equal(model(x.numpy()), x.numpy() * 2)
