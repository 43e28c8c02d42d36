"""Copies of a lowered model whose calls leave nothing behind in the model: no state, and nothing that torch optimizes.

torch keeps what it learns from calls with the code of a graph, which copies of a module share: sizes that it saw, and
in which form it keeps the graph. A module that was written and read again has code of its own.
"""

import contextlib
import copy
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch

from namedtorch.lower.graphs import has_hooks, method_names, python_calls
from namedtorch.lower.torchscript import Script, quiet


@dataclass(frozen=True, slots=True)
class Isolated:
    """A lowered model to make copies of; `is_apart` tells that its code is not shared with what the user has.

    What can't be written (calls of Python, hooks around a module, functions) shares it.
    """

    script: Script
    is_apart: bool

    def copy(self) -> Script:
        """A copy of a module, whose parameters are leaves as those of the module are; a function as it is."""
        if isinstance(self.script, torch.jit.ScriptFunction):
            return self.script
        with torch.no_grad():
            made = copy.deepcopy(self.script)
        for one, own in zip(made.parameters(), self.script.parameters(), strict=True):
            one.requires_grad_(own.requires_grad)
        return made

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Where it is called: torch does not optimize code that is called a few times, at other sizes each time."""
        with cast("Any", torch.jit).optimized_execution(not self.is_apart):
            yield


def isolated(script: Script) -> Isolated:
    """A lowered model, its code its own where torch can write and read it."""
    if isinstance(script, torch.jit.ScriptFunction) or has_hooks(script) or python_calls(script):
        return Isolated(script, False)
    try:
        with quiet():
            buffer = io.BytesIO()
            torch.jit.save(script, buffer)
            buffer.seek(0)
            made = torch.jit.load(buffer)
        for name in method_names(made):
            # Functions of torch's own are one for all graphs: torch has to optimize them before it is told not to.
            _ = cast("Any", made)._c._get_method(name).inlined_graph
        return Isolated(made, True)
    # What torch can't write or read is said where it is saved; here the model is as good without.
    except Exception:
        return Isolated(script, False)
