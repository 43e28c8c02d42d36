"""Calls of the command line in this process."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from namedtorch.cli import main


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code, and what it wrote to the standard output and error."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs `namedtorch` with these words."""

    def call(*words: object) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Outcome(code, *capsys.readouterr())

    return call
