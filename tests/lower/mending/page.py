"""The page of what lowering mends; `python -m tests.lower.mending.page` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from tests.lower.mending import (
    function_cases_calls,
    function_cases_einops,
    function_cases_names,
    module_cases_classes,
    module_cases_parts,
    module_cases_values,
)
from tests.lower.mending.module_case import Case

PAGE = Path(__file__).parents[3] / "docs" / "mending.md"

HEAD = """\
# What lowering mends

Written by `python -m tests.lower.mending.page` from the cases of the tests.

TorchScript takes a part of Python. Where a function or a module has something else in it whose meaning is surely kept,
`lower` rewrites it, on its copy: the model, its classes and its files stay as they are, and messages, the graph's own
errors too, show the lines that were written. `Lowered.source` has what was put in the place of them.

- Nothing is guessed. Where it takes a type to be sure, it is known from an annotation, or from what torch's operators
  give; else the construct is refused, as [TorchScript](torchscript.md) tells, with the way around.
- Values are read in the order in which Python reads them: what a line evaluates before a piece that moves in front of
  it is kept in a variable.
- Numbers and texts outside of a function are those at the time of lowering; a name that some function declares
  `global`, or a list that something appends to, is refused.
- A message to a log of Python's is left out of the graph. In the message of an error, a format that TorchScript can't
  follow (`:.2f`) is left out.
- `torch.jit.script` refuses each line on the left (or makes a graph of it that fails); a test holds that, and that the
  lowered model gives what Python gives, saved and loaded too.
"""

GROUPS: dict[str, tuple[list[Case], ...]] = {
    "Functions: names, parameters, arguments, assignments": (function_cases_names.CASES,),
    "Functions: expressions, statements, calls": (function_cases_calls.CASES,),
    "Functions: einops": (function_cases_einops.CASES,),
    "Modules": (module_cases_values.CASES, module_cases_parts.CASES, module_cases_classes.CASES),
}
"""The cases under the headings of the page."""


def page() -> str:
    """The page as the cases have it."""
    parts = [HEAD]
    for title, groups in GROUPS.items():
        parts.append(f"\n## {title}\n\n| construct | refused by torch | mended here |\n|---|---|---|\n")
        parts += [line for cases in groups for line in lines_of(cases)]
    return "".join(parts)


def lines_of(cases: list[Case]) -> Iterator[str]:
    """The lines of the table."""
    for case in cases:
        cells = case.construct, f"`{case.refused}`", f"`{' '.join(case.becomes.split())}`"
        yield f"| {' | '.join(one.replace('|', chr(92) + '|') for one in cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
