"""Functions given as text, in plain torch as text."""

import ast
from collections.abc import Sequence
from pathlib import Path

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.emission import emitted
from namedtorch.erase.observation import Observation
from namedtorch.erase.worth import Worth
from namedtorch.static.interpreter.domain import Function
from namedtorch.static.interpreter.functions import run_generic
from namedtorch.static.interpreter.names import in_scope
from namedtorch.static.project import Project

HEAD = """
import math
import torch
import torch.nn.functional as F
from torch import Tensor, nn
import namedtorch
from namedtorch import Bool, Float, Int, NamedTensor, named, named_module
"""


def erased(text: str, folder: Path, name: str = "f") -> str:
    """The function `name` of a module whose text follows HEAD, run for all arguments, without its annotations."""
    return "\n".join(ast.unparse(one) for one in erased_definition(text, folder, name).body)


def erased_definition(text: str, folder: Path, name: str = "f") -> ast.FunctionDef:
    """The definition of the function `name` in plain torch, but for the annotations of its parameters."""
    return erased_definitions(text, folder, [name])[name]


def erased_definitions(text: str, folder: Path, names: Sequence[str]) -> dict[str, ast.FunctionDef]:
    """The definitions of several functions, by their names."""
    path = folder / "module.py"
    path.write_text(HEAD + text)
    observation = Observation(Project.of([str(path)]))
    scope = observation.interpreter.scope_of("module")
    assert scope is not Unknown
    found: dict[str, ast.FunctionDef] = {}
    for name in names:
        # The names of a module are looked up where a function of it runs.
        function = in_scope(observation.machine, scope, name)
        assert isinstance(function, Function), function
        assert isinstance(function.node, ast.FunctionDef)
        frame = run_generic(observation.machine, function)
        faults = [one.misfit.detail for one in observation.machine.faults if one.severity == "error"]
        assert not faults, f"{ast.unparse(function.node)}: {faults}"
        found[name] = emitted(function.node, Worth(observation.run_of(frame).seen)).definition
    return found
