"""Triton's config.pbtxt: its text, what protobuf reads of it, and what Triton would refuse."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.container import read_archive
from namedtorch.archive.interface import Fixed, Interface
from namedtorch.archive.manifest import Method
from namedtorch.archive.serving import triton
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.signature.hints import OptionalHint, PlainHint
from namedtorch.signature.plan import build_plan
from tests.archive.serving.models import archive_of, exported, flat, floats, function, tensor
from tests.archive.serving.pbtxt import parsed

GOLDEN = Path(__file__).parents[1] / "golden"


def config(archive: Any, name: str = "classifier", size: int | None = None, **dtypes: str) -> str:
    return triton.config(archive, name, dtypes, size)[0]


def test_a_torchscript_model() -> None:
    encode = floats("x: N -> N")
    archive = archive_of("image: N C=3 H W -> N 10 where N <= 16, H >= 32")
    methods = {**archive.manifest.methods, "encode": Method(encode, build_plan(encode))}
    object.__setattr__(archive.manifest, "methods", methods)
    assert (
        config(archive)
        == """\
# classifier.pt: models.Classifier
# image: N C=3 H W -> N 10 where N <= 16, H >= 32
# The file goes to classifier/1/model.pt in the model repository.
# where N <= 16, H >= 32: the guard in the graph checks it, Triton does not
# Triton calls forward alone, and not encode.
name: "classifier"
backend: "pytorch"
platform: "pytorch_libtorch"
max_batch_size: 16  # N <= 16
input [
  {
    # image: N C=3 H W; Triton adds N
    # Float: float32, as the weights are
    name: "image"
    data_type: TYPE_FP32
    dims: [ 3, -1, -1 ]
  }
]
output [
  {
    # OUTPUT__0: N 10; Triton adds N
    # Float: float32, as the weights are
    name: "OUTPUT__0"
    data_type: TYPE_FP32
    dims: [ 10 ]
  }
]
"""
    )


def test_an_onnx_model() -> None:
    signature = function(
        tensor("", "Float32"),
        where="T >= 2",
        words=tensor("N T", "Int64"),
        mask=tensor("T N", "Bool"),
        scale=(PlainHint("float"), 1.0),
    )
    flat_graph = flat("words", "mask", outputs=("loss",))
    interface = Interface(flat_graph.inputs, flat_graph.outputs, flat_graph.result, (Fixed(("scale",), 1.0),))
    assert (
        config(exported(signature, interface), "tagger")
        == """\
# classifier.onnx: models.Classifier
# words: N T, mask: T N, scale: float = 1.0 -> where T >= 2
# The file goes to tagger/1/model.onnx in the model repository.
# where T >= 2: nobody checks it here
# `scale` is 1.0, as it was exported
name: "tagger"
backend: "onnxruntime"
platform: "onnxruntime_onnx"
max_batch_size: 0  # no batching: mask does not begin with N
input [
  {
    # words: N T
    name: "words"
    data_type: TYPE_INT64
    dims: [ -1, -1 ]
  },
  {
    # mask: T N
    name: "mask"
    data_type: TYPE_BOOL
    dims: [ -1, -1 ]
  }
]
output [
  {
    # loss: a scalar
    name: "loss"
    data_type: TYPE_FP32
    dims: [ 1 ]
  }
]
"""
    )


FREE = "N is free, and this is Triton's default; --max-batch-size N takes more"
BATCHES: list[tuple[str, int | None, int, str]] = [
    ("x: N C=2 -> N", None, 4, FREE),
    ("x: N C=2 -> N", 32, 32, ""),
    ("x: N C=2 -> N", 0, 0, "no batching, as asked; N would be the batch"),
    ("x: N C=2 -> N where N < 9", None, 8, "N <= 8"),
    ("x: N C=2 -> N where 9 >= N, N <= 12", None, 9, "N <= 9"),
    ("x: N C=2 -> N where N <= 8", 2, 2, ""),
    ("x: N C=2 -> N where N >= 1, 0 < N", None, 4, FREE),
    ("x: N C=2 -> N where N >= 2", None, 0, "no batching: N is not free: N >= 2"),
    ("x: N C=2 -> N where N % 2 == 0", None, 0, "no batching: N is not free: N%2 == 0"),
    ("x: N C -> N where N <= C", None, 0, "no batching: N is not free: N <= C"),
    ("x: N C=2 -> C", None, 0, "no batching: OUTPUT__0 does not begin with N"),
    ("x: N C=2, y: C -> N", None, 0, "no batching: y does not begin with N"),
    ("x: N C=2 -> N N", None, 0, "no batching: OUTPUT__0 has N on another axis too"),
    ("x: N C=2 -> N 2*N+1", None, 0, "no batching: OUTPUT__0 has N on another axis too"),
    ("x: 2*N, y: N -> 2*N", None, 0, "no batching: no free dim begins the first tensor"),
    ("x: C=3 H -> C", None, 0, "no batching: no free dim begins the first tensor"),
    ("x: N=3 H -> N", None, 0, "no batching: no free dim begins the first tensor"),
]


@pytest.mark.parametrize(("text", "asked", "size", "remark"), BATCHES)
def test_the_batch_size(text: str, asked: int | None, size: int, remark: str) -> None:
    written = config(archive_of(text), size=asked)
    line = next(one for one in written.splitlines() if one.startswith("max_batch_size"))
    assert line == f"max_batch_size: {size}" + (f"  # {remark}" if remark else "")
    # The batch axis is Triton's, of every tensor or of none.
    assert ("; Triton adds N" in written) == (size > 0)


def test_one_value_a_sample_is_reshaped() -> None:
    assert "    dims: [ 1 ]\n    reshape { shape: [ ] }\n" in config(archive_of("x: N C=2 -> N"))
    assert "reshape" not in config(archive_of("x: N C=2 -> N"), size=0)


X = tensor("N 2")
REFUSED = [
    (
        archive_of(function(X, x=X, scale=(PlainHint("float"), 1.0))),
        None,
        (
            "`scale` is `float`, and Triton's PyTorch backend loads a model only if forward takes tensors alone: "
            "lower a module whose forward takes no more, or lower to .onnx, which fixes other values"
        ),
    ),
    (
        archive_of(function(X, x=X, mask=OptionalHint(X))),
        None,
        (
            "`mask` is `N 2 | None`, and Triton's PyTorch backend loads a model only if forward takes tensors alone: "
            "lower a module whose forward takes no more, or lower to .onnx, which fixes other values"
        ),
    ),
    (
        archive_of("x: N C H W @ channels_last -> N"),
        None,
        (
            "`x` has to be stored as `channels_last`, and Triton stores tensors as their axes stand, so that the "
            "guard in the graph refuses every call: lower the model without the memory format"
        ),
    ),
    (
        archive_of("x: N ->"),
        None,
        "OUTPUT__0 is a scalar, which Triton's PyTorch backend does not return: give it an axis of size 1",
    ),
    (
        archive_of("x: N C, scale: -> N C"),
        None,
        (
            "`scale` is a scalar, which Triton's PyTorch backend does not know: give it an axis of size 1, or lower "
            "to .onnx"
        ),
    ),
    (
        archive_of("x: N C=0 -> N"),
        None,
        "`x` has an axis of size 0 (`N C=0`), which Triton refuses to load",
    ),
    (
        archive_of(function(X, x=tensor("N", "UInt16"))),
        None,
        (
            "`x` is uint16, which Triton's pytorch backend does not know; it knows bool, uint8, int8, int16, int32, "
            "int64, float16, float32, float64"
        ),
    ),
    (
        exported(function(X, x=X), flat("x"), "export"),
        None,
        "Triton has no backend for torch.export: lower the model to .pt or .onnx",
    ),
    (
        exported(function(X, x=X), flat("x"), "executorch"),
        None,
        "Triton has no backend for ExecuTorch: lower the model to .pt or .onnx",
    ),
    (
        archive_of("x: N -> N where N <= 8"),
        16,
        "max_batch_size can't be 16: the signature allows N up to 8",
    ),
    (archive_of("x: C=3 -> C"), 2, "Triton can't batch the model: no free dim begins the first tensor"),
]


@pytest.mark.parametrize(("archive", "size", "text"), REFUSED, ids=[text[:40] for *_, text in REFUSED])
def test_what_triton_does_not_serve(archive: Any, size: int | None, text: str) -> None:
    with pytest.raises(ServingError) as caught:
        config(archive, size=size)
    assert str(caught.value) == text


def test_what_is_refused_of_one_model_and_taken_of_another() -> None:
    assert "TYPE_UINT16" in config(exported(function(X, x=tensor("N 2", "UInt16")), flat("x")))
    # No guard in the graph holds the memory format.
    assert "dims: [ -1, -1, -1 ]" in config(archive_of("x: N C H W @ channels_last -> N", guards="none"))
    assert "dims: [ 2 ]" in config(archive_of("x: N 2 @ contiguous -> N"))


EVIL = 'x"\n}\nparameters { key: "a" }\x1b\\ é\u2028#'


def hostile() -> Any:
    signature = function(X, x=X)
    return exported(signature, Interface(flat("x").inputs, (EVIL,), flat("x").result), name='m.\nname: "b"')


def test_a_hostile_manifest_adds_no_line() -> None:
    plain = config(exported(function(X, x=X), flat("x")))
    written = config(hostile(), EVIL.replace("\n", " "))
    assert [line.partition(":")[0] for line in written.splitlines() if "#" not in line[:6]] == [
        line.partition(":")[0] for line in plain.splitlines() if "#" not in line[:6]
    ]
    assert all(line.isprintable() for line in written.split("\n"))


def test_protobuf_reads_it() -> None:
    pytest.importorskip("google.protobuf")
    read = parsed(config(hostile(), EVIL))
    assert (read.name, read.output[0].name, len(read.input)) == (EVIL, EVIL, 1)
    read = parsed(config(archive_of("image: N C=3 H W, y: N -> N 10")))
    assert (read.platform, read.backend, read.max_batch_size) == ("pytorch_libtorch", "pytorch", 4)
    assert [(one.name, one.data_type, list(one.dims)) for one in read.input] == [
        ("image", 11, [3, -1, -1]),
        ("y", 11, [1]),
    ]
    assert [one.HasField("reshape") for one in read.input] == [False, True]
    assert [(one.name, list(one.dims)) for one in read.output] == [("OUTPUT__0", [10])]


@pytest.mark.parametrize("name", ["4-traced.pt", "4-static.ptl"])
def test_inputs_are_the_arguments_of_the_graph(name: str) -> None:
    """Triton's PyTorch backend finds inputs by the names in the graph's schema, all of which are tensors."""
    torch = pytest.importorskip("torch")
    archive = read_archive(GOLDEN / name)
    written = config(archive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        schema = torch.jit.load(str(archive.path))._c._get_method("forward").schema
    arguments = schema.arguments[1:]
    assert {str(one.type) for one in arguments} == {"Tensor"}
    names = [line.split('"')[1] for line in written.splitlines() if line.startswith("    name: ")]
    assert names == [*(one.name for one in arguments), "OUTPUT__0"]
