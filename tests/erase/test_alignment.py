"""Axes by their names, in plain torch: put in order, merged, split, put in, stretched, and renamed."""

from pathlib import Path

import pytest

from tests.erase.running import becomes
from tests.erase.sources import erased

GIVEN = "x: N=2 C=3 H=4 W=5, y: C=3, z: N=2 C=3, heads: 2"

CASES = [
    # In the order of another tensor.
    ("y.align_as(x)", "y.view(1, -1, 1, 1)"),
    ("x - y.align_as(x)", "x - y.view(1, -1, 1, 1)"),
    ("z.align_as(x)", "z[..., None, None]"),
    ("x.align_as(x)", "x"),
    ('y.align_as(x.sum(("N", "W")))', "y.unsqueeze(1)"),
    ('z.align_as(x.select("W", 0))', "z.unsqueeze(2)"),
    ('z.sum("N").align_as(x.mean(("H", "W")))', "z.sum(0).unsqueeze(0)"),
    ('x.mean("H").align_as(x.align_to("W", ...))', "x.mean(2).permute(2, 0, 1).unsqueeze(3)"),
    # By a list of names.
    ('x.align_to("N", "H", "W", "C")', "x.permute(0, 2, 3, 1)"),
    ('x.align_to("N C H W")', "x"),
    ('x.align_to(..., "C")', "x.permute(0, 2, 3, 1)"),
    ('x.align_to("N", "C", "W", "H")', "x.transpose(2, 3)"),
    ('z.align_to("C", "N")', "z.transpose(0, 1)"),
    ('z.align_to("N", "K", "C")', "z.unsqueeze(1)"),
    ('z.align_to("K", "N", "L", "C")', "z[None, :, None]"),
    ('z.align_to("C", "K", "N", "L")', "z.transpose(0, 1)[:, None, :, None]"),
    ('y.align_to("K", "C")', "y.unsqueeze(0)"),
    ("z.align_to(*x.dims)", "z[..., None, None]"),
    # Names alone.
    ('x.rename(N="batch")', "x"),
    ('x.rename("a", "b", "c", "d").sum("b")', "x.sum(1)"),
    ("x.rename(None)", "x"),
    ('x.rename(None).refine_names("N", ...).sum("N")', "x.sum(0)"),
    # Merged and split.
    ('x.flatten(["H", "W"], "P")', "x.flatten(2)"),
    ('x.flatten(["C", "H"])', "x.flatten(1, 2)"),
    ('x.flatten("C", "W", "F")', "x.flatten(1)"),
    ('x.flatten(start_dim="C", out_dim="F")', "x.flatten(1)"),
    ('x.unflatten("H", (("a", 2), ("b", -1)))', "x.unflatten(2, (2, -1))"),
    ('x.unflatten("H", {"a": heads, "b": -1})', "x.unflatten(2, (heads, -1))"),
    (
        'x.unflatten("H", [["a", heads], ["b", x.size("H") // heads]])',
        "x.unflatten(2, (heads, x.size(2) // heads))",
    ),
    # New axes, and stretched ones.
    ('x.unsqueeze("K")', "x.unsqueeze(0)"),
    ('x.unsqueeze("C", "K")', "x.unsqueeze(1)"),
    ('x.unsqueeze(-1, "K")', "x.unsqueeze(4)"),
    ('z.unsqueeze("K").expand(K=heads)', "z.unsqueeze(0).expand(heads, -1, -1)"),
    ('z.unsqueeze("K").expand(K=heads + 1)', "z.unsqueeze(0).expand(heads + 1, -1, -1)"),
    ("z.repeat(C=heads)", "z.repeat(1, heads)"),
    ("z.repeat(2, 1)", "z.repeat(2, 1)"),
    ('x.diagonal(dim1="H", dim2="W", outdim="E")', "x.diagonal(0, 2, 3)"),
    ('x.diagonal(heads, "H", "W", outdim="E")', "x.diagonal(heads, 2, 3)"),
]


@pytest.mark.parametrize(("body", "plain"), CASES)
def test_axes_by_name(body: str, plain: str, tmp_path: Path) -> None:
    assert becomes(GIVEN, body, tmp_path) == f"return {plain}"


def test_what_the_dims_are_taken_from_still_runs(tmp_path: Path) -> None:
    head = "def grown(x: NamedTensor, seen: list[int]) -> NamedTensor:\n    seen.append(1)\n    return x\n"
    text = (
        f'{head}\ndef f(x: Float[NamedTensor, "N C"], y: Float[NamedTensor, "C"]):\n    seen = [0]\n'
        "    z = y.align_as(grown(x, seen))\n    return z, len(seen)\n"
    )
    assert erased(text, tmp_path) == (
        "seen = [0]\nx_1 = grown(x, seen)\nz = y.unsqueeze(0)\nreturn (z, len(seen))"
    )


def test_a_size_is_evaluated_once(tmp_path: Path) -> None:
    head = "def number(seen: list[int]) -> int:\n    seen.append(1)\n    return len(seen)\n"
    text = (
        f'{head}\ndef f(x: Float[NamedTensor, "N C"]):\n    seen = [0]\n'
        "    y = x.rearrange('(a N) C -> C a N', a=number(seen))\n    return y, len(seen)\n"
    )
    assert erased(text, tmp_path) == (
        "seen = [0]\ny = x.unflatten(0, (number(seen), -1)).permute(2, 0, 1)\nreturn (y, len(seen))"
    )
    text = text.replace("(a N) C -> C a N', a=", "N C -> C N', C=")
    assert erased(text, tmp_path).splitlines()[1:3] == [
        "assert x.size(1) == number(seen), 'axis 1 of `x` is not of size number(seen)'",
        "y = x.transpose(0, 1)",
    ]
