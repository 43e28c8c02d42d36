"""What torch.export can't take, and promises of a signature that a graph does not hold: in dims, with the line."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import namedtorch
from namedtorch import Float, LowerError, lower
from namedtorch.lower.verify import VerifyError
from tests.lower.targets import forms
from tests.lower.unverified import lower as unverified


def line(of: type, text: str) -> str:
    """Where a text stands in a class: `file:line`, and the line below it."""
    lines, first = inspect.getsourcelines(of)
    index = next(index for index, one in enumerate(lines) if text in one)
    return f"  {inspect.getsourcefile(of)}:{first + index}\n    {lines[index].strip()}"


def said(model: Any, **asked: Any) -> str:
    with pytest.raises(LowerError) as caught:
        unverified(model, **{"to": "export", **asked})
    return str(caught.value)


def test_a_least_size_is_that_of_the_model_to_the_last() -> None:
    text = said(forms.Windowed())
    assert text.startswith(
        "Windowed can't be exported as its signature says: `H`, `W` are free in `x: N C=3 H W -> N 4 H-6 W-6`\n"
        "  the model takes `H >= 7` only: for N=2 H=6 W="
    )
    assert "the model says: RuntimeError: Calculated padded input size per channel" in text
    assert line(forms.Windowed, "return self.conv(x)") in text
    assert text.endswith(
        "  write `where H >= 7, W >= 7` in the annotation, or "
        'lower(model, to="export", where="H >= 7, W >= 7")'
    )


# (model, what the model takes, an example of what it refuses)
NARROW: list[tuple[Callable[[], nn.Module], str, str]] = [
    (forms.Quartered, "H % 4 == 0", "shape '[2, 1, 4]' is invalid for input of size 14"),
    (forms.Added, "q == p", "The size of tensor a (7) must match the size of tensor b (8)"),
    (forms.Placed, "T <= 100", "The size of tensor a (101) must match the size of tensor b (100)"),
]


@pytest.mark.parametrize(("make", "where", "why"), NARROW)
def test_a_narrower_model_says_what_to_write(make: Callable[[], nn.Module], where: str, why: str) -> None:
    text = said(make())
    assert f"the model takes `{where}` only: for " in text
    assert why in text
    assert line(make, "return") in text
    assert text.endswith(
        f'write `where {where}` in the annotation, or lower(model, to="export", where="{where}")'
    )


@pytest.mark.parametrize(
    ("make", "where"),
    [(forms.Windowed, "H >= 7, W >= 7"), *((make, where) for make, where, _ in NARROW)],
)
def test_what_it_says_to_write_is_enough(make: Callable[[], nn.Module], where: str) -> None:
    exported = lower(make(), to="export", where=where)
    assert exported.report.verification is not None
    assert str(exported.signature).endswith(f"where {where.replace(' % ', '%')}")


def test_a_size_that_was_unrolled_is_told_with_its_loop() -> None:
    text = said(forms.Looping())
    assert text.startswith(
        "Looping can't be exported as its signature says: `T` is free in `x: N T -> N`\n"
        "  the graph has `T=5` as a constant: at N=2 T=4 it fails: "
    )
    assert line(forms.Looping, "for t in range") in text
    assert "\n  write `where T == 5` in the annotation, or lower(model, " in text
    assert text.endswith("or lower the model to TorchScript, which keeps both")
    fixed = lower(forms.Looping(), to="export", where="T == 3")
    assert fixed(torch.zeros(2, 3)).shape == (2,)


class Branching(nn.Module):
    """Two kernels, by a size."""

    def forward(self, x: Float[torch.Tensor, "N T"]) -> Float[torch.Tensor, "N"]:
        return x.sum(1) if x.shape[1] < 64 else x.mean(1)


def test_a_branch_on_a_size_is_told_by_what_the_graph_gives_otherwise() -> None:
    text = said(Branching())
    assert "  the graph holds for `T <= 63` only: at N=2 T=64 the result is " in text
    assert line(Branching, "x.shape[1] < 64") in text
    assert 'lower(model, to="export", where="T <= 63")' in text


def test_sizes_that_torch_alone_does_not_like_are_no_matter() -> None:
    exported = lower(forms.Classifier(), to="export")
    for sizes in ((1, 3, 1, 1), (2, 3, 2, 9), (3, 3, 30, 40)):
        image = torch.randn(sizes)
        torch.testing.assert_close(exported(image).shape, torch.Size((sizes[0], 5)))
    module = exported.program.module()
    # Also for who loads the program by torch alone.
    assert len(module(torch.randn(1, 3, 1, 1))) == 1
    assert "N=1 H=1 W=1" in str(exported.report)


def test_a_decision_by_numbers() -> None:
    text = said(forms.Deciding())
    assert text.startswith(
        "Deciding can't be exported: it decides by numbers in a tensor, and a graph of torch.export has no branches"
    )
    assert text.endswith("\n" + line(forms.Deciding, "if x.sum() > 0:"))


def test_a_result_that_is_no_tensor() -> None:
    assert said(forms.Measuring()) == (
        "Measuring can't be exported: the result's `count` is a number that is computed from sizes, and a graph gives "
        "tensors; leave it out, or give torch.tensor(...) of it"
    )


def test_state_in_an_attribute() -> None:
    with pytest.raises(VerifyError) as caught:
        lower(forms.Remembering(), to="export")
    assert "the result of a second call is" in str(caught.value)
    assert str(caught.value).endswith(
        "  a call leaves something behind in an attribute, and an exported program keeps nothing but buffers: hold it "
        "in a buffer (register_buffer) that is changed in place, or lower the model to TorchScript, which keeps "
        "attributes"
    )


class Foreign(nn.Module):
    """A call that torch can't follow."""

    def forward(self, x: Float[torch.Tensor, "N C"]) -> Float[torch.Tensor, "N C"]:
        return torch.from_numpy(x.numpy() * 2)


def test_what_torch_does_not_know_is_told_with_the_line() -> None:
    text = said(Foreign())
    assert text.startswith("Foreign can't be exported: torch.export says: ")
    assert 'other targets are not concerned: lower(model, to="torchscript")' in text
    assert text.endswith(line(Foreign, "torch.from_numpy"))


# (what is asked, what is said)
ASKED: list[tuple[dict[str, Any], str]] = [
    (
        {"method": "trace"},
        "to=\"export\" goes without method='trace': torch.export traces a model, in one way",
    ),
    ({"train": True}, 'to="export" goes without train=True: what is exported is for inference'),
    (
        {"guards": "all"},
        (
            "to=\"export\" goes without guards='all': such a graph holds no guard: the signature in the file does, and "
            "namedtorch.load holds calls to it"
        ),
    ),
    (
        {"optimize": "mobile"},
        (
            "to=\"export\" goes without optimize='mobile': it changes graphs of TorchScript, and other runtimes "
            "optimize what they load"
        ),
    ),
    ({"to": "tflite"}, 'to=\'tflite\' is none of "torchscript", "lite", "export", "onnx", "executorch"'),
]


@pytest.mark.parametrize(("asked", "text"), ASKED)
def test_what_only_torchscript_has(asked: dict[str, Any], text: str) -> None:
    assert said(forms.Recorded(), **asked) == text


def test_a_quantized_model_is_for_other_targets() -> None:
    quantized = namedtorch.quantize(forms.Batched().eval(), "dynamic")
    assert said(quantized) == (
        f'{quantized!r} holds weights that torch packed for its own kernels, which to="export" can\'t take: lower it '
        'to TorchScript (to="torchscript") or ExecuTorch (to="executorch"), or lower the float model'
    )


def test_a_model_without_dims() -> None:
    assert said(nn.Linear(3, 4)).startswith("Linear.forward names no dims, so there is no signature to guard")


def test_a_model_of_no_tensors() -> None:
    def nothing(n: int) -> Float[torch.Tensor, "n"]:
        return torch.zeros(n)

    assert said(nothing, example=(3,)).endswith("takes no tensors, so an export of it would be one constant")
