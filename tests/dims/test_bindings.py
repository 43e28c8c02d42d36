"""Bindings: an immutable mapping of dims to sizes that knows who bound them."""

import pickle
from collections.abc import Mapping
from typing import Any

import pytest

import namedtorch
from namedtorch.dims.bindings import Bindings, Source

BY = Source("x", 1)


def test_bindings_are_a_mapping() -> None:
    bound = Bindings({"C": 3, "*batch": (2, 5)})
    assert isinstance(bound, Mapping)
    assert namedtorch.Bindings is Bindings
    assert (bound["C"], bound["*batch"], len(bound), list(bound)) == (3, (2, 5), 2, ["C", "*batch"])
    assert bound == {"C": 3, "*batch": (2, 5)}
    assert dict(bound.sizes) == {"C": 3}
    assert "D" not in bound
    with pytest.raises(KeyError):
        bound["D"]


def test_dims_and_groups_are_two_namespaces() -> None:
    bound = Bindings({"b": 3, "*b": (4,)})
    assert (bound["b"], bound["*b"]) == (3, (4,))
    assert bound.group("b") is not None
    assert bound.group("c") is None


def test_a_group_that_may_still_broadcast_is_given_with_a_sharp() -> None:
    group = Bindings({"*#b": [1, 2]}).group("b")
    assert group is not None
    assert (group.sizes, group.broadcast) == ((1, 2), True)


WRONG: list[dict[str, Any]] = [{"*b": 3}, {"C": (3,)}, {"C": True}, {"C": 3.0}, {"C": None}]


@pytest.mark.parametrize("mapping", WRONG)
def test_what_is_no_size_is_refused(mapping: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Bindings(mapping)


def test_binding_gives_new_bindings() -> None:
    empty = Bindings()
    bound = empty.bind("C", 3, BY).bind_group("b", (2,), False, Source("x"))
    assert dict(empty) == {}
    assert dict(bound) == {"C": 3, "*b": (2,)}
    assert (str(bound.source("C")), str(bound.source("*b"))) == ("`x` at axis 1", "`x`")
    assert bound.source("D") is None


def test_the_first_to_bind_a_group_stays_its_source() -> None:
    bound = Bindings().bind_group("b", (1,), True, Source("x")).bind_group("b", (4,), True, Source("y"))
    assert (bound["*b"], str(bound.source("*b"))) == ((4,), "`x`")


def test_an_argument_can_be_left_out() -> None:
    bound = Bindings({"N": 2}).bind("C", 3, Source("x", 0)).bind("D", 4, Source("y", 0))
    assert dict(bound.without("x")) == {"N": 2, "D": 4}
    assert dict(bound.without("")) == dict(bound)
    assert bound.without("x").source("C") is None


def test_equal_bindings_are_equal_whatever_their_order() -> None:
    one, other = Bindings({"A": 1, "*b": (2,)}), Bindings({"*b": (2,), "A": 1})
    assert one == other
    assert hash(one) == hash(other)
    assert one != Bindings({"A": 1})
    assert one != 3


def test_bindings_show_what_is_bound() -> None:
    bound = Bindings({"C": 3, "*b": (2, 5), "*e": ()})
    assert repr(bound) == "Bindings({'C': 3, '*b': (2, 5), '*e': ()})"
    assert str(bound) == "C=3 *b=(2 5) *e=()"
    assert str(Bindings()) == ""


def test_bindings_are_picklable() -> None:
    bound = Bindings({"C": 3, "*#b": (2,)}).bind("D", 4, BY)
    again = pickle.loads(pickle.dumps(bound))
    assert again == bound
    assert again.source("D") == BY
    assert again.group("b").broadcast


def test_bindings_can_be_copied_from_bindings() -> None:
    bound = Bindings({"C": 3}).bind("D", 4, BY)
    assert Bindings(bound) == bound
    assert Bindings(bound).source("D") == BY
