"""`NamedTensor`: a tensor, and the names of its dims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from namedtorch.diagnostics import DimError
from namedtorch.values.refusal import NO_PARTS

Dims = tuple[str | None, ...]
"""The names of the axes, from the left; None for an axis without a name."""


@dataclass(eq=False, repr=False, slots=True, weakref_slot=True)
class NamedTensor:
    """A tensor that carries the names of its dims through every operator of torch.

    `tensor` is the plain tensor, `dims` the name of each axis, None where it has none. Make one by `named`, by a
    factory such as `namedtorch.zeros`, or by an operator; operators are functions and methods of torch, which take
    names wherever they take numbers of dims. It is no subclass of `torch.Tensor`: what takes plain tensors only takes
    `.tensor`.
    """

    tensor: Tensor
    dims: Dims

    # What it is

    @property
    def names(self) -> Dims:
        """The names, as torch's own named tensors had them: the same as `dims`."""
        return self.dims

    @property
    def shape(self) -> torch.Size:
        """The sizes, from the left."""
        return self.tensor.shape

    @property
    def sizes(self) -> Mapping[str, int]:
        """The size of every dim by its name; axes without a name, and names that two axes have, are not in it."""
        shape = self.tensor.shape
        return MappingProxyType(
            {
                name: size
                for name, size in zip(self.dims, shape, strict=True)
                if name is not None and self.dims.count(name) == 1
            }
        )

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.tensor.ndim

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the elements."""
        return self.tensor.dtype

    @property
    def device(self) -> torch.device:
        """The device that the elements are on."""
        return self.tensor.device

    @property
    def layout(self) -> torch.layout:
        """How the elements are stored: `torch.strided`."""
        return self.tensor.layout

    # Autograd

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are recorded."""
        return self.tensor.requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.tensor.requires_grad = value

    @property
    def grad(self) -> "NamedTensor | None":
        """The gradient, under the same dims, or None."""
        found = self.tensor.grad
        return None if found is None else NamedTensor(found, self.dims)

    @grad.setter
    def grad(self, value: "NamedTensor | Tensor | None") -> None:
        self.tensor.grad = value.tensor if isinstance(value, NamedTensor) else value

    @property
    def grad_fn(self) -> Any:
        """The function of autograd that made it, or None."""
        return self.tensor.grad_fn

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operator made it."""
        return self.tensor.is_leaf

    # torch marks what it takes for a parameter or a buffer by an attribute.

    @property
    def _is_param(self) -> bool:
        return False

    @_is_param.setter
    def _is_param(self, value: bool) -> None:
        raise _plain_only("nn.Parameter")

    @property
    def persistent(self) -> bool:
        """Whether a state dict holds it: never, as buffers are plain tensors."""
        return False

    @persistent.setter
    def persistent(self, value: bool) -> None:
        raise _plain_only("nn.Buffer")

    # Protocols of Python

    __array_priority__ = 1000
    """An array of numpy on the left leaves an operator to the named tensor, as it does to a plain one."""

    def __len__(self) -> int:
        if self.tensor.ndim == 0:
            raise TypeError(NO_PARTS)
        return len(self.tensor)

    def __bool__(self) -> bool:
        return bool(self.tensor)

    def __int__(self) -> int:
        return int(self.tensor)

    def __float__(self) -> float:
        return float(self.tensor)

    def __complex__(self) -> complex:
        return complex(self.tensor)

    def __index__(self) -> int:
        return self.tensor.__index__()

    __hash__ = object.__hash__

    def __format__(self, spec: str) -> str:
        # A scalar is formatted as its number.
        return format(self.tensor.item(), spec) if self.tensor.ndim == 0 and spec else format(str(self), spec)

    def __contains__(self, item: Any) -> bool:
        return (item.tensor if isinstance(item, NamedTensor) else item) in self.tensor

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """The elements as an array of numpy, without a copy where that can be."""
        found = self.tensor.__array__()
        wanted = found if dtype is None else found.astype(dtype, copy=False)
        if copy is False and wanted is not found:
            raise ValueError(f"{found.dtype} can't be an array of {dtype} without a copy")
        return wanted.copy() if copy and wanted is found else wanted

    def __reduce__(self) -> tuple[Any, ...]:
        return NamedTensor, (self.tensor, self.dims)

    def __copy__(self) -> "NamedTensor":
        return NamedTensor(self.tensor, self.dims)


def _plain_only(name: str) -> DimError:
    return DimError(
        f"`{name}` takes a plain tensor, which optimizers and state dicts know: write {name}(x.tensor); "
        "`namedtorch.name_parameters` keeps its dims beside the module"
    )


def plain(value: Any) -> Any:
    """A value of any nesting with plain tensors in the place of named ones."""
    match value:
        case NamedTensor():
            return value.tensor
        case list():
            return [plain(one) for one in value]
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*map(plain, value))
        case tuple():
            return tuple(map(plain, value))
        case dict():
            return {name: plain(one) for name, one in value.items()}
        case slice():
            return slice(plain(value.start), plain(value.stop), plain(value.step))
        case _:
            return value


def dims_of(value: "NamedTensor | Tensor") -> Dims:
    """The dims of a tensor; None for each axis of a plain one."""
    return value.dims if isinstance(value, NamedTensor) else (None,) * value.dim()


def dims_text(dims: Sequence[str | None]) -> str:
    """Dims as the language of shapes writes them, `_` for one without a name."""
    return " ".join("_" if name is None else name for name in dims)
