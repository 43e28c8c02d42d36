"""Placeholder."""

from collections.abc import Callable
from typing import Any, Final

METHODS: Final[dict[str, Callable[..., Any]]] = {}
"""Methods of NamedTensor by name."""
