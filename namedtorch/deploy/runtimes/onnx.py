"""onnxruntime: a model out of the bytes or the path of an .onnx archive."""

from typing import Any

import torch

from namedtorch.archive.manifest import AGAIN, Manifest
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.targets.interface_call import Run
from namedtorch.lower.targets.onnx_session import NoOnnxRuntime, NotRunHere, open_session, runner


def open_onnx(
    data: bytes | str, manifest: Manifest, where: str, device: torch.device | None = None
) -> tuple[Any, Run]:
    """The InferenceSession of an archive, by its bytes or its path, and what runs it on tensors.

    It is on the CPU if no device is given.
    Threads may share it. Raises ArchiveError, which begins with `where`, where onnxruntime is missing, can't open the
    model, or finds other inputs and outputs in it than the manifest tells; ValueError for a device that this
    onnxruntime does not run on.
    """
    interface = manifest.interface
    assert interface is not None
    try:
        session = open_session(data, device)
    except NoOnnxRuntime as error:
        raise ArchiveError(f"{where}: is an ONNX model, and loading it {error}") from error
    except NotRunHere:
        raise
    # onnxruntime raises classes of its own.
    except Exception as error:
        raise ArchiveError(
            f"{where}: onnxruntime can't open it ({one_line(str(error), 300)}); {AGAIN}"
        ) from error
    found = [one.name for one in session.get_inputs()], [one.name for one in session.get_outputs()]
    if found != ([one.name for one in interface.inputs], list(interface.outputs)):
        raise ArchiveError(
            f"{where}: its graph has other inputs or outputs than its manifest tells of; {AGAIN}"
        )
    return session, runner(session, device)
