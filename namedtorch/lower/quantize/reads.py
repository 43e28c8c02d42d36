"""Code of users that reads the weights of a layer past the layer."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from namedtorch.lower.functions import innermost
from namedtorch.lower.mending.module_classes import called_names, functions_in, own_members
from namedtorch.lower.source import Sources


def read_weights(root: nn.Module, layers: Mapping[int, nn.Module]) -> dict[int, str]:
    """Where code that a call of `root` may run reads tensors of these layers, as `self.embed.weight`, by their ids.

    It follows names that are given a layer, and loops over lists of layers. What it can't follow is not told.
    """
    modules = list(root.modules())
    called = called_names(modules)
    sources = Sources()
    found: dict[int, str] = {}
    known: dict[type, list[_Method]] = {}
    for module in modules:
        owner = type(module)
        if owner not in known:
            known[owner] = list(_methods(owner, called, sources))
        for method in known[owner]:
            for layer, tensor, line in method.reads(module):
                if id(layer) in layers:
                    found.setdefault(
                        id(layer), f"its {tensor} is read by other code ({Path(method.file).name}:{line})"
                    )
    return found


class _Method:
    """The source of one method, and the expressions in it that may be tensors of layers."""

    def __init__(self, node: ast.FunctionDef, file: str) -> None:
        self.file = file
        taken = [*node.args.posonlyargs, *node.args.args]
        self._receiver = taken[0].arg if taken else ""
        inner = list(ast.walk(node))
        self._attributes = [one for one in inner if isinstance(one, ast.Attribute)]
        self._given = [
            (one.target, one.iter, True) for one in inner if isinstance(one, ast.For | ast.comprehension)
        ]
        for one in inner:
            if isinstance(one, ast.Assign) and len(one.targets) == 1:
                self._given.append((one.targets[0], one.value, False))

    def reads(self, module: nn.Module) -> Iterator[tuple[nn.Module, str, int]]:
        """The layers of which the method reads a tensor when it is called on a module: layer, name, line."""
        names: dict[str, list[nn.Module]] = {self._receiver: [module]}
        for target, value, loops in self._given:
            for name, one in _targets(target, value):
                held = self._held(one, names)
                if loops:
                    held = [child for parent in held for child in parent.children()]
                if held:
                    names.setdefault(name, []).extend(held)
        for one in self._attributes:
            for layer in self._held(one.value, names):
                if layer is not module and layer._parameters.get(one.attr) is not None:
                    yield layer, one.attr, one.lineno

    def _held(self, node: ast.expr, names: Mapping[str, list[nn.Module]]) -> list[nn.Module]:
        match node:
            case ast.Name(id=name):
                return names.get(name, [])
            case ast.Attribute(value=inner, attr=name):
                found = [_child(one, name) for one in self._held(inner, names)]
            case ast.Subscript(value=inner, slice=index):
                held = self._held(inner, names)
                key = ast.unparse(index).strip("'\"")
                found = [_child(one, key) for one in held]
                if not isinstance(index, ast.Constant):
                    found = [child for one in held for child in one.children()]
            case ast.Call(func=ast.Name(id="enumerate" | "reversed" | "list" | "zip"), args=[inner, *_]):
                return self._held(inner, names)
            case ast.Call(func=ast.Attribute(value=inner, attr="values" | "children" | "items")):
                return self._held(inner, names)
            case _:
                return []
        return [one for one in found if one is not None]


def _targets(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The names that are given a value, or an item of it: `for number, layer in enumerate(self.layers)`."""
    match target:
        case ast.Name(id=name):
            yield name, value
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from _targets(part, value)
        case _:
            pass


def _methods(owner: type, called: set[str], sources: Sources) -> Iterator[_Method]:
    for name, _, member in own_members(owner):
        if name not in called:
            continue
        for function in functions_in(member):
            definition = sources.find(innermost(function))
            if definition is not None:
                yield _Method(definition.node, definition.file)


def _child(module: nn.Module, name: str) -> nn.Module | None:
    """The module that an attribute of a module is, also where it stands beside the tree."""
    found: Any = module._modules.get(name, vars(module).get(name))
    return found if isinstance(found, nn.Module) else None
