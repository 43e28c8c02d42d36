"""Codes of deployment: archives, and code that is not lowered."""

from typing import Final

from namedtorch.diagnostics.code import Code

ARCHIVES: Final = (
    Code(
        "bad-archive",
        "A file is no namedtorch archive, or a broken one.",
        "{actual}",
        """\
A namedtorch archive is a TorchScript file (.pt, .ptl) that holds a record `namedtorch.json`. A file that was
loaded and saved again by plain torch has lost that record (and kept the guard in its graph): lower the model
again.""",
    ),
    Code(
        "cannot-lower",
        "Code that TorchScript does not take.",
        "{actual}",
        """\
TorchScript compiles a part of Python: no *args, no lambda, no try, no closures over numbers, every type
fixed. The message shows the line. Rewrite the line, or move it out of forward.""",
    ),
)
"""Findings in files that are deployed, and on the way to them."""
