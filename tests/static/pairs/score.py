"""Scores `namedtorch check` on the pairs: bugs found inside their scope, repaired twins flagged."""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

Finding = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """One bug with its repaired twin."""

    name: str
    category: str
    scope: tuple[int, int]
    signal: str
    what: str
    buggy: Path
    fixed: Path


def read_pairs(folder: Path, category: str | None = None) -> list[Pair]:
    """Returns the pairs under `folder` in the order of their numbers, those of `category` if given."""
    pairs: list[Pair] = []
    for path in sorted(folder.glob("[0-9][0-9][0-9]_*/meta.json")):
        meta = json.loads(path.read_text(encoding="utf-8"))
        if category is None or meta["category"] == category:
            first, last = meta["scope"]
            pairs.append(
                Pair(
                    name=path.parent.name,
                    category=meta["category"],
                    scope=(first, last),
                    signal=meta["static_signal"],
                    what=meta["what"],
                    buggy=path.parent / "buggy.py",
                    fixed=path.parent / "fixed.py",
                )
            )
    return pairs


def run_check(paths: Sequence[Path]) -> str:
    """Returns the JSON report of one `namedtorch check` over `paths`; exits where the checker breaks."""
    command = [
        sys.executable,
        "-m",
        "namedtorch",
        "check",
        "--format",
        "json",
        "--no-cache",
        *map(str, paths),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"namedtorch check ended with status {done.returncode}:\n{done.stderr or done.stdout}")
    return done.stdout


def by_file(report: str, folder: Path) -> dict[Path, list[Finding]]:
    """Groups the findings of a JSON report by file; relative paths are taken from `folder`."""
    grouped: dict[Path, list[Finding]] = defaultdict(list)
    for finding in json.loads(report):
        grouped[(folder / finding["path"]).resolve()].append(finding)
    return grouped


def inside(findings: Iterable[Finding], scope: tuple[int, int]) -> bool:
    """Says whether a finding lies on a line of `scope`."""
    first, last = scope
    return any(first <= finding["line"] <= last for finding in findings)


def shown(finding: Finding) -> str:
    """Returns a finding on one line."""
    place = f"{finding['line']}:{finding['column']}"
    return f"{place}: {finding['severity']}[{finding['code']}] {finding['message']}"


def tally(title: str, groups: Mapping[str, Sequence[bool]]) -> None:
    """Prints a table of found/total per group and their sum."""
    print(title)
    for name in sorted(groups):
        print(f"  {name:24} {sum(groups[name]):3}/{len(groups[name])}")
    marks = [mark for group in groups.values() for mark in group]
    print(f"  {'all':24} {sum(marks):3}/{len(marks)}")


def print_score(pairs: Sequence[Pair], findings: Mapping[Path, Sequence[Finding]], verbose: bool) -> None:
    """Prints what was found, what was missed if `verbose`, and the twins flagged."""
    categories: dict[str, list[bool]] = defaultdict(list)
    signals: dict[str, list[bool]] = defaultdict(list)
    missed: list[tuple[Pair, Sequence[Finding]]] = []
    flagged: list[tuple[Pair, Sequence[Finding]]] = []
    for pair in pairs:
        reported = findings.get(pair.buggy, ())
        found = inside(reported, pair.scope)
        categories[pair.category].append(found)
        signals[pair.signal].append(found)
        if not found:
            missed.append((pair, reported))
        if alarms := findings.get(pair.fixed):
            flagged.append((pair, alarms))
    tally("found inside the scope, by category", categories)
    tally("found inside the scope, by static signal", signals)
    if verbose:
        print(f"missed ({len(missed)})")
        for pair, reported in missed:
            print(f"  {pair.name} [{pair.category}, {pair.signal}]: {pair.what}")
            for finding in reported:
                print(f"      outside the scope: {shown(finding)}")
    print(f"repaired twins flagged: {len(flagged)}/{len(pairs)}")
    for pair, alarms in flagged:
        print(f"  {pair.name} [{pair.category}]")
        for finding in alarms:
            print(f"      {shown(finding)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns 2 where no pair has the category, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--category", help="score the pairs of one category only")
    parser.add_argument("--verbose", action="store_true", help="name the bugs that were missed")
    parser.add_argument("--report", type=Path, help="score this JSON report instead of running the checker")
    options = parser.parse_args(arguments)
    pairs = read_pairs(HERE, options.category)
    if not pairs:
        print(f"no pair of category {options.category!r}", file=sys.stderr)
        return 2
    if options.report is None:
        report = run_check([path for pair in pairs for path in (pair.buggy, pair.fixed)])
    else:
        report = options.report.read_text(encoding="utf-8")
    print_score(pairs, by_file(report, Path.cwd()), options.verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main())
