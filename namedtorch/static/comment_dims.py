"""Dims in comments, as people write them: `# (B, T, C)`, `# N x C x H x W`, `# scores of shape (b, t)`.

Only what is surely meant as the dims of a value is read: a missed comment costs nothing, a false one an alarm.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.hints_dim_names import Sureness, is_other_tuple, sureness
from namedtorch.syntax.resolve import parse_shape

MAX_LENGTH = 160
"""Longer comments (in characters) are prose."""


@dataclass(frozen=True, slots=True)
class CommentDims:
    """The dims that a comment states, and the name that it states them of; Unknown where it names none."""

    shape: Shape
    subject: str | UnknownType = Unknown


def comment_dims(comment: str) -> Shape | UnknownType:
    """The dims that a comment states of the value before it; Unknown where it may mean anything else."""
    stated = read_comment(comment)
    return Unknown if stated is Unknown else stated.shape


@lru_cache(maxsize=8192)
def read_comment(comment: str) -> CommentDims | UnknownType:
    """As `comment_dims`, with the name in `# x: (B, T)`."""
    if len(comment) > MAX_LENGTH or not _MAYBE.search(comment):
        return Unknown
    text = _TRAILER.sub("", comment.lstrip("#:").strip()).rstrip(" .;")
    *before, last = _ARROW.split(text)
    if before:
        subject, before[0] = _subject(before[0])
        if not all(_are_operands(one) for one in before):
            return Unknown
    else:
        subject, last = _subject(last)
    stated = _SHAPE_OF.match(last) or _SHAPE.match(last)
    if stated is not None:
        if _OTHERS.search(stated[0]):
            return Unknown
        of = stated.groupdict().get("of")
        subject = of or subject
        last = last[stated.end() :]
    shape = _shape(last.strip(), told=stated is not None)
    if subject is not Unknown and subject.lower() in _RESULTS:
        subject = Unknown
    return Unknown if shape is Unknown else CommentDims(shape, subject)


# Nothing without one of these is read.
_MAYBE = re.compile(r"[(\[,]|\w\s*[x\u00d7]\s*\w")

_TRAILER = re.compile(r"\s+#\s*(noqa|type:|pylint|pragma|fmt|pyright).*$")

_ARROW = re.compile(r"\s*(?:-+>|=+>|→|⇒)\s*")

_SUBJECT = re.compile(r"([A-Za-z_][\w.]*)\s*:\s*(?=\S)")

# What a colon follows in comments that are no statement of dims, and what names another value than the one before.
# fmt: off
_SILENT = frozenset({
    "type", "noqa", "todo", "fixme", "note", "notes", "see", "eg", "default", "defaults", "example",
    "examples", "args", "arg", "options", "option", "usage", "input", "inputs", "in", "source", "src",
    "range", "values", "value", "kernel", "stride", "padding", "pad", "size", "sizes", "if", "elif", "else",
    "for", "while", "try", "except", "with", "lambda", "class", "def", "import", "from", "return", "yield",
    "raise", "assert", "not", "and", "or", "is", "https", "http", "xxx", "hack", "bug", "warning", "ref",
    "refs", "each", "all", "both",
})
# fmt: on

_RESULTS = frozenset({"output", "outputs", "out", "result", "results", "returns", "to", "now"})

_SHAPE = re.compile(
    r"(?:(?:(?:[A-Za-z-]+ ){1,4}of )?(?:tensor )?shape(?:\s*(?::|=|is)\s*|\s+|(?=[(\[])))", re.IGNORECASE
)
_SHAPE_OF = re.compile(r"(?P<of>[A-Za-z_]\w*)\.(?:shape|size\(\))\s*(?::|={1,2}|is)?\s*|(?=torch\.Size\()")

# Words before "shape" by which it is that of something else, or of several things.
_OTHERS = re.compile(
    r"\b(from|inputs?|if|when|was|original(ly)?|before|instead|not|no|without|than|same|old|each|per|lists?|tuples?"
    r"|dicts?|tensors|should|must|expects?|expected|mask|target|targets|labels?|any|some|all|both)\b",
    re.IGNORECASE,
)

_SIZE = re.compile(r"torch\.Size\(\[(.*)\]\)")
_BRACKETS = re.compile(r"(?:Tensor(?=\[))?(?:\(([^()\[\]]*)\)|\[([^()\[\]]*)\])")
_TIMES = re.compile(r"\s+[x\u00d7]\s+|(?<=\d)\u00d7(?=\w)|(?<=\w)\u00d7(?=\w)|(?<=[A-Z0-9])x(?=[A-Z0-9])")


def _subject(text: str) -> tuple[str | UnknownType, str]:
    """The name that a text states something of, and what it states."""
    head = _SUBJECT.match(text)
    if head is None or head[1].lower() in _SILENT or head[1].lower() == "shape":
        return Unknown, text
    return head[1], text[head.end() :]


def _are_operands(text: str) -> bool:
    """Tells whether what stands before an arrow is dims, of one value or of several."""
    rest = _BRACKETS.sub(lambda match: " " if _shape(match[0], told=False) is not Unknown else "?", text)
    return re.fullmatch(r"[\s@x\u00d7*+&,]*", rest) is not None or _shape(text, told=False) is not Unknown


def _shape(text: str, *, told: bool) -> Shape | UnknownType:
    """The shape that a whole text is; `told` if "shape" stands before it."""
    size = _SIZE.fullmatch(text)
    if size is not None:
        text, told = f"[{size[1]}]", True
    brackets = _BRACKETS.fullmatch(text)
    if brackets is None:
        return _bare(text, told)
    inner = (brackets[1] if brackets[1] is not None else brackets[2]).strip()
    if told and not inner:
        return Shape(())
    times = _TIMES.split(inner)
    entries = times if len(times) > 1 and "," not in inner else inner.split(",")
    is_tuple = len(entries) > 1
    if is_tuple and not entries[-1].strip():
        entries.pop()
    read = [_entry(one.strip(), told and len(entries) > 1) for one in entries]
    if len(entries) == 1 and not told and not (is_tuple and read[0].sure is Sureness.STRONG):
        return Unknown
    if told:
        return _made(read)
    names = tuple(name for one in read for name in one.names)
    sure = [one.sure for one in read]
    # Numbers alone are data; so are ranges such as [1, N].
    if not names or is_other_tuple(names) or (text[0] == "[" and len(read) == 2 and read[0].text == "1"):
        return Unknown
    if Sureness.STRONG not in sure and not all(
        re.fullmatch(r"[A-Za-z]{1,2}|\d+|\.\.\.", one.text) for one in read
    ):
        return Unknown
    return _made(read)


def _bare(text: str, told: bool) -> Shape | UnknownType:
    """The shape of dims without brackets: `B, T, C` or `B x T x C`."""
    times = _TIMES.split(text)
    read = [
        _entry(one.strip(), False)
        for one in (times if len(times) > 1 and "," not in text else text.split(","))
    ]
    strong = sum(one.sure is Sureness.STRONG and bool(one.names) for one in read)
    named = sum(bool(one.names) for one in read)
    names = tuple(name for one in read for name in one.names)
    if len(read) < 2 or not strong or (is_other_tuple(names) and not told):
        return Unknown
    if len(times) > 1 or strong == named:
        return _made(read)
    return Unknown


@dataclass(frozen=True, slots=True)
class _Entry:
    """One axis of a shape in a comment: its text in the language, its names, how surely it is an axis."""

    text: str
    names: tuple[str, ...]
    sure: Sureness


_NOTHING = _Entry("", (), Sureness.NONE)

_TERM = re.compile(r"\s*(//|\*\*|[*/+-])\s*")
_SEVERAL = re.compile(r"[a-z]+ [a-z]+")
_MULTIPLE = re.compile(r"([2-9]|1[0-9])([BCHWTNKL]|HW)")


def _entry(text: str, told: bool) -> _Entry:
    """Reads one axis; `told` lets any name be one."""
    if text in ("...", "…", "*"):
        return _Entry("...", (), Sureness.WEAK)
    if _SEVERAL.fullmatch(text):
        text = text.replace(" ", "_")
        if sureness(text) is not Sureness.STRONG:
            return _NOTHING
    terms = _TERM.split(text)
    names: list[str] = []
    sure: list[Sureness] = []
    for place, term in enumerate(terms):
        if place % 2:
            # `Q/K` is one or the other; `H/2` is a division.
            if term == "/" and not re.fullmatch(r"\d+|[a-z]\w+", terms[place + 1]):
                return _NOTHING
            if term == "/" and len(terms) > place + 2:
                return _NOTHING
            terms[place] = "//" if term == "/" else term
            continue
        multiple = _MULTIPLE.fullmatch(term)
        if multiple is not None:
            terms[place] = f"{multiple[1]}*{multiple[2]}"
            names.append(multiple[2])
            sure.append(Sureness.STRONG)
        elif re.fullmatch(r"[1-9]\d{0,8}", term):
            sure.append(Sureness.WEAK)
        elif re.fullmatch(r"[^\W\d]\w*|self(\.[^\W\d]\w*)+", term) and term.isascii():
            names.append(term)
            one = sureness(term.rpartition(".")[2])
            is_word = told and one is Sureness.NONE and len(term) > 2 and sureness(term.lower()) is one
            sure.append(Sureness.WEAK if is_word and term not in _SILENT else one)
        else:
            return _NOTHING
    operators = terms[1::2]
    for place, operator in enumerate(operators):
        if operator == "**" and not terms[2 * place + 2].isdigit():
            return _NOTHING
    if Sureness.NONE in sure or operators.count("//") > 1 or (operators and not names):
        return _NOTHING
    return _Entry("".join(terms), tuple(names), max(sure))


def _made(entries: list[_Entry]) -> Shape | UnknownType:
    if any(one.sure is Sureness.NONE for one in entries):
        return Unknown
    try:
        return parse_shape(" ".join(one.text for one in entries))
    except AnnotationError:
        return Unknown
