"""What a picture says of a call of torch: its name, what it was given besides tensors, and what it changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from namedtorch.archive.sentence import one_line
from namedtorch.lower.picture_names import tensors_in
from namedtorch.signature.dtypes import dtype_name
from namedtorch.values.named_tensor import NamedTensor

_LONGEST = 120


def label_of(function: Any) -> str:
    """The name of a function: `relu`, `add_`, `getitem`; of an attribute that was read, the attribute's."""
    name: str = getattr(function, "__name__", type(function).__name__)
    if name in ("__get__", "__set__"):
        name = getattr(getattr(function, "__self__", None), "__name__", name)
    # An operator that a compiled function calls is an overload: `mul.Scalar`.
    name = name.partition(".")[0]
    return name[2:-2] if name.startswith("__") and name.endswith("__") else name


def detail_of(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """What a call was given besides tensors: `1, 2`, `dim=-1`; a flag that is off goes without saying."""
    said = [text for one in args for text in _text(one)]
    for name, one in kwargs.items():
        if not name.startswith("_") and one is not None and one is not False:
            said += [f"{name}={text}" for text in _text(one)]
    return shortened(", ".join(said))


def shortened(text: str) -> str:
    """A detail on one line."""
    return one_line(text, _LONGEST)


def _text(value: Any) -> Iterator[str]:
    """A value as its user wrote it, more or less; nothing for one with tensors in it, or of another kind."""
    match value:
        case float():
            yield format(value, ".6g")
        case bool() | int() | complex() | str() | None:
            yield repr(value)
        case torch.dtype():
            yield dtype_name(value)
        case slice():
            ends = [value.start, value.stop] if value.step is None else [value.start, value.stop, value.step]
            texts = [["" if one is None else text for text in _text(one)] for one in ends]
            if all(texts):
                yield ":".join(text for (text,) in texts)
        case _ if value is ...:
            yield "..."
        case list() | tuple():
            items = cast("Sequence[Any]", value)
            texts = [text for one in items for text in _text(one)]
            if items and len(texts) == len(items):
                yield f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
        case _:
            pass


def versions_of(given: Any) -> dict[int, int]:
    """How often the tensors among arguments were changed in place, by their ids."""
    return {id(one): version_of(one) for _, one in tensors_in(given)}


def version_of(tensor: Tensor) -> int:
    """How often a tensor was changed in place; of one of inference mode, which does not count, always 0."""
    return 0 if tensor.is_inference() else tensor._version


def apart(result: Any, same: set[int]) -> Any:
    """A result with a new tensor over the same elements for each that has one of these ids."""
    if isinstance(result, NamedTensor):
        return NamedTensor(_anew(result.tensor), result.dims) if id(result.tensor) in same else result
    if isinstance(result, Tensor):
        return _anew(result) if id(result) in same else result
    if type(result) in (list, tuple):
        parts = [apart(one, same) for one in cast("Sequence[Any]", result)]
        return parts if isinstance(result, list) else tuple(parts)
    return result


def _anew(tensor: Tensor) -> Tensor:
    try:
        return tensor.view_as(tensor)
    except RuntimeError:  # layouts that have no views
        return tensor
