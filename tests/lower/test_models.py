"""Models of all kinds: the graph gives what Python gives, and refuses what does not fit by the dim's name."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import DimError, Float, Int, LowerError, Shaped, checked
from tests.lower import future_models
from tests.lower.helpers_module import shifted
from tests.lower.models import (
    Annotated_,
    Attention,
    Attributes,
    Branches,
    Color,
    Containers,
    Decorated,
    Exporting,
    Hooked,
    InAnnotated,
    Inherited,
    Jaxtyped,
    Lists,
    Options,
    Plain,
    Quiet,
    Records,
    Silent,
    Tree,
    Wide,
    given,
    made_for,
    made_inside,
    plain_sum,
)
from tests.lower.unverified import lower

X = torch.arange(6.0).reshape(2, 3)

CASES: list[tuple[Callable[[], nn.Module], tuple[Any, ...], dict[str, Any]]] = [
    (Annotated_, (X,), {}),
    (Branches, (X,), {}),
    (Branches, (X, True), {}),
    (Jaxtyped, (X,), {"scale": 2.0}),
    (InAnnotated, (X,), {}),
    (Options, (X,), {}),
    (Options, (X, torch.ones(2)), {"bias": torch.ones(3)}),
    (Lists, ([X, X], [X]), {}),
    (Containers, ((X, 2), {"a": X, "b": X + 1}), {}),
    (Records, (X,), {}),
    (Plain, (X,), {}),
    (Plain, (X, "max"), {"width": 3, "factor": 0.5, "color": Color.BLUE}),
    (Attention, (X,), {}),
    (Inherited, (X,), {}),
    (Tree, (torch.rand(2, 4),), {}),
    (Exporting, (X,), {}),
    (Hooked, (X,), {}),
    (made_inside, (X,), {}),
    (Decorated, (X,), {}),
    (Quiet, (X,), {}),
    (Attributes, (X,), {}),
    (Silent, (X, X), {"flag": False}),
    (Wide, (X,), {}),
    (given, (X,), {}),
    (future_models.Deferred, (X,), {"mask": torch.ones(2)}),
]


@pytest.mark.parametrize(
    ("make", "args", "kwargs"), CASES, ids=[f"{i}-{make.__name__}" for i, (make, *_) in enumerate(CASES)]
)
@pytest.mark.parametrize("guards", ["boundary", "none"])
def test_gives_what_python_gives(
    make: Callable[[], nn.Module], args: tuple[Any, ...], kwargs: dict[str, Any], guards: Any
) -> None:
    torch.manual_seed(0)
    module = make().eval()
    lowered = lower(module, guards=guards)
    result = lowered(*args, **kwargs)
    expected = module(*args, **kwargs)
    torch.testing.assert_close(result, type(result)(*expected) if hasattr(expected, "_fields") else expected)
    assert ("namedtorch:" in lowered.code) == (guards == "boundary")


def test_local_records() -> None:
    torch.testing.assert_close(lower(made_for(int)())(X, 3), X * 6)


def test_one_source_for_two_types_is_refused() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = made_for(int)(), made_for(bool)()

        def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
            return self.one(x, 2) + self.other(x, True)

    with pytest.raises(LowerError, match="one annotation stands for different types"):
        lower(Both())


@pytest.mark.parametrize(
    "make", [Annotated_, Branches, Attention, Hooked, made_inside, Exporting, Records, Decorated, Quiet]
)
def test_refuses_another_rank_by_name(make: Callable[[], nn.Module]) -> None:
    lowered = lower(make())
    with pytest.raises(torch.jit.Error, match=r"namedtorch: .*`x`"):
        lowered.module(torch.ones(3))
    with pytest.raises(DimError, match=r"`x` has rank 1, but `N C` has rank 2"):
        lowered(torch.ones(3))


def test_a_signature_given_as_text_is_that_of_the_graph() -> None:
    module = given()
    torch.testing.assert_close(lower(module)(input=X), module(X))
    with pytest.raises(torch.jit.Error, match="namedtorch: `input` has size 4 at axis 1"):
        lower(module).module(torch.ones(2, 4))
    assert str(lower(module).signature) == "input: N 3 -> N out=4"


def test_results_are_guarded() -> None:
    class Wrong(nn.Module):
        def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N 3"]:
            return x

    lowered = lower(Wrong())
    lowered(torch.ones(2, 3))
    with pytest.raises(torch.jit.Error, match=r"namedtorch: .*result"):
        lowered.module(torch.ones(2, 4))
    torch.testing.assert_close(lower(Wrong(), guards="none")(torch.ones(2, 4)), torch.ones(2, 4))


def test_attributes_in_shapes_are_constants_of_the_signature() -> None:
    lowered = lower(Tree())
    assert str(lowered.signature) == "x: N 4 -> N classes=4"
    assert "self.classes" not in lowered.source.partition("# ")[0]


def test_exported_methods_stay_callable() -> None:
    module: Any = lower(Exporting()).module
    torch.testing.assert_close(module.encode(X), X + 1)


class Ignoring(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return self.logged(x)

    @torch.jit.ignore
    def logged(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x + len([one for one in x if one.sum() > 0])


def test_ignored_methods_run_in_python() -> None:
    torch.testing.assert_close(lower(Ignoring())(X), Ignoring()(X))


def test_functions() -> None:
    lowered = lower(shifted)
    torch.testing.assert_close(lowered(X), X + 1)
    torch.testing.assert_close(lowered(by=2.0, x=X), X + 2)
    assert str(lowered.signature) == "x: *any, by: float = 1.0 -> *any"
    assert lowered.manifest.kind == "function"
    with pytest.raises(torch.jit.Error, match=r"namedtorch: .*`x`"):
        lower(plain_sum).module(torch.ones(3))
    torch.testing.assert_close(lower(plain_sum, guards="none")(X), X.sum(1))


def test_memory_and_dtypes_are_guarded_too() -> None:
    def f(ids: Int[Tensor, "N"], image: Shaped[Tensor, "N C H W @ channels_last"]) -> Tensor:
        return ids

    lowered = lower(f)
    image = torch.ones(2, 3, 4, 5)
    lowered(torch.ones(2, dtype=torch.long), image.to(memory_format=torch.channels_last))
    with pytest.raises(torch.jit.Error, match="namedtorch: `ids`"):
        lowered.module(torch.ones(2), image)
    with pytest.raises(torch.jit.Error, match="namedtorch: `image`"):
        lowered.module(torch.ones(2, dtype=torch.long), image)


def test_modes() -> None:
    class Dropping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.drop = nn.Dropout(0.5)
            self.frozen = nn.Dropout(0.5).eval()

        def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return self.drop(self.frozen(x))

    model = Dropping()
    lowered = lower(model)
    torch.testing.assert_close(lowered(torch.ones(100)), torch.ones(100))
    assert lowered.manifest.mode == "eval"
    training = lower(model, train=True)
    assert (training(torch.ones(1000)) == 0).sum() > 100
    assert training.manifest.mode == "train"
    module: Any = training.module
    assert module.training
    assert not module.frozen.training


def test_what_is_lowered_can_be_read() -> None:
    lowered = lower(Branches())
    assert repr(lowered) == f"<Lowered {Branches.__module__}.Branches: {lowered.signature}>"
    assert "def forward(self, x: Tensor, twice: bool = False) -> Tensor:" in lowered.source
    assert "y: Tensor = x\n" in lowered.source
    assert "prim::RaiseException" in str(lowered.graph)
    assert "prim::Loop" in str(lowered.graph)
    assert lowered.code.count("def ") == 1


def test_modules_are_found_again_under_their_own_name() -> None:
    lowered: Any = lower(Tree())
    assert getattr(lowered.module.tail, "1").original_name == "Inner"
    assert lowered.module.original_name == "Tree"


def test_the_function_is_not_hidden_by_the_room_of_its_name() -> None:
    room: Any = importlib.import_module("namedtorch.lower")
    assert callable(namedtorch.lower)
    assert namedtorch.lower is importlib.import_module("namedtorch.lower.entry").lower
    assert room is not namedtorch.lower


@checked
class ByClass(nn.Module):
    @staticmethod
    def doubled(x: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
        return x * 2

    @classmethod
    def shifted(cls, x: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
        return x + 1

    def forward(self, x: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
        return ByClass.doubled(self.shifted(x)) + self.doubled(x)


@pytest.mark.parametrize("guards", ["boundary", "all", "none"])
def test_static_and_class_methods(guards: Any) -> None:
    torch.testing.assert_close(lower(ByClass(), guards=guards)(X), ByClass()(X))
    torch.testing.assert_close(torch.jit.script(ByClass())(X), ByClass()(X))
