"""What lowering gives: a guarded graph, and the manifest that goes into its file."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from namedtorch.archive.atomic import atomic
from namedtorch.archive.manifest import MANIFEST_NAME, Manifest
from namedtorch.diagnostics import LowerError
from namedtorch.lower.calls import refusal_of
from namedtorch.lower.torchscript import Script, code_of, graph_of, save_lite, save_script
from namedtorch.runtime.guard import guarded
from namedtorch.signature.signature import Signature

_WRITERS = {".pt": save_script, ".ptl": save_lite}


@dataclass(frozen=True, eq=False)
class Lowered:
    """A module or function in TorchScript, with its guard in the graph.

    It is called as the original, by position or keyword, and raises `DimError` for a call that does not fit; without
    that explanation (`module`, which is what torch made) the graph refuses by itself: torch raises `torch.jit.Error`,
    whose text holds `namedtorch:`. `source` is the Python that torch compiled, where it is not what the user wrote.
    """

    module: Script
    manifest: Manifest
    source: str = field(repr=False)

    @property
    def signature(self) -> Signature:
        """The dims of the arguments and the result; prints as `image: N C=3 H W -> N classes=10`."""
        return self.manifest.signature

    @property
    def code(self) -> str:
        """The TorchScript code of all compiled methods."""
        return code_of(self.module)

    @property
    def graph(self) -> torch.Graph:
        """The graph of the forward, with the calls of the module's own functions inlined."""
        return graph_of(self.module)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes `.pt`, or `.ptl` for the lite interpreter, with the manifest in it.

        The file is there whole or not at all: one that fails to be written leaves the old one. Raises LowerError for
        another suffix and for what torch can't save, ArchiveError where nothing can be written.
        """
        suffix = Path(path).suffix
        if suffix not in _WRITERS:
            raise LowerError(
                f"can't save {os.fspath(path)!r}: a file ends in .pt (TorchScript) or .ptl (lite interpreter), "
                f"not {suffix!r}"
                if suffix
                else f"can't save {os.fspath(path)!r}: add .pt (TorchScript) or .ptl "
                "(lite interpreter) to its name"
            )
        extra = {MANIFEST_NAME: self.manifest.to_json()}
        with atomic(path) as temporary:
            _WRITERS[suffix](self.module, temporary, extra)

    @cached_property
    def _guarded(self) -> Callable[..., Any]:
        """The graph behind a guard in Python, which explains what the one in the graph can only refuse."""
        if self.manifest.guards == "none":
            return self.module
        # As it is read from a file: the records that torch returns are classes of its own.
        read = Signature.from_json(self.signature.to_json())
        own = zip(read.parameters, self.signature.parameters, strict=True)
        parameters = tuple(replace(one, default=given.default) for one, given in own)
        return guarded(replace(read, parameters=parameters), self.module, self.manifest.name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._guarded(*args, **kwargs)
        except (torch.jit.Error, RuntimeError) as error:
            refused = refusal_of(error, self.manifest.name)
            if refused is None:
                raise
            raise refused from None

    def __repr__(self) -> str:
        return f"<Lowered {self.manifest.name}: {self.signature}>"
