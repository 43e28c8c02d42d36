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
from namedtorch.signature.hints import PlainHint
from tests.guards.assignments import has_assignment
from tests.guards.calls import Call, draw_call
from tests.guards.cases import SEEN, call_of
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
    for value in ((torch.zeros(2), None), (torch.zeros(2), torch.zeros(2)), (torch.zeros(2), torch.zeros(3))):
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
