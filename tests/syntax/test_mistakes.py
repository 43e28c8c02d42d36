"""The table of mistakes as a product: what each mistake is told, word by word, and where the caret stands."""

# Characters that only look like operators stand here on purpose.
# ruff: noqa: RUF001

import re
from collections.abc import Callable

import pytest

from namedtorch.diagnostics import AnnotationError
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.mistakes import MISTAKES, Mistake
from namedtorch.syntax.resolve import parse_shape

PARSERS: dict[str, Callable[[str], object]] = {"shape": parse_shape, "signature": parse_signature}

# What the text is read as, the text, what the carets mark, the message, the help.
MISTAKEN = [
    (
        "shape",
        "N {self.hidden*2}",
        "{self.hidden*2}",
        "`{self.hidden*2}` is a Python expression; braces hold only a path such as `{self.hidden}`",
        "compute it in __init__ and name the attribute; arithmetic stands outside: `{self.hidden}*2`",
    ),
    (
        "shape",
        "{len(self.layers)}",
        "{len(self.layers)}",
        "`{len(self.layers)}` is a Python expression; braces hold only a path such as `{self.hidden}`",
        "compute it in __init__ and name the attribute; arithmetic stands outside: `{self.hidden}*2`",
    ),
    (
        "shape",
        "{dims[0]} C",
        "{dims[0]}",
        "`{dims[0]}` is a Python expression; braces hold only a path such as `{self.hidden}`",
        "compute it in __init__ and name the attribute; arithmetic stands outside: `{self.hidden}*2`",
    ),
    (
        "shape",
        "N {} C",
        "{}",
        "`{}` is a Python expression; braces hold only a path such as `{self.hidden}`",
        "compute it in __init__ and name the attribute; arithmetic stands outside: `{self.hidden}*2`",
    ),
    (
        "shape",
        "{self.hidden",
        "{",
        "this brace is not closed",
        "add `}`, or leave the brace out: `self.hidden`",
    ),
    (
        "shape",
        "N {self.hidden*2 C",
        "{",
        "this brace is not closed",
        "add `}`, or leave the brace out: `self.hidden`",
    ),
    ("shape", "'N C'", "'", "there is a quote in the annotation", "leave it out"),
    ("shape", 'N "C"', '"', "there is a quote in the annotation", "leave it out"),
    ("signature", "x: N C => N", "=>", "`=>` is no arrow", "write `->`"),
    ("signature", "x: N C - > N", "- >", "`- >` is no arrow", "write `->`"),
    ("signature", "x: N C → N", "→", "`→` is no arrow", "write `->`"),
    (
        "signature",
        "x: N C where C >= 1, y: C -> N",
        "where",
        "`where` stands in the middle of the signature",
        "constraints come once, at the very end: `x: N C, y: C -> N where C >= 1`",
    ),
    (
        "signature",
        "x: N C where C >= 1 -> N",
        "where",
        "`where` stands in the middle of the signature",
        "constraints come once, at the very end: `x: N C, y: C -> N where C >= 1`",
    ),
    ("signature", "x: N C -> N, where N > 1", ",", "there is a comma before `where`", "leave it out"),
    (
        "signature",
        "x: N C -> N -> C",
        "->",
        "there is more than one `->`",
        "several results are separated by commas: `x: N C -> N, C`",
    ),
    (
        "signature",
        "(x: N C) -> N",
        "(",
        "the parameters of a signature stand without parentheses",
        "write `x: N C, y: C -> N C`",
    ),
    (
        "signature",
        "def f(x: N C) -> N",
        "def f(",
        "the parameters of a signature stand without parentheses",
        "write `x: N C, y: C -> N C`",
    ),
    (
        "signature",
        "(N C) -> N",
        "(",
        "the parameters of a signature stand without parentheses",
        "write `x: N C, y: C -> N C`",
    ),
    ("signature", "x: N C y: C -> N", "y", "there is no comma before the parameter `y`", "write `, y: ...`"),
    (
        "signature",
        "x y: N -> N",
        "x y",
        "`x y` is no name of a parameter",
        "a parameter has one name: `x: N C`",
    ),
    (
        "signature",
        "x: N, y z: C -> N",
        "y z",
        "`y z` is no name of a parameter",
        "a parameter has one name: `x: N C`",
    ),
    (
        "signature",
        "x -> N",
        "x",
        "`x` is no parameter",
        "a parameter is a name and its dims: `x: N C`; axes are separated by spaces",
    ),
    (
        "signature",
        "N C -> N",
        "N C",
        "`N C` is no parameter",
        "a parameter is a name and its dims: `x: N C`; axes are separated by spaces",
    ),
    (
        "signature",
        "x: N, C -> N",
        "C",
        "`C` is no parameter",
        "a parameter is a name and its dims: `x: N C`; axes are separated by spaces",
    ),
    (
        "signature",
        "2 -> N",
        "2",
        "`2` is no parameter",
        "a parameter is a name and its dims: `x: N C`; axes are separated by spaces",
    ),
    ("signature", "x: N C", "", "the signature has no `->` and no result", "write `x: N C -> N`"),
    ("signature", "x", "", "the signature has no `->` and no result", "write `x: N C -> N`"),
    ("signature", "", "", "the signature has no `->` and no result", "write `x: N C -> N`"),
    (
        "shape",
        "N -> C",
        "->",
        "a shape has no `->`",
        "these are the axes of one tensor; a signature names its parameters: `x: N C -> N`",
    ),
    (
        "shape",
        "N C -> N C where N > 1",
        "->",
        "a shape has no `->`",
        "these are the axes of one tensor; a signature names its parameters: `x: N C -> N`",
    ),
    (
        "shape",
        "x: N C",
        "x:",
        "a shape has no names with colons",
        "a label is written `C=3`; a signature has parameters and a result: `x: N C -> N`",
    ),
    (
        "shape",
        "N C:3",
        "C:",
        "a shape has no names with colons",
        "a label is written `C=3`; a signature has parameters and a result: `x: N C -> N`",
    ),
    (
        "shape",
        "N H W where H >= 7 where W >= 7",
        "where",
        "there is more than one `where`",
        "separate constraints by commas: `where H >= 7, W >= 7`",
    ),
    (
        "shape",
        "N C where",
        "where",
        "`where` has no constraint behind it",
        "write one, as in `where C % 8 == 0`, or leave `where` out",
    ),
    (
        "shape",
        "N C where ",
        "where",
        "`where` has no constraint behind it",
        "write one, as in `where C % 8 == 0`, or leave `where` out",
    ),
    (
        "shape",
        "where",
        "where",
        "`where` has no constraint behind it",
        "write one, as in `where C % 8 == 0`, or leave `where` out",
    ),
    ("shape", "N where N => 2", "=>", "`=>` does not compare", "write `>=`"),
    ("shape", "N H W where H = W", "=", "a constraint compares with `==`, not with `=`", "write `==`"),
    ("shape", "N where N=1", "=", "a constraint compares with `==`, not with `=`", "write `==`"),
    (
        "shape",
        "N H W where H >= 7 and W >= 7",
        "and",
        "constraints are separated by commas; all of them hold",
        "write `where H >= 7, W >= 7`",
    ),
    (
        "shape",
        "N H where H >= 7; N > 1",
        ";",
        "constraints are separated by commas; all of them hold",
        "write `where H >= 7, W >= 7`",
    ),
    ("shape", "N where N", "N", "a constraint compares two sizes", "write `where H >= 7`"),
    ("shape", "N where N >", "N >", "a constraint compares two sizes", "write `where H >= 7`"),
    ("shape", "N where > 2", ">", "a constraint compares two sizes", "write `where H >= 7`"),
    (
        "shape",
        "N H where N > 1, H >=",
        "N > 1, H >=",
        "a constraint compares two sizes",
        "write `where H >= 7`",
    ),
    (
        "shape",
        "m>=2",
        "m>=2",
        "`m>=2` compares, and an axis can't",
        'constraints come at the end: "... m ... where m >= 2"',
    ),
    (
        "shape",
        "N C>1 H",
        "C>1",
        "`C>1` compares, and an axis can't",
        'constraints come at the end: "... C ... where C > 1"',
    ),
    (
        "shape",
        "a==b",
        "a==b",
        "`a==b` compares, and an axis can't",
        'constraints come at the end: "... a ... where a == b"',
    ),
    (
        "shape",
        "N m >= 2",
        "m >= 2",
        "`m>=2` compares, and an axis can't",
        'constraints come at the end: "... m ... where m >= 2"',
    ),
    (
        "shape",
        "N C H W @ NHWC",
        "NHWC",
        "`NHWC` is no memory format",
        "write the dims apart, as in `@ N H W C`, or torch's name: `@ channels_last`",
    ),
    (
        "shape",
        "N C H W @ NCHW where C > 1",
        "NCHW",
        "`NCHW` is no memory format",
        "write the dims apart, as in `@ N H W C`, or torch's name: `@ channels_last`",
    ),
    (
        "shape",
        "N C H W @nhwc",
        "nhwc",
        "`nhwc` is no memory format",
        "write the dims apart, as in `@ N H W C`, or torch's name: `@ channels_last`",
    ),
    (
        "shape",
        "N C H W @",
        "@",
        "`@` has no memory format behind it",
        "write `@ channels_last`, or the dims in memory order: `@ N H W C`",
    ),
    (
        "shape",
        "N C H W @ where N > 1",
        "@",
        "`@` has no memory format behind it",
        "write `@ channels_last`, or the dims in memory order: `@ N H W C`",
    ),
    ("shape", "n * c", "n * c", "whitespace separates axes, so arithmetic has none inside", "write `n*c`"),
    ("shape", "H // 2", "H // 2", "whitespace separates axes, so arithmetic has none inside", "write `H//2`"),
    ("shape", "N C + 1", "C + 1", "whitespace separates axes, so arithmetic has none inside", "write `C+1`"),
    (
        "shape",
        "N (C + 1)",
        "C + 1",
        "whitespace separates axes, so arithmetic has none inside",
        "write `C+1`",
    ),
    ("shape", "H// 2", "H// 2", "whitespace separates axes, so arithmetic has none inside", "write `H//2`"),
    ("shape", "N C+ 1", "C+ 1", "whitespace separates axes, so arithmetic has none inside", "write `C+1`"),
    (
        "shape",
        "n* c",
        "n* c",
        "whitespace separates axes, so arithmetic has none inside",
        "write `n*c` for the product, or `*n c` for a group",
    ),
    (
        "shape",
        "batch* C",
        "batch* C",
        "whitespace separates axes, so arithmetic has none inside",
        "write `batch*C` for the product, or `*batch C` for a group",
    ),
    ("shape", "batch*", "batch*", "`*` stands before its group, not behind it", "write `*batch`"),
    ("shape", "C batch*", "batch*", "`*` stands before its group, not behind it", "write `*batch`"),
    (
        "shape",
        "H/2",
        "/",
        "sizes are integers, and `/` is not in the language",
        "write `//`, which rounds down",
    ),
    (
        "shape",
        "N H/2 W",
        "/",
        "sizes are integers, and `/` is not in the language",
        "write `//`, which rounds down",
    ),
    (
        "shape",
        "N H / 2",
        "/",
        "sizes are integers, and `/` is not in the language",
        "write `//`, which rounds down",
    ),
    ("shape", "d^2", "^", "`^` is not in the language", "a power is written `**`"),
    ("shape", "N where d^2 == N", "^", "`^` is not in the language", "a power is written `**`"),
    ("shape", "H×W", "×", "`×` is not in the language", "the operators are + - * // % ** min max"),
    ("shape", "H−1", "−", "`−` is not in the language", "the operators are + - * // % ** min max"),
    (
        "shape",
        "~C",
        "~",
        "`~` is not in the language: annotations run no Python",
        "the operators are + - * // % ** min max",
    ),
    (
        "shape",
        "a|b",
        "|",
        "`|` is not in the language: annotations run no Python",
        "the operators are + - * // % ** min max",
    ),
    (
        "shape",
        "N where N >> 1 == 2",
        ">>",
        "`>>` is not in the language: annotations run no Python",
        "the operators are + - * // % ** min max",
    ),
    ("shape", "0.5*C", "0.5", "sizes are integers", "write an integer, or arithmetic with `//`"),
    ("shape", "N 2.0", "2.0", "sizes are integers", "write an integer, or arithmetic with `//`"),
    (
        "shape",
        "2C",
        "2C",
        "`2C` is neither a number nor a name",
        "a product is written `2*C`; a name does not begin with a digit",
    ),
    (
        "shape",
        "N 3x",
        "3x",
        "`3x` is neither a number nor a name",
        "a product is written `3*x`; a name does not begin with a digit",
    ),
    ("shape", "min(a)", "min(a)", "`min` takes two or more sizes, separated by commas", "write `min(a,b)`"),
    (
        "shape",
        "N max(a b)",
        "max(a b)",
        "`max` takes two or more sizes, separated by commas",
        "write `max(a,b)`",
    ),
    ("shape", "max()", "max()", "`max` takes two or more sizes, separated by commas", "write `max(a,b)`"),
    (
        "shape",
        "abs(a)",
        "abs(",
        "`abs(...)` is no function of the language",
        "only `min` and `max` are; several dims in one axis are `(C H)`",
    ),
    (
        "shape",
        "N len(x)",
        "len(",
        "`len(...)` is no function of the language",
        "only `min` and `max` are; several dims in one axis are `(C H)`",
    ),
    (
        "shape",
        "2(a+1)",
        "(",
        "there is no operator before this parenthesis",
        "a product is written with `*`, and axes are separated by spaces",
    ),
    (
        "shape",
        "(C)(H)",
        "(",
        "there is no operator before this parenthesis",
        "a product is written with `*`, and axes are separated by spaces",
    ),
    ("shape", "foo#", "foo#", "`#` stands before its dim, not behind it", "write `#foo`"),
    ("shape", "N C#", "C#", "`#` stands before its dim, not behind it", "write `#C`"),
    ("shape", "H?", "H?", "`?` stands before its dim, not behind it", "write `?H`"),
    (
        "shape",
        "...C",
        "...",
        "`...` stands for any axes on its own",
        "put spaces around it, or name the group: `*batch`",
    ),
    (
        "shape",
        "N...",
        "...",
        "`...` stands for any axes on its own",
        "put spaces around it, or name the group: `*batch`",
    ),
    (
        "shape",
        "*...",
        "...",
        "`...` stands for any axes on its own",
        "put spaces around it, or name the group: `*batch`",
    ),
    (
        "shape",
        "a=...",
        "...",
        "`...` stands for any axes on its own",
        "put spaces around it, or name the group: `*batch`",
    ),
    ("shape", "N ..", "..", "`..` is not in the language", "any number of axes is written `...`"),
    ("shape", ".. C", "..", "`..` is not in the language", "any number of axes is written `...`"),
    ("shape", "N # C", "#", "`#` has no dim behind it", "write it close to a name: `#N`"),
    ("shape", "* C", "*", "`*` has no dim behind it", "write it close to a name: `*N`"),
    ("shape", "#", "#", "`#` has no dim behind it", "write it close to a name: `#N`"),
    ("shape", "C=*", "*", "`*` has no dim behind it", "write it close to a name: `*N`"),
    (
        "shape",
        "C = 3",
        "C = 3",
        "whitespace separates axes, so a label stands close to its size",
        "write `C=3`",
    ),
    (
        "shape",
        "C= 3",
        "C= 3",
        "whitespace separates axes, so a label stands close to its size",
        "write `C=3`",
    ),
    (
        "shape",
        "N C =3",
        "C =3",
        "whitespace separates axes, so a label stands close to its size",
        "write `C=3`",
    ),
    ("shape", "C=", "C=", "`C=` has no size behind it", "write one, as in `C=3`, or leave `=` out"),
    ("shape", "N C =", "C =", "`C =` has no size behind it", "write one, as in `C=3`, or leave `=` out"),
    ("shape", "=3", "=", "`=` has no label before it", "write one, as in `C=3`, or leave `=` out"),
    ("shape", "N (C)=3", "=", "`=` has no label before it", "write one, as in `C=3`, or leave `=` out"),
    ("shape", "a=b=c", "=", "an axis has one label", "write `C=3`"),
    ("shape", "N C,", ",", "nothing follows this separator", "leave it out"),
    ("shape", "N;", ";", "nothing follows this separator", "leave it out"),
    ("shape", ",", ",", "nothing follows this separator", "leave it out"),
    ("shape", "N where N > 1,", ",", "nothing follows this separator", "leave it out"),
    ("shape", "N, C", ",", "axes are separated by spaces, not by commas", "leave the comma out"),
    ("shape", "N,C H", ",", "axes are separated by spaces, not by commas", "leave the comma out"),
    ("shape", "batch, 3, H, W", ",", "axes are separated by spaces, not by commas", "leave the comma out"),
    ("shape", "N ,C", ",", "axes are separated by spaces, not by commas", "leave the comma out"),
    (
        "shape",
        "N; C",
        ";",
        "`;` is not in the language",
        "axes are separated by spaces, parameters and constraints by commas",
    ),
    (
        "shape",
        "N;C",
        ";",
        "`;` is not in the language",
        "axes are separated by spaces, parameters and constraints by commas",
    ),
    (
        "shape",
        "[N C]",
        "[",
        "brackets are not in the language",
        "axes stand without brackets; several dims in one axis are `(C H W)`",
    ),
    (
        "shape",
        "N [C H]",
        "[",
        "brackets are not in the language",
        "axes stand without brackets; several dims in one axis are `(C H W)`",
    ),
    (
        "shape",
        "dims[0] C",
        "[",
        "brackets are not in the language",
        "axes stand without brackets; several dims in one axis are `(C H W)`",
    ),
    (
        "shape",
        "N ()",
        "()",
        "these parentheses hold no two dims and no arithmetic",
        "a flattened axis is `(C H)`, with single spaces between two or more dims",
    ),
    (
        "shape",
        "( C H)",
        "( ",
        "these parentheses hold no two dims and no arithmetic",
        "a flattened axis is `(C H)`, with single spaces between two or more dims",
    ),
    (
        "shape",
        "(C H )",
        " )",
        "these parentheses hold no two dims and no arithmetic",
        "a flattened axis is `(C H)`, with single spaces between two or more dims",
    ),
    (
        "shape",
        "(... C)",
        "...",
        "a flattened axis holds plain dims only",
        "a group or a broadcast dim stands as an axis of its own",
    ),
    (
        "shape",
        "(*b C)",
        "*b",
        "a flattened axis holds plain dims only",
        "a group or a broadcast dim stands as an axis of its own",
    ),
    (
        "shape",
        "(#H W)",
        "#H",
        "a flattened axis holds plain dims only",
        "a group or a broadcast dim stands as an axis of its own",
    ),
    (
        "shape",
        "(H ?W)",
        "?W",
        "a flattened axis holds plain dims only",
        "a group or a broadcast dim stands as an axis of its own",
    ),
]

# Refusals that are not rows of the table: parentheses, what parses and means nothing, the last resort.
REFUSED = [
    ("shape", "N C)", ")", "this parenthesis was never opened", "leave it out, or add `(`"),
    ("shape", "(C H", "(", "this parenthesis is not closed", "add `)`"),
    ("shape", "((C H)", "(", "this parenthesis is not closed", "add `)`"),
    ("shape", "N (C", "(", "this parenthesis is not closed", "add `)`"),
    (
        "shape",
        "a+",
        "",
        "the annotation ends too early",
        'axes are dims, numbers or arithmetic, separated by spaces: "N C=3 H//2 *rest"',
    ),
    (
        "shape",
        "N C\\",
        "\\",
        "`\\` does not fit here",
        'axes are dims, numbers or arithmetic, separated by spaces: "N C=3 H//2 *rest"',
    ),
    (
        "shape",
        "$N",
        "$",
        "`$` does not fit here",
        'axes are dims, numbers or arithmetic, separated by spaces: "N C=3 H//2 *rest"',
    ),
    ("shape", "**a", "**a", "`*` stands twice", "write one `*`"),
    ("shape", "##C", "##C", "`#` stands twice", "write one `#`"),
    ("shape", "??H", "??H", "`?` stands twice", "write one `?`"),
    ("shape", "*4", "*4", "a fixed size can't be any number of axes", "only a name can"),
    ("shape", "?4", "?4", "a fixed size can't be bound anew for every element", "only a name can"),
    ("shape", "_=4", "_=4", "a fixed size can't be anonymous", "only a name can"),
    ("shape", "_4", "_4", "a fixed size can't be anonymous", "write `4`, or `_`"),
    ("shape", "_x+1", "_x", "`_x` is anonymous, so arithmetic can't use it", "call it `x`"),
    ("shape", "_+1", "_", "`_` is anonymous, so arithmetic can't use it", "call it `n`"),
    ("shape", "#_", "#_", "an anonymous axis fits any size, so `#` says nothing", "leave `#` out: `_`"),
    ("shape", "__x", "__x", "`_` stands twice", "one `_` makes a dim anonymous: `_x`"),
    ("shape", "_*_x", "_*_x", "`_` stands twice", "one `_` makes a dim anonymous: `_x`"),
    ("shape", "*a+b", "*a+b", "arithmetic can't be any number of axes", "only a name can"),
    ("shape", "?a+b", "?a+b", "arithmetic can't be bound anew for every element", "only a name can"),
    (
        "shape",
        "a=(b c)",
        "a=(b c)",
        "a flattened axis takes no `#`, `*`, `?` and no label",
        "name the dims inside, or write the axis as one dim",
    ),
    (
        "shape",
        "?H H=3",
        "H=3",
        "`H` is bound anew for every element, so it can't be a label as well",
        "give one of the two another name",
    ),
    (
        "shape",
        "#(a b)",
        "#(a b)",
        "a flattened axis takes no `#`, `*`, `?` and no label",
        "name the dims inside, or write the axis as one dim",
    ),
    (
        "shape",
        "*a (b c) *d",
        "(b c)",
        "a flattened axis can't be placed between two groups",
        "give it a dim of its own, or leave one group out",
    ),
    (
        "shape",
        "*a *b *c",
        "*c",
        "a shape has at most two groups",
        "with three, no axis could be told from its neighbours; name some axes",
    ),
    ("shape", "a//0", "a//0", "this divides by zero", "write another divisor"),
    ("shape", "a%(b-b)", "a%(b-b", "this divides by zero", "write another divisor"),
    ("shape", "a**b", "a**b", "an exponent is a constant, 0 or more", "write a number: `d**2`"),
    ("shape", "a**-1", "a**-1", "an exponent is a constant, 0 or more", "write a number: `d**2`"),
    ("shape", "a**65", "a**65", "an exponent of a size is over 64", "write a simpler size"),
    (
        "shape",
        "N C @ C",
        "C",
        "the memory order `C` does not name every axis once",
        "known formats are contiguous, channels_last, channels_last_3d; else write each dim of the shape once",
    ),
    (
        "shape",
        "N C @ N N",
        "N N",
        "the memory order `N N` does not name every axis once",
        "known formats are contiguous, channels_last, channels_last_3d; else write each dim of the shape once",
    ),
    (
        "shape",
        "N C @ channels_last",
        "channels_last",
        "`channels_last` is a memory format of 4 axes, not of 2",
        "write the dims in memory order, as in `@ N H W C`",
    ),
    (
        "shape",
        "... @ channels_last",
        "channels_last",
        "`channels_last` is a memory format of 4 axes, not of 1",
        "write the dims in memory order, as in `@ N H W C`",
    ),
    (
        "shape",
        "*b C @ C b",
        "C b",
        "the memory order `C b` does not name every axis once",
        "known formats are contiguous, channels_last, channels_last_3d; else write each dim of the shape once",
    ),
    (
        "shape",
        "N H W @ NHW",
        "NHW",
        "`NHW` is no memory format",
        "write the dims apart, as in `@ N H W C`, or torch's name: `@ channels_last`",
    ),
    (
        "shape",
        "N where N > 1 W",
        "W",
        "`W` does not fit here",
        "constraints compare sizes, and are separated by commas: `where H >= 32, W % 2 == 0`",
    ),
    ("shape", "N C @ C N where N > 1 @ N C", "N C", "there is more than one memory format", "keep one"),
    ("shape", "N where N-1", "N-1", "a constraint compares two sizes", "write `where H >= 7`"),
    ("shape", "self..k", "..", "`..` is not in the language", "any number of axes is written `...`"),
    (
        "shape",
        "{³}",
        "{",
        "`{` does not fit here",
        'axes are dims, numbers or arithmetic, separated by spaces: "N C=3 H//2 *rest"',
    ),
    (
        "signature",
        "x: n * c -> n",
        "n * c",
        "whitespace separates axes, so arithmetic has none inside",
        "write `n*c`",
    ),
    ("signature", "x: (C H -> N", "(", "this parenthesis is not closed", "add `)`"),
    ("signature", "x: N C) -> N", ")", "this parenthesis was never opened", "leave it out, or add `(`"),
    ("signature", "x: N, x: C -> N", "x", "two parameters are called `x`", ""),
    (
        "signature",
        "x: N C -> N where",
        "where",
        "`where` has no constraint behind it",
        "write one, as in `where C % 8 == 0`, or leave `where` out",
    ),
    (
        "signature",
        "x: N C -> N m>=2",
        "m>=2",
        "`m>=2` compares, and an axis can't",
        'constraints come at the end: "... m ... where m >= 2"',
    ),
    (
        "signature",
        "x: N @ NHWC -> N",
        "NHWC",
        "`NHWC` is no memory format",
        "write the dims apart, as in `@ N H W C`, or torch's name: `@ channels_last`",
    ),
    (
        "signature",
        "x: {len(a)} -> N",
        "{len(a)}",
        "`{len(a)}` is a Python expression; braces hold only a path such as `{self.hidden}`",
        "compute it in __init__ and name the attribute; arithmetic stands outside: `{self.hidden}*2`",
    ),
    (
        "signature",
        "x: N; y: C -> N",
        ";",
        "`;` is not in the language",
        "axes are separated by spaces, parameters and constraints by commas",
    ),
    (
        "signature",
        "x:: N -> N",
        ":",
        "`:` does not fit here",
        'axes are dims, numbers or arithmetic, separated by spaces: "N C=3 H//2 *rest"',
    ),
    (
        "signature",
        "x: N C -> N @ C N",
        "C N",
        "the memory order `C N` does not name every axis once",
        "known formats are contiguous, channels_last, channels_last_3d; else write each dim of the shape once",
    ),
]


def refusal(language: str, text: str) -> AnnotationError:
    with pytest.raises(AnnotationError) as caught:
        PARSERS[language](text)
    return caught.value


def marked(error: AnnotationError) -> str:
    """What the carets mark."""
    source, carets = str(error).split("\n")[1:3]
    assert set(carets) == {" ", "^"}
    return source[carets.index("^") : carets.rindex("^") + 1]


@pytest.mark.parametrize(("language", "text", "at", "message", "help"), MISTAKEN + REFUSED)
def test_a_mistake_is_told_word_by_word(language: str, text: str, at: str, message: str, help: str) -> None:
    error = refusal(language, text)
    (failure,) = error.failures
    assert (failure.code, failure.message, failure.help or "") == ("bad-annotation", message, help)
    assert marked(error) == at
    assert str(error).startswith(f"{message}\n    {text}\n")
    assert str(error).endswith(f"^\n  help: {help}" if help else "^")


def test_every_example_of_the_table_stands_here() -> None:
    told = [(language, text) for language, text, *_ in MISTAKEN]
    assert told == [(row.only or "shape", example) for row in MISTAKES for example in row.examples]


@pytest.mark.parametrize("row", MISTAKES, ids=lambda row: row.message)
def test_an_example_is_refused_by_its_own_row(row: Mistake) -> None:
    assert row.examples
    for example in row.examples:
        (failure,) = refusal(row.only or "shape", example).failures
        said = [
            (row.message.format(**match.groupdict()), row.help.format(**match.groupdict()))
            for match in re.finditer(row.pattern, example)
        ]
        assert (failure.message, failure.help) in said


# A text that is right and looks like a mistake.
RIGHT = [
    *[
        "n *c",
        "a +b",
        "a -b",
        "C #D",
        "N *b",
        "H=3 W",
        "(a b)",
        "_",
        "N where=3",
        "min max",
        "a.b",
        "N (C) (H W)",
    ],
    *[
        "N C=min(a,b)",
        "N where N >= 2",
        "N where 2*N == M+1",
        "{a}*{b}",
        "#C=3",
        "in if",
        "N C @ N C",
        "... 3 ...",
    ],
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_only_looks_like_a_mistake_is_taken(text: str) -> None:
    parse_shape(text)


def test_what_can_not_be_seen_is_named() -> None:
    assert refusal("shape", "a\u200bb").failures[0].message == "`U+200B` does not fit here"


def test_a_long_text_is_shown_around_the_caret() -> None:
    text = "N " * 300 + "C, H" + " W" * 300
    lines = str(refusal("shape", text)).split("\n")
    assert max(map(len, lines[1:3])) <= 130
    assert lines[1][lines[2].index("^")] == ","
