"""What a command is."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, what it does in a line, examples, its options, and the function that does it.

    `run` returns when all is well, and raises an error of namedtorch, `Refused` or `WrongUse` otherwise.
    """

    name: str
    what: str
    examples: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]
