"""The page of all codes, `docs/errors.md`; `python tests/diagnostics/errors_page.py` writes it anew."""

from pathlib import Path

from namedtorch.diagnostics import CODES, Code

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

HEAD = """\
# Errors

Written by `python tests/diagnostics/errors_page.py` from the table of codes. `namedtorch explain CODE` prints one.

A `DimError` lists every failure of a call; `.failures` has them as data, each with its code. `namedtorch check` reports
findings in source files. A warning is about what torch takes, but whose author meant another; `--fail-on warning` fails
on it, and `ignore` turns its code off.

The examples of source files imply their imports:

```python
import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor
```
"""

SAID = {"warning": " A warning.", "note": " A note.", "error": ""}


def page() -> str:
    """The page as the table of codes has it."""
    return "\n".join([HEAD, *map(_section, CODES.values())])


def _section(code: Code) -> str:
    return f"## {code.name}\n\n{code.title}{SAID[code.severity]}\n\n```text\n{code.page.rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
