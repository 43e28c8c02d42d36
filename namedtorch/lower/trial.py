"""A trial: one call of a compiled method with inputs that are made up from its signature."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import AnnotationError, DimError
from namedtorch.dims.subject import sizes_text
from namedtorch.lower.example import example_inputs
from namedtorch.lower.schema import Schema
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.emit import PREFIX
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.known import map_signature
from namedtorch.signature.signature import Signature

_LEAVE = "correct the signature, or leave the check out"


def try_method(script: torch.jit.ScriptModule, schema: Schema, signature: Signature) -> None:
    """Calls a method with tensors whose sizes are drawn from its signature, and None for optional ones.

    Where the signature says no dtypes, floats are tried, then integers. Raises AnnotationError, one line, if the method
    fails with both, or no inputs can be made up.
    """
    method = getattr(script, schema.method)
    own = dict(
        zip((one.name for one in signature.parameters), (one.name for one in schema.arguments), strict=True)
    )
    device = next((one.device for one in script.parameters()), torch.device("cpu"))
    refusals: dict[bool, str] = {}
    integers = map_signature(signature, _of_integers)
    for variant in (signature,) if integers == signature else (signature, integers):
        try:
            args, kwargs = example_inputs(variant, optional="none", device=device)
        except DimError as error:
            raise AnnotationError(
                f"{schema.method} can't be checked: {one_line(str(error))}; leave the check out"
            ) from error
        try:
            with torch.no_grad():
                method(*args, **{own[name]: value for name, value in kwargs.items()})
        # Whatever a model raises is its own.
        except Exception as error:
            said = str(error).strip().rpartition("\n")[2] or type(error).__name__
            called = ", ".join(_told(dict(zip(own, args, strict=False)) | kwargs))
            guards = PREFIX in said
            said = one_line(said.rpartition(PREFIX)[2])
            refusals.setdefault(guards, f"{schema.method} fails for {called} ({said}); {_LEAVE}")
        else:
            return
    # Where a guard refused the result, the body took the inputs.
    raise AnnotationError(refusals[max(refusals)])


def _of_integers(hint: TensorHint) -> TensorHint:
    return hint if hint.family.dtypes is not None else replace(hint, family=FAMILIES["Int64"])


def _told(values: Mapping[str, Any]) -> Iterator[str]:
    """The arguments of a call, tensors by their sizes."""
    for name, value in values.items():
        if value is not None:
            yield (
                f"`{name}` of {sizes_text(value.shape)}"
                if isinstance(value, Tensor)
                else f"`{name}`={value!r:.40}"
            )
