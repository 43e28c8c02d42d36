"""Graphs of one input and one output, which runtimes of their own call by a shorter way."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, checked, load, lower, named

BATCH = torch.randn(2, 3, 4, 6)

NEGATIVE = torch.complex(BATCH, BATCH).conj().imag
"""Negative by a flag: its memory holds other numbers."""


@checked
class Shifted(nn.Module):
    """Numbers that tell an axis from another."""

    def forward(
        self, image: Float[Tensor, "N C=3 H W where N <= 4, H <= 8, W <= 8"]
    ) -> Float[Tensor, "N C=3 H W"]:
        return image * torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1) + 1


@checked
class Chosen(nn.Module):
    """An Optional that is exported with a tensor."""

    def forward(self, x: Float[Tensor, "N where N <= 4"] | None = None) -> Float[Tensor, "N"]:
        return torch.zeros(1) if x is None else x + 1


@pytest.fixture(params=[("onnx", "onnxruntime"), ("executorch", "executorch"), ("export", "torch")])
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    target, package = request.param
    pytest.importorskip(package)
    suffix = {"onnx": "onnx", "executorch": "pte", "export": "pt2"}[target]

    def save(model: nn.Module, **asked: Any) -> Path:
        path = tmp_path / f"model.{suffix}"
        lower(model, to=target, verify=False, **asked).save(path)
        return path

    return save


def test_any_memory_of_a_tensor(saved: Callable[..., Path]) -> None:
    model, original = load(saved(Shifted())), Shifted()
    for given in (
        BATCH,
        BATCH.contiguous(memory_format=torch.channels_last),
        BATCH.clone().requires_grad_(),
        nn.Parameter(BATCH),
        nn.Parameter(BATCH, requires_grad=False),
        NEGATIVE,
        NEGATIVE.mT,
        BATCH[:1].expand(4, 3, 4, 6),
        BATCH[:, :, ::2, 1:],
        BATCH[:0],
        BATCH[1:, :, 1:2, :1],
    ):
        expected = original(given.detach())
        for found in (model(given), model(image=given), model.forward(given)):
            assert torch.equal(found, expected)
            assert not found.requires_grad
    assert torch.equal(model(BATCH.numpy()), original(BATCH))
    assert model(named(BATCH, "N C H W")).dims == ("N", "C", "H", "W")
    assert torch.equal(copy.copy(model)(BATCH), original(BATCH))
    with pytest.raises(DimError, match="`image`"):
        model(BATCH[0])


@pytest.mark.parametrize("digest", ["check", "skip"])
def test_the_end_of_a_name_says_nothing_of_the_runtime(saved: Callable[..., Path], digest: Any) -> None:
    path = saved(Shifted())
    # onnxruntime has a format of its own that ends so.
    model = load(path.rename(path.with_suffix(".ort")), digest=digest)
    assert torch.equal(model(BATCH), Shifted()(BATCH))


def test_results_are_not_overwritten_by_the_next_call(saved: Callable[..., Path]) -> None:
    model = load(saved(Shifted()))
    first = model(BATCH)
    kept = first.clone()
    model(BATCH + 1)
    assert torch.equal(first, kept)


def test_an_optional_that_was_exported_with_a_tensor_is_not_left_out(saved: Callable[..., Path]) -> None:
    model = load(saved(Chosen(), example=(torch.ones(3),)))
    assert torch.equal(model(torch.ones(2)), torch.full((2,), 2.0))
    with pytest.raises(DimError, match="`x` is None, but the annotation asks for a Tensor"):
        model(None)
    with pytest.raises(TypeError, match="`x` is missing; it takes x: N -> N where N <= 4"):
        model()


@checked
class Photo(nn.Module):
    """An image that callers store by pixels."""

    def forward(
        self, image: Float[Tensor, "N C=3 H W @ channels_last where N <= 4, H <= 8, W <= 8"]
    ) -> Float[Tensor, "N C=3"]:
        return image.mean((2, 3)) + image[:, :, 0, 0]


def test_a_memory_format_of_the_signature_is_the_callers(saved: Callable[..., Path]) -> None:
    path = saved(Photo())
    by_pixels = BATCH.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(load(path)(by_pixels), Photo()(by_pixels))
    with pytest.raises(DimError, match="`image` is not stored as `@ channels_last`"):
        load(path)(BATCH)
    torch.testing.assert_close(load(path, memory_format="convert")(BATCH), Photo()(by_pixels))


@checked
class Pair(nn.Module):
    """Two inputs, which go another way."""

    def forward(
        self, image: Float[Tensor, "N C=3 where N <= 4"], others: list[Float[Tensor, "N C"]]
    ) -> Float[Tensor, "N C=3"]:
        return image * 2 + others[0] - others[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: x.to("meta"), "is on meta, and the model is on cpu: give it as `{0}.to('cpu')`"),
        (
            lambda x: x.to_sparse(),
            "is stored as torch.sparse_coo, which the model does not take: give it as `{0}.to_dense()`",
        ),
        (
            lambda x: x.to_mkldnn(),
            "is stored as torch._mkldnn, which the model does not take: give it as `{0}.to_dense()`",
        ),
    ],
)
def test_what_has_no_memory_to_read_is_named(
    saved: Callable[..., Path], change: Callable[[Tensor], Tensor], said: str
) -> None:
    path = saved(Shifted())
    model = load(path)
    with pytest.raises(DimError) as caught:
        model(change(BATCH))
    assert str(caught.value).splitlines()[0] == f"`image` {said.format('image')}"
    if path.suffix == ".pt2":
        # Where torch has operators for such tensors, it takes them.
        return
    several = load(saved(Pair()))
    x = torch.ones(2, 3)
    assert torch.equal(several(x, [x, x]), 2 * x)
    with pytest.raises(DimError) as caught:
        several(x, [x, change(x)])
    assert str(caught.value).splitlines()[0] == f"`others[1]` {said.format('others[1]')}"
