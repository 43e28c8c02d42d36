"""Calls of torch 2.12.1's named tensors, with its own verdicts, made again with NamedTensor.

`tests/oracles/name_inference_cases.json` has what torch 2.12.1 said of each: an error, or the names and sizes of the
results. torch's parser takes no names in functions, so `torch.softmax(x, "C")` is made as `x.softmax("C")`; factories,
`cat` and `stack` are those of namedtorch.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

import namedtorch
from namedtorch import DimError, NamedTensor, named

_FILE = Path(__file__).parents[1] / "oracles" / "name_inference_cases.json"

CASES: list[dict[str, Any]] = json.loads(_FILE.read_text())

REFUSED = "refused"

_OURS = frozenset({"cat", "zeros", "ones", "rand", "randn", "empty", "full", "tensor"})

# What only says that no error is raised, of tensors with any numbers.
_ANY_VALUE = frozenset({"equal", "masked_select"})


@dataclass(frozen=True)
class Verdict:
    """What came of a call: the names and sizes of each result, or a value; `REFUSED` with the text of the error."""

    results: Any
    error: str = ""
    after: Any = None


def call_again(case: dict[str, Any]) -> Verdict:
    """Makes the call of a case with NamedTensor."""
    torch.manual_seed(case["id"])
    inputs = [
        named(_elements(shape, dtype), names)
        for names, shape, dtype in zip(
            case["input_names"], case["input_shapes"], case["input_dtypes"], strict=True
        )
    ]
    arguments = [_argument(one, inputs) for one in case["args"]]
    keywords = {name: _argument(one, inputs) for name, one in case["kwargs"].items()}
    try:
        result = _made(case, arguments, keywords)
    except (DimError, ValueError, RuntimeError) as error:
        return Verdict(REFUSED, f"{type(error).__name__}: {error}")
    return Verdict(_told(case, result), after=[list(one.dims) for one in inputs])


def expected(case: dict[str, Any]) -> Verdict:
    """What torch 2.12.1 said."""
    if case["error"]:
        return Verdict(REFUSED, case["error_message"])
    if "result_value" in case:
        return Verdict(None if case["op"] in _ANY_VALUE else case["result_value"])
    names, shapes = case["result_names"], case["result_shapes"]
    pairs = list(zip(names, shapes, strict=True)) if case.get("multi") else [(names, shapes)]
    if case["op"] in _ANY_VALUE:
        pairs = [(names, [])]
    return Verdict(
        [(list(names), list(sizes)) for names, sizes in pairs], after=case.get("input_names_after")
    )


def _elements(shape: list[int], dtype: str) -> torch.Tensor:
    if dtype == "bool":
        return torch.rand(shape) > 0.5
    if dtype == "int64":
        return torch.zeros(shape, dtype=torch.int64)
    return torch.rand(shape) + 0.5


def _argument(value: Any, inputs: list[NamedTensor]) -> Any:
    match value:
        case str() if value.startswith("$"):
            return inputs[int(value[1:])]
        case list():
            return [_argument(one, inputs) for one in value]
        case _:
            return value


def _has_name(value: Any) -> bool:
    if isinstance(value, list):
        return any(_has_name(one) for one in value)
    return isinstance(value, str)


def _made(case: dict[str, Any], arguments: list[Any], keywords: dict[str, Any]) -> Any:
    op, kind = case["op"], case["kind"]
    if kind == "getitem":
        return arguments[0][eval(op, {"Ellipsis": ...})]
    if kind == "F":
        return getattr(functional, op)(*arguments, **keywords)
    by_name = any(map(_has_name, arguments[1:])) or any(map(_has_name, keywords.values()))
    if op in _OURS:
        return getattr(namedtorch, op)(*arguments, **keywords)
    if kind == "method" or by_name:
        return getattr(arguments[0], op)(*arguments[1:], **keywords)
    return getattr(torch, op)(*arguments, **keywords)


def _told(case: dict[str, Any], result: Any) -> Any:
    if "result_value" in case:
        value = list(result) if isinstance(result, torch.Size) else result
        return None if case["op"] in _ANY_VALUE else value
    results = list(result) if isinstance(result, tuple | list) else [result]
    told = [
        (list(one.dims), list(one.shape)) if isinstance(one, NamedTensor) else repr(one) for one in results
    ]
    return [(told[0][0], [])] if case["op"] in _ANY_VALUE else told
