"""What lowering gives: a guarded graph, and the manifest that goes into its file."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import torch

from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import LowerError
from namedtorch.lower.asked import Target
from namedtorch.lower.calls import compiled_method, guarded_method
from namedtorch.lower.drawing import Examples
from namedtorch.lower.freezing import frozen
from namedtorch.lower.graphs import last_graph
from namedtorch.lower.lowering_report import LoweringReport
from namedtorch.lower.mobile.bundled import arguments_in, bundled, calls_in
from namedtorch.lower.mobile.operator_list import operators_of
from namedtorch.lower.rehearsal import FAILURES, drawn_inputs, rehearsed
from namedtorch.lower.samples import Sample
from namedtorch.lower.saving import check_suffix, save
from namedtorch.lower.stages import Call, device_of, diff, reason_of, stage_graphs
from namedtorch.lower.torchscript import Script, code_of, graph_of
from namedtorch.signature.signature import Signature

Example = Callable[[], Any] | tuple[Any, ...]
"""Inputs of a call: its arguments, or `(args, kwargs)`, or a function that gives either anew."""


@dataclass(frozen=True, eq=False)
class Lowered:
    """A module or function in TorchScript, with its guard in the graph.

    It is called as the original, by position or keyword, and raises `DimError` for a call that does not fit; without
    that explanation (`module`, which is what torch made) the graph refuses by itself: torch raises `torch.jit.Error`,
    whose text holds `namedtorch:`. Methods that were exported are attributes, guarded alike. `source` is the Python
    that torch compiled, where it is not what the user wrote; `report` tells what was scripted, what was traced and why,
    and what was verified. `examples` makes the inputs of forward that the user's `example` gave, where there was one.
    `target` is what its file is for, None for any; `sample` are inputs of forward that the original took when the graph
    was compared with it, None where it was not.
    """

    module: Script
    manifest: Manifest
    source: str = field(repr=False)
    report: LoweringReport = field(repr=False)
    examples: Examples | None = field(default=None, repr=False)
    target: Target | None = None
    sample: Sample | None = field(default=None, repr=False)

    @property
    def signature(self) -> Signature:
        """The dims of the arguments and the result; prints as `image: N C=3 H W -> N classes=10`."""
        return self.manifest.signature

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that can be called: forward, and those that were exported."""
        return tuple(self.manifest.methods)

    @property
    def metadata(self) -> Mapping[str, object]:
        """What the user added to the manifest."""
        return self.manifest.metadata

    @property
    def code(self) -> str:
        """The TorchScript code of all compiled methods."""
        return code_of(self.module)

    @property
    def graph(self) -> torch.Graph:
        """The graph of the forward, with the calls of the module's own functions inlined."""
        return graph_of(self.module)

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that the lite interpreter calls for the model, guard included: `aten::add.Tensor`.

        Raises LowerError for a model that it can't take.
        """
        return operators_of(self.module, self.manifest)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        bundle: "bool | Example | list[Any]" = False,
        debug: bool = False,
    ) -> None:
        """Writes `.pt`, or `.ptl` for the lite interpreter, with the manifest and the digests in it.

        The file is there whole or not at all: one that fails to be written leaves the old one, and one that torch
        could not load again is not written. `bundle` puts inputs into the file, which the model then gives to who does
        not know it: a list of calls, each a tuple of arguments or `(args, kwargs)`; of True those of the `example`
        that it was lowered with, else inputs drawn from the signature. `debug` adds to a .ptl where in the source each
        instruction comes from, so that errors on a phone name it. Raises LowerError for a suffix that is not the
        target's (`to=`), or no archive's, and for what torch can't save or load, DimError for inputs that do not fit,
        ArchiveError where nothing can be written.
        """
        check_suffix(path, self.target)
        script = self.module
        # A tuple may hold tensors, of which torch tells no truth.
        if bundle is not False and bundle is not None:
            given = self._own_inputs() if bundle is True else bundle() if callable(bundle) else bundle
            script = bundled(script, self.manifest, calls_in(given))
        save(script, self.manifest, path, self.target, debug=debug)

    def freeze(self, preserve: Sequence[str] = ()) -> "Lowered":
        """Freezes a module: weights become constants, what is constant is computed, convolutions take in norms.

        Guards and exported methods stay; `preserve` names further methods and attributes to keep. Numbers may change
        in their last digits. Raises LowerError for a function, a module in training mode, and one that is frozen.
        """
        module, manifest = frozen(self.module, self.manifest, preserve)
        return replace(self, module=module, manifest=manifest)

    def warm_up(
        self,
        n: int = 3,
        example: Example | None = None,
        *,
        sizes: Mapping[str, int | tuple[int, ...]] | None = None,
    ) -> "Lowered":
        """Calls the model n times, so that torch optimizes it before the first real call; returns itself.

        torch watches the first call and compiles for what it saw in the second. `example` is a tuple of arguments, or
        `(args, kwargs)`, or a function that gives either anew for each call; without it inputs are those of the
        `example` that the model was lowered with, else drawn from the signature, in `sizes` where given ({"N": 8}),
        optional tensors as None where the model fails with them.
        Gradients are recorded, and buffers change, as in any call: warm up as the model will be called. Raises
        LowerError where the model fails with inputs that were drawn, DimError where no sizes fit.
        """
        if example is None and self.examples is not None:
            own = self.examples
            return self.warm_up(n, lambda: own.at(sizes))
        inputs = self._drawn(sizes) if example is None and n > 0 else example
        for _ in range(n - 1 if example is None else n):
            args, kwargs = arguments_in(inputs() if callable(inputs) else inputs)
            self(*args, **kwargs)
        return self

    def _own_inputs(self) -> tuple[Any, ...]:
        """Inputs of one call: those of the user's example, else drawn ones that the original took."""
        if self.examples is not None:
            return self.examples.at()
        return self._drawn(None, "save(..., bundle=[(...,)])") if self.sample is None else self.sample.fresh()

    def _drawn(
        self,
        sizes: Mapping[str, int | tuple[int, ...]] | None,
        remedy: str = 'warm_up(example=(...,)), or sizes: warm_up(sizes={"N": 8})',
    ) -> tuple[Any, ...]:
        """Inputs that were drawn and that the model took, in one call; `remedy` is how a user gives others."""
        device = device_of(self.module)
        drawn_inputs(self.manifest, device, sizes=sizes)
        try:
            optional = rehearsed(self, self.manifest, device, sizes)
        except FAILURES as error:
            raise LowerError(
                f"{self.manifest.name} fails with inputs that were drawn for `{self.signature}`: "
                f"{reason_of(error)}; give inputs that it takes: {remedy}"
            ) from error
        return drawn_inputs(self.manifest, device, optional=optional, sizes=sizes)

    def graph_for(self, *inputs: Any, **named: Any) -> torch.Graph:
        """Calls the model, and returns the graph that torch ran: optimized from the second or third call on."""
        self(*inputs, **named)
        return last_graph()

    def stage_graphs(self, *inputs: Any, **named: Any) -> dict[str, str]:
        """The text of the graph in each stage, "scripted", "frozen" and "fused", with dims beside values.

        Names are those of variables, or of operations. Dims come from the signature, from the manifest, and from runs
        of a copy of the model: with these inputs or, without any, with three that are drawn from the signature. A
        stage that is passed, or that a model can't have, is left out.
        """
        return stage_graphs(self.module, self.manifest, _call(inputs, named))

    def graph_diff(self, before: str, after: str, *inputs: Any, **named: Any) -> str:
        """A unified diff of the graph between two stages ("scripted", "frozen", "fused"); "" where nothing changes.

        Inputs are those of `stage_graphs`: `graph_diff("scripted", "fused", image)`.
        """
        call = _call(inputs, named)
        return diff(stage_graphs(self.module, self.manifest, call, (before, after)), before, after)

    @cached_property
    def _calls(self) -> dict[str, Callable[..., Any]]:
        """The methods that were called so far, behind guards in Python, which explain what a graph only refuses."""
        return {}

    def _method(self, name: str) -> Callable[..., Any]:
        if name not in self._calls:
            bare = self.manifest.guards == "none"
            method = compiled_method(self.module, name) if bare else None
            self._calls[name] = method or guarded_method(self.manifest, self.module, name)
        return self._calls[name]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._method("forward")(*args, **kwargs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        # One that is being copied has no manifest yet.
        if name.startswith("_") or "manifest" not in vars(self):
            raise AttributeError(f"Lowered has no attribute {name!r}")
        if name not in self.methods:
            raise AttributeError(_no_method(self, name))
        return self._method(name)

    def __getstate__(self) -> dict[str, Any]:
        """What a copy takes over: guards that were made call the module of this one."""
        return {name: value for name, value in vars(self).items() if name != "_calls"}

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.methods})

    def __repr__(self) -> str:
        return f"<Lowered {self.manifest.name}: {self.signature}>"


def _call(inputs: tuple[Any, ...], named: dict[str, Any]) -> Call | None:
    return Call(inputs, named) if inputs or named else None


def _no_method(lowered: Lowered, name: str) -> str:
    near = get_close_matches(name, [one for one in dir(lowered) if not one.startswith("_")], n=1)
    return (
        f"{lowered.manifest.name} has no method `{name}` in its graph; it has "
        + ", ".join(f"`{one}`" for one in lowered.methods)
        + (f"; did you mean `{near[0]}`?" if near else "")
        + (f"; torch's own is `.module.{name}`" if hasattr(lowered.module, name) else "")
    )
