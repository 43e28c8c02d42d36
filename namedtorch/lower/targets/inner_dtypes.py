"""The dtypes that a program computes in, which may be coarser than those of its results."""

import torch
from torch import Tensor
from torch.export import ExportedProgram

from namedtorch.lower.targets.flat_dims import output_nodes
from namedtorch.lower.verify.comparison import RELATIVE

_ROUNDED = 3.0
"""Runtimes keep in float32 what torch rounds to float16 after each operator, and so round less often."""


def coarseness(program: ExportedProgram) -> float:
    """How many times the tolerance of its results a program asks for.

    What is computed in float16 and given as float32 has no more digits than float16 has.
    """
    given = max((_relative(node.meta.get("val")) for node in output_nodes(program)), default=0.0)
    made = [_relative(node.meta.get("val")) for node in program.graph.nodes if node.op == "call_function"]
    coarsest = max(made, default=0.0)
    if not given or coarsest <= RELATIVE[torch.float32]:
        return 1.0
    return _ROUNDED * max(1.0, coarsest / given)


def _relative(value: object) -> float:
    if isinstance(value, Tensor):
        return RELATIVE.get(value.dtype, 0.0)
    # Operators with several results, of which the first tells.
    if isinstance(value, tuple | list) and value:
        return _relative(value[0])
    return 0.0
