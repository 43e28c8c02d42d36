"""Methods of modules of torch: `to`, `register_buffer`, `super().__init__`, `super().forward`."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.table import rule_for
from namedtorch.static.interpreter.definitions import external_bases
from namedtorch.static.interpreter.domain import LAYER, Chain, Instance, Layer, Super, Val
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.methods import call_method
from namedtorch.static.interpreter.objects import CONTAINERS, container, run_chain
from namedtorch.static.interpreter.operators import make_layer, run_layer

_FLUENT: Final = (
    "to",
    "cuda",
    "cpu",
    "eval",
    "train",
    "half",
    "float",
    "double",
    "apply",
    "requires_grad_",
    "bfloat16",
    "type",
)
"""Methods of modules that give the module itself."""


def call_module_method(
    machine: Machine,
    receiver: Instance | Layer | Chain | Super,
    name: str,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    """What a method of a module gives that the project does not define."""
    match receiver:
        case Instance():
            return _of_instance(machine, receiver, name, arguments, keywords)
        case Layer():
            return receiver if name in _FLUENT else Unknown
        case Chain():
            return _of_chain(machine, receiver, name, arguments)
        case Super():
            return _of_super(machine, receiver, name, arguments, keywords, node, written)


def _of_chain(machine: Machine, chain: Chain, name: str, arguments: Sequence[Val]) -> Val:
    if name in _FLUENT:
        return chain
    if name == "add_module" and len(arguments) == 2:
        return call_method(machine, chain, "append", arguments[1:])
    return call_method(machine, chain, name, arguments)


def _of_instance(
    machine: Machine, instance: Instance, name: str, arguments: Sequence[Val], keywords: Mapping[str, Val]
) -> Val:
    """Methods of `torch.nn.Module` itself."""
    match name, list(arguments):
        case "register_buffer" | "register_parameter" | "add_module" | "register_module", [
            str() as attribute,
            *rest,
        ]:
            value = (
                rest[0]
                if rest
                else keywords.get("tensor", keywords.get("param", keywords.get("module", Unknown)))
            )
            machine.write(instance.cell, attribute, value)
            chain = instance.cell.get(LAYER, Unknown)
            if isinstance(chain, Chain) and name in ("add_module", "register_module"):
                call_method(machine, chain, "append", [value])
            return None
        case _:
            return instance if name in _FLUENT else Unknown


def _of_super(
    machine: Machine,
    value: Super,
    name: str,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    """`super().__init__(...)` and `super().forward(...)` of a class that the project does not define."""
    instance = value.instance
    if not isinstance(instance, Instance):
        return Unknown
    for base in external_bases(instance.kind):
        rule = rule_for([base])
        if name == "__init__" and rule is not Unknown:
            layer = make_layer(machine, rule, arguments, keywords, node, written)
            if isinstance(layer, Layer):
                machine.write(instance.cell, LAYER, layer)
                for attribute, held in layer.attributes.items():
                    machine.write(instance.cell, attribute, held)
            return None
        if name == "__init__" and base in CONTAINERS:
            machine.write(instance.cell, LAYER, container(base, arguments))
            return None
    if name == "forward":
        return run_held(machine, instance, arguments, keywords, node, written)
    return None if name == "__init__" else Unknown


def run_held(
    machine: Machine,
    instance: Instance,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Sequence[ast.AST],
) -> Val:
    """What the layer, or the container of modules, gives that an object of a class without a forward of its own is."""
    match instance.cell.get(LAYER, Unknown):
        case Layer() as layer:
            return run_layer(machine, layer, arguments, keywords, node, written)
        case Chain() as chain:
            return run_chain(machine, chain, arguments, keywords, node)
        case _:
            return Unknown
