"""Type hints read into a tree: where tensors stand, and what is left to beartype."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple, NewType, Optional, TypeVar, Union

import jaxtyping
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import Dims, Float, Int, Shaped
from namedtorch.diagnostics import AnnotationError
from namedtorch.signature.dtypes import FAMILIES, Family
from namedtorch.signature.hints import (
    TENSOR,
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
    has_dims,
    hint_text,
    read_hint,
)
from namedtorch.syntax.resolve import parse_shape

Image = Float[Tensor, "N C"]
Named = NewType("Named", Float[Tensor, "N C"])
Bound = TypeVar("Bound", bound=Float[Tensor, "N C"])


def tensor(text: str, family: str = "Float", array: str = TENSOR) -> TensorHint:
    return TensorHint(array, FAMILIES[family], parse_shape(text))


class Pair(NamedTuple):
    image: Float[Tensor, "N C"]
    name: str


@dataclasses.dataclass
class Batch:
    image: Float[Tensor, "N C"]
    label: Optional[Int[Tensor, "N"]] = None
    size: ClassVar[int] = 3


@dataclasses.dataclass
class Tree:
    value: Float[Tensor, "N"]
    children: "list[Tree]"


IMAGE = tensor("N C")
READ: list[tuple[Any, Hint]] = [
    (Float[Tensor, "N C"], IMAGE),
    (Float[np.ndarray, "N C"], tensor("N C", array="numpy.ndarray")),
    (Float[nn.Parameter, "N C"], tensor("N C", array="torch.nn.Parameter")),
    (Shaped[Any, "..."], tensor("...", "Shaped", "Any")),
    (jaxtyping.Float[Tensor, "N C"], IMAGE),
    (jaxtyping.Shaped[np.ndarray, "*b 3"], tensor("*b 3", "Shaped", "numpy.ndarray")),
    (Annotated[Tensor, Dims("N C")], tensor("N C", "Shaped")),
    (Annotated[Tensor, "note", Dims("N C", dtype=Float)], IMAGE),
    (Annotated[Float[Tensor, "N C"], "note"], IMAGE),
    (Optional[Image], OptionalHint(IMAGE)),
    (Image | None, OptionalHint(IMAGE)),
    (None | Image, OptionalHint(IMAGE)),
    (Union[Image, Float[Tensor, "N"]], UnionHint((IMAGE, tensor("N")))),
    (Union[Image, str], UnionHint((IMAGE, PlainHint("str")))),
    (Union[Image, str, None], OptionalHint(UnionHint((IMAGE, PlainHint("str"))))),
    (list[Image], ListHint(IMAGE)),
    (Sequence[Image], ListHint(IMAGE, "Sequence")),
    (tuple[Image, ...], ListHint(IMAGE, "tuple")),
    (tuple[Image, int], TupleHint((IMAGE, PlainHint("int")))),
    (dict[str, Image], DictHint(IMAGE)),
    (Mapping[int, Image], DictHint(IMAGE, "int")),
    (dict[str, list[Optional[Image]]], DictHint(ListHint(OptionalHint(IMAGE)))),
    (Final[Image], IMAGE),
    (Named, IMAGE),
    (Bound, IMAGE),
    (Pair, RecordHint("Pair", (("image", IMAGE), ("name", PlainHint("str"))))),
    (Batch, RecordHint("Batch", (("image", IMAGE), ("label", OptionalHint(tensor("N", "Int")))))),
    (Tree, RecordHint("Tree", (("value", tensor("N")), ("children", PlainHint("list[Tree]"))))),
    # Without dims, a hint is one plain hint, whatever its depth.
    (int, PlainHint("int")),
    (list[dict[str, int]], PlainHint("list[dict[str, int]]")),
    (Tensor, PlainHint("Tensor")),
    (Literal["a"], PlainHint("Literal['a']")),
    (None, PlainHint("None")),
    (Any, PlainHint("Any")),
]


@pytest.mark.parametrize(("hint", "expected"), READ, ids=lambda value: str(value)[:50])
def test_a_hint_is_read(hint: Any, expected: Hint) -> None:
    read = read_hint(hint)
    if hint is None or isinstance(expected, PlainHint):
        assert isinstance(read, PlainHint)
        assert not has_dims(read)
    else:
        assert has_dims(read)
    if hint is not None and not isinstance(expected, RecordHint):
        assert read == expected
    if isinstance(expected, RecordHint):
        assert isinstance(read, RecordHint)
        assert read.name == expected.name
        assert [name for name, _ in read.fields][: len(expected.fields)] == [
            name for name, _ in expected.fields
        ]
        assert read.fields[0] == expected.fields[0]


def test_the_array_type_is_kept_with_the_hint() -> None:
    read = read_hint(Float[nn.Parameter, "N"])
    assert isinstance(read, TensorHint)
    assert read.array_type is nn.Parameter
    assert read == tensor("N", array="torch.nn.Parameter")


def test_a_family_of_ones_own_is_read() -> None:
    class Half(jaxtyping.AbstractDtype):
        dtypes = ("float16", "bfloat16")

    read = read_hint(Half[Tensor, "N"])
    assert isinstance(read, TensorHint)
    assert read.family == Family("Half", ("float16", "bfloat16"))


def test_what_jaxtyping_takes_and_we_do_not_is_refused() -> None:
    with pytest.raises(AnnotationError, match="compares"):
        read_hint(jaxtyping.Float[Tensor, "m>=2"])


TEXTS = [
    (int, "int"),
    (type(None), "None"),
    (Optional[int], "Optional[int]"),
    (list[int], "list[int]"),
    (torch.Tensor, "Tensor"),
]


@pytest.mark.parametrize(("hint", "text"), TEXTS)
def test_a_hint_reads_as_written(hint: Any, text: str) -> None:
    assert hint_text(hint) == text


SHOWN = [
    (Float[Tensor, "N  C=3 where N > 1"], "N C=3"),
    (Optional[Image], "N C | None"),
    (Union[Image, str], "N C | str"),
    (list[Image], "list[N C]"),
    (tuple[Image, int], "tuple[N C, int]"),
    (dict[str, Image], "dict[str, N C]"),
    (Pair, "Pair(image: N C, name: str)"),
]


@pytest.mark.parametrize(("hint", "text"), SHOWN)
def test_a_read_hint_shows_its_dims(hint: Any, text: str) -> None:
    assert str(read_hint(hint)) == text


def test_dims_of_an_optional_tensor_are_those_of_the_tensor() -> None:
    expected = read_hint(Optional[Float[Tensor, "N"]])
    assert read_hint(Annotated[Optional[Tensor], Dims("N", Float)]) == expected
    assert read_hint(Float[Optional[Tensor], "N"]) == expected
    with pytest.raises(
        AnnotationError, match=r"^dims describe one tensor, and `list\[torch\.Tensor\]` is none: "
    ):
        read_hint(Annotated[list[Tensor], Dims("N")])
