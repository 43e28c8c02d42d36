"""Refusals of texts that are not in the language: what is wrong, where, and what was probably meant."""

import re
from collections.abc import Iterator

from namedtorch.diagnostics import AnnotationError, Diagnostic, Failure, Label, Span
from namedtorch.syntax.mistakes import MISTAKES, Language

MAX_EXPLAINED = 400
"""Longer texts (in characters) are nobody's slip, and no pattern is to search a stranger's text for seconds."""


def refuse(text: str, span: Span, message: str, help: str = "") -> AnnotationError:
    """The error of a text that is not in the language: what is wrong, the text with a caret, what to do."""
    diagnostic = Diagnostic("bad-annotation", message, text, (Label(span),), help)
    error = AnnotationError(str(diagnostic))
    error.failures = (Failure("bad-annotation", message, dim=text, axis=None, help=help or None),)
    return error


def known_mistake(text: str, position: int, language: Language) -> AnnotationError | None:
    """The error at a position of a text, by the first row of the table that fits there; None if no row does."""
    if len(text) > MAX_EXPLAINED:
        return None
    for mistake in MISTAKES:
        if mistake.only not in (None, language):
            continue
        for match in re.finditer(mistake.pattern, text, re.DOTALL):
            fields = match.groupdict()
            start, end = match.span("at" if "at" in fields else 0)
            # The culprit is where the parser stopped, or right before, where only whitespace is in between.
            if start <= position and (position <= end or text[end:position].isspace()):
                return refuse(
                    text,
                    Span(start, max(end, start + 1)),
                    mistake.message.format(**fields),
                    mistake.help.format(**fields),
                )
    return None


def explain_mistake(text: str, position: int, language: Language = "shape") -> AnnotationError:
    """The error at the position of a text where the parser stopped."""
    while position < len(text) and text[position].isspace():
        position += 1
    known = known_mistake(text, position, language)
    if known is not None:
        return known
    for place in _unbalanced(text):
        if text[place] == "(":
            return refuse(text, Span(place, place + 1), "this parenthesis is not closed", "add `)`")
        return refuse(
            text, Span(place, place + 1), "this parenthesis was never opened", "leave it out, or add `(`"
        )
    help = 'axes are dims, numbers or arithmetic, separated by spaces: "N C=3 H//2 *rest"'
    if re.search(r"(?<![\w.])where\s", text[:position]):
        help = "constraints compare sizes, and are separated by commas: `where H >= 32, W % 2 == 0`"
    if position >= len(text):
        return refuse(text, Span(len(text), len(text) + 1), "the annotation ends too early", help)
    character = text[position]
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return refuse(text, Span(position, position + 1), f"`{shown}` does not fit here", help)


def _unbalanced(text: str) -> Iterator[int]:
    """The places of parentheses without a partner, from the left."""
    opened: list[int] = []
    alone: list[int] = []
    for place, character in enumerate(text):
        if character == "(":
            opened.append(place)
        elif character == ")" and opened:
            opened.pop()
        elif character == ")":
            alone.append(place)
    yield from sorted(alone + opened)
