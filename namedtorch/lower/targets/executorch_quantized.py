"""Quantizing an exported program for XNNPACK: int8, symmetric, a scale for each channel of a weight.

Source: PT2E of torchao, with the quantizer of ExecuTorch.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx
from torch._dynamo.exc import UserError
from torch.export import Dim as TorchDim
from torch.export import ExportedProgram

from namedtorch.archive.manifest import State
from namedtorch.archive.quantization import LayerScheme, Quantization, QuantizationMethod
from namedtorch.diagnostics import LowerError
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.quantize.noise import Noise, noise_between
from namedtorch.lower.targets.executorch_bounds import largest
from namedtorch.lower.targets.executorch_quiet import imported, quiet_executorch
from namedtorch.lower.targets.executorch_refusal import refused
from namedtorch.lower.targets.flat_agreement import Reference
from namedtorch.lower.targets.flat_dims import input_nodes, sizes_of
from namedtorch.lower.targets.interface_call import Run
from namedtorch.lower.targets.stored import stored

ENGINE = "xnnpack"
"""What a manifest calls the engine."""

LOUDEST = 3.0
"""With fewer decibels of signal over noise than this, noise is half of the signal: such a model is refused."""

_QUANTIZER = "executorch.backends.xnnpack.quantizer.xnnpack_quantizer"
_PT2E = "torchao.quantization.pt2e.quantize_pt2e"
_QUANTIZED = "quantized_decomposed"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is asked for of an int8 program: "dynamic", whose activations get their scales in each call, or "static".

    `batches` are inputs of the flat graph, from which the scales of "static" are learned, and on which the noise is
    measured. `float_digest` is the `state_digest` of the float model, `method` what the manifest says.
    """

    method: QuantizationMethod
    batches: Sequence[Sequence[Tensor]]
    float_digest: str


@dataclass(frozen=True, slots=True)
class QuantizedProgram:
    """A quantized program, and how it was quantized."""

    program: ExportedProgram
    quantization: Quantization


def quantized(
    program: ExportedProgram, calibration: Calibration, state: Mapping[str, State], name: str
) -> QuantizedProgram:
    """Quantizes a program of tensors; `state` are the float model's parameters and buffers.

    Raises LowerError for a program that can't be quantized, and where no layer is.
    """
    if not calibration.batches:
        raise LowerError(f"{name} is quantized for ExecuTorch with batches, and was given none")
    dynamic = calibration.method == "dynamic"
    quantizer, pt2e = imported(_QUANTIZER), imported(_PT2E)
    config = quantizer.get_symmetric_quantization_config(is_per_channel=True, is_dynamic=dynamic)
    try:
        with quiet_executorch(), torch.no_grad():
            prepared = pt2e.prepare_pt2e(
                program.module(check_guards=False), quantizer.XNNPACKQuantizer().set_global(config)
            )
            # As a call hands them on, whatever memory format callers use.
            batches = [tuple(map(stored, batch)) for batch in calibration.batches]
            for batch in batches:
                prepared(*batch)
            converted: fx.GraphModule = pt2e.convert_pt2e(prepared)
            # torch makes a constant of any size that happens to be 1: in the largest batch the fewest are.
            largest_batch = max(batches, key=lambda batch: sum(one.numel() for one in batch))
            again = _exported(converted, largest_batch, program)
    # torchao raises whatever falls.
    except Exception as error:
        raise refused(error, name) from error
    layers = dict(_layers(converted.graph, program.graph, state, dynamic))
    if not layers:
        raise LowerError(
            f"XNNPACK's quantizer takes no layer of {name} for int8"
            + (' (method="dynamic" is for linear layers)' if dynamic else "")
            + ": lower the float model"
        )
    folded = {inner for path in layers for inner in _folded(program.graph, state, path)}
    stayed = {
        path: f"XNNPACK's quantizer leaves {kind} float"
        for path, kind in _with_weights(program.graph, state)
        if path not in layers and path not in folded
    }
    return QuantizedProgram(
        again, Quantization(calibration.method, ENGINE, calibration.float_digest, layers, stayed)
    )


def noise_of(
    program: ExportedProgram,
    run: Run,
    batches: Sequence[Sequence[Tensor]],
    name: str,
) -> tuple[str, ...]:
    """Lines that tell the noise of a quantized program against the float one; raises LowerError for garbage."""
    reference, found = Reference(program), Noise()
    for batch in batches:
        found += noise_between(reference(batch), list(run([one.clone() for one in batch])))
    ratio = found.decibels
    count = f"{len(batches)} batch{'es' * (len(batches) != 1)}"
    if ratio is Unknown:
        return (f"int8: the results have no floats to compare, on {count}",)
    if ratio < LOUDEST:
        shown = "no signal" if ratio == -math.inf else f"{ratio:.1f} dB of signal over noise"
        raise LowerError(
            f"{name} in int8 is not the model any more: {shown} in its results on {count}, and {LOUDEST:.0f} dB are "
            "the least; calibrate it with batches like those that it will get, or lower the float model"
        )
    shown = "no noise" if ratio == math.inf else f"{ratio:.1f} dB of signal over noise"
    return (f"int8: {shown} in the results, on {count}",)


def _exported(module: fx.GraphModule, batch: tuple[Tensor, ...], program: ExportedProgram) -> ExportedProgram:
    """A module that was made of a program, exported for the same sizes."""
    shapes = _shapes(program)
    try:
        return torch.export.export(module, batch, dynamic_shapes=shapes, strict=False)
    except UserError:
        # Conditions of torch's own that the float model was found not to need (`H - 2 != 1`): ExecuTorch asks for none.
        bounded = tuple(
            {axis: _bounded(program, node, axis) for axis in own}
            for node, own in zip(input_nodes(program), shapes, strict=True)
        )
        return torch.export.export(module, batch, dynamic_shapes=bounded, strict=False)


def _bounded(program: ExportedProgram, node: fx.Node, axis: int) -> Any:
    """A size of which torch finds out itself what it goes with, up to its largest."""
    size = sizes_of(node)[axis]
    assert isinstance(size, torch.SymInt)
    return TorchDim.AUTO(max=largest(program, size))


def _shapes(program: ExportedProgram) -> tuple[dict[int, Any], ...]:
    """The dynamic shapes that a program was exported with, read from its inputs."""
    roots: dict[str, Any] = {}
    return tuple(
        {
            axis: _dim(program, size, roots)
            for axis, size in enumerate(sizes_of(node))
            if isinstance(size, torch.SymInt)
        }
        for node in input_nodes(program)
    )


def _dim(program: ExportedProgram, size: torch.SymInt, roots: dict[str, Any]) -> Any:
    """What torch.export is told of a size: a dim with its range, or a multiple of one."""
    expression: Any = size.node.expr
    symbols = sorted(expression.free_symbols, key=str)
    if len(symbols) != 1 or not expression.is_polynomial(symbols[0]):
        return TorchDim.AUTO
    (symbol,) = symbols
    offset = int(expression.subs(symbol, 0))
    factor = int(expression.subs(symbol, 1)) - offset
    if factor < 1 or expression.subs(symbol, 1000) != 1000 * factor + offset:
        return TorchDim.AUTO
    if str(symbol) not in roots:
        bounds = program.range_constraints[symbol]
        most = largest(program, size)
        assert most is not Unknown
        least = max(int(bounds.lower), 0)
        roots[str(symbol)] = TorchDim(f"_{symbol}", min=least, max=(most - offset) // factor)
    made = roots[str(symbol)]
    made = made if factor == 1 else factor * made
    return made + offset if offset > 0 else made - -offset if offset else made


def _layers(
    graph: fx.Graph, floats: fx.Graph, state: Mapping[str, State], dynamic: bool
) -> Iterator[tuple[str, LayerScheme]]:
    """The scheme of each layer whose weight is quantized, by its path."""
    for node in graph.nodes:
        weights = [one for one in node.all_input_nodes if _is_weight(one)]
        if node.op != "call_function" or _is_quantizing(node) or not weights:
            continue
        path, kind = _module(node)
        per_channel = "per_channel" in str(weights[0].target)
        axis = weights[0].args[3] if per_channel else None
        yield (
            path,
            LayerScheme(
                kind,
                "qint8",
                "" if dynamic else "qint8",
                "per_channel" if per_channel else "per_tensor",
                axis,
                _dim_name(state.get(f"{path}.weight"), axis),
                (*_folded(floats, state, path).values(), *(() if dynamic else _behind(node, path))),
            ),
        )


def _is_quantizing(node: fx.Node) -> bool:
    return _QUANTIZED in str(node.target)


def _is_weight(node: fx.Node) -> bool:
    """Whether a node gives the numbers of a weight that is stored in int8."""
    source = node.args[0] if node.args else None
    return _is_quantizing(node) and isinstance(source, fx.Node) and source.op == "get_attr"


def _module(node: fx.Node) -> tuple[str, str]:
    """The path and the class of the module around a node."""
    stack: Mapping[str, tuple[str, Any]] = node.meta.get("nn_module_stack") or {}
    if not stack:
        return "", ""
    path, owner = list(stack.values())[-1]
    kind = owner if isinstance(owner, str) else owner.__qualname__
    return path, kind.rpartition(".")[2]


def _folded(floats: fx.Graph, state: Mapping[str, State], path: str) -> dict[str, str]:
    """The norms that are folded into a layer: those behind it that keep statistics, by path; their classes."""
    users = (user for node in floats.nodes if _module(node)[0] == path for user in node.users)
    found = dict(_module(user) for user in users if user.op == "call_function")
    return {inner: kind for inner, kind in found.items() if f"{inner}.running_mean" in state}


def _behind(layer: fx.Node, path: str) -> Iterator[str]:
    """What a layer took in of what follows it: that whose numbers are quantized, and not its own."""
    users = list(layer.users)
    if len(users) != 1 or _is_quantizing(users[0]) or not any(map(_is_quantizing, users[0].users)):
        return
    if any(map(_is_weight, users[0].all_input_nodes)):
        return
    inner, kind = _module(users[0])
    target: Any = users[0].target
    # A function is called in the code of a module around the layer.
    yield kind if inner != path.rpartition(".")[0] else str(target._schema.name).removeprefix("aten::")


def _with_weights(floats: fx.Graph, state: Mapping[str, State]) -> list[tuple[str, str]]:
    """The paths and classes of the modules with float parameters that a graph calls."""
    owners = {
        path.rpartition(".")[0]
        for path, one in state.items()
        if one.kind == "parameter" and one.dtype.startswith(("float", "bfloat"))
    }
    called = dict(_module(node) for node in floats.nodes if node.op == "call_function")
    return [(path, called[path]) for path in sorted(owners) if path in called]


def _dim_name(weight: State | None, axis: int | None) -> str | None:
    """The dim of an axis of a weight, as the manifest names it."""
    names = (weight.dims or "").split() if weight is not None else []
    if axis is None or axis >= len(names):
        return None
    name = names[axis].partition("=")[0]
    return name if name.isidentifier() else None
