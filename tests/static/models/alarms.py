"""Prints what the checker says about files that are right: every finding is a false alarm.

    python tests/static/models/alarms.py [--bare] [PATHS]

Without PATHS: the model files beside this one. `--bare` takes every annotation of dims away first, line by line.
Exit status 0 where nothing is said, 1 where something is, 2 where the checker itself fails.
"""

import ast
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
FINDING = re.compile(r"^(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<severity>\w+)\[(?P<code>[\w-]+)\] ")
DTYPES = {"Bool", "Complex", "Float", "Int", "Num", "Shaped", "UInt"}


def python_files(paths: list[str]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, paths):
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [path for path in files if path.resolve() != Path(__file__).resolve()]


def without_dims(text: str) -> str:
    """Replaces every `Float[Tensor, "N C"]` by `Tensor`; lines keep their numbers."""
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    spots = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id in DTYPES
        and node.lineno == node.end_lineno
    ]
    for node in sorted(spots, key=lambda node: node.col_offset, reverse=True):
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + b"Tensor" + line[node.end_col_offset :]
    return b"".join(lines).decode()


def check(paths: list[str]) -> tuple[subprocess.CompletedProcess[str], float]:
    command = [sys.executable, "-m", "namedtorch", "check", "--format", "concise", "--no-cache", *paths]
    start = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True)
    return run, time.perf_counter() - start


def main(arguments: list[str]) -> int:
    bare = "--bare" in arguments
    paths = [argument for argument in arguments if argument != "--bare"] or [str(HERE)]
    files = python_files(paths)
    with tempfile.TemporaryDirectory() as folder:
        if bare:
            for file in files:
                (Path(folder) / file.name).write_text(
                    without_dims(file.read_text(encoding="utf-8")), encoding="utf-8"
                )
            files = sorted(Path(folder).glob("*.py"))
        run, seconds = check([str(file) for file in files])
    found = [match for line in run.stdout.splitlines() if (match := FINDING.match(line))]
    print(run.stdout, end="")
    print(run.stderr, end="", file=sys.stderr)
    for title, group in (("code", "code"), ("file", "path")):
        counts = Counter(match[group] for match in found)
        if counts:
            print(f"\nBy {title}:")
            for name, count in counts.most_common(40):
                print(f"{count:6}  {name}")
    print(f"\n{len(found)} false alarms, {len(files)} files, {seconds:.2f} s, exit status {run.returncode}")
    if run.returncode not in (0, 1):
        return 2
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
