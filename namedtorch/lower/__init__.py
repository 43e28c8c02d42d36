"""Annotated modules and functions to TorchScript, their guard inside."""

import sys
from types import ModuleType
from typing import Any

from namedtorch.lower.entry import Guards as Guards
from namedtorch.lower.entry import lower as lower
from namedtorch.lower.lowered import Lowered as Lowered


class _Room(ModuleType):
    """`namedtorch.lower` names this room and the function in it: Python sets the room there when it is imported."""

    __wrapped__ = staticmethod(lower)

    def __call__(self, *args: Any, **kwargs: Any) -> Lowered:
        return lower(*args, **kwargs)


sys.modules[__name__].__class__ = _Room
