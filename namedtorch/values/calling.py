"""`call`: a function of torch with names in the place of numbers of dims."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from torch import Tensor

from namedtorch.values.dispatch import call as dispatched
from namedtorch.values.named_tensor import NamedTensor
from namedtorch.values.spellings import operation_of

T = TypeVar("T")


@overload
def call(function: Callable[..., Tensor], /, *arguments: Any, **keywords: Any) -> NamedTensor: ...


@overload
def call(
    function: Callable[..., tuple[Tensor, ...]], /, *arguments: Any, **keywords: Any
) -> tuple[NamedTensor, ...]: ...


@overload
def call(function: Callable[..., list[Tensor]], /, *arguments: Any, **keywords: Any) -> list[NamedTensor]: ...


@overload
def call(function: Callable[..., T], /, *arguments: Any, **keywords: Any) -> T: ...


def call(function: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Any:
    """Calls a function of torch on named tensors, with names wherever it takes dims: `call(torch.fft.fft, x, dim="T")`.

    torch's own parser of arguments refuses a text before NamedTensor is asked, so that `torch.fft.fft(x, dim="T")` is
    torch's TypeError; methods (`x.softmax("C")`) and the functions of `torch.nn.functional` that are written in Python
    need no `call`. Raises `DimError` where dims do not fit, or where the table has no row for the function.
    """
    return dispatched(operation_of(function), arguments, keywords)
