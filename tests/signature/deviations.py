"""Where annotations mean something else here than in jaxtyping: the one table, each entry with its reason.

`docs/jaxtyping.md` lists the same entries; a test holds them together.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from namedtorch.dims.pattern import Dim
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown

MATCH, REFUSE, ERROR = "match", "refuse", "error"


@dataclass(frozen=True)
class Deviation:
    """A difference: its heading in the docs, why, annotations that show it, and how it is told from a bug.

    `turns` are the verdicts that it may change (there, here); `applies` takes the annotation's text, and the shape
    that was parsed from it (None: it was refused).
    """

    title: str
    reason: str
    examples: tuple[str, ...]
    turns: frozenset[tuple[str, str]]
    applies: Callable[[str, Shape | None], bool]

    def explains(self, text: str, shape: Shape | None, there: str, here: str) -> bool:
        """Tells whether it is why the two verdicts differ; two matches differ in what they bind."""
        return (there, here) in self.turns and self.applies(text, shape)


def _labels(text: str, shape: Shape | None) -> bool:
    names = {label for axis in text.split() for label in re.findall(r"^[#*?_]*([^\W\d]\w*)=", axis)}
    return shape is not None and any(isinstance(axis, Dim) and axis.name in names for axis in shape.axes)


def _two_groups(text: str, shape: Shape | None) -> bool:
    return shape is not None and len(shape.groups) == 2


def _arithmetic(text: str, shape: Shape | None) -> bool:
    sizes = [axis.size for axis in shape.axes if isinstance(axis, Dim)] if shape is not None else []
    return any(size is not Unknown and size.symbols for size in sizes)


def _cancels(text: str, shape: Shape | None) -> bool:
    """Names stand in arithmetic that the sizes of the shape no longer have; or a 0 stands behind a division."""
    written = set(re.findall(r"[^\W\d]\w*", re.sub(r"\{[^{}]*\}|min\(|max\(", "", text)))
    kept = shape.symbols if shape is not None else frozenset[str]()
    return bool(written - kept) if shape is not None else bool(re.search(r"(//|%)", text))


def _nameless(text: str, shape: Shape | None) -> bool:
    return any(re.fullmatch(r"[#*?]+|=\S*|[^=]*=[#*?]*", axis) for axis in text.split())


def _python(text: str, shape: Shape | None) -> bool:
    return bool(re.search(r"[<>!~|&^]|==|(?<!/)/(?!/)|\w\(", text))


DEVIATIONS = (
    Deviation(
        "A label binds",
        "`C=3` says that `C` is 3; jaxtyping drops the label, so that `C=3` next to `C` of size 4 passes there.",
        ("C=3", "D=2*C", "C=_", "C=D"),
        frozenset({(MATCH, REFUSE), (MATCH, MATCH), (ERROR, MATCH)}),
        _labels,
    ),
    Deviation(
        "A comparison in an axis is an error",
        "`m>=2` reads as a constraint; jaxtyping takes `m>` for a label, and the axis for a size of exactly 2.",
        ("m>=2", "N m<=4", "m!=3"),
        frozenset({(MATCH, ERROR)}),
        lambda text, shape: bool(re.search(r"[<>!]=", text)),
    ),
    Deviation(
        "Two groups are allowed",
        "`*a C *b` is placed by what names or sizes tell; jaxtyping allows one group in an annotation.",
        ("*a C *b", "... C ..."),
        frozenset({(ERROR, MATCH)}),
        _two_groups,
    ),
    Deviation(
        "Order does not matter",
        "An expression waits for its dims, and so does `(C)`; jaxtyping refuses one whose dims come later.",
        ("a+1 a", "(C) C", "2*C"),
        frozenset({(ERROR, MATCH)}),
        _arithmetic,
    ),
    Deviation(
        "No Python is run",
        "An annotation may come out of a stranger's file; jaxtyping evaluates arithmetic and braces as Python.",
        ("{len(self.layers)}", "C/2", "a==b", "C>1", "~C", "abs(C)"),
        frozenset({(MATCH, ERROR)}),
        _python,
    ),
    Deviation(
        "Sizes are canonical",
        "`C-C` is 0 and `d**0` is 1 whatever the dims are, and a division by the number 0 is refused when it is "
        "read; jaxtyping wants each dim to be bound, and divides in the call.",
        ("C-C+2", "d**0", "#C//0"),
        frozenset({(ERROR, MATCH), (MATCH, ERROR)}),
        _cancels,
    ),
    Deviation(
        "A modifier or a label needs a name",
        "`#`, `*` or `C=` alone is a slip; jaxtyping binds a dim whose name is empty.",
        ("*", "#", "C=", "=3"),
        frozenset({(MATCH, ERROR)}),
        _nameless,
    ),
    Deviation(
        "Some words are taken",
        "A dim that is called `where` would begin the constraints, and `@` stands before a memory format.",
        ("N where", "where C"),
        frozenset({(MATCH, ERROR)}),
        lambda text, shape: "where" in text.split(),
    ),
)
"""Every deviation, in the order of the docs."""
