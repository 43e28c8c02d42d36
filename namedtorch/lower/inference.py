"""What types TorchScript finds for the values that a module holds; its way to find them is internal to torch."""

from types import FunctionType
from typing import Any

import torch

from namedtorch.lower.torchscript import is_builtin, is_script


def type_problem(value: Any) -> str | None:
    """Why TorchScript has no type for a value, in torch's words; None if it has one, or compiles the value.

    To find the type of an object, torch compiles its class.
    """
    if isinstance(value, FunctionType) and value.__name__ != "<lambda>":
        return None
    if is_script(value) or isinstance(value, torch._ops.OpOverloadPacket):
        return None
    try:
        if (
            callable(value)
            and not isinstance(value, type)
            and hasattr(value, "__name__")
            and is_builtin(value)
        ):
            return None
        found = torch._C._jit_try_infer_type(value)
        return None if found.success() else found.reason()
    except Exception as error:  # The class of an object may hold anything that TorchScript refuses.
        return str(error)
