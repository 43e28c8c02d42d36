"""`checked(module, "...")`: a module that can't be edited, held to a signature."""

import copy
import io
import pickle

import pytest
import torch
from torch import nn

from namedtorch import AnnotationError, DimError, checked

z = torch.zeros
TEXT = "input: N C=3 H W -> N K=8 H-2 W-2"


def conv() -> nn.Module:
    return checked(nn.Conv2d(3, 8, 3), TEXT)


def test_held_to_its_signature() -> None:
    module = conv()
    assert module(z(1, 3, 8, 8)).shape == (1, 8, 6, 6)
    assert module(input=z(1, 3, 8, 8)).shape == (1, 8, 6, 6)
    with pytest.raises(DimError) as caught:
        module(z(1, 8, 8, 3))
    assert caught.value.failures[0].message == "`input` has size 8 at axis 1, but `C` is 3"
    assert caught.value.failures[0].help == "axis 3 has size 3: is it N H W C?"


def test_the_result_is_held() -> None:
    module = checked(nn.Conv2d(3, 8, 3), "input: N C H W -> N C H W")
    with pytest.raises(DimError, match="`result` has size 8 at axis 1, but `C` is 3"):
        module(z(1, 3, 8, 8))


def test_it_shares_and_the_module_stays_as_it_is() -> None:
    original = nn.Conv2d(3, 8, 3)
    module = checked(original, TEXT)
    assert module is not original
    assert module.weight is original.weight
    assert isinstance(module, nn.Conv2d)
    assert repr(module) == repr(original)
    assert type(original) is nn.Conv2d
    with pytest.raises(RuntimeError):
        original(z(1, 8, 8, 3))
    assert set(module.state_dict()) == set(original.state_dict())
    module.load_state_dict(original.state_dict())
    with torch.no_grad():
        original.weight.zero_()
    assert module.weight.abs().sum() == 0


def test_hooks_of_the_original_run() -> None:
    original = nn.Linear(3, 2)
    seen: list[int] = []
    original.register_forward_hook(lambda *_: seen.append(1))
    checked(original, "input: N 3 -> N 2")(z(4, 3))
    assert seen == [1]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_stay_held(copied) -> None:
    module = copied(conv())
    assert module(z(1, 3, 8, 8)).shape == (1, 8, 6, 6)
    with pytest.raises(DimError):
        module(z(1, 8, 8, 3))
    assert isinstance(module, nn.Conv2d)


def test_torch_save() -> None:
    file = io.BytesIO()
    torch.save(conv(), file)
    file.seek(0)
    module = torch.load(file, weights_only=False)
    with pytest.raises(DimError):
        module(z(1, 8, 8, 3))


def test_inside_of_another_module() -> None:
    outer = nn.Sequential(conv(), nn.Flatten(), checked(nn.LazyLinear(4), "input: N F -> N 4"))
    assert outer(z(2, 3, 8, 8)).shape == (2, 4)
    with pytest.raises(DimError):
        outer(z(2, 8, 8, 3))


def test_adopted_twice_is_held_to_the_last() -> None:
    module = checked(conv(), "input: 1 3 H W -> ...")
    assert module(z(1, 3, 8, 8)).shape == (1, 8, 6, 6)
    with pytest.raises(DimError, match="`input` has size 2 at axis 0"):
        module(z(2, 3, 8, 8))


def test_the_class_of_the_module_is_checked_already() -> None:
    @checked
    class Mine(nn.Module):
        def forward(self, x):
            return x

    module = checked(Mine(), "x: N C -> N C")
    with pytest.raises(DimError):
        module(z(1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "image: N C H W, mask: N -> N K H W",
            "the signature names `image`, but `Conv2d.forward` takes `input`",
        ),
        (
            "input: N C H W, mask: N -> N K H W",
            "the signature names `mask`, but `Conv2d.forward` takes `input`",
        ),
        ("input: n * c -> n", "whitespace separates axes"),
        ("input: N 2*C -> N", "nothing binds `C`"),
    ],
)
def test_a_signature_that_does_not_fit(text: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        checked(nn.Conv2d(3, 8, 3), text)


def test_attribute_paths_of_the_module() -> None:
    module = checked(nn.Linear(3, 2), "input: *batch self.in_features -> *batch self.out_features")
    assert module(z(4, 5, 3)).shape == (4, 5, 2)
    with pytest.raises(DimError, match=r"`input` has size 4 at axis 1, but `self\.in_features` is 3"):
        module(z(3, 4))


def test_parameters_under_the_names_of_the_text() -> None:
    module = checked(nn.Linear(3, 2), "features: N 3 -> N 2")
    assert module(features=z(4, 3)).shape == module(z(4, 3)).shape == (4, 2)
    with pytest.raises(DimError, match="`features` has size 4 at axis 1"):
        module(z(4, 4))


def test_optional_parameters() -> None:
    module = checked(nn.GRU(3, 4, batch_first=True), "input: N T 3, hx: L N 4 -> N T 4, L N 4")
    assert module(z(2, 5, 3))[0].shape == (2, 5, 4)
    assert module(z(2, 5, 3), z(1, 2, 4))[0].shape == (2, 5, 4)
    with pytest.raises(DimError, match="`hx` has size 3 at axis 1, but `N` is 2"):
        module(z(2, 5, 3), z(1, 3, 4))
