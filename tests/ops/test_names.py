"""Which names the results of operators carry, family by family."""

import importlib
import pkgutil

import pytest

from tests.ops import names as families
from tests.ops.names.harness import NamesCase, check, names
from tests.ops.oracle import t
from tests.ops.together import grouped, hold

CASES: list[NamesCase] = [
    case
    for module in pkgutil.iter_modules(families.__path__)
    if module.name != "harness"
    for case in importlib.import_module(f"tests.ops.names.{module.name}").CASES
]

BY_SPELLING = grouped(CASES, lambda case: case.spelling)


@pytest.mark.parametrize("spelling", BY_SPELLING)
def test_names_behind_operators(spelling: str) -> None:
    hold(BY_SPELLING[spelling], check)


def test_a_wrong_expectation_fails() -> None:
    with pytest.raises(AssertionError, match="the row gives N T"):
        check(names("N C T -> N C", "torch.sum", t(2, 3, 5), dim=1))
    with pytest.raises(AssertionError, match="refused"):
        check(names("N C T -> N T", "torch.sum", t(2, 3, 5), dim="H"))
