"""Plain `torch.jit.script` on checked code: the guard is in what torch compiles, and the user's objects stay."""

import copy
import linecache
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, LowerError, NamedTensor, checked, named, named_module
from tests.lower.unverified import lower


@checked
def scaled(x: Float[Tensor, "N C"], by: Float[Tensor, "C"]) -> Float[Tensor, "N C"]:
    return x * by


@checked
class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.linear = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N self.width"]:
        return self.linear(x)

    @torch.jit.export
    def encode(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N self.width"]:
        return x + 1


class Parent(nn.Module):
    """Nothing in it is checked itself."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(4), Block(4)])
        self.other = nn.Sequential(nn.Linear(4, 3), Block(3))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return scaled(self.other(x), torch.ones(3))


class OnlyForward(nn.Module):
    @checked
    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        return x


class Calling(nn.Module):
    """Nothing in the tree of modules is checked, but a function that it calls is."""

    def forward(self, x: Tensor) -> Tensor:
        return scaled(x, x[0])


X = torch.rand(2, 4)


def script(target: Any) -> Any:
    return torch.jit.script(target)


def test_a_checked_module_has_the_guard_of_lower() -> None:
    model = Block(4)
    compiled = script(model)
    torch.testing.assert_close(compiled(X), model(X))
    wrong = torch.rand(2, 5)
    messages: list[str] = []
    for call in (compiled, compiled.encode, lower(model).module):
        with pytest.raises(torch.jit.Error) as caught:
            call(wrong)
        messages.append(str(caught.value).strip().splitlines()[-1])
    assert set(messages) == {"builtins.ValueError: namedtorch: `x` has size 5 at axis 1, but `width` is 4"}


def test_parameters_are_shared_as_torch_shares_them() -> None:
    model = Block(4)
    compiled = script(model)
    with torch.no_grad():
        model.linear.weight.zero_()
    assert not compiled.linear.weight.any()
    assert compiled.training


def test_checked_parts_of_an_unchecked_model() -> None:
    model = Parent()
    before = dict(model.named_modules())
    compiled = script(model)
    torch.testing.assert_close(compiled(X), model(X))
    with pytest.raises(torch.jit.Error, match=r"namedtorch: in Block\.forward: `x` has size 5 at axis 1"):
        compiled(torch.rand(2, 5))
    with pytest.raises(
        torch.jit.Error, match=r"namedtorch: in Block\.forward: `x` has size 2 at axis 1, but `width` is 3"
    ):
        getattr(compiled.other, "1")(torch.rand(2, 2))
    assert all(one is before[name] for name, one in model.named_modules())
    with pytest.raises(DimError):
        model(torch.rand(2, 5))
    pickle.loads(pickle.dumps(model))
    copy.deepcopy(model)


def test_functions() -> None:
    compiled = script(scaled)
    torch.testing.assert_close(compiled(X, torch.ones(4)), X)
    with pytest.raises(torch.jit.Error, match=r"namedtorch: `by` has size 3 at axis 0, but `C` is 4"):
        compiled(X, torch.ones(3))


def test_checked_functions_in_plain_code() -> None:
    for target in (Calling(), lambda_free):
        compiled = script(target)
        torch.testing.assert_close(compiled(X), X * X[0])
        with pytest.raises(torch.jit.Error, match=r"namedtorch: .*`x` has rank 3"):
            compiled(torch.rand(2, 2, 2))


def lambda_free(x: Tensor) -> Tensor:
    return scaled(x, x[0])


def test_a_method_that_is_checked_alone() -> None:
    with pytest.raises(torch.jit.Error, match="`x` has size 4 at axis 1, but the annotation says 3"):
        script(nn.Sequential(OnlyForward(), nn.Linear(3, 3)))(X)


def test_a_model_with_a_signature_given_as_text() -> None:
    model = checked(nn.Sequential(nn.Linear(3, 4)), "image: N 3 -> N out=4")
    compiled = script(model)
    torch.testing.assert_close(compiled(torch.ones(1, 3)), model(torch.ones(1, 3)))
    with pytest.raises(torch.jit.Error, match="namedtorch: `image` has size 4"):
        compiled(X)


def test_a_saved_file_refuses_too(tmp_path: Path) -> None:
    path = str(tmp_path / "model.pt")
    script(Parent()).save(path)
    loaded: Any = torch.jit.load(path)
    with pytest.raises(torch.jit.Error, match=r"namedtorch: in Block\.forward"):
        loaded(torch.rand(2, 5))


def test_plain_models_are_compiled_as_they_are() -> None:
    model = nn.Sequential(nn.Linear(3, 4))
    prepared: Any = model
    assert prepared.__prepare_scriptable__() is model


def test_files_show_what_the_user_wrote() -> None:
    before = linecache.getlines(__file__)
    script(Parent())
    assert linecache.getlines(__file__) == before


@checked
class Counter:
    """No module: TorchScript has classes of its own."""

    def __init__(self, by: int) -> None:
        self.by = by

    def add(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x + self.by


def uses_a_class(x: Tensor) -> Tensor:
    return Counter(3).add(x)


def test_where_a_check_would_be_dropped_torch_refuses() -> None:
    for target in (Counter, uses_a_class):
        with pytest.raises(
            LowerError, match=r"torch\.jit\.script would drop the check of Counter\.__init__, which is"
        ):
            script(target)


def test_what_can_not_be_copied_is_told() -> None:
    class Stuck(Block):
        def __deepcopy__(self, memo: Any) -> Any:
            raise TypeError("holds a lock")

    with pytest.raises(
        LowerError, match=r"can't be copied, so torch\.jit\.script can't have its guard: holds a lock"
    ):
        script(Stuck(4))


@checked
def _centered(x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C T"]:
    return x - x.mean("T", keepdim=True)


class _Named(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = named_module(nn.Linear(3, 5), "C -> K")

    @checked
    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N K"]:
        return self.linear(_centered(x).align_to("N", "T", "C")).amax("T")


def test_code_that_speaks_of_names_is_erased() -> None:
    module = _Named().eval()
    x = torch.rand(2, 3, 4)
    expected = module(named(x, "N C T")).tensor
    script = torch.jit.script(module)
    torch.testing.assert_close(script(x), expected)
    with pytest.raises(torch.jit.Error, match="`x` has rank 2, but `N C T` has rank 3"):
        script(torch.rand(2, 3))
    function = torch.jit.script(_centered)
    torch.testing.assert_close(function(x), _centered(named(x, "N C T")).tensor)
