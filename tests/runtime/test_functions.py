"""A checked function takes and gives what the undecorated one does, and refuses what its annotations do not allow."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from namedtorch import AnnotationError, DimError, Float, Int, checked

z = torch.zeros


def plain(x, y=None, *rest, scale=1, **more):
    return x, y, rest, scale, more


@checked
def everything(
    x: Float[Tensor, "N"],
    y: Float[Tensor, "N"] | None = None,
    *rest: Float[Tensor, "N"],
    scale: float = 1,
    **more: Float[Tensor, "N"],
) -> Any:
    return x, y, rest, scale, more


def plain_only(x, /, y=3, *, z):
    return x, y, z


@checked
def only(x: Float[Tensor, "N"], /, y: int = 3, *, z: int) -> Any:
    return x, y, z


def plain_star(*xs, last=None):
    return xs, last


@checked
def star(*xs: Float[Tensor, "N"], last: Float[Tensor, "N"] | None = None) -> Any:
    return xs, last


def plain_positional(a, b=2, /):
    return a, b


@checked
def positional(a: Float[Tensor, "N"], b: int = 2, /) -> Any:
    return a, b


def plain_self_named(self, cls, args, kwargs, result):
    return self, cls, args, kwargs, result


@checked
def self_named(self: int, cls: int, args: int, kwargs: int, result: Float[Tensor, "N"]) -> Any:
    return self, cls, args, kwargs, result


X = z(2)
CALLS = [
    (everything, plain, (X,), {}),
    (everything, plain, (X, X), {}),
    (everything, plain, (X, None), {"scale": 2.5}),
    (everything, plain, (X, X, X, X), {"scale": 2, "a": X, "b": X}),
    (everything, plain, (), {"x": X, "y": X}),
    (everything, plain, (), {"y": X, "x": X, "other": X}),
    (only, plain_only, (X,), {"z": 1}),
    (only, plain_only, (X, 4), {"z": 1}),
    (only, plain_only, (X,), {"z": 1, "y": 5}),
    (star, plain_star, (), {}),
    (star, plain_star, (X, X), {"last": X}),
    (positional, plain_positional, (X,), {}),
    (positional, plain_positional, (X, 1), {}),
    (self_named, plain_self_named, (1, 2, 3, 4, X), {}),
    (self_named, plain_self_named, (1, 2), {"args": 3, "kwargs": 4, "result": X}),
]


@pytest.mark.parametrize(("function", "undecorated", "args", "kwargs"), CALLS)
def test_calls_bind_as_undecorated(
    function: Callable[..., Any],
    undecorated: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    assert repr(function(*args, **kwargs)) == repr(undecorated(*args, **kwargs))


WRONG_CALLS = [
    (everything, (), {}),
    (everything, (X,), {"x": X}),
    (only, (), {"z": 1}),
    (only, (X,), {}),
    (only, (), {"x": X, "z": 1}),
    (only, (X, 1, 2), {"z": 1}),
    (only, (X,), {"z": 1, "w": 1}),
    (star, (), {"first": X}),
    (positional, (X,), {"b": 1}),
    (positional, (X, 1, 2), {}),
]


@pytest.mark.parametrize("calls_before", [0, 1])
@pytest.mark.parametrize(("function", "args", "kwargs"), WRONG_CALLS)
def test_wrong_calls_stay_type_errors(
    function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], calls_before: int
) -> None:
    fresh = checked(function.__wrapped__)
    if calls_before:
        with pytest.raises(TypeError):
            fresh(*args, **kwargs)
    with pytest.raises(TypeError) as caught:
        fresh(*args, **kwargs)
    with pytest.raises(TypeError) as undecorated:
        function.__wrapped__(*args, **kwargs)
    assert not isinstance(caught.value, DimError)
    assert str(caught.value) == str(undecorated.value)


REFUSED = [
    (everything, (X, z(3)), {}, "`y` has size 3 at axis 0, but `N` is 2 (bound by `x` at axis 0)"),
    (
        everything,
        (X, X, X, z(3)),
        {},
        "`rest[1]` has size 3 at axis 0, but `N` is 2 (bound by `x` at axis 0)",
    ),
    (
        everything,
        (X,),
        {"more": z(3)},
        "`more['more']` has size 3 at axis 0, but `N` is 2 (bound by `x` at axis 0)",
    ),
    (everything, (X,), {"scale": "a"}, "`scale` is the str 'a', but the annotation asks for float"),
    (star, (X, z(1)), {}, "`xs[1]` has size 1 at axis 0, but `N` is 2 (bound by `xs[0]` at axis 0)"),
    (star, (), {"last": z(1, 1)}, "`last` has rank 2, but `N` has rank 1"),
    (self_named, (1, 2, 3, 4, z(1, 1)), {}, "`result` has rank 2, but `N` has rank 1"),
]


@pytest.mark.parametrize(("function", "args", "kwargs", "message"), REFUSED)
def test_refused_by_name(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(DimError) as caught:
        function(*args, **kwargs)
    assert [one.message for one in caught.value.failures] == [message]


def test_the_same_object_as_default() -> None:
    marker = object()

    @checked
    def f(x: Float[Tensor, "N"], mode: Any = marker) -> Any:
        return mode

    assert f(X) is marker


def test_defaults_are_not_shared_more_than_undecorated() -> None:
    @checked
    def f(x: Float[Tensor, "N"], seen: list[int] = []) -> list[int]:  # noqa: B006
        seen.append(len(x))
        return seen

    assert f(z(1)) == [1]
    assert f(z(2)) == [1, 2]
    assert f.__defaults__ == ([1, 2],)


def test_a_default_is_held_too() -> None:
    @checked
    def f(x: Float[Tensor, "N"], y: Float[Tensor, "N"] = z(3)) -> None: ...  # noqa: B008

    f(z(3))
    with pytest.raises(DimError, match="`y` has size 3 at axis 0, but `N` is 2"):
        f(z(2))


def test_changed_defaults_reach_the_guard() -> None:
    """What torch and doctest do: defaults set on the decorated function."""

    @checked
    def f(x: Float[Tensor, "N"], k: int = 3) -> int:
        return k

    assert f(X) == 3
    assert inspect.signature(f).parameters["k"].default == 3


def test_results_are_held() -> None:
    @checked
    def f(x: Float[Tensor, "N C"]) -> tuple[Float[Tensor, "N"], Int[Tensor, "C"]]:
        return x.sum(1), x.sum(0)

    with pytest.raises(DimError) as caught:
        f(z(2, 3))
    assert [one.message for one in caught.value.failures] == [
        "`result[1]` has dtype float32, but the annotation says Int"
    ]


def test_a_result_that_binds() -> None:
    @checked
    def f(x: Float[Tensor, "N 2*K"], k: int) -> Float[Tensor, "N K"]:
        return x[:, :k]

    assert f(z(2, 6), 3).shape == (2, 3)
    with pytest.raises(DimError, match=r"`x` has size 6 at axis 1, but `2\*K` is 4 \(K=2\)"):
        f(z(2, 6), 2)


def test_the_function_is_called_once() -> None:
    calls: list[int] = []

    @checked
    def f(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        calls.append(len(x))
        return x

    f(z(2))
    with pytest.raises(DimError):
        f(z(2, 2))
    assert calls == [2]


def test_exceptions_of_the_function_pass_unchanged() -> None:
    class Mine(Exception):
        pass

    error = Mine("mine")

    @checked
    def f(x: Float[Tensor, "N"], kind: str) -> Float[Tensor, "N"]:
        if kind == "mine":
            raise error
        if kind == "dims":
            raise DimError("an own one")
        return x + torch.zeros(7, 7, 7)[:, :, :5]

    with pytest.raises(Mine) as caught:
        f(z(2), "mine")
    assert caught.value is error
    assert caught.value.__cause__ is None
    with pytest.raises(DimError, match=r"^an own one$"):
        f(z(2), "dims")
    with pytest.raises(RuntimeError, match="size of tensor"):
        f(z(2), "torch")


def test_attribute_errors_of_properties_pass_unchanged() -> None:
    class Sizes:
        @property
        def width(self) -> int:
            raise AttributeError("inner")

        @checked
        def f(self, x: Float[Tensor, "self.width"]) -> None: ...

    with pytest.raises(
        DimError, match=r"`self\.width` in the annotation of `x` leads nowhere: `Sizes` has no `width`"
    ):
        Sizes().f(z(2))


@pytest.mark.parametrize("target", [3, "x", None, [1], torch.zeros(2)])
def test_only_callables_are_checked(target: Any) -> None:
    if target is None:
        assert callable(checked(target))
        return
    with pytest.raises(AnnotationError, match="takes functions, methods and classes"):
        checked(target)


def test_disabled() -> None:
    def f(x: Float[Tensor, "N"]) -> None: ...

    assert checked(f, enabled=False) is f
    assert checked(enabled=False)(f) is f

    @checked(enabled=True)
    def g(x: Float[Tensor, "N"]) -> None: ...

    with pytest.raises(DimError):
        g(z(1, 1))
    f(z(1, 1))


def test_disabled_does_not_read_annotations() -> None:
    @checked(enabled=False)
    def f(x: "Float[Tensor, 'n * c']") -> None: ...

    f(1)
