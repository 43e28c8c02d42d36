"""What the language takes, and what it means: every text has one canonical form."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import namedtorch
from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.layout import MemoryFormat
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.syntax.resolve import parse_shape
from tests.syntax.strategies import TEXTS, shapes

CANONICAL = [
    ("", ""),
    ("   ", ""),
    ("N C", "N C"),
    ("  N \t C\n", "N C"),
    ("3", "3"),
    ("+3", "3"),
    ("-1", "-1"),
    ("007", "7"),
    ("C=3", "C=3"),
    ("D=heads*d", "D=d*heads"),
    ("_", "_"),
    ("_x", "_"),
    ("_=C", "_"),
    ("_x=C", "_"),
    ("C=_", "C"),
    ("C=_x", "C"),
    ("C=C", "C"),
    ("C=D", "C=D"),
    ("...", "..."),
    ("*batch", "*batch"),
    ("*_", "..."),
    ("*_batch", "..."),
    ("_*batch", "..."),
    ("C=*batch", "*batch"),
    ("*C=batch", "*batch"),
    ("#C", "#C"),
    ("#3", "#3"),
    ("#C=3", "#C=3"),
    ("C=#3", "#C=3"),
    ("#C=D", "#C=D"),
    ("C=#D", "#C=D"),
    ("#C-1", "#C-1"),
    ("#(C)", "#(C)"),
    ("*#batch", "*#batch"),
    ("#*batch", "*#batch"),
    ("?H", "?H"),
    ("#?H", "#?H"),
    ("?#H", "#?H"),
    ("?H=W", "?W"),
    ("*?batch", "*?batch"),
    ("?*#batch", "*#?batch"),
    ("2*C", "2*C"),
    ("C*2", "2*C"),
    ("C+C", "2*C"),
    ("(C)", "(C)"),
    ("+C", "(C)"),
    ("((C))", "(C)"),
    ("-C", "-C"),
    ("C-C", "0"),
    ("(H+1)//2", "(H+1)//2"),
    ("d**2", "d**2"),
    ("d**0", "1"),
    ("-d**2", "-d**2"),
    ("2**3**2", "512"),
    ("7//-2", "-4"),
    ("-7%3", "2"),
    ("min(T,64)", "min(T,64)"),
    ("min(64, T)", "min(T,64)"),
    ("max(a,max(b,c))", "max(a,b,c)"),
    ("min", "min"),
    ("min*2", "2*min"),
    ("self.hidden", "self.hidden"),
    ("{self.hidden}", "self.hidden"),
    ("{ self.hidden }*2", "2*self.hidden"),
    ("{n}", "{n}"),
    ("C={n}", "C={n}"),
    ("in class", "in class"),
    ("größe", "größe"),
    ("(C H W)", "(C H W)"),
    ("(heads=8 d)", "(heads=8 d)"),
    ("((C) 2*d)", "((C) 2*d)"),
    ("(_ d)", "(_ d)"),
    ("(h*w)", "h*w"),
    ("*a C *b", "*a C *b"),
    ("... C ...", "... C ..."),
    ("*a *b", "*a *b"),
    ("N C H W @ channels_last", "N C H W @ channels_last"),
    ("N C H W@channels_last", "N C H W @ channels_last"),
    ("... @ contiguous", "... @ contiguous"),
    ("N C H W @  N H W  C", "N C H W @ N H W C"),
    ("N @ N", "N @ N"),
    ("@ contiguous", "@ contiguous"),
    ("N C where C%8==0", "N C where C%8 == 0"),
    ("N C where C % 8 == 0 , N>=1", "N C where C%8 == 0, N >= 1"),
    ("N where 1 <= N < 64", "N where 1 <= N, N < 64"),
    ("where N > 1", "where N > 1"),
    ("H W where ( H + 1 ) // 2 == W", "H W where (H+1)//2 == W"),
    ("N where min( N, 4 ) != 2 ** 2", "N where min(N,4) != 4"),
    ("N where N > 1 @ contiguous", "N @ contiguous where N > 1"),
    ("N @ contiguous where N > 1", "N @ contiguous where N > 1"),
    ("where=3", "where=3"),
    ("wherever", "wherever"),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_a_text_has_one_canonical_form(text: str, canonical: str) -> None:
    assert str(parse_shape(text)) == canonical
    assert parse_shape(canonical) == parse_shape(text)


MEANINGS: list[tuple[str, Axis]] = [
    ("C=3", Dim("C", Size.constant(3))),
    ("#?C", Dim("C", Unknown, broadcast=True, each=True)),
    ("_", Dim()),
    ("(C)", Dim(Unknown, Size.symbol("C"))),
    ("C=D", Dim("C", Size.symbol("D"))),
    ("...", Group()),
    ("*#?b", Group("b", broadcast=True, each=True)),
    ("(C _)", Flattened((Dim("C"), Dim()))),
    ("{ n }", Dim(Unknown, Size.symbol("{n}"))),
]


@pytest.mark.parametrize(("text", "axis"), MEANINGS)
def test_an_axis_means_what_it_says(text: str, axis: Axis) -> None:
    assert parse_shape(text).axes == (axis,)


def test_a_shape_knows_what_it_mentions() -> None:
    shape = parse_shape("*b N=2*self.k (C h) {n} ?H")
    assert shape.symbols == {"*b", "N", "self.k", "C", "h", "{n}", "H"}
    assert shape.attributes == {"self.k", "{n}"}
    assert shape.each == {"H"}
    assert shape.groups == (0,)


def test_constraints_and_formats_stand_in_the_shape() -> None:
    shape = parse_shape("N C @ C N where N > 1")
    assert shape.where == (Constraint(Size.symbol("N"), ">", Size.constant(1)),)
    assert shape.memory_format == MemoryFormat("C N", (1, 0))
    assert str(shape.without_where()) == "N C @ C N"


def test_the_public_parser_gives_a_shape() -> None:
    assert isinstance(namedtorch.parse_shape("N C"), Shape)


CLOSED = [
    ("N self.classes", {"self.classes": 10}, "N classes=10"),
    ("N {n}", {"{n}": 4}, "N n=4"),
    ("N D=self.k", {"self.k": 4}, "N D=4"),
    ("N 2*self.k", {"self.k": 4}, "N 8"),
    ("N #self.k", {"self.k": 4}, "N #4"),
    ("k self.k", {"self.k": 4}, "k 4"),
    ("N (heads self.k)", {"self.k": 4}, "N (heads k=4)"),
    ("N where N > self.k", {"self.k": 4}, "N where N > 4"),
    ("N self.other", {"self.k": 4}, "N self.other"),
]


@pytest.mark.parametrize(("text", "attributes", "closed"), CLOSED)
def test_attribute_paths_close_to_constants(text: str, attributes: dict[str, int], closed: str) -> None:
    assert str(parse_shape(text).closed(attributes)) == closed


@settings(max_examples=300)
@given(shapes())
def test_every_shape_reads_back(shape: Shape) -> None:
    assert parse_shape(str(shape)) == shape
    assert hash(parse_shape(str(shape))) == hash(shape)


@settings(max_examples=300)
@given(TEXTS)
@example("(C) C=(D) +C")
def test_every_text_that_parses_reads_back(text: str) -> None:
    try:
        shape = parse_shape(text)
    except AnnotationError:
        return
    assert parse_shape(str(shape)) == shape
    assert str(parse_shape(str(shape))) == str(shape)


@given(st.lists(st.sampled_from([" ", "\t", "\n", "  "]), min_size=5, max_size=5))
def test_whitespace_only_separates(gaps: list[str]) -> None:
    text = gaps[0] + "N" + gaps[1] + "*b" + gaps[2] + "C=3" + gaps[3] + "where" + gaps[4] + "N > 1"
    assert parse_shape(text) == parse_shape("N *b C=3 where N > 1")
