"""What stands between the brackets of `x[...]`: entries by place or by name, and what tells such indices apart.

That is their kinds and the dims of tensors among them: numbers and bounds of slices do not change the dims of a result.
"""

import operator
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import torch
from torch import Tensor
from torch.fx import Proxy

from namedtorch.values.named_tensor import NamedTensor
from namedtorch.values.refusal import dims_error

_CODE: Final = "index-differs"
_WAYS: Final = 'write `x["C", 0]`, `x["C", 0, "T", 1:4]` or `x[{"C": 0}]`'
_MASKS: Final = (torch.bool, torch.uint8)
_AS_THEY_ARE: Final = (NamedTensor, Tensor, torch.SymInt, Proxy)
_ALONE: Final = {int: (int,), slice: (slice,)}


def quick_key(index: Any) -> Any:
    """What tells an index apart that holds nothing but numbers, slices, None, `...` and names; None for any other."""
    kind = type(index)
    if kind is not tuple:
        return _ALONE.get(kind)
    key: list[Any] = []
    for one in index:
        kind = type(one)
        if kind is int or kind is slice:
            key.append(kind)
        elif kind is str or one is None or one is ...:
            key.append(one)
        else:
            return None
    return tuple(key)


def key_of_entry(one: Any) -> Any:
    """What tells an entry, or what is written, apart: its kind; of a tensor, the dims and whether it is a mask."""
    if isinstance(one, NamedTensor):
        return one.dims, one.tensor.dtype in _MASKS
    if isinstance(one, Tensor):
        return one.dim(), one.dtype in _MASKS
    return one if one is None or one is ... else int if isinstance(one, torch.SymInt) else type(one)


@dataclass(frozen=True, slots=True)
class Index:
    """An index of any form: its entries, and the names that they are for where it has names."""

    entries: tuple[Any, ...]
    names: tuple[str, ...] | None

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it apart."""
        keys = [key_of_entry(one) for one in self.entries]
        if self.names is None:
            return tuple(keys)
        return tuple([one for pair in zip(self.names, keys, strict=True) for one in pair])

    @property
    def plain(self) -> tuple[Any, ...]:
        """The entries as torch takes them."""
        return tuple([one.tensor if isinstance(one, NamedTensor) else one for one in self.entries])

    @property
    def value(self) -> Any:
        """The index as rules read it."""
        return self.entries if self.names is None else dict(zip(self.names, self.entries, strict=True))


def read_index(index: Any) -> Index:
    """An index of any form. Raises `DimError` for a mix of names and places."""
    if isinstance(index, Mapping):
        pairs = cast("Mapping[Any, Any]", index)
        return Index(tuple([_entry(one) for one in pairs.values()]), tuple([_name(one) for one in pairs]))
    if not isinstance(index, tuple):
        return Index((_entry(index),), None)
    entries = cast("tuple[Any, ...]", index)
    if not any(isinstance(one, str) for one in entries):
        return Index(tuple([_entry(one) for one in entries]), None)
    names, taken = entries[::2], entries[1::2]
    if len(names) > len(taken):
        raise dims_error(_CODE, "an index by names has a name, and what to take of it, in turn", _WAYS)
    for place, name in enumerate(names):
        if name in names[:place]:
            raise dims_error(
                "axis-repeated", f"the index names `{name}` twice", "index what the first one takes"
            )
    return Index(tuple([_entry(one) for one in taken]), tuple([_name(one) for one in names]))


def _name(name: Any) -> str:
    if isinstance(name, str):
        return name
    raise dims_error(_CODE, f"an index by names has {name!r} in the place of a name", _WAYS)


def _entry(one: Any) -> Any:
    """One entry: numbers of other libraries as Python's, arrays and lists as tensors."""
    kind = type(one)
    if kind is int or kind is slice or kind is bool or isinstance(one, _AS_THEY_ARE):
        return one
    if isinstance(one, str):
        raise dims_error(_CODE, f"an index has `{one}` where something is to be taken", _WAYS)
    if isinstance(one, list | range | tuple):
        return _tensor_of(list(cast("Sequence[Any]", one)))
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(one, numpy.ndarray):
        return torch.as_tensor(one)
    if numpy is not None and isinstance(one, numpy.bool_):
        return bool(one)
    return operator.index(one) if hasattr(one, "__index__") else one


def _tensor_of(values: list[Any]) -> Any:
    try:
        return torch.tensor(values) if values else torch.tensor(values, dtype=torch.int64)
    except (TypeError, ValueError, RuntimeError):
        return values
