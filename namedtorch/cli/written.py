"""The file that a command writes: where it may be written, and what is said of it."""

import os
from pathlib import Path
from typing import Any

from namedtorch.archive.manifest import Manifest
from namedtorch.cli.command import Answer
from namedtorch.cli.outcome import WrongUse

_SUFFIXES = (".pt", ".ptl")


def check_folder(path: str, option: str = "-o") -> None:
    """Raises WrongUse for a name that no file can have, and for one in a folder that is not there."""
    if "\0" in path:
        raise WrongUse(f"{option} {path!r}: a file name has no null character")
    folder = Path(path).parent
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {str(folder)!r} to write {Path(path).name} to")


def check_archive(path: str) -> Path:
    """The path of an archive that can be written; raises WrongUse for any other."""
    check_folder(path)
    if Path(path).suffix not in _SUFFIXES:
        raise WrongUse(f"-o {path}: an archive is written as .pt (TorchScript) or .ptl (lite interpreter)")
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
