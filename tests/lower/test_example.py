"""Example inputs: every signature takes what is made up for it."""

import collections
import dataclasses
import enum
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from namedtorch import Bool, Complex, DimError, Float, Float16, Int, Key, Num, Shaped, UInt8, checked
from namedtorch.lower.example import example_inputs
from namedtorch.runtime.guard import guarded
from namedtorch.signature.function import signature_of
from namedtorch.signature.signature import Signature
from tests.guards.calls import draw_call
from tests.lower import models
from tests.lower.unverified import lower
from tests.signature.test_draw import without_result

MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


class Boxes(NamedTuple):
    corners: Float[Tensor, "K 4"]
    scores: Float[Tensor, "K"]
    count: int = 0


@dataclasses.dataclass
class Batch:
    images: Float[Tensor, "N C ?H ?W"]
    labels: Int[Tensor, "N"]


class Mode(enum.Enum):
    SUM = 1


def images(x: Float[Tensor, "N C=3 H W @ channels_last where H >= 32"]) -> None: ...
def stored(x: Float[Tensor, "N C H W @ N H W C"], y: Float[Tensor, "T N @ contiguous"]) -> None: ...
def dtypes(
    a: Int[Tensor, "N"], b: Bool[Tensor, "N"], c: Complex[Tensor, "N"], d: Float16[Tensor, "N"]
) -> None: ...
def more_dtypes(a: UInt8[Tensor, "N"], b: Num[Tensor, "N"], c: Shaped[Tensor, "N"]) -> None: ...
def listed(xs: list[Float[Tensor, "C ?H ?W"]], ys: Sequence[Float[Tensor, "C"]]) -> None: ...
def several(xs: tuple[Float[Tensor, "C ?H"], ...], pair: tuple[Float[Tensor, "C"], int]) -> None: ...
def mapped(xs: dict[str, Float[Tensor, "C"]], ys: dict[int, Float[Tensor, "C"]]) -> None: ...
def recorded(boxes: Boxes, batch: Batch) -> None: ...
def optional(x: Float[Tensor, "N C"], mask: Bool[Tensor, "N"] | None = None) -> None: ...
def either(x: Float[Tensor, "N C"] | Int[Tensor, "N"], y: int | Float[Tensor, "C"]) -> None: ...
def plain(x: Float[Tensor, "N"], a: int, b: float, c: bool, d: str, e: list[int], f: int | None) -> None: ...
def defaults(x: Float[Tensor, "N"], mode: Mode = Mode.SUM, y: Float[Tensor, "N"] | None = None) -> None: ...
def by_keyword(x: Float[Tensor, "N"], *, y: Float[Tensor, "N"], n: int, m: int = 3) -> None: ...
def counted(x: Float[Tensor, "{n} {m}"], n: int, m: int = 4) -> None: ...
def starred(
    x: Float[Tensor, "N"], n: int = 2, *rest: Float[Tensor, "N"], **more: Float[Tensor, "N"]
) -> None: ...
def only_by_place(x: Float[Tensor, "N"], n: int = 2, /, y: Float[Tensor, "N"] = None) -> None: ...
def arrays(x: Float[np.ndarray, "N C"], w: Float[nn.Parameter, "C"], y: Float[Any, "N"]) -> None: ...
def literal(x: Float[Tensor, "N"], mode: Literal["sum", "max"]) -> None: ...
def grouped(x: Float[Tensor, "*a C *b"], mean: Float[Tensor, "C"], y: Float[Tensor, "*#a #C"]) -> None: ...
def flat(x: Float[Tensor, "N (heads=8 d)"], y: Float[Tensor, "d 2*N d//2"]) -> None: ...
def nested(x: list[tuple[Float[Tensor, "N ?T"], dict[str, Float[Tensor, "?T C"]]]]) -> None: ...


FUNCTIONS: list[Callable[..., Any]] = [
    images,
    stored,
    dtypes,
    more_dtypes,
    listed,
    several,
    mapped,
    recorded,
    optional,
    either,
    plain,
    defaults,
    by_keyword,
    counted,
    starred,
    only_by_place,
    arrays,
    literal,
    grouped,
    flat,
    nested,
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("optional", ["given", "none"])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_checked_function_takes_its_example(
    function: Callable[..., Any], optional: Literal["given", "none"], seed: int
) -> None:
    args, kwargs = example_inputs(signature_of(function), seed=seed, optional=optional)
    checked(function)(*args, **kwargs)


@MANY
@given(st.integers(0, 2**32))
def test_random_signatures_take_their_example(seed: int) -> None:
    call = draw_call(Random(seed))
    if call is not None:
        silent = without_result(call)
        args, kwargs = example_inputs(silent)
        guarded(silent, lambda *_, **__: None, "f")(*args, **kwargs)
        # As it is read from a file.
        guarded(Signature.from_json(silent.to_json()), lambda *_, **__: None, "f")(*args, **kwargs)


MODELS: list[tuple[Callable[[], nn.Module], dict[str, Any]]] = [
    (models.Annotated_, {}),
    (models.Branches, {}),
    (models.Jaxtyped, {}),
    (models.InAnnotated, {}),
    (models.Options, {}),
    (models.Lists, {}),
    (models.Containers, {}),
    (models.Plain, {}),
    (models.Attention, {"C": 3}),
    (models.Tree, {}),
    (models.given, {}),
]


@pytest.mark.parametrize(("make", "sizes"), MODELS)
def test_lowered_models_take_their_example(make: Callable[[], nn.Module], sizes: dict[str, int]) -> None:
    lowered = lower(make())
    read = Signature.from_json(lowered.signature.to_json())
    for signature in (lowered.signature, read):
        args, kwargs = example_inputs(signature, sizes=sizes)
        lowered(*args, **kwargs)


def test_values_are_of_their_dtype_and_stored_as_asked() -> None:
    (x,), _ = example_inputs(signature_of(images))
    assert x.shape == (2, 3, 37, 41)
    assert x.is_contiguous(memory_format=torch.channels_last)
    assert 0.9 < x.std() < 1.1
    (a, b, c, d), _ = example_inputs(signature_of(dtypes))
    assert [one.dtype for one in (a, b, c, d)] == [torch.int64, torch.bool, torch.complex64, torch.float16]
    assert not a.any()


def test_seeds_give_other_sizes_and_values() -> None:
    signature = signature_of(images)
    (one,), _ = example_inputs(signature, seed=3)
    (again,), _ = example_inputs(signature, seed=3)
    (other,), _ = example_inputs(signature, seed=4)
    assert torch.equal(one, again)
    assert all(a != b for a, b in zip(one.shape, other.shape, strict=True) if a != 3)


def test_what_has_a_default_and_no_dims_is_left_out() -> None:
    args, kwargs = example_inputs(signature_of(defaults))
    assert (len(args), list(kwargs)) == (1, ["y"])
    args, kwargs = example_inputs(signature_of(by_keyword))
    assert (len(args), list(kwargs)) == (1, ["y", "n"])
    args, kwargs = example_inputs(signature_of(starred))
    assert (len(args), args[1], list(kwargs)) == (4, 2, ["a", "b"])


def test_sizes_and_values_that_are_given() -> None:
    args, _ = example_inputs(signature_of(counted), sizes={"n": 6})
    assert (args[0].shape, args[1]) == ((6, 4), 6)
    args, kwargs = example_inputs(signature_of(defaults), values={"mode": Mode.SUM})
    assert args[1] is Mode.SUM
    assert not kwargs


def test_records_are_of_their_class_or_of_one_like_it() -> None:
    signature = signature_of(recorded)
    (boxes, batch), _ = example_inputs(signature)
    assert (type(boxes), type(batch)) == (Boxes, Batch)
    (boxes, batch), _ = example_inputs(Signature.from_json(signature.to_json()))
    assert (type(boxes).__name__, boxes._fields) == ("Boxes", ("corners", "scores", "count"))
    assert batch.images.shape[0] == batch.labels.shape[0]


def no_value(x: Float[Tensor, "N"], mode: Mode) -> None: ...
def no_dims(x: Float[Tensor, "N"], y: Tensor) -> None: ...
def no_hint(x: Float[Tensor, "N"], y) -> None: ...
def no_dtype(x: Key[Tensor, "N"]) -> None: ...
def inside(pair: tuple[Float[Tensor, "N"], collections.Counter[str]]) -> None: ...


REFUSED: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (no_value, {}, "`mode` is a `Mode`, so no example value is known for it: give one"),
    (no_dims, {}, "`y` is a tensor without dims, so no example value is known for it: give one"),
    (no_hint, {}, "`y` has no annotation, so no example value is known for it: give one"),
    (inside, {}, "`pair[1]` is a `collections.Counter[str]`, so no example value is known for it: give one"),
    (
        no_value,
        {"values": {"mood": 1}},
        "a value is given for `mood`, which `x: N, mode: Mode -> None` has not",
    ),
    (no_dtype, {}, "`x` has dtype Key, of which no example can be made: give its value"),
    (images, {"sizes": {"H": 16}}, "that meet all of `H >= 32`, `H`=16, which is given"),
]


@pytest.mark.parametrize(("function", "options", "message"), REFUSED)
def test_what_no_example_is_known_for(
    function: Callable[..., Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DimError) as caught:
        example_inputs(signature_of(function), **options)
    assert message in str(caught.value)
