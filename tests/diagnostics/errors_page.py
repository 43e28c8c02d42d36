"""The page of all codes, `docs/errors.md`; `python tests/diagnostics/errors_page.py` writes it anew."""

from pathlib import Path

from namedtorch.diagnostics import CODES

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

HEAD = """\
# Errors

Written by `python tests/diagnostics/errors_page.py` from the table of codes. `namedtorch explain CODE` prints one.

A `DimError` lists every failure of a call; `.failures` has them as data, each with its code.
"""


def page() -> str:
    """The page as the table of codes has it."""
    codes = [f"## {code.name}\n\n{code.title}\n\n```text\n{code.page}\n```\n" for code in CODES.values()]
    return "\n".join([HEAD, *codes])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
