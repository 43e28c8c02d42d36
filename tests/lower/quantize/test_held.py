"""Modules behind their guard: calls by keyword and with names, exported methods, copies, pickles."""

import copy
import pickle

import pytest
import torch

import namedtorch
from namedtorch.lower.quantize.held import Held
from namedtorch.lower.quantize.subject import subject_of
from tests.lower.quantize.plain_models import Exported, Named, Residual, settled


def held(model: torch.nn.Module) -> Held:
    subject = subject_of(settled(model), None, None)
    return subject.held(subject.copy())


def test_calls_are_held_to_the_signature() -> None:
    one = held(Residual())
    x = torch.randn(2, 3, 8, 8)
    assert one(x).shape == (2, 5)
    assert torch.equal(one(x=x), one(x))
    assert repr(one) == "<Held Residual: x: N C=3 H W -> N classes=5>"
    with pytest.raises(
        namedtorch.DimError, match=r"`x` has size 8 at axis 1, but `C` is 3; .* is it N H W C"
    ):
        one(x.permute(0, 2, 3, 1))


def test_named_tensors_are_taken_by_position() -> None:
    x = torch.randn(2, 3, 8, 8)
    for model in (Residual(), Named()):
        one = held(model)
        assert torch.equal(one(namedtorch.named(x, "N C H W")), one(x))


def test_exported_methods_are_guarded_alike() -> None:
    one = held(Exported())
    x = torch.randn(2, 3, 8, 8)
    assert one.features(x).shape == (2, 8)
    with pytest.raises(namedtorch.DimError, match=r"in Exported\.features"):
        one.features(x[0])
    with pytest.raises(AttributeError, match="has no attribute 'other'"):
        _ = one.other


def test_copies_and_pickles_are_apart() -> None:
    one = held(Exported())
    x = torch.randn(2, 3, 8, 8)
    expected = one(x)
    for other in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert torch.equal(other(x), expected)
        with torch.no_grad():
            other.body.head.weight.zero_()
        assert not torch.equal(other(x), expected)
        assert torch.equal(one(x), expected)
