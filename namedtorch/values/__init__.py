"""`NamedTensor`: a tensor with its dims, in eager mode."""

from namedtorch.values import collation as _collation
from namedtorch.values import custom_functions as _custom_functions
from namedtorch.values import gradients as _gradients
from namedtorch.values import methods as _methods
from namedtorch.values import pytrees as _pytrees
from namedtorch.values import serialization as _serialization
from namedtorch.values.named_tensor import NamedTensor

_methods.install(NamedTensor)
_serialization.register()
_pytrees.register()
_collation.register()
_gradients.register()
_custom_functions.register()

__all__ = ["NamedTensor"]
