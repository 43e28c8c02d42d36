"""The packages that targets beside torch's own need: extras of namedtorch."""

from importlib import import_module
from typing import Any, Literal

from namedtorch.diagnostics import LowerError

Extra = Literal["onnx", "executorch"]
"""The extras that bring them, named like the targets."""


def lacking(extra: Extra, error: ImportError) -> str:
    """What is missing, and what installs it: the rest of a sentence that begins with who needs it."""
    package = (error.name or extra).partition(".")[0]
    return f'needs {package}: pip install "namedtorch[{extra}]"'


def needed(module: str, extra: Extra) -> Any:
    """A module of an extra; raises LowerError, with what to install, where it is missing."""
    try:
        return import_module(module)
    except ImportError as error:
        raise LowerError(f'to="{extra}" {lacking(extra, error)}') from error
