"""The report of a lowering: a text for people, data for programs, the same facts in both."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import Finding, Float, LowerError, lower
from namedtorch.lower.lowering_report import REFUSED, Choice, LoweringReport
from namedtorch.lower.verify import VerifyError
from tests.lower.traced_models import Mixed, Normed

REFUSALS = tuple(
    Finding("net.py", line, f"`try` {line}", "write it otherwise", "try:", "Gate.forward")
    for line in range(1, 6)
)
LOST = Finding(
    "net.py", 9, "`x.sum() > 0` is decided once, for all calls", "use torch.where", "if x.sum() > 0:"
)


@dataclass(frozen=True)
class Compared:
    """Stands for what a verification says."""

    def to_dict(self) -> Mapping[str, Any]:
        return {"is_same": True}

    def __str__(self) -> str:
        return "verified: Net as the original at N=2"


REPORT = LoweringReport(
    (
        Choice("", "Net", "script"),
        Choice("gate", "Gate", "trace", REFUSED, REFUSALS, (LOST,), ("`by` is fixed to 2",)),
    ),
    Compared(),
)


def test_text_says_each_choice_its_reason_and_what_it_keeps_fixed() -> None:
    assert (
        str(REPORT)
        == """\
`Net` is scripted
`gate` (Gate) is traced: TorchScript can't take its code
  net.py:1: `try` 1
  net.py:2: `try` 2
  net.py:3: `try` 3
  ... and 2 more, all in `.refused`
  note: `by` is fixed to 2
  warning: net.py:9: `x.sum() > 0` is decided once, for all calls; use torch.where
verified: Net as the original at N=2"""
    )
    assert REPORT.traced == ("gate",)
    assert REPORT.warnings == (LOST,)


def test_data_has_everything_that_the_text_says() -> None:
    data = REPORT.to_dict()
    assert json.loads(json.dumps(data))["choices"][1]["reason"] == REFUSED
    script, trace = data["choices"]
    assert (script["path"], script["class"], script["method"], script["refused"]) == ("", "Net", "script", [])
    assert [one["line"] for one in trace["refused"]] == [1, 2, 3, 4, 5]
    assert trace["warnings"] == [LOST.to_dict()]
    assert trace["notes"] == ["`by` is fixed to 2"]
    assert (data["verification"], data["unverified"]) == ({"is_same": True}, "")


@pytest.mark.parametrize("method", ["script", "auto", "trace"])
def test_report_of_a_model_that_was_compared(method: Any) -> None:
    report = lower(Normed(), method=method).report
    assert report.verification is not None
    data = report.to_dict()
    assert data["verification"]["is_same"]
    assert json.loads(json.dumps(data))["verification"]["comparisons"]
    assert "verified: Normed as the original at N=" in str(report)


def test_report_says_that_nothing_was_compared_and_why() -> None:
    report = lower(Normed(), verify=False).report
    assert (report.verification, report.unverified) == (None, "verify=False leaves the comparison out")
    assert str(report).endswith("not verified: verify=False leaves the comparison out")


def test_report_stays_with_a_frozen_model() -> None:
    lowered = lower(Normed(), verify=False)
    assert lowered.freeze().report is lowered.report


class Drifting(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x * 2 if x.size(0) > 1 else x


def test_failed_comparison_names_the_branches_that_the_trace_lost() -> None:
    with pytest.raises(VerifyError) as refused:
        lower(Drifting(), method="trace")
    text = str(refused.value)
    assert "`x.size(0) > 1` is decided once, for all calls" in text.splitlines()[-1]
    assert refused.value.verification.comparisons
    assert isinstance(refused.value, LowerError)


def test_warnings_of_several_traces_are_listed_once() -> None:
    report = lower(Mixed(), method="trace", example=(torch.ones(2, 4),), verify=False).report
    assert len(set(report.warnings)) == len(report.warnings) == 2
