"""Functions that can't be edited, held to a signature that is given as text."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch

from namedtorch import AnnotationError, DimError, checked

z = torch.zeros


def test_a_text_signature_for_a_function() -> None:
    def scale(x, by=2, *, offset=None):
        return x * by if offset is None else x * by + offset

    f = checked(scale, "x: N C, offset: C -> N C")
    assert f(z(2, 3)).shape == (2, 3)
    assert f(z(2, 3), 4, offset=z(3)).shape == (2, 3)
    with pytest.raises(DimError, match="`offset` has size 2 at axis 0, but `C` is 3"):
        f(z(2, 3), offset=z(2))
    assert str(f.__namedtorch__.signature).startswith("x: N C, ")


def test_a_text_signature_for_a_builtin() -> None:
    f = checked(torch.add, "input: N C, other: N C -> N C") if _has_signature(torch.add) else None
    if f is not None:
        f(z(2, 3), z(2, 3))
    g = checked(lambda x: x, "x: N C -> N C")
    g(z(1, 1))
    with pytest.raises(DimError, match="`x` has rank 1"):
        g(z(1))


def _has_signature(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x: N C, y: C -> N", "the signature names `y`, but `.*takes_x` takes `x`, `k`"),
        ("a: N C, b: C, c: C -> N", "the signature names `a`, but `.*takes_x` takes `x`, `k`"),
        ("x: n * c -> n", "whitespace separates axes"),
        ("x: 2*C -> N", "nothing binds `C`"),
    ],
)
def test_a_wrong_text_signature(text: str, message: str) -> None:
    def takes_x(x, k=1):
        return x

    with pytest.raises(AnnotationError, match=message):
        checked(takes_x, text)


def test_a_text_may_rename_the_parameters() -> None:
    def scale(x, by=2):
        return x * by

    f = checked(scale, "image: N C -> N C")
    assert f(torch.ones(2, 3), 4).sum() == f(image=torch.ones(2, 3), by=4).sum() == 24
    with pytest.raises(DimError, match="`image` has rank 1"):
        f(z(3))


def test_a_text_for_a_class_is_refused() -> None:
    with pytest.raises(AnnotationError, match="a signature is for a function or a module"):
        checked(int, "x: N -> N")
