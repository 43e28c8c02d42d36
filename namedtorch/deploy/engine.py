"""The engine of torch's quantized operators while an archive is opened: weights are packed for it then, and stay so."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import torch

from namedtorch.archive.manifest import Manifest
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.quantize.quiet import announced
from namedtorch.lower.quantize.settings import using
from namedtorch.lower.torchscript import COMPILING

_NONE = "none"


@contextmanager
def packing(manifest: Manifest, where: str) -> Iterator[None]:
    """Sets the engine that a manifest names, and afterwards the one that was set.

    Where this build of torch lacks it, the engine that is set stays, with a UserWarning: a file holds weights as they
    are before they are packed, so that any engine takes them. Raises ArchiveError, which begins with `where`, for a
    build without any.
    """
    if manifest.quantization is None:
        yield
        return
    wanted = manifest.quantization.engine
    backend = torch.backends.quantized
    known = [one for one in cast("list[str]", backend.supported_engines) if one != _NONE]
    named = one_line(wanted, 80)
    if not known:
        raise ArchiveError(
            f"{where}: is quantized for {named}, and this build of torch has no engine for quantized operators"
        )
    if wanted not in known:
        own = cast("str", backend.engine)
        engine = own if own in known else known[0]
        warnings.warn(
            f"{where}: is quantized for {named}, which this build of torch lacks; its weights are packed for {engine}, "
            "and results may differ in their last digits",
            UserWarning,
            stacklevel=2,
        )
        wanted = engine
    # The engine is one for the process.
    with COMPILING, using(wanted):
        announced()
        yield
