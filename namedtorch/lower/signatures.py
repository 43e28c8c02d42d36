"""The signatures that a graph is held to: those of functions, and of methods with sizes for the module's attributes."""

from collections.abc import Iterable
from dataclasses import replace
from types import FunctionType
from typing import Any

import torch
from torch import nn

from namedtorch.archive.manifest import KnownSize
from namedtorch.diagnostics import LowerError
from namedtorch.dims.attributes import AttributeMissing, Attributes, is_attribute, steps_of
from namedtorch.dims.pattern import Dim
from namedtorch.dims.size import Size
from namedtorch.lower.functions import innermost
from namedtorch.signature.array import NAMED
from namedtorch.signature.function import UnresolvedError, signature_of
from namedtorch.signature.hints import TENSOR, TensorHint
from namedtorch.signature.known import map_signature
from namedtorch.signature.signature import Kind, Signature

_VARIADIC = (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)


def is_checked(function: object) -> bool:
    """Whether a function is `@checked`."""
    return hasattr(function, "__namedtorch__")


def held_signature(function: Any) -> Signature:
    """The signature that a function is held to; under decorators that only pass arguments on, that of the inner one.

    Tensors that carry names are plain ones here: the boundary of a graph takes them by position. Raises LowerError for
    annotations that mention names which do not exist.
    """
    try:
        signature = signature_of(function) if is_checked(function) else signature_of(innermost(function))
        if any(one.kind in _VARIADIC for one in signature.parameters):
            signature = signature_of(innermost(function))
    except UnresolvedError as error:
        raise LowerError(str(error)) from error
    return map_signature(signature, _by_position)


def _by_position(hint: TensorHint) -> TensorHint:
    return replace(hint, array=TENSOR, array_type=torch.Tensor) if hint.array == NAMED else hint


def require_dims(signature: Signature, name: str) -> None:
    """Raises LowerError for a signature that names no dims; `name` is what it is of."""
    if not signature.has_dims:
        raise LowerError(
            f"{name} names no dims, so there is no signature to guard: annotate it "
            '(image: Float[Tensor, "N C H W"]), or give it one: '
            'lower(model, signature="image: N C H W -> N classes")'
        )


def receiver_of(function: FunctionType) -> tuple[str, ...]:
    """The name that a method gives the module that it is called on."""
    return innermost(function).__code__.co_varnames[:1]


def method_signature(function: FunctionType, module: nn.Module) -> Signature:
    """The signature of a method without its receiver, the module's own sizes in the place of `self.classes`.

    Raises LowerError for an attribute that is not there, or no size.
    """
    receiver = receiver_of(function)
    return closed(held_signature(function).without(*receiver), module, receiver)


def closed(signature: Signature, module: nn.Module, receiver: Iterable[str] = ("self",)) -> Signature:
    """The signature with the module's own sizes in the place of `self.classes`, under their label."""
    name = next(iter(receiver), "self")
    values = Attributes({name: module})
    try:
        sizes = {path: values.size(path) for path in signature.attributes if steps_of(path)[0] == name}
    except AttributeMissing as error:
        paths = ", ".join(f"`{path}`" for path in sorted(signature.attributes))
        raise LowerError(
            f"{type(module).__qualname__} can't be lowered: of {paths} in its signature, one {error}"
        ) from error
    return signature.closed(sizes)


def known_sizes(written: Signature, signature: Signature) -> dict[str, KnownSize]:
    """The dims of known size in a signature, and by what they are known in it as it was written."""
    found: dict[str, KnownSize] = {}
    for before, after in zip(written.tensors, signature.tensors, strict=True):
        for own, axis in zip(before.shape.axes, after.shape.axes, strict=True):
            match own, axis:
                case Dim(size=Size() as said), Dim(name=str(name), size=Size(value=int(value))):
                    paths = sorted(filter(is_attribute, said.symbols))
                    found.setdefault(name, KnownSize(value, paths[0] if paths else "annotation"))
                case _:
                    continue
    return found
