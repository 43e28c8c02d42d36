"""The answer of a command that judges."""

from dataclasses import dataclass

from namedtorch.cli.command import Answer
from namedtorch.cli.outcome import FINE


@dataclass(frozen=True, slots=True)
class Verdict(Answer):
    """An answer with the exit code that says what was found, and what goes to the standard error besides."""

    exit: int = FINE
    aside: str = ""
