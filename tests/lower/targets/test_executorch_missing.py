"""What is said where ExecuTorch is not installed."""

from importlib.util import find_spec

import pytest

from namedtorch.deploy.runtimes.executorch import open_executorch
from namedtorch.diagnostics import ArchiveError, LowerError
from namedtorch.lower.targets.executorch import to_executorch
from tests.lower.targets.flat_programs import small

pytestmark = pytest.mark.skipif(find_spec("executorch") is not None, reason="the extra is installed")


def test_lowering_says_what_to_install() -> None:
    with pytest.raises(LowerError) as refused:
        to_executorch(*small(16), [])
    assert str(refused.value) == 'to="executorch" needs executorch: pip install "namedtorch[executorch]"'


def test_loading_says_what_to_install() -> None:
    with pytest.raises(ArchiveError) as refused:
        open_executorch(b"", small()[1], "models/small.pte")
    assert str(refused.value) == (
        "models/small.pte: is an ExecuTorch program, and loading it needs executorch: pip install "
        '"namedtorch[executorch]"'
    )
