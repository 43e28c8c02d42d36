"""The table of common mistakes: one row is a pattern, what to say, what to do, and texts that show it.

The tests loop over the rows, so that a row can't go stale.
"""

import re
from dataclasses import dataclass

from namedtorch.diagnostics import AnnotationError, Diagnostic, Failure, Label, Span


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pattern in the text of an annotation, the sentence and the help; `{0}`, `{1}` are the groups of the match."""

    pattern: str
    message: str
    help: str
    examples: tuple[str, ...]


MISTAKES = (
    Mistake(
        r"\{([^{}]*)\}",
        "`{{{0}}}` is a Python expression; braces hold only a path such as `{{self.hidden}}`",
        "compute it in __init__ and name the attribute; arithmetic stands outside: `{{self.hidden}}*2`",
        ("N {self.hidden*2}", "{len(self.layers)}", "{dims[0]} C"),
    ),
    Mistake(
        r"@\s*(N[A-Z]{2,4})(?![\w\s])",
        "`{0}` is no memory format",
        "write the dims apart, as in `@ N H W C`, or torch's name: `@ channels_last`",
        ("N C H W @ NHWC", "N C H W @ NCHW"),
    ),
    Mistake(
        r"(?<![\w.])where\b(?=.*(->|,\s*[^\W\d]\w*\s*:))",
        "`where` stands in the middle of the signature",
        "constraints come once, at the very end: `x: N C, y: C -> N where C >= 1`",
        ("x: N C where C >= 1, y: C -> N", "x: N C where C >= 1 -> N"),
    ),
    Mistake(
        r"\bwhere\b.*\bwhere\b",
        "there is more than one `where`",
        "separate constraints by commas: `where H >= 7, W >= 7`",
        ("N H W where H >= 7 where W >= 7",),
    ),
    Mistake(
        r"\bwhere\s*$",
        "`where` has no constraint behind it",
        "write one, as in `where C % 8 == 0`, or leave `where` out",
        ("N C where", "N C where "),
    ),
    Mistake(
        r"\bwhere\b.*?(?<![=<>!])=(?!=)",
        "a constraint compares with `==`, not with `=`",
        "write `==`",
        ("N H W where H = W",),
    ),
    Mistake(
        r"^[^:]*?([\w.]+)\s*(>=|<=|==|!=|>|<)\s*(-?[\w.]+)(?!.*->)",
        "`{0}{1}{2}` compares, and an axis can't",
        'constraints come at the end: "... {0} ... where {0} {1} {2}"',
        ("m>=2", "N C>1 H", "a==b"),
    ),
    Mistake(
        r"([\w)\]])\s+(\*\*|//|[+\-*%])\s+([\w(])",
        "whitespace separates axes, so arithmetic has none inside",
        "write `{0}{1}{2}` without spaces",
        ("n * c", "H // 2", "N C + 1"),
    ),
    Mistake(
        r"([\w)\]])(\*\*|//|[+\-*%])\s+([\w(])",
        "whitespace separates axes, so arithmetic has none inside",
        "write `{0}{1}{2}` without spaces",
        ("n* c", "H// 2"),
    ),
    Mistake(
        r"([\w)=])/([\w(])",
        "sizes are integers, and `/` is not in the language",
        "write `//` (rounding down)",
        ("H/2", "N H/2 W"),
    ),
    Mistake(
        r"([\w)\]])\s*\^\s*([\w(])",
        "`^` is not in the language",
        "a power is written `**`",
        ("d^2",),
    ),
    Mistake(
        r"([\w#)\]])\s*,\s*(?=[\w#*?(.])",
        "axes are separated by spaces, not by commas",
        "leave the comma out",
        ("N, C", "N,C H", "batch, 3, H, W"),
    ),
    Mistake(
        r"[,;]\s*$",
        "there is a separator behind the last axis",
        "leave it out",
        ("N C,", "N;"),
    ),
    Mistake(
        r";",
        "axes are separated by spaces, not by semicolons",
        "leave the semicolon out",
        ("N; C",),
    ),
    Mistake(
        r"\[([^\]]*)\]?",
        "brackets are not in the language",
        "axes stand without brackets; several dims in one axis are `(C H W)`",
        ("[N C]", "N [C H]"),
    ),
    Mistake(
        r"([^\W\d]\w*)#",
        "`#` stands before its dim, not behind it",
        "write `#{0}`",
        ("foo#", "N C#"),
    ),
    Mistake(
        r"([^\W\d]\w*)\?",
        "`?` stands before its dim, not behind it",
        "write `?{0}`",
        ("H?",),
    ),
    Mistake(
        r"([^\W\d]\w*)\*(?=\s|$)",
        "`*` stands before its group, not behind it",
        "write `*{0}`",
        ("batch* C",),
    ),
    Mistake(
        r"\.\.\.(?=[\w#*?(])|(?<=[\w#*?)])\.\.\.",
        "`...` stands for any axes on its own",
        "put spaces around it, or name the group: `*batch`",
        ("...C", "N...", "*..."),
    ),
    Mistake(
        r"(?<!\.)\.\.(?!\.)",
        "`..` is not in the language",
        "any number of axes is written `...`",
        ("N ..", ".. C"),
    ),
    Mistake(
        r"(\d+)([^\W\d]\w*)",
        "`{0}{1}` is neither a number nor a name",
        "a product is written `{0}*{1}`; a name does not begin with a digit",
        ("2C", "N 3x"),
    ),
    Mistake(
        r"\d+\.\d+",
        "sizes are integers",
        "write an integer, or arithmetic with `//`",
        ("0.5*C", "N 2.0"),
    ),
    Mistake(
        r"([^\W\d]\w*)\s*=\s+|([^\W\d]\w*)\s+=\s*(?!=)",
        "whitespace separates axes, so a label stands close to its size",
        "write `{0}=3` without spaces",
        ("C = 3", "C= 3"),
    ),
    Mistake(
        r"\(\s*[\w.]*\s*\)|\(\s|\s\)",
        "these parentheses hold no two dims and no arithmetic",
        "a flattened axis is `(C H)`, with single spaces between two or more dims",
        ("N ()", "( C H)", "(C H )"),
    ),
    Mistake(
        r"\([^()]*([#*?]|\.\.\.)(?=[^()]*\))",
        "a flattened axis holds plain dims only",
        "a group or a broadcast dim stands as an axis of its own",
        ("(... C)", "(*b C)", "(#H W)"),
    ),
    Mistake(
        r"(?<![\w.])(lambda|if|else|for|and|or|not|is)\b(?=\s)",
        "annotations run no Python",
        "the language has + - * // % ** min max",
        ("N a*2 if b",),
    ),
    Mistake(
        r"([^\W\d]\w*)\(",
        "`{0}(...)` is no function of the language",
        "only `min` and `max` are; a product of dims in one axis is `({0} b)`",
        ("abs(a)", "N len(x)"),
    ),
    Mistake(
        r"@\s*$",
        "`@` has no memory format behind it",
        "write `@ channels_last`, or the dims in memory order: `@ N H W C`",
        ("N C H W @",),
    ),
    Mistake(
        r"^[^@]*(?<!\s)->|^(?!.*->).*[^\W\d]\w*\s*:",
        "a signature has `->` and a result, a shape has no names with colons",
        "write a signature as `x: N C, y: C -> N C`",
        ("x: N C", "N: C"),
    ),
)


def refuse(text: str, span: Span, message: str, help: str = "") -> AnnotationError:
    """The error of a text that is not in the language: what is wrong, the text with a caret, what to do."""
    diagnostic = Diagnostic("bad-annotation", message, text, (Label(span),), help)
    error = AnnotationError(str(diagnostic))
    error.failures = (Failure("bad-annotation", message, dim=text, axis=None, help=help or None),)
    return error


def explain_mistake(text: str, position: int) -> AnnotationError:
    """The error at a position of a text, by the first row of the table that fits there."""
    for mistake in MISTAKES:
        for match in re.finditer(mistake.pattern, text):
            if match.start() <= position <= max(match.end(), match.start() + 1):
                groups = [group or "" for group in match.groups()]
                return refuse(
                    text,
                    Span(match.start(), max(match.end(), match.start() + 1)),
                    mistake.message.format(*groups),
                    mistake.help.format(*groups),
                )
    if text.count("(") > text.count(")"):
        return refuse(text, Span(text.rindex("("), text.rindex("(") + 1), "this parenthesis is not closed", "add `)`")
    if text.count(")") > text.count("("):
        return refuse(text, Span(text.rindex(")"), text.rindex(")") + 1), "this parenthesis was never opened")
    if position >= len(text.rstrip()):
        return refuse(text, Span(len(text), len(text) + 1), "the annotation ends too early", "something is missing here")
    return refuse(
        text,
        Span(position, position + 1),
        f"`{text[position]}` does not fit here",
        "axes are dims, numbers or arithmetic, separated by spaces: \"N C=3 H//2 *rest\"",
    )
