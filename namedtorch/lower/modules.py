"""A module tree as TorchScript is to read it: a copy whose classes are subclasses with other methods."""

import copy
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast

from torch import nn
from torch.nn.utils import parametrize

from namedtorch.diagnostics import LowerError
from namedtorch.lower.attributes import graph_annotations
from namedtorch.lower.functions import Functions, is_torchs
from namedtorch.lower.mending.mend import mending_is_on
from namedtorch.lower.mending.module_classes import (
    become,
    called_names,
    functions_in,
    own_members,
    subclass,
)
from namedtorch.lower.mending.module_mending import mend_modules
from namedtorch.lower.mending.module_weights import bake, detached, refuse_computed
from namedtorch.lower.overloads import method_overloads_of
from namedtorch.lower.signatures import is_checked
from namedtorch.lower.torchscript import Role, export, is_script, role_of
from namedtorch.signature.plan import Plan
from namedtorch.signature.signature import Signature


def copied(module: nn.Module, train: bool) -> nn.Module:
    """A deep copy in eval mode, or with `train` in training mode (parts set to eval by hand stay so).

    In eval mode, weights that are computed in each call are plain parameters of the copy; in training mode they are
    refused.
    """
    bakes = mending_is_on() and not train
    if train:
        refuse_computed(module)
    try:
        made = copy.deepcopy(module, detached(module) if bakes else {})
    except Exception as error:  # Modules hold what they like, and any of it may refuse to be copied.
        raise LowerError(f"{type(module).__qualname__} can't be copied for lowering: {error}") from error
    if not train:
        made.eval()
        if bakes:
            bake(made)
        return made
    return made if made.training else made.train()


def refuse_wrappers(module: nn.Module, path: str = "model") -> None:
    """Raises LowerError for what torch puts around a model: it is the model inside that has a forward to compile."""
    inner = "_orig_mod" if "_orig_mod" in module._modules else "module"
    name = type(module).__qualname__
    if inner == "_orig_mod" or isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        raise LowerError(
            f"`{path}` is {'torch.compile' if inner == '_orig_mod' else name} around a module, which TorchScript "
            f"can't take; use the module inside: {path}.{inner}"
        )


@dataclass(frozen=True, slots=True)
class Tree:
    """A translated tree: its modules that are no TorchScript yet, each with the class that its user wrote.

    `called` are the names of all methods that the graph may call.
    """

    root: nn.Module
    modules: tuple[nn.Module, ...]
    owners: Mapping[int, type]
    called: frozenset[str]
    classes: tuple[type, ...]

    def function(self, module: nn.Module, name: str) -> FunctionType:
        """A method of a module, as it is before its translation."""
        found = inspect.getattr_static(self.owners[id(module)], name)
        assert isinstance(found, FunctionType)
        return found

    def held(
        self, boundary: Mapping[str, tuple[FunctionType, Signature, Plan]]
    ) -> dict[str, tuple[FunctionType, Signature, Plan]]:
        """The methods of the root at the boundary, the functions of the tree in the place of the user's."""
        return {
            name: (self.function(self.root, name), signature, plan)
            for name, (_, signature, plan) in boundary.items()
        }

    def methods(self, module: nn.Module) -> Iterator[tuple[str, FunctionType, bool]]:
        """The functions of a module that the graph may call: name, function, whether it takes the module itself."""
        for name, _, value in own_members(self.owners[id(module)]):
            function = value.__func__ if isinstance(value, staticmethod) else value
            if name in self.called and isinstance(function, FunctionType):
                overloaded = method_overloads_of(function, self.owners[id(module)])
                if role_of(function) is not Role.IGNORED and not overloaded:
                    yield name, function, value is function


def translate_tree(root: nn.Module, functions: Functions) -> Tree:
    """Gives every module of a tree the methods that TorchScript is to compile, mended where it would refuse them.

    Modules of one class share its subclass, so that TorchScript compiles their methods once.
    """
    modules = tuple(one for one in root.modules() if not is_script(one))
    for path, one in root.named_modules(prefix="model"):
        if "_orig_mod" in one._modules:
            refuse_wrappers(one, path)
    for one in modules:
        _refuse_patches(one)
    mended = mend_modules(root, functions)
    modules = tuple(one for one in root.modules() if not is_script(one))
    functions.modules = modules
    called = called_names(modules)
    owners = {id(one): type(one) for one in modules}
    made: dict[type, type] = {}
    for one in modules:
        owner = type(one)
        if owner not in made:
            made[owner] = _graph_class(one, called, functions)
        become(one, made[owner])
        _translate_values(one, functions)
    classes = (*mended, *(new for old, new in made.items() if new is not old))
    return Tree(root, modules, owners, frozenset(called), classes)


def exported(module: nn.Module) -> dict[str, FunctionType]:
    """The methods of a module that are marked `@torch.jit.export`, by name."""
    return {
        name: value
        for name, _, value in own_members(type(module))
        if isinstance(value, FunctionType) and role_of(value) is Role.EXPORTED and name != "forward"
    }


def _refuse_patches(module: nn.Module) -> None:
    """Refuses what TorchScript would drop without a word."""
    name = type(module).__qualname__
    if "forward" in vars(module):
        raise LowerError(
            f"{name}.forward is replaced on the instance, which TorchScript does not see; "
            "write a subclass with the other forward, or use namedtorch.checked(model, ...) for a check"
        )
    if parametrize.is_parametrized(module):
        names = sorted(cast("nn.ModuleDict", module.parametrizations))
        raise LowerError(
            f"{name} has parametrized {', '.join(names)}, of which TorchScript makes a graph that always fails; "
            f"call torch.nn.utils.parametrize.remove_parametrizations(module, {names[0]!r}) first"
        )
    caller = next(one for one in type(module).__mro__ if "__call__" in vars(one))
    if not is_torchs(caller):
        raise LowerError(
            f"{caller.__qualname__} has a __call__ of its own, which TorchScript does not compile; "
            "move what it does into forward"
        )


def is_checked_module(owner: type) -> bool:
    """Whether a class of modules has a method that is `@checked`."""
    return any(is_checked(function) for _, _, value in own_members(owner) for function in functions_in(value))


def _graph_class(module: nn.Module, called: set[str], functions: Functions) -> type:
    owner = type(module)
    members: dict[str, Any] = {}
    skipped = set(getattr(owner, "__jit_unused_properties__", ()))
    for name, place, value in own_members(owner):
        if name not in called or name in skipped:
            continue
        new = _graph_member(value, place, functions)
        if isinstance(value, FunctionType):
            new = functions.overload(new, place, method_overloads_of(value, owner))
            if role_of(value) is Role.EXPORTED and role_of(new) is not Role.EXPORTED:
                # What exports it may stand above decorators that are off now.
                new = export(functions.apart(new))
        if new is not value:
            members[name] = new
    annotations = graph_annotations(module, functions)
    if annotations is not None:
        members["__annotations__"] = annotations
    return subclass(owner, members) if members else owner


def _graph_member(value: Any, place: type, functions: Functions) -> Any:
    new = [functions.graph_function(one, place) for one in functions_in(value)]
    if all(one is old for one, old in zip(new, functions_in(value), strict=True)):
        return value
    match value:
        case staticmethod() | classmethod():
            return type(value)(new[0])
        case property():
            return property(*new, doc=value.__doc__) if len(new) == 2 else property(new[0], doc=value.__doc__)
        case _:
            return new[0]


def _translate_values(module: nn.Module, functions: Functions) -> None:
    """Functions that a module holds: as attributes, and as hooks around its forward."""
    tables: list[dict[Any, Any]] = [vars(module), module._forward_hooks, module._forward_pre_hooks]
    for table in tables:
        for key, value in list(table.items()):
            if isinstance(value, FunctionType) and not is_torchs(value):
                table[key] = functions.graph_function(value)
