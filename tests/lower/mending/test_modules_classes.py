"""Base classes, attributes that may be None, state and computed weights, mended."""

from pathlib import Path

import pytest

from tests.lower.mending.module_case import Case, hold
from tests.lower.mending.module_cases_classes import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.construct)
def test_refused_by_torch_and_mended_here(case: Case, tmp_path: Path) -> None:
    assert case.becomes in hold(case, tmp_path)
