"""MLflow's model signature, as it stands in an MLmodel file: `ModelSignature.from_dict` reads it.

Source: mlflow.types.schema: `Schema.to_json`, `TensorSpec.to_dict`, `ParamSpec.to_dict`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from namedtorch.archive.container import Archive
from namedtorch.archive.sentence import one_line
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.archive.serving.tensors import Served, ServedTensor, served
from namedtorch.signature.signature import Parameter

# numpy's dtypes, which are those that MLflow knows.
_TYPES = (
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
    "float16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip
_PARAMETERS: Mapping[type, str] = {bool: "boolean", int: "long", float: "double", str: "string"}


def signature(archive: Archive, dtypes: Mapping[str, str]) -> tuple[dict[str, Any], Served]:
    """The signature of a model; raises ServingError for a model that MLflow can't describe.

    A single tensor of a TorchScript model has no name, as MLflow's own signature of an array: its PyTorch flavor takes
    an array, and no dict of one.
    """
    found = served(archive.manifest, "MLflow", dtypes)
    named = archive.manifest.interface is not None
    params = list(_params(found.left_out))
    data = {
        "inputs": _schema(found.inputs, named),
        "outputs": _schema(found.outputs, named),
        "params": json.dumps(params) if params else None,
    }
    return data, found


def _schema(tensors: tuple[ServedTensor, ...], named: bool) -> str:
    return json.dumps([_tensor(one, named or len(tensors) > 1) for one in tensors])


def _tensor(one: ServedTensor, named: bool) -> dict[str, Any]:
    if one.dtype not in _TYPES:
        raise ServingError(
            f"`{one_line(one.name, 80)}` is {one_line(one.dtype, 40)}, which MLflow has no name for; it has those of "
            "numpy"
        )
    spec = {"type": "tensor", "tensor-spec": {"dtype": one.dtype, "shape": list(one.sizes)}}
    return {"name": one.name, **spec} if named else spec


def is_param(one: Parameter) -> bool:
    """Tells whether MLflow can describe an argument that is no tensor: a number or text with a default."""
    return type(one.default) in _PARAMETERS


def _params(left_out: tuple[Parameter, ...]) -> Iterator[dict[str, Any]]:
    for one in left_out:
        if is_param(one):
            yield {
                "name": one.name,
                "default": one.default,
                "shape": None,
                "type": _PARAMETERS[type(one.default)],
            }
