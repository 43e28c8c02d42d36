"""What a refusal says: the whole text, the fields of its failures, and what a server makes of them."""

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, Int, checked
from namedtorch.diagnostics.codes import CODES

z = torch.zeros
HERE = str(Path(__file__))


@checked
def normalize(
    images: Float[Tensor, "N C H W"], mean: Float[Tensor, "C"], std: Float[Tensor, "C"]
) -> Float[Tensor, "N C H W"]:
    return (images - mean[:, None, None]) / std[:, None, None]


@checked
def fixed(
    image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"], labels: Int[Tensor, "N"] | None = None
) -> None: ...


@checked
def attend(
    q: Float[Tensor, "*b T d"], k: Float[Tensor, "*b S d"], mask: Float[Tensor, "*#b T S"]
) -> None: ...


@checked
def heads(x: Float[Tensor, "N (heads=8 d)"], w: Float[Tensor, "d 2*d"]) -> Float[Tensor, "N//2"]:
    return x[:, 0]


@checked
def stored(x: Float[Tensor, "N C H W @ channels_last"]) -> None: ...


@checked
def placed(x: Float[Tensor, "*a C *c"], mean: Float[Tensor, "C"]) -> None: ...


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.classes = 10

    @checked
    def forward(self, x: Float[Tensor, "N self.classes"]) -> Float[Tensor, "N"]:
        return x


GOLDEN: list[tuple[Any, tuple[Any, ...], str]] = [
    (
        normalize,
        (z(8, 3, 224, 224), z(224), z(3)),
        """\
`mean` has size 224 at axis 0, but `C` is 3 (bound by `images` at axis 1)
  mean: Float[Tensor, "C"] got a float32 Tensor (224,)
  bound before `mean`: N=8 C=3 H=224 W=224
  in normalize, {here}:{line}""",
    ),
    (
        normalize,
        (z(8, 3, 4, 5), z(4), z(5)),
        """\
2 things do not fit in `normalize`
  1. `mean` has size 4 at axis 0, but `C` is 3 (bound by `images` at axis 1)
  2. `std` has size 5 at axis 0, but `C` is 3 (bound by `images` at axis 1)
  mean: Float[Tensor, "C"] got a float32 Tensor (4,)
  bound before `mean`: N=8 C=3 H=4 W=5
  std: Float[Tensor, "C"] got a float32 Tensor (5,)
  bound before `std`: N=8 C=3 H=4 W=5
  in normalize, {here}:{line}""",
    ),
    (
        fixed,
        (z(8, 224, 224, 3),),
        """\
`image` has size 224 at axis 1, but `C` is 3; axis 3 has size 3: is it N H W C?
  image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"] got a float32 Tensor (8, 224, 224, 3)
  in fixed, {here}:{line}""",
    ),
    (
        fixed,
        (z(3, 224, 224),),
        """\
`image` has rank 3, but `N C=3 H W` has rank 4; is `N` missing? x[None] adds it, with size 1
  image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"] got a float32 Tensor (3, 224, 224)
  in fixed, {here}:{line}""",
    ),
    (
        fixed,
        (z(2, 3, 32, 31),),
        """\
`W >= 32` does not hold: W=31 (`W` is `image` at axis 3)
  image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"] got a float32 Tensor (2, 3, 32, 31)
  in fixed, {here}:{line}""",
    ),
    (
        fixed,
        (z(2, 3, 32, 32).long(), z(3).long()),
        """\
2 things do not fit in `fixed`
  1. `image` has dtype int64, but the annotation says Float
  2. `labels` has size 3 at axis 0, but `N` is 2 (bound by `image` at axis 0)
  image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"] got an int64 Tensor (2, 3, 32, 32)
  labels: Int[Tensor, "N"] got an int64 Tensor (3,)
  bound before `labels`: C=3 N=2 H=32 W=32
  in fixed, {here}:{line}""",
    ),
    (
        attend,
        (z(2, 4, 5, 8), z(3, 4, 6, 8), z(5, 6)),
        """\
`k` has the sizes (3, 4) for `*b`, but `*b` is (2, 4) (bound by `q`)
  k: Float[Tensor, "*b S d"] got a float32 Tensor (3, 4, 6, 8)
  bound before `k`: T=5 d=8 *b=(2 4)
  in attend, {here}:{line}""",
    ),
    (
        heads,
        (z(2, 100), z(8, 16)),
        """\
`x` has size 100 at axis 1, but `(heads=8 d)` is 64
  x: Float[Tensor, "N (heads=8 d)"] got a float32 Tensor (2, 100)
  bound before `x`: d=8
  in heads, {here}:{line}""",
    ),
    (
        heads,
        (z(4, 64), z(8, 15)),
        """\
`w` has size 15 at axis 1, but `2*d` is 16 (d=8)
  w: Float[Tensor, "d 2*d"] got a float32 Tensor (8, 15)
  bound before `w`: N=4 heads=8
  in heads, {here}:{line}""",
    ),
    (
        heads,
        (z(4, 64), z(8, 16)),
        """\
`result` has size 4 at axis 0, but `N//2` is 2 (N=4)
  result: Float[Tensor, "N//2"] got a float32 Tensor (4,)
  bound before `result`: N=4 d=8 heads=8
  in heads, {here}:{line}""",
    ),
    (
        stored,
        (z(2, 3, 4, 5),),
        """\
`x` is not stored as `@ channels_last`: its strides are (60, 20, 5, 1), those of a contiguous tensor
  x: Float[Tensor, "N C H W @ channels_last"] got a float32 Tensor (2, 3, 4, 5)
  in stored, {here}:{line}""",
    ),
    (
        placed,
        (z(3, 3, 4), z(3)),
        """\
`x` has 2 places for `C` between its groups: axes 0, 1; give the axes that are known, or pass what fixes the dim's size
  x: Float[Tensor, "*a C *c"] got a float32 Tensor (3, 3, 4)
  bound before `x`: C=3
  in placed, {here}:{line}""",
    ),
    (
        placed,
        (z(2, 4), z(3)),
        """\
`x` has no axis for `C` between its groups: it needs C=3, and has the sizes (2, 4)
  x: Float[Tensor, "*a C *c"] got a float32 Tensor (2, 4)
  bound before `x`: C=3
  in placed, {here}:{line}""",
    ),
    (
        Head(),
        (z(2, 11),),
        """\
`x` has size 11 at axis 1, but `self.classes` is 10
  x: Float[Tensor, "N self.classes"] got a float32 Tensor (2, 11)
  in Head.forward, {here}:{line}""",
    ),
    (
        normalize,
        ("a", None, [1.0]),
        """\
3 things do not fit in `normalize`
  1. `images` is the str 'a', but the annotation asks for a Tensor
  2. `mean` is None, but the annotation asks for a Tensor
  3. `std` is a list of 1, but the annotation asks for a Tensor
  in normalize, {here}:{line}""",
    ),
]


def refusal(function: Any, args: tuple[Any, ...]) -> DimError:
    with pytest.raises(DimError) as caught:
        function(*args)
    return caught.value


def expected(function: Any, text: str) -> str:
    user = getattr(function, "forward", function).__wrapped__
    return text.format(here=HERE, line=user.__code__.co_firstlineno)


@pytest.mark.parametrize(("function", "args", "text"), GOLDEN)
def test_text(function: Any, args: tuple[Any, ...], text: str) -> None:
    assert str(refusal(function, args)) == expected(function, text)


@pytest.mark.parametrize(("function", "args", "text"), GOLDEN)
def test_every_error_travels(function: Any, args: tuple[Any, ...], text: str) -> None:
    error = refusal(function, args)
    assert isinstance(error, TypeError)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is DimError
        assert str(again) == str(error)
        assert (again.failures, again.function, again.location) == (
            error.failures,
            error.function,
            error.location,
        )
    data = json.loads(json.dumps(error.to_dict()))
    assert data["message"] == str(error)
    assert [one["code"] for one in data["failures"]] == [one.code for one in error.failures]
    assert all(one.code in CODES for one in error.failures)
    # Nothing of the call itself is kept alive by the error.
    assert not any(isinstance(value, Tensor) for one in error.failures for value in one.to_dict().values())


def test_fields() -> None:
    (failure,) = refusal(normalize, (z(8, 3, 4, 5), z(4), z(3))).failures
    assert failure.to_dict() == {
        "code": "dims-differ",
        "message": "`mean` has size 4 at axis 0, but `C` is 3 (bound by `images` at axis 1)",
        "argument": "mean",
        "dim": "C",
        "axis": 0,
        "expected": 3,
        "actual": 4,
        "help": None,
    }
    (failure,) = refusal(attend, (z(2, 4, 5, 8), z(3, 4, 6, 8), z(5, 6))).failures
    assert (failure.code, failure.dim, failure.expected, failure.actual) == (
        "groups-differ",
        "*b",
        (2, 4),
        (3, 4),
    )
    (failure,) = refusal(fixed, (z(3, 224, 224),)).failures
    assert (failure.code, failure.axis, failure.expected, failure.actual) == ("rank-differs", None, 4, 3)
    assert failure.help == "is `N` missing? x[None] adds it, with size 1"
    (failure,) = refusal(heads, (z(4, 64), z(8, 15))).failures
    assert (failure.code, failure.dim, failure.axis, failure.expected, failure.actual) == (
        "size-differs",
        "2*d",
        1,
        16,
        15,
    )


def test_function_and_location() -> None:
    error = refusal(normalize, (z(8, 3, 4, 5), z(4), z(3)))
    assert error.function == "normalize"
    assert error.location == f"{HERE}:{normalize.__wrapped__.__code__.co_firstlineno}"


def test_what_the_failing_argument_brought_is_not_listed() -> None:
    @checked
    def f(x: Float[Tensor, "N C"], y: Float[Tensor, "C D E"], w: Float[Tensor, "D"]) -> None: ...

    error = refusal(f, (z(2, 3), z(4, 5, 6), z(5)))
    (line,) = [one for one in str(error).splitlines() if "bound before" in one]
    assert line == "  bound before `y`: N=2 C=3"


def test_a_layout_is_named_only_where_it_is_sure() -> None:
    @checked
    def f(x: Float[Tensor, "N C=3 H W"]) -> None: ...

    assert refusal(f, (z(2, 3, 3, 4)[:, :2],)).failures[0].help is not None
    assert refusal(f, (z(2, 4, 5, 6),)).failures[0].help is None
    # Two axes have the size of C: either might be meant.
    assert refusal(f, (z(3, 4, 5, 3),)).failures[0].help is None


def test_the_result_says_what_the_arguments_bound() -> None:
    @checked
    def f(x: Float[Tensor, "N C"]) -> Float[Tensor, "C N"]:
        return x

    error = refusal(f, (z(2, 3),))
    # One cause, one failure: axis 1 is wrong because the axes are swapped.
    assert [(one.argument, one.dim, one.axis, one.expected, one.actual) for one in error.failures] == [
        ("result", "C", 0, 3, 2)
    ]
    assert error.failures[0].help == "axis 1 has size 3: is it N C?" or "N C" in str(error.failures[0].help)
    assert "bound before `result`: N=2 C=3" in str(error)


def test_a_failure_deep_in_a_call_is_the_callees() -> None:
    @checked
    def inner(x: Float[Tensor, "N 3"]) -> Float[Tensor, "N"]:
        return x.sum(1)

    @checked
    def outer(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
        return inner(x)

    error = refusal(outer, (z(2, 4),))
    assert error.function.endswith("inner")
    assert error.__cause__ is None
    assert error.__context__ is None


def test_large_and_odd_values_are_short() -> None:
    error = refusal(normalize, ("x" * 10_000, {"a": 1}, object()))
    assert len(str(error)) < 600
