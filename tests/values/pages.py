"""Pages of the documentation as programs: their code runs, and prints what stands below it."""

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"

_BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name: str) -> Iterator[tuple[str, str]]:
    """The blocks of code of a page, each with the text of the block below it, which is "" where there is none."""
    found = _BLOCK.findall((DOCS / name).read_text(encoding="utf-8"))
    for place, (kind, code) in enumerate(found):
        if kind == "python":
            after = found[place + 1] if place + 1 < len(found) else ("", "")
            yield code, after[1] if after[0] == "text" else ""


def run(name: str) -> None:
    """Runs the code of a page in one namespace; what each block prints is the text below it."""
    names: dict[str, Any] = {"__name__": "page"}
    for number, (code, text) in enumerate(blocks(name), 1):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, f"{name}, block {number}", "exec"), names)
        assert printed.getvalue() == text, f"block {number} of {name} prints\n{printed.getvalue()}"
