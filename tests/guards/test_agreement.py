"""The three enforcers of a signature agree: the Python guard, the explaining matcher, the guard in a graph."""

import linecache
from random import Random
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from namedtorch import Shaped
from namedtorch.signature.function import signature_of
from namedtorch.signature.hints import PlainHint
from namedtorch.signature.plan import build_plan
from tests.guards.assignments import has_assignment
from tests.guards.calls import Call, draw_call
from tests.guards.enforcers import ACCEPTED, by_graph, by_matcher, by_python, graph_annotations, graph_source

FEW = settings(max_examples=40, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=300, suppress_health_check=list(HealthCheck))


def drawn(seed: int, plain: bool = False) -> Call:
    call = draw_call(Random(seed), plain)
    assume(call is not None)
    assert call is not None
    return call


@MANY
@given(st.integers(0, 2**32))
def test_three_enforcers_agree(seed: int) -> None:
    check_agreement(drawn(seed))


def check_agreement(call: Call) -> None:
    matcher, python, graph = by_matcher(call), by_python(call), by_graph(call)
    verdicts = {"matcher": matcher.refused, "python": python.refused, "graph": graph.refused}
    assert len(set(verdicts.values())) == 1, (
        f"{call}\n{verdicts}\n{matcher.text}\n{python.text}\n{graph.text}"
    )
    # What the guard refuses, the matcher explains; the text that stands in for an explanation is never shown.
    assert python.failures == matcher.failures, str(call)
    assert python.text == matcher.text
    if call.fits:
        assert matcher == ACCEPTED, f"{call}\n{matcher.text}"


def z(*sizes: int) -> Tensor:
    return torch.zeros(*sizes)


S, T = Shaped, Tensor

# Calls that one of the three once saw otherwise, and whether they are refused.
SEEN: list[tuple[dict[str, Any], tuple[Any, ...], Any, bool]] = [
    # A size of an element in a message.
    ({"x": list[S[T, "?H 2*H"]]}, ([z(1, 2), z(3, 5)],), None, True),
    ({"x": list[S[T, "?H (2 H)"]]}, ([z(1, 2), z(3, 5)],), None, True),
    ({"x": list[S[T, "?H where H > 2"]]}, ([z(3), z(2)],), None, True),
    # Arithmetic between two groups with a dim that a missing value leaves unbound.
    (
        {"x": S[T, "*a A+B *b"], "y": S[T, "B"] | None, "w": S[T, "A"]},
        (z(2, 3), None, z(4)),
        None,
        False,
    ),
    # A label between two groups.
    ({"x": S[T, "*a C=3 *b"], "y": S[T, "C"]}, (z(3), z(4)), None, True),
    ({"x": S[T, "*a C=3 *b"], "y": S[T, "C+1"]}, (z(3), z(4)), None, False),
    # `#` between two groups.
    ({"x": S[T, "*a #C *b"], "y": S[T, "C"]}, (z(1), z(3)), None, False),
    ({"x": S[T, "*a #C *b"], "y": S[T, "C"]}, (z(2), z(3)), None, True),
    # A group of an element, known where another group ends.
    (
        {"x": list[S[T, "*?h"]], "return": tuple[S[T, "*#g *?h"], S[T, "*#g *?h"]]},
        ([torch.zeros(()), torch.zeros(())],),
        (z(1, 1, 1), z(1, 3)),
        False,
    ),
    # A label of a factor.
    ({"h": S[T, "heads"], "x": S[T, "N (heads=8 d)"]}, (z(4), z(2, 64)), None, True),
    ({"h": S[T, "heads"], "x": S[T, "N (heads=8 d)"]}, (z(8), z(2, 64)), None, False),
    # Checks that wait until a later value, or the result, binds their dim.
    (
        {"x": S[T, "2*C"], "y": S[T, "C"] | None, "return": S[T, "C"]},
        (z(6), None),
        z(5),
        True,
    ),
    (
        {"x": S[T, "2*C"], "y": S[T, "C"] | None, "return": S[T, "C"]},
        (z(6), None),
        z(3),
        False,
    ),
    (
        {"x": S[T, "2*C"], "y": S[T, "C"] | None, "w": S[T, "(2 C)"]},
        (z(6), None, z(8)),
        None,
        True,
    ),
    ({"x": S[T, "*a C *b"], "return": S[T, "C"]}, (z(2, 3),), z(3), False),
    ({"x": S[T, "*a C *b"], "return": S[T, "C"]}, (z(2, 3),), z(4), True),
    # What one element bound places the next.
    (
        {"x": list[S[T, "*h C *g"]], "y": S[T, "C"]},
        ([z(2, 3, 4), z(2, 3, 4)], z(3)),
        None,
        False,
    ),
    (
        {"x": list[S[T, "*h C *g"]], "y": S[T, "C"]},
        ([z(3, 2), z(3, 3)], z(3)),
        None,
        True,
    ),
    (
        {"x": list[S[T, "*h C *g"]], "y": S[T, "C"]},
        ([z(3, 2), z(3, 2)], z(3)),
        None,
        False,
    ),
    # Shapes that are written alike.
    ({"x": S[T, "..."], "y": S[T, "..."]}, (z(2), z(3)), None, False),
    ({"x": S[T, "N C"], "y": S[T, "N C"]}, (z(2, 3), z(2, 4)), None, True),
    ({"x": S[T, "_ C"], "y": S[T, "_ C"]}, (z(2, 3), z(4, 3)), None, False),
    (
        {"x": S[T, "C C @ contiguous"], "y": S[T, "C C @ contiguous"]},
        (z(2, 2), z(2, 2).T),
        None,
        True,
    ),
]


@pytest.mark.parametrize(("annotations", "arguments", "result", "refused"), SEEN)
def test_calls_that_were_seen_otherwise(
    annotations: dict[str, Any], arguments: tuple[Any, ...], result: Any, refused: bool
) -> None:
    call = call_of(annotations, arguments, result)
    check_agreement(call)
    assert by_python(call).refused is refused


@MANY
@given(st.integers(0, 2**32))
def test_a_graph_names_what_it_refuses(seed: int) -> None:
    call = drawn(seed)
    graph = by_graph(call)
    if graph.refused:
        assert graph.text.startswith("namedtorch: "), graph.text
        assert "`" in graph.text
        assert "{" not in graph.text.replace("{n}", "")


@MANY
@given(st.integers(0, 2**32))
def test_accepted_is_what_one_assignment_of_sizes_fits(seed: int) -> None:
    call = drawn(seed, plain=True)
    fits = has_assignment(call)
    assume(fits is not None)
    verdict = by_python(call)
    assert verdict.refused is not fits, f"{call}\n{verdict.text}"


@FEW
@given(st.integers(0, 2**32))
def test_order_of_parameters_does_not_matter(seed: int) -> None:
    call = drawn(seed)
    order = list(range(len(call.arguments)))
    Random(seed).shuffle(order)
    assert by_python(call).refused == by_python(call.reordered(order)).refused, str(call)


@FEW
@given(st.integers(0, 2**32))
def test_torchscript_takes_the_graph_guard(seed: int) -> None:
    call = drawn(seed)
    assume(graph_annotations(call) is not None)
    check_scripted(call)


def test_torchscript_takes_an_optional_within_a_tuple() -> None:
    hint = tuple[Shaped[Tensor, "N"], Shaped[Tensor, "N"] | None]
    for value in ((z(2), None), (z(2), z(2)), (z(2), z(3))):
        check_scripted(call_of({"pair": hint}, (value,), None))


def check_scripted(call: Call) -> None:
    """Compiles the guard of a graph, and holds the graph to what the guard says as Python."""
    source, names = graph_source(call, graph_annotations(call))
    file = f"<scripted guard {id(call)}>"
    space = {**names, "__name__": "guards"}
    exec(compile(source, file, "exec"), space)
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    try:
        scripted = torch.jit.script(space["check"])
    finally:
        del linecache.cache[file]
    result = None if isinstance(call.signature.result, PlainHint) else call.result
    if by_graph(call).refused:
        with pytest.raises(torch.jit.Error, match="namedtorch: "):
            scripted(*call.arguments, result)
    else:
        scripted(*call.arguments, result)


def call_of(annotations: dict[str, Any], arguments: tuple[Any, ...], result: Any) -> Call:
    """The call of a function with these annotations."""
    names = ", ".join(name for name in annotations if name != "return")
    function = eval(f"lambda {names}: None")
    function.__annotations__ = annotations
    signature = signature_of(function)
    return Call(signature, build_plan(signature), arguments, result, False)
