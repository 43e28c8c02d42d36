"""Seeds out of a corpus: `python -m tests.fuzz.keep --corpus FOLDER [TARGET...]` keeps the few that reach as much.

An input is kept if it takes a step, from one line to another, that no smaller one takes. Inputs that broke a rule once
(`FOLDER/found/TARGET/crash-*`) are kept as well: mended, they must hold.
"""

import argparse
import shutil
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.targets import TARGETS, Target

LONGEST = 6000
"""The most bytes of a seed: what needs more is seldom told from what needs less."""

MOST_FILES, MOST_BYTES = 60, 100_000
"""The most seeds of a target, and the most bytes of them."""

OURS = str(Path(__file__).parents[2] / "namedtorch")


def keep(target: Target, corpus: Path) -> int:
    """Writes the seeds of a target; returns how many there are."""
    target.seeds.mkdir(parents=True, exist_ok=True)
    found = [*(corpus / target.name).glob("*"), *target.seeds.iterdir()]
    inputs = sorted({path.read_bytes() for path in found if path.stat().st_size <= LONGEST}, key=len)
    chosen = _fewest({data: reached(target, data) for data in inputs})
    for old in target.seeds.iterdir():
        if old.name != "tiny" and not old.name.startswith("crash-"):
            old.unlink()
    for place, data in enumerate(sorted(chosen, key=len)):
        (target.seeds / f"{place:02}").write_bytes(data)
    for path in sorted((corpus / "found" / target.name).glob("crash-*")):
        shutil.copy(path, target.seeds / path.name[:18])
    return len(list(target.seeds.iterdir()))


def _fewest(inputs: dict[bytes, set[Any]]) -> list[bytes]:
    """The inputs that together reach most, chosen by what each adds, within the bounds."""
    chosen: list[bytes] = []
    known: set[Any] = set()
    waiting = dict(inputs)
    while waiting and len(chosen) < MOST_FILES:
        best = max(waiting, key=lambda data: (len(waiting[data] - known), -len(data)))
        if not waiting[best] - known:
            break
        known |= waiting.pop(best)
        if sum(map(len, chosen)) + len(best) <= MOST_BYTES:
            chosen.append(best)
    return chosen


def reached(target: Target, data: bytes) -> set[tuple[str, int, int]]:
    """The steps that an input takes in the package: a file, a line, and the one before."""
    steps: set[tuple[str, int, int]] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(OURS):
            return None
        before = frame.f_lineno

        def local(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal before
            steps.add((file, before, frame.f_lineno))
            before = frame.f_lineno
            return local

        return local

    sys.settrace(trace)
    try:
        target.check(data)
    finally:
        sys.settrace(None)
    return steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=sorted(TARGETS))
    parser.add_argument("--corpus", type=Path, required=True)
    chosen = parser.parse_args()
    for name in chosen.targets:
        print(f"{name}: {keep(TARGETS[name], chosen.corpus)} seeds")


if __name__ == "__main__":
    main()
