"""ExecuTorch: an exported program for XNNPACK and portable kernels, held to the program."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from torch import Tensor
from torch.export import ExportedProgram

from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal_flat import placeholder, seal_executorch
from namedtorch.diagnostics import LowerError
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.targets.executorch_bounds import (
    fixed_length,
    has_one_size,
    narrow,
    require_bounds,
    sample_at_bounds,
    with_asked,
)
from namedtorch.lower.targets.executorch_conversion import Unrolled, converted
from namedtorch.lower.targets.executorch_parts import Parts
from namedtorch.lower.targets.executorch_quantized import Calibration, noise_of, quantized
from namedtorch.lower.targets.executorch_quiet import imported, logged
from namedtorch.lower.targets.executorch_refusal import missing_in, not_run, refused, told, unrolled
from namedtorch.lower.targets.executorch_session import NotOpened, Run, open_program, runner
from namedtorch.lower.targets.extras import lacking
from namedtorch.lower.targets.flat_agreement import Reference, require_agreement, require_stateless
from namedtorch.lower.targets.flat_dims import FlatDims
from namedtorch.lower.targets.inner_dtypes import coarseness
from namedtorch.lower.targets.recurrent_layers import free_steps
from namedtorch.lower.targets.user_lines import UserLine, line_of
from namedtorch.lower.targets.written_inputs import spare_inputs

# Kernels of XNNPACK sum in another order, and round in other places.
_TIMES = 10.0


@dataclass(frozen=True, slots=True)
class ExecutorchModel:
    """A program of ExecuTorch.

    `data` are the bytes of its file, laid out for `manifest`; `run` runs it, `parts` tell what runs in XNNPACK, `notes`
    how it came about.
    """

    manifest: Manifest
    data: bytes = field(repr=False)
    run: Run = field(repr=False)
    parts: Parts
    notes: tuple[str, ...]

    def write(self, path: Path) -> Manifest:
        """Writes the program with its manifest, which is returned as it reads back."""
        path.write_bytes(self.data)
        return seal_executorch(path, self.manifest)


def to_executorch(
    program: ExportedProgram,
    manifest: Manifest,
    samples: Sequence[Sequence[Tensor]],
    calibration: Calibration | None = None,
) -> ExecutorchModel:
    """The program of an exported program of tensors, held against it with inputs in several sizes, the largest as well.

    With a calibration it is int8, and its noise is measured. The manifest goes into it, with how it was quantized, and
    is final. Raises LowerError for dims without an upper bound; for what ExecuTorch can't take, with the user's line;
    for a program that gives something else, or in int8 nothing like it; and where the extra is not installed.
    """
    interface = manifest.interface
    assert interface is not None
    _require_extra()
    dims = FlatDims.of(program, manifest.signature, interface)
    for dim, size in dims.fixed.items():
        if not has_one_size(manifest.signature, dim):
            raise _unrolled(manifest, dim, size, None)
    steps = free_steps(program)
    if steps is not None:
        node, length = steps
        raise _unrolled(manifest, *fixed_length(dims, length), line_of(node))
    narrow(program, dims, manifest.signature)
    require_bounds(program, dims, manifest)
    require_stateless(program, samples, manifest.name, "ExecuTorch")
    notes = spare_inputs(program, [one.name for one in interface.inputs])
    floats, manifest = program, replace(manifest, format="executorch")
    if calibration is not None:
        made = quantized(program, calibration, manifest.state, manifest.name)
        program, manifest = made.program, replace(manifest, quantization=made.quantization)
    making = _Making(floats, program, manifest, samples, calibration, dims, notes)
    try:
        return making.model(portable=False)
    except LowerError as first:
        if not _is_of_xnnpack(first.__cause__):
            raise
        try:
            model = making.model(portable=True)
        except LowerError:
            raise first from first.__cause__
        said = str(first).partition("\n")[0]
        return replace(model, notes=(f"XNNPACK is left out: {said}", *model.notes))


@dataclass(frozen=True, slots=True)
class _Making:
    """What is made of a program, which may be int8, and what it is held to, which is float."""

    floats: ExportedProgram
    program: ExportedProgram
    manifest: Manifest
    samples: Sequence[Sequence[Tensor]]
    calibration: Calibration | None
    dims: FlatDims
    notes: tuple[str, ...]

    def model(self, *, portable: bool) -> ExecutorchModel:
        """The model, with XNNPACK or without; raises LowerError."""
        name = self.manifest.name
        try:
            made = converted(self.program, placeholder(self.manifest), portable=portable)
        except Unrolled as error:
            size, constant, line = error.args
            raise _unrolled(self.manifest, self.dims.spelled(size), constant, line) from error
        # Its errors have classes of several packages.
        except Exception as error:
            raise refused(error, name) from error
        try:
            run = runner(open_program(made.data))
        except NotOpened as error:
            raise not_run(error, name, made.lines) from error
        failed: LowerError | None = None
        held: tuple[str, ...] = ()
        with logged() as log:
            try:
                held = self._held(run)
            except LowerError as error:
                failed = error
        if failed is not None:
            # The log is whole once it ends.
            raise told(failed, log.text, made.lines) from failed.__cause__
        left = tuple(f"XNNPACK does not take {operator}: {why}" for operator, why in made.left.items())
        notes = (*made.parts.notes, *left, *self.notes, *held)
        return ExecutorchModel(self.manifest, made.data, run, made.parts, notes)

    def _held(self, run: Run) -> tuple[str, ...]:
        """Notes of what a program was held to."""
        interface = self.manifest.interface
        assert interface is not None
        times = max(_TIMES, coarseness(self.floats)) if self.calibration is None else math.inf
        names, outputs = [one.name for one in interface.inputs], list(interface.outputs)
        samples = _with_bounds(self.floats, self.samples)
        notes = require_agreement(self.floats, run, samples, names, outputs, "ExecuTorch", times)
        if self.calibration is None:
            return notes
        return (*noise_of(self.floats, run, self.calibration.batches, self.manifest.name), *notes)


def _unrolled(manifest: Manifest, dim: str, constant: int, line: UserLine | None) -> LowerError:
    where = with_asked(manifest.signature, f"{dim} == {constant}")
    return unrolled(dim, constant, where, line, manifest.name)


def _is_of_xnnpack(cause: BaseException | None) -> bool:
    """Whether portable kernels alone may take a program that was refused for this."""
    if isinstance(cause, NotOpened):
        return not missing_in(cause)
    return not isinstance(cause, Unrolled)


def _require_extra() -> None:
    try:
        imported("executorch.exir")
        imported("executorch.backends.xnnpack.partition.xnnpack_partitioner")
        imported("executorch.runtime")
    except ImportError as error:
        raise LowerError(f'to="executorch" {lacking("executorch", error)}') from error


def _with_bounds(program: ExportedProgram, samples: Sequence[Sequence[Tensor]]) -> Sequence[Sequence[Tensor]]:
    """The samples, and one in the largest sizes where that is not too large."""
    if not samples:
        return samples
    found = sample_at_bounds(program, samples[0])
    if found is Unknown:
        return samples
    try:
        Reference(program)(found)
    # Sizes may fit one by one, and not together.
    except Exception:
        return samples
    return [*samples, found]
