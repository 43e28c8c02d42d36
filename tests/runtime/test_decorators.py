"""`@checked` among other decorators, and what a checked function tells about itself."""

import contextlib
import functools
import inspect
import typing

import pytest
import torch
from torch import Tensor

from namedtorch import AnnotationError, DimError, Float, checked

z = torch.zeros
X = z(2)


def test_checked_twice_is_checked_once() -> None:
    @checked
    @checked
    def f(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x

    f(X)
    with pytest.raises(DimError):
        f(z(1, 1))
    assert not hasattr(f.__wrapped__, "__namedtorch__")


def test_below_and_above_other_decorators() -> None:
    def doubled(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs) * 2

        return wrapper

    @doubled
    @checked
    def below(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x + 1

    @checked
    @doubled
    def above(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x + 1

    for function in (below, above):
        assert function(z(2, 3)).sum() == 12
        with pytest.raises(DimError, match="`x` has rank 1"):
            function(z(2))


def test_no_grad_and_cache_and_contextmanager() -> None:
    @checked
    @torch.no_grad()
    def f(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        assert not torch.is_grad_enabled()
        return x

    @contextlib.contextmanager
    @checked
    def scope(x: Float[Tensor, "N"]) -> typing.Iterator[Float[Tensor, "N"]]:
        yield x

    f(X)
    with scope(X) as given:
        assert given is X
    with pytest.raises(DimError):
        f(z(1, 1))
    with pytest.raises(DimError), scope(z(1, 1)):
        pass


def test_partial() -> None:
    @checked
    def f(x: Float[Tensor, "N C"], y: Float[Tensor, "C"], k: int = 1) -> Float[Tensor, "N C"]:
        return x + y * k

    half = functools.partial(f, y=z(3))
    assert half(z(2, 3)).shape == (2, 3)
    with pytest.raises(DimError, match="`y` has size 3 at axis 0, but `C` is 4"):
        half(z(2, 4))
    first = functools.partial(f, z(2, 3))
    assert first(z(3), k=2).shape == (2, 3)


def test_checked_partial() -> None:
    """A partial of a function with annotations can be checked itself, or says clearly that it can't."""

    def f(x: Float[Tensor, "N C"], y: Float[Tensor, "C"]) -> Float[Tensor, "N C"]:
        return x + y

    with pytest.raises(AnnotationError, match="takes functions, methods and classes"):
        checked(functools.partial(f, y=z(3)))


def test_introspection() -> None:
    def undecorated(x: Float[Tensor, "N"], /, y: "int" = 3, *, k: str = "a") -> Float[Tensor, "N"]:
        """Its doc."""
        return x

    f = checked(undecorated)
    assert inspect.signature(f) == inspect.signature(undecorated)
    assert typing.get_type_hints(f) == typing.get_type_hints(undecorated)
    assert typing.get_type_hints(f)["y"] is int
    assert (f.__name__, f.__qualname__, f.__module__, f.__doc__) == (
        undecorated.__name__,
        undecorated.__qualname__,
        undecorated.__module__,
        "Its doc.",
    )
    f(X)
    assert inspect.signature(f) == inspect.signature(undecorated)
    assert f.__wrapped__ is undecorated
    assert inspect.isfunction(f)
    assert inspect.getsource(f) == inspect.getsource(undecorated)
    assert str(f.__namedtorch__.signature) == "x: N, y: int = 3, k: str = 'a' -> N"


def test_attributes_set_on_the_function_stay() -> None:
    @checked
    def f(x: Float[Tensor, "N"]) -> None: ...

    f.tag = 1
    f(X)
    assert f.tag == 1
