"""Calls as JSON: what the C++ program under test reads, and what Python's guard says of them."""

from collections.abc import Mapping
from typing import Any

import torch

from namedtorch.diagnostics import DimError
from namedtorch.runtime.guard import Guard
from namedtorch.signature.hints import PlainHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature
from tests.guards.calls import Call


def value_json(value: Any) -> Any:
    """A value by what a guard sees of it: tensors by dtype, sizes and strides."""
    match value:
        case None:
            return None
        case torch.Tensor():
            dtype = str(value.dtype).removeprefix("torch.")
            return {"tensor": {"dtype": dtype, "sizes": list(value.shape), "strides": list(value.stride())}}
        case bool():
            return {"bool": value}
        case int():
            return {"int": value}
        case float():
            return {"float": value}
        case complex():
            return {"complex": [value.real, value.imag]}
        case str():
            return {"str": value}
        case list():
            return {"list": [value_json(one) for one in value]}
        case dict():
            return {"dict": [[key, value_json(one)] for key, one in value.items()]}
        case tuple() if hasattr(value, "_fields"):
            fields = [[name, value_json(one)] for name, one in zip(value._fields, value, strict=True)]
            return {"record": {"name": type(value).__name__, "fields": fields}}
        case tuple():
            return {"tuple": [value_json(one) for one in value]}
        case _:
            raise AssertionError(value)


def guard_json(call: Call, do: str = "guard") -> dict[str, Any]:
    """A call as the C++ program takes it; a result that has no hint is none."""
    asked = {
        "do": do,
        "signature": call.signature.to_json(),
        "plan": build_plan(call.signature).to_json(),
        "arguments": [value_json(one) for one in call.arguments],
    }
    return (
        asked
        if isinstance(call.signature.result, PlainHint)
        else {**asked, "result": value_json(call.result)}
    )


def python_json(call: Call) -> Mapping[str, Any]:
    """What Python's guard of a loaded model says of a call: the signature is as it reads from a file."""
    signature = Signature.from_json(call.signature.to_json())
    explanation = Guard(signature, "f").explanation(call.arguments)
    failures = explanation.arguments() or explanation.missing_attributes()
    if not failures and not isinstance(signature.result, PlainHint):
        failures = explanation.result(call.result)
    if not failures:
        return {"accepted": True}
    return DimError.to_dict(explanation.error("f", ""))
