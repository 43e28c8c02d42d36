"""What can't be lowered is said in a line, with the user's own line below."""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from namedtorch import Float, LowerError, checked
from namedtorch.lower.mending.mend import unmended
from tests.lower.unverified import lower

X = Float[Tensor, "N C"]


class Filtering(nn.Module):
    def forward(self, x: X) -> X:
        return self.go(x)

    def go(self, x: X) -> X:
        y = [a for a in x if a.sum() > 0]  # the line
        return y[0]


class Unknown(nn.Module):
    def forward(self, x: X) -> X:
        y = x + 1
        return missing(y)  # the line


class Starred(nn.Module):
    def forward(self, x: X, *more: X) -> X:  # the line
        return x


class Defaulted(nn.Module):
    def forward(self, x: X, *, k: int = 3) -> X:  # the line
        return x


class PositionalOnly(nn.Module):
    def forward(self, x: X, /, k: int = 3) -> X:  # the line
        return x


class BadType(nn.Module):
    def forward(self, x: X, more: frozenset[int]) -> X:  # the line
        return x


def helper(x: X) -> X:
    try:  # the line
        return x
    except ValueError:
        return x


class Helped(nn.Module):
    def forward(self, x: X) -> X:
        return helper(x)


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.data = {1: object()}

    def forward(self, x: X) -> X:
        return x * len(self.data[x.dim()])  # the line


class Outer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Inner()

    def forward(self, x: X) -> X:
        return self.inner(x)


REFUSED: list[tuple[Callable[[], nn.Module], str, type]] = [
    (
        Filtering,
        "TorchScript refuses `Filtering.go`: a comprehension with `if`; write a loop with `if` that appends\n",
        Filtering,
    ),
    (
        Unknown,
        "TorchScript refuses `Unknown.forward`: `missing`, which is defined nowhere; import it",
        Unknown,
    ),
    (
        Starred,
        "TorchScript refuses `Starred.forward`: the parameter `*more`",
        Starred,
    ),
    (
        Defaulted,
        "TorchScript refuses `Defaulted.forward`: the keyword-only parameter `k` with a default",
        Defaulted,
    ),
    (
        PositionalOnly,
        "TorchScript refuses `PositionalOnly.forward`: positional-only parameters, up to `x`",
        PositionalOnly,
    ),
    (BadType, "TorchScript refuses `BadType.forward`: the type of `more`, a set; take a list\n", BadType),
    (Helped, "TorchScript refuses `helper`: `try`; test for the case with `if` before", helper),  # type: ignore[list-item]
    (Outer, "TorchScript refuses `Inner.forward`: `self.data`, an object that TorchScript has", Inner),
]


def line_of(owner: Any) -> str:
    """Where the source of a class or function says `# the line`."""
    lines, first = inspect.getsourcelines(owner)
    return f"{__file__}:{first + next(i for i, line in enumerate(lines) if '# the line' in line)}"


@pytest.mark.parametrize(("make", "headline", "place"), REFUSED, ids=[one[0].__name__ for one in REFUSED])
def test_code_that_torch_refuses(make: Callable[[], nn.Module], headline: str, place: type) -> None:
    with unmended(), pytest.raises(LowerError) as caught:
        lower(make())
    text = str(caught.value)
    assert text.startswith(headline)
    assert len(text.splitlines()[0]) < 600
    assert f"\n  {line_of(place)}" in text
    assert "# the line" in text or make in (Starred, Defaulted, PositionalOnly)
    assert "~~~" not in text
    assert len(text.splitlines()) < 10


def test_who_called_is_said() -> None:
    with pytest.raises(LowerError) as caught:
        lower(Helped())
    line = int(line_of(helper).rpartition(":")[2]) + 8
    assert inspect.getsource(Helped).splitlines()[-1] == Path(__file__).read_text().splitlines()[line - 1]
    assert str(caught.value).endswith(f"\n  called from {__file__}:{line}")


class Unannotated(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


class Calling(nn.Module):
    def forward(self, x: X) -> X:
        return x

    def __call__(self, x: Any) -> Any:
        return super().__call__(x) + 1


def patched() -> nn.Module:
    module = Outer()
    module.forward = lambda x: x  # type: ignore[method-assign]
    return module


def sourceless() -> nn.Module:
    names: dict[str, Any] = {"X": X, "nn": nn, "__name__": "nowhere"}
    exec("class Made(nn.Module):\n    def forward(self, x: X) -> X:\n        return x\n", names)
    return names["Made"]()


def uncopyable() -> nn.Module:
    module = Outer()
    module.held = (one for one in ())
    return module


class Noise(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return weight + torch.rand_like(weight)


def parametrized() -> nn.Module:
    module = nn.Linear(2, 2)
    torch.nn.utils.parametrize.register_parametrization(module, "weight", Noise())
    return checked(module, "input: N 2 -> N 2")


class Sized(nn.Module):
    def forward(self, x: Float[Tensor, "N self.width"]) -> Tensor:
        return x


def unannotated(x: Tensor) -> Tensor:
    return x


def generator(x: X):
    yield x


WRONG: list[tuple[Callable[[], Any], str]] = [
    (Unannotated, "Unannotated.forward names no dims"),
    (lambda: nn.Linear(1, 1), "Linear.forward names no dims"),
    (lambda: unannotated, "unannotated names no dims"),
    (lambda: nn.Module(), "Module has no forward method"),
    (Calling, "Calling has a __call__ of its own"),
    (patched, "Outer.forward is replaced on the instance"),
    (
        parametrized,
        "`model.weight` is computed by a parametrization that gives another weight in each call",
    ),
    (sourceless, "the source of Made.forward is not at hand (<string>)"),
    (uncopyable, "Outer can't be copied for lowering"),
    (Sized, "Sized can't be lowered: of `self.width` in its signature, one leads nowhere"),
    (lambda: Outer, "Outer is the class, not a module: make one, lower(Outer(...))"),
    (lambda: Outer().forward, "Outer.forward is a bound method"),
    (lambda: lambda x: x, "a lambda can't be lowered"),
    (lambda: 3, "lower takes a module or a function, not int"),
    (lambda: torch.relu, "lower takes a module or a function, not builtin_function_or_method"),
    (lambda: generator, "generator is a generator or coroutine"),
    (lambda: lower(Outer_()).module, "this is TorchScript already"),
    (lambda: torch.jit.script(helper_), "this is TorchScript already"),
]


def helper_(x: Tensor) -> Tensor:
    return x


class Outer_(nn.Module):
    def forward(self, x: X) -> X:
        return x


@pytest.mark.parametrize(("make", "headline"), WRONG, ids=[text for _, text in WRONG])
def test_what_is_nothing_to_lower(make: Callable[[], Any], headline: str) -> None:
    with pytest.raises(LowerError) as caught:
        lower(make())
    assert str(caught.value).startswith(headline)
    assert "\n" not in str(caught.value)


def test_wrong_guards_and_wrong_python(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Any = "everywhere"
    with pytest.raises(LowerError, match="guards='everywhere' is none of"):
        lower(Outer_(), guards=wrong)
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    with pytest.raises(LowerError, match=r"^torch ended TorchScript with Python 3\.14, and this is 3\.14: "):
        lower(Outer_())


def test_a_refusal_leaves_nothing_behind() -> None:
    for _ in range(2):
        with unmended(), pytest.raises(LowerError):
            lower(Filtering())
    lower(checked(Unannotated(), "x: N C -> N C"))


def test_wrappers_of_torch_name_the_model_inside() -> None:
    class Inner(nn.Module):
        def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
            return x

    class Outer(Inner):
        def __init__(self, part: nn.Module) -> None:
            super().__init__()
            self.part = part

    compiled: Any = torch.compile(Inner())
    for given, says in [
        (
            compiled,
            "`model` is torch.compile around a module, which TorchScript can't take; use the module inside: ",
        ),
        (Outer(compiled), "use the module inside: model.part._orig_mod"),
        (nn.DataParallel(Inner()), "use the module inside: model.module"),
    ]:
        with pytest.raises(LowerError) as caught:
            lower(given)
        assert says in str(caught.value)


def test_weights_that_a_hook_computes_are_named() -> None:
    class Normed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.part = nn.Sequential(nn.Linear(3, 3))
            prune.random_unstructured(self.part[0], "weight", 0.5)

        def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
            return self.part(x)

    with pytest.raises(
        LowerError,
        match=r"`model\.part\.0\.weight` is computed anew in each call .*prune\.remove\(model\.part\.0, 'weight'\)",
    ):
        lower(Normed(), train=True)
