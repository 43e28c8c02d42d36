"""Names among the arguments of what tells of a tensor; `?` is a result that is no tensor."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_X = t(2, 3, 5)
_TOLD = (
    "dim", "__len__", "numel", "element_size", "get_device", "is_complex", "is_contiguous", "is_floating_point",
    "is_pinned", "is_signed", "numpy", "data_ptr", "storage_offset", "tolist",
)  # fmt: skip

CASES = (
    *(names("N C T -> ?", f"torch.Tensor.{name}", _X) for name in _TOLD),
    *(names("N C T -> ?", f"torch.{name}", _X) for name in ("numel", "is_complex", "is_floating_point")),
    names("N C T -> ?", "torch.is_nonzero", t(1, 1, 1)),
    names("N C T -> ?, ?, ?", "torch.Tensor.size", _X),
    names("N C T -> ?", "torch.Tensor.size", _X, "C"),
    names("N C T -> refused", "torch.Tensor.size", _X, "H"),
    names("N C T -> ?", "torch.Tensor.stride", _X),
    names("N C T -> ?", "torch.Tensor.stride", _X, "C"),
    names("N C T -> refused", "torch.Tensor.stride", _X, "H"),
    names("N C -> ()", "torch.Tensor.item", t(1, 1)),
)
