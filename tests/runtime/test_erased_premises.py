"""Erased code rests on attributes, globals and layers; where these change, it is written anew."""

import gc
import pickle
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from namedtorch import EraseError, Float, NamedTensor, checked, erase, named, named_module

DIM = "C"
SCALE = 2.0
COUNT = 0
RULES: dict[str, Any] = {"dim": "C", "factors": [1, 2]}

X = named(torch.arange(18.0).reshape(2, 3, 3) ** 1.5, "N C T")

Input = Float[NamedTensor, "N C T"]


def same(found: NamedTensor, expected: NamedTensor) -> None:
    assert isinstance(found, NamedTensor)
    assert found.dims == expected.dims
    torch.testing.assert_close(found.tensor, expected.tensor)


class Flag(nn.Module):
    axis = "C"

    def __init__(self) -> None:
        super().__init__()
        self.wide = False
        self.rules = {"dim": "C"}
        self.mean = named(torch.arange(3.0), "C")

    def forward(self, x: Input) -> NamedTensor:
        if self.wide:
            return x.sum("C")
        return x.sum("T") + x.softmax(self.axis).sum("T") + x.mean(self.rules["dim"]).sum() + self.mean.sum()


def widen(module: nn.Module) -> None:
    module.wide = True


def turn(module: nn.Module) -> None:
    module.axis = "T"


def rule(module: nn.Module) -> None:
    module.rules["dim"] = "T"  # type: ignore[index, union-attr]  # which a static checker does not see


def replace(module: nn.Module) -> None:
    module.mean = named(torch.ones(4), "T")


@pytest.mark.parametrize("change", [widen, turn, rule, replace])
def test_attributes_that_change_between_calls(change: Callable[[nn.Module], None]) -> None:
    module, twin = Flag(), Flag()
    erased = erase(module)
    same(erased(X), twin(X))
    change(module)
    change(twin)
    same(erased(X), twin(X))
    # By the erased module, too: they share their attributes.
    again = Flag()
    erased = erase(again)
    erased(X)
    change(erased)
    same(erased(X), twin(X))


class Nested(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[int, Any] = {0: {"inner": [{"dim": "C"}]}}
        self.body = nn.Sequential(nn.Sequential(nn.Sequential(nn.Sequential(nn.Identity()))))

    def forward(self, x: Input) -> NamedTensor:
        return self.body(x).sum(self.tables[0]["inner"][0]["dim"])


def test_what_is_held_deep_inside() -> None:
    module = Nested()
    erased = erase(module)
    same(erased(X), module(X))
    module.tables[0]["inner"][0]["dim"] = "T"
    same(erased(X), module(X))
    innermost: Any = module.body[0]
    innermost[0][0][0] = Turned()
    same(erased(X), module(X))


def test_attributes_of_classes() -> None:
    erased = erase(Flag())
    same(erased(X), Flag()(X))
    Flag.axis = "T"
    try:
        same(erased(X), Flag()(X))
    finally:
        Flag.axis = "C"


class Scale(nn.Module):
    def forward(self, x: Float[NamedTensor, "... C ..."]) -> NamedTensor:
        return x * 2


class Turned(nn.Module):
    def forward(self, x: Input) -> NamedTensor:
        return x.align_to("C", "N", "T")


class Holder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer: nn.Module | None = Scale()
        self.layers = nn.ModuleList([Scale(), Scale()])

    def forward(self, x: Input) -> NamedTensor:
        if self.layer is not None:
            x = self.layer(x)
        for layer in self.layers:
            x = layer(x)
        return x.sum("C")


@pytest.mark.parametrize("layer", [Turned, nn.Identity, lambda: None])
def test_layers_that_are_exchanged(layer: Callable[[], nn.Module | None]) -> None:
    module, twin = Holder(), Holder()
    erased = erase(module)
    same(erased(X), twin(X))
    module.layer, twin.layer = layer(), layer()
    same(erased(X), twin(X))
    module.layers.append(Scale())
    twin.layers.append(Scale())
    same(erased(X), twin(X))
    module.layers[0] = twin.layers[0] = nn.Tanh()
    same(erased(X), twin(X))


def by_globals(x: Input) -> NamedTensor:
    y = x.sum(DIM) * SCALE
    for factor in RULES["factors"]:
        y = y * factor
    return y + x.mean(RULES["dim"])


def test_globals_that_change(monkeypatch: pytest.MonkeyPatch) -> None:
    erased = erase(by_globals)
    for dim, scale, factors in (("C", 2.0, [1, 2]), ("C", 3.0, [1, 2]), ("T", 4.0, [1, 2]), ("T", 4.0, [3])):
        monkeypatch.setitem(globals(), "DIM", dim)
        monkeypatch.setitem(globals(), "SCALE", scale)
        monkeypatch.setitem(RULES, "dim", dim)
        monkeypatch.setitem(RULES, "factors", factors)
        same(erased(X), by_globals(X))


def counted(x: Input) -> NamedTensor:
    global COUNT
    COUNT += 1
    return x.sum("C") * COUNT


def test_globals_that_the_code_itself_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "COUNT", 0)
    erased = erase(counted)
    same(erased(X), X.sum("C"))
    same(erased(X), X.sum("C") * 2)
    assert COUNT == 2


def closing(dim: str) -> tuple[Callable[[Input], NamedTensor], Callable[[str], None]]:
    def inner(x: Input) -> NamedTensor:
        return x.sum(dim)

    def change(other: str) -> None:
        nonlocal dim
        dim = other

    return inner, change


def test_closures_that_change() -> None:
    inner, change = closing("C")
    erased = erase(inner)
    same(erased(X), X.sum("C"))
    change("T")
    same(erased(X), X.sum("T"))


class Step(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.step = 0
        self.heat = 1.0

    def forward(self, x: Input) -> NamedTensor:
        y = x.sum("C") * self.heat
        if self.step > 1:
            y = y + 1
        return y


def test_numbers_that_change_at_each_call_need_no_code_of_their_own() -> None:
    module, twin = Step(), Step()
    erased = erase(module)
    made = []
    for step in range(6):
        module.step = twin.step = step
        module.heat = twin.heat = 1 / (step + 1)
        same(erased(X), twin(X))
        made.append(len([one for one in gc.get_objects() if type(one).__name__ == "Premises"]))
    assert made[-1] == made[2]


class Setting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Inner()

    def forward(self, x: Input) -> NamedTensor:
        y = self.inner(x)
        self.inner.axis = "T"
        return y


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.axis = "C"

    def forward(self, x: Input) -> NamedTensor:
        return x.softmax(self.axis)


def test_a_name_that_another_module_sets_is_not_known() -> None:
    with pytest.raises(EraseError, match=r"the value of `self\.axis` is not known"):
        erase(Setting())(X)


class Keeping(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last: NamedTensor | None = None
        self.pair: tuple[NamedTensor, int] | None = None
        self.state = named(torch.zeros(3), "C")
        self.used: nn.Module | None = None
        self.scale = Scale()

    def forward(self, x: Input) -> Input:
        self.last = x.sum("C")
        self.pair = (x.sum("T"), 1)
        self.state = x.mean(("N", "T"))
        self.used = self.scale
        return self.scale(x) - self.state.align_as(x)


def test_what_is_kept_has_its_names() -> None:
    module, twin = Keeping(), Keeping()
    same(erase(module)(X), twin(X))
    assert module.last is not None
    assert twin.last is not None
    same(module.last, twin.last)
    assert module.pair is not None
    assert twin.pair is not None
    same(module.pair[0], twin.pair[0])
    same(module.state, twin.state)
    assert module.used is module.scale
    same(module(X), twin(X))


class Logging(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.log: list[NamedTensor] = []

    def forward(self, x: Input) -> Input:
        self.log.append(x.sum("C"))
        return x


def test_lists_that_collect_names_are_refused() -> None:
    with pytest.raises(EraseError, match=r"`self.log` collects tensors with names.*\(\*self.log, y\)"):
        erase(Logging())(X)


class Modes(nn.Module):
    def forward(self, x: Input):  # type: ignore[no-untyped-def]
        if self.training:
            return x.sum("C")
        return x.sum("T")


def test_results_of_several_dims_are_refused_with_all_of_them() -> None:
    with pytest.raises(EraseError, match="its result has the dims `N T` at one time, and `N C` at another"):
        erase(Modes())(X)


class Chain(nn.Sequential):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__(*layers)
        self.calls = 0

    def forward(self, x: Input) -> NamedTensor:
        self.calls = self.calls + 1
        for layer in self:
            x = layer(x)
        return x.sum("C")


class Chained(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.chain = Chain(Inner(), nn.ReLU())

    def forward(self, x: Input) -> NamedTensor:
        return self.chain(x) + 1


def test_containers_of_the_users_own() -> None:
    module = Chained()
    same(erase(module)(X), Chained()(X))
    assert module.chain.calls == 1
    alone = Chain(Inner())
    same(erase(alone)(X), Chain(Inner())(X))
    assert alone.calls == 1


def test_parametrized_layers() -> None:
    layer = named_module(nn.Linear(3, 3), "C -> K")
    nn.utils.parametrizations.weight_norm(layer)

    class Weighted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Input) -> NamedTensor:
            return self.layer(x.align_to("N", "T", "C"))

    module = Weighted()
    same(erase(module)(X), module(X))


class Checked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = Scale()

    @checked(erase=True)
    def forward(self, x: Input) -> Float[NamedTensor, "N T"]:
        return self.scale(x).sum("C")


@pytest.mark.parametrize("make", [Checked, lambda: erase(Keeping()), lambda: erase(Flag())])
def test_a_module_that_ran_is_freed(make: Callable[[], nn.Module]) -> None:
    module = make()
    module(X)
    watched = [weakref.ref(one) for one in module.modules()]
    del module
    gc.collect()
    gc.collect()
    assert [one() for one in watched] == [None] * len(watched)


def test_a_layer_that_was_exchanged_is_freed() -> None:
    module = Holder()
    erased = erase(module)
    erased(X)
    watched = weakref.ref(module.layer)  # type: ignore[type-var]
    module.layer = Turned()
    erased(X)
    gc.collect()
    assert watched() is None


def test_an_erased_module_is_pickled() -> None:
    erased = erase(Flag())
    again = pickle.loads(pickle.dumps(erased))
    same(again(X), erased(X))


class Pair(NamedTuple):
    first: NamedTensor
    total: NamedTensor


@dataclass
class Held:
    first: NamedTensor


def paired(x: Input) -> Pair:
    return Pair(x, x.sum("C"))


def held(x: Input) -> Held:
    return Held(x)


def resumed(x: Input):  # type: ignore[no-untyped-def]
    return (x.sum(dim) for dim in ("C",))


def given(x: Input):  # type: ignore[no-untyped-def]
    return lambda y: y.sum("C")


def test_results_that_hold_names() -> None:
    pair = erase(paired)(X)
    assert isinstance(pair, Pair)
    same(pair.first, X)
    same(pair.total, X.sum("C"))
    (total,) = erase(resumed)(X)
    same(total, X.sum("C"))


@pytest.mark.parametrize("function", [held, given])
def test_results_whose_names_nobody_could_put_back_are_refused(function: Callable[..., Any]) -> None:
    with pytest.raises(EraseError, match="the names of its result are not known"):
        erase(function)(X)


MADE: list[type] = []


class Counted(nn.Module):
    calls = 0

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        MADE.append(cls)


class Counting(Counted):
    def forward(self, x: Input) -> NamedTensor:
        type(self).calls += 1
        return x.sum("C") * Counting.calls


class Outer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.counting = Counting()

    def forward(self, x: Input) -> NamedTensor:
        return self.counting(x)


def test_what_is_set_on_the_class_is_set_on_the_users() -> None:
    erased = erase(Outer())
    same(erased(X), X.sum("C"))
    same(erased(X), X.sum("C") * 2)
    assert Counting.calls == 2
    assert [Counting] == MADE
