"""Hints: given where one reading fits and no other does."""

from typing import Any

import pytest

from namedtorch.diagnostics import DimError
from namedtorch.syntax.resolve import parse_shape

NHWC = "is it N H W C?"
BATCH = "is `N` missing? x[None] adds it, with size 1"

# The shape, the sizes, what is bound, the hint of the first failure (None: silence).
CASES: list[tuple[str, tuple[int, ...], dict[str, Any], str | None]] = [
    # One other order of the axes fits.
    ("N C=3 H W", (8, 224, 224, 3), {}, f"axis 3 has size 3: {NHWC}"),
    ("N C H W", (8, 224, 224, 3), {"C": 3}, f"axis 3 has size 3: {NHWC}"),
    ("N self.k H W", (8, 224, 224, 3), {"self": {"k": 3}}, "axis 3 has size 3: is it N H W self.k?"),
    ("N C=1 H=8 W=8", (450, 8, 8, 1), {}, f"its sizes fit another order of the axes: {NHWC}"),
    ("N C=3 H=4 W=5", (7, 4, 5, 3), {}, f"its sizes fit another order of the axes: {NHWC}"),
    ("A=2 B=3", (3, 2), {}, "its sizes fit another order of the axes: is it B A?"),
    ("T N C=64", (64, 10, 7), {}, "axis 0 has size 64: is it C T N?"),
    # No order fits, or more than one does.
    ("N C=3 H W", (8, 224, 224, 4), {}, None),
    ("N C=3 H W", (3, 224, 224, 3), {}, None),
    ("N C=3 H W", (8, 7, 3, 3), {}, None),
    ("A=2 B=3", (2, 4), {}, None),
    ("N C", (8, 4), {"C": 5}, None),
    # The order that is written is no other one.
    ("N C=3", (8, 3), {"C": 4}, None),
    # What a tensor binds itself says nothing of its layout.
    ("N C C", (3, 4, 5), {}, None),
    ("N N C=3", (2, 3, 2), {}, None),
    # Groups, broadcasting and flattened axes could be read in too many ways.
    ("*b C=3 H", (3, 4, 4), {}, None),
    ("N #C=3 H", (8, 4, 3), {}, None),
    ("(a b) C=3 a", (6, 4, 3), {}, None),
    # A batch dim is missing.
    ("N C=3 H W", (3, 224, 224), {}, BATCH),
    ("N C H W", (3, 224, 224), {"C": 3}, BATCH),
    ("_ C=3", (3,), {}, "is `_` missing? x[None] adds it, with size 1"),
    ("N C H W", (3, 224, 224), {}, None),
    ("N C=3 H W", (224, 224, 3), {}, None),
    ("N C=3 H W", (224, 224), {}, None),
    ("N=1 C=3 H W", (3, 224, 224), {}, "is `N=1` missing? x[None] adds it, with size 1"),
    # Another axis is missing, or one too many.
    (
        "N C=3 H W",
        (8, 1, 3, 224, 224),
        {},
        "axis 1 has size 1 and is one too many: x.squeeze(1) takes it away",
    ),
    (
        "#B #heads T T",
        (2, 5, 5),
        {"B": 2, "heads": 8, "T": 5},
        "is `#heads` missing? x.unsqueeze(1) adds it, with size 1",
    ),
    ("B 1 T T", (2, 5, 5), {"B": 2, "T": 5}, "is `1` missing? x.unsqueeze(1) adds it, with size 1"),
    ("#B #heads T T", (5, 5, 5), {"B": 5, "T": 5}, None),
    ("N", (8, 1), {"N": 8}, "axis 1 has size 1 and is one too many: x.squeeze(1) takes it away"),
    ("N", (8, 1), {}, None),
    ("N", (1, 1), {"N": 1}, None),
]


@pytest.mark.parametrize(("text", "sizes", "given", "hint"), CASES)
def test_a_hint_is_given_where_it_is_surely_useful(
    text: str, sizes: tuple[int, ...], given: dict[str, Any], hint: str | None
) -> None:
    attributes = {key: value for key, value in given.items() if key == "self"}
    bindings = {key: value for key, value in given.items() if key != "self"}
    with pytest.raises(DimError) as caught:
        parse_shape(text).match(sizes, bindings, attributes)
    assert caught.value.failures[0].help == hint


def test_a_hint_does_not_come_with_the_dims_of_another_element() -> None:
    with pytest.raises(DimError) as caught:
        parse_shape("C=3 ?H").match((7, 3), {"H": 7}, element="[0]")
    assert caught.value.failures[0].help == "axis 1 has size 3: is it H C?"
    with pytest.raises(DimError) as caught:
        parse_shape("C=3 ?H D").match((7, 7, 3), {"H": 7}, element="[0]")
    assert caught.value.failures[0].help == "axis 2 has size 3: is it H D C?"


def test_a_wrong_layout_is_one_failure() -> None:
    with pytest.raises(DimError) as caught:
        parse_shape("N C=3 H=224 W=224").match((8, 224, 224, 3))
    assert len(caught.value.failures) == 1
