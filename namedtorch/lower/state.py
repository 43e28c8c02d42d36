"""What a module holds: its parameters and buffers, with the dims that annotations and the table of operators give."""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from namedtorch.archive.manifest import State
from namedtorch.diagnostics import DimError, LowerError
from namedtorch.dims.bindings import Bindings
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.attributes import annotations_of
from namedtorch.lower.functions import Functions, is_torchs
from namedtorch.ops.attribute import Read
from namedtorch.ops.closing import closed_by
from namedtorch.ops.table import rule_for
from namedtorch.signature.array import array_dtype, array_strides
from namedtorch.signature.hints import Hint, OptionalHint, TensorHint, read_hint
from namedtorch.signature.known import labelled

_FORMATS: tuple[tuple[int, Literal["channels_last", "channels_last_3d"], torch.memory_format], ...] = (
    (4, "channels_last", torch.channels_last),
    (5, "channels_last_3d", torch.channels_last_3d),
)


def state_of(module: nn.Module, functions: Functions | None = None) -> dict[str, State]:
    """Every parameter and persistent buffer of a module, by the path that it has in its `state_dict`.

    Its dims are those of the user's annotation of the attribute, else those of the row of its module in the table;
    None where neither says any, or where what they say is not what is there. Sizes that are known stand under their
    labels: "out=64 in=3 kh=7 kw=7". What is shared is listed under each of its paths. `functions` lends the parsed
    files of a lowering. Raises LowerError for a parameter that a lazy module has not made yet.
    """
    annotations = _Annotations(functions or Functions())
    found: dict[str, State] = {}
    for prefix, one in module.named_modules(remove_duplicate=False):
        held = dict(_held(one))
        annotated = annotations.shapes(one)
        listed = row_dims(one, held)
        for name, (kind, value) in held.items():
            path = f"{prefix}.{name}" if prefix else name
            if is_lazy(value):
                raise LowerError(
                    f"{path} has no sizes yet, for {type(one).__qualname__} makes it at the first call: "
                    "call the model once, then lower it"
                )
            found[path] = State(
                kind=kind,
                dtype=array_dtype(value),
                sizes=tuple(value.shape),
                dims=_fitting((annotated.get(name), listed.get(name)), value, one),
                memory_format=_memory_format(value),
            )
    return found


def own_tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    """The parameters and all buffers that a module holds itself, by name."""
    both = {**module._parameters, **module._buffers}
    return {name: value for name, value in both.items() if value is not None}


def reader(module: nn.Module) -> Read:
    """The attributes of a module as a row of the table reads them."""
    return lambda name: getattr(module, name, Unknown)


def names_of(owner: type) -> list[str]:
    """The qualified names of a class and of its bases, as the table is asked for them."""
    return [f"{one.__module__}.{one.__qualname__}" for one in owner.__mro__]


def row_dims(module: nn.Module, names: Collection[str]) -> dict[str, Shape]:
    """What the row of a module's class, or of a base, says of those of its parameters and buffers."""
    rule = rule_for(names_of(type(module)))
    return {} if rule is Unknown else rule.state_dims(reader(module), names)


def matched(shape: Shape, value: torch.Tensor) -> Bindings | None:
    """What the sizes of a tensor bind the dims of its shape to, None where it does not fit.

    Arithmetic with dims that other tensors bind waits for ever.
    """
    try:
        return shape.match(tuple(value.shape), strides=array_strides(value), wait=True)
    except DimError:
        return None


def _held(module: nn.Module) -> Iterator[tuple[str, tuple[Literal["parameter", "buffer"], torch.Tensor]]]:
    """What a module itself puts into a `state_dict`, in its order."""
    for name, value in module._parameters.items():
        if value is not None:
            yield name, ("parameter", value)
    for name, value in module._buffers.items():
        if value is not None and name not in module._non_persistent_buffers_set:
            yield name, ("buffer", value)


class _Annotations:
    """The dims that users annotate attributes with; each class is read once."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._known: dict[type, dict[str, Shape]] = {}

    def shapes(self, module: nn.Module) -> dict[str, Shape]:
        """The shapes of the attributes of a module, by name; a class says it before its bases."""
        owner = type(module)
        if owner not in self._known:
            self._known[owner] = {}
            for one in owner.__mro__:
                if is_torchs(one) or one is object:
                    continue
                for name, written, types in annotations_of(one, self._functions):
                    shape = _shape(read_hint(types.read(written)))
                    if shape is not None:
                        self._known[owner].setdefault(name, shape)
        return self._known[owner]


def _shape(hint: Hint) -> Shape | None:
    """The shape that an annotation gives a tensor, or a tensor that may be missing."""
    match hint:
        case TensorHint(shape=shape):
            return shape
        case OptionalHint(inner=TensorHint(shape=shape)):
            return shape
        case _:
            return None


def _fitting(shapes: Iterable[Shape | None], value: torch.Tensor, module: nn.Module) -> str | None:
    """The first shape that is true of a tensor, as text with its sizes; None for none, and for a scalar."""
    for shape in shapes:
        closed = None if shape is None else closed_by(shape, module)
        bindings = None if closed is None else matched(closed, value)
        if closed is not None and bindings is not None:
            # A tensor of a state has its sizes for good.
            sizes = {name: size for name, size in bindings.items() if isinstance(size, int)}
            return str(labelled(closed, sizes)) or None
    return None


def _memory_format(value: torch.Tensor) -> Literal["channels_last", "channels_last_3d"] | None:
    if value.layout is not torch.strided or value.is_contiguous():
        return None
    for axes, name, memory_format in _FORMATS:
        if value.dim() == axes and value.is_contiguous(memory_format=memory_format):
            return name
    return None
