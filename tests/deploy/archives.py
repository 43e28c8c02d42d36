"""Archives made by hand: any compiled module, with the signatures that a test wants."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

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
