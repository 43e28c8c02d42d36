"""`NamedTensor`: a tensor with its dims, in eager mode."""

from namedtorch.values import methods as _methods
from namedtorch.values.named_tensor import NamedTensor

_methods.install(NamedTensor)

__all__ = ["NamedTensor"]
