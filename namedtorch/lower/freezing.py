"""Freezing: a module whose weights become constants of its graph, and the manifest of what comes out."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import LowerError
from namedtorch.lower.graphs import frozen_module, has_hooks, holds
from namedtorch.lower.mobile.packed_weights import keep_packed_weights
from namedtorch.lower.mobile.shared_constants import share_constants
from namedtorch.lower.stages import FROZEN
from namedtorch.lower.torchscript import Script


def frozen(
    script: Script, manifest: Manifest, preserve: Sequence[str] = ()
) -> tuple[torch.jit.ScriptModule, Manifest]:
    """Freezes a module; its exported methods stay, and what `preserve` names. The module itself stays as it is.

    Raises LowerError for a function, a module in training mode, one with hooks, and one that is frozen.
    """
    name = manifest.name
    if isinstance(script, torch.jit.ScriptFunction):
        raise LowerError(f"{name} is a function, which has no weights to freeze; only modules can be frozen")
    if FROZEN in manifest.stages:
        raise LowerError(f"{name} is frozen already")
    if script.training:
        raise LowerError(
            f"{name} is in training mode, and a frozen module can't be trained: lower it without train=True"
        )
    if has_hooks(script):
        raise LowerError(
            f"{name} has forward hooks, which torch.jit.freeze drops: move what they do into forward, or hook a "
            "part of the module"
        )
    kept = [one for one in manifest.methods if one != "forward"]
    kept += [one for one in ([preserve] if isinstance(preserve, str) else preserve) if one not in kept]
    try:
        made = frozen_module(script, kept)
    except RuntimeError as error:
        headline = str(error).strip().partition("\n")[0]
        raise LowerError(f"{name} can't be frozen: {headline}") from error
    keep_packed_weights(made)
    if len(manifest.methods) > 1:
        share_constants(made, list(manifest.methods))
    # What is packed is held by objects, which have no path to it.
    state = {path: one for path, one in manifest.state.items() if one.kind == "packed" or holds(made, path)}
    return made, replace(manifest, stages=(*manifest.stages, FROZEN), state=state)
