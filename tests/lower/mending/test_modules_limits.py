"""What mending of modules leaves alone, and what stays as it was."""

import argparse
import copy
import re
from collections.abc import Callable
from typing import Optional

import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, LowerError
from tests.lower.unverified import lower

X = Float[Tensor, "N C=3"]


class Block(nn.Module):
    def __init__(self, by: int, deep: bool = False) -> None:
        super().__init__()
        self.options = argparse.Namespace(by=by, deep=deep)
        if deep:
            self.inner = nn.Linear(3, 3)

    def forward(self, x: X) -> X:
        if self.options.deep:
            x = self.inner(x)
        return x * self.options.by


class Blocks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Block(2), Block(3), Block(2), Block(2, deep=True)])

    def forward(self, x: X) -> X:
        for i in range(len(self.layers)):
            x = self.layers[i](x)
        return x


def test_instances_share_a_class_of_the_graph_where_their_constants_are_the_same() -> None:
    torch.manual_seed(0)
    model = Blocks().eval()
    lowered = lower(model)
    x = torch.rand(2, 3)
    torch.testing.assert_close(lowered(x), model(x))
    parts = dict(lowered.module.named_modules())
    kinds = [str(parts[f"layers.{i}"]._c._type()) for i in range(4)]
    assert kinds[0] == kinds[2]
    assert len(set(kinds)) == 3


def test_classes_and_modules_of_the_user_stay_as_they_are() -> None:
    model = Blocks()
    classes = [type(one) for one in model.modules()]
    before = [dict(vars(one)) for one in (Block, Blocks)]
    lower(model)
    assert [type(one) for one in model.modules()] == classes
    assert [dict(vars(one)) for one in (Block, Blocks)] == before


def test_guards_of_every_method_stay() -> None:
    lowered = lower(Blocks(), guards="all")
    assert "Block.forward" in lowered.source
    with pytest.raises(torch.jit.Error, match="has size 4 at axis 1, but `C` is 3"):
        lowered.module(torch.rand(2, 4))


class Fails(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.options = argparse.Namespace(rows=5)

    def forward(self, x: X) -> Tensor:
        for _ in range(2):
            x = x.view(self.options.rows, -1)  # the line
        return x


def test_an_error_in_a_mended_method_shows_the_line_of_the_user() -> None:
    lowered = lower(Fails())
    assert lowered(torch.rand(5, 3)).shape == (5, 3)
    with pytest.raises(RuntimeError) as caught:
        lowered(torch.rand(2, 3))
    assert re.search(rf'{re.escape(__file__)}", line \d+, in forward', str(caught.value))
    assert "x = x.view(self.options.rows, -1)  # the line" in str(caught.value)


class Changing(nn.Module):
    """What forward changes is no constant."""

    first: int

    def __init__(self) -> None:
        super().__init__()
        self.first = 0
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x: X) -> X:
        x = self.layers[self.first](x)
        self.first = 1 - self.first
        return x


def test_what_forward_changes_is_read_in_each_call() -> None:
    torch.manual_seed(0)
    model = Changing().eval()
    lowered = lower(model)
    x = torch.rand(2, 3)
    first, second = model.layers[0](x), model.layers[1](x)
    for wanted in (first, second, first):
        torch.testing.assert_close(lowered(x), wanted)


class Chosen(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x: X, n: int) -> X:
        return self.layers[n](x)


def test_an_index_that_fits_no_module_raises_as_in_python() -> None:
    model = Chosen().eval()
    lowered = lower(model)
    x = torch.rand(2, 3)
    for n in (0, 1, -1, -2):
        torch.testing.assert_close(lowered(x, n), model(x, n))
    for n in (2, -3):
        with pytest.raises(IndexError, match="out of range"):
            model(x, n)
        with pytest.raises(torch.jit.Error, match=f"index {n} is out of range"):
            lowered(x, n)


class Without(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.options = argparse.Namespace(by=2)
        self.linear = nn.Linear(3, 3)

    @torch.no_grad()
    def forward(self, x: X) -> X:
        return self.linear(x) * self.options.by


def test_a_decorator_that_turns_gradients_off_stays() -> None:
    lowered = lower(Without())
    assert not lowered(torch.rand(2, 3)).requires_grad


class Checked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.options = argparse.Namespace(by=2)

    @namedtorch.checked
    def forward(self, x: X) -> X:
        return x * self.options.by


def test_a_checked_method_is_mended_under_its_check() -> None:
    torch.testing.assert_close(lower(Checked())(torch.ones(2, 3)), torch.full((2, 3), 2.0))
    with pytest.raises(torch.jit.Error, match="has size 4 at axis 1, but `C` is 3"):
        lower(Checked()).module(torch.rand(2, 4))


class Training(nn.Module):
    """Dropout that is made in forward drops in eval mode, too: a module that is made before would not."""

    def forward(self, x: X) -> X:
        return nn.Dropout(0.5)(x)


class Weights(nn.Module):
    def forward(self, x: X) -> X:
        return nn.Linear(3, 3)(x)


class Unregistered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.parts = [nn.Linear(3, 3)]

    def forward(self, x: X) -> X:
        for part in self.parts:
            x = part(x)
        return x


class Last(nn.Module):
    def forward(self, x: X) -> X:
        self.last = x
        return x


class Object(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.options = argparse.Namespace(by=2)

    def forward(self, x: X) -> X:
        self.options.by = self.options.by + 1
        return x * self.options.by


class Random(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return weight * torch.rand(())


def random_weight() -> nn.Module:
    model = Without()
    torch.nn.utils.parametrize.register_parametrization(model.linear, "weight", Random())
    return model


REFUSED: list[tuple[Callable[[], nn.Module], str]] = [
    (Training, "`nn.Dropout(...)`, a module made in the graph"),
    (Weights, "`nn.Linear(...)`, a module made in the graph"),
    (Unregistered, "`self.parts`, modules in a list, tuple or dict of Python's"),
    (Last, "`self.last`, which `__init__` does not set"),
    (Object, "`self.options`, an object that TorchScript has no type for"),
    (
        random_weight,
        "`model.linear.weight` is computed by a parametrization that gives another weight in each call",
    ),
]


@pytest.mark.parametrize(("make", "words"), REFUSED, ids=[make.__name__ for make, _ in REFUSED])
def test_what_would_not_surely_be_the_same_is_refused(make: Callable[[], nn.Module], words: str) -> None:
    with pytest.raises(LowerError) as caught:
        lower(make())
    assert words in str(caught.value)


def test_computed_weights_are_refused_in_training() -> None:
    model = Without()
    torch.nn.utils.parametrizations.weight_norm(model.linear)
    with pytest.raises(
        LowerError, match=r"`model\.linear\.weight` is computed anew in each call .* train=True"
    ):
        lower(model, train=True)
    again = copy.deepcopy(model).eval()
    torch.testing.assert_close(lower(model)(torch.ones(2, 3)), again(torch.ones(2, 3)))
    assert torch.nn.utils.parametrize.is_parametrized(model.linear)


class Cache(nn.Module):
    """A method that forward calls changes what forward tests."""

    memory: Optional[Tensor]

    def __init__(self) -> None:
        super().__init__()
        self.memory = None

    def keep(self, x: Tensor) -> Tensor:
        self.memory = x
        return x

    def forward(self, x: X) -> X:
        if self.memory is None:
            x = self.keep(x * 2)
        memory = self.memory
        if memory is not None:
            x = x + memory
        return x


def test_an_attribute_that_called_methods_change_is_read_where_it_stands() -> None:
    model, lowered = Cache().eval(), lower(Cache())
    for _ in range(2):
        torch.testing.assert_close(lowered(torch.ones(2, 3)), model(torch.ones(2, 3)))
