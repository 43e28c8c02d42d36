"""The page of what TorchScript refuses; `python -m tests.lower.constructs.page` writes it anew."""

import tempfile
from pathlib import Path

from namedtorch import LowerError
from namedtorch.diagnostics.errors import Finding
from namedtorch.lower.construct import Construct
from namedtorch.lower.constructs import GROUPS
from namedtorch.lower.mending.mend import unmended
from tests.lower.constructs.case import model
from tests.lower.constructs.cases import CASES
from tests.lower.unverified import lower

PAGE = Path(__file__).parents[3] / "docs" / "torchscript.md"

HEAD = """\
# What TorchScript refuses

Written by `python -m tests.lower.constructs.page` from the table of constructs and its cases.

TorchScript compiles a part of Python, and stops at the first line that it can't take. `lower` then looks for the rest,
and raises one `LowerError` that lists all of them in the order of files and lines: where, what, and the way around it.
`.findings` has them as data (`file line what remedy text function callers`).

- The functions and modules that the graph is made of are searched for what this page lists. Code that TorchScript does
  not compile is left alone: `if not torch.jit.is_scripting():`, methods marked `@torch.jit.ignore` or `unused`, what
  `is None` or a `Final` flag rules out. Syntax marked (syntax) is refused there, too: TorchScript parses a function
  before it drops parts of it.
- What only types tell (a call that does not fit, a variable that changes its type) torch says itself, once per
  function: mend it, and lower again for what follows.
- A function that torch takes is never reported.
- What is marked (mended) `lower` rewrites into what TorchScript takes, on a copy and at the same lines, where the
  meaning is surely the same ([mending](mending.md)); elsewhere, for example where the type that decides is not known,
  it stays refused.
- Each row was held against torch 2.13: the line on the left is refused, and with the way around it the model compiles
  and gives the same result.
"""


def page() -> str:
    """The page as the table and its cases have it."""
    parts = [HEAD]
    for title, rows in GROUPS.items():
        parts.append(f"\n## {title}\n\n| refused | what it is | the way around |\n|---|---|---|\n")
        parts += [line_of(row, _finding(row)) for row in rows]
    return "".join(parts)


def line_of(row: Construct, finding: Finding) -> str:
    """The line of a row, with what its first case is told."""
    example = finding.text.removesuffix("# here").strip()
    what = finding.what + (" (syntax)" if row.parsed else "")
    if next(one for one in CASES if one.construct == row.name).mended:
        what += " (mended)"
    cells = (f"`{example}`", what, finding.remedy)
    return f"| {' | '.join(one.replace('|', chr(92) + '|') for one in cells)} |\n"


def _finding(row: Construct) -> Finding:
    case = next(one for one in CASES if one.construct == row.name)
    with tempfile.TemporaryDirectory() as folder:
        try:
            with unmended():
                lower(model(case.refused, Path(folder) / "model.py"))
        except LowerError as error:
            return error.findings[0]
    raise AssertionError(f"{row.name} was not refused")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
