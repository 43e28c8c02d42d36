"""The Open Inference Protocol's metadata, and MLflow's signature."""

import json
from typing import Any

import pytest

from namedtorch.archive.serving import mlflow, oip
from namedtorch.archive.serving.json_text import json_text
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.signature.hints import PlainHint, TupleHint
from tests.archive.serving.models import archive_of, exported, flat, function, tensor


def test_metadata_of_the_protocol() -> None:
    data, _ = oip.metadata(archive_of("image: N C=3 H W -> N 10"), "classifier", {})
    assert (
        json_text(data)
        == """\
{
  "name": "classifier",
  "versions": [
    "1"
  ],
  "platform": "pytorch_torchscript",
  "inputs": [
    {
      "name": "image",
      "datatype": "FP32",
      "shape": [-1, 3, -1, -1]
    }
  ],
  "outputs": [
    {
      "name": "OUTPUT__0",
      "datatype": "FP32",
      "shape": [-1, 10]
    }
  ]
}
"""
    )


X = tensor("N")


@pytest.mark.parametrize(
    ("format", "platform"),
    [("onnx", "onnx_onnxv1"), ("export", "pytorch_export"), ("executorch", "executorch_pte")],
)
def test_names_of_a_flat_graph(format: str, platform: str) -> None:
    signature = function(TupleHint((X, tensor("", "Bool"))), words=tensor("N T", "Int64"))
    archive = exported(signature, flat("words", outputs=("tags", "done")), format)
    data, _ = oip.metadata(archive, "tagger", {})
    assert (data["platform"], data["inputs"], data["outputs"]) == (
        platform,
        [{"name": "words", "datatype": "INT64", "shape": [-1, -1]}],
        [
            {"name": "tags", "datatype": "FP32", "shape": [-1]},
            {"name": "done", "datatype": "BOOL", "shape": []},
        ],
    )


def read(archive: Any) -> dict[str, Any]:
    """The signature, its texts read as MLflow reads them."""
    data, _ = mlflow.signature(archive, {})
    return {name: None if text is None else json.loads(text) for name, text in data.items()}


def test_a_signature_of_mlflow() -> None:
    assert read(archive_of("image: N C=3 H W -> N 10")) == {
        "inputs": [{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3, -1, -1]}}],
        "outputs": [{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 10]}}],
        "params": None,
    }


def test_several_tensors_have_names() -> None:
    found = read(archive_of(function(X, x=X, y=tensor("N 2", "Int64"))))
    assert found["inputs"] == [
        {"name": "x", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1]}},
        {"name": "y", "type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1, 2]}},
    ]
    onnx = read(exported(function(X, x=X), flat("x", outputs=("scores",))))
    assert [one["name"] for kind in ("inputs", "outputs") for one in onnx[kind]] == ["x", "scores"]


def test_numbers_and_texts_are_parameters() -> None:
    signature = function(
        X,
        x=X,
        scale=(PlainHint("float"), 0.5),
        count=(PlainHint("int"), 3),
        exact=(PlainHint("bool"), True),
        mode=(PlainHint("str"), "linear"),
        size=(PlainHint("list[int]"), None),
    )
    assert read(archive_of(signature))["params"] == [
        {"name": "scale", "default": 0.5, "shape": None, "type": "double"},
        {"name": "count", "default": 3, "shape": None, "type": "long"},
        {"name": "exact", "default": True, "shape": None, "type": "boolean"},
        {"name": "mode", "default": "linear", "shape": None, "type": "string"},
    ]


@pytest.mark.parametrize(
    ("describe", "text"),
    [
        (
            lambda archive: oip.metadata(archive, "m", {}),
            (
                "`x` is bfloat16, which the Open Inference Protocol has no name for; it has bool, uint8, uint16, "
                "uint32, uint64, int8, int16, int32, int64, float16, float32, float64"
            ),
        ),
        (
            lambda archive: mlflow.signature(archive, {}),
            "`x` is bfloat16, which MLflow has no name for; it has those of numpy",
        ),
    ],
)
def test_dtypes_without_a_name(describe: Any, text: str) -> None:
    with pytest.raises(ServingError) as caught:
        describe(archive_of(function(X, x=tensor("N", "BFloat16"))))
    assert str(caught.value) == text


def test_texts_stay_as_they_are() -> None:
    data = {"name": '[\n1,\n2\n]"', "shape": [1, -1], "none": []}
    assert json.loads(json_text(data)) == data
    assert '"shape": [1, -1]' in json_text(data)
