"""Calls of graphs: the defaults that a graph has, and what its guard says when it refuses."""

import inspect
import re
from typing import Any

import torch

from namedtorch.diagnostics import DimError, Failure
from namedtorch.diagnostics.codes import code_of
from namedtorch.lower.torchscript import Script

_REFUSAL = re.compile(r"namedtorch: ([^\n]+)\s*$")


def defaults_of(script: Script) -> list[Any]:
    """The defaults of the forward's parameters, in order and without `self`; `inspect.Parameter.empty` for none."""
    forward: Any = script if isinstance(script, torch.jit.ScriptFunction) else script.forward
    arguments = [one for one in forward.schema.arguments if one.name != "self"]
    return [one.default_value if one.has_default_value() else inspect.Parameter.empty for one in arguments]


def refusal_of(error: BaseException, name: str) -> DimError | None:
    """The error of what a guard in a graph refused, out of torch's own; None for an error of another kind.

    Python's guard checks arguments before torch is entered, so this is what the graph says of its result.
    """
    found = _REFUSAL.search(str(error))
    if found is None:
        return None
    code, fields = code_of(found[1])
    axis, actual = fields.get("axis", ""), fields.get("actual", "")
    failure = Failure(
        code,
        found[1],
        fields.get("argument"),
        fields.get("dim"),
        int(axis) if axis.isdigit() else None,
        fields.get("expected"),
        int(actual) if actual.isdigit() else actual or None,
    )
    return DimError.of([failure], function=name)
