"""The runtimes by the format of a file."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch

from namedtorch.archive.container import Archive
from namedtorch.archive.flat import refuse_outside_data
from namedtorch.archive.manifest import Format
from namedtorch.archive.plain_file import plain_file
from namedtorch.archive.seal_flat import read_whole
from namedtorch.deploy.runtimes.executorch import open_executorch
from namedtorch.deploy.runtimes.onnx import open_onnx
from namedtorch.deploy.runtimes.opened import Opened, flat
from namedtorch.deploy.runtimes.torchscript import open_torchscript
from namedtorch.lower.targets import executorch_session, onnx_session

Opener = Callable[[Archive, str, torch.device | None, bool], Opened]
"""Opens an archive on a device, None for where it was; the bool says that digests are verified first."""

_CPU: Final = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs the files of a format: its name for people, whether it is on devices and records gradients."""

    name: str
    open: Opener
    devices: bool
    gradients: bool


def _source(archive: Archive, where: str, check: bool) -> bytes | str:
    """What a runtime of its own opens: the bytes that were verified, or the path of a file that is not."""
    return read_whole(archive, where, check=True) if check else os.fspath(archive.path)


def _open_exported(archive: Archive, where: str, device: torch.device | None, check: bool) -> Opened:
    # Where it is used: torch.export takes as long to import as torch.
    from namedtorch.deploy.runtimes.exported import open_exported

    return open_exported(archive, where, device, check)


def _open_onnx(archive: Archive, where: str, device: torch.device | None, check: bool) -> Opened:
    manifest = archive.manifest
    if not check:
        with plain_file(archive.path, where) as (file, _):
            refuse_outside_data(file, where)
    session, run = open_onnx(_source(archive, where, check), manifest, where, device)
    alone = onnx_session.alone(session, device)
    return flat(manifest, session, run, _CPU if device is None else device, where, alone)


def _open_executorch(archive: Archive, where: str, device: torch.device | None, check: bool) -> Opened:
    manifest = archive.manifest
    program, run = open_executorch(_source(archive, where, check), manifest, where)
    return flat(manifest, program, run, _CPU, where, executorch_session.alone(program))


RUNTIMES: Final[Mapping[Format, Runtime]] = {
    "torchscript": Runtime("TorchScript", open_torchscript, devices=True, gradients=True),
    "export": Runtime("torch.export", _open_exported, devices=True, gradients=True),
    "onnx": Runtime("onnxruntime", _open_onnx, devices=True, gradients=False),
    "executorch": Runtime("ExecuTorch", _open_executorch, devices=False, gradients=False),
}
"""Every format has a runtime; one that `import torch` does not bring is imported where it is first used."""
