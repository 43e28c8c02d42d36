"""`@checked` functions that take NamedTensors: names are held to the annotation, besides sizes."""

import pytest
import torch
from beartype import beartype
from beartype.roar import BeartypeCallHintParamViolation
from torch import Tensor

from namedtorch import DimError, Float, NamedTensor, checked

X = torch.zeros(2, 3, 4, 4)


@checked
def total(x: Float[NamedTensor, "N C H W"], weight: Float[NamedTensor, "C"]) -> Float[NamedTensor, "N H W"]:
    return x.sum("C")


@checked
def anywhere(
    t: Float[NamedTensor, "... C ..."], mean: Float[NamedTensor, "C"]
) -> Float[NamedTensor, "... C ..."]:
    return t


@checked
def flattened(x: Float[NamedTensor, "N (C=3 H)"]) -> Tensor:
    return x.tensor


@checked
def batched(
    x: Float[NamedTensor, "*batch C"], y: Float[NamedTensor, "3 _ 2*C"]
) -> Float[NamedTensor, "*batch C"]:
    return x


def named(tensor: Tensor, *dims: str | None) -> NamedTensor:
    return NamedTensor(tensor, dims)


WEIGHT = named(torch.ones(3), "C")


def test_what_fits_passes_and_keeps_its_names() -> None:
    assert total(named(X, "N", "C", "H", "W"), WEIGHT).dims == ("N", "H", "W")
    assert flattened(named(torch.zeros(2, 12), "N", "(C H)")).shape == (2, 12)
    # Numbers, `_`, computed sizes and groups ask for no name.
    y = named(torch.zeros(3, 7, 10), None, "anything", "else")
    assert batched(named(torch.zeros(6, 7, 5), "a", None, "C"), y).dims == ("a", None, "C")


REFUSED = [
    (
        (X, WEIGHT),
        (
            "`x` is a float32 Tensor (2, 3, 4, 4), but the annotation asks for a NamedTensor; "
            'write `named(x, "N C H W")` where its dims are known'
        ),
    ),
    (
        (named(X.permute(0, 2, 3, 1), "N", "H", "W", "C"), WEIGHT),
        (
            "`x` has the dims `N H W C`, but the annotation has `N C H W`; "
            '`x.align_to("N C H W")` puts its dims in this order'
        ),
    ),
    (
        (named(X, "N", "C", None, "W"), WEIGHT),
        (
            "axis 2 of `x` has no name, but the annotation has `H` there; "
            '`x.refine_names("N C H W")` names axes that have no name'
        ),
    ),
    ((named(X, "N", "C", "H", "T"), WEIGHT), "axis 3 of `x` is `T`, but the annotation has `W` there"),
    (
        (named(X, "N", "C", "H", "W"), named(torch.ones(4), "C")),
        "`weight` has size 4 at axis 0, but `C` is 3 (bound by `x` at axis 1)",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_does_not_fit_is_refused_by_name(
    arguments: tuple[NamedTensor, NamedTensor], message: str
) -> None:
    with pytest.raises(DimError) as caught:
        total(*arguments)
    assert str(caught.value).splitlines()[0] == message


def test_every_axis_with_a_wrong_name_is_told() -> None:
    with pytest.raises(DimError) as caught:
        total(named(X, "N", "C", "A", "B"), named(torch.ones(3), "D"))
    assert [one.message for one in caught.value.failures] == [
        "axis 2 of `x` is `A`, but the annotation has `H` there",
        "axis 3 of `x` is `B`, but the annotation has `W` there",
        "axis 0 of `weight` is `D`, but the annotation has `C` there",
    ]


def test_the_place_between_two_groups_follows_from_the_name() -> None:
    cube = torch.zeros(3, 3, 3)
    assert anywhere(named(cube, "C", "H", "W"), WEIGHT).dims == ("C", "H", "W")
    assert anywhere(named(cube, "H", "W", "C"), WEIGHT).dims == ("H", "W", "C")
    with pytest.raises(DimError, match="`t` has no dim `C`: its dims are H W D"):
        anywhere(named(cube, "H", "W", "D"), WEIGHT)
    with pytest.raises(DimError) as caught:
        anywhere(named(torch.zeros(3, 4, 4), "H", "W", "C"), WEIGHT)
    assert "C" in str(caught.value)


def test_alternatives_are_told_apart_by_names() -> None:
    @checked
    def kind(x: Float[NamedTensor, "N C"] | Float[NamedTensor, "N T"] | Float[Tensor, "N C"]) -> str:
        return type(x).__name__

    assert kind(named(torch.zeros(2, 3), "N", "T")) == "NamedTensor"
    assert kind(torch.zeros(2, 3)) == "Tensor"
    with pytest.raises(DimError, match="fits none of"):
        kind(named(torch.zeros(2, 3), "A", "B"))


def test_beartype_and_isinstance_read_the_names() -> None:
    hint = Float[NamedTensor, "N C"]
    assert isinstance(named(torch.zeros(2, 3), "N", "C"), hint)
    assert not isinstance(named(torch.zeros(2, 3), "C", "N"), hint)

    @beartype
    def f(x: hint) -> None:  # pyright: ignore[reportInvalidTypeForm]
        pass

    f(named(torch.zeros(2, 3), "N", "C"))
    with pytest.raises(
        BeartypeCallHintParamViolation, match="its dims are N T, but the annotation has `C` at axis 1"
    ):
        f(named(torch.zeros(2, 3), "N", "T"))
