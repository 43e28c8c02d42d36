"""What is checked: one file of 300 lines, and the tree of a package from the registry."""

import ast
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"

LINES = 300

PACKAGE = "timm"


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder of Python files."""

    folder: Path
    name: str

    def files(self) -> list[Path]:
        """Its files."""
        return sorted(self.folder.rglob("*.py"))

    def __str__(self) -> str:
        lines = sum(path.read_bytes().count(b"\n") for path in self.files())
        return f"{self.name}: {len(self.files())} files, {lines:,} lines"


def one_file(lines: int = LINES) -> str:
    """The text of a module of so many lines: definitions of the examples, one behind the other, as many as fit."""
    imports: list[str] = []
    bodies: list[str] = []
    for path in sorted(EXAMPLES.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            written = ast.get_source_segment(text, node) or ""
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports.append(written)
            elif isinstance(node, ast.ClassDef | ast.FunctionDef):
                decorators = [f"@{ast.unparse(one)}" for one in node.decorator_list]
                bodies.append("\n".join([*decorators, written]))
    found = "\n".join(dict.fromkeys(imports)).splitlines()
    place = 0
    while place < 10 * len(bodies):
        added = ["", "", *bodies[place % len(bodies)].splitlines()]
        if len(found) + len(added) <= lines:
            found += added
        place += 1
    found += ["#"] * (lines - len(found))
    return "\n".join(found) + "\n"


def downloaded(folder: Path) -> Tree | None:
    """The tree of the package, downloaded into a folder; None where the registry can't be reached."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run([*command, "--dest", str(folder), PACKAGE], capture_output=True, text=True)
    if done.returncode:
        return None
    (wheel,) = folder.glob(f"{PACKAGE}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(
            folder / "tree", [one for one in archive.namelist() if one.startswith(f"{PACKAGE}/")]
        )
    return Tree(folder / "tree" / PACKAGE, f"{PACKAGE} {wheel.name.split('-')[1]}")
