"""What is written for an ONNX file, held against what onnxruntime finds in it."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from namedtorch import Float, Int, checked
from namedtorch.archive.compare import compare
from namedtorch.archive.container import read_archive
from namedtorch.archive.serving import mlflow, oip, triton
from tests.archive.serving.pbtxt import parsed
from tests.lower.unverified import lower

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")
pytest.importorskip("google.protobuf")

TYPES = {"tensor(float)": ("FP32", "float32"), "tensor(int64)": ("INT64", "int64")}


class Tagged(NamedTuple):
    """Several outputs by name."""

    tags: Float[Tensor, "N T 2"]
    count: Int[Tensor, "N"]


@checked
class Tagger(nn.Module):
    """Tensors in a list, numbers, a batch, a record."""

    def forward(
        self,
        words: Int[Tensor, "N T where N <= 8"],
        weights: list[Float[Tensor, "N D=3"]],
        scale: float = 2.0,
    ) -> Tagged:
        total = torch.stack(weights).sum(0)[:, :2] * scale
        return Tagged(words[:, :, None] * total[:, None], words.sum(1))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    words, weights = torch.ones(2, 5, dtype=torch.int64), [torch.ones(2, 3), torch.ones(2, 3)]
    found = tmp_path_factory.mktemp("onnx") / "tagger.onnx"
    lower(Tagger().eval(), to="onnx", example=(words, weights)).save(found)
    return found


def tensors(path: Path) -> list[list[tuple[str, str, list[int]]]]:
    """The inputs and outputs that onnxruntime finds, dims of any size as -1."""
    session: Any = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return [
        [(one.name, one.type, [size if isinstance(size, int) else -1 for size in one.shape]) for one in side]
        for side in (session.get_inputs(), session.get_outputs())
    ]


def test_names_types_and_sizes_are_those_of_the_graph(path: Path) -> None:
    archive, (inputs, outputs) = read_archive(path), tensors(path)
    metadata, _ = oip.metadata(archive, "tagger", {})
    for side, found in (("inputs", inputs), ("outputs", outputs)):
        expected = [{"name": name, "datatype": TYPES[kind][0], "shape": sizes} for name, kind, sizes in found]
        assert metadata[side] == expected
    schema, _ = mlflow.signature(archive, {})
    assert [(one["name"], one["tensor-spec"]) for one in json.loads(schema["inputs"])] == [
        (name, {"dtype": TYPES[kind][1], "shape": sizes}) for name, kind, sizes in inputs
    ]


def test_triton_puts_the_batch_before_the_dims(path: Path) -> None:
    config = parsed(triton.config(read_archive(path), "tagger", {})[0])
    assert (config.platform, config.max_batch_size) == ("onnxruntime_onnx", 8)
    for side, found in zip((config.input, config.output), tensors(path), strict=True):
        full = [
            (one.name, [-1, *(one.reshape.shape if one.HasField("reshape") else one.dims)]) for one in side
        ]
        assert full == [(name, sizes) for name, _, sizes in found]


def test_what_the_file_fixes_breaks(path: Path) -> None:
    signature = lower(Tagger().eval()).manifest
    assert compare(signature, path, dtype="float32").reasons == (
        "`words`: the new model asks for the dtype Int64, and a caller of the old model has Int",
        "`scale`: the new model takes 2.0 alone, and the old one takes any",
        "`weights`: the new model takes 2 elements, and the old one takes any number",
    )
