"""Measures `namedtorch check`: `python tests/benchmarks/checking.py [--write docs/checking-speed.md]`."""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from interleave import Series, table
from processes import Run, peak_memory, seconds_of
from rivals import installed, rivals
from sources import LINES, PACKAGE, Tree, downloaded, one_file
from speed import Row

ONE_FILE = 0.3
COLD = 8.0
WARM = 0.6
MEMORY = 500e6

JOBS = 2

NOTES = """\
Each run is a process of its own, start-up included; commands take turns, one round is run before to warm up (files in
the system's memory, byte code of the tools written), and the median of the rounds is given; ± is half the width of the
middle half. One file is made of definitions of `examples/`. Cold is a run that finds no cache and writes one; warm is
the run after it. Memory is that of all processes of a cold run together, what they share counted once, at its most.
mypy and pyright check the same tree for other things: they know types, and no dims. They run without a cache in an
environment that holds nothing else, so that what the tree imports from other packages is unknown to them, as it is to
namedtorch.
"""


def check(path: Path, *options: str) -> list[str]:
    """The command that checks a file or folder."""
    return [sys.executable, "-m", "namedtorch", "check", "--format", "concise", *options, str(path)]


def byte_code(folder: Path) -> dict[str, str]:
    """Variables with which Python keeps byte code, as pip writes it for an installed package."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "byte-code")}


def one_file_rows(folder: Path, rounds: int) -> list[Row]:
    """One file, start-up included, beside Python's own start."""
    path = folder / "one" / "model.py"
    path.parent.mkdir()
    path.write_text(one_file(), encoding="utf-8")
    found = seconds_of(
        {
            "check": Run(check(path, "--no-cache"), byte_code(folder)),
            "python": Run([sys.executable, "-c", "pass"]),
        },
        rounds,
    )
    return [
        Row(
            f"one file of {LINES} lines",
            shown(found["check"]),
            f"under {ONE_FILE} s",
            found["check"].median / ONE_FILE,
        ),
        Row("of that, Python itself", shown(found["python"])),
    ]


def tree_rows(tree: Tree, folder: Path, rounds: int) -> list[Row]:
    """A tree, cold and warm, and what the cold run needs."""
    cache = folder / "cache"
    command = check(tree.folder, "--jobs", str(JOBS))
    environment = {"NAMEDTORCH_CACHE_DIR": str(cache), **byte_code(folder)}

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    cold, warm = Run(command, environment, forget), Run(command, environment)
    found = seconds_of({"cold": cold, "warm": warm}, rounds)
    memory = peak_memory(cold)
    return [
        Row(
            f"{tree}, cold, {JOBS} processes",
            shown(found["cold"]),
            f"under {COLD:.0f} s",
            found["cold"].median / COLD,
        ),
        Row("the same, warm", shown(found["warm"]), f"under {WARM} s", found["warm"].median / WARM),
        Row(
            "the same, cold: memory",
            f"{memory / 1e6:.0f} MB",
            f"under {MEMORY / 1e6:.0f} MB",
            memory / MEMORY,
        ),
    ]


def rival_rows(tree: Tree, folder: Path, rounds: int) -> list[Row]:
    """What other checkers take for the same tree; one row that says so where they can't be had."""
    if not installed(folder):
        return [Row("mypy and pyright: skipped, the registry can't be reached", "")]
    runs = rivals(folder, tree.folder)
    found = seconds_of(runs, rounds)
    return [Row(f"{name}, the same tree, cold", shown(found[name])) for name in runs]


def shown(series: Series) -> str:
    return f"{series.median:.3f} ± {series.spread / 2:.3f} s"


def report(given: Path | None, rounds: int, say: Callable[[str], None]) -> str:
    """Measures everything and writes it up in Markdown."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("one file")
        rows = one_file_rows(folder, rounds)
        tree = copied(given, folder) if given else downloaded(folder)
        if tree is None:
            rows.append(Row(f"{PACKAGE}: skipped, the registry can't be reached", ""))
        else:
            say(f"the tree, {len(tree.files())} files")
            rows += tree_rows(tree, folder, max(3, rounds // 3))
            say("mypy and pyright")
            rows += rival_rows(tree, folder / "rivals", max(1, rounds // 8))
    return written(rows)


def copied(folder: Path, into: Path) -> Tree:
    """A tree that is there already, away from the settings of the project that it stands in."""
    there = into / "tree" / folder.name
    shutil.copytree(folder, there, ignore=shutil.ignore_patterns("__pycache__"))
    return Tree(there, folder.name)


def written(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    parts = [
        "# The speed of `namedtorch check`\n",
        "Written by `python tests/benchmarks/checking.py --write docs/checking-speed.md`; "
        + machine()
        + "\n",
        "The ratio says how much of the bar is used up: at most 1 holds.\n",
        table(("what", "measured", "bar", "ratio", "holds"), [row.cells() for row in rows]),
        NOTES,
    ]
    return "\n".join(parts)


def machine() -> str:
    """What it was measured on, without names."""
    return (
        f"{os.cpu_count()} CPUs ({platform.machine()}), Python {platform.python_version()}; "
        f"load {os.getloadavg()[0]:.1f} as it ended."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the speed of `namedtorch check`.")
    parser.add_argument(
        "--write", type=Path, help="the file to write the table to; it is printed in any case"
    )
    parser.add_argument(
        "--rounds", type=int, default=15, help="how often one file is checked; trees less often"
    )
    parser.add_argument(
        "--tree", type=Path, help=f"the folder to check in the place of {PACKAGE}, which is downloaded"
    )
    options = parser.parse_args()
    text = report(
        options.tree, options.rounds, lambda what: print(f"measuring: {what}", file=sys.stderr, flush=True)
    )
    print(text, end="")
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
