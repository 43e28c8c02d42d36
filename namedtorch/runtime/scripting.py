"""What `torch.jit.script` is told of checked code: torch asks modules and functions how they want to be compiled.

torch calls `__prepare_scriptable__` of every module and function before it reads their source. Where something is
checked, the answer is the same code with its guard written in, which the room that lowers makes; it is loaded then.
"""

from collections.abc import Callable
from typing import Any, cast

from torch import nn

import namedtorch

_ASKED = "__prepare_scriptable__"


def tell_torch() -> None:
    """Makes torch ask here about every module that has no answer of its own.

    The method stands on `nn.Module`, since a plain module may hold checked ones: torch writes the answers of submodules
    into the module around them, so it is the outermost that must answer.
    """
    if not hasattr(nn.Module, _ASKED):
        setattr(nn.Module, _ASKED, _scriptable_module)


def _scriptable_module(self: nn.Module) -> nn.Module:
    """The module that torch compiles for this one: itself, unless something in it is checked."""
    return namedtorch._scriptable(self)


def mark(made: Callable[..., Any]) -> None:
    """Makes torch ask here about a checked function, and about modules from now on."""
    tell_torch()

    def scriptable() -> Callable[..., Any]:
        return namedtorch._scriptable(made)

    cast("Any", made).__prepare_scriptable__ = scriptable
