"""Inputs that a program writes into: graphs of ONNX and ExecuTorch leave theirs as they are."""

import operator
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram

from namedtorch.lower.targets.flat_dims import input_nodes


def spare_inputs(program: ExportedProgram, names: Sequence[str]) -> tuple[str, ...]:
    """Makes a program write into copies where it wrote into its inputs, and gives notes of it.

    `names` are what the notes call the inputs, in their order.
    """
    written = written_inputs(program)
    for node in written:
        with program.graph.inserting_after(node):
            copied = program.graph.call_function(torch.ops.aten.clone.default, (node,))
        copied.meta.update(node.meta)
        node.replace_all_uses_with(copied, delete_user_cb=lambda user, own=copied: user is not own)
        for output in program.graph_signature.output_specs:
            if output.arg.name == node.name:
                output.arg.name = copied.name
    if written:
        program.graph_module.recompile()
    called = dict(zip(input_nodes(program), names, strict=True))
    return tuple(
        f"`{called[one]}` is changed in a call of the model, not in one of the file" for one in written
    )


def written_inputs(program: ExportedProgram) -> list[fx.Node]:
    """The inputs that a program changes, themselves or a view of them."""
    inputs = input_nodes(program)
    sources: dict[fx.Node, set[fx.Node]] = {one: {one} for one in inputs}
    written: set[fx.Node] = set()
    for node in program.graph.nodes:
        if node.target is operator.getitem:
            sources[node] = sources.get(node.args[0], set())
        elif isinstance(node.target, torch._ops.OpOverload):
            aliased = _aliased(node)
            for one, is_written in aliased:
                sources.setdefault(node, set()).update(sources.get(one, ()))
                if is_written:
                    written |= sources.get(one, set())
    return [one for one in inputs if one in written]


def _aliased(node: fx.Node) -> list[tuple[fx.Node, bool]]:
    """The arguments of a node whose memory its result may share or that it changes, and whether it does."""
    target: Any = node.target
    named = dict(zip((one.name for one in target._schema.arguments), node.args, strict=False)) | node.kwargs
    found = [(named.get(one.name), one.alias_info) for one in target._schema.arguments]
    return [
        (value, alias.is_write)
        for value, alias in found
        # A conversion to another dtype is a copy.
        if alias is not None
        and isinstance(value, fx.Node)
        and (alias.is_write or _is_of_one_dtype(node, value))
    ]


def _is_of_one_dtype(node: fx.Node, other: fx.Node) -> bool:
    one, two = node.meta.get("val"), other.meta.get("val")
    # What gives several tensors gives parts of one.
    return not isinstance(one, Tensor) or not isinstance(two, Tensor) or one.dtype == two.dtype
