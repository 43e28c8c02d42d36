"""Examples are found as a user finds them: by `import`, from their own folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def examples_on_the_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`import digits` finds the example during a test, and no other test does."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield
    for example in EXAMPLES.glob("*.py"):
        sys.modules.pop(example.stem, None)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """torch runs on one thread, as threads cost small models more than they give."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
