"""The model metadata of the Open Inference Protocol (V2), as KServe and other servers answer it.

Source: the protocol's specification, "Model Metadata Response JSON Object", "Platforms" and "Tensor Data Types".
"""

from collections.abc import Mapping
from typing import Any

from namedtorch.archive.container import Archive
from namedtorch.archive.sentence import one_line
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.archive.serving.tensors import Served, ServedTensor, served

# The first and the third are in the protocol's list; the others follow its form, PROJECT_FORMAT.
_PLATFORMS: Mapping[str, str] = {
    "torchscript": "pytorch_torchscript",
    "export": "pytorch_export",
    "onnx": "onnx_onnxv1",
    "executorch": "executorch_pte",
}
_TYPES: Mapping[str, str] = {
    "bool": "BOOL",
    "uint8": "UINT8",
    "uint16": "UINT16",
    "uint32": "UINT32",
    "uint64": "UINT64",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
}


def metadata(archive: Archive, name: str, dtypes: Mapping[str, str]) -> tuple[dict[str, Any], Served]:
    """The metadata of a model of this name; raises ServingError for a model that the protocol can't describe."""
    found = served(archive.manifest, "the Open Inference Protocol", dtypes)
    data = {
        "name": name,
        "versions": ["1"],
        "platform": _PLATFORMS[archive.manifest.format],
        "inputs": [_tensor(one) for one in found.inputs],
        "outputs": [_tensor(one) for one in found.outputs],
    }
    return data, found


def _tensor(one: ServedTensor) -> dict[str, Any]:
    if one.dtype not in _TYPES:
        raise ServingError(
            f"`{one_line(one.name, 80)}` is {one_line(one.dtype, 40)}, which the Open Inference Protocol has no name "
            "for; it has " + ", ".join(_TYPES)
        )
    return {"name": one.name, "datatype": _TYPES[one.dtype], "shape": list(one.sizes)}
