"""The file that a command writes: where it may be written, and what is said of it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from namedtorch.archive.manifest import Manifest
from namedtorch.archive.targets import FLAT, SUFFIXES, Target, target_of
from namedtorch.cli.command import Answer
from namedtorch.cli.outcome import WrongUse

_KINDS: Mapping[Target, str] = {
    "torchscript": "TorchScript",
    "lite": "lite interpreter",
    "export": "torch.export",
    "onnx": "ONNX",
    "executorch": "ExecuTorch",
}


def check_folder(path: str, option: str = "-o") -> None:
    """Raises WrongUse for a name that no file can have, and for one in a folder that is not there."""
    if "\0" in path:
        raise WrongUse(f"{option} {path!r}: a file name has no null character")
    folder = Path(path).parent
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {str(folder)!r} to write {Path(path).name} to")


def check_archive(path: str, *, scripts: bool = False) -> Path:
    """The path of an archive that can be written, with `scripts` of TorchScript alone; raises WrongUse for others."""
    check_folder(path)
    target = target_of(Path(path).suffix)
    if target is None or (scripts and target in FLAT):
        kinds = [
            f"{SUFFIXES[one]} ({name})" for one, name in _KINDS.items() if not scripts or one not in FLAT
        ]
        raise WrongUse(f"-o {path}: an archive is written as {', '.join(kinds[:-1])} or {kinds[-1]}")
    return Path(path)


def check_result(path: str) -> None:
    """Raises WrongUse for a name that no result can be written to, before the model runs."""
    check_folder(path)
    if Path(path).suffix not in (".npy", ".npz"):
        raise WrongUse(f"-o {path}: the result is written as .npy (one array) or .npz (several)")


def written(path: Path, manifest: Manifest) -> Answer:
    """What was written: the signature of each method, and the size of the file."""
    size = os.path.getsize(path)
    others = sorted(manifest.methods.keys() - {"forward"})
    lines = [f"{path}: {manifest.signature} ({size:,} bytes)"]
    lines += [f"  {name}: {manifest.methods[name].signature}" for name in others]
    data: dict[str, Any] = {
        "path": str(path),
        "bytes": size,
        "name": manifest.name,
        "kind": manifest.kind,
        "mode": manifest.mode,
        "guards": manifest.guards,
        "method": manifest.method,
        "stages": list(manifest.stages),
        "signature": str(manifest.signature),
        "methods": {name: str(manifest.methods[name].signature) for name in ("forward", *others)},
    }
    return Answer("\n".join(lines), data)
