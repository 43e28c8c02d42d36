"""Annotations as objects: equal, hashable, picklable, shown as written, and taken by isinstance and beartype."""

import copy
import pickle
from typing import Annotated, Any, Optional, TypeVar, Union

import numpy as np
import pytest
import torch
from beartype import beartype
from beartype.roar import BeartypeCallHintViolation
from torch import Tensor, nn

from namedtorch import Bool, Dims, Float, Float32, Int, Num, Quantized, Shaped
from namedtorch.diagnostics import AnnotationError
from namedtorch.signature.annotation import ArrayAnnotation

Bound = TypeVar("Bound", bound=Tensor)
Either = TypeVar("Either", Tensor, np.ndarray)
Free = TypeVar("Free")


def test_equal_annotations_are_equal() -> None:
    one, other = Float[Tensor, "N C=3"], Float[Tensor, "  N   C=3 "]
    assert one == other
    assert hash(one) == hash(other)
    assert one != Float[Tensor, "N C"]
    assert one != Float32[Tensor, "N C=3"]
    assert one != Float[np.ndarray, "N C=3"]
    assert one != "Float"
    assert len({one, other, Float[Tensor, "N C"]}) == 2
    assert Float[Tensor, "2*C"] == Float[Tensor, "C+C"]


@pytest.mark.parametrize(
    "annotation",
    [
        Float[Tensor, "N C=3 where N > 1"],
        Shaped[Any, "..."],
        Int[np.ndarray, "*b"],
        Float[nn.Parameter, "out in"],
        Quantized[Tensor, "N @ contiguous"],
        Dims("N C"),
        Dims("N C", dtype=Float),
        Float,
    ],
)
def test_an_annotation_is_picklable_and_can_be_copied(annotation: Any) -> None:
    for again in (pickle.loads(pickle.dumps(annotation)), copy.deepcopy(annotation), copy.copy(annotation)):
        assert again == annotation
        assert hash(again) == hash(annotation)
        assert repr(again) == repr(annotation)


SHOWN = [
    (Float[Tensor, "N  C=3"], 'Float[Tensor, "N  C=3"]'),
    (Shaped[Any, "..."], 'Shaped[Any, "..."]'),
    (Float[nn.Parameter, "out in"], 'Float[Parameter, "out in"]'),
    (Float32[np.ndarray, ""], 'Float32[ndarray, ""]'),
    (Dims("N C"), 'Dims("N C")'),
    (Dims("N C", dtype=Float), 'Dims("N C", dtype=Float)'),
    (Float, "Float"),
]


@pytest.mark.parametrize(("annotation", "text"), SHOWN)
def test_an_annotation_reads_as_written(annotation: Any, text: str) -> None:
    assert repr(annotation) == text
    assert eval(text, {**globals(), "Parameter": nn.Parameter, "ndarray": np.ndarray}) == annotation


def test_a_union_of_array_types_is_a_union_of_annotations() -> None:
    both = Union[Float[Tensor, "N"], Float[np.ndarray, "N"]]
    assert Float[Union[Tensor, np.ndarray], "N"] == both
    assert Float[Tensor | np.ndarray, "N"] == both
    assert Float[Either, "N"] == both


def test_a_type_variable_stands_for_its_bound() -> None:
    assert Float[Bound, "N"] == Float[Tensor, "N"]
    assert Float[Free, "N"] == Float[Any, "N"]


def test_a_generic_array_type_stands_for_its_class() -> None:
    assert Float[np.typing.NDArray[np.float32], "N"] == Float[np.ndarray, "N"]


SCALARS = [
    (Float, float, "", float),
    (Int, int, "", int),
    (Bool, bool, "", bool),
    (Num, complex, "", complex),
    (Shaped, float, "...", float),
    (Float, float, "*b", float),
    (Float, Union[Tensor, float], "N", Float[Tensor, "N"]),
    (Float, Union[Tensor, int], "", Float[Tensor, ""]),
]


@pytest.mark.parametrize(("family", "array", "text", "expected"), SCALARS)
def test_a_python_number_is_an_array_without_axes(family: Any, array: Any, text: str, expected: Any) -> None:
    assert family[array, text] == expected


def test_a_union_with_a_number_keeps_the_number() -> None:
    assert Float[Union[Tensor, float], ""] == Union[Float[Tensor, ""], float]


NESTED = [
    (Float[Float32[Tensor, "C"], "N"], Float32[Tensor, "N C"]),
    (Float32[Shaped[Tensor, "C"], "N"], Float32[Tensor, "N C"]),
    (Shaped[Int[Tensor, "C"], "N"], Int[Tensor, "N C"]),
    (Float[Float[Tensor, "H W"], "*b"], Float[Tensor, "*b H W"]),
    (Float[Float[Tensor, ""], "N"], Float[Tensor, "N"]),
]


@pytest.mark.parametrize(("nested", "flat"), NESTED)
def test_an_annotation_of_an_annotation_adds_axes_in_front(nested: Any, flat: Any) -> None:
    assert nested == flat


WRONG: list[tuple[Any, str]] = [
    (Tensor, "an array type and a shape"),
    ((Tensor,), "an array type and a shape"),
    ((Tensor, "N", "C"), "an array type and a shape"),
    ((Tensor, 3), "the shape is a text"),
    ((Tensor, ("N", "C")), "the shape is a text"),
    (("Tensor", "N"), "is a text; write the class itself"),
    ((float, "N"), "a Python number has no axes"),
    ((int, ""), "a Python number has no axes"),
    ((Tensor, "N,C"), "separated by spaces"),
]


@pytest.mark.parametrize(("item", "reason"), WRONG)
def test_what_is_no_annotation_is_refused(item: Any, reason: str) -> None:
    with pytest.raises(AnnotationError, match=reason):
        Float[item]
    assert issubclass(AnnotationError, ValueError)


def test_no_dtype_is_both() -> None:
    with pytest.raises(AnnotationError, match="no dtype is both Int and Float"):
        Int[Float[Tensor, "C"], "N"]


def test_isinstance_with_a_family_alone_is_refused() -> None:
    with pytest.raises(AnnotationError, match="isinstance needs a shape"):
        isinstance(torch.zeros(3), Float)  # pyright: ignore[reportArgumentType]


# isinstance, alone.

INSTANCES: list[tuple[Any, Any, str]] = [
    (torch.zeros(8, 3), Float[Tensor, "N C"], ""),
    (torch.zeros(8, 3), Float[Tensor, "N C=4"], "it has size 3 at axis 1, but `C` is 4"),
    (torch.zeros(8, 3), Float[Tensor, "N N"], "it has size 3 at axis 1, but `N` is 8"),
    (torch.zeros(8, 3), Float[Tensor, "N"], "it has rank 2, but `N` has rank 1"),
    (torch.zeros(8, 3), Int[Tensor, "N C"], "it has dtype float32, but the annotation says Int"),
    (torch.zeros(8, 3), Float[np.ndarray, "N C"], "but the annotation asks for ndarray"),
    (np.zeros((8, 3)), Float[np.ndarray, "N C"], ""),
    (np.zeros((8, 3)), Float32[np.ndarray, "N C"], "it has dtype float64"),
    (np.zeros((8, 3)), Float[Any, "N C"], ""),
    (nn.Parameter(torch.zeros(3)), Float[nn.Parameter, "C"], ""),
    (nn.Parameter(torch.zeros(3)), Float[Tensor, "C"], ""),
    (torch.zeros(3), Float[nn.Parameter, "C"], "but the annotation asks for Parameter"),
    (3.0, Float[Any, ""], "has no shape and dtype"),
    (None, Float[Tensor, "N"], "it is None, but the annotation asks for Tensor"),
    (torch.zeros(6, 4), Float[Tensor, "N C where N > C"], ""),
    (torch.zeros(4, 6), Float[Tensor, "N C where N > C"], "`N > C` does not hold: C=6 N=4"),
    (
        torch.zeros(2, 3, 4, 5),
        Float[Tensor, "N C H W @ channels_last"],
        "it is not stored as `@ channels_last`",
    ),
    (torch.zeros(4), Float[Tensor, "?H"], ""),
    (torch.zeros(4), Float[Tensor, "2*C"], "nothing binds `C`"),
]


@pytest.mark.parametrize(("value", "annotation", "reason"), INSTANCES)
def test_isinstance_works_alone(value: Any, annotation: Any, reason: str) -> None:
    assert isinstance(value, annotation) == (reason == "")
    told = annotation.__instancecheck_str__(value)
    assert reason in told
    assert bool(reason) == bool(told)


# beartype, alone.


@beartype
def batched(
    image: Float[Tensor, "N C=3 H W"], scale: Optional[Float[Tensor, "C"]] = None
) -> Float[Tensor, "..."]:
    return image


def test_beartype_takes_an_annotation() -> None:
    assert batched(torch.zeros(2, 3, 4, 4)).shape == (2, 3, 4, 4)
    assert batched(torch.zeros(2, 3, 4, 4), torch.zeros(3)).shape == (2, 3, 4, 4)


def test_beartype_shows_our_sentence() -> None:
    with pytest.raises(
        BeartypeCallHintViolation, match=r"it has size 4 at axis 1, but `C` is 3; axis 3 has size 3"
    ):
        batched(torch.zeros(2, 4, 5, 3))


HINTS = [
    (list[Float[Tensor, "N"]], [torch.zeros(2)], [torch.zeros(2, 2)]),
    (dict[str, Float[Tensor, "N"]], {"a": torch.zeros(2)}, {"a": 3}),
    (Union[Float[Tensor, "N"], str], "3", 3),
    (Float[Tensor, "N"] | None, None, 3),
    (tuple[Float[Tensor, "N"], ...], (torch.zeros(2),), (torch.zeros(()),)),
    (Annotated[Float[Tensor, "N"], "note"], torch.zeros(2), torch.zeros(())),
]


@pytest.mark.parametrize(("hint", "good", "bad"), HINTS)
def test_an_annotation_stands_in_any_hint(hint: Any, good: object, bad: object) -> None:
    @beartype
    def take(value: hint) -> None: ...

    take(good)
    with pytest.raises(BeartypeCallHintViolation):
        take(bad)


# Dims.


def test_dims_are_equal_if_their_shapes_are() -> None:
    assert Dims("N  C") == Dims("N C")
    assert hash(Dims("N  C")) == hash(Dims("N C"))
    assert Dims("N C") != Dims("N C", dtype=Float)
    assert Dims("N C") != Dims("N")
    assert str(Dims("N  C").shape) == "N C"


def test_dims_refuse_a_wrong_text_when_they_are_made() -> None:
    with pytest.raises(AnnotationError, match="separated by spaces"):
        Dims("N, C")
    with pytest.raises(AnnotationError, match="a family such as Float"):
        Dims("N", dtype=torch.float32)


def test_annotations_are_made_once() -> None:
    assert Float[Tensor, "N C"] is Float[Tensor, "N C"]
    assert isinstance(Float[Tensor, "N C"], ArrayAnnotation)
