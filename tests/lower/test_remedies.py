"""The way around each construct compiles, and computes what the refused model does in Python."""

from pathlib import Path

import pytest
import torch

from tests.lower.constructs.case import Case, model
from tests.lower.constructs.cases import CASES
from tests.lower.unverified import lower


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.construct)
def test_the_way_around_compiles_and_gives_the_same(case: Case, tmp_path: Path) -> None:
    x = torch.arange(6.0).view(2, 3)
    eager = model(case.remedied, tmp_path / "remedied.py")
    lowered = lower(eager)
    torch.manual_seed(0)
    wanted = eager(x.clone())
    torch.manual_seed(0)
    torch.testing.assert_close(lowered(x.clone()), wanted)
    if case.same:
        refused = model(case.refused, tmp_path / "refused.py")
        torch.testing.assert_close(refused(x.clone()), wanted)
