"""What is read of an array value of any library: sizes, dtype, strides, and what it is."""

from typing import Any, cast

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.dtypes import dtype_name

NAMED = "namedtorch.NamedTensor"
"""The array type whose values carry names of dims."""


def array_names(value: Any) -> tuple[str | None, ...] | UnknownType:
    """The names that the axes of a NamedTensor carry; Unknown for any other array."""
    kind = cast("type[object]", type(value))
    if f"{kind.__module__}.{kind.__qualname__}" in (NAMED, "namedtorch.values.named_tensor.NamedTensor"):
        return value.dims
    return Unknown


def array_sizes(value: Any) -> tuple[int, ...]:
    """The sizes of an array, axes from the left."""
    return tuple(value.shape)


def array_dtype(value: Any) -> str:
    """The name of an array's dtype: `float32`."""
    return dtype_name(value.dtype)


def array_strides(value: Any) -> tuple[int, ...] | None:
    """The strides of an array in elements; None where the library tells none (they count as contiguous)."""
    stride = getattr(value, "stride", None)
    if callable(stride):
        try:
            return tuple(cast("tuple[int, ...]", stride()))
        except (RuntimeError, TypeError, NotImplementedError):  # sparse tensors and the like have none
            return None
    strides = getattr(value, "strides", None)
    itemsize = getattr(value, "itemsize", None)
    if isinstance(strides, tuple) and isinstance(itemsize, int) and itemsize > 0:
        return tuple(step // itemsize for step in cast("tuple[int, ...]", strides))
    return None


def array_text(value: Any) -> str:
    """What a value is, for messages: `float32 Tensor (8, 3)`, `a list of 2`, `None`, `the int 3`."""
    if value is None or isinstance(value, bool):
        return repr(value)
    name = type(value).__name__
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == () and hasattr(value, "item"):
        return f"the numpy {name} {value}"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        try:
            return _with_article(f"{array_dtype(value)} {name} {_sizes_text(value)}")
        except Exception:  # a stand-in for a tensor, as torch.fx has them
            return _with_article(name)
    if isinstance(value, int | float | complex | str):
        text = repr(value)
        return f"the {name} {text if len(text) <= 40 else text[:37] + '...'}"
    if isinstance(value, list | tuple | dict | set):
        return _with_article(f"{name} of {len(cast('list[object]', value))}")
    return _with_article(name)


def _sizes_text(value: Any) -> str:
    names, sizes = array_names(value), array_sizes(value)
    if names is Unknown or not names:
        return str(sizes)
    pairs = zip(names, sizes, strict=True)
    return " ".join(str(size) if name is None else f"{name}={size}" for name, size in pairs)


def _with_article(text: str) -> str:
    # "a uint8 Tensor": the u of a dtype is said as in "use".
    vowel = text[:1].lower() in "aeio" or (text[:1] == "u" and not text.startswith("uint"))
    return f"{'an' if vowel else 'a'} {text}"
