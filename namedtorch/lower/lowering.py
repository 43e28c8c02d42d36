"""From a compiled graph to what lowering gives: optimized, with its manifest, run beside the original."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch

from namedtorch.archive.drawing import Drawing
from namedtorch.archive.manifest import KnownSize, Manifest, Method, State
from namedtorch.archive.quantization import Quantization
from namedtorch.diagnostics import LowerError
from namedtorch.lower.asked import Asked
from namedtorch.lower.boundary import Boundary
from namedtorch.lower.compiled import Compiled
from namedtorch.lower.drawing import Examples
from namedtorch.lower.lowered import Lowered
from namedtorch.lower.lowering_report import LoweringReport, Optimization
from namedtorch.lower.mobile.channels_last import ChannelsLast, channels_last
from namedtorch.lower.mobile.lite_limits import lite_limit
from namedtorch.lower.mobile.optimized import optimized
from namedtorch.lower.mobile.stored_examples import StoredExamples
from namedtorch.lower.operators import custom_operators
from namedtorch.lower.picture import picture_of
from namedtorch.lower.samples import Sample
from namedtorch.lower.torchscript import Script
from namedtorch.lower.traced import Wanted
from namedtorch.lower.verify import VerifyError
from namedtorch.lower.verify import verify as verify_lowered

_OPTIMIZED = 20.0
"""How many times the tolerance an optimized graph may be off: what is folded is computed in another order."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is lowered: the user's object, what a file says of it, and the inputs of its methods.

    `methods` are held to what the user wrote; `stored` says which of their inputs the graph wants in which memory
    format, None as they are.
    """

    given: Any
    name: str
    kind: Literal["module", "function"]
    methods: Mapping[str, Method]
    sizes: Mapping[str, KnownSize]
    state: Mapping[str, State]
    examples: Callable[[], Mapping[str, Examples]]
    quantization: Quantization | None = None
    stored: ChannelsLast | None = field(default=None)

    def optimized(self, asked: Asked, runs: Any = None) -> "Subject":
        """The same, with the memory formats that an optimization which is asked for wants.

        `runs` is the module that examples call, where that is not the one that is lowered.
        """
        if asked.optimize is None:
            return self
        try:
            examples = self.examples()
        except LowerError:
            if asked.example is not None:
                raise
            examples = dict[str, Examples]()
        found = channels_last(self.given if runs is None else runs, self.methods, examples)
        return replace(self, stored=found)

    @property
    def held(self) -> Mapping[str, Method]:
        """The methods as the graph holds their inputs."""
        return self.methods if self.stored is None else self.stored.methods

    def around(self, boundary: Boundary) -> Boundary:
        """The boundary with the methods as the graph holds their inputs."""
        return replace(boundary, methods=self.held)

    def inputs(self) -> Mapping[str, Examples]:
        """The inputs of the methods, stored as the graph wants them."""
        if self.stored is None:
            return self.examples()
        return {
            name: StoredExamples.of(one, self.held[name].signature) for name, one in self.examples().items()
        }

    def wanted(self, asked: Asked, label: str) -> Wanted:
        """What a trace of it takes."""
        return Wanted(
            self.held, self.inputs(), asked.guards, label, asked.train, function=self.kind == "function"
        )


def lowered(subject: Subject, compiled: Compiled, asked: Asked) -> Lowered:
    """What was compiled, optimized as asked, with its manifest, and verified."""
    traced = LoweringReport(compiled.choices).traced
    manifest = Manifest(
        name=subject.name,
        kind=subject.kind,
        mode="train" if asked.train else "eval",
        guards=asked.guards,
        methods=compiled.methods,
        torch_version=torch.__version__,
        method="trace" if "" in traced else "script",
        traced=traced,
        state=subject.state,
        sizes=subject.sizes,
        operators=custom_operators(compiled.script),
        metadata=asked.metadata,
        quantization=subject.quantization,
    )
    script: Script = compiled.script
    limit = lite_limit(script, manifest.methods, 'lower it without to="lite"') if asked.to == "lite" else None
    if limit is not None:
        raise LowerError(f"{subject.name} can't be lowered for phones: {limit}")
    done: tuple[Optimization, ...] = ()
    if subject.stored is not None:
        script, manifest, done = optimized(script, manifest, subject.stored)
    report = LoweringReport(
        compiled.choices, unverified="verify=False leaves the comparison out", optimizations=done
    )
    if asked.verify:
        report = _verified(report, subject, replace(compiled, script=script), manifest, asked)
        manifest = replace(manifest, drawing=_drawing(subject, asked))
    examples = None if asked.example is None else subject.inputs()["forward"]
    sample = _sample(subject) if report.verification is not None else None
    return Lowered(script, manifest, compiled.source, report, examples, asked.to, sample)


def _drawing(subject: Subject, asked: Asked) -> Drawing | None:
    """What runs in the user's object, as a graph; None where no inputs are known."""
    try:
        examples = subject.inputs()
    except LowerError:
        return None
    return picture_of(subject.given, subject.methods, examples, train=asked.train)


def _sample(subject: Subject) -> Sample | None:
    examples = subject.inputs().get("forward")
    return examples.first if examples is not None and isinstance(examples.first, Sample) else None


def _verified(
    report: LoweringReport, subject: Subject, compiled: Compiled, manifest: Manifest, asked: Asked
) -> LoweringReport:
    """The report with how the graph compares with the original."""
    try:
        examples = subject.inputs()
    except LowerError as error:
        if asked.example is not None:
            raise
        return replace(report, unverified=str(error))
    try:
        verification = verify_lowered(
            compiled.script,
            subject.given,
            replace(manifest, methods={name: subject.methods[name] for name in compiled.methods}),
            examples={name: one for name, one in examples.items() if name in compiled.methods},
            traced=bool(report.traced),
            calls=compiled.calls,
            times=1.0 if subject.stored is None else _OPTIMIZED,
        )
    except VerifyError as error:
        # What the traces have lost of the source is the most likely reason.
        lost = [f"  warning: {one.place}: {one.what}" for one in report.warnings]
        error.args = ("\n".join([str(error), *lost]),)
        raise
    return replace(report, verification=verification, unverified="")
