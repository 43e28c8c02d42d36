"""Findings as text: golden texts, one for each thing that the format does."""

from typing import NamedTuple

import pytest

from namedtorch.diagnostics.formats.text import write
from namedtorch.diagnostics.source import Place, Problem, Remark
from tests.diagnostics.formats.places import Files

MODEL = """\
import torch

from layers import Linear


class Head(torch.nn.Module):
    def __init__(self):
        self.first = Linear(3, 4)
        self.second = Linear(
            5, 6
        )

    def forward(self, x):
        return self.second(self.first(x))
"""

FILES = Files(
    {
        "call.py": "normalize(images, mean, std)\n",
        "model.py": MODEL,
        "layers.py": "class Linear:\n    def __init__(self, n, m):\n        self.n = n\n",
        "tabs.py": "if x:\n\tif y:\n\t\ta\t= f(b)\n",
        "wide.py": "数 = f('数据', x)\n",
        "accent.py": "cafe\u0301 = f(x)\n",
        "control.py": "a = '\x1b[31m\x00\x7f\u202e'; f(x)\n",
        "spaces.py": "a\u00a0=\u3000f(x)\n",
        "feeds.py": "a = 1\x0cb = f(x)\r\nc = 2\rd = f(y)\n",
        "mark.py": "\ufefff(x)\n",
        "far.py": "first = f(x)\n" + "\n" * 200 + "second = g(x)\n",
        "long.py": "x = [" + "0, " * 100 + "bad, " + "1, " * 100 + "worse]\n",
        "wrapped.py": "y = " + "f(" * 100 + "x" + ")" * 100 + "\n",
        "cut.py": "x" + "数" * 100 + " f(x)\n",
        "endless.py": "begin(" + "a, " * 60 + "b)\n",
    }
)
at = FILES.place


class Case(NamedTuple):
    """What is found, and the text without the line that counts."""

    problem: Problem
    text: str


def error(
    place: Place, label: str = "", *remarks: Remark, message: str = "it does not fit", help: str = ""
) -> Problem:
    return Problem("dims-differ", "error", message, place, label, remarks, help)


CASES = {
    "the form of the style guide": Case(
        error(
            at("call.py", "mean"),
            "axis 0 of `mean` is `C`=224",
            Remark(at("call.py", "images"), "`images` bound `C`=3 at axis 1 (N=8 C=3 H=224 W=224)"),
            message="`mean` has `C`=224, but `C` is 3",
            help="`mean` has the size of `H` and `W`; is it an image of another layout?",
        ),
        """\
error[dims-differ]: `mean` has `C`=224, but `C` is 3
 --> call.py:1:19
1 | normalize(images, mean, std)
  |           ------  ^^^^ axis 0 of `mean` is `C`=224
  |           |
  |           `images` bound `C`=3 at axis 1 (N=8 C=3 H=224 W=224)
help: `mean` has the size of `H` and `W`; is it an image of another layout?""",
    ),
    "nothing but a message": Case(
        Problem("reveal-dims", "note", "`x` is N C", at("call.py", "images")),
        """\
note[reveal-dims]: `x` is N C
 --> call.py:1:11
1 | normalize(images, mean, std)
  |           ^^^^^^""",
    ),
    "three on one line": Case(
        error(
            at("call.py", "images"),
            "this one",
            Remark(at("call.py", "mean"), "the mean"),
            Remark(at("call.py", "std"), "the deviation"),
        ),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:11
1 | normalize(images, mean, std)
  |           ^^^^^^  ----  --- the deviation
  |           |       |
  |           |       the mean
  |           this one""",
    ),
    "the rightmost says nothing": Case(
        error(at("call.py", "images"), "this one", Remark(at("call.py", "std"), "")),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:11
1 | normalize(images, mean, std)
  |           ^^^^^^        ---
  |           |
  |           this one""",
    ),
    "a remark inside": Case(
        error(
            at("call.py", "normalize(images, mean, std)"), "here", Remark(at("call.py", "normalize"), "this")
        ),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:1
1 | normalize(images, mean, std)
  | ---------^^^^^^^^^^^^^^^^^^^ here
  | |
  | this""",
    ),
    "a remark at the end inside": Case(
        error(at("call.py", "normalize(images"), "here", Remark(at("call.py", "images"), "this")),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:1
1 | normalize(images, mean, std)
  | ^^^^^^^^^^------ this
  | |
  | here""",
    ),
    "a remark around": Case(
        error(
            at("call.py", "images"),
            "here",
            Remark(at("call.py", "normalize(images, mean, std)"), "this call"),
        ),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:11
1 | normalize(images, mean, std)
  | ----------^^^^^^------------ this call
  |           |
  |           here""",
    ),
    "a remark at the same place": Case(
        error(at("call.py", "mean"), "here", Remark(at("call.py", "mean"), "and here")),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:19
1 | normalize(images, mean, std)
  |                   ^^^^ here
  |                   |
  |                   and here""",
    ),
    "remarks that cover all": Case(
        error(
            at("call.py", "mean, std"),
            "both",
            Remark(at("call.py", "mean,"), "one"),
            Remark(at("call.py", " std"), "two"),
        ),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:19
1 | normalize(images, mean, std)
  |                   ^^^^^^^^^ both
  |                   |    |
  |                   |    two
  |                   one""",
    ),
    "an earlier line": Case(
        error(at("model.py", "self.first", 2), "gives 4", Remark(at("model.py", "Linear(3, 4)"), "to 4")),
        """\
error[dims-differ]: it does not fit
  --> model.py:14:28
8  |         self.first = Linear(3, 4)
   |                      ------------ to 4
...
14 |         return self.second(self.first(x))
   |                            ^^^^^^^^^^ gives 4""",
    ),
    "one line between, and a place that goes on": Case(
        error(at("model.py", "Linear(3, 4)"), "first", Remark(at("model.py", "5, 6\n        )"), "second")),
        """\
error[dims-differ]: it does not fit
  --> model.py:8:22
8  |         self.first = Linear(3, 4)
   |                      ^^^^^^^^^^^^ first
9  |         self.second = Linear(
10 |             5, 6
   |             ---- second""",
    ),
    "another file": Case(
        error(
            at("model.py", "Linear(\n            5, 6\n        )"),
            "5 features",
            Remark(at("layers.py", "n, m"), "features"),
            Remark(at("model.py", "Linear(3, 4)"), "4 features"),
            Remark(at("layers.py", "self.n"), "kept"),
            help="write\nLinear(4, 6)",
        ),
        """\
error[dims-differ]: it does not fit
 --> model.py:9:23
8 |         self.first = Linear(3, 4)
  |                      ------------ 4 features
9 |         self.second = Linear(
  |                       ^^^^^^^ 5 features
 ::: layers.py:2:24
2 |     def __init__(self, n, m):
  |                        ---- features
3 |         self.n = n
  |         ------ kept
help: write
      Linear(4, 6)""",
    ),
    "far away": Case(
        error(at("far.py", "g(x)"), "second", Remark(at("far.py", "f(x)"), "first")),
        """\
error[dims-differ]: it does not fit
   --> far.py:202:10
202 | second = g(x)
    |          ^^^^ second
   ::: far.py:1:9
1   | first = f(x)
    |         ---- first""",
    ),
    "a file that can't be read, and a line that is not there": Case(
        error(
            Place("gone.py", 3, 5, 3, 9),
            "here",
            Remark(Place("gone.py", 1, 1, 1, 2), "there"),
            Remark(Place("call.py", 9, 1, 9, 2), "nowhere"),
        ),
        """\
error[dims-differ]: it does not fit
 --> gone.py:3:5
  = here
 ::: gone.py:1:1
  = there
 ::: call.py:9:1
  = nowhere""",
    ),
    "tabs": Case(
        error(at("tabs.py", "f(b)"), "call", Remark(at("tabs.py", "a"), "target")),
        """\
error[dims-differ]: it does not fit
 --> tabs.py:3:7
3 |         a    = f(b)
  |         -      ^^^^ call
  |         |
  |         target""",
    ),
    "wide characters": Case(
        error(at("wide.py", "x"), "size", Remark(at("wide.py", "'数据'"), "data")),
        """\
error[dims-differ]: it does not fit
 --> wide.py:1:13
1 | 数 = f('数据', x)
  |        ------  ^ size
  |        |
  |        data""",
    ),
    "a character over another": Case(
        error(at("accent.py", "f(x)"), "call", Remark(at("accent.py", "cafe\u0301"), "name")),
        """\
error[dims-differ]: it does not fit
 --> accent.py:1:9
1 | cafe\u0301 = f(x)
  | ----   ^^^^ call
  | |
  | name""",
    ),
    "what would move the cursor": Case(
        error(
            at("control.py", "f(x)"),
            "call\x1b[2J",
            Remark(Place("a\nb.py", 1, 1, 1, 1), "a\nb"),
            message="\x1b[2Jcleared\n  ^ here\r",
            help="\u202ehelp",
        ),
        """\
error[dims-differ]: \\x1b[2Jcleared
    ^ here
 --> control.py:1:17
1 | a = '\u241b[31m\u2400\u2421\ufffd'; f(x)
  |                 ^^^^ call\\x1b[2J
 ::: a\\nb.py:1:1
  = a b
help: \\u202ehelp""",
    ),
    "spaces of other kinds": Case(
        error(at("spaces.py", "f(x)"), "call"),
        """\
error[dims-differ]: it does not fit
 --> spaces.py:1:5
1 | a =  f(x)
  |      ^^^^ call""",
    ),
    "lines as Python counts them": Case(
        error(Place("feeds.py", 3, 5, 3, 9), "third", Remark(Place("feeds.py", 1, 11, 1, 15), "first")),
        """\
error[dims-differ]: it does not fit
 --> feeds.py:3:5
1 | a = 1\u240cb = f(x)
  |           ---- first
2 | c = 2
3 | d = f(y)
  |     ^^^^ third""",
    ),
    "a byte order mark": Case(
        error(Place("mark.py", 1, 3, 1, 4), "x"),
        """\
error[dims-differ]: it does not fit
 --> mark.py:1:3
1 | f(x)
  |   ^ x""",
    ),
    "behind the end of a line": Case(
        error(Place("call.py", 1, 90, 1, 95), "here"),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:90
1 | normalize(images, mean, std)
  |                             ^ here""",
    ),
    "an empty place": Case(
        error(Place("call.py", 1, 11, 1, 11), "nothing"),
        """\
error[dims-differ]: it does not fit
 --> call.py:1:11
1 | normalize(images, mean, std)
  |           ^ nothing""",
    ),
    "a long line": Case(
        error(at("long.py", "bad"), "here", Remark(at("long.py", "worse"), "there")),
        f"""\
error[dims-differ]: it does not fit
 --> long.py:1:306
1 | ... {"0, " * 19}bad, {"1, " * 19}...
  | {" " * 61}^^^ here
 ::: long.py:1:611
1 | ...{"1, " * 38}worse]
  | {" " * 117}----- there""",
    ),
    "a cut through a wide character": Case(
        error(at("cut.py", "f(x)"), "here"),
        f"""\
error[dims-differ]: it does not fit
 --> cut.py:1:103
1 | ... {"数" * 57} f(x)
  | {" " * 119}^^^^ here""",
    ),
    "a place that is longer than what is shown": Case(
        error(at("wrapped.py", "f(" * 100 + "x" + ")" * 100), "here"),
        f"""\
error[dims-differ]: it does not fit
 --> wrapped.py:1:5
1 | ...{"f(" * 60}...
  |    {"^" * 120} here""",
    ),
    "a long line with room for both": Case(
        error(at("endless.py", "begin("), "here", Remark(at("endless.py", "a, "), "there")),
        f"""\
error[dims-differ]: it does not fit
 --> endless.py:1:1
1 | begin({"a, " * 38}...
  | ^^^^^^--- there
  | |
  | here""",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_text_of_a_finding(name: str) -> None:
    problem, expected = CASES[name]
    text, _, counted = write([problem], FILES.read).rpartition("\n\n")
    assert text == expected
    assert counted == f"Found 1 {problem.severity} in 1 file."


COUNTED: list[tuple[list[tuple[str, str]], str]] = [
    ([("error", "a.py")], "Found 1 error in 1 file."),
    ([("error", "a.py"), ("error", "a.py")], "Found 2 errors in 1 file."),
    ([("warning", "a.py"), ("error", "b.py")], "Found 1 error and 1 warning in 2 files."),
    (
        [("note", "a.py"), ("warning", "a.py"), ("note", "b.py"), ("error", "c.py")],
        "Found 1 error, 1 warning and 2 notes in 3 files.",
    ),
]


@pytest.mark.parametrize(("found", "expected"), COUNTED)
def test_the_last_line_counts(found: list[tuple[str, str]], expected: str) -> None:
    problems = [Problem("dims-differ", severity, "", Place(path, 1, 1, 1, 1)) for severity, path in found]
    assert write(problems, FILES.read).splitlines()[-1] == expected


def test_a_file_is_read_once() -> None:
    read: list[str] = []

    def source(path: str) -> str:
        read.append(path)
        return FILES.read(path)

    problems = [
        error(at("call.py", "mean"), "", Remark(at("model.py", "x"), "")),
        error(at("call.py", "std")),
    ]
    write(problems, source)
    assert sorted(read) == ["call.py", "model.py"]
