"""Files of torch.export: written, sealed, and known to be read again."""

import linecache
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram

from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal import seal
from namedtorch.diagnostics import LowerError
from namedtorch.lower.targets.complaints import OTHERS
from namedtorch.lower.targets.exporting import quietly
from namedtorch.lower.targets.user_lines import line_of, own_frames

_NODE = re.compile(r"\bnode (\w+) in graph")


def program_writer(program: ExportedProgram) -> Callable[[Path, Manifest], Manifest]:
    """What writes a program to a path that ends in .pt2, with its manifest; raises LowerError."""

    def write(path: Path, manifest: Manifest) -> Manifest:
        _strip(program)
        try:
            with quietly():
                torch.export.save(program, path)
        # torch writes each part of a program by code of its own.
        except Exception as error:
            text = _not_saved(path, "torch.export can't write this program", error)
            raise LowerError("\n".join([text, *_lines(program, error)])) from error
        sealed = seal(path, manifest)
        try:
            with quietly(), warnings.catch_warnings():
                loaded: Any = torch.export.load(path)
                loaded.graph_module.graph.lint()
        except Exception as error:
            what = "torch writes this program, but can't load it again"
            raise LowerError(_not_saved(path, what, error)) from error
        return sealed

    return write


def _strip(program: ExportedProgram) -> None:
    """Leaves of the stacks that torch keeps with each node what the user wrote."""
    for module in program.graph_module.modules():
        if isinstance(module, fx.GraphModule):
            for node in module.graph.nodes:
                trace = node.meta.get("stack_trace")
                if isinstance(trace, str):
                    node.meta["stack_trace"] = own_frames(trace)


def _lines(program: ExportedProgram, error: Exception) -> list[str]:
    """The user's line that made the node which torch can't write, where it names one."""
    named = _NODE.search(str(error))
    found = next((one for one in program.graph.nodes if named is not None and one.name == named[1]), None)
    line = None if found is None else line_of(found)
    if line is None:
        return []
    return [str(replace(line, text=linecache.getline(line.file, line.line).strip()))]


def _not_saved(path: Path, what: str, error: Exception) -> str:
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    return f"can't save {path.name!r}: {what} ({said}); {OTHERS}"
