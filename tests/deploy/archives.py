"""Archives made by hand: any compiled module, with the signatures that a test wants."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from namedtorch.archive.interface import Input, Interface, Output, Sequence
from namedtorch.archive.manifest import Manifest, Method
from namedtorch.archive.seal import seal
from namedtorch.lower.torchscript import Script, save_lite, save_script
from namedtorch.signature.function import signature_of
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature

Described = str | Signature | Callable[..., Any]
"""A signature: as text, itself, or that of a function."""


def write(path: Path, script: Any, methods: Described | Mapping[str, Described], **fields: Any) -> Path:
    """Writes a compiled module without guards in its graph, and a manifest with these signatures of its methods."""
    given = methods if isinstance(methods, Mapping) else {"forward": methods}
    signatures = {name: signature(one) for name, one in given.items()}
    manifest = Manifest(
        **{
            "name": "tests.Model",
            "kind": "module",
            "mode": "eval",
            "guards": "none",
            "methods": {name: Method(one, build_plan(one)) for name, one in signatures.items()},
            "torch_version": torch.__version__,
            **fields,
        }
    )
    (save_lite if path.suffix == ".ptl" else save_script)(compiled(script), path, {})
    seal(path, manifest)
    return path


def compiled(target: Any) -> Script:
    """What torch.jit.script makes of a module; one that is compiled is itself."""
    script: Any = target if isinstance(target, torch.jit.ScriptModule) else torch.jit.script(target)
    return script


def signature(described: Described) -> Signature:
    """The signature, as it reads from a file."""
    if isinstance(described, str):
        return parse_signature(described)
    own = described if isinstance(described, Signature) else signature_of(described)
    return Signature.from_json(own.without("self").to_json())


def write_exported(
    path: Path,
    model: nn.Module,
    inputs: Mapping[str, Tensor],
    described: Described,
    dynamic: Mapping[str, Mapping[int, Any]] | None = None,
    interface: Interface | None = None,
    **fields: Any,
) -> Path:
    """Writes an exported program that takes these tensors by name and gives a tuple, and a manifest of a signature.

    Without an `interface` each argument is a tensor, and the result is the tensor that the model gives, or the tuple.
    `dynamic` names the axes whose sizes are free, by input.
    """
    of_signature = signature(described)
    shapes = {name: dict((dynamic or {}).get(name, {})) for name in inputs}
    program = torch.export.export(model.eval(), tuple(inputs.values()), dynamic_shapes=tuple(shapes.values()))
    torch.export.save(program, path)
    if interface is None:
        given = model(*inputs.values())
        outputs = tuple(f"result_{place}" for place in range(len(given) if isinstance(given, tuple) else 1))
        tree = Output(0) if len(outputs) == 1 else Sequence("tuple", tuple(map(Output, range(len(outputs)))))
        interface = Interface(tuple(Input(name, (name,)) for name in inputs), outputs, tree)
    manifest = Manifest(
        **{
            "name": "tests.Model",
            "kind": "module",
            "mode": "eval",
            "guards": "none",
            "methods": {"forward": Method(of_signature, build_plan(of_signature))},
            "torch_version": torch.__version__,
            "method": "export",
            "format": "export",
            "interface": interface,
            **fields,
        }
    )
    seal(path, manifest)
    return path
