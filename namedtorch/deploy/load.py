"""Loading: a model out of an archive, checked before it is opened and held to its signature afterwards."""

import os
from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import Any, Literal

import torch

from namedtorch.archive.container import Archive, read_archive
from namedtorch.archive.sentence import one_line
from namedtorch.deploy.expectation import Expected, require
from namedtorch.deploy.model import LoadedModel as LoadedModel
from namedtorch.deploy.pinning import require_sha256, require_state, state_of
from namedtorch.deploy.runtimes.registry import RUNTIMES, Runtime
from namedtorch.diagnostics import ArchiveError, DimError
from namedtorch.lower.calls import said_by
from namedtorch.lower.operators import require_operators
from namedtorch.lower.rehearsal import drawn_inputs, rehearsed

CHECKED_BELOW = 256 * 2**20
"""Files of fewer bytes have their records verified where nothing else is asked for."""


def load(
    path: str | bytes | os.PathLike[str],
    device: "str | torch.device | None" = None,
    *,
    warm_up: int = 0,
    sizes: Mapping[str, int | tuple[int, ...]] | None = None,
    expect: Expected | None = None,
    digest: Literal["check", "skip"] | None = None,
    sha256: str | None = None,
    grad: bool | None = None,
    memory_format: Literal["check", "convert"] = "check",
    align: bool = False,
) -> LoadedModel:
    """Loads the model of an archive (.pt, .ptl, .pt2, .onnx, .pte), onto `device` if one is given.

    `expect` is the signature that the caller was written for: a model that can't be called so, or gives something
    else, is refused. `warm_up` calls the model so often with inputs drawn from its signature, in `sizes` where given
    (`{"N": 8}`), so that torch optimizes it before the first real call. `sha256` is that of the whole file, held
    against it before anything else of it is read. `digest="check"` verifies every record against the digests in the
    manifest, which costs one read and one hash of the file; "skip" the manifest alone; None the records of files under
    256 MB. Calls run in inference mode unless `grad` is true, which it is by default
    for a model in training mode. An input that the signature wants in a memory format (`@ channels_last`) and that is
    stored otherwise is refused; `memory_format="convert"` copies it instead. A NamedTensor whose dims stand in another
    order than the signature's is refused; `align=True` puts them in order.

    The weights of a quantized TorchScript or torch.export model are packed for the engine that its manifest names,
    which is set as long as torch opens the file. Where this build of torch lacks it, they are packed for the engine
    that is set, with a UserWarning: results may differ in their last digits.

    Raises ArchiveError, one line, for a file that can't be read, is broken, is no namedtorch archive, was changed, is
    too new, holds more than a graph and its weights, or needs operators or a runtime that this process lacks; for what
    `expect` refuses (a line for each reason) and for a model that fails in its warm-up. The manifest is read, and all
    of this but the warm-up done, before the runtime sees the file. Raises ValueError for a device that is not there or
    that the runtime has not, `grad=True` where the runtime records no gradients, another `digest`, a `sha256` that is
    none, and a `warm_up` of a model in training mode, AnnotationError for an `expect` that is no signature.
    """
    if not isinstance(warm_up, Integral) or warm_up < 0:
        raise ValueError(f"warm_up is how often the model is called, not {warm_up!r}")
    if memory_format not in ("check", "convert"):
        raise ValueError(f"memory_format is 'check' or 'convert', not {memory_format!r}")
    if digest not in (None, "check", "skip"):
        raise ValueError(f"digest is 'check', 'skip' or None, not {digest!r}")
    path = os.fsdecode(path)
    where, file = one_line(path), Path(path)
    before = state_of(file)
    if sha256 is not None:
        require_sha256(file, sha256, where)
    archive = read_archive(path)
    manifest = archive.manifest
    runtime = RUNTIMES[manifest.format]
    if expect is not None:
        require(manifest, expect, where)
    map_location = _device(device, runtime, where)
    require_operators(manifest.operators, where)
    training = manifest.mode == "train"
    if warm_up and training:
        raise ValueError(
            f"{where}: the model is in training mode, in which calls change it, so it is not warmed up; lower it "
            "without train=True to serve it"
        )
    if grad and not runtime.gradients:
        raise ValueError(f"{where}: {runtime.name} records no gradients; load it without grad=True")
    opened = runtime.open(archive, where, map_location, _is_checked(archive, digest, where))
    # Whoever may write to the file could have put another one there since its digests were held against it.
    require_state(file, before, where)
    model = LoadedModel(
        manifest,
        opened,
        # A runtime that records no gradients need not be kept from it.
        grad=not runtime.gradients or (training if grad is None else grad),
        convert=memory_format == "convert",
        align=align,
    )
    if warm_up:
        _warm(model, warm_up, sizes, where)
    return model


def _is_checked(archive: Archive, digest: str | None, where: str) -> bool:
    """Whether the records are verified; raises ArchiveError where that is asked for and the file has no digests."""
    if digest == "check" and not archive.manifest.digests:
        version = archive.manifest.schema_version
        raise ArchiveError(
            f"{where}: has no digests to check (its manifest is of schema {version}, without them); load it with "
            "digest='skip', or lower the model again"
        )
    return digest == "check" or (digest is None and archive.size < CHECKED_BELOW)


def _device(device: "str | torch.device | None", runtime: Runtime, where: str) -> torch.device | None:
    """The device, if tensors can be made on it, and the runtime has it."""
    if device is None:
        return None
    try:
        found = torch.empty(0, device=device).device
    # ImportError is of a device whose support is a package of its own.
    except (RuntimeError, AssertionError, ImportError) as error:
        said = str(error).partition("\n")[0].partition(". ")[0]
        raise ValueError(f"device {str(device)!r} can't be used here: {said}") from error
    if found.type != "cpu" and not runtime.devices:
        raise ValueError(
            f"{where}: {runtime.name} runs on the CPU here, not on {str(device)!r}; leave device out"
        )
    return found


def _warm(
    model: LoadedModel, times: int, sizes: Mapping[str, int | tuple[int, ...]] | None, where: str
) -> None:
    """Calls the model with inputs drawn from its signature; raises ArchiveError where it fails with them."""
    manifest, device = model.manifest, model.device
    try:
        args, kwargs = drawn_inputs(manifest, device, sizes=sizes)
    except DimError as error:
        raise ArchiveError(
            f"{where}: can't be warmed up: {one_line(str(error), 300)}; load it with warm_up=0 and call it yourself"
        ) from error
    try:
        optional = rehearsed(model, manifest, device, sizes)
        args, kwargs = drawn_inputs(manifest, device, optional=optional, sizes=sizes)
        for _ in range(times - 1):
            model(*args, **kwargs)
    # A graph raises whatever it was written to raise.
    except Exception as error:
        names = [one.name for one in model.signature.parameters]
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        said = one_line(said_by(error), 300)
        inputs = ", ".join(f"{name} {_sizes(value)}" for name, value in given.items())
        raise ArchiveError(
            f"{where}: fails in its warm-up with inputs drawn from its signature ({inputs}): {said}; "
            "give sizes that it takes (sizes={...}), or load it with warm_up=0"
        ) from error


def _sizes(value: Any) -> str:
    """The sizes of the tensors in a value: `(2, 3, 8, 8)`, `[(4,), (4,)]`."""
    if isinstance(value, torch.Tensor):
        return str(tuple(value.shape))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_sizes(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_sizes(one) for one in value) + "]"
    return repr(value)
