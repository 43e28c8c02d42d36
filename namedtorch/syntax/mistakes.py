"""The table of common mistakes: one row is a pattern, what to say, what to do, and texts that show it.

The tests loop over the rows, so that a row can't go stale.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["shape", "signature"]
"""What a text was read as: the axes of one tensor, or `x: N C -> N`."""

_NAME = r"[^\W\d]\w*"
_PATH = rf"{_NAME}(?:\.{_NAME})*"
_OPERAND = r"(?:[\w.{}]+|\([^()]*\))"
_IN_AXES = r"^(?:(?!\bwhere\b).)*?"
_IN_WHERE = r"(?<![\w.])where\s.*?"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pattern in the text of an annotation, what is wrong, what to do, and texts with this mistake.

    The group `at` is the culprit (without one, the whole match is); `{at}` and the other named groups stand in the
    sentences. `only` limits a row to texts that were read as a shape, or as a signature.
    """

    pattern: str
    message: str
    help: str
    examples: tuple[str, ...]
    only: Language | None = None


MISTAKES = (
    # Python
    Mistake(
        rf"\{{(?!\s*{_PATH}\s*\}})(?P<code>[^{{}}]*)\}}",
        "`{{{code}}}` is a Python expression; braces hold only a path such as `{{self.hidden}}`",
        "compute it in __init__ and name the attribute; arithmetic stands outside: `{{self.hidden}}*2`",
        ("N {self.hidden*2}", "{len(self.layers)}", "{dims[0]} C", "N {} C"),
    ),
    Mistake(
        r"(?P<at>\{)[^{}]*$",
        "this brace is not closed",
        "add `}}`, or leave the brace out: `self.hidden`",
        ("{self.hidden", "N {self.hidden*2 C"),
    ),
    Mistake(
        r"(?P<at>['\"`]+)",
        "there is a quote in the annotation",
        "leave it out",
        ("'N C'", 'N "C"'),
    ),
    # Signatures
    Mistake(
        r"(?P<at>-+\s+>|--+>|=>|→|⇒)",
        "`{at}` is no arrow",
        "write `->`",
        ("x: N C => N", "x: N C - > N", "x: N C → N"),
        only="signature",
    ),
    Mistake(
        rf"(?<![\w.])(?P<at>where)\b(?=.*(->|,\s*{_NAME}\s*:))",
        "`where` stands in the middle of the signature",
        "constraints come once, at the very end: `x: N C, y: C -> N where C >= 1`",
        ("x: N C where C >= 1, y: C -> N", "x: N C where C >= 1 -> N"),
        only="signature",
    ),
    Mistake(
        r"(?P<at>,)\s*where\b",
        "there is a comma before `where`",
        "leave it out",
        ("x: N C -> N, where N > 1",),
        only="signature",
    ),
    Mistake(
        r"->.*?(?P<at>->)",
        "there is more than one `->`",
        "several results are separated by commas: `x: N C -> N, C`",
        ("x: N C -> N -> C",),
        only="signature",
    ),
    Mistake(
        r"^\s*(?P<at>(?:def\s+)?[^\s(:]*\()(?=.*\)\s*->)",
        "the parameters of a signature stand without parentheses",
        "write `x: N C, y: C -> N C`",
        ("(x: N C) -> N", "def f(x: N C) -> N", "(N C) -> N"),
        only="signature",
    ),
    Mistake(
        rf":[^,:>]*?\s(?P<at>{_NAME})\s*:",
        "there is no comma before the parameter `{at}`",
        "write `, {at}: ...`",
        ("x: N C y: C -> N",),
        only="signature",
    ),
    Mistake(
        rf"(?:^|,)\s*(?P<at>{_NAME}\s[^:,>]*?)\s*:",
        "`{at}` is no name of a parameter",
        "a parameter has one name: `x: N C`",
        ("x y: N -> N", "x: N, y z: C -> N"),
        only="signature",
    ),
    Mistake(
        r"(?:^|,)\s*(?P<at>[^\s:,>][^:,>]*?)\s*(?=,.*->|->)",
        "`{at}` is no parameter",
        "a parameter is a name and its dims: `x: N C`; axes are separated by spaces",
        ("x -> N", "N C -> N", "x: N, C -> N", "2 -> N"),
        only="signature",
    ),
    Mistake(
        r"^(?!.*->).*(?P<at>$)",
        "the signature has no `->` and no result",
        "write `x: N C -> N`",
        ("x: N C", "x", ""),
        only="signature",
    ),
    Mistake(
        r"(?P<at>->)",
        "a shape has no `->`",
        "these are the axes of one tensor; a signature names its parameters: `x: N C -> N`",
        ("N -> C", "N C -> N C where N > 1"),
        only="shape",
    ),
    Mistake(
        rf"(?P<at>{_NAME}\s*:)",
        "a shape has no names with colons",
        "a label is written `C=3`; a signature has parameters and a result: `x: N C -> N`",
        ("x: N C", "N C:3"),
        only="shape",
    ),
    # Constraints
    Mistake(
        r"(?<![\w.])where\b.*(?<![\w.])(?P<at>where)\b",
        "there is more than one `where`",
        "separate constraints by commas: `where H >= 7, W >= 7`",
        ("N H W where H >= 7 where W >= 7",),
    ),
    Mistake(
        r"(?<![\w.])(?P<at>where)\s*$",
        "`where` has no constraint behind it",
        "write one, as in `where C % 8 == 0`, or leave `where` out",
        ("N C where", "N C where ", "where"),
    ),
    Mistake(
        rf"{_IN_WHERE}(?P<at>=(?P<sign>[<>]))",
        "`{at}` does not compare",
        "write `{sign}=`",
        ("N where N => 2",),
    ),
    Mistake(
        rf"{_IN_WHERE}(?P<at>(?<![=<>!])=(?!=))",
        "a constraint compares with `==`, not with `=`",
        "write `==`",
        ("N H W where H = W", "N where N=1"),
    ),
    Mistake(
        rf"{_IN_WHERE}(?P<at>\b(?:and|or|not)\b|;|&&?|\|\|?)",
        "constraints are separated by commas; all of them hold",
        "write `where H >= 7, W >= 7`",
        ("N H W where H >= 7 and W >= 7", "N H where H >= 7; N > 1"),
    ),
    Mistake(
        r"(?<![\w.])where\s+(?P<at>(?:[^=<>!,]*,)*[^=<>!,]*$|.*[=<>]\s*$|[=<>!]+)",
        "a constraint compares two sizes",
        "write `where H >= 7`",
        ("N where N", "N where N >", "N where > 2", "N H where N > 1, H >="),
    ),
    Mistake(
        rf"{_IN_AXES}(?P<at>(?P<left>[\w.]+)\s*(?P<sign>>=|<=|==|!=|>|<)\s*(?P<right>-?{_OPERAND}))",
        "`{left}{sign}{right}` compares, and an axis can't",
        'constraints come at the end: "... {left} ... where {left} {sign} {right}"',
        ("m>=2", "N C>1 H", "a==b", "N m >= 2"),
    ),
    # Memory formats
    Mistake(
        r"@\s*(?P<at>[A-Z]{3,5}|n?(?:chw|hwc))\b(?!\s+(?!where\b)\w)",
        "`{at}` is no memory format",
        "write the dims apart, as in `@ N H W C`, or torch's name: `@ channels_last`",
        ("N C H W @ NHWC", "N C H W @ NCHW where C > 1", "N C H W @nhwc"),
    ),
    Mistake(
        r"(?P<at>@)\s*($|where\b|,|->)",
        "`@` has no memory format behind it",
        "write `@ channels_last`, or the dims in memory order: `@ N H W C`",
        ("N C H W @", "N C H W @ where N > 1"),
    ),
    # Arithmetic
    Mistake(
        rf"(?P<left>{_OPERAND})\s+(?P<sign>\*\*|//|[+\-*%])\s+(?P<right>-?{_OPERAND})",
        "whitespace separates axes, so arithmetic has none inside",
        "write `{left}{sign}{right}`",
        ("n * c", "H // 2", "N C + 1", "N (C + 1)"),
    ),
    Mistake(
        rf"(?P<left>{_OPERAND})(?P<sign>\*\*|//|[+\-%])\s+(?P<right>-?{_OPERAND})",
        "whitespace separates axes, so arithmetic has none inside",
        "write `{left}{sign}{right}`",
        ("H// 2", "N C+ 1"),
    ),
    Mistake(
        rf"(?P<left>{_OPERAND})\*\s+(?P<right>-?{_OPERAND})",
        "whitespace separates axes, so arithmetic has none inside",
        "write `{left}*{right}` for the product, or `*{left} {right}` for a group",
        ("n* c", "batch* C"),
    ),
    Mistake(
        rf"(?P<at>(?P<name>{_NAME})\*)$",
        "`*` stands before its group, not behind it",
        "write `*{name}`",
        ("batch*", "C batch*"),
    ),
    Mistake(
        r"(?<!/)(?P<at>/)(?!/)",
        "sizes are integers, and `/` is not in the language",
        "write `//`, which rounds down",
        ("H/2", "N H/2 W", "N H / 2"),
    ),
    Mistake(
        r"(?P<at>\^)",
        "`^` is not in the language",
        "a power is written `**`",
        ("d^2", "N where d^2 == N"),
    ),
    Mistake(
        r"(?P<at>[×·∙⋅÷−–—])",  # noqa: RUF001
        "`{at}` is not in the language",
        "the operators are + - * // % ** min max",
        ("H×W", "H−1"),  # noqa: RUF001
    ),
    Mistake(
        r"(?P<at><<|>>|[~|&!])",
        "`{at}` is not in the language: annotations run no Python",
        "the operators are + - * // % ** min max",
        ("~C", "a|b", "N where N >> 1 == 2"),
    ),
    Mistake(
        r"(?P<at>\d+\.\d+)",
        "sizes are integers",
        "write an integer, or arithmetic with `//`",
        ("0.5*C", "N 2.0"),
    ),
    Mistake(
        rf"(?P<at>(?P<number>\d+)(?P<name>{_NAME}))",
        "`{at}` is neither a number nor a name",
        "a product is written `{number}*{name}`; a name does not begin with a digit",
        ("2C", "N 3x"),
    ),
    Mistake(
        r"(?P<at>(?P<name>min|max)\([^(),]*\))",
        "`{name}` takes two or more sizes, separated by commas",
        "write `{name}(a,b)`",
        ("min(a)", "N max(a b)", "max()"),
    ),
    Mistake(
        rf"(?P<at>(?P<name>(?<!\w)(?!(?:min|max)\b){_NAME})\()",
        "`{name}(...)` is no function of the language",
        "only `min` and `max` are; several dims in one axis are `(C H)`",
        ("abs(a)", "N len(x)"),
    ),
    Mistake(
        r"[\d)](?P<at>\()",
        "there is no operator before this parenthesis",
        "a product is written with `*`, and axes are separated by spaces",
        ("2(a+1)", "(C)(H)"),
    ),
    # Modifiers and labels
    Mistake(
        rf"(?P<at>(?P<name>{_NAME})(?P<sign>[#?]))",
        "`{sign}` stands before its dim, not behind it",
        "write `{sign}{name}`",
        ("foo#", "N C#", "H?"),
    ),
    Mistake(
        r"\.\.\.(?=[\w#*?(.])|(?<=[\w#*?)=])\.\.\.",
        "`...` stands for any axes on its own",
        "put spaces around it, or name the group: `*batch`",
        ("...C", "N...", "*...", "a=..."),
    ),
    Mistake(
        r"(?<!\.)\.\.(?!\.)",
        "`..` is not in the language",
        "any number of axes is written `...`",
        ("N ..", ".. C"),
    ),
    Mistake(
        r"(?<![^\s=])(?P<at>[#*?]+)(?=\s|$)",
        "`{at}` has no dim behind it",
        "write it close to a name: `{at}N`",
        ("N # C", "* C", "#", "C=*"),
    ),
    Mistake(
        rf"(?P<at>(?P<name>{_NAME})(?:\s+=\s*|=\s+)(?!=)(?P<size>-?{_OPERAND}))",
        "whitespace separates axes, so a label stands close to its size",
        "write `{name}={size}`",
        ("C = 3", "C= 3", "N C =3"),
    ),
    Mistake(
        rf"(?P<at>{_NAME}\s*=)(?=\s*$)",
        "`{at}` has no size behind it",
        "write one, as in `C=3`, or leave `=` out",
        ("C=", "N C ="),
    ),
    Mistake(
        r"(?<![\w=<>!])(?P<at>=)",
        "`=` has no label before it",
        "write one, as in `C=3`, or leave `=` out",
        ("=3", "N (C)=3"),
    ),
    Mistake(
        r"=[^\s=]+(?P<at>=)",
        "an axis has one label",
        "write `C=3`",
        ("a=b=c",),
    ),
    # Separators and parentheses
    Mistake(
        r"(?P<at>[,;])\s*$",
        "nothing follows this separator",
        "leave it out",
        ("N C,", "N;", ",", "N where N > 1,"),
    ),
    Mistake(
        r"(?P<at>,)",
        "axes are separated by spaces, not by commas",
        "leave the comma out",
        ("N, C", "N,C H", "batch, 3, H, W", "N ,C"),
    ),
    Mistake(
        r"(?P<at>;)",
        "`;` is not in the language",
        "axes are separated by spaces, parameters and constraints by commas",
        ("N; C", "N;C"),
    ),
    Mistake(
        r"(?P<at>[\[\]])",
        "brackets are not in the language",
        "axes stand without brackets; several dims in one axis are `(C H W)`",
        ("[N C]", "N [C H]", "dims[0] C"),
    ),
    Mistake(
        r"\(\s*\)|\(\s+|\s+\)",
        "these parentheses hold no two dims and no arithmetic",
        "a flattened axis is `(C H)`, with single spaces between two or more dims",
        ("N ()", "( C H)", "(C H )"),
    ),
    Mistake(
        r"\([^()]*?(?P<at>[#*?]+\w*|\.\.\.)(?=[^()]*\))",
        "a flattened axis holds plain dims only",
        "a group or a broadcast dim stands as an axis of its own",
        ("(... C)", "(*b C)", "(#H W)", "(H ?W)"),
    ),
)
