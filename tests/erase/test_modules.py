"""Modules whose bodies speak of names: erased, they give what they give, in eager mode and lowered."""

import copy
import importlib
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import LowerError, NamedTensor, erase, erased_source
from namedtorch.lower.erasure import erase_names
from tests.erase import named_modules as models
from tests.lower.unverified import lower


def _input(seed: int = 0) -> NamedTensor:
    generator = torch.Generator().manual_seed(seed)
    return namedtorch.named(torch.randn(2, 4, 5, generator=generator), "N C T")


X = _input()
MASK = namedtorch.named(torch.tensor([[1.0, 1, 0, 1, 0], [0.0, 1, 1, 1, 1]]), "N T")

CASES: list[tuple[nn.Module, tuple[NamedTensor, ...]]] = [
    (models.Derived(), (X,)),
    (models.SpeakingBase(), (X,)),
    (models.Helpers(), (X,)),
    (models.Loop(), (X.align_to("N", "T", "C"),)),
    (models.While(), (X.select("T", 0),)),
    (models.Optionals(True), (X, MASK)),
    (models.Optionals(False), (X,)),
    (models.Held(), (X,)),
    (models.Records(), (X,)),
    (models.Nested(), (X,)),
    (models.Carried(), (X,)),
    (models.Modes(), (X,)),
    (models.Distances(), (X,)),
    (models.Promised(), (X,)),
]

ALL = pytest.mark.parametrize(("module", "inputs"), CASES, ids=[type(one).__name__ for one, _ in CASES])


def _plain(value: Any) -> Any:
    if isinstance(value, NamedTensor):
        return value.tensor
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


def _dims(value: Any) -> Any:
    return tuple(map(_dims, value)) if isinstance(value, tuple) else value.dims


@ALL
def test_the_erased_module_gives_what_the_module_gives(module: nn.Module, inputs: Any) -> None:
    module = copy.deepcopy(module).eval()
    expected = module(*inputs)
    found = erase(module)(*inputs)
    assert _dims(found) == _dims(expected)
    torch.testing.assert_close(_plain(found), _plain(expected))


@ALL
def test_the_lowered_module_gives_what_the_module_gives(module: nn.Module, inputs: Any) -> None:
    module = copy.deepcopy(module).eval()
    found = lower(module)(*map(_plain, inputs))
    torch.testing.assert_close(found, _plain(module(*inputs)))


@ALL
def test_nothing_of_names_is_left(module: nn.Module, inputs: Any) -> None:
    source = lower(module).source
    code = "\n".join(
        line for line in source.splitlines() if not line.lstrip().startswith(("#", "raise", '"""'))
    )
    for word in ("align_", "named", 'size("', "rename", ".dims", "NamedTensor"):
        assert word not in code, source


def test_each_specialisation_is_written_once() -> None:
    source = erased_source(models.Derived())
    assert source.count("def forward_N_T_C(") == 1
    assert "z = self.scale.forward_N_T_C(x.transpose(1, 2))" in source
    assert "self.gain.view(1, -1, 1)" in source
    assert "self.gain.view(1, 1, -1)" in source
    helpers = erased_source(models.Helpers())
    # By C of N T C, and by T of N C T: the same code.
    assert helpers.count("def standardize") == 2
    assert "mean(1, keepdim=True)" in helpers
    assert "mean(2, keepdim=True)" in helpers


def test_the_erased_module_shares_everything() -> None:
    module = models.Nested()
    erased = erase(module)
    module.keyed["scale"].weight.data.mul_(2)
    torch.testing.assert_close(erased(X).tensor, module(X).tensor)
    assert dict(erased.named_parameters()).keys() == dict(module.named_parameters()).keys()
    erased(X).tensor.sum().backward()
    assert module.keyed["scale"].weight.grad is not None
    assert isinstance(erased, models.Nested)


def test_the_mode_of_the_module_is_that_of_the_erased_one() -> None:
    module = models.Modes()
    erased = erase(module)
    twin = copy.deepcopy(module)
    torch.testing.assert_close(erased(X).tensor, twin(X).tensor)
    module.eval()
    twin.eval()
    assert not erased.training
    torch.testing.assert_close(erased(X).tensor, twin(X).tensor)
    # The running statistics are the module's own.
    torch.testing.assert_close(module.norm.running_mean, twin.norm.running_mean)


def test_a_layer_that_was_exchanged_is_the_one_that_runs() -> None:
    module = models.Nested()
    erased = erase(module)
    erased(X)
    module.keyed["scale"] = models.Scale(4)
    module.keyed["scale"].weight.data.fill_(7.0)
    torch.testing.assert_close(erased(X).tensor, module(X).tensor)
    module.listed.append(models.Optionals(True))
    torch.testing.assert_close(erased(X).tensor, module(X).tensor)


def test_lowering_leaves_the_module_as_it_is() -> None:
    module = models.Held().eval()
    classes = [type(one) for one in module.modules()]
    lower(module)
    assert [type(one) for one in module.modules()] == classes
    assert isinstance(module.shift, NamedTensor)
    assert isinstance(module(X)[0], NamedTensor)


def test_a_lowered_layout_that_does_not_fit_is_refused_by_name() -> None:
    lowered = lower(models.Held().eval())
    with pytest.raises(Exception, match=r"`x` has size 4 at axis 2, but `T` is 5"):
        lowered(torch.rand(2, 5, 4))
    assert isinstance(lowered(torch.rand(3, 4, 5))[0], Tensor)


def test_code_that_is_too_long_to_follow_is_left_alone_unless_it_speaks_of_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As attributes of the package, rooms are hidden by the functions of their names.
    monkeypatch.setattr(importlib.import_module("namedtorch.erase.observation"), "ENOUGH_FUEL", 500)
    assert erase_names(models.Long(speaks=False)) == []
    with pytest.raises(LowerError, match="forward runs through too much code to follow"):
        erase_names(models.Long(speaks=True))
