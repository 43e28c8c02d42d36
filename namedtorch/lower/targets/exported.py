"""What lowering gives for a target beside TorchScript: a program of tensors behind the guard of its signature."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from torch.export import ExportedProgram

from namedtorch.archive.atomic import atomic
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.targets import Target
from namedtorch.lower.call_names import CallNames
from namedtorch.lower.calls import MethodGuard
from namedtorch.lower.saving import check_suffix
from namedtorch.lower.targets.export_report import ExportReport
from namedtorch.lower.targets.interface_call import InterfaceCall, Run
from namedtorch.signature.signature import Signature

Write = Callable[[Path, Manifest], object]
"""Writes the file of a target, sealed with its manifest."""


@dataclass(frozen=True, eq=False)
class Exported:
    """A module or function in a file format of tensors: torch.export's, ONNX or ExecuTorch.

    It is called as the original, by position or keyword, and raises `DimError` for a call that does not fit: the guard
    of `signature`, which says what was exported (one dtype for each input, no alternatives). `program` is torch's,
    whose inputs and outputs are tensors; `report` tells what the graph keeps fixed and what was verified. `save` writes
    the file, which `namedtorch.load` opens.
    """

    target: Target
    program: ExportedProgram = field(repr=False)
    manifest: Manifest
    report: ExportReport = field(repr=False)
    run: Run = field(repr=False)
    write: Write = field(repr=False)

    @property
    def signature(self) -> Signature:
        """The dims of the arguments and the result; prints as `image: N C=3 H W -> N classes=10`."""
        return self.manifest.signature

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that can be called: forward."""
        return tuple(self.manifest.methods)

    @property
    def metadata(self) -> Mapping[str, object]:
        """What the user added to the manifest."""
        return self.manifest.metadata

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file with the manifest and the digests in it, to a name that ends as the target's files do.

        The file is there whole or not at all: one that fails to be written leaves the old one. Raises LowerError for
        another suffix and for what can't be written or read again, ArchiveError where nothing can be written.
        """
        check_suffix(path, self.target)
        with atomic(path) as temporary:
            self.write(temporary, self.manifest)

    @cached_property
    def _call(self) -> Callable[..., Any]:
        manifest = self.manifest
        assert manifest.interface is not None
        # As the file is read: records and types are known by name alone.
        signature = Signature.from_json(self.signature.to_json())
        flat = InterfaceCall(manifest.interface, signature, self.run)
        guard = MethodGuard(manifest, "forward", flat.call, signature)
        names = CallNames(signature, guard.label)

        def call(*args: Any, **kwargs: Any) -> Any:
            found = None
            if names.stand_in(args, kwargs):
                args, kwargs, found = names.taken(args, kwargs)
            try:
                result = guard.checked(*args, **kwargs)
            except Exception as error:
                explained = guard.explained(error, args, kwargs)
                if explained is None:
                    raise
                raise explained from None
            return result if found is None else names.given(result, found)

        return guard.introduced(call)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "manifest" not in vars(self):
            raise AttributeError(f"Exported has no attribute {name!r}")
        if name in _OF_SCRIPTS:
            raise AttributeError(_SCRIPT.format(self.manifest.name, name))
        raise AttributeError(f"{self!r} has no `{name}`")

    def __getstate__(self) -> dict[str, Any]:
        """What a copy takes over: a guard that was made is made anew."""
        return {name: value for name, value in vars(self).items() if name != "_call"}

    def __repr__(self) -> str:
        return f"<Exported {self.manifest.name} to {self.target}: {self.signature}>"


_SCRIPT = '{} was exported, and `{}` is for TorchScript: lower(model, to="torchscript")'
_OF_SCRIPTS = ("freeze", "graph", "code", "graph_for", "stage_graphs", "module", "operators", "warm_up")
"""What a lowered model of TorchScript has, and an exported one has not."""
