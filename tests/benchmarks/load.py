"""Measures loading and serving: `python tests/benchmarks/load.py [--write docs/loading-speed.md]`."""

import argparse
import gc
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from fresh import first_loads
from guards import HEADING
from interleave import Call, Series, interleave, table
from speed import Row, machine, micro, milli
from torch import Tensor, nn

from namedtorch import Float, checked, load, lower

LOADING = 0.05
GUARD = 2e-6
SCALING = 0.05
LEAK = 5e6

THREADS = (1, 2, 4, 8)

NOTES = """\
Loading is measured in processes of their own, which have loaded a small archive before: one load each, of a file that
the system has in its memory; what of it is not torch's is the difference. All other rows are of one process, in turns,
torch with one thread; a difference or a ratio is taken in each round, and the median of the rounds is given. "Bare" is
the module of `torch.jit.load`, called as such. Threads call one model in a loop for a while, each with its own image;
the ratio is of the calls per second of all. ± is half the width of the middle half of the rounds.
"""


@checked
class Empty(nn.Module):
    """Nothing but the signature of an image model."""

    def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N 3 H W"]:
        return image


@checked
class Small(nn.Module):
    """A few layers: some hundred microseconds a call."""

    def __init__(self) -> None:
        super().__init__()
        layers = (nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU())
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 5, W >= 5"]) -> Float[Tensor, "N 16"]:
        return self.layers(image).mean((2, 3))


@checked
class Wide(nn.Module):
    """A hundred megabytes in few, large layers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 1024, 1), *(nn.Conv2d(1024, 1024, 1) for _ in range(24)))

    def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N 1024"]:
        return self.layers(image).mean((2, 3))


@checked
class Deep(nn.Module):
    """A hundred megabytes in hundreds of parameters and buffers."""

    def __init__(self) -> None:
        super().__init__()
        blocks = [
            nn.Sequential(nn.Conv2d(256, 256, 3, padding=1), nn.BatchNorm2d(256), nn.ReLU())
            for _ in range(42)
        ]
        self.layers = nn.Sequential(nn.Conv2d(3, 256, 3), *blocks)

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 3, W >= 3"]) -> Float[Tensor, "N 256"]:
        return self.layers(image).mean((2, 3))


MODELS = (Empty, Small, Wide, Deep)


def loading_rows(path: Path, small: Path, rounds: int) -> list[Row]:
    """The first load of a large file in a process, bare and ours."""
    seconds = first_loads(path, small, rounds)
    tensors = len(load(path, digest="skip").module.state_dict())
    bare, _ = seconds["skip"]
    rows = [Row(f"`torch.jit.load` of {path.stat().st_size / 1e6:.0f} MB in {tensors} tensors", milli(bare))]
    for way, bar in (("skip", LOADING), ("check", 0.0)):
        inside, around = seconds[way]
        share = around.median / inside.median
        limit = ("under 5 %", share / bar) if bar else ()
        rows.append(
            Row(
                f'`load(digest="{way}")` of the same, over that',
                f"{milli(around)}: {share * 100:.1f} %",
                *limit,
            )
        )
    return rows


def guard_rows(path: Path, rounds: int) -> list[Row]:
    """What the guard, and inference mode, add to a call of nothing."""
    image = torch.zeros(1, 3, 8, 8)
    model, module = load(path), bare(path)

    def inferring(image: Tensor) -> Any:
        with torch.inference_mode():
            return module(image)

    calls = {"ours": model, "module": module, "inferring": inferring, "arrays": model}
    arguments = {name: (image.numpy() if name == "arrays" else image,) for name in calls}
    found = interleave({name: Call(call, arguments[name]) for name, call in calls.items()}, rounds)
    over = found["ours"].minus(found["module"])
    saved = found["ours"].minus(found["inferring"])
    return [
        Row("a call of an empty model, bare", micro(found["module"])),
        Row(
            "the guard and inference mode, over that", micro(over), "under 2 us", max(over.median, 0) / GUARD
        ),
        Row("the guard, over a bare call inside of `torch.inference_mode()`", micro(saved)),
        Row("an array in place of a tensor, over a tensor", micro(found["arrays"].minus(found["ours"]))),
    ]


def thread_rows(path: Path, seconds: float, rounds: int) -> list[Row]:
    """Calls per second of so many threads, ours against the bare model."""
    model, module = load(path, warm_up=3), bare(path)
    for _ in range(3):
        module(torch.rand(1, 3, 32, 32))
    rows: list[Row] = []
    alone = 0.0
    for count in THREADS:
        ratios: list[float] = []
        ours: list[float] = []
        for turn in range(rounds):
            both = (model, module) if turn % 2 else (module, model)
            rates = {id(one): _rate(one, count, seconds) for one in both}
            ours.append(rates[id(model)])
            ratios.append(rates[id(module)] / rates[id(model)])
        lost, rate = Series(tuple(ratios)).median - 1, Series(tuple(ours)).median
        alone = alone or rate
        rows.append(
            Row(
                f"{count} thread{'s' if count > 1 else ''}: {rate:.0f} calls a second "
                f"({rate / alone:.2f} times one thread's); bare more by",
                f"{lost * 100:.1f} %",
                "under 5 %",
                max(lost, 0.0) / SCALING,
            )
        )
    return rows


def _rate(model: Callable[[Tensor], Any], count: int, seconds: float) -> float:
    """Calls per second of all threads together."""
    made = [0] * count
    stop = threading.Event()
    start = threading.Barrier(count + 1)

    def serve(index: int) -> None:
        image = torch.rand(1, 3, 32, 32)
        start.wait()
        while not stop.is_set():
            for _ in range(10):
                model(image)
            made[index] += 10

    threads = [threading.Thread(target=serve, args=(index,)) for index in range(count)]
    for one in threads:
        one.start()
    start.wait()
    begun = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    for one in threads:
        one.join()
    return sum(made) / (time.perf_counter() - begun)


def leak_rows(path: Path, times: int) -> list[Row]:
    """What so many loads, each with a call, leave in memory, ours and bare."""
    image = torch.rand(1, 3, 32, 32)
    rows: list[Row] = []
    for name, opened in (("`torch.jit.load`", bare), ("`load`", load)):
        for _ in range(100):
            opened(path)(image)
        before, objects = _resident(), _objects()
        for _ in range(times):
            opened(path)(image)
        grown = _resident() - before
        bar = ("under 5 MB", max(grown, 0) / LEAK) if opened is load else ()
        text = f"{grown / 1e6:+.1f} MB, {_objects() - objects:+d} objects"
        rows.append(Row(f"{times} times {name} and a call leave behind", text, *bar))
    return rows


def _resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def _objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def bare(path: Path) -> Any:
    """The module that torch loads."""
    return torch.jit.load(str(path))


def report(rounds: int, say: Callable[[str], None]) -> str:
    """Measures everything and writes it up in Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {one.__name__: Path(folder, f"{one.__name__}.pt") for one in MODELS}
        for one in MODELS:
            lower(one()).save(paths[one.__name__])
        say("loading")
        rows: list[Row] = []
        for name in ("Wide", "Deep"):
            rows += loading_rows(paths[name], paths["Empty"], max(5, rounds // 10))
        say("the guard")
        rows += guard_rows(paths["Empty"], rounds)
        torch.set_num_threads(1)
        say("threads")
        rows += thread_rows(paths["Small"], 0.15, max(10, rounds // 4))
        say("a thousand loads")
        rows += leak_rows(paths["Small"], 1000)
    parts = [
        "# The speed of loading and serving\n",
        "Written by `python tests/benchmarks/load.py --write docs/loading-speed.md`; " + machine() + "\n",
        "The ratio says how much of the bar is used up: at most 1 holds.\n",
        table(("what", "measured", "bar", "ratio", "holds"), [row.cells() for row in rows]),
        NOTES,
    ]
    return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure loading and serving, in ratios.")
    parser.add_argument(
        "--write", type=Path, help="the file to write the table to; it is printed in any case"
    )
    parser.add_argument("--rounds", type=int, default=150, help="how often calls take turns")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
    text = report(options.rounds, lambda what: print(f"measuring: {what}", file=sys.stderr, flush=True))
    print(text, end="")
    if options.write:
        # What `guards.py` wrote behind it stays.
        before = options.write.read_text(encoding="utf-8") if options.write.exists() else ""
        behind = before.partition(HEADING)[2]
        options.write.write_text(text + (f"\n{HEADING}{behind}" if behind else ""), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
