"""The packages that the page of a report needs, and nothing else does."""

from importlib import import_module
from typing import Any

from namedtorch.diagnostics import MissingDependencyError

INSTALL = "pip install 'namedtorch[report]'"
"""What brings them."""


def needed(module: str) -> Any:
    """A module of an optional package; raises MissingDependencyError, with what to do, where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingDependencyError(
            f"the page of a report needs {module.partition('.')[0]}, which is not installed: {INSTALL}; its text, "
            "print(report), and report.to_json() need nothing"
        ) from error
