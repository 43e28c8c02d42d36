"""Saves a model over another, again and again, and kills the saving process each time at another moment.

Run as a script with a folder; prints how many of the saves left the old file and how many the new one.
"""

import os
import random
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import torch

from namedtorch import load, lower
from namedtorch.archive.container import read_manifest
from namedtorch.archive.seal import verify
from tests.archive.subject import IMAGE, Scorer

MOMENTS = 50
OURS = re.compile(r"\.namedtorch-save-[a-z0-9_]{8}")


class Events:
    """The system calls that Python announces: opened, renamed and removed files, listed folders."""

    def __init__(self) -> None:
        self.count = -1
        self.last = -1
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: Any) -> None:
        if self.count >= 0 and event.partition(".")[0] in ("open", "os", "shutil", "tempfile"):
            self.count += 1
            if self.count == self.last:
                os.kill(os.getpid(), signal.SIGKILL)

    def start(self, last: int = -1) -> None:
        self.count, self.last = 0, last

    def stop(self) -> int:
        found, self.count = self.count, -1
        return found


def killed(save: Any, events: Events, at: int | None, delay: float) -> bool:
    """Saves in a child that is killed at this event, or after this delay; whether it was."""
    child = os.fork()
    if not child:
        try:
            if at is not None:
                events.start(at)
            save()
        finally:
            os._exit(0)
    if at is None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(folder: Path) -> None:
    path = folder / "m.pt"
    events = Events()
    files: list[bytes] = []
    results: list[torch.Tensor] = []
    saves: list[Any] = []
    for seed in (0, 1):
        lowered = lower(Scorer(seed))
        lowered.save(path)
        files.append(path.read_bytes())
        results.append(lowered(IMAGE))
        saves.append(lowered)
    events.start()
    start = time.perf_counter()
    saves[1].save(path)
    took, count = time.perf_counter() - start, events.stop()
    draw = random.Random(0)
    left, dead = [0, 0], 0
    for moment in range(MOMENTS):
        path.write_bytes(files[0])
        by_event = moment % 2 == 0
        at = 1 + moment // 2 * count // (MOMENTS // 2) if by_event else None
        dead += killed(lambda: saves[1].save(path), events, at, took * draw.random())
        found = files.index(path.read_bytes())
        left[found] += 1
        manifest = read_manifest(path)
        verify(path, manifest, str(path))
        assert torch.equal(load(path)(IMAGE), results[found])
    names = set(os.listdir(folder)) - {"m.pt"}
    assert all(OURS.fullmatch(name) for name in names), names
    print(count, dead, *left)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
