"""The mending of a tree of modules: each gets the methods that TorchScript takes, and the same results.

Modules of one class whose methods come out the same share a class, so that TorchScript compiles them once.
"""

import inspect
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.lower.attributes import annotations_of, graph_annotations
from namedtorch.lower.body import Body
from namedtorch.lower.branches import declared
from namedtorch.lower.constructs import found_in
from namedtorch.lower.decorators import is_check
from namedtorch.lower.functions import Functions, innermost, is_torchs
from namedtorch.lower.mending.mend import mending_is_on
from namedtorch.lower.mending.module_changes import Changes
from namedtorch.lower.mending.module_classes import become, called_names, own_members, subclass
from namedtorch.lower.mending.module_floats import write_floats
from namedtorch.lower.mending.module_hooks import type_hooks
from namedtorch.lower.mending.module_methods import Mended, mended
from namedtorch.lower.mending.module_optional import optional_attributes
from namedtorch.lower.mending.module_state import annotated_names, state_annotations, with_annotations
from namedtorch.lower.namespace import rebuilt
from namedtorch.lower.overloads import method_overloads_of
from namedtorch.lower.source import Definition
from namedtorch.lower.torchscript import Role, is_script, role_of
from namedtorch.lower.translation import translate

_MOST_INHERITED = 32


@dataclass(slots=True)
class _Plan:
    """What changes of one module: members of its class, annotations of its attributes, and parts that it is given."""

    members: dict[str, tuple[Any, Mended]] = field(default_factory=dict)
    annotations: dict[str, Any] = field(default_factory=dict)
    made: dict[str, nn.Module] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        members = {name: (id(value), one.key) for name, (value, one) in self.members.items()}
        return f"{members} {self.annotations} {self.unused}"


def mend_modules(root: nn.Module, functions: Functions) -> list[type]:
    """Gives the modules of a tree, a copy, methods without what TorchScript refuses, where they surely do the same.

    The tree is changed in place: classes of modules, and modules that code made in each call. The new classes are
    returned.
    """
    if not mending_is_on():
        return []
    modules = [one for one in root.modules() if not is_script(one)]
    called = called_names(modules)
    changes = Changes(modules, called, functions.sources)
    plans = [(one, _planned(one, called, changes, functions)) for one in modules]
    made: dict[tuple[type, str], type] = {}
    for module, plan in plans:
        write_floats(module)
        type_hooks(module, functions.sources)
        for name, one in plan.made.items():
            module.add_module(name, one)
        if plan.members or plan.annotations or plan.unused:
            owner = type(module)
            key = (owner, plan.key)
            if key not in made:
                made[key] = _class(owner, plan)
            become(module, made[key])
    return list(made.values())


def _planned(module: nn.Module, called: set[str], changes: Changes, functions: Functions) -> _Plan:
    plan = _Plan()
    owner = type(module)
    own = [(name, value) for name, _, value in own_members(owner) if name in called]
    if not own:
        return plan
    plan.annotations = state_annotations(module, changes, _annotated(module, functions))
    annotations = {**(graph_annotations(module, functions) or declared(module)), **plan.annotations}
    optional = optional_attributes(module, annotations)
    waiting: list[tuple[str, Any, FunctionType]] = []
    for name, value in own:
        function = _method(value)
        if function is not None and not method_overloads_of(function, owner):
            waiting.append((name, value, function))
    for name, value, function in waiting:
        definition = functions.sources.find(function)
        if definition is None or role_of(value) is Role.IGNORED:
            continue
        others = changes.of_others(owner, function)
        one = mended(module, function, definition.node, changes.stored, optional, others)
        if one is None and name not in {known for known, _ in own}:
            # A method of a base class, under a name of its own.
            one = Mended(definition.node)
        if one is None:
            if isinstance(value, property) and _is_idle(module, name, definition, changes, functions):
                plan.unused.append(name)
            continue
        plan.members[name] = (value, one)
        plan.made |= one.made
        for new, base in one.inherited.items():
            if new not in {known for known, _, _ in waiting} and len(waiting) < _MOST_INHERITED + len(own):
                waiting.append((new, base, innermost(base)))
    return plan


def _is_idle(
    module: nn.Module, name: str, definition: Definition, changes: Changes, functions: Functions
) -> bool:
    """Whether a property that TorchScript refuses, and compiles all the same, is used by nothing of the graph."""
    owner = type(module)
    if name in changes.used_by(owner, name):
        return False
    getter = innermost(inspect.getattr_static(owner, name).fget)
    body = Body(translate(getter, definition, functions.records, owner), (module,))
    return any(True for _ in found_in(body))


def _annotated(module: nn.Module, functions: Functions) -> set[str]:
    """The attributes that the user has annotated, in the class or in its `__init__`."""
    classes = [one for one in type(module).__mro__ if one is not object and not is_torchs(one)]
    return annotated_names(module) | {
        name for one in classes for name, _, _ in annotations_of(one, functions)
    }


def _method(value: Any) -> FunctionType | None:
    """The function of a method, or of a property that is only read."""
    if isinstance(value, property):
        value = value.fget if value.fset is None else None
    one: Any = value
    while (inner := getattr(one, "__wrapped__", None)) is not None:
        if not isinstance(one, FunctionType) and not is_check(one):
            return None
        one = inner
    function = innermost(value) if isinstance(value, FunctionType) else None
    return function if isinstance(function, FunctionType) else None


def _class(owner: type, plan: _Plan) -> type:
    members: dict[str, Any] = {}
    for name, (value, one) in plan.members.items():
        if isinstance(value, property):
            members[name] = property(one.function(innermost(value.fget), name, owner), doc=value.__doc__)
        else:
            members[name] = _decorated(value, one.function(innermost(value), name, owner))
    if plan.annotations:
        members["__annotations__"] = with_annotations(owner, plan.annotations)
    if plan.unused:
        unused = getattr(owner, "__jit_unused_properties__", ())
        members["__jit_unused_properties__"] = [*unused, *plan.unused]
    return subclass(owner, members)


def _decorated(value: FunctionType, made: FunctionType) -> FunctionType:
    """A method under the decorators of the one that it stands for, but for checks: those say what they hold it to."""
    layers: list[FunctionType] = []
    one: Any = value
    while (inner := getattr(one, "__wrapped__", None)) is not None:
        layers.append(one)
        one = inner
    for layer in reversed(layers):
        if not is_check(layer) and isinstance(layer, FunctionType):
            outer = rebuilt(layer, layer.__globals__)
            outer.__dict__["__wrapped__"] = made
            made = outer
    made.__dict__.update({key: one for key, one in vars(value).items() if key != "__wrapped__"})
    return made
