"""The dims of the parameters and buffers that one module holds, which stay plain tensors: the dims stand beside them.

A user's names come first, then the annotations of the class, then the row of the table.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.nn.utils.parametrize import ParametrizationList

from namedtorch.diagnostics import AnnotationError, DimError
from namedtorch.dims.carried import expected_name
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.closing import closed_by
from namedtorch.ops.table import rule_for
from namedtorch.signature.hints import OptionalHint, TensorHint, read_hint
from namedtorch.syntax.resolve import parse_shape
from namedtorch.values.named_tensor import Dims

ATTRIBUTE: Final = "_parameter_dims"
"""Where a module has its `GivenDims`: deepcopies, pickles, and the wrappers of DDP and FSDP2 keep it."""


@dataclass(slots=True)
class GivenDims:
    """What a user calls the dims of a module's parameters and buffers: texts of shapes, by name.

    An object of its own, and no dict, because TorchScript would make an attribute of the graph of that.
    """

    texts: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Held:
    """A parameter or buffer of a module: its dims, and the shape that says them.

    `given` tells whether a user, or an annotation, has said them; those of the table are general: `out in`.
    """

    tensor: Tensor
    dims: Dims
    shape: Shape
    given: bool


def held_by(module: nn.Module) -> dict[str, Held]:
    """What a module itself holds of which the dims are known, by the key in its own state dict.

    What a parametrization keeps of a weight is under `parametrizations.weight.original`.
    """
    found: dict[str, Held] = {}
    tensors = {**module._parameters, **module._buffers}
    names = [name for name, value in tensors.items() if value is not None and not is_lazy(value)]
    originals = dict(_originals(module))
    shapes = _Shapes(module, [*names, *originals])
    for name in names:
        value = tensors[name]
        if value is not None and name not in module._non_persistent_buffers_set:
            for shape, given in shapes.of(name):
                if fits(shape, value):
                    found[name] = Held(value, dims_of_shape(shape, value.dim()), shape, given)
                    break
    for name, kept in originals.items():
        for shape, given in shapes.of(name):
            for key, value in kept.items():
                # Of several originals, each may be anything: an axis has the name where it has the size, too.
                partly = shape if len(kept) == 1 else _sized(shape, value)
                if key not in found and fits(partly, value):
                    found[key] = Held(value, dims_of_shape(partly, value.dim()), partly, given)
    return {key: one for key, one in found.items() if any(one.dims)}


def tensor_of(module: nn.Module, name: str) -> Tensor | None:
    """A parameter or buffer by its name, for a parametrized one what it is computed from; None where there is none."""
    value = module._parameters.get(name)
    if value is None:
        value = module._buffers.get(name)
    if value is None:
        kept = dict(_originals(module)).get(name, {})
        value = next(iter(kept.values())) if len(kept) == 1 else None
    return value


def names_in(module: nn.Module) -> list[str]:
    """The names of the parameters and buffers of a module itself."""
    tensors = {**module._parameters, **module._buffers}
    return [*(name for name, value in tensors.items() if value is not None), *dict(_originals(module))]


def given_dims(module: nn.Module) -> GivenDims:
    """What a user has said of a module; empty where nobody has."""
    found = module.__dict__.get(ATTRIBUTE)
    return found if isinstance(found, GivenDims) else GivenDims()


def dims_of_shape(shape: Shape, rank: int) -> Dims:
    """The names that a shape gives to the axes of a tensor that it fits; those of a group have none."""
    found: list[str | None] = []
    for axis in shape.axes:
        name = expected_name(axis)
        count = rank - len(shape.axes) + 1 if isinstance(axis, Group) else 1
        found += [None if name is Unknown else name] * count
    return tuple(found)


def fits(shape: Shape, value: Tensor) -> bool:
    """Whether a shape is true of a tensor."""
    try:
        shape.match(tuple(value.shape), wait=True)
    except DimError:
        return False
    return len(shape.groups) <= 1


def _originals(module: nn.Module) -> Iterator[tuple[str, dict[str, Tensor]]]:
    """What parametrizations keep of each of a module's tensors, by the name of the tensor, then by key."""
    for name, one in getattr(module._modules.get("parametrizations"), "_modules", {}).items():
        if isinstance(one, ParametrizationList):
            kept = {key: value for key, value in one._parameters.items() if value is not None}
            yield name, {f"parametrizations.{name}.{key}": value for key, value in kept.items()}


def _sized(shape: Shape, value: Tensor) -> Shape:
    """The shape with those axes only that have this size for sure."""
    if shape.groups or len(shape.axes) != value.dim():
        return Shape((Group(),))
    sure = [
        axis if isinstance(axis, Dim) and axis.size is not Unknown and axis.size.value == size else Dim()
        for axis, size in zip(shape.axes, value.shape, strict=True)
    ]
    return Shape(tuple(sure))


class _Shapes:
    """What is said of the tensors of one module, the user's own words first."""

    def __init__(self, module: nn.Module, names: list[str]) -> None:
        self.given = given_dims(module).texts
        self.annotated = annotated_shapes(type(module))
        self.module = module
        rule = rule_for([f"{one.__module__}.{one.__qualname__}" for one in type(module).__mro__])
        self.listed: Mapping[str, Shape] = {}
        if rule is not Unknown:
            self.listed = rule.state_dims(lambda name: getattr(module, name, Unknown), names)

    def of(self, name: str) -> Iterator[tuple[Shape, bool]]:
        """The shapes that a tensor may have, and whether they were said of it by name."""
        if name in self.given:
            yield parse_shape(self.given[name]), True
        annotated = closed_by(self.annotated[name], self.module) if name in self.annotated else None
        if annotated is not None:
            yield annotated, True
        if name in self.listed:
            yield self.listed[name], False


@lru_cache(maxsize=512)
def annotated_shapes(owner: type) -> Mapping[str, Shape]:
    """The shapes that a class and its bases annotate attributes with: `weight: Float[Tensor, "out in"]`."""
    found: dict[str, Shape] = {}
    for one in owner.__mro__:
        if one.__module__.startswith("torch.") or one is object:
            continue
        for name, hint in _annotations(one).items():
            shape = _shape_of(hint)
            if shape is not None:
                found.setdefault(name, shape)
    return found


def _annotations(owner: type) -> Mapping[str, Any]:
    try:
        return inspect.get_annotations(owner, eval_str=True)
    except Exception:  # An annotation may hold any expression, and names for type checkers only.
        return inspect.get_annotations(owner)


def _shape_of(annotation: Any) -> Shape | None:
    """The shape in an annotation; None for one that has none, is not evaluated, or is in no language that we read."""
    try:
        hint = None if isinstance(annotation, str) else read_hint(annotation)
    except AnnotationError:
        return None
    match hint:
        case TensorHint(shape=shape):
            return shape
        case OptionalHint(inner=TensorHint(shape=shape)):
            return shape
        case _:
            return None
