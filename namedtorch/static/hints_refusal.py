"""Refusals of annotations: what the language does not take, at which node and which of its characters."""

import ast
import itertools
import re
from dataclasses import dataclass

from namedtorch.diagnostics import AnnotationError, Span
from namedtorch.dims.unknown import Unknown, UnknownType

_CARETS = re.compile(r"    ( *)(\^+)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An annotation that is wrong in itself, at a node of the file that is read.

    `offset` and `end_offset` count characters in the value of that node, a text; Unknown where the whole node is at
    fault. `alias` tells that what is wrong stands elsewhere, in the definition of an alias that the node uses.
    """

    node: ast.expr
    message: str
    help: str = ""
    offset: int | UnknownType = Unknown
    end_offset: int | UnknownType = Unknown
    alias: bool = False


def complaint(error: AnnotationError) -> tuple[str, str]:
    """The message of an error and its help, or ""."""
    for failure in error.failures:
        return failure.message, failure.help or ""
    return str(error), ""


def span_in(text: str, error: AnnotationError) -> Span | UnknownType:
    """Where in a text the error of parsing it points; Unknown where it points nowhere, or at more than one place."""
    lines = str(error).split("\n")
    for above, line in itertools.pairwise(lines):
        carets = _CARETS.fullmatch(line)
        if carets is None:
            continue
        # Long lines are shown in part, with whatever is not printable as spaces.
        printed = "".join(character if character.isprintable() else " " for character in text)
        shown = above[4:]
        if printed.count(shown) != 1:
            return Unknown
        start = printed.index(shown) + len(carets[1])
        return Span(min(start, len(text)), min(start + len(carets[2]), len(text)))
    return Unknown
