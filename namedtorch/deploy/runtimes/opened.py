"""What a runtime makes of an archive: its own object, and the methods that are called behind guards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from namedtorch.archive.manifest import AGAIN, Manifest
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.calls import MethodGuard
from namedtorch.lower.targets.interface_call import Alone, InterfaceCall, Run


@dataclass(frozen=True, slots=True)
class Opened:
    """A model as its runtime holds it.

    `module` is the runtime's own object, `device` where the model is, and its inputs have to be. `guards` are those of
    its methods by name.
    """

    module: Any
    device: torch.device
    guards: Mapping[str, MethodGuard]


def flat(
    manifest: Manifest, module: Any, run: Run, device: torch.device, where: str, alone: Alone | None = None
) -> Opened:
    """A model whose graph takes and gives tensors alone, called by the interface in its manifest.

    `alone` is what runs it with one tensor to one, where a runtime has a shorter way for that.

    Raises ArchiveError for an interface that does not fit the signature.
    """
    assert manifest.interface is not None
    signature = manifest.signature
    try:
        call = InterfaceCall(manifest.interface, signature, run, alone).behind_guard
    except ValueError as error:
        raise ArchiveError(f"{where}: {one_line(str(error), 200)}; {AGAIN}") from error
    guards = guards_of(manifest, where, lambda name: MethodGuard(manifest, name, call, signature))
    return Opened(module, device, guards)


def guards_of(
    manifest: Manifest, where: str, guard_of: Callable[[str], MethodGuard]
) -> dict[str, MethodGuard]:
    """The guards of the methods of a manifest, forward first; raises ArchiveError where none can be written."""
    try:
        return {name: guard_of(name) for name in sorted(manifest.methods, key=lambda name: name != "forward")}
    # What reads as a signature may still ask for an array type, or use a name, that no guard can be written for, and
    # a manifest may name methods that the graph does not have.
    except (AttributeError, SyntaxError, ValueError) as error:
        problem = one_line(str(error), 200)
        raise ArchiveError(f"{where}: no guard fits its signature ({problem}); {AGAIN}") from error
