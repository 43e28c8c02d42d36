"""Code of torch.fx in the place of a graph: it computes the same, is copied, scripted, and leaves nothing behind."""

import copy
import gc
import linecache

import torch
from torch import Tensor, fx, nn

from namedtorch.lower.quantize.written import written_module


class Plain(nn.Module):
    """A model with all that a graph reads of its module."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
        self.weight = nn.Parameter(torch.ones(4))
        self.register_buffer("shift", torch.ones(4))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        n = x.size(0)
        return (self.inner(x) * self.weight + self.shift + y).reshape(n, -1)


def made() -> tuple[Plain, nn.Module]:
    model = Plain().eval()
    return model, written_module(fx.symbolic_trace(copy.deepcopy(model)), "Outer.<locals>.Plain")


def test_it_computes_the_same() -> None:
    model, written = made()
    x, y = torch.randn(2, 4), torch.randn(2, 4)
    assert torch.equal(written(x, y=y), model(x, y))
    assert type(written).__name__ == "Plain"
    assert not written.training
    assert written.state_dict().keys() == model.state_dict().keys()
    assert [*dict(written.named_modules())] == [*dict(model.named_modules())]


def test_no_bare_module_is_compiled_that_torch_would_take_for_every_annotation_of_one() -> None:
    _, written = made()
    assert not any(type(one) is nn.Module for one in written.modules())


def test_copies_share_the_code_and_nothing_else() -> None:
    _, written = made()
    other = copy.deepcopy(written)
    assert type(other) is type(written)
    x = torch.randn(2, 4)
    expected = written(x, x)
    with torch.no_grad():
        other.weight.zero_()
    assert torch.equal(written(x, x), expected)
    assert not torch.equal(other(x, x), expected)


def test_it_is_scripted() -> None:
    _, written = made()
    x = torch.randn(3, 4)
    assert torch.equal(torch.jit.script(written)(x, x), written(x, x))


def test_its_source_goes_with_it() -> None:
    _, written = made()
    file = type(written).forward.__code__.co_filename
    assert file in linecache.cache
    assert linecache.getline(file, type(written).forward.__code__.co_firstlineno).startswith("def forward(")
    del written
    gc.collect()
    assert file not in linecache.cache
