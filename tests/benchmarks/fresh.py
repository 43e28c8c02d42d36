"""Loads in processes of their own: what a service pays when it starts."""

import subprocess
import sys
from pathlib import Path

from interleave import Series

_LOAD = """
import sys, time, warnings
warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
import torch
from namedtorch import load

way, path, small = sys.argv[1:]
bare, inside = torch.jit.load, []

def timed(*args, **kwargs):
    start = time.perf_counter()
    try:
        return bare(*args, **kwargs)
    finally:
        inside.append(time.perf_counter() - start)

# What a process does once (its parser, torch's tables) is no part of a load.
for _ in range(2):
    load(small)
torch.jit.load = timed
start = time.perf_counter()
model = load(path, digest=way)  # kept: to free it takes as long again
print(time.perf_counter() - start, inside[0])
"""


def first_loads(path: Path, small: Path, rounds: int) -> dict[str, tuple[Series, Series]]:
    """Seconds of one load of a file, in torch and around it, by round, in a process each.

    "skip" and "check" is what is done about digests; `small` is an archive that each process loads before.
    """
    ways = ("skip", "check")
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way in ways if turn % 2 else reversed(ways):
            command = [sys.executable, "-c", _LOAD, way, str(path), str(small)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            whole, inside = map(float, done.stdout.split())
            found[way].append((inside, whole - inside))
    return {
        way: (Series(tuple(one for one, _ in pairs)), Series(tuple(other for _, other in pairs)))
        for way, pairs in found.items()
    }
