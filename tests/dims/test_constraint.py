"""`Constraint`: when it holds, and how it is written."""

import json
from typing import Any

import pytest

from namedtorch.dims.constraint import Constraint, Relation
from namedtorch.dims.size import Size

C, H = Size.symbol("C"), Size.symbol("H")


def constant(number: int) -> Size:
    return Size.constant(number)


TEXTS = [
    (Constraint(C % 8, "==", constant(0)), "C%8 == 0"),
    (Constraint(H, ">=", constant(7)), "H >= 7"),
    (Constraint(H, "!=", C + H), "H != C+H"),
]

HOLDS: list[tuple[Relation, list[bool]]] = [
    ("==", [False, True, False]),
    ("!=", [True, False, True]),
    ("<", [True, False, False]),
    ("<=", [True, True, False]),
    (">", [False, False, True]),
    (">=", [False, True, True]),
]


@pytest.mark.parametrize(("constraint", "text"), TEXTS, ids=str)
def test_texts_and_trees(constraint: Constraint, text: str) -> None:
    assert str(constraint) == text
    assert Constraint.from_tree(json.loads(json.dumps(constraint.tree()))) == constraint


@pytest.mark.parametrize(("relation", "expected"), HOLDS)
def test_holds(relation: Relation, expected: list[bool]) -> None:
    constraint = Constraint(C, relation, constant(5))
    assert [constraint.holds({"C": size}) for size in (4, 5, 6)] == expected


@pytest.mark.parametrize("relation", ["==", "!=", "<", ">="])
def test_a_division_by_zero_never_holds(relation: Relation) -> None:
    assert not Constraint(C // (H - 3), relation, C).holds({"C": 1, "H": 3})
    with pytest.raises(KeyError):
        Constraint(C, relation, H).holds({"C": 1})


def test_equality_is_structural() -> None:
    assert Constraint(C, "==", H) == Constraint(C, "==", H + 0)
    assert Constraint(C, "==", H) != Constraint(H, "==", C)
    assert len({Constraint(C, "<", H), Constraint(C, "<", H), Constraint(C, ">", H)}) == 2


def test_substitute_and_symbols() -> None:
    constraint = Constraint(C % 8, "==", H)
    assert constraint.symbols == {"C", "H"}
    assert constraint.substitute({"H": constant(0)}) == Constraint(C % 8, "==", constant(0))


NOT_TREES: list[Any] = [
    None,
    "C",
    [],
    ["=", "C", 1],
    ["==", "C"],
    ["==", "C", 1, 2],
    ["==", "C", None],
    [["=="], 1, 2],
]


@pytest.mark.parametrize("tree", NOT_TREES, ids=str)
def test_from_tree_refuses_what_is_no_tree(tree: Any) -> None:
    with pytest.raises(ValueError, match="not a "):
        Constraint.from_tree(tree)


def test_a_relation_is_one_of_six() -> None:
    with pytest.raises(ValueError, match="'=' is not one of"):
        Constraint(C, "=", H)  # type: ignore[arg-type]
