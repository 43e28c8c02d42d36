"""Off and on: the environment for a process, a context manager for a thread."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

VARIABLE = "NAMEDTORCH_CHECKS"
"""The environment variable that turns checks off for a process: `off`."""


def _from_environment() -> bool:
    return os.environ.get(VARIABLE, "on").strip().lower() not in ("off", "0", "false", "no")


class Switch(threading.local):
    """Whether checks are on in this thread. A thread-local, since torch.compile traces through one."""

    on: bool = _from_environment()


SWITCH = Switch()


@contextmanager
def checking(mode: Literal["on", "off"]) -> Iterator[None]:
    """Turns the checks of `@checked` functions off or on in this thread, as long as the context lasts.

    It does not reach a guard inside a graph: what `lower` wrote there stays. Raises `ValueError` for another mode.
    """
    if mode not in ("on", "off"):
        raise ValueError(f'checking takes "on" or "off", not {mode!r}')
    before = SWITCH.on
    SWITCH.on = mode == "on"
    try:
        yield
    finally:
        SWITCH.on = before
