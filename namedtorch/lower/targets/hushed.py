"""Libraries that talk of themselves, hushed while something of ours runs."""

import contextlib
import logging
import warnings
from collections.abc import Iterator, Sequence


@contextlib.contextmanager
def hushed(messages: Sequence[str], names: Sequence[str]) -> Iterator[None]:
    """Silences the warnings whose texts begin as these patterns say, and what these loggers say short of errors."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [one.level for one in loggers]
    with warnings.catch_warnings():
        for message in messages:
            for category in (DeprecationWarning, FutureWarning, UserWarning):
                warnings.filterwarnings("ignore", message, category)
        try:
            for one in loggers:
                one.setLevel(logging.ERROR)
            yield
        finally:
            for one, level in zip(loggers, levels, strict=True):
                one.setLevel(level)
