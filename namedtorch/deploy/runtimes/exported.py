"""Exported programs (.pt2), opened and run by torch."""

import contextlib
import itertools
from typing import Any, cast

import torch
from torch.export import ExportedProgram
from torch.export.passes import move_to_device_pass
from torch.export.pt2_archive._package import load_pt2

from namedtorch.archive.container import Archive
from namedtorch.archive.manifest import AGAIN
from namedtorch.archive.plain_file import plain_file
from namedtorch.archive.seal import verify
from namedtorch.archive.sentence import one_line
from namedtorch.deploy.engine import packing
from namedtorch.deploy.runtimes.opened import Opened, flat
from namedtorch.deploy.runtimes.program import look_through
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.targets.flat_program import plain_module, runner
from namedtorch.lower.torchscript import COMPILING

_NAME = "model"


def open_exported(archive: Archive, where: str, device: torch.device | None, check: bool) -> Opened:
    """The module of an exported program, on `device` or where it was; with `check`, its digests are verified first.

    In any case the file is looked through before torch opens it. torch's own checks of inputs are left out: they cost
    ten times what the guard does, and the signature of the file says all that they say.
    """
    manifest = archive.manifest
    assert manifest.interface is not None
    if check:
        verify(archive.path, manifest, where)
    try:
        with plain_file(archive.path, where) as (file, size):
            look_through(file, size, where)
            # torch reads the very file that was looked through, whatever its path leads to by now.
            file.seek(0)
            # What torch keeps while it reads a program belongs to the process.
            with COMPILING, packing(manifest, where):
                program = load_pt2(cast("Any", file)).exported_programs[_NAME]
        if device is not None:
            program = move_to_device_pass(program, device)
        module = plain_module(program)
    except ArchiveError:
        raise
    # torch reads the file as its own, and lets out what falls.
    except Exception as error:
        problem = one_line(str(error).strip().rpartition("\n")[2] or type(error).__name__, 200)
        raise ArchiveError(f"{where}: torch can't load it ({problem}); {AGAIN}") from error
    found = len(module.graph.find_nodes(op="placeholder")), _outputs_of(module)
    if found != (len(manifest.interface.inputs), len(manifest.interface.outputs)):
        raise ArchiveError(
            f"{where}: its graph has other inputs or outputs than its manifest tells of; {AGAIN}"
        )
    return flat(manifest, module, runner(module), _device_of(program) if device is None else device, where)


def _outputs_of(module: torch.fx.GraphModule) -> int:
    """How many values a graph gives; a graph of namedtorch gives a tuple."""
    given = module.graph.output_node().args[0]
    return len(given) if isinstance(given, tuple | list) else -1


def _device_of(program: ExportedProgram) -> torch.device:
    """The device of the first weight or constant; the CPU where a program has none."""
    tensors = (
        one
        for one in itertools.chain(program.state_dict.values(), program.constants.values())
        if isinstance(one, torch.Tensor)
    )
    with contextlib.suppress(StopIteration):
        return next(tensors).device
    return torch.device("cpu")
