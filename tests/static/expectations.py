"""What comments of a source file expect of the checker: findings and inferred dims, on their lines.

    y = x @ w  # error: [contracted-dims-differ]
    y = x.softmax(0)  # warning: [batch-normalized]  # dims: N C
    a, b = x.split([2, 3], 1)  # dims: N 2  # dims: N 3

A line may hold several. `dims` are those of the names that the line assigns, one by one and in order (`unknown` for
what is no tensor; the name `_` expects nothing), or of the largest expression on a line that assigns none. Findings are
compared on all lines, dims on the lines that expect any.
"""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from namedtorch.static.checked import Checked, Inferred

WORD = re.compile(r"#\s*(error|warning|note|dims)\b")
FORM = re.compile(r"# (?P<kind>error|warning|note): \[(?P<code>[a-z0-9-]+)\]|# dims:(?P<dims>(?: [^#]*)?)")
UNKNOWN = "unknown"


class WrongExpectation(Exception):
    """A comment that begins as an expectation and is none."""


@dataclass(frozen=True)
class Expected:
    """The findings that are expected, and for each line with dims the texts."""

    findings: Counter[tuple[int, str, str]] = field(default_factory=Counter[tuple[int, str, str]])
    dims: dict[int, list[str]] = field(default_factory=dict[int, list[str]])


def expected(text: str) -> Expected:
    """Reads the expectations of a source text. Raises `WrongExpectation`."""
    found = Expected()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, comment = token.start[0], token.string
        matches = list(FORM.finditer(comment))
        if len(matches) != len(WORD.findall(comment)):
            raise WrongExpectation(f"line {line}: {comment}")
        for match in matches:
            if match["code"] is not None:
                found.findings[line, match["kind"], match["code"]] += 1
            else:
                found.dims.setdefault(line, []).append(match["dims"].strip())
    return found


def differences(text: str, checked: Checked) -> list[str]:
    """What the checker says and the comments don't expect, and the other way round; one text each."""
    wanted = expected(text)
    given = Counter((one.place.line, one.severity, one.code) for one in checked.problems)
    said = [f"{line}: missing {kind}[{code}]" for line, kind, code in (wanted.findings - given).elements()]
    said += [
        f"{line}: unexpected {kind}[{code}]" for line, kind, code in (given - wanted.findings).elements()
    ]
    said += [f"over budget: {name}" for name in checked.over_budget]
    inferred = inferred_dims(ast.parse(text), checked.inferred)
    for line, texts in wanted.dims.items():
        here = inferred.get(line, [UNKNOWN])
        if here != texts:
            said.append(f"{line}: dims are {here}, not {texts}")
    return sorted(said, key=lambda one: (int(one.split(":")[0]) if one[0].isdigit() else 0, one))


def inferred_dims(tree: ast.Module, inferred: Sequence[Inferred]) -> dict[int, list[str]]:
    """The dims on each line: of the names that it assigns, else of its largest expression."""
    lines: dict[int, list[Inferred]] = {}
    for one in inferred:
        lines.setdefault(one.place.line, []).append(one)
    found: dict[int, list[str]] = {}
    for line, here in lines.items():
        largest = max(here, key=lambda one: (one.place.end_line, one.place.end_column - one.place.column))
        found[line] = [largest.text]
    names: dict[int, list[ast.Name]] = {}
    for node in ast.walk(tree):
        for name in _assigned(node):
            names.setdefault(name.lineno, []).append(name)
    for line, targets in names.items():
        texts = {
            (one.place.column, one.place.end_column): one.text for one in lines.get(line, ())
        }  # columns of ASCII lines
        spans = sorted((name.col_offset + 1, (name.end_col_offset or 0) + 1) for name in targets)
        found[line] = [texts.get(span, UNKNOWN) for span in spans]
    return found


def _assigned(node: ast.AST) -> Iterator[ast.Name]:
    """The names that a statement assigns."""
    match node:
        case ast.Assign(targets=targets):
            tops: list[ast.expr] = targets
        case ast.AnnAssign(target=target, value=value):
            tops = [target] if value is not None else []
        case ast.AugAssign(target=target) | ast.For(target=target):
            tops = [target]
        case _:
            return
    for top in tops:
        for inner in ast.walk(top):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store) and inner.id != "_":
                yield inner
