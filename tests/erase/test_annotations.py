"""What annotations settle for erasure: names that nothing else tells; and names that are not as annotated."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch

import namedtorch
from namedtorch import Float, NamedTensor, erase, erased_source, named
from namedtorch.diagnostics import EraseError

X = named(torch.arange(6.0).reshape(2, 3), "N C")


def of_a_dict(caches: dict[str, NamedTensor]) -> Float[NamedTensor, "N"]:
    last: Float[NamedTensor, "N C"] = caches["last"]
    return last.sum("C")


def of_a_list(parts: list[NamedTensor]) -> Float[NamedTensor, "N"]:
    last: Float[NamedTensor, "N C"] = parts[-1]
    return last.sum("C")


def of_an_operator(x: NamedTensor) -> Float[NamedTensor, "N"]:
    y: Float[NamedTensor, "N C"] = x * 2
    return y.sum("C")


def of_a_group(x: Float[NamedTensor, "N ..."]) -> Float[NamedTensor, "N"]:
    y: namedtorch.Float[NamedTensor, "N C"] = x.exp()
    return y.sum("C")


Pair = Float[NamedTensor, "N C"]


def by_an_alias(x: NamedTensor) -> Float[NamedTensor, "N"]:
    y: Pair = x
    return y.sum("C")


@pytest.mark.parametrize(
    ("function", "argument"),
    [(of_a_dict, {"last": X}), (of_a_list, [X, X]), (of_an_operator, X), (of_a_group, X), (by_an_alias, X)],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_an_annotated_variable_has_the_names_of_its_annotation(
    function: Callable[..., Any], argument: Any
) -> None:
    assert ".sum(1)" in erased_source(function)
    found, expected = erase(function)(argument), function(argument)
    assert found.dims == expected.dims
    torch.testing.assert_close(found.tensor, expected.tensor)


def turned(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "C N"]:
    return x


def by_a_result(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "..."]:
    y = turned(x)
    return y - y.mean("N", keepdim=True)


def taken(x: Float[NamedTensor, "C N"]) -> Float[NamedTensor, "..."]:
    return x - x.mean("N", keepdim=True)


def by_a_parameter(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "..."]:
    return taken(x)


def by_a_variable(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N C"]:
    y: Float[NamedTensor, "C N"] = x
    return y - y.mean("N", keepdim=True)


def among_results(x: Float[NamedTensor, "N C"]) -> tuple[Float[NamedTensor, "N C"], Float[NamedTensor, "N"]]:
    return both(x)


def both(x: Float[NamedTensor, "N C"]) -> tuple[Float[NamedTensor, "N C"], Float[NamedTensor, "N"]]:
    return x, x.sum("N")


ORDER = "it has the dims `N C`, but the annotation has `C N`; "


@pytest.mark.parametrize(
    ("function", "place", "said"),
    [
        (by_a_result, (turned, 1), f'{ORDER}`x.align_to("C N")` puts its dims in this order'),
        (by_a_parameter, (by_a_parameter, 1), f'{ORDER}`x.align_to("C N")` puts its dims in this order'),
        (by_a_variable, (by_a_variable, 1), f'{ORDER}`x.align_to("C N")` puts its dims in this order'),
        (among_results, (both, 1), "axis 0 of it is `C`, but the annotation has `N` there"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_names_that_are_not_as_annotated_are_refused(
    function: Callable[..., Any], place: tuple[Callable[..., Any], int], said: str
) -> None:
    with pytest.raises(EraseError) as caught:
        erased_source(function)
    where, behind = place
    lines, first = inspect.getsourcelines(where)
    text = str(caught.value).splitlines()
    assert text[0].endswith(f"can't be turned into positions: {said}")
    assert text[1:3] == [f"  {__file__}:{first + behind}", f"    {lines[behind].strip()}"]
