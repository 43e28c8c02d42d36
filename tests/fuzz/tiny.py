"""The smallest real files of torch.export, ONNX and ExecuTorch, sealed: `python -m tests.fuzz.tiny` writes them.

They stand among the seeds, so that tests of what is read need no runtime. Needs the extras onnx and executorch.
"""

from dataclasses import replace

import torch
from executorch.exir import to_edge
from torch import nn

from namedtorch.archive.interface import Input, Interface, Output
from namedtorch.archive.manifest import Manifest, Method
from namedtorch.archive.seal import seal
from namedtorch.archive.seal_flat import placeholder, seal_executorch, seal_onnx
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature
from tests.fuzz.tiny_files import TINY

SIGNATURE = parse_signature("x: N 2 -> N 2 where N <= 4")
MANIFEST = Manifest(
    name="tiny.Shift",
    kind="module",
    mode="eval",
    guards="none",
    methods={"forward": Method(SIGNATURE, build_plan(SIGNATURE))},
    torch_version="2.13.0",
    namedtorch_version="0.1.0",
    method="export",
    format="export",
    interface=Interface((Input("x", ("x",)),), ("y",), Output(0)),
)


class Shift(nn.Module):
    """One operator and one buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("by", torch.tensor([1.0, 2.0]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.by


def write() -> None:
    """Writes the three files."""
    sizes = {0: torch.export.Dim("N", max=4)}
    program = torch.export.export(Shift(), (torch.zeros(2, 2),), dynamic_shapes=(sizes,))
    exported = TINY["export"]
    torch.export.save(program, exported.with_suffix(".pt2"))
    exported.with_suffix(".pt2").rename(exported)
    seal(exported, MANIFEST)
    model = torch.onnx.export(program, dynamo=True, verbose=False, output_names=["y"])
    assert model is not None
    proto = model.model_proto
    # What torch notes for a debugger, paths of this machine among it.
    for one in (proto, proto.graph, *proto.graph.node, *proto.graph.input, *proto.graph.output):
        del one.metadata_props[:]
    onnx = TINY["onnx"]
    onnx.write_bytes(proto.SerializeToString())
    seal_onnx(onnx, MANIFEST)
    manifest = replace(MANIFEST, format="executorch")
    lowered = to_edge(program, constant_methods={"namedtorch_json": placeholder(manifest)}).to_executorch()
    executorch = TINY["executorch"]
    executorch.write_bytes(lowered.buffer)
    seal_executorch(executorch, manifest)


if __name__ == "__main__":
    write()
