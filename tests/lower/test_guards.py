"""Which functions of a graph hold guards: the boundary with its exported methods, all that is annotated, or none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Tuple

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, LowerError, checked, load
from namedtorch.archive.manifest import KnownSize, State
from tests.lower.unverified import lower


def doubled(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    return x * 2


@checked
def scaled(x: Float[Tensor, "N C"], by: Float[Tensor, "C"]) -> Float[Tensor, "N C"]:
    return doubled(x) * by


@checked
class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.linear = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N self.width"]:
        return self.halved(self.linear(x), x.shape[0])

    @staticmethod
    def halved(x: Float[Tensor, "N D"], n: int) -> Float[Tensor, "N D"]:
        return x / n


@checked
class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.width = 4
        self.first, self.second = Block(4), Block(4)
        self.tail = nn.Sequential(nn.Linear(4, 6), Block(6), nn.Linear(6, 4))
        self.by = nn.Parameter(torch.ones(4))

    def forward(self, x: Float[Tensor, "N C"], cut: int = 0) -> Float[Tensor, "N C"]:
        x = self.second(self.first(x))
        return self.shifted(scaled(self.tail(x), self.by[cut:]))

    def shifted(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N self.width"]:
        return x + 1

    @torch.jit.export
    def encode(self, x: Float[Tensor, "N self.width"], k: int = 2) -> Float[Tensor, "N self.width"]:
        return self.first(x) * k

    @torch.jit.export
    def count(self) -> int:
        return 3


X = torch.rand(3, 4)
WRONG = torch.rand(3, 5)


@pytest.mark.parametrize("guards", ["boundary", "all", "none"])
def test_results_are_those_of_python(guards: Any) -> None:
    model = Net().eval()
    lowered = lower(model, guards=guards)
    torch.testing.assert_close(lowered(X), model(X))
    script: Any = lowered.module
    torch.testing.assert_close(script.encode(X, k=3), model.encode(X, k=3))
    assert script.count() == 3
    assert lowered.manifest.guards == guards


def test_every_exported_method_has_its_signature() -> None:
    methods = lower(Net()).manifest.methods
    assert {name: str(one.signature) for name, one in methods.items()} == {
        "forward": "x: N C=4, cut: int = 0 -> N C=4",
        "encode": "x: N width=4, k: int = 2 -> N width=4",
        "count": "-> int",
    }


def test_sizes_are_told_with_what_they_are_known_by() -> None:
    manifest = lower(Net(), metadata={"labels": ["cat", "dog"]}).manifest
    assert manifest.sizes == {
        "width": KnownSize(4, "self.width"),
        "C": KnownSize(4, "first.linear.in_features"),
    }
    assert manifest.state["first.linear.weight"] == State("parameter", "float32", (4, 4), "out=4 in=4")
    assert manifest.state["by"].dims is None
    assert manifest.metadata == {"labels": ["cat", "dog"]}
    with pytest.raises(ValueError, match="labels"):
        lower(Net(), metadata={"labels": {1, 2}})


SAYS = "mat1 and mat2 shapes cannot be multiplied"
FIRST = "namedtorch: in Block.forward: `x` has size 5 at axis 1, but `width` is 4"

CASES: list[tuple[str, Callable[[Any], Any], str]] = [
    ("boundary", lambda net: net(torch.rand(3)), "namedtorch: `x` has rank 1, but `N C=4` has rank 2"),
    ("boundary", lambda net: net.encode(WRONG), "namedtorch: `x` has size 5 at axis 1, but `width` is 4"),
    ("boundary", lambda net: net(WRONG), "namedtorch: `x` has size 5 at axis 1, but `C` is 4"),
    ("boundary", lambda net: net.first(WRONG), SAYS),
    ("all", lambda net: net(torch.rand(3)), "namedtorch: `x` has rank 1, but `N C=4` has rank 2"),
    ("all", lambda net: net(WRONG), "namedtorch: `x` has size 5 at axis 1, but `C` is 4"),
    ("all", lambda net: net.first(WRONG), FIRST),
    (
        "all",
        lambda net: getattr(net.tail, "1")(WRONG),
        "namedtorch: in Block.forward: `x` has size 5 at axis 1, but `width` is 6",
    ),
    (
        "all",
        lambda net: net(X, 2),
        "namedtorch: in scaled: `by` has size 2 at axis 0, but `C` is 4 (bound by `x` at axis 1)",
    ),
    ("none", lambda net: net.encode(WRONG), SAYS),
]


@pytest.mark.parametrize(("guards", "call", "says"), CASES)
def test_where_a_call_is_refused(guards: Any, call: Callable[[Any], Any], says: str) -> None:
    script = lower(Net(), guards=guards).module
    with pytest.raises((torch.jit.Error, RuntimeError)) as caught:
        call(script)
    assert says in str(caught.value)


def test_methods_and_static_methods_inside_are_guarded() -> None:
    class Wrong(nn.Module):
        def forward(self, x: Float[Tensor, "N C"], n: int = 0) -> Float[Tensor, "N C"]:
            return self.cut(self.flat(x, n), n)

        def cut(self, x: Float[Tensor, "N C"], n: int) -> Float[Tensor, "N C"]:
            return x[1:] if n == 1 else x

        @staticmethod
        def flat(x: Float[Tensor, "N C"], n: int) -> Float[Tensor, "N C"]:
            return x[0] if n == 2 else x

    script: Any = lower(Wrong(), guards="all").module
    script(X)
    with pytest.raises(
        torch.jit.Error, match=r"in .*Wrong\.cut: `result` has size 2 at axis 0, but `N` is 3"
    ):
        script(X, 1)
    with pytest.raises(torch.jit.Error, match=r"in .*Wrong\.flat: `result` has rank 1"):
        script(X, 2)


def test_functions_guard_what_they_call() -> None:
    script: Any = lower(scaled, guards="all").module
    torch.testing.assert_close(script(X, torch.ones(4)), X * 2)
    assert "namedtorch: in doubled: " not in lower(scaled).source
    assert "namedtorch: in doubled: " in lower(scaled, guards="all").source
    with pytest.raises(torch.jit.Error, match=r"namedtorch: `by` has size 3"):
        script(X, torch.ones(3))


def test_instances_with_other_sizes_have_other_guards_and_equal_ones_share_theirs() -> None:
    script: Any = lower(Net(), guards="all").module
    assert script.first._c._type() == script.second._c._type()
    assert script.first._c._type() != getattr(script.tail, "1")._c._type()


def test_a_signature_for_a_model_that_cannot_be_edited() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 5))
    lowered = lower(model, signature="image: N C=3 H W -> N classes=5")
    assert str(lowered.signature) == "image: N C=3 H W -> N classes=5"
    image = torch.rand(2, 3, 2, 2)
    torch.testing.assert_close(lowered(image=image), model(image))
    with pytest.raises(DimError, match="`image` has size 2 at axis 1, but `C` is 3"):
        lowered(image.permute(0, 2, 3, 1))
    assert type(model) is nn.Sequential


def test_a_signature_for_a_function() -> None:
    def plain(x: Tensor, y: Tensor) -> Tensor:
        return x @ y

    lowered = lower(plain, signature="x: N K, y: K M -> N M")
    torch.testing.assert_close(lowered(X, X.T), X @ X.T)
    with pytest.raises(torch.jit.Error, match="namedtorch: `y` has size 3 at axis 0, but `K` is 4"):
        lowered.module(X, X)


def test_a_signature_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="takes `input`"):
        lower(nn.Sequential(nn.Linear(3, 3)), signature="a: N 3, b: N -> N 3")


def test_what_lower_refuses() -> None:
    with pytest.raises(LowerError, match=r"""guards='most' is none of "boundary", "all", "none\""""):
        lower(Net(), guards="most")  # pyright: ignore[reportArgumentType]
    with pytest.raises(
        LowerError, match=r'give it one: lower\(model, signature="image: N C H W -> N classes"\)'
    ):
        lower(nn.Sequential())


def test_a_missing_attribute_of_an_inner_module_is_told() -> None:
    class Inner(nn.Module):
        def forward(self, x: Float[Tensor, "N self.wide"]) -> Float[Tensor, "N self.wide"]:
            return x

    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
            return self.inner(x)

    lower(Outer())
    with pytest.raises(LowerError, match=r"Inner can't be lowered: of `self\.wide` in its signature"):
        lower(Outer(), guards="all")


class ExportedAbove(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x

    @torch.jit.export
    @checked
    def encode(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        return x + 1


@pytest.mark.parametrize("guards", ["boundary", "all", "none"])
def test_a_method_exported_above_its_decorators_is_compiled(guards: Any) -> None:
    lowered: Any = lower(ExportedAbove(), guards=guards)
    torch.testing.assert_close(lowered.module.encode(X[:, :3]), X[:, :3] + 1)
    torch.testing.assert_close(lowered.encode(x=X[:, :3]), X[:, :3] + 1)
    if guards != "none":
        with pytest.raises(DimError, match="`x` has size 4 at axis 1, but the annotation says 3"):
            lowered.encode(X)


def test_signatures_by_the_names_of_methods() -> None:
    class Bare(nn.Module):
        def forward(self, x):
            return x

        def encode(self, x, k: int = 2):
            return x * k

    texts = {"forward": "image: N C=4 -> N C", "encode": "x: N 4 -> N 4"}
    lowered: Any = lower(Bare(), signature=texts)
    assert {name: str(one.signature) for name, one in lowered.manifest.methods.items()} == {
        "forward": "image: N C=4 -> N C",
        "encode": "x: N 4, k: int = 2 -> N 4",
    }
    torch.testing.assert_close(lowered.encode(X, k=3), X * 3)
    with pytest.raises(torch.jit.Error, match="namedtorch: `x` has size 5 at axis 1"):
        lowered.module.encode(WRONG)
    with pytest.raises(ValueError, match="has no method `decode`"):
        lower(Bare(), signature={"forward": "x: N C -> N C", "decode": "x: N -> N"})
    model: Any = checked(Bare(), texts)
    with pytest.raises(DimError, match="`x` has size 5"):
        model.encode(WRONG)


def to_nchw(module: nn.Module, given: Tuple[Tensor]) -> Tensor:
    return given[0].permute(0, 3, 1, 2)


def flat(module: nn.Module, given: Tuple[Tensor], result: Tensor) -> Tensor:
    return result.flatten(1)


def test_hooks_of_the_outermost_module_stand_around_its_guard(tmp_path: Path) -> None:
    class Hooked(nn.Module):
        def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N C H W"]:
            return image * 2

    model = Hooked()
    model.register_forward_pre_hook(to_nchw)
    model.register_forward_hook(flat)
    nhwc = torch.rand(2, 4, 5, 3)
    lowered = lower(model)
    lowered.save(tmp_path / "m.pt")
    for call in (lowered, load(tmp_path / "m.pt")):
        torch.testing.assert_close(call(nhwc), model(nhwc))
        with pytest.raises(DimError, match="`image` has size 4 at axis 1, but `C` is 3"):
            call(torch.rand(2, 3, 5, 4))
