"""Writes the golden archives of the current schema version that are missing, with onnx and executorch installed:
`python -m tests.archive.golden.write_archives`, and then `python tests/archive/golden/write.py` for their sums.

Once a version is released, its files stay as they are: they are what people have on their disks.
"""

import linecache
import sys
import types
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from namedtorch import lower, quantize
from namedtorch.archive.atomic import atomic
from namedtorch.archive.manifest import KnownSize, Manifest, State
from namedtorch.archive.seal import seal
from namedtorch.archive.targets import FLAT, SUFFIXES
from namedtorch.archive.version import SCHEMA_VERSION

HERE = Path(__file__).parent


def models() -> Any:
    """The models under a file name that says nothing of this machine: an archive holds the name."""
    source = (HERE / "models.py").read_text()
    module = types.ModuleType("models")
    sys.modules["models"] = module
    linecache.cache["models.py"] = (len(source), None, source.splitlines(keepends=True), "models.py")
    exec(compile(source, "models.py", "exec"), vars(module))
    return module


def archives() -> Iterator[tuple[str, Any, Manifest]]:
    """Names, graphs and manifests."""
    made = models()
    lowered = lower(made.Classifier(5))
    weight = State("parameter", "float32", (3, 5), "C=3 classes=5")
    known = replace(
        lowered.manifest,
        torch_version="2.13.0",
        namedtorch_version="0.1.0",
        state={"weight": weight, "shift": State("buffer", "float32", (5,))},
        sizes={"classes": KnownSize(5, "self.classes")},
        metadata={"labels": ["a", "b", "c", "d", "e"], "means": [0.485, 0.456, 0.406]},
    )
    yield "classifier.pt", lowered.module, known
    yield "classifier.ptl", lowered.module, known
    yield "frozen.pt", torch.jit.freeze(lowered.module), replace(known, state={}, stages=("freeze",))
    image = torch.linspace(-1.0, 1.0, 3 * 8 * 8).reshape(1, 3, 8, 8)
    others = {
        "blend.pt": lower(made.blend),
        "traced.pt": lower(made.Averager(5), method="trace"),
        "dynamic.pt": lower(quantize(made.Tagger(5), "dynamic", engine="x86")),
        "static.ptl": lower(quantize(made.Edges(5), "static", [image], engine="x86", progress=False)),
    }
    for name, other in others.items():
        yield name, other.module, replace(other.manifest, torch_version="2.13.0", namedtorch_version="0.1.0")


def leave_out_places(path: Path) -> None:
    """Writes a file of torch's again without the places of its code: of a trace, and of quantized modules of torch's,
    those are files of this machine."""
    with zipfile.ZipFile(path) as file:
        kept = {name: file.read(name) for name in file.namelist() if not name.endswith(".debug_pkl")}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in kept.items():
            file.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), data)


def write_flat() -> None:
    """The classifier for the runtimes that know tensors alone; these need the extras."""
    for target in FLAT:
        path = HERE / f"{SCHEMA_VERSION}-classifier{SUFFIXES[target]}"
        if not path.exists():
            lower(models().Classifier(5), to=target, where="N <= 8, H <= 16, W <= 16").save(path)


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)
    write_flat()
    for name, module, manifest in archives():
        path = HERE / f"{SCHEMA_VERSION}-{name}"
        if path.exists():
            continue
        with atomic(path) as temporary:
            if path.suffix == ".ptl":
                module._save_for_lite_interpreter(str(temporary))
            else:
                torch.jit.save(module, str(temporary))
            if manifest.method == "trace" or manifest.quantization is not None:
                leave_out_places(temporary)
            seal(temporary, manifest, path.name)


if __name__ == "__main__":
    main()
