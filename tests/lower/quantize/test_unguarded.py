import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, NamedTensor, checked, named
from namedtorch.lower.quantize.entry import quantize
from namedtorch.lower.quantize.subject import subject_of
from namedtorch.lower.quantize.unguarded import drop_named_guards
from tests.lower.unverified import lower


class Plain(nn.Module):
    @checked
    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 8"]:
        return x.relu()


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.plain = Plain()

    @checked
    def forward(self, x: Float[NamedTensor, "N C=8"]) -> Float[NamedTensor, "N C"]:
        return named(self.plain(self.linear(x.tensor)), "N C")


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Block()
        self.second = Block()

    @checked
    def forward(self, x: Float[NamedTensor, "N C=8"]) -> Float[NamedTensor, "N"]:
        return self.second(self.first(x)).mean("C")


X = torch.arange(24.0).view(3, 8) / 24


def test_a_copy_without_names_takes_plain_tensors() -> None:
    model = Model().eval()
    subject = subject_of(model, None, None)
    made = subject.copy()
    torch.testing.assert_close(subject.held(made)(X), model(named(X, "N C")).tensor)
    assert type(made.first) is type(made.second)
    with pytest.raises(DimError, match="annotation asks for a NamedTensor"):
        model(X)


def test_guards_of_plain_tensors_stay() -> None:
    made = Plain()
    drop_named_guards(made)
    assert type(made) is Plain
    with pytest.raises(DimError, match="has size 3 at axis 1"):
        made(torch.ones(2, 3))


def test_a_model_of_named_tensors_is_quantized_and_lowered() -> None:
    model = Model().eval()
    found = quantize(model, "dynamic")
    assert set(found.quantization.layers) == {"first.linear", "second.linear"}
    expected = model(named(X, "N C")).tensor
    torch.testing.assert_close(found(X), expected, rtol=0, atol=0.05)
    torch.testing.assert_close(lower(found)(X), found(X))
