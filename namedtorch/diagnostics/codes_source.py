"""Codes of source text: annotations and what keeps them, comments, and what the checker is asked."""

from typing import Final

from namedtorch.diagnostics.code import Code

SOURCES: Final = (
    Code.of_source(
        "result-differs",
        "A function returns other dims than its annotation promises.",
        """\
Callers rely on the annotation, so one of both is wrong. Different names are different dims, whatever their
sizes may be: where they are always equal, say so with one name, or with `where H == W`.""",
        """\
def turned(x: Float[Tensor, "N H W"]) -> Float[Tensor, "N W H"]:
    return x.flip(1)  # <-
""",
        """\
def turned(x: Float[Tensor, "N H W"]) -> Float[Tensor, "N W H"]:
    return x.flip(1).transpose(1, 2)
""",
    ),
    Code.of_source(
        "local-differs",
        "A variable is given other dims than it is annotated with.",
        """\
The annotation of a variable is checked where it is assigned, and holds from there on.""",
        """\
def merge(x: Float[Tensor, "B H T D"]) -> Tensor:
    rows: Float[Tensor, "B T H D"] = x.permute(0, 2, 3, 1)  # <-
    return rows.flatten(2)
""",
        """\
def merge(x: Float[Tensor, "B H T D"]) -> Tensor:
    rows: Float[Tensor, "B T H D"] = x.permute(0, 2, 1, 3)
    return rows.flatten(2)
""",
    ),
    Code.of_source(
        "argument-differs",
        "An argument has other dims than the parameter of the function it is given to.",
        """\
Arguments were swapped, the batch is missing, or the layout is another one than the function takes.""",
        """\
def dice(logits: Float[Tensor, "N K H W"], target: Int[Tensor, "N H W"]) -> Tensor:
    return (logits.argmax(1) == target).float().mean()


def loss(logits: Float[Tensor, "N K H W"], target: Int[Tensor, "N H W"]) -> Tensor:
    return dice(logits[0], target)  # <-
""",
        """\
def dice(logits: Float[Tensor, "N K H W"], target: Int[Tensor, "N H W"]) -> Tensor:
    return (logits.argmax(1) == target).float().mean()


def loss(logits: Float[Tensor, "N K H W"], target: Int[Tensor, "N H W"]) -> Tensor:
    return dice(logits, target)
""",
    ),
    Code.of_source(
        "unpack-differs",
        "A shape is unpacked into more or fewer names than it has axes.",
        """\
`b, t, c = x.shape` says that there are three axes. Write `*batch, c = x.shape` where their number varies.""",
        """\
def split(x: Float[Tensor, "B T C"], n: int) -> Tensor:
    b, c = x.shape  # <-
    return x.view(b, n, -1)
""",
        """\
def split(x: Float[Tensor, "B T C"], n: int) -> Tensor:
    b, t, c = x.shape
    return x.view(b, t, n, c // n)
""",
    ),
    Code.of_source(
        "comment-differs",
        "The dims in a comment are not those of the value.",
        """\
With `comments = true` in `[tool.namedtorch]`, a comment such as `# (B, T, C)` behind an assignment is read as
what the value is. Correct the comment, or the code.""",
        """\
def pooled(x: Float[Tensor, "B T C"]) -> Tensor:
    mean = x.mean(dim=1)  # (B, T)  # <-
    return mean
""",
        """\
def pooled(x: Float[Tensor, "B T C"]) -> Tensor:
    mean = x.mean(dim=1)  # (B, C)
    return mean
""",
        "warning",
    ),
    Code(
        "bad-annotation",
        "The text of an annotation is not in the language.",
        "{actual}",
        """\
wrong:  Float[Tensor, "N, C"]        right:  Float[Tensor, "N C"]
wrong:  Float[Tensor, "n * c"]       right:  Float[Tensor, "n*c"]
wrong:  Float[Tensor, "m>=2"]        right:  Float[Tensor, "m where m >= 2"]

The whole language stands in docs/language.md.""",
        wrong="""\
def double(x: Float[Tensor, "N, C"]) -> Tensor:  # <-
    return 2 * x
""",
        right="""\
def double(x: Float[Tensor, "N C"]) -> Tensor:
    return 2 * x
""",
    ),
    Code.of_source(
        "unused-ignore",
        "A comment silences nothing.",
        """\
`# namedtorch: ignore[code]` stands at a line without such a finding, names a code that there is not, or is
not written as it should be. Remove it, or correct it, so that it does not hide the next finding.""",
        """\
def double(x: Float[Tensor, "N C"]) -> Tensor:
    return 2 * x  # namedtorch: ignore[elements-differ]  # <-
""",
        """\
def flat(x: Float[Tensor, "N 16"]) -> Tensor:
    return x.view(x.shape[0], 15)  # namedtorch: ignore[elements-differ]
""",
        "warning",
    ),
    Code.of_source(
        "syntax-error",
        "A file is not Python.",
        """\
Python's own message says what it did not take. The file was not checked.""",
        """\
def double(x: Float[Tensor, "N C"]) -> Tensor:
    return 2 x  # <-
""",
        """\
def double(x: Float[Tensor, "N C"]) -> Tensor:
    return 2 * x
""",
    ),
    Code.of_source(
        "reveal",
        "The dims that were asked for.",
        """\
`reveal_dims(x)` shows what the checker knows of a value, and prints what is there when it runs. Take it out
when you are done.""",
        """\
from namedtorch import reveal_dims


def pooled(x: Float[Tensor, "B T C"]) -> Tensor:
    reveal_dims(x.mean(dim=1))  # <-
    return x
""",
        """\
def pooled(x: Float[Tensor, "B T C"]) -> Tensor:
    return x
""",
        "note",
    ),
)
"""Findings in what is written of dims, and in what is written to the checker."""
