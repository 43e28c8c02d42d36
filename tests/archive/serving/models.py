"""Manifests of models to be served."""

from pathlib import Path
from typing import Any

from namedtorch.archive.container import Archive
from namedtorch.archive.interface import Input, Interface, Output, Sequence
from namedtorch.archive.manifest import Manifest, Method, State
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import TENSOR, Hint, TensorHint
from namedtorch.signature.known import map_signature
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape

FLOATS = {"weight": State("parameter", "float32", (3, 10))}


def tensor(shape: str, family: str = "Float") -> TensorHint:
    return TensorHint(TENSOR, FAMILIES[family], parse_shape(shape))


def function(result: Hint, where: str = "", **parameters: Hint | tuple[Hint, Any]) -> Signature:
    """A signature of hints; a hint with a value beside it has a default."""
    made = [
        Parameter(name, one[0], default=one[1]) if isinstance(one, tuple) else Parameter(name, one)
        for name, one in parameters.items()
    ]
    constraints = parse_shape(f"where {where}").where if where else ()
    return Signature(tuple(made), result, constraints)


def floats(text: str) -> Signature:
    """The signature of a text, all of whose tensors are floats."""
    signature = parse_signature(text)

    return map_signature(signature, lambda hint: TensorHint(hint.array, FAMILIES["Float"], hint.shape))


def archive_of(signature: Signature | str, file: str = "classifier.pt", **fields: Any) -> Archive:
    """An archive of a model; of a text, all tensors are floats."""
    method = signature if isinstance(signature, Signature) else floats(signature)
    given: dict[str, Any] = {
        "name": "models.Classifier",
        "mode": "eval",
        "guards": "boundary",
        "torch_version": "2.13.0",
        "state": FLOATS,
    }
    manifest = Manifest(
        kind="module",
        methods={"forward": Method(method, build_plan(method))},
        **(given | fields),
    )
    return Archive(Path("models", file), 1000, False, manifest)


def exported(signature: Signature, interface: Interface, format: str = "onnx", **fields: Any) -> Archive:
    """An archive of a flat graph."""
    suffix = {"onnx": "onnx", "export": "pt2", "executorch": "pte"}[format]
    given = {"format": format, "method": "export", "interface": interface, "guards": "none"}
    return archive_of(signature, f"classifier.{suffix}", **(given | fields))


def flat(*inputs: str, outputs: tuple[str, ...] = ("output_0",)) -> Interface:
    """The interface of a graph whose inputs are the arguments."""
    result = Output(0) if len(outputs) == 1 else Sequence("tuple", tuple(map(Output, range(len(outputs)))))
    return Interface(tuple(Input(name, (name,)) for name in inputs), outputs, result)
