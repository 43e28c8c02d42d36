"""The three enforcers of a signature agree: the Python guard, the explaining matcher, the guard in a graph."""

import linecache
from random import Random

import pytest
import torch
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from namedtorch.signature.hints import PlainHint
from tests.guards.calls import Call, draw_call
from tests.guards.enforcers import ACCEPTED, by_graph, by_matcher, by_python, graph_annotations, graph_source

FEW = settings(max_examples=40, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=300, suppress_health_check=list(HealthCheck))


def drawn(seed: int) -> Call:
    call = draw_call(Random(seed))
    assume(call is not None)
    assert call is not None
    return call


@MANY
@given(st.integers(0, 2**32))
@example(5)  # two groups in a container whose elements have dims of their own
@example(13)
@example(35)  # arithmetic between two groups, with a dim that an empty list leaves unbound
@example(861)
@example(205)  # a shape with `?B` and `B`
@example(957)  # a constraint with a dim that only the result binds
@example(1154)  # a label between two groups
def test_three_enforcers_agree(seed: int) -> None:
    call = drawn(seed)
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


@MANY
@given(st.integers(0, 2**32))
def test_a_graph_names_what_it_refuses(seed: int) -> None:
    call = drawn(seed)
    graph = by_graph(call)
    if graph.refused:
        assert graph.text.startswith("namedtorch: "), graph.text
        assert "`" in graph.text
        assert "{" not in graph.text.replace("{n}", "")


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
    annotations = graph_annotations(call)
    assume(annotations is not None)
    source, names = graph_source(call, annotations)
    file = f"<scripted guard {seed}>"
    space = {**names, "__name__": "guards"}
    exec(compile(source, file, "exec"), space)
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    try:
        scripted = torch.jit.script(space["check"])
    finally:
        del linecache.cache[file]
    given_result = None if isinstance(call.signature.result, PlainHint) else call.result
    python = by_graph(call)
    if python.refused:
        with pytest.raises(torch.jit.Error) as caught:
            scripted(*call.arguments, given_result)
        assert "namedtorch: " in str(caught.value)
    else:
        scripted(*call.arguments, given_result)
