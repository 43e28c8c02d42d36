"""The methods of `NamedTensor`: those of `torch.Tensor` that the table has, and those that tell of a value."""

import operator
from collections.abc import Callable
from typing import Any, Final

import torch
from torch.compiler import is_dynamo_compiling

from namedtorch.ops.table import METHOD, OPERATORS
from namedtorch.values import alignment, display, functions, gradients, indexing, naming, patterns
from namedtorch.values.capture import captured
from namedtorch.values.dispatch import call
from namedtorch.values.named_tensor import NamedTensor, plain
from namedtorch.values.spellings import PROPERTIES, name_of, operation_of
from namedtorch.values.templates import binary, getter, made, method, reflected

_BINARY: Final = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift",
)  # fmt: skip
_COMPARED: Final = ("eq", "ne", "lt", "le", "gt", "ge")
_UNARY: Final = ("neg", "pos", "abs", "invert")

_TOLD: Final = (
    "dim", "ndimension", "numel", "nelement", "element_size", "item", "tolist", "numpy", "is_contiguous",
    "storage_offset", "data_ptr", "untyped_storage", "is_floating_point", "is_complex", "is_signed", "is_pinned",
    "is_shared", "is_inference", "is_conj", "is_neg", "is_set_to", "get_device", "is_same_size", "dim_order",
    "retain_grad", "share_memory_", "backward", "is_nonzero", "record_stream",
)  # fmt: skip
"""Methods of tensors that give no tensor, or nothing at all."""

_FACTS: Final = (
    "is_cuda", "is_cpu", "is_meta", "is_quantized", "is_sparse", "is_mps", "is_xpu", "is_nested", "itemsize", "nbytes",
    "retains_grad", "output_nr", "_version", "name", "is_mkldnn", "is_xla", "grad_dtype",
)  # fmt: skip
"""Properties of tensors that are no tensors."""

_ROWLESS: Final = (
    "as_strided_scatter", "diagonal_scatter", "narrow_copy", "nonzero_static", "put", "put_", "resize_", "resize_as_",
    "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes",
)  # fmt: skip
"""Methods of tensors that the table has no row for: a call is refused with the ways on, and not by Python."""


_NONE: Final[dict[str, Any]] = {}


def install(owner: type[NamedTensor]) -> None:
    """Gives the class its methods."""
    for room in (naming, alignment, functions, patterns, indexing, gradients, display):
        for name, function in room.METHODS.items():
            setattr(owner, name, function)
    for name in _BINARY:
        _put(
            owner, f"__{name}__", made(binary, operation_of(getattr(operator, f"__{name}__")), f"__{name}__")
        )
        _put(
            owner,
            f"__r{name}__",
            made(reflected, operation_of(getattr(operator, f"__{name}__")), f"__r{name}__"),
        )
        if hasattr(torch.Tensor, f"__i{name}__"):
            _put(
                owner,
                f"__i{name}__",
                made(method, operation_of(getattr(torch.Tensor, f"__i{name}__")), f"__i{name}__"),
            )
    for name in _COMPARED:
        _put(
            owner, f"__{name}__", made(binary, operation_of(getattr(operator, f"__{name}__")), f"__{name}__")
        )
    for name in _UNARY:
        _put(owner, f"__{name}__", made(method, operation_of(getattr(operator, name)), f"__{name}__"))
    for name in _TOLD:
        if hasattr(torch.Tensor, name):
            _put(owner, name, _telling(name))
    for name in _FACTS:
        if hasattr(torch.Tensor, name):
            _put(owner, name, property(_fact(name)))
    for name in OPERATORS:
        if name.startswith(METHOD):
            _install(owner, name.removeprefix(METHOD))
    for name in dir(torch.Tensor):
        if name.endswith("_") and not name.startswith("_") and f"{METHOD}{name[:-1]}" in OPERATORS:
            _install(owner, name)
    for name in _ROWLESS:
        if hasattr(torch.Tensor, name):
            _put(owner, name, made(method, operation_of(getattr(torch.Tensor, name)), name))
    owner.__torch_function__ = classmethod(_torch_function)  # pyright: ignore[reportAttributeAccessIssue]


def _torch_function(
    cls: type, function: Callable[..., Any], types: Any, arguments: Any = (), keywords: Any = None
) -> Any:
    if is_dynamo_compiling():
        return captured(name_of(function), function, arguments, keywords or _NONE)
    return call(operation_of(function), arguments, keywords or _NONE)


def _install(owner: type[NamedTensor], name: str) -> None:
    found = getattr(torch.Tensor, name, None)
    if found is None:
        return
    if name in PROPERTIES or not callable(found):
        operation = operation_of(found.__get__)
        _put(owner, name, property(made(getter, operation, name)))
    else:
        _put(owner, name, made(method, operation_of(found), name))


def _put(owner: type[NamedTensor], name: str, value: Any) -> None:
    """What the class itself defines stays."""
    if name not in owner.__dict__:
        setattr(owner, name, value)


def _telling(name: str) -> Callable[..., Any]:
    function = getattr(torch.Tensor, name)

    def method(self: NamedTensor, *arguments: Any, **keywords: Any) -> Any:
        result = function(self.tensor, *plain(arguments), **plain(keywords))
        return self if result is self.tensor else result

    return _documented(method, name)


def _fact(name: str) -> Callable[[NamedTensor], Any]:
    def read(self: NamedTensor) -> Any:
        return getattr(self.tensor, name)

    return read


def _documented(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    method.__name__ = name
    method.__qualname__ = f"NamedTensor.{name}"
    method.__doc__ = f"`torch.Tensor.{name}`, which takes names of dims and gives its result under names."
    return method
