"""Objects of classes, modules of torch, and their attributes."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from namedtorch.dims.pattern import Dim
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.table import METHOD, operator_for, rule_for
from namedtorch.ops.tensor_shape import ANY_SHAPE, TensorShape
from namedtorch.ops.values import Array, Fields, Names
from namedtorch.static.interpreter.carried import plain_tensor
from namedtorch.static.interpreter.declared import declared_attribute
from namedtorch.static.interpreter.definitions import (
    CONSTRUCTOR,
    decorators,
    external_bases,
    is_open,
    lineage,
    member,
)
from namedtorch.static.interpreter.domain import (
    Bound,
    Chain,
    Class,
    DictValue,
    External,
    Function,
    Given,
    Instance,
    Layer,
    Many,
    Maybe,
    Method,
    ModuleScope,
    OneOf,
    Super,
    Val,
    held_items,
)
from namedtorch.static.interpreter.functions import call_function
from namedtorch.static.interpreter.join import join, same_value
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.names import attribute_of_module, external, imported
from namedtorch.static.interpreter.operators import operate
from namedtorch.static.interpreter.plain import as_program_value, as_rule_value, items_of, shape_value
from namedtorch.static.interpreter.store import MISSING

MODULE: Final = "torch.nn.Module"
"""The class that modules of torch descend from."""

_RECORDS: Final = (
    "dataclasses.dataclass",
    "typing.NamedTuple",
    "chex.dataclass",
    "flax.struct.dataclass",
    "pydantic.BaseModel",
)

_NAMING: Final = ("tensor", "dims", "names", "sizes")
"""The attributes that only a NamedTensor has."""

_PROPERTIES: Final = ("T", "mT", "H", "mH", "real", "imag", "data")


def attribute(machine: Machine, value: Val, name: str, node: ast.AST) -> Val:
    """The value of `value.name`."""
    match value:
        case Array():
            return _of_tensor(machine, value, name, node)
        case Instance():
            return _of_instance(machine, value, name, node)
        case ModuleScope():
            return attribute_of_module(machine, value, name)
        case External(name=outer):
            return imported(machine, f"{outer}.{name}") if "." not in outer else external(f"{outer}.{name}")
        case Given(path=path):
            whole = f"{path}.{name}"
            return Unknown if name in machine.assigned else machine.given.get(whole, Given(whole))
        case Layer():
            return _of_layer(value, name)
        case Fields(names=names, items=items) if name in names:
            return as_program_value(items[names.index(name)])
        case Super(owner=owner, instance=instance):
            found = member(instance.kind, name, owner) if isinstance(instance, Instance) else None
            if found is not None and isinstance(found[0], Function):
                return Bound(found[0], instance)
            return Method(value, name)
        case Class():
            found = member(value, name)
            if found is None:
                return Unknown
            held, _ = found
            if isinstance(held, Function) and "classmethod" in decorators(machine, held):
                return Bound(held, value)
            return held
        case Maybe(value=inner):
            return attribute(machine, inner, name, node)
        case OneOf(members=members):
            held = attribute(machine, members[0], name, node)
            for one in members[1:]:
                held = join(held, attribute(machine, one, name, node))
            return held
        case Chain():
            return _of_chain(value, name)
        case DictValue(cell=cell) if name in cell and not hasattr(dict, name):
            # Of a ModuleDict: a dict has no such attributes.
            return cell[name]
        case None | bool() | slice():
            return Unknown
        case _:
            return Method(value, name)


def _of_layer(layer: Layer, name: str) -> Val:
    """An argument of the constructor, or a parameter or buffer, whose dims the row knows."""
    held = layer.attributes.get(name, MISSING)
    if held is False or held is None:
        return held
    shapes = layer.rule.state_dims(lambda one: as_rule_value(layer.attributes.get(one, Unknown)), [name])
    if name in shapes:
        return Array(shape_of_state(shapes[name]), names=Names.NONE)
    return Method(layer, name) if held is MISSING else held


def shape_of_state(shape: Shape) -> TensorShape:
    """The axes of a parameter, as its row tells them."""
    if shape.groups:
        return ANY_SHAPE
    sizes = [axis.size if isinstance(axis, Dim) else Unknown for axis in shape.axes]
    return TensorShape(tuple(Axis(size if size is Unknown or _is_told(size) else Unknown) for size in sizes))


def _is_told(size: Size) -> bool:
    """Whether a size is one of the program's, and none of the row's own dims."""
    return all(symbol.startswith("{") for symbol in size.symbols)


def _of_chain(chain: Chain, name: str) -> Val:
    items = held_items(chain.cell)
    if chain.names is not None and name in chain.names and isinstance(items, tuple):
        return items[chain.names.index(name)]
    return Method(chain, name)


def _of_tensor(machine: Machine, value: Array, name: str, node: ast.AST) -> Val:
    if name == "shape":
        return shape_value(value.shape)
    if name == "ndim":
        rank = value.shape.rank
        return Unknown if rank is Unknown else Size.constant(rank)
    if name == "dtype":
        return Unknown
    if name in _PROPERTIES:
        rule = operator_for(METHOD + name)
        if rule is not Unknown:
            return operate(machine, rule, [value], {}, node, [getattr(node, "value", node)])
        return value if name in ("data", "real", "imag") else Unknown
    if name in _NAMING and value.names is not Names.NONE:
        return _naming(value, name)
    if name in ("device", "grad", "is_cuda", "requires_grad", "itemsize", "nbytes", "layout", "grad_fn"):
        return Maybe(Array(value.shape, names=value.names)) if name == "grad" else Unknown
    return Method(value, name)


def _naming(value: Array, name: str) -> Val:
    """What a NamedTensor has beside what all tensors have."""
    if name == "tensor":
        return plain_tensor(value)
    if value.shape.rest is not Unknown or value.names is not Names.ALL:
        return Unknown
    axes = value.shape.fixed
    if name in ("dims", "names"):
        return tuple(None if axis.carried is Unknown else axis.carried for axis in axes)
    return DictValue.of({axis.carried: axis.size for axis in axes if axis.carried is not Unknown})


def _of_instance(machine: Machine, value: Instance, name: str, node: ast.AST) -> Val:
    if name in value.cell:
        return value.cell[name]
    found = member(value.kind, name)
    if found is None:
        declared = declared_attribute(machine, value, name)
        if declared is not Unknown:
            return declared
        if name == "training" or is_open(value.kind):
            return Unknown
        return Method(value, name) if is_module(value.kind) else Unknown
    held, _ = found
    if not isinstance(held, Function):
        return held
    kinds = decorators(machine, held)
    if "property" in kinds or "functools.cached_property" in kinds:
        return call_function(machine, held, [value], {}, node)
    if "staticmethod" in kinds:
        return held
    return Bound(held, value.kind if "classmethod" in kinds else value)


def is_module(kind: Class) -> bool:
    """Whether a class descends from a module of torch, as far as is known."""
    return any(
        name == MODULE or rule_for([name]) is not Unknown or name.startswith("torch.nn.")
        for name in external_bases(kind)
    )


def is_record(machine: Machine, kind: Class) -> bool:
    """Whether a class is a dataclass or a named tuple."""
    if any(name in _RECORDS for name in external_bases(kind)):
        return True
    for one in lineage(kind):
        if not isinstance(one, Class):
            continue
        for decorator in one.node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(called, ast.Name | ast.Attribute):
                text = called.id if isinstance(called, ast.Name) else called.attr
                if text == "dataclass":
                    return True
    return False


def instantiate(
    machine: Machine,
    kind: Class,
    arguments: Sequence[Val],
    keywords: Mapping[str, Val],
    node: ast.AST,
    written: Mapping[str, ast.AST] | None = None,
) -> Val:
    """A new object of a class of the project."""
    made = Instance(kind, {})
    found = member(kind, CONSTRUCTOR)
    if found is not None:
        if isinstance(found[0], Function):
            call_function(machine, found[0], [made, *arguments], keywords, node, written)
        else:
            return Unknown
        return made
    if is_record(machine, kind):
        return _record(machine, kind, made, arguments, keywords)
    base = _layer_base(kind)
    if base is not None:
        # A subclass of Sequential, ModuleList or a layer that adds no constructor.
        return (
            machine.parts.call(External(base), arguments, dict(keywords), node)
            if not _overrides(kind)
            else made
        )
    return made


def _layer_base(kind: Class) -> str | None:
    for name in external_bases(kind):
        if name in CONTAINERS or rule_for([name]) is not Unknown:
            return name
    return None


def _overrides(kind: Class) -> bool:
    return member(kind, "forward") is not None


def _record(
    machine: Machine, kind: Class, made: Instance, arguments: Sequence[Val], keywords: Mapping[str, Val]
) -> Val:
    waiting = list(arguments)
    for one in reversed(lineage(kind)):
        if not isinstance(one, Class):
            continue
        for statement in one.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                if waiting:
                    value = waiting.pop(0)
                elif name in keywords:
                    value = keywords[name]
                else:
                    value = one.cell.get(name, Unknown)
                    if isinstance(value, External | Method) or statement.value is None:
                        value = Unknown
                machine.write(made.cell, name, value)
    return made


CONTAINERS: Final = {
    "torch.nn.Sequential": True,
    "torch.nn.ModuleList": False,
    "torch.nn.ParameterList": False,
    "torch.nn.ModuleDict": False,
    "torch.nn.ParameterDict": False,
}
"""The containers of modules; True for those that run what they hold."""


def container(name: str, arguments: Sequence[Val]) -> Val:
    """A `Sequential`, `ModuleList` or `ModuleDict` of these modules."""
    runs = CONTAINERS[name]
    if name == "torch.nn.Sequential" and not (
        len(arguments) == 1 and isinstance(arguments[0], DictValue | Many)
    ):
        return Chain({"items": tuple(arguments)}, runs)
    if not arguments:
        return DictValue.of({}) if name.endswith("Dict") else Chain({"items": ()}, runs)
    held = arguments[0]
    if isinstance(held, DictValue):
        if name.endswith("Dict"):
            return DictValue(dict(held.cell))
        if held.is_open:
            return Unknown
        return Chain({"items": tuple(held.entries.values())}, runs, tuple(held.entries))
    items = items_of(held)
    if items is not Unknown:
        return Chain({"items": items}, runs)
    return Chain({"items": held}, runs) if isinstance(held, Many) else Unknown


def _run_many(machine: Machine, item: Val, value: Val, node: ast.AST) -> Val:
    """What any number of like modules give, one behind the other."""
    once = machine.parts.call(item, [value], {}, node)
    seen = join(value, once)
    if same_value(seen, value):
        return value
    machine.quiet += 1
    try:
        return join(seen, machine.parts.call(item, [seen], {}, node))
    finally:
        machine.quiet -= 1


def run_chain(
    machine: Machine, chain: Chain, arguments: Sequence[Val], keywords: Mapping[str, Val], node: ast.AST
) -> Val:
    """What a `Sequential` gives: what one module gives goes into the next."""
    if not chain.runs or not arguments:
        return Unknown
    value: Val = arguments[0]
    items = held_items(chain.cell)
    if isinstance(items, Many):
        return _run_many(machine, items.item, value, node)
    if not isinstance(items, tuple):
        return Unknown
    for item in items:
        if isinstance(item, Maybe):
            return Unknown
        value = machine.parts.call(item, [value], {}, node)
    del keywords
    return value
