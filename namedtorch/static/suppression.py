"""Comments that silence findings: `# namedtorch: ignore[code]`, and `ignore-file` at the top of a file."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from namedtorch.diagnostics.codes import CODES
from namedtorch.diagnostics.source import Place, Problem
from namedtorch.static.configuration import near_code
from namedtorch.static.selection import Selection
from namedtorch.static.source_module import SourceModule

UNUSED_IGNORE = "unused-ignore"
"""The code of a comment that silences nothing."""

_IGNORE = re.compile(
    r"#\s*namedtorch:\s*ignore(?P<file>-file)?(?![\w-])(?:\[(?P<codes>[^\]\n]*)(?P<end>\])?)?"
)


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment that silences findings: of `codes`, or of all if it names none.

    `whole_file` is an `ignore-file`; a `fault` says why the comment can't count.
    """

    place: Place
    codes: tuple[str, ...]
    whole_file: bool
    fault: str = ""

    def silences(self, code: str, lines: Sequence[int]) -> bool:
        """Whether it silences a finding of a code that these lines answer for."""
        if self.fault or (self.codes and code not in self.codes):
            return False
        return self.whole_file or self.place.line in lines


def ignores(module: SourceModule) -> tuple[Ignore, ...]:
    """The comments of a file that silence findings, or were to."""
    # Most files have none, and their comments need not be told from their strings.
    if "namedtorch:" not in module.text or not _IGNORE.search(module.text):
        return ()
    top, lines = _first_line_of_code(module.tree), module.text.split("\n")
    found: list[Ignore] = []
    for line, comment in sorted(module.comments.items()):
        start = lines[line - 1].rfind(comment) + 1
        for match in _IGNORE.finditer(comment):
            place = Place(module.path, line, start + match.start(), line, start + match.end())
            found.append(_ignore(match, place, top))
    return tuple(found)


def anchors(problems: Iterable[Problem], tree: ast.Module) -> tuple[tuple[int, ...], ...]:
    """For each finding the lines on which a comment silences it.

    They are its own first and last one, the first one of its statement, and the last one of a statement that holds no
    others.
    """
    innermost: dict[int, tuple[int, int, bool]] = {}
    for first, last, is_simple in _statements(tree):
        for line in range(first, last + 1):
            innermost[line] = (first, last, is_simple)
    found: list[tuple[int, ...]] = []
    for problem in problems:
        own = {problem.place.line, problem.place.end_line}
        first, last, is_simple = innermost.get(problem.place.line, (problem.place.line, 0, False))
        found.append(tuple(sorted(own | {first} | ({last} if is_simple else set[int]()))))
    return tuple(found)


def without_silenced(
    problems: Mapping[Problem, Sequence[int]], comments: Sequence[Ignore], selection: Selection
) -> list[Problem]:
    """The wanted findings of one file that no comment silences, and one for each comment that silences nothing.

    `problems` have the lines that answer for them. A comment is told to be unused only where it could have been used:
    where its codes are selected, or all are.
    """
    kept: list[Problem] = []
    used: set[tuple[Ignore, str]] = set()
    for problem, lines in problems.items():
        if selection.takes(problem.code):
            silencing = [one for one in comments if one.silences(problem.code, lines)]
            used.update((one, problem.code) for one in silencing)
            if not silencing:
                kept.append(problem)
    if not selection.takes(UNUSED_IGNORE):
        return kept
    for one in comments:
        lines = (one.place.line,)
        if not any(
            UNUSED_IGNORE in other.codes and other.silences(UNUSED_IGNORE, lines) for other in comments
        ):
            kept.extend(_unused(one, {code for comment, code in used if comment == one}, selection))
    return kept


def _ignore(match: re.Match[str], place: Place, top: int) -> Ignore:
    whole_file = match["file"] is not None
    listed = [code.strip() for code in (match["codes"] or "").split(",")]
    codes = tuple(code for code in listed if code)
    fault = ""
    if match["codes"] is not None and match["end"] is None:
        fault = "its bracket is not closed"
    elif match["codes"] is not None and not codes:
        fault = "its brackets are empty; without them it silences all codes"
    elif whole_file and place.line >= top:
        fault = "it stands behind code, and counts only above the first statement of the file"
    return Ignore(place, codes, whole_file, fault)


def _unused(one: Ignore, used: set[str], selection: Selection) -> list[Problem]:
    """The finding about a comment of which nothing, or not all, was used; none where all is well."""
    what = f"`namedtorch: ignore{'-file' if one.whole_file else ''}`"
    if one.fault:
        return [Problem(UNUSED_IGNORE, "warning", f"{what} does not count: {one.fault}", one.place)]
    if not one.codes:
        if used or not selection.takes_all:
            return []
        message = f"{what} silences nothing"
        return [Problem(UNUSED_IGNORE, "warning", message, one.place, help="remove the comment")]
    strange = [code for code in one.codes if code not in CODES]
    idle = [code for code in one.codes if code in CODES and code not in used and code != UNUSED_IGNORE]
    idle = [code for code in idle if selection.takes(code)]
    if not strange and not idle:
        return []
    if strange:
        message = f"{what} names a code that there is not: `{strange[0]}`{near_code(strange[0])}"
        return [Problem(UNUSED_IGNORE, "warning", message, one.place)]
    remedy = "remove the comment" if len(idle) == len(one.codes) else "remove the code from its list"
    named = ", ".join(f"`{code}`" for code in idle)
    return [Problem(UNUSED_IGNORE, "warning", f"{what} silences no {named}", one.place, help=remedy)]


def _first_line_of_code(tree: ast.Module) -> int:
    """The line of the first statement that is not the docstring; behind all lines if there is none."""
    body = tree.body
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            body = rest
        case _:
            pass
    if not body:
        return 1 << 40
    first = body[0]
    decorators = getattr(first, "decorator_list", [])
    return decorators[0].lineno if decorators else first.lineno


def _statements(tree: ast.Module) -> list[tuple[int, int, bool]]:
    """The first and last line of each statement, those around others before them, and whether it holds no other."""
    found: list[tuple[int, int, bool]] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        inner = _inner(node)
        waiting += inner
        if isinstance(node, ast.stmt):
            found.append((node.lineno, node.end_lineno or node.lineno, not inner))
    return found


def _inner(node: ast.AST) -> list[ast.AST]:
    """The statements, handlers and cases in the blocks of a statement."""
    blocks = (getattr(node, name, None) for name in ("body", "orelse", "finalbody", "handlers", "cases"))
    return [one for block in blocks if isinstance(block, list) for one in cast("list[ast.AST]", block)]
