"""The calls that `speed.py` compares, one by one under pytest-benchmark. No time is asserted: a machine may be busy."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from blend import BLEND
from interleave import undisturbed
from moments import IMPORT, Bodiless, decorated, first_call, graphs, mobilenet, one_image, refused
from pytest_benchmark.fixture import BenchmarkFixture
from speed import SUBJECTS, Row
from subject import BEARTYPE, NAMEDTORCH, PLAIN, Subject

from namedtorch import checking

UNCHECKED = (PLAIN, BEARTYPE)

CALLS = [pytest.param(one, form, id=f"{one.name}-{form}") for one in SUBJECTS for form in one.functions]
EACH_SUBJECT = pytest.mark.parametrize("subject", [pytest.param(one, id=one.name) for one in SUBJECTS])


@pytest.mark.parametrize(("subject", "form"), CALLS)
def test_call(benchmark: BenchmarkFixture, subject: Subject, form: str) -> None:
    benchmark.group = subject.name
    function = subject.functions[form]
    function(*subject.arguments)  # the first call may write the checks
    assert benchmark(function, *subject.arguments) is subject.arguments[0]


@pytest.mark.parametrize(("subject", "form"), CALLS)
def test_what_is_compared_refuses_what_does_not_fit(subject: Subject, form: str) -> None:
    function = subject.functions[form]
    if form in UNCHECKED:
        function(*subject.unfit)
    else:
        with pytest.raises((TypeError, ValueError)):
            function(*subject.unfit)


@EACH_SUBJECT
def test_call_with_checks_off(benchmark: BenchmarkFixture, subject: Subject) -> None:
    benchmark.group = subject.name
    with checking("off"):
        assert benchmark(subject.functions[NAMEDTORCH], *subject.unfit) is subject.unfit[0]


@EACH_SUBJECT
def test_failing_call(benchmark: BenchmarkFixture, subject: Subject) -> None:
    error = benchmark(refused, subject)
    assert [one.axis for one in error.failures] == [3]


def test_decoration(benchmark: BenchmarkFixture) -> None:
    assert callable(benchmark.pedantic(decorated, rounds=50, warmup_rounds=3))


def test_first_call(benchmark: BenchmarkFixture) -> None:
    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (first_call(BLEND.arguments),), {}

    benchmark.pedantic(lambda call: call.function(*call.arguments), setup=setup, rounds=50, warmup_rounds=3)


def test_import(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", IMPORT], check=True), rounds=7, warmup_rounds=1
    )


@pytest.mark.parametrize(
    "model", [pytest.param(mobilenet, id="MobileNetV2"), pytest.param(Bodiless, id="no body")]
)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "bare"])
def test_graph(benchmark: BenchmarkFixture, model: Any, guarded: bool) -> None:
    benchmark.group = model.__name__
    graph = graphs(model())[0 if guarded else 1]
    with torch.no_grad(), undisturbed():
        for _ in range(3):
            graph(one_image())  # torch optimises a graph in its first calls
        assert benchmark(graph, one_image()).shape == (1, 1000)
        if guarded:
            with pytest.raises(torch.jit.Error, match="namedtorch:"):
                graph(one_image().permute(0, 2, 3, 1))


def test_a_row_holds_up_to_its_bar() -> None:
    assert Row("x", "1 us", "at most 1 us", 1.0).cells()[-1] == "yes"
    assert Row("x", "1.1 us", "at most 1 us", 1.1).cells()[-1] == "no"
    assert Row("x", "1 us").cells() == ("x", "1 us", "", "", "")
