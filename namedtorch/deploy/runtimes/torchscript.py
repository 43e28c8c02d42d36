"""TorchScript files (.pt, .ptl), opened and run by torch."""

import itertools
import re
from typing import Any

import torch

from namedtorch.archive.container import Archive
from namedtorch.archive.manifest import AGAIN
from namedtorch.archive.seal import verify
from namedtorch.archive.sentence import one_line
from namedtorch.deploy.engine import packing
from namedtorch.deploy.runtimes.opened import Opened, guards_of
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.calls import script_guard
from namedtorch.lower.operators import require_operators
from namedtorch.lower.torchscript import open_archive

_UNREGISTERED = re.compile(r"Unknown builtin op: (\w+::\w+)")


def open_torchscript(archive: Archive, where: str, device: torch.device | None, check: bool) -> Opened:
    """The module of a TorchScript file, on `device` or where it was; with `check`, its digests are verified first."""
    manifest = archive.manifest
    if check:
        verify(archive.path, manifest, where)
    module = _module(archive, where, device)
    guards = guards_of(manifest, where, lambda name: script_guard(manifest, module, name))
    return Opened(module, device_of(module) if device is None else device, guards)


def device_of(module: Any) -> torch.device:
    """The device of the first parameter or buffer; the CPU where a model has none."""
    first = next(itertools.chain(module.parameters(), module.buffers()), None)
    return torch.device("cpu") if first is None else first.device


def _module(archive: Archive, where: str, device: torch.device | None) -> torch.jit.ScriptModule:
    try:
        with packing(archive.manifest, where):
            return open_archive(archive.path, map_location=device)
    except ArchiveError as error:
        needed = _UNREGISTERED.search(str(error))
        if needed is None:
            raise
        # The manifest of a file of schema 1 does not name operators.
        require_operators({needed[1]: "unknown"}, where)
        raise
    # torch walks the file in C++ and lets out what falls (IndexError for a flipped bit): a broken file is one line.
    except Exception as error:
        raise ArchiveError(f"{where}: torch can't load it ({one_line(str(error), 200)}); {AGAIN}") from error
