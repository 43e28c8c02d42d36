"""Commands as processes of their own: how long they take, and how much memory all their processes hold at once."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from interleave import Series

_PAUSE = 0.02
"""Seconds between two looks at the memory of processes."""


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Run:
    """A command, what is set up before each measured run of it, and the exit codes that mean that it did its work."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    prepare: Callable[[], None] = _nothing
    fine: Sequence[int] = (0, 1)


def seconds_of(runs: Mapping[str, Run], rounds: int) -> dict[str, Series]:
    """Seconds of each command by round, after one round to warm up; they take turns, in the order given.

    Raises RuntimeError for a command that ends with another exit code than one that is fine.
    """
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            found[name].append(seconds_once(run))
    return {name: Series(tuple(times[1:])) for name, times in found.items()}


def seconds_once(run: Run) -> float:
    """Seconds of one run of a command. Raises RuntimeError where it fails."""
    run.prepare()
    start = time.perf_counter()
    done = subprocess.run(run.command, env=_environment(run), capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode not in run.fine:
        told = (done.stderr or done.stdout).strip()[-2000:]
        raise RuntimeError(f"{' '.join(run.command)} ended with {done.returncode}:\n{told}")
    return seconds


def peak_memory(run: Run) -> int:
    """The bytes that a command and all its processes hold at most, what they share counted once.

    Raises RuntimeError where it fails. Memory is looked at again and again, which takes time: it is a run of its own.
    """
    run.prepare()
    with subprocess.Popen(
        run.command, env=_environment(run), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(_held, _family(process.pid))))
            time.sleep(_PAUSE)
    if process.returncode not in run.fine:
        raise RuntimeError(f"{' '.join(run.command)} ended with {process.returncode}")
    return peak


def _environment(run: Run) -> dict[str, str]:
    return {**os.environ, **run.environment}


def _family(root: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                # The name of a program stands in parentheses, and may hold anything.
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def _held(pid: int) -> int:
    """The bytes of a process, its share of what it shares (PSS); 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
