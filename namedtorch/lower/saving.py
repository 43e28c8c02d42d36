"""Saving: a lowered model to a file that torch, or the lite interpreter, is known to read again."""

import os
from collections.abc import Sequence
from pathlib import Path

from namedtorch.archive.atomic import atomic
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal import seal
from namedtorch.archive.targets import SUFFIXES, Target, target_of
from namedtorch.diagnostics import LowerError
from namedtorch.lower.graphs import PythonCall, check_loads, python_calls, unreadable
from namedtorch.lower.mobile.lite_limits import lite_limit
from namedtorch.lower.stages import reason_of
from namedtorch.lower.torchscript import Script, save_lite, save_script

_SCRIPTS: tuple[Target, ...] = ("torchscript", "lite")
"""The targets whose graphs are TorchScript: what was lowered for none is saved for either."""


def check_suffix(path: str | os.PathLike[str], target: Target | None) -> str:
    """The suffix of a file; raises LowerError for one that is no archive's, or not that of the target."""
    shown, suffix = repr(os.fspath(path)), Path(path).suffix
    meant = target_of(suffix)
    if target is not None and meant != target:
        wanted = SUFFIXES[target]
        stem = Path(path).stem if meant is not None else Path(path).name
        other = ""
        if meant in _SCRIPTS and target in _SCRIPTS:
            other = ", or lower it for both, without to="
        elif meant is not None:
            other = f', or lower it for that: lower(model, to="{meant}")'
        raise LowerError(
            f'can\'t save {shown}: the model was lowered with to="{target}", and such a file ends in {wanted}: '
            f"write {stem}{wanted}{other}"
        )
    if meant is None:
        raise LowerError(
            f"can't save {shown}: a file ends in .pt (TorchScript) or .ptl (lite interpreter), not {suffix!r}"
            if suffix
            else f"can't save {shown}: add .pt (TorchScript) or .ptl (lite interpreter) to its name"
        )
    if meant not in _SCRIPTS and target is None:
        raise LowerError(
            f"can't save {shown}: the model was lowered to TorchScript, and its file ends in .pt (TorchScript) or .ptl "
            f'(lite interpreter); for this one write lower(model, to="{meant}")'
        )
    return suffix


def save(
    script: Script,
    manifest: Manifest,
    path: str | os.PathLike[str],
    target: Target | None = None,
    *,
    debug: bool = False,
) -> None:
    """Writes a graph with its manifest and digests to `.pt`, or to `.ptl` for the lite interpreter.

    The file is there whole or not at all: one that fails to be written leaves the old one, and one that torch could
    not load again is not written. `debug` adds to a .ptl where in the source each instruction comes from. Raises
    LowerError for a suffix that is not the target's and for what torch can't save or load, ArchiveError where nothing
    can be written.
    """
    name, suffix = Path(path).name, check_suffix(path, target)
    calls = python_calls(script)
    if calls:
        raise LowerError(_calls_python(name, calls))
    weight = unreadable(script)
    if weight is not None:
        raise LowerError(_not_read_again(name, f"a {weight} is written without its value"))
    lite = suffix == SUFFIXES["lite"]
    limit = lite_limit(script, manifest.methods, "save it as .pt") if lite else None
    if limit is not None:
        raise LowerError(f"can't save {name!r}: {limit}")
    with atomic(path) as temporary:
        if lite:
            save_lite(script, temporary, {}, debug=debug)
        else:
            # The source of each line stands in such a file always.
            save_script(script, temporary, {})
        seal(temporary, manifest, os.fspath(path))
        try:
            check_loads(temporary)
        # torch reads the file in C++ and lets out what falls there.
        except Exception as error:
            remedy = "save it as .pt, which takes more than the lite interpreter" if lite else ""
            raise LowerError(_not_read_again(name, reason_of(error), remedy)) from error


def _not_read_again(name: str, reason: str, remedy: str = "") -> str:
    remedy = remedy or (
        "save it as it was before torch.jit.optimize_for_inference, or what else was done to its graph"
    )
    return f"can't save {name!r}: torch writes this module, but can't load it again ({reason}); {remedy}"


def _calls_python(name: str, calls: Sequence[PythonCall]) -> str:
    many = len(calls) > 1
    lines = [f"can't save {name!r}: the graph calls Python, which no file can hold"]
    for one in calls:
        defined = f" ({one.definition})" if one.definition else ""
        lines.append(
            f"  {one.place or 'unknown place'}: `{one.name}`{defined}, left in Python by @torch.jit.ignore"
        )
    lines.append(
        f"  take @torch.jit.ignore off, so that {'they are' if many else 'it is'} compiled, or write @torch.jit.unused "
        f"if the saved model never calls {'them' if many else 'it'}: a call then raises"
    )
    return "\n".join(lines)
