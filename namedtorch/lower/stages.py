"""Stages of a graph: as it was scripted, as it is frozen, as torch fuses it; and what changes from one to the next."""

import copy
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from namedtorch.archive.manifest import Manifest, State
from namedtorch.diagnostics import LowerError
from namedtorch.dims.pattern import Dim
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.graph_text import graph_text, tensor_text
from namedtorch.lower.graphs import arguments_of, frozen_module, last_graph, seen_in
from namedtorch.lower.naming import Naming, Run
from namedtorch.lower.rehearsal import FAILURES, drawn_inputs, rehearsed
from namedtorch.lower.torchscript import Script, graph_of
from namedtorch.runtime.guard import Guard
from namedtorch.signature.hints import Hint, TensorHint, TupleHint
from namedtorch.signature.signature import Signature

FROZEN = "freeze"
"""What a manifest calls the stage of a module that is frozen."""

_SEEDS = (0, 1, 2, 3)
_RUNS = 3  # torch profiles the first, and optimizes for the second


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call, by position and by keyword."""

    args: Sequence[Any]
    kwargs: Mapping[str, Any]


def stage_graphs(
    script: Script, manifest: Manifest, call: Call | None = None, wanted: Sequence[str] = ()
) -> dict[str, str]:
    """The text of a graph in each of its stages, dims beside the values, for a call (None: examples are drawn).

    Only the stages `wanted` are made, where any are named. Raises LowerError for a stage that the model has not, and
    where it fails with what was drawn, DimError for a call that does not fit the signature.
    """
    stages = stages_of(manifest)
    for stage in wanted:
        if stage not in stages:
            has = ", ".join(f'"{one}"' for one in stages)
            raise LowerError(f'there is no stage "{stage}" of this graph; there are {has}')
    wanted = wanted or stages
    # Runs may change buffers, and make torch optimize for these inputs.
    made: Script = script if isinstance(script, torch.jit.ScriptFunction) else copy.deepcopy(script)
    with torch.random.fork_rng(devices=[]):
        try:
            calls = _drawn(made, manifest) if call is None else [call]
            return dict(_stages(made, manifest, calls, wanted))
        except FAILURES as error:
            if call is not None:
                raise
            raise LowerError(
                f"{manifest.name} fails with inputs that were drawn for `{manifest.signature}`: "
                f"{reason_of(error)}; give inputs that it takes as further arguments"
            ) from error


def stages_of(manifest: Manifest) -> tuple[str, ...]:
    """The stages that a graph has from here on."""
    first = "frozen" if FROZEN in manifest.stages else "scripted"
    later = manifest.kind == "module" and manifest.mode == "eval" and FROZEN not in manifest.stages
    return (first, "frozen", "fused") if later else (first, "fused")


def _stages(
    script: Script, manifest: Manifest, calls: Sequence[Call], wanted: Sequence[str]
) -> Iterator[tuple[str, str]]:
    texts = _Texts(script, manifest, calls)
    first, *later = stages_of(manifest)
    # What torch fuses gets its dims from the stage before.
    if first in wanted or later == ["fused"]:
        yield first, texts.of(script, graph_of(script))
    if "frozen" in later:
        assert isinstance(script, torch.jit.ScriptModule)
        script = frozen_module(script, [])
        yield "frozen", texts.of(script, graph_of(script))
    if "fused" in wanted:
        args, kwargs = calls[0].args, calls[0].kwargs
        for _ in range(_RUNS):
            script(*args, **kwargs)
        yield "fused", texts.of(script, last_graph(), made=True)


def diff(graphs: Mapping[str, str], before: str, after: str) -> str:
    """What changes from one stage to another, as a unified diff; "" for nothing."""
    lines = difflib.unified_diff(
        graphs[before].splitlines(), graphs[after].splitlines(), before, after, lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)


def reason_of(error: BaseException) -> str:
    """The last line of an error of torch, which says what is wrong; those above say where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def device_of(script: Script) -> torch.device:
    """Where a model computes: the device of its first parameter or buffer, else the CPU."""
    if isinstance(script, torch.jit.ScriptFunction):
        return torch.device("cpu")
    return next((one.device for one in (*script.parameters(), *script.buffers())), torch.device("cpu"))


def _drawn(script: Script, manifest: Manifest) -> list[Call]:
    device = device_of(script)
    optional = rehearsed(script, manifest, device)
    return [Call(*drawn_inputs(manifest, device, optional=optional, seed=seed)) for seed in _SEEDS]


class _Texts:
    """Writes graphs of one model, for the same calls."""

    def __init__(self, script: Script, manifest: Manifest, calls: Sequence[Call]) -> None:
        self._signature = manifest.signature
        self._arguments = [arguments_of(script, one.args, one.kwargs) for one in calls]
        runs = [_run(manifest, arguments) for arguments in self._arguments]
        self._naming = Naming(runs, _fixed(manifest))
        self._weights = {path: _weight(one) for path, one in manifest.state.items()}
        self._known: dict[tuple[int, ...], str] = {}  # dims by the sizes of the first call

    def of(self, script: Script, graph: Any, *, made: bool = False) -> str:
        """The text of a graph; `made` for one that torch made for the sizes of the first call."""
        types = {} if made else self._seen(script, graph)
        given = [value for value in graph.inputs() if value.type().kind() != "ClassType"]
        for value, parameter in zip(given, self._signature.parameters, strict=False):
            _type(types, value, parameter.hint)
        results = list(graph.outputs())
        if len(results) == 1:
            _type(types, results[0], self._signature.result)
        return graph_text(
            graph,
            types=types,
            weights=self._weights,
            dims=lambda sizes: self._known.get(tuple(sizes)) or self._naming.axes([sizes]),
            inputs=[one.name for one in self._signature.parameters],
        )

    def _seen(self, script: Script, graph: Any) -> dict[str, str]:
        runs = [seen_in(graph, script, arguments) for arguments in self._arguments]
        found: dict[str, str] = {}
        for name, one in runs[0].items():
            if all(name in run for run in runs):
                dims = self._naming.axes([run[name].sizes for run in runs])
                found[name] = tensor_text(one.dtype, dims)
                if self._known.setdefault(one.sizes, dims) != dims:
                    self._known[one.sizes] = ""
        return found


def _type(types: dict[str, str], value: Any, hint: Hint) -> None:
    """Notes what the signature says of a value."""
    if isinstance(hint, TensorHint) and value.type().kind() == "TensorType":
        family = "Tensor" if hint.family.dtypes is None else hint.family.name
        word = types.get(value.debugName(), family).partition("(")[0]
        types[value.debugName()] = f"{word}({', '.join(str(axis) for axis in hint.shape.axes)})"
    elif isinstance(hint, TupleHint) and value.node().kind() == "prim::TupleConstruct":
        for item, part in zip(hint.items, value.node().inputs(), strict=True):
            _type(types, part, item)


def _run(manifest: Manifest, arguments: Sequence[Any]) -> Run:
    """The sizes of dims in a call; raises DimError for one that does not fit."""
    # As it is read from a file: records that were made up are no instances of the user's class.
    guard = Guard(Signature.from_json(manifest.signature.to_json()), manifest.name)
    explanation = guard.explanation(tuple(arguments))
    if explanation.arguments():
        raise explanation.error(manifest.name, "")
    bindings = explanation.matching.bindings
    fixed = {
        axis.name
        for hint in manifest.signature.tensors
        for axis in hint.shape.axes
        if isinstance(axis, Dim) and axis.size is not Unknown and axis.size.value is not Unknown
    }
    groups = {
        name[1:]: sizes for name, sizes in bindings.items() if isinstance(sizes, tuple) and "?" not in name
    }
    # What always has one size is best said by that size.
    dims = {name: size for name, size in bindings.sizes.items() if "?" not in name and name not in fixed}
    return Run(dims, groups)


def _fixed(manifest: Manifest) -> frozenset[int]:
    """The sizes that stand in the signature and in the weights."""
    written = [
        axis.size.value
        for hint in manifest.signature.tensors
        for axis in hint.shape.axes
        if isinstance(axis, Dim) and axis.size is not Unknown
    ]
    of_weights = {size for one in manifest.state.values() for size in one.sizes}
    return frozenset({size for size in written if size is not Unknown} | of_weights)


def _weight(state: State) -> str:
    dtype = getattr(torch, state.dtype, None)
    dims = (
        ", ".join(str(size) for size in state.sizes) if state.dims is None else ", ".join(state.dims.split())
    )
    return tensor_text(dtype if isinstance(dtype, torch.dtype) else None, dims)
