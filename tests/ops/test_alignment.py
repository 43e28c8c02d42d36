"""Which axis of an annotation a dim of a row is."""

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.alignment import aligned_axis
from namedtorch.syntax.resolve import parse_shape

CONVOLUTION = ("n in h w", "in h w")
NORM_1D = ("n channels l", "n channels")
GROUP_NORM = ("n channels *spatial",)
LINEAR = ("*batch in",)

# The rows, the dim, the annotation, and the axis as it is written there.
CASES = [
    (CONVOLUTION, "in", "N C H W", "C"),
    (CONVOLUTION, "in", "C H W", "C"),
    (CONVOLUTION, "in", "*batch C H W", "C"),
    (CONVOLUTION, "in", "... C H W", "C"),
    (CONVOLUTION, "in", "N *rest H W", None),
    (CONVOLUTION, "in", "N C *spatial", None),
    (CONVOLUTION, "in", "N C ...", None),
    (CONVOLUTION, "in", "C ...", None),
    (CONVOLUTION, "in", "N C=3 H W", "C=3"),
    (CONVOLUTION, "in", "N (C D) H W", "(C D)"),
    (CONVOLUTION, "in", "N T C H W", None),
    (CONVOLUTION, "in", "H W", None),
    (CONVOLUTION, "in", "*a C *b", None),
    (CONVOLUTION, "in", "...", None),
    (CONVOLUTION, "out", "N C H W", None),
    (NORM_1D, "channels", "N C L", "C"),
    (NORM_1D, "channels", "N C", "C"),
    (NORM_1D, "channels", "N C ...", "C"),
    (NORM_1D, "channels", "*batch C", None),
    (NORM_1D, "channels", "N *rest", None),
    (GROUP_NORM, "channels", "N C H W", "C"),
    (GROUP_NORM, "channels", "N C", "C"),
    (GROUP_NORM, "channels", "N C *spatial", "C"),
    (GROUP_NORM, "channels", "*batch C H W", None),
    (GROUP_NORM, "channels", "C", None),
    (LINEAR, "in", "N C", "C"),
    (LINEAR, "in", "C", "C"),
    (LINEAR, "in", "*batch T C", "C"),
    (LINEAR, "in", "N *rest C", "C"),
    (LINEAR, "in", "N C ...", None),
    (LINEAR, "in", "", None),
    (("*batch a=5 b=7",), "a", "N H W", "H"),
    (("*batch a=5 b=7",), "b", "N H W", "W"),
    (("*batch a=5 b=7",), "a", "*rest W", None),
    (("*batch in *rest",), "in", "N C", None),
    (("in in",), "in", "A B", None),
    ((), "in", "N C", None),
]


@pytest.mark.parametrize(("rows", "name", "text", "axis"), CASES)
def test_a_dim_of_a_row_is_found_where_every_rank_agrees(
    rows: tuple[str, ...], name: str, text: str, axis: str | None
) -> None:
    shape = parse_shape(text)
    place = aligned_axis([parse_shape(row) for row in rows], name, shape)
    assert (None if place is Unknown else str(shape.axes[place])) == axis
