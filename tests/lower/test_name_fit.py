"""Names of one tensor held to a shape."""

import pytest

from namedtorch.lower.name_fit import fitting, joined
from namedtorch.syntax.resolve import parse_shape

# shape, names of the tensor, what comes out: "fits", the order that makes it fit, or None
CASES = [
    ("N C H W", "N C H W", "fits"),
    ("N C=3 H W", "N C H W", "fits"),
    ("N C H W", "N H W C", (0, 3, 1, 2)),
    ("N C", "C N", (1, 0)),
    ("N C H W", "N C H", None),
    ("N C", "N D", None),
    ("N 3", "N C", "fits"),
    ("N 3", "C N", (1, 0)),
    ("3 4", "A B", "fits"),
    ("N 3 4", "A N B", None),
    ("N 2*C", "N D", "fits"),
    ("N _", "N D", "fits"),
    ("*batch C", "B T C", "fits"),
    ("*batch C", "C", "fits"),
    ("*batch C", "C B T", (1, 2, 0)),
    ("... C", "C B", (1, 0)),
    ("*a C *b", "X C Y", "fits"),
    ("*a C *b", "X D Y", None),
    ("*batch", "B T", "fits"),
    ("#N C", "N C", "fits"),
    ("(C H) W", "(C H) W", "fits"),
    ("(C H) W", "W (C H)", (1, 0)),
    ("N C", "N _", "fits"),
    ("N C", "_ N", None),
    ("N N", "N N", "fits"),
    ("N C", "N N", None),
]


@pytest.mark.parametrize(("shape", "names", "expected"), CASES)
def test_fits(shape: str, names: str, expected: object) -> None:
    dims = tuple(None if one == "_" else one.replace("~", " ") for one in _split(names))
    fit = fitting(parse_shape(shape), dims)
    assert ("fits" if fit.fits else fit.order) == expected
    # What does not fit says why, and what does says nothing.
    assert bool(fit.failures("x", "")) != fit.fits


def _split(names: str) -> list[str]:
    return names.replace("(C H)", "(C~H)").split()


def test_groups_have_the_names_along_them() -> None:
    assert fitting(parse_shape("*batch C"), ("B", "T", "C")).groups == {"batch": ("B", "T")}
    assert fitting(parse_shape("*batch C"), ("C", "B", "T")).groups == {"batch": ("B", "T")}
    assert fitting(parse_shape("*a C *b"), ("X", "C", "Y", "Z")).groups == {"a": ("X",), "b": ("Y", "Z")}


def test_groups_are_joined_from_the_right() -> None:
    assert joined(("B", "T"), ("T",)) == ("B", "T")
    assert joined((None,), ("T",)) == ("T",)
    assert joined(("B", "T"), ("B",)) is None
