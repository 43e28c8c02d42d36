"""How what is known of a module is written in its graph: a path from `self`, a number or text, a name."""

import ast
import enum
import math
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from namedtorch.lower.mending.module_values import PLAIN, Values

_MOST = 32  # elements of a list that is written out


class Spelling:
    """Writes values for one method of one module.

    `names` are the values that the method sees by a new name, `made` the modules that its module is given; `taken` are
    names that mean something in it already.
    """

    def __init__(self, values: Values, taken: Iterable[str]) -> None:
        self.names: dict[str, Any] = {}
        self.made: dict[str, nn.Module] = {}
        self._values = values
        self._taken = {*taken}
        self._paths: dict[int, ast.expr] | None = None

    def of(self, value: Any) -> ast.expr | None:
        """The expression for a value, None where there is none that TorchScript takes."""
        if isinstance(value, nn.Module | Tensor):
            return self.path(value)
        return self.literal(value)

    def path(self, value: nn.Module | Tensor) -> ast.expr | None:
        """How a module or tensor is reached from `self`: `self.layers[0].weight`."""
        for name, one in self.made.items():
            if one is value:
                return ast.Attribute(self._self(), name, ast.Load())
        if self._paths is None:
            self._paths = dict(_paths(self._values.module, self._self(), self._values.stored))
        found = self._paths.get(id(value))
        return None if found is None else _copied(found)

    def literal(self, value: Any) -> ast.expr | None:
        """A number, text, dtype, member of an enum, or a list, tuple or dict of such."""
        if isinstance(value, np.bool_ | np.integer | np.float64):
            value = value.item()
        if isinstance(value, enum.Enum):
            return ast.Attribute(self.name(type(value), type(value).__name__), value.name, ast.Load())
        if type(value) in PLAIN or value is None:
            return _number(value)
        if isinstance(value, torch.dtype | torch.memory_format):
            return ast.Attribute(self.name(torch, "torch"), str(value).rpartition(".")[2], ast.Load())
        if isinstance(value, torch.device):
            return ast.Call(
                ast.Attribute(self.name(torch, "torch"), "device", ast.Load()), [ast.Constant(str(value))], []
            )
        if type(value) in (list, tuple, torch.Size) and len(value) <= _MOST:
            several = [self.of(one) for one in value]
            if any(one is None for one in several):
                return None
            given = [one for one in several if one is not None]
            return ast.List(given, ast.Load()) if type(value) is list else ast.Tuple(given, ast.Load())
        if type(value) is dict and len(value) <= _MOST and value:
            keys, values = [self.literal(one) for one in value], [self.of(one) for one in value.values()]
            known = not any(one is None for one in (*keys, *values))
            return ast.Dict(keys, [one for one in values if one is not None]) if known else None
        return None

    def name(self, value: Any, wanted: str) -> ast.expr:
        """A name by which the method sees a value of another file."""
        wanted = wanted if wanted.isidentifier() else "value"
        if self._values.is_global(wanted) and self._values.global_value(wanted) is value:
            return ast.Name(wanted, ast.Load())
        for name, one in self.names.items():
            if one is value:
                return ast.Name(name, ast.Load())
        name = self.free(wanted)
        self.names[name] = value
        return ast.Name(name, ast.Load())

    def function(self, value: Any) -> ast.expr:
        """A function, by a name of its own or as torch spells it."""
        wanted = getattr(value, "__name__", "function")
        if isinstance(value, types.BuiltinFunctionType) and getattr(torch, wanted, None) is value:
            return ast.Attribute(self.name(torch, "torch"), wanted, ast.Load())
        return self.name(value, wanted)

    def free(self, wanted: str) -> str:
        """A name that means nothing yet, like the one wanted."""
        while wanted in self._taken or not (
            self._values.is_global(wanted)
            and self._unused(wanted)
            and not hasattr(self._values.module, wanted)
        ):
            wanted += "_"
        self._taken.add(wanted)
        return wanted

    def add(self, module: nn.Module) -> None:
        """Gives the module of the method a part that its code makes in each call."""
        self.made[self.free(type(module).__name__.lower())] = module

    def _unused(self, name: str) -> bool:
        return name not in self.names and name not in self.made

    def _self(self) -> ast.expr:
        return ast.Name(self._values.receiver, ast.Load())


def _copied(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


def _number(value: Any) -> ast.expr:
    if isinstance(value, float) and not math.isfinite(value):
        return ast.Call(ast.Name("float", ast.Load()), [ast.Constant(str(value))], [])
    if isinstance(value, int | float) and not isinstance(value, bool) and math.copysign(1, value) < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _paths(root: nn.Module, start: ast.expr, stored: frozenset[str]) -> Iterator[tuple[int, ast.expr]]:
    """The paths of all modules and tensors that a module holds, each the shortest, by their ids."""
    waiting: list[tuple[nn.Module, ast.expr]] = [(root, start)]
    found: list[tuple[int, ast.expr]] = []
    met = {id(root)}
    for module, path in waiting:
        tensors = {name: one for name, one in vars(module).items() if isinstance(one, Tensor)}
        held: Mapping[str, Any] = {**module._modules, **module._parameters, **module._buffers, **tensors}
        for name, one in held.items():
            if one is None or name in stored or id(one) in met:
                continue
            reached = _step(module, path, name)
            if reached is None:
                continue
            met.add(id(one))
            found.append((id(one), reached))
            if isinstance(one, nn.Module):
                waiting.append((one, reached))
    yield from found


def _step(module: nn.Module, path: ast.expr, name: str) -> ast.expr | None:
    """An attribute or element of a module as TorchScript takes it."""
    kinds = (nn.ModuleList, nn.Sequential)
    if isinstance(module, nn.ModuleDict):
        own = type(module).__getitem__ is nn.ModuleDict.__getitem__
        return ast.Subscript(path, ast.Constant(name), ast.Load()) if own else None
    if isinstance(module, kinds) and name in module._modules:
        own = type(module).__getitem__ in {one.__getitem__ for one in kinds}
        return (
            ast.Subscript(path, ast.Constant(list(module._modules).index(name)), ast.Load()) if own else None
        )
    if isinstance(module, nn.ParameterList):
        return ast.Subscript(path, ast.Constant(int(name)), ast.Load()) if name.isdecimal() else None
    if isinstance(module, nn.ParameterDict):
        return ast.Subscript(path, ast.Constant(name), ast.Load())
    return ast.Attribute(path, name, ast.Load()) if name.isidentifier() else None
