"""An exported program with all that says how it is called: what each target makes its file of."""

import contextlib
import copy
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram
from torch.fx.graph import CodeGen

from namedtorch.archive.interface import Interface
from namedtorch.diagnostics import DimError
from namedtorch.lower.drawing import Examples
from namedtorch.lower.operators import TORCH_NAMESPACES, provider_of
from namedtorch.lower.samples import Sample
from namedtorch.lower.targets.dynamic_shapes import DynamicShapes
from namedtorch.lower.targets.interface_call import InterfaceCall, Run
from namedtorch.signature.signature import Signature

_SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class FlatProgram:
    """A program of torch.export that takes and gives tensors alone, and how it is called.

    `signature` is narrowed to what was exported, `dynamic` are the dims of its inputs, `examples` make calls that fit
    it. `assumed` are sizes that torch has noted, and the program does without (`T == 5`). As a `Runnable`, it is run
    beside the original.
    """

    name: str
    signature: Signature
    interface: Interface
    program: ExportedProgram
    dynamic: DynamicShapes
    examples: Examples
    assumed: tuple[str, ...] = ()

    @cached_property
    def call(self) -> InterfaceCall:
        """The program, called as the model."""
        return InterfaceCall(self.interface, self.signature, runner(self._module))

    @cached_property
    def operators(self) -> dict[str, str]:
        """The operators that the program calls and torch does not have, each with what provides it."""
        names = {
            f"{node.target.namespace}::{node.target._opname}"
            for node in self.program.graph.nodes
            if isinstance(node.target, torch._ops.OpOverload)
        }
        own = sorted(one for one in names if one.partition("::")[0] not in TORCH_NAMESPACES)
        return {name: provider_of(name) for name in own}

    def inputs(self, sample: Sample) -> list[Tensor]:
        """The inputs of the program for a call."""
        return self.call.inputs(*sample.fresh())

    def samples(self) -> list[list[Tensor]]:
        """The inputs of two or more calls, in several sizes of each free dim where there are any."""
        assert isinstance(self.examples.first, Sample)
        found = [self.examples.first]
        for seed in _SEEDS:
            other = self.examples.sample({}, seed)
            if isinstance(other, Sample) and self.takes("forward", other):
                found.append(other)
        return [self.inputs(one) for one in found]

    @cached_property
    def _module(self) -> fx.GraphModule:
        return plain_module(self.program)

    def copy(self) -> fx.GraphModule:
        """The program as a module whose calls leave nothing behind in this one."""
        changes = any(
            isinstance(node.target, torch._ops.OpOverload) and node.target._schema.is_mutable
            for node in self.program.graph.nodes
        )
        if not changes:
            return self._module
        with warnings.catch_warnings():
            # torch warns of a class of its own, which its graphs hold.
            warnings.filterwarnings("ignore", message=r"`isinstance\(treespec, LeafSpec\)` is deprecated")
            return copy.deepcopy(self._module)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Where a copy is called: torch prints what fails in it, which is told otherwise."""
        with contextlib.redirect_stderr(io.StringIO()):
            yield

    def method(self, target: Any, name: str) -> Callable[..., Any]:
        """A copy, called as the model."""
        return InterfaceCall(self.interface, self.signature, runner(target)).call

    def takes(self, name: str, sample: Sample) -> bool:
        """Whether the program has a form of such a call: with as many tensors, and the same other values."""
        try:
            self.inputs(sample)
        except (DimError, TypeError):
            return False
        return True


def plain_module(program: ExportedProgram) -> fx.GraphModule:
    """The program as a module that takes its tensors by position and checks none: a guard says what does not fit."""
    module = program.module(check_guards=False)
    # torch puts arguments into a tree and out of it again, and checks their sizes in hooks.
    module.graph.set_codegen(CodeGen())
    module._forward_pre_hooks.clear()
    module._forward_pre_hooks_with_kwargs.clear()
    module.recompile()
    return module


def runner(module: fx.GraphModule) -> Run:
    """What runs a module of tensors."""

    forward = module.forward

    def run(inputs: Sequence[Tensor]) -> Sequence[Any]:
        return forward(*inputs)

    return run
