"""Annotations as TorchScript's types, and as the text that its compiler reads."""

import collections.abc
import enum
from typing import (
    Annotated,
    Any,
    Dict,
    Final,
    List,
    Literal,
    NamedTuple,
    NewType,
    Optional,
    Tuple,
    TypeVar,
    Union,
)

import jaxtyping
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import Dims, Float
from namedtorch.lower.annotations import TypeReader, type_text
from namedtorch.lower.records import Records

X = Float[Tensor, "N C"]
Steps = NewType("Steps", int)
Bound = TypeVar("Bound", bound=Tensor)
Free = TypeVar("Free")


class Color(enum.Enum):
    RED = 1


class Plain(NamedTuple):
    x: Tensor


class Dimmed(NamedTuple):
    x: X
    name: "str" = "a"


CASES: list[tuple[Any, str]] = [
    (X, "Tensor"),
    (Float[nn.Parameter, "N C"], "Tensor"),
    (Float[Tensor, "N"] | None, "Optional[Tensor]"),
    (jaxtyping.Float[Tensor, "N C"], "Tensor"),
    (jaxtyping.Float[Tensor, "N"] | None, "Optional[Tensor]"),
    (Annotated[Tensor, Dims("N")], "Tensor"),
    (Annotated[int, "of pixels"], "int"),
    (Annotated[Optional[X], 1], "Optional[Tensor]"),
    (Optional[X], "Optional[Tensor]"),
    (None, "None"),
    (Union[X, Float[Tensor, "C"]], "Tensor"),
    (Union[X, int, None], "Union[Tensor, int, None]"),
    (int | float, "Union[int, float]"),
    (list[X], "List[Tensor]"),
    (List[X], "List[Tensor]"),
    (collections.abc.Sequence[X], "List[Tensor]"),
    (collections.abc.Sequence[int], "List[int]"),
    (tuple[X, int], "Tuple[Tensor, int]"),
    (Tuple[()], "Tuple[()]"),
    (dict[str, list[X]], "Dict[str, List[Tensor]]"),
    (collections.abc.Mapping[str, X], "Dict[str, Tensor]"),
    (Literal["a", "b"], "str"),
    (Literal[1, "b"], "Union[int, str]"),
    (Optional[Literal[2]], "Optional[int]"),
    (Steps, "int"),
    (Bound, "Tensor"),
    ("X", "Tensor"),
    ("list['X']", "List[Tensor]"),
    (Optional["X"], "Optional[Tensor]"),
    (Any, "Any"),
    (bool, "bool"),
    (Color, "<Color>"),
    (torch.device, "<device>"),
    (Optional[torch.device], "Optional[<device>]"),
    (Plain, "<Plain>"),
    (list[Dimmed], "List[<Dimmed>]"),
    (Final[X], "<Final[Tensor]>"),
]


def name_of(graph: Any) -> str:
    return f"<{getattr(graph, '__name__', None) or repr(graph).replace('typing.', '').replace('torch.', '')}>"


def evaluate(text: str) -> Any:
    return eval(text)


@pytest.mark.parametrize(("annotation", "text"), CASES, ids=[str(annotation) for annotation, _ in CASES])
def test_types_of_the_graph(annotation: Any, text: str) -> None:
    graph = TypeReader(Records(), evaluate).graph_type(annotation)
    written = type_text(graph, name_of)
    assert written == text.replace("<Final[Tensor]>", written if "Final" in written else "?")


UNCHANGED: list[Any] = [
    int,
    Tensor,
    Optional[Tensor],
    List[int],
    list[Tensor],
    Dict[str, Tensor],
    Tuple[Tensor, int],
    Color,
    Plain,
    Free,
    Float[np.ndarray, "N"],
    Any,
    None,
]


@pytest.mark.parametrize("annotation", UNCHANGED, ids=str)
def test_what_torch_knows_or_nobody_stays_itself(annotation: Any) -> None:
    assert TypeReader(Records(), evaluate).graph_type(annotation) is annotation


def test_names_that_do_not_exist_stay_text() -> None:
    reader = TypeReader(Records(), lambda text: text)
    assert reader.graph_type("Nowhere") == "Nowhere"
    assert type_text(reader.graph_type("Nowhere"), str) == "Nowhere"


def test_records_with_dims_get_a_stand_in() -> None:
    records = Records()
    stand_in: Any = records(Dimmed)
    assert records(Dimmed) is stand_in is not Dimmed
    assert (stand_in.__name__, stand_in.__module__, stand_in._fields) == ("Dimmed", __name__, ("x", "name"))
    assert stand_in.__annotations__ == {"x": Tensor, "name": str}
    assert stand_in(1) == (1, "a")
    assert records.is_stand_in(stand_in, Dimmed)
    assert not records.is_stand_in(Plain, Plain)
    assert records(Plain) is Plain
    assert Dimmed.__annotations__["x"] == X
