"""Measures what namedtorch adds to each runtime: `python tests/benchmarks/guards.py [--write docs/loading-speed.md]`.

`--write` replaces its own section of the page that `load.py` writes.
"""

import argparse
import ctypes
import importlib
import importlib.util
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from interleave import Call, Series, interleave, table, turns, undisturbed
from speed import Row, machine, micro, milli
from torch import Tensor, nn

from namedtorch import Float, checked, load, lower

GUARD = 2e-6
LOADING = 0.05

HEADING = "## Every runtime\n"

NOTES = """\
"Bare" is what one writes by hand against the runtime, with a tensor to begin with and a tensor in the end: the module
of `torch.jit.load`; `torch.export.load(path).module()`, whose own checks of inputs are part of it; onnxruntime's
`session.run` between `tensor.numpy()` and `torch.from_numpy`; ExecuTorch's `method.execute`. The model of the calls is
one `relu` of 1x3x8x8 numbers, so that microseconds show; that of the loads holds 50 tensors. Calls and loads take
turns in one process, torch and the runtimes with one thread; what is loaded is in the system's memory, and is freed
before the next load, which is not measured. A difference is taken in each round, and the median of the rounds is given.
Where it is negative, namedtorch is faster than the bare call: torch.export's checks are left out, since the guard says
what they say.
"""


@checked
class Light(nn.Module):
    """A body that costs next to nothing in any runtime."""

    def forward(
        self, image: Float[Tensor, "N C=3 H W where N <= 8, H <= 32, W <= 32"]
    ) -> Float[Tensor, "N C=3 H W"]:
        return image.relu()


@checked
class Wide(nn.Module):
    """A hundred megabytes in few, large layers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 1024, 1), *(nn.Conv2d(1024, 1024, 1) for _ in range(24)))

    def forward(
        self, image: Float[Tensor, "N C=3 H W where N <= 2, H <= 8, W <= 8"]
    ) -> Float[Tensor, "N 1024"]:
        return self.layers(image).mean((2, 3))


@dataclass(frozen=True, slots=True)
class Bare:
    """A runtime without us: its name, the package that it is, and what opens a file and gives a call on tensors."""

    name: str
    package: str
    open: Callable[[Path], Callable[[Tensor], Any]]


def torchscript(path: Path) -> Callable[[Tensor], Any]:
    return torch.jit.load(str(path))


def exported(path: Path) -> Callable[[Tensor], Any]:
    return torch.export.load(str(path)).module()


def onnx(path: Path) -> Callable[[Tensor], Any]:
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (taken,) = [one.name for one in session.get_inputs()]
    given = [one.name for one in session.get_outputs()]

    def call(image: Tensor) -> Tensor:
        return torch.from_numpy(session.run(given, {taken: image.numpy()})[0])

    return call


def executorch(path: Path) -> Callable[[Tensor], Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runtime: Any = importlib.import_module("executorch.runtime")
    program = runtime.Runtime.get().load_program(path)
    execute = program.load_method("forward").execute

    def call(image: Tensor, program: Any = program) -> Any:
        return execute([image])

    return call


RUNTIMES: Mapping[str, Bare] = {
    "torchscript": Bare("TorchScript (.pt)", "torch", torchscript),
    "export": Bare("torch.export (.pt2)", "torch", exported),
    "onnx": Bare("onnxruntime (.onnx)", "onnxruntime", onnx),
    "executorch": Bare("ExecuTorch (.pte)", "executorch", executorch),
}
SUFFIXES = {"torchscript": ".pt", "export": ".pt2", "onnx": ".onnx", "executorch": ".pte"}


def available() -> list[str]:
    """The runtimes that are installed here."""
    return [one for one, bare in RUNTIMES.items() if importlib.util.find_spec(bare.package) is not None]


def lowered(model: nn.Module, target: str, folder: Path) -> Path:
    path = folder / f"{type(model).__name__}{SUFFIXES[target]}"
    to: Any = target
    lower(model, to=to, verify=False).save(path)
    return path


def call_rows(target: str, path: Path, rounds: int) -> list[Row]:
    """What guard, interface and inference mode add to a call."""
    bare, image = RUNTIMES[target], torch.zeros(1, 3, 8, 8)
    calls = {"ours": load(path), "bare": bare.open(path)}
    found = interleave({name: Call(call, (image,)) for name, call in calls.items()}, rounds)
    over = found["ours"].minus(found["bare"])
    return [
        Row(f"{bare.name}: a bare call", micro(found["bare"])),
        Row(f"{bare.name}: ours, over that", micro(over), "under 2 us", max(over.median, 0.0) / GUARD),
    ]


def load_rows(target: str, path: Path, rounds: int) -> list[Row]:
    """What the load of a large file takes over the bare one."""
    bare = RUNTIMES[target]
    ways: dict[str, Callable[[Path], Any]] = {
        "bare": bare.open,
        "skip": lambda path: load(path, digest="skip"),
        "check": lambda path: load(path, digest="check"),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    with undisturbed():
        # The first rounds warm up.
        for names in turns(list(ways), rounds + len(ways)):
            for way in names:
                seconds[way].append(load_seconds(ways[way], path))
    found = {way: Series(tuple(times[len(ways) :])) for way, times in seconds.items()}
    size = path.stat().st_size / 1e6
    rows = [Row(f"{bare.name}: a bare load of {size:.0f} MB", milli(found["bare"]))]
    for way, bar in (("skip", LOADING), ("check", 0.0)):
        over = found[way].minus(found["bare"])
        share = over.median / found["bare"].median
        limit = ("under 5 %", max(share, 0.0) / bar) if bar else ()
        text = f"{milli(over)}: {share * 100:.1f} %"
        rows.append(Row(f'{bare.name}: `load(digest="{way}")`, over that', text, *limit))
    return rows


def load_seconds(opened: Callable[[Path], Any], path: Path) -> float:
    """Seconds of one load into memory that is new to the process, as the memory of a first load is."""
    start = time.perf_counter()
    model = opened(path)
    seconds = time.perf_counter() - start
    # To free it takes as long again, and is no part of a load.
    del model
    given_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if given_back is not None:
        given_back(0)
    return seconds


def section(rounds: int, say: Callable[[str], None]) -> str:
    """Measures every runtime that is installed, and writes it up in Markdown, under a heading of its own."""
    rows: list[Row] = []
    targets = available()
    # A runtime with threads of its own is given as many, when it opens a file.
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        for target in targets:
            say(f"calls: {RUNTIMES[target].name}")
            rows += call_rows(target, lowered(Light(), target, Path(folder)), rounds)
        for target in targets:
            say(f"loads: {RUNTIMES[target].name}")
            rows += load_rows(target, lowered(Wide(), target, Path(folder)), max(5, rounds // 4))
    left = [bare.name for target, bare in RUNTIMES.items() if target not in targets]
    parts = [
        HEADING,
        "Written by `python tests/benchmarks/guards.py --write docs/loading-speed.md`; " + machine() + "\n",
        *([f"Not installed, so not measured: {', '.join(left)}.\n"] if left else []),
        table(("what", "measured", "bar", "ratio", "holds"), [row.cells() for row in rows]),
        NOTES,
    ]
    return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what is added to each runtime.")
    parser.add_argument(
        "--write", type=Path, help="the page whose section is replaced; it is printed in any case"
    )
    parser.add_argument("--rounds", type=int, default=150, help="how often calls take turns")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
    text = section(options.rounds, lambda what: print(f"measuring: {what}", file=sys.stderr, flush=True))
    print(text, end="")
    if options.write:
        before = options.write.read_text(encoding="utf-8") if options.write.exists() else ""
        kept = before.partition(HEADING)[0].rstrip("\n")
        options.write.write_text((kept + "\n\n" if kept else "") + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
