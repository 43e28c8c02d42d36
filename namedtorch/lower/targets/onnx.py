"""ONNX: an exported program as a model whose axes bear the dims of the signature, held to the program."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram

from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal_flat import seal_onnx
from namedtorch.diagnostics import LowerError
from namedtorch.lower.targets.extras import needed
from namedtorch.lower.targets.flat_agreement import require_agreement, require_stateless
from namedtorch.lower.targets.flat_dims import FlatDims, input_nodes, output_nodes
from namedtorch.lower.targets.inner_dtypes import coarseness
from namedtorch.lower.targets.onnx_quiet import quiet_onnx
from namedtorch.lower.targets.onnx_refusal import TRACE, Lines, is_of_passes, reason_of, refused
from namedtorch.lower.targets.onnx_session import NUMBERS, Run, open_session, runner
from namedtorch.lower.targets.recurrent_layers import free_lengths
from namedtorch.lower.targets.written_inputs import spare_inputs
from namedtorch.signature.dtypes import dtype_name

LARGEST = 2**31 - 2**20
"""A file of ONNX is a message of protobuf, which has less than 2 GiB; the rest is for the graph and the manifest."""

# Kernels of onnxruntime round in other places: coordinates of a resize, sums.
_TIMES = 3.0
_NODE = "pkg.torch.onnx.fx_node"


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """A model of ONNX.

    `data` are the bytes of its file without manifest, `run` runs it, `notes` tell how it came about.
    """

    data: bytes = field(repr=False)
    run: Run = field(repr=False)
    notes: tuple[str, ...]

    def write(self, path: Path, manifest: Manifest) -> Manifest:
        """Writes the model with its manifest, which is returned as it reads back."""
        path.write_bytes(self.data)
        return seal_onnx(path, manifest)


def to_onnx(program: ExportedProgram, manifest: Manifest, samples: Sequence[Sequence[Tensor]]) -> OnnxModel:
    """The model of an exported program of tensors, held against it by onnxruntime with inputs in several sizes.

    Inputs and outputs have the names of the manifest's interface, their axes those of the signature's dims. Raises
    LowerError for what ONNX or onnxruntime can't take, with the user's line; for a model of 2 GB and more; for one that
    gives something else; and where the extra is not installed.
    """
    interface = manifest.interface
    assert interface is not None
    checker, ir = needed("onnx.checker", "onnx"), needed("onnx_ir", "onnx")
    needed("onnxscript", "onnx")
    needed("onnxruntime", "onnx")
    size = sum(_bytes(one) for one in (*program.state_dict.values(), *program.constants.values()))
    if size > LARGEST:
        raise LowerError(
            f"{manifest.name} has {size / 2**30:.1f} GiB of weights, and a file of ONNX holds less than 2 GiB: lower "
            'it to="export", or in a smaller dtype (model.half())'
        )
    require_stateless(program, samples, manifest.name, "ONNX")
    names, outputs = [one.name for one in interface.inputs], list(interface.outputs)
    _require_dtypes(program, names, outputs)
    notes = spare_inputs(program, names)
    try:
        model, plain = _converted(program, names, outputs)
    # Its errors have classes of several packages.
    except Exception as error:
        raise refused(error, manifest.name) from error
    _name_apart(model)
    _name_axes(model, FlatDims.of(program, manifest.signature, interface))
    data, lines = _bytes_of(model, ir), Lines.of(model)
    try:
        session = open_session(data)
    except Exception as error:
        raise lines.not_run(error, manifest.name) from error
    if _strip(model):
        data = _bytes_of(model, ir)
    checker.check_model(data)
    run = runner(session)
    times = max(_TIMES, coarseness(program))
    held = require_agreement(program, run, samples, names, outputs, "onnxruntime", times, place=lines.place)
    operators = sum(1 for _ in model.graph)
    opset = model.graph.opset_imports.get("", 0)
    head = f"ONNX: {operators} operators, opset {opset}, held to the model by onnxruntime"
    return OnnxModel(data, run, (head, *plain, *notes, *held))


def _converted(
    program: ExportedProgram, names: Sequence[str], outputs: Sequence[str]
) -> tuple[Any, tuple[str, ...]]:
    """The model of onnx_ir that torch.onnx makes, and notes of what it could not do; raises whatever that raises."""

    def made(*, optimize: bool) -> Any:
        with quiet_onnx(), torch.no_grad(), free_lengths():
            exported: Any = torch.onnx.export(
                program,
                dynamo=True,
                verbose=False,
                external_data=False,
                input_names=names,
                output_names=outputs,
                optimize=optimize,
            )
            return exported.model

    try:
        return made(optimize=True), ()
    except Exception as error:
        if not is_of_passes(error):
            raise
        said = reason_of(error)
    return made(optimize=False), (f"the graph is as torch.onnx made it: its optimizer fails ({said})",)


def _require_dtypes(program: ExportedProgram, names: Sequence[str], outputs: Sequence[str]) -> None:
    """Raises LowerError for tensors of dtypes that ONNX does not have."""
    nodes = zip((*names, *outputs), (*input_nodes(program), *output_nodes(program)), strict=True)
    for name, node in nodes:
        dtype = node.meta["val"].dtype
        if dtype not in NUMBERS:
            remedy = " (torch.view_as_real(x) makes real ones of them)" if dtype.is_complex else ""
            raise LowerError(f"ONNX has no tensors of {dtype_name(dtype)}, and `{name}` is one{remedy}")


def _bytes_of(model: Any, ir: Any) -> bytes:
    return ir.to_proto(model).SerializeToString()


def _name_apart(model: Any) -> None:
    """Gives values inside of a model other names than its inputs and outputs have: in ONNX they share one space."""
    ends = {id(one): one for one in (*model.graph.inputs, *model.graph.outputs)}
    taken = {one.name for one in ends.values()}
    initializers = model.graph.initializers
    names = taken | {one.name for one in _made(model)} | {*initializers}
    for value in (*_made(model), *list(initializers.values())):
        if id(value) in ends or value.name not in taken:
            continue
        old, number = value.name, 1
        while f"{old}_{number}" in names:
            number += 1
        names.add(f"{old}_{number}")
        if initializers.get(old) is value:
            initializers.pop(old)
            value.name = f"{old}_{number}"
            initializers[value.name] = value
        else:
            value.name = f"{old}_{number}"


def _name_axes(model: Any, dims: FlatDims) -> None:
    """Gives the axes of all tensors in a model the names of dims."""
    for value in _values(model):
        if value.shape is None or value.shape.frozen:
            continue
        for place, size in enumerate(value.shape):
            text = getattr(size, "value", None)
            if isinstance(text, str):
                value.shape[place] = dims.spelled(text)


def _values(model: Any) -> Iterator[Any]:
    seen: set[int] = set()
    for value in (*model.graph.inputs, *model.graph.outputs, *_made(model)):
        if id(value) not in seen:
            seen.add(id(value))
            yield value


def _made(model: Any) -> Iterator[Any]:
    """What the nodes of a model give, those in the branches of others as well."""
    for node in model.graph.all_nodes():
        yield from node.outputs
        for attribute in node.attributes.values():
            if attribute.type.name == "GRAPH":
                yield from attribute.as_graph().inputs


def _strip(model: Any) -> bool:
    """Takes out where on the author's machine the nodes came from, and torch's own text of them; tells if any."""
    found = False
    for node in model.graph.all_nodes():
        for key in (TRACE, _NODE):
            found = node.metadata_props.pop(key, None) is not None or found
    return found


def _bytes(value: Any) -> int:
    return value.numel() * value.element_size() if isinstance(value, Tensor) else 0
