"""Every row of the table, held to torch on the meta device."""

import importlib
import pkgutil
from pathlib import Path

import pytest

from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.table import MODULES, OPERATORS
from tests.ops import oracle
from tests.ops.oracle import Case, ModuleCase, call, check, check_module, t
from tests.ops.together import grouped, hold

_FOLDER = Path(__file__).parent / "cases"
_FAMILIES = [
    importlib.import_module(f"tests.ops.cases.{one.name}") for one in pkgutil.iter_modules([str(_FOLDER)])
]

CASES: list[Case] = [case for family in _FAMILIES for case in getattr(family, "CASES", ())]
MODULE_CASES: list[ModuleCase] = [
    case for family in _FAMILIES for case in getattr(family, "MODULE_CASES", ())
]

BY_SPELLING = grouped(CASES, lambda case: case.spelling)
BY_MODULE = grouped(MODULE_CASES, lambda case: case.name)


@pytest.mark.parametrize("spelling", BY_SPELLING)
def test_row_agrees_with_torch(spelling: str) -> None:
    hold(BY_SPELLING[spelling], check)


@pytest.mark.parametrize("name", BY_MODULE)
def test_module_agrees_with_torch(name: str) -> None:
    hold(BY_MODULE[name], check_module)


def test_every_row_of_an_operator_has_a_case() -> None:
    tried = {OPERATORS[case.spelling] for case in CASES if case.spelling in OPERATORS}
    # What names are given by is no operator of torch, and is held to the plain steps that carry it out.
    rules = [rule for rule in dict.fromkeys(OPERATORS.values()) if not rule.name.startswith("namedtorch.")]
    assert [rule.name for rule in rules if rule not in tried] == []


def test_every_row_of_a_module_with_a_forward_has_a_case() -> None:
    tried = {case.name for case in MODULE_CASES}
    assert (
        sorted(name for name, rule in MODULES.items() if (rule.forward or rule.operate) and name not in tried)
        == []
    )


def test_wrong_row_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    case = call("torch.sum", t(2, 3), 1)
    check(case)
    kept = OpRule("torch.sum", "input, dim=None", lambda call: call.shape("input"))
    monkeypatch.setattr(oracle, "operator_for", lambda name: kept)
    with pytest.raises(AssertionError):
        check(case)


def test_every_case_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = OpRule("torch.sum", "input, dim=None", lambda call: call.shape("input"))
    monkeypatch.setattr(oracle, "operator_for", lambda name: kept)
    with pytest.raises(ExceptionGroup) as caught:
        hold(
            [call("torch.sum", t(2, 3), 1), call("torch.abs", t(2, 3)), call("torch.sum", t(2, 3), 0)], check
        )
    assert [one.__notes__ for one in caught.value.exceptions] == [
        ["case: torch.sum(T(2, 3), 1)"],
        ["case: torch.sum(T(2, 3), 0)"],
    ]
