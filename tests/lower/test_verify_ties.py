"""Two dims that the code takes in one size only: a limit that is warned of, for it most likely is a mistake."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from torch import Tensor, nn

from namedtorch import Float, checked, lower
from namedtorch.lower.drawing import examples_of
from namedtorch.lower.verify.assignments import Assignments
from tests.lower.verify_models import Hopeless, Square, manifest_of


class Swapped(nn.Module):
    """Says its result's axes the wrong way round."""

    @checked
    def forward(self, x: Float[Tensor, "N H W"]) -> Float[Tensor, "N W H"]:
        return x * 2


class SwappedHalves(nn.Module):
    @checked
    def forward(self, x: Float[Tensor, "N H W"]) -> Float[Tensor, "N W//2 H//2"]:
        return nn.functional.avg_pool2d(x, 2)


class RoundedUp(nn.Module):
    def forward(self, x: Float[Tensor, "N H"], y: Float[Tensor, "N W"]) -> Float[Tensor, "N K"]:
        return x[:, ::2] + y[:, ::2]


class Cut(nn.Module):
    """One dim is no larger than the other."""

    def forward(self, x: Float[Tensor, "N T"], y: Float[Tensor, "N S"]) -> Float[Tensor, "N T"]:
        if x.size(1) > y.size(1):
            raise ValueError("y is too short")
        return x + y[:, : x.size(1)]


class Window(nn.Module):
    """Bounds that a kernel needs, of each dim by itself."""

    def forward(self, x: Float[Tensor, "N H W"]) -> Float[Tensor, "N K L"]:
        return nn.functional.max_pool2d(x, 6)


class Said(nn.Module):
    def forward(self, x: Float[Tensor, "N H W where H == W"]) -> Float[Tensor, "N H H"]:
        return x @ x


def limits(module: nn.Module) -> list[tuple[str, tuple[str, ...]]]:
    found = examples_of(module, manifest_of(module).methods, train=False)["forward"]
    return [(one.condition, one.tied) for one in Assignments(found).limits]


# (model, its limits)
LIMITS: list[tuple[Callable[[], nn.Module], list[tuple[str, tuple[str, ...]]]]] = [
    (Square, [("H == W", ("H", "W"))]),
    (Swapped, [("H == W", ("H", "W"))]),
    (SwappedHalves, [("H//2 == W//2", ("H", "W")), ("not N=1 H=1 W=1", ())]),
    (Window, [("H >= 6", ()), ("W >= 6", ())]),
    (Said, []),
]


@pytest.mark.parametrize(("make", "expected"), LIMITS)
def test_dims_that_go_together_are_told_from_bounds(
    make: Callable[[], nn.Module], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert limits(make()) == expected


def test_sizes_that_are_rounded_up_go_together() -> None:
    ((condition, tied),) = limits(RoundedUp())
    assert tied == ("H", "W")
    assert condition in ("(H+1)//2 == (W+1)//2", "H == W")


def test_an_order_of_two_dims_is_no_tie() -> None:
    assert all(not tied for _, tied in limits(Cut()))


def warned(module: nn.Module, **asked: Any) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        # TorchScript's own are of another category.
        lower(module, **asked)
    return [one for one in told if one.category is UserWarning]


@pytest.mark.parametrize("asked", [{}, {"method": "trace"}, {"to": "export"}])
def test_a_tie_is_warned_of_where_lower_is_called(asked: dict[str, Any]) -> None:
    (one,) = warned(Swapped(), **asked)
    first = inspect.getsourcelines(Swapped.forward)[1]
    assert str(one.message) == (
        "Swapped takes `H == W` only, and its annotation leaves `H` and `W` apart (H=41: DimError: `result` has size "
        "41 at axis 1, but `W` is 8 (bound by `x` at axis 2); its sizes fit another order of the axes: is it N H W?; "
        f"{__file__}:{first}): write `H` twice or `where H == W` if that is meant, or mend the annotation or the code, "
        "in which one may stand for the other"
    )
    assert one.filename == __file__


def test_a_tie_of_halves_says_where_alone() -> None:
    (one,) = warned(SwappedHalves())
    assert "SwappedHalves takes `H//2 == W//2` only" in str(one.message)
    assert "): write `where H//2 == W//2` if that is meant, or mend " in str(one.message)


@pytest.mark.parametrize("make", [Window, Said])
def test_a_bound_and_what_the_signature_says_are_no_warning(make: Callable[[], nn.Module]) -> None:
    assert warned(make()) == []


def test_a_model_that_takes_nothing_is_warned_of() -> None:
    (one,) = warned(Hopeless())
    assert str(one.message).startswith(
        "Hopeless was not verified: no inputs were found that Hopeless takes: for N=2 C=5 it says: ValueError: nothing "
    )


def test_without_verification_there_is_no_warning() -> None:
    assert warned(Swapped(), verify=False) == []


def test_a_tie_stands_in_the_report_as_well() -> None:
    with pytest.warns(UserWarning, match="takes `H == W` only"):
        verification = lower(Square()).report.verification
    assert verification is not None
    (text,) = verification.to_dict()["warnings"]
    assert text.startswith("Square takes `H == W` only")
