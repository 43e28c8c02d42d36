"""Sizes that are drawn for a signature fit it, differ where they may, and failing that the constraints are named."""

import itertools
from random import Random
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from namedtorch import DimError, Shaped
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.draw import Assignment, draw_sizes
from namedtorch.signature.drawn import ELEMENTS, keys_of
from namedtorch.signature.function import signature_of
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.plain_value import plain_value
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature, tensors_of
from namedtorch.signature.text import parse_signature
from tests.guards.assignments import has_assignment
from tests.guards.calls import Call, draw_call, stored
from tests.guards.enforcers import ACCEPTED, by_matcher, by_python

MANY = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def shapes(assignment: Assignment) -> list[tuple[int, ...]]:
    return [one.sizes for one in assignment.tensors.values()]


# A signature, and the sizes of its tensors for seed 0.
DRAWN: list[tuple[str, list[tuple[int, ...]]]] = [
    ("image: N C=3 H W -> N 10", [(2, 3, 37, 41)]),
    ("x: N T 2*C, y: C -> N", [(2, 5, 14), (7,)]),
    ("q: N (heads=8 d) -> N d", [(2, 40)]),
    ("x: N C, y: C N -> N", [(2, 5), (5, 2)]),
    ("x: *batch C, y: *batch C -> C", [(2, 5), (2, 5)]),
    ("x: *a C *b, mean: C -> *a C *b", [(2, 5, 3), (5,)]),
    ("x: *a C *b -> C", [(2, 5, 3)]),
    ("x: *a _ *b -> 1", [(7,)]),
    ("x: ... C, mask: #C -> C", [(2, 5), (5,)]),
    ("x: *#b C, y: *#b C -> C", [(2, 5), (2, 5)]),
    ("x: #A-1, y: A -> 1 where A == 1", [(1,), (1,)]),
    ("x: E, y: #E=3 -> E where E == 5", [(5,), (1,)]),
    ("x: 0 C -> C", [(0, 5)]),
    ("x: A%2 A -> 1 where A == 2", [(0, 2)]),
    ("x: (A _) A -> A", [(25, 5)]),
    ("x: H W -> 1 where H >= 32, W == H", [(37, 37)]),
    ("x: A -> A where A >= 224, A % 32 == 0", [(224,)]),
    ("x: A B -> 1 where A*B == 35", [(5, 7)]),
    ("x: A B C -> 1 where A*B == C*C, A > 3", [(5, 20, 10)]),
    ("x: A B C D E -> 1 where A+B+C+D+E == 7", [(3, 1, 1, 1, 1)]),
    ("x: H W -> 1 where H*W >= 50000", [(37, 1352)]),
    ("x: D=heads*d heads, y: d -> D", [(35, 7), (5,)]),
    # What its result says of sizes that only the inputs have.
    ("x: N T -> N T-50", [(2, 53)]),
    ("x: N T -> N K where K > 5", [(2, 5)]),
]


@pytest.mark.parametrize(("text", "sizes"), DRAWN)
def test_sizes_fit_and_differ(text: str, sizes: list[tuple[int, ...]]) -> None:
    assert shapes(draw_sizes(parse_signature(text))) == sizes


@pytest.mark.parametrize("text", ["x: N C H W -> N", "x: *a C -> C", "x: A -> A where A >= 224, A % 32 == 0"])
def test_neighbouring_seeds_give_each_free_dim_another_size(text: str) -> None:
    signature = parse_signature(text)
    drawn = [draw_sizes(signature, seed=seed) for seed in range(6)]
    assert drawn[2] == draw_sizes(signature, seed=2)
    for one, other in itertools.pairwise(drawn):
        assert all(one.sizes[dim] != other.sizes[dim] for dim in one.sizes)
        assert all(one.groups[name] != other.groups[name] for name in one.groups)


def test_elements_have_sizes_of_their_own() -> None:
    assignment = draw_sizes(signature_with(images=list[Shaped[Tensor, "C ?H ?W where H >= 32"]]))
    assert [one.scope for one in assignment.tensors.values()] == ["[0]", "[1]"]
    (first, second) = shapes(assignment)
    assert first[0] == second[0]
    assert len({*first, *second}) == 5
    assert min(first[1], second[1]) >= 32
    assert assignment.tensor(0, "[1]") == second


GIVEN: list[tuple[str, dict[str, Any], list[tuple[int, ...]]]] = [
    ("x: N C -> N", {"N": 64}, [(64, 5)]),
    ("x: N 2*C, y: C -> N", {"C": 9}, [(2, 18), (9,)]),
    ("x: *b C -> C", {"*b": (4, 6)}, [(4, 6, 5)]),
    ("x: *b C -> C", {"*b": ()}, [(5,)]),
    ("x: N {n} -> N", {"n": 4}, [(2, 4)]),
    ("x: N self.width -> N", {"self.width": 64}, [(2, 64)]),
]


@pytest.mark.parametrize(("text", "given", "sizes"), GIVEN)
def test_sizes_that_are_given(text: str, given: dict[str, Any], sizes: list[tuple[int, ...]]) -> None:
    signature = parse_signature(text.replace("x:", "n: _, self: _, x:"))
    assert shapes(draw_sizes(signature, given=given))[2:] == sizes


def test_every_element_has_a_size_that_is_given() -> None:
    signature = signature_with(images=list[Shaped[Tensor, "?H ?W"]])
    assert [one[0] for one in shapes(draw_sizes(signature, given={"H": 6}))] == [6, 6]


def test_integer_parameters_are_drawn_or_keep_their_default() -> None:
    def free(x: Shaped[Tensor, "{n} C"], n: int) -> None: ...
    def fixed(x: Shaped[Tensor, "{n} C"], n: int = 4) -> None: ...

    assert draw_sizes(signature_of(free)).sizes["{n}"] == 5
    assert shapes(draw_sizes(signature_of(fixed))) == [(4, 5)]


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (
        "x: N H -> N where H < 5, N > 1, H > 7",
        {},
        "no sizes were found for `x: N H -> N where H < 5, N > 1, H > 7` that meet all of `H < 5`, `H > 7`",
    ),
    (
        "x: N H -> N where H >= 32",
        {"H": 16},
        "no sizes were found for `x: N H -> N where H >= 32` that meet all of `H >= 32`, `H`=16, which is given",
    ),
    (
        "x: A B -> A where A == 2*B, A < B",
        {},
        "no sizes were found for `x: A B -> A where A == 2*B, A < B` that meet all of `A == 2*B`, `A < B`",
    ),
    ("x: C=3, y: C=4 -> C", {}, "that meet all of `C=3` of `x`, `C=4` of `y`"),
    ("x: A 2-A -> A where A > 2", {}, "that meet all of `2-A` of `x` is no negative size, `A > 2`"),
    ("x: N -> N where 1 > 2", {}, "that meet `1 > 2`"),
    ("x: N self.width -> N", {}, "`self.width` in the signature is an attribute"),
    ("x: N Chan -> N", {"Chn": 3}, "the dims of the arguments are `N`, `Chan`; did you mean `Chan`?"),
    ("x: N C -> N", {"N": -1}, "the size that is given for `N` is -1, which is no size"),
    ("x: N C -> N", {"N": True}, "the size that is given for `N` is True, which is no size"),
    ("x: *b C -> C", {"*b": 3}, "the groups of the arguments are `*b`"),
    ("x: *b C -> C", {"b": 3}, "a size is given for `b`, but the dims of the arguments are `C`"),
    ("x: *b C -> C", {"*b": (3, -1)}, "the sizes that are given for `*b` are (3, -1), which are no sizes"),
    ("x: 100000 100000 -> 1", {}, "would be a tensor of sizes (100000, 100000), which is too large to draw"),
]


@pytest.mark.parametrize(("text", "given", "message"), REFUSED)
def test_what_can_not_be_met_is_named(text: str, given: dict[str, Any], message: str) -> None:
    signature = parse_signature(text.replace("x:", "self: _, x:") if "self." in text else text)
    with pytest.raises(DimError) as caught:
        draw_sizes(signature, given=given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_what_is_there_counts_where_optional_values_are_left_out() -> None:
    signature = signature_with(x=Shaped[Tensor, "N where N > 5"], y=Shaped[Tensor, "N where N < 3"] | None)
    with pytest.raises(DimError, match="N > 5"):
        draw_sizes(signature)
    assert shapes(draw_sizes(signature, absent=True)) == [(6,)]


@MANY
@given(st.integers(0, 2**32), st.integers(0, 7))
def test_random_signatures_that_can_be_met_are(seed: int, drawing: int) -> None:
    call = draw_call(Random(seed))
    assume(call is not None)
    assert call is not None
    silent = without_result(call)
    made = drawn_call(silent, drawing)
    checked = Call(silent, build_plan(silent), made, None, True)
    assert by_matcher(checked) == ACCEPTED, str(checked)
    assert by_python(checked) == ACCEPTED, str(checked)


@MANY
@given(st.integers(0, 2**32))
def test_one_assignment_of_sizes_fits_what_was_drawn(seed: int) -> None:
    call = draw_call(Random(seed), plain=True)
    assume(call is not None)
    assert call is not None
    silent = without_result(call)
    made = drawn_call(silent, 0)
    assert has_assignment(Call(silent, build_plan(silent), made, None, True)) is not False


def without_result(call: Call) -> Signature:
    """The signature of a call whose arguments show that it can be met, as far as it speaks of them."""
    assume(call.fits and not any(leaves_out(value) for value in call.arguments))
    silent = Signature(call.signature.parameters, where=call.signature.where)
    try:
        build_plan(silent)
    except DimError:  # only the result binds a dim
        assume(False)
    return silent


def leaves_out(value: Any) -> bool:
    """Whether a part of the signature has no value here, and so may be impossible to meet."""
    if isinstance(value, dict):
        return leaves_out(list(value.values()))
    if isinstance(value, list | tuple):
        return not value or any(leaves_out(one) for one in value)
    return value is None


def drawn_call(signature: Signature, seed: int) -> tuple[Any, ...]:
    """The arguments of a call in the sizes that are drawn."""
    assignment = draw_sizes(signature, seed=seed)
    values: list[Any] = []
    site = 0
    for one in signature.parameters[:-1]:
        values.append(value_of(one.hint, assignment, site, ""))
        site += len(tensors_of(one.hint))
    return (*values, assignment.sizes.get("{n}", 1))


def value_of(hint: Hint, assignment: Assignment, site: int, scope: str) -> Any:
    match hint:
        case TensorHint(shape=shape):
            sizes = list(assignment.tensor(site, scope))
            order = None if shape.memory_format is Unknown else shape.memory_format.order
            return stored(sizes, list(order or range(len(sizes))))
        case OptionalHint(inner=inner):
            return value_of(inner, assignment, site, scope)
        case UnionHint(members=members):
            return value_of(members[0], assignment, site, scope)
        case ListHint(item=item, container=container):
            made = [value_of(item, assignment, site, f"{scope}[{place}]") for place in range(ELEMENTS)]
            return made if container == "list" else tuple(made)
        case DictHint(value=value):
            return {key: value_of(value, assignment, site, f"{scope}[{key}]") for key in keys_of(hint)}
        case TupleHint(items=items):
            made = []
            for place, item in enumerate(items):
                made.append(value_of(item, assignment, site, f"{scope}[{place}]"))
                site += len(tensors_of(item))
            return tuple(made)
        case _:
            raise AssertionError(hint)


def signature_with(**annotations: Any) -> Signature:
    function = eval(f"lambda {', '.join(annotations)}: None")
    function.__annotations__ = annotations
    return signature_of(function)


VALUES: list[tuple[str, Any]] = [
    ("int", 1),
    ("float", 1.0),
    ("bool", False),
    ("str", ""),
    ("complex", 1j),
    ("None", None),
    ("Optional[int]", None),
    ("int | None", None),
    ("Union[int, float]", 1),
    ("Color | float", 1.0),
    ("list[int]", [1]),
    ("List[tuple[int, bool]]", [(1, False)]),
    ("Tuple[int, ...]", (1,)),
    ("dict[str, float]", {"": 1.0}),
    ("Literal['sum', 'max']", "sum"),
    ("Any", Unknown),
    ("torch.Tensor", Unknown),
    ("tests.models.Color", Unknown),
    ("list[Color]", Unknown),
    ("<class 'X'>", Unknown),
    ("f(1)", Unknown),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values_of_plain_hints(text: str, value: Any) -> None:
    found = plain_value(text)
    assert found == value
    assert type(found) is type(value)


def test_a_drawn_tensor_is_no_larger_than_memory() -> None:
    assert torch.tensor(shapes(draw_sizes(parse_signature("x: N 4096 4096 -> N")))[0]).prod() <= 1 << 28
