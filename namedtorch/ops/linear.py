"""Modules that contract the last axis."""

from typing import Final

from namedtorch.ops.module_rule import ModuleRule

MODULES: Final = (
    ModuleRule(
        "torch.nn.Linear",
        sizes={"in": "in_features", "out": "out_features"},
        state={"weight": "out in", "bias": "out"},
        forward="input: *batch in -> *batch out",
    ),
    ModuleRule(
        "torch.nn.Bilinear",
        sizes={"in1": "in1_features", "in2": "in2_features", "out": "out_features"},
        state={"weight": "out in1 in2", "bias": "out"},
        forward="input1: *batch in1, input2: *batch in2 -> *batch out",
    ),
)
