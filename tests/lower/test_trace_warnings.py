"""What a trace loses of the source is told at the user's lines, and nothing else is."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from namedtorch import lower
from namedtorch.lower.trace_call import trace_call
from namedtorch.lower.tracing import traced_function, traced_module
from tests.lower import lost_branches
from tests.lower.traced_models import Mixed

FUNCTIONS = [
    one for name, one in vars(lost_branches).items() if inspect.isfunction(one) and name != "how_many"
]
LINES = Path(lost_branches.__file__).read_text().splitlines()


def expected(*things: Any) -> list[tuple[int, str]]:
    """The losses that the lines of functions and classes name."""
    found: list[tuple[int, str]] = []
    for one in things:
        lines, first = inspect.getsourcelines(one)
        found += [(first + place, line) for place, line in enumerate(lines) if "# lost: " in line]
    # One that stands alone is about the next line.
    found = [(number + line.strip().startswith("#"), line) for number, line in found]
    return [(number, line.partition("# lost: ")[2].rstrip()) for number, line in sorted(found)]


def test_every_function_has_its_lines() -> None:
    known = expected(*FUNCTIONS, lost_branches.how_many, lost_branches.Switch)
    assert len(known) == sum("# lost: " in line for line in LINES) > 15


@pytest.mark.parametrize("function", FUNCTIONS, ids=[one.__name__ for one in FUNCTIONS])
def test_losses_are_told_at_their_lines(function: Callable[..., Any]) -> None:
    x = torch.linspace(0.1, 0.9, 12).reshape(3, 4)
    call = trace_call(inspect.signature(function), (x,), {})
    assert inspect.isfunction(function)
    found = traced_function(function, call, function.__name__).warnings
    inner = [lost_branches.how_many] if function is lost_branches.over_functions else []
    assert [(one.line, one.what) for one in found] == expected(function, *inner)
    assert all(one.file == lost_branches.__file__ and one.remedy for one in found)


def test_settings_of_a_module_are_no_data() -> None:
    model = lost_branches.Switch()
    call = trace_call(inspect.signature(model.forward), (torch.rand(2, 4),), {})
    found = traced_module(model, {"forward": call}, "Switch").warnings
    assert [(one.line, one.what) for one in found] == expected(lost_branches.Switch)
    assert found[0].function == "Switch.forward"
    assert found[0].text.startswith("if self.seen > 3:")


def test_checks_inside_of_torch_are_not_the_users() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout())
    call = trace_call(inspect.signature(model.forward), (torch.rand(2, 4),), {})
    assert traced_module(model, {"forward": call}, "Sequential").warnings == ()


def test_report_of_a_model_lists_them_in_the_order_of_lines() -> None:
    lowered = lower(Mixed(), method="trace", example=(torch.ones(2, 4),), verify=False)
    warnings = lowered.report.warnings
    assert [one.what.partition(" is ")[0] for one in warnings] == ["`x.sum() > 0`", "`x.size(0) > 2`"]
    text = str(lowered.report)
    for one in warnings:
        assert f"  warning: {one.place}: {one.what}; {one.remedy}" in text
    data = lowered.report.to_dict()["choices"][0]
    assert [one["line"] for one in data["warnings"]] == [one.line for one in warnings]


def test_a_debugger_that_was_there_is_there_again() -> None:
    import sys

    before = sys.gettrace()

    def watch(*_: Any) -> None:
        return None

    sys.settrace(watch)
    try:
        call = trace_call(inspect.signature(lost_branches.kept), (torch.rand(2, 4),), {})
        traced_function(lost_branches.kept, call, "kept")
        assert sys.gettrace() is watch
    finally:
        sys.settrace(before)
