"""A checker for tests of what is around the checker: calls of some functions are findings."""

import ast
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from namedtorch.diagnostics.source import Place, Problem
from namedtorch.dims.unknown import Unknown
from namedtorch.static import examination, workers
from namedtorch.static.checked import Checked, Inferred, Options
from namedtorch.static.project import Project
from namedtorch.static.record import Record
from namedtorch.static.source_module import SourceModule

ERROR, WARNING = "dims-differ", "rank-differs"


def place(node: ast.expr | ast.stmt, path: str) -> Place:
    end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return Place(path, node.lineno, node.col_offset + 1, end_line, end + 1)


def check_module(module: SourceModule, project: Project, options: Options) -> Checked:
    """Finds an error in each `bad(...)`, a warning in each `soso(...)`, and follows imports one step.

    `crash()` raises, `die()` ends the process, `sleep()` does not come back in time.
    """
    problems: list[Problem] = []
    inferred: list[Inferred] = []
    dependencies: set[str] = set()
    over_budget: list[str] = []
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id="crash")):
                raise RecursionError("too deep")
            case ast.Call(func=ast.Name(id="die")):
                os._exit(9)
            case ast.Call(func=ast.Name(id="sleep")):
                time.sleep(100)
            case ast.Call(func=ast.Name(id="bad")):
                problems.append(Problem(ERROR, "error", "a bad call", place(node, module.path)))
            case ast.Call(func=ast.Name(id="soso")):
                problems.append(Problem(WARNING, "warning", "a soso call", place(node, module.path)))
            case ast.Call(func=ast.Name(id="dims"), args=[ast.Constant(value=str() as text)]):
                inferred.append(Inferred(place(node, module.path), text))
            case ast.FunctionDef(name="endless"):
                over_budget.append(node.name)
            case ast.ImportFrom():
                found = project.module(module.resolve(node.level, node.module))
                if found is not Unknown:
                    dependencies.add(found.path)
                    if "bad" in found.text:
                        message = "imports something bad"
                        problems.append(Problem(ERROR, "error", message, place(node, module.path)))
            case _:
                pass
    if options.comments:
        problems.append(Problem(WARNING, "warning", "comments are read", Place(module.path, 1, 1, 1, 2)))
    return Checked(tuple(problems), tuple(over_budget), frozenset(dependencies), tuple(inferred))


class Examiner:
    """Checks files with the stand-in, and remembers which."""

    def __init__(self, jobs: int = 1) -> None:
        self.jobs = jobs
        self.asked: list[str] = []

    def __call__(self, paths: Sequence[str], project: Project) -> Iterable[tuple[str, Record]]:
        self.asked += paths
        if self.jobs == 1:
            return examination.examine(paths, project, check_module)
        return workers.examine(paths, project, check_module, self.jobs)

    def taken(self) -> list[str]:
        """The files that were asked for since the last call."""
        asked, self.asked = sorted(self.asked), []
        return asked


def write(root: Path, files: dict[str, str]) -> None:
    """Writes the files of a project."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
