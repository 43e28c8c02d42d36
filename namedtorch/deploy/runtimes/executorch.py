"""ExecuTorch: a model out of the bytes or the path of a .pte archive."""

from typing import Any

from namedtorch.archive.manifest import AGAIN, Manifest
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.targets.executorch_session import NoExecutorch, NotOpened, open_program, runner
from namedtorch.lower.targets.interface_call import Run


def open_executorch(data: bytes | str, manifest: Manifest, where: str) -> tuple[Any, Run]:
    """The Program of an archive, by its bytes or its path, and what runs its `forward` on tensors of the CPU.

    Threads may share it, and run one after the other. Raises ArchiveError, which begins with `where`, where ExecuTorch
    is missing, can't load the program, or finds another number of inputs and outputs in it than the manifest tells.
    """
    interface = manifest.interface
    assert interface is not None
    try:
        program = open_program(data)
    except NoExecutorch as error:
        raise ArchiveError(f"{where}: is an ExecuTorch program, and loading it {error}") from error
    except NotOpened as error:
        raise ArchiveError(
            f"{where}: ExecuTorch can't load it ({one_line(str(error), 300)}); {AGAIN}"
        ) from error
    tells = program.metadata("forward")
    if (tells.num_inputs(), tells.num_outputs()) != (len(interface.inputs), len(interface.outputs)):
        raise ArchiveError(
            f"{where}: its program has other inputs or outputs than its manifest tells of; {AGAIN}"
        )
    return program, runner(program)
