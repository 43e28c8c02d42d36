"""Marks stand under what they speak of, whatever the source, and no finding makes a format fail."""

import json
import unicodedata
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namedtorch.diagnostics.formats import FORMATS
from namedtorch.diagnostics.formats.text import write
from namedtorch.diagnostics.source import Place, Problem, Remark
from namedtorch.diagnostics.spans import MAX_WIDTH

# No character looks like a mark, or like the dots of a cut.
SHORT = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz()=, \t数据é"), max_size=40)
LONG = st.builds(lambda text, times: text * times, SHORT, st.integers(4, 20))
LINES = st.lists(SHORT | LONG, min_size=1, max_size=40)
WILD = st.text(
    st.characters(codec=None) | st.sampled_from("\r\n\t\x1b\x00%:,\ufeff\ud800\u0301数"), max_size=30
)
NUMBERS = st.integers(-2, 40) | st.integers()
PATHS = (
    st.sampled_from(["a.py", "b.py", "gone.py", "bytes.py", "", "/", "a:b,c%.py", "x\n\udcff\ud800.py"])
    | WILD
)


def wild_places() -> st.SearchStrategy[Place]:
    return st.builds(Place, PATHS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)


def wild_problems() -> st.SearchStrategy[Problem]:
    return st.builds(
        Problem,
        code=st.sampled_from(["dims-differ", "bad-annotation", "no-such-code"]) | WILD,
        severity=st.sampled_from(["error", "warning", "note"]),
        message=WILD,
        place=wild_places(),
        label=WILD,
        remarks=st.lists(st.builds(Remark, wild_places(), WILD), max_size=4).map(tuple),
        help=WILD,
    )


@pytest.mark.parametrize("name", FORMATS)
@given(problems=st.lists(wild_problems(), max_size=4), texts=st.tuples(WILD, WILD), data=st.data())
def test_no_format_fails_and_all_ignore_the_order(
    name: str, problems: list[Problem], texts: tuple[str, str], data: st.DataObject
) -> None:
    source = reader({"a.py": texts[0], "b.py": texts[1] * 20})
    written = FORMATS[name](problems, source)
    assert FORMATS[name](data.draw(st.permutations(problems)), source) == written
    assert not written.endswith("\n")
    lines = written.split("\n")
    match name:
        case "text":
            assert all(line.isprintable() for line in lines)
        case "concise" | "github":
            assert len(written.splitlines() if name == "concise" else lines) == len(problems) or not problems
        case _:
            assert written.isascii()
            json.loads(written)


def reader(texts: dict[str, str]) -> Callable[[str], str]:
    def source(path: str) -> str:
        if path == "bytes.py":
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no text")
        if path not in texts:
            raise FileNotFoundError(path)
        return texts[path]

    return source


@given(lines=LINES, data=st.data())
def test_the_carets_stand_under_the_place(lines: list[str], data: st.DataObject) -> None:
    place = data.draw(places(lines))
    shown, below = shown_line(Problem("dims-differ", "error", "", place), lines)
    assert pointed_at(shown, below, "^") == expected(lines, place)


@given(lines=LINES.filter(lambda lines: len(lines) > 1), data=st.data())
def test_the_marks_of_a_remark_stand_under_its_place(lines: list[str], data: st.DataObject) -> None:
    place = data.draw(places(lines))
    other = data.draw(places(lines).filter(lambda other: other.line != place.line))
    problem = Problem("dims-differ", "error", "", place, remarks=(Remark(other, ""),))
    text = write([problem], lambda path: "\n".join(lines))
    rows = text.split("\n")
    at = next(at for at, row in enumerate(rows) if row.startswith(f"{other.line} "))
    assert pointed_at(rows[at], rows[at + 1], "-") == expected(lines, other)


@given(lines=LINES, data=st.data())
def test_what_is_said_of_each_place_of_a_line_stands_once(lines: list[str], data: st.DataObject) -> None:
    first, *others = data.draw(st.lists(places(lines), min_size=1, max_size=6))
    labels = [f"<{number}>" for number in range(len(others) + 1)]
    remarks = tuple(Remark(place, label) for place, label in zip(others, labels[1:], strict=True))
    text = write(
        [Problem("dims-differ", "error", "", first, labels[0], remarks)], lambda path: "\n".join(lines)
    )
    assert [text.count(label) for label in labels] == [1] * len(labels)
    assert "^" in text


@st.composite
def places(draw: st.DrawFn, lines: Sequence[str]) -> Place:
    """A range of one character or more where a line has any; it may end on a later line."""
    line = draw(st.integers(1, len(lines)))
    text = lines[line - 1]
    column = draw(st.integers(1, max(1, len(text))))
    if draw(st.booleans()):
        return Place(
            "a.py", line, column, line, draw(st.integers(column + 1, len(text) + 1) if text else st.just(2))
        )
    return Place("a.py", line, column, line + draw(st.integers(1, 3)), draw(st.integers(1, 9)))


def shown_line(problem: Problem, lines: Sequence[str]) -> tuple[str, str]:
    """The line of the place as it is shown, and the row under it."""
    _, _, shown, below, *_ = write([problem], lambda path: "\n".join(lines)).split("\n")
    return shown, below


def pointed_at(shown: str, below: str, mark: str) -> str:
    """What stands over the marks, without space at its ends: by cells, of which a wide character has two."""
    cells = [
        cell for one in shown for cell in (one, "")[: 2 if unicodedata.east_asian_width(one) == "W" else 1]
    ]
    marked = [at for at, one in enumerate(below) if one == mark]
    assert marked == list(range(marked[0], marked[-1] + 1))
    return "".join(cells[marked[0] : marked[-1] + 1]).strip()


def expected(lines: Sequence[str], place: Place) -> str:
    """What the marks should stand under: the part of the place on its first line, as far as it is shown."""
    line = lines[place.line - 1]
    end = place.end_column - 1 if place.end_line == place.line else len(line.rstrip())
    part = line[place.column - 1 : max(end, place.column)].replace("\t", "    ")
    kept, cells = "", 0
    for one in part:
        cells += 2 if unicodedata.east_asian_width(one) == "W" else 1
        if cells > MAX_WIDTH:
            break
        kept += one
    return kept.strip()
