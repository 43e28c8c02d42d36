"""Fuzzing: `python -m tests.fuzz.run --seconds 600 [--jobs 2] [TARGET...]`, with atheris installed.

Each target runs for so many seconds, from its seeds and the golden files; what it found in earlier runs is kept in
the folder `--corpus`. An input that breaks a rule ends its target, is written beside, and makes the run fail.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.bounds import LONGEST
from tests.fuzz.targets import DICTIONARY, TARGETS, Target

_PROGRESS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)")

_RAISED = "=== Uncaught Python exception: ==="


class Outcome(NamedTuple):
    """What a target did: inputs tried and taken, lines of code reached, inputs kept; `failed` is what broke it."""

    name: str
    tried: int
    taken: int
    reached: int
    kept: int
    failed: str


def fuzzed(target: Target, seconds: int, folder: Path) -> Outcome:
    """Runs one target in a process of its own."""
    corpus = folder / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    for place, data in enumerate(target.first()):
        (corpus / f"first-{place}").write_bytes(data)
    target.seeds.mkdir(parents=True, exist_ok=True)
    found = folder / "found" / target.name
    found.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "tests.fuzz.worker", target.name, str(found)),
        *(
            str(corpus),
            str(target.seeds),
            f"-dict={DICTIONARY}",
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
        ),
        *(
            f"-artifact_prefix={found}/",
            "-timeout=60",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
            "-reload=0",
        ),
    ]
    path = found / "log.txt"
    with path.open("w") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False)
    log = path.read_text(errors="replace")
    steps = _PROGRESS.findall(log) or [("0", "0", "0", "0")]
    counts = found / "taken.txt"
    taken = int(counts.read_text().split()[0]) if counts.exists() else 0
    failed = (
        "" if done.returncode == 0 else "\n".join(log.partition(_RAISED)[2].splitlines()[:60]) or log[-2000:]
    )
    tried = re.findall(r"number_of_executed_units: (\d+)", log) or [steps[-1][0]]
    return Outcome(target.name, int(tried[-1]), taken, int(steps[-1][1]), int(steps[-1][3]), failed)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", default=sorted(TARGETS), help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir()) / "namedtorch-fuzz")
    chosen = parser.parse_args()
    with ThreadPoolExecutor(chosen.jobs) as pool:
        runs = [pool.submit(fuzzed, TARGETS[name], chosen.seconds, chosen.corpus) for name in chosen.targets]
        outcomes = [run.result() for run in runs]
    print(f"{'target':<16} {'tried':>9} {'taken':>9} {'reached':>8} {'kept':>6}")
    for one in outcomes:
        print(f"{one.name:<16} {one.tried:>9} {one.taken:>9} {one.reached:>8} {one.kept:>6}")
    for one in outcomes:
        if one.failed:
            print(f"\n{one.name} failed:\n{one.failed}")
    return int(any(one.failed for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
