"""Manifests of models that stand in no file, to compare."""

from typing import Any

from namedtorch.archive.interface import Input, Interface, Output
from namedtorch.archive.manifest import Manifest, Method
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import TENSOR, Hint, TensorHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape

DIGESTS = {group: f"{place}" * 64 for place, group in enumerate(("code", "constants", "other", "weights"))}


def manifest_of(*signatures: Signature | str, **fields: Any) -> Manifest:
    """A model of a class `m.Model`; the methods after forward are `encode`, `decode`."""
    names = ("forward", "encode", "decode")
    methods: dict[str, Method] = {}
    for name, one in zip(names, signatures, strict=False):
        signature = parse_signature(one) if isinstance(one, str) else one
        methods[name] = Method(signature, build_plan(signature))
    given = {
        "name": "m.Model",
        "kind": "module",
        "mode": "eval",
        "guards": "boundary",
        "torch_version": "2.13.0",
        "digests": DIGESTS,
    }
    return Manifest(methods=methods, **(given | fields))


def tensor(shape: str, family: str = "Float") -> TensorHint:
    return TensorHint(TENSOR, FAMILIES[family], parse_shape(shape))


def function(result: Hint, **parameters: Hint | tuple[Hint, Any]) -> Signature:
    """A signature of hints; a hint with a value beside it has a default."""
    made = [
        Parameter(name, *((one[0],) if isinstance(one, tuple) else (one,)), default=one[1])
        if isinstance(one, tuple)
        else Parameter(name, one)
        for name, one in parameters.items()
    ]
    return Signature(tuple(made), result)


ONE = Interface((Input("x", ("x",)),), ("output_0",), Output(0))


def exported(signature: Signature, interface: Interface) -> Manifest:
    return manifest_of(
        signature,
        format="onnx",
        method="export",
        interface=interface,
        digests={"file": "0" * 64},
        guards="none",
    )
