"""The operators of models, as builds of the lite interpreter read them that hold no others.

What a phone runs is the bytecode in the file: its list is the one that counts, and holds what the guard calls, too.
Those are the operators that a model calls itself; a build adds what they call in turn.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch.jit import mobile

from namedtorch.archive.atomic import atomic
from namedtorch.archive.container import read_archive
from namedtorch.archive.manifest import AGAIN, Manifest
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import ArchiveError, LowerError
from namedtorch.lower.mobile.lite_limits import lite_limit
from namedtorch.lower.operators import require_operators
from namedtorch.lower.torchscript import Script, open_archive, save_lite

# What YAML takes for nothing else than text.
_PLAIN = re.compile(r"[A-Za-z_]\w*::[\w.]*\w", re.ASCII)


class _Lowered(Protocol):
    """A model that knows its operators."""

    @property
    def operators(self) -> tuple[str, ...]: ...


Listed = _Lowered | str | os.PathLike[str]
"""A lowered model, or the path of an archive."""


def operators_of(script: Script, manifest: Manifest) -> tuple[str, ...]:
    """The operators that the lite interpreter calls for a graph, with their overloads, in order.

    Raises LowerError for a graph that it can't take.
    """
    limit = lite_limit(
        script,
        manifest.methods,
        "lower the model for torch itself, where lists of operators are not asked for",
    )
    if limit is not None:
        raise LowerError(f"{manifest.name} has no list of operators: {limit}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.ptl")
        save_lite(script, path, {})
        return _in_bytecode(path)


def operators_in(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """The operators that the lite interpreter calls for the model of an archive (.ptl, .pt).

    Raises ArchiveError, one line, for what is no archive, and for operators that this process lacks; LowerError for a
    .pt that the lite interpreter can't take.
    """
    archive, where = read_archive(path), one_line(os.fspath(path))
    if archive.lite:
        try:
            return _in_bytecode(Path(path))
        # torch reads the bytecode in C++ and lets out what falls there.
        except Exception as error:
            raise ArchiveError(
                f"{where}: its bytecode can't be read ({one_line(str(error), 200)}); {AGAIN}"
            ) from error
    require_operators(archive.manifest.operators, where)
    return operators_of(open_archive(path, torch.device("cpu")), archive.manifest)


def write_operators(path: str | os.PathLike[str], *models: Listed) -> tuple[str, ...]:
    """Writes the operators of all these models, each once, as a YAML list that selective builds of torch read.

    A model is lowered, or is the path of an archive. Gives what was written. Raises as `operators_in` and
    `Lowered.operators` do, LowerError where no model is given, ArchiveError where nothing can be written.
    """
    if not models:
        raise LowerError("there is no model to list the operators of")
    found = {name for one in models for name in _operators(one)}
    names = tuple(sorted(found))
    write_list(path, names)
    return names


def write_list(path: str | os.PathLike[str], names: Iterable[str]) -> None:
    """Writes texts as a YAML list; raises ArchiveError where nothing can be written."""
    with atomic(path) as temporary:
        temporary.write_text(yaml_list(names), encoding="utf-8")


def yaml_list(names: Iterable[str]) -> str:
    """Texts as a YAML list, one a line."""
    return "".join(f"- {name if _PLAIN.fullmatch(name) else json.dumps(name)}\n" for name in names) or "[]\n"


def _operators(model: Listed) -> tuple[str, ...]:
    if isinstance(model, str | os.PathLike):
        return operators_in(model)
    found: Any = getattr(model, "operators", None)
    if not isinstance(found, tuple):
        raise LowerError(
            f"operators are listed of lowered models and of archives, not of {type(model).__name__}: lower it first"
        )
    return cast("tuple[str, ...]", found)


def _in_bytecode(path: Path) -> tuple[str, ...]:
    found = cast("dict[str, object]", mobile._get_model_ops_and_info(str(path)))
    return tuple(sorted(found))
