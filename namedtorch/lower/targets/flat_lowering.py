"""From an exported program to what `lower` gives for its target: with its manifest, run beside the original."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn

from namedtorch.archive.manifest import Format, KnownSize, Manifest, Method, State
from namedtorch.archive.targets import Target
from namedtorch.lower.asked import Asked
from namedtorch.lower.drawing import original_of
from namedtorch.lower.picture import picture_of
from namedtorch.lower.targets.executorch import to_executorch
from namedtorch.lower.targets.executorch_quantized import Calibration
from namedtorch.lower.targets.export_report import ExportReport, fixed_notes
from namedtorch.lower.targets.exported import Exported
from namedtorch.lower.targets.exporting import Erased, export
from namedtorch.lower.targets.flat_agreement import require_stateless
from namedtorch.lower.targets.flat_program import FlatProgram, plain_module, runner
from namedtorch.lower.targets.onnx import to_onnx
from namedtorch.lower.targets.program_file import program_writer
from namedtorch.lower.verify.stored_otherwise import STORED
from namedtorch.lower.verify.verifier import Verification, compare, differing
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature

_REMEDY = (
    "a graph of torch.export keeps what one run did: branches on sizes, loops over sizes, integers that were computed "
    'from tensors; lower the model to TorchScript, which keeps them: lower(model, to="torchscript"); verify=False '
    "leaves the comparison out"
)

_RUNTIMES: Mapping[Target, str] = {"onnx": "ONNX", "executorch": "ExecuTorch"}
"""The targets whose graphs keep nothing from one call to the next."""

_STRIDES = (
    "torch.export traces contiguous tensors, and keeps what the code asks of strides: compute without stride() and "
    "is_contiguous(), or write into the annotation how the tensors are stored, to which calls are held (`N T @ N T`); "
    "verify=False leaves the comparison out"
)

_PARTS = (
    "a call puts tensors into a list or dict that it is given, or takes them out, and a graph of torch.export can't: "
    "change a copy (list(xs), dict(xs)), or lower the model to TorchScript"
)

_LATER = "second call"
_STATE = (
    "a call leaves something behind in an attribute, and an exported program keeps nothing but buffers: hold it in a "
    "buffer (register_buffer) that is changed in place, or lower the model to TorchScript, which keeps attributes"
)


@dataclass(frozen=True, slots=True)
class FlatSubject:
    """What is exported: the user's object, what makes a copy of it without names, and what a file says of it.

    `label` is what messages call it, `left_out` are methods that the file does not have; `calibrated` gives what an
    int8 program is quantized with, None for a float one.
    """

    given: nn.Module | Callable[..., Any]
    target: Erased
    name: str
    label: str
    kind: Literal["module", "function"]
    signature: Signature
    sizes: Mapping[str, KnownSize]
    state: Mapping[str, State]
    left_out: tuple[str, ...] = ()
    calibrated: "Callable[[FlatProgram], Calibration] | None" = None


def lowered_flat(subject: FlatSubject, asked: Asked) -> Exported:
    """Exports a model to the target that is asked for, and runs the program beside the original; raises LowerError."""
    target: Target = asked.to or "export"
    program = export(
        subject.target,
        subject.given,
        subject.signature,
        subject.label,
        example=asked.example,
        where=asked.constraints,
        to=target,
    )
    signature = program.signature
    methods = {"forward": Method(signature, build_plan(signature))}
    manifest = Manifest(
        name=subject.name,
        kind=subject.kind,
        mode="eval",
        guards="none",
        methods=methods,
        torch_version=torch.__version__,
        method="export",
        state=subject.state,
        sizes=subject.sizes,
        operators=program.operators,
        metadata=asked.metadata,
        format=cast("Format", target),
        interface=program.interface,
    )
    report = ExportReport(
        subject.label,
        target,
        tuple(_notes(subject, program, target)),
        unverified="verify=False leaves the comparison out",
    )
    if asked.verify:
        report = replace(report, verification=_verified(subject, program, methods), unverified="")
        drawing = picture_of(subject.given, methods, {"forward": program.examples})
        manifest = replace(manifest, drawing=drawing)
    samples = program.samples()
    if target in _RUNTIMES:
        # Whatever is compared: a graph that loses the model's state gives wrong numbers from the second call on.
        require_stateless(program.program, samples, manifest.name, _RUNTIMES[target])
    return _made(subject, program, manifest, report, samples if asked.verify else [])


def _made(
    subject: FlatSubject,
    program: FlatProgram,
    manifest: Manifest,
    report: ExportReport,
    samples: Sequence[Sequence[Tensor]],
) -> Exported:
    """What the target makes of a program, which it is held to at the samples."""
    match report.target:
        case "onnx":
            onnx = to_onnx(program.program, manifest, samples)
            report = replace(report, notes=(*report.notes, *onnx.notes))
            return Exported("onnx", program.program, manifest, report, onnx.run, onnx.write)
        case "executorch":
            calibration = None if subject.calibrated is None else subject.calibrated(program)
            executorch = to_executorch(program.program, manifest, samples, calibration)
            report = replace(report, notes=(*report.notes, *executorch.notes))

            def write(path: Any, _: Manifest) -> object:
                return executorch.write(path)

            return Exported("executorch", program.program, executorch.manifest, report, executorch.run, write)
        case _:
            run = runner(plain_module(program.program))
            return Exported("export", program.program, manifest, report, run, program_writer(program.program))


def _notes(subject: FlatSubject, program: FlatProgram, target: Target) -> list[str]:
    notes = list(fixed_notes(program.interface, program.signature))
    if str(program.signature) != str(subject.signature):
        notes.insert(0, f"the file takes `{program.signature}`, of `{subject.signature}`")
    if program.assumed and target == "export":
        notes.append(
            f"torch.export.load, and what compiles the file, take `{', '.join(program.assumed)}` only, since torch "
            "assumes that it is; namedtorch.load takes other sizes"
        )
    if subject.left_out:
        several = ", ".join(f"`{one}`" for one in subject.left_out)
        verb = "is" if len(subject.left_out) == 1 else "are"
        notes.append(f"{several} {verb} not in the file: an exported program has forward alone")
    return notes


def _remedy(verification: Verification) -> str:
    """What to do about a program that differs, by where it does."""
    bad = [one for one in verification.comparisons if one.differences]
    if all(one.sizes.endswith(STORED) for one in bad):
        return _STRIDES
    texts = [text for one in bad for text in one.differences]
    if all(_LATER in one for one in texts):
        return _STATE
    return _PARTS if all(" parts (" in one for one in texts) else _REMEDY


def _verified(subject: FlatSubject, program: FlatProgram, methods: Mapping[str, Method]) -> Verification:
    """How the program compares with the original; raises VerifyError where it differs."""
    original = original_of(subject.given, methods, False)
    verification = compare(program, original, {"forward": program.examples}, subject.label, recorded=True)
    if not verification.is_same:
        raise differing(verification, "the export", _remedy(verification))
    return verification
