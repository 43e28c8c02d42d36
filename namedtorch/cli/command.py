"""What a command is, and what it answers."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say: text for people, and the same as JSON-able data for programs (`--json`)."""

    text: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what is to be known of it besides its options, examples, its options, and what it does.

    `run` returns when all is well, and raises an error of namedtorch, `Refused` or `WrongUse` otherwise. It prints
    nothing by itself on the standard output, which belongs to the answer.
    """

    notes: str
    examples: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Answer]
