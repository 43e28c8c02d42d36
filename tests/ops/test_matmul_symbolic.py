"""Products of matrices, linear maps and einsum with symbols for sizes: what comes out, and what is blamed."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims as d
from tests.ops.symbols import gives, module_gives

MATMUL = [
    ("N C", "C D", "N D"),
    ("N C", "D C", "contracted-dims-differ other[0]"),
    ("... C", "C D", "... D"),
    ("*batch C", "C D", "*batch D"),
    ("C", "C D", "D"),
    ("B H T d", "B H d S", "B H T S"),
    ("B H T d", "B H S d", "contracted-dims-differ other[2]"),
    ("B H T d", "d K", "B H T K"),
    ("B T C", "N C D", "broadcast-dims-differ other[0]"),
    ("B T C", "1 C D", "B T D"),
    ("B 1 T C", "H C D", "B H T D"),
    ("N _", "C D", "N D"),
    ("N C", "_ D", "N D"),
    ("N C", "C", "N"),
    ("N C", "D", "contracted-dims-differ other[0]"),
    ("N C", "...", "..."),
    ("...", "C D", "... D"),
    ("...", "B C D", "... D"),
    ("... T C", "B C D", "... B T D"),
    ("... C", "B C D", "... D"),
    ("... C", "B K D", "contracted-dims-differ other[1]"),
    ("N C", "... C D", "... N D"),
    ("C", "... C D", "... D"),
    ("N 2*C", "2*C D", "N D"),
    ("N 512", "256 D", "contracted-dims-differ other[0]"),
    ("", "C D", "rank-unfit input"),
]


@pytest.mark.parametrize(("left", "right", "out"), MATMUL)
def test_matmul(left: str, right: str, out: str) -> None:
    assert gives("torch.matmul", d(left), d(right)) == out


PRODUCTS: list[tuple[str, tuple[str, ...], str]] = [
    ("torch.mm", ("N C", "C D"), "N D"),
    ("torch.mm", ("N C", "D C"), "contracted-dims-differ mat2[0]"),
    ("torch.mm", ("... C", "C D"), "_ D"),
    ("torch.mm", ("B N C", "C D"), "rank-unfit input"),
    ("torch.bmm", ("B N C", "B C D"), "B N D"),
    ("torch.bmm", ("B N C", "M C D"), "broadcast-dims-differ mat2[0]"),
    ("torch.bmm", ("B N C", "C D"), "rank-unfit mat2"),
    ("torch.bmm", ("...", "B C D"), "B _ D"),
    ("torch.mv", ("N C", "C"), "N"),
    ("torch.mv", ("N C", "N"), "contracted-dims-differ vec[0]"),
    ("torch.dot", ("N", "N"), ""),
    ("torch.dot", ("N", "M"), "contracted-dims-differ other[0]"),
    ("torch.inner", ("... C", "K C"), "... K"),
    ("torch.inner", ("N C", "K D"), "contracted-dims-differ other[1]"),
    ("torch.outer", ("N", "M"), "N M"),
    ("torch.addmm", ("D", "N C", "C D"), "N D"),
    ("torch.addmm", ("K", "N C", "C D"), "broadcast-dims-differ input[0]"),
    ("torch.addmm", ("...", "N C", "C D"), "N D"),
    ("torch.baddbmm", ("N D", "B N C", "B C D"), "B N D"),
    ("torch.addbmm", ("D", "B N C", "B C D"), "N D"),
    ("torch.addmv", ("N", "N C", "C"), "N"),
    ("torch.addr", ("N M", "N", "M"), "N M"),
    ("torch.chain_matmul", ("N C", "C D", "D E"), "N E"),
    ("torch.chain_matmul", ("N C", "C D", "C E"), "contracted-dims-differ matrices[2][0]"),
    ("torch.linalg.vecdot", ("N C", "N C"), "N"),
    ("torch.nn.functional.linear", ("... in", "out in"), "... out"),
    ("torch.nn.functional.linear", ("N C", "C out"), "contracted-dims-differ weight[1]"),
    ("torch.nn.functional.linear", ("N C", "..."), "?"),
    ("torch.nn.functional.linear", ("...", "out in", "out"), "... out"),
    ("torch.nn.functional.linear", ("N C", "out C", "C"), "broadcast-dims-differ bias[0]"),
    ("torch.bilinear", ("N A", "N B", "out A B"), "N out"),
    ("torch.bilinear", ("N A", "M B", "out A B"), "broadcast-dims-differ input2[0]"),
    ("torch.bilinear", ("N B", "N A", "out A B"), "contracted-dims-differ input1[1]"),
    ("torch.tensordot", ("A B C", "B C D"), "A D"),
    ("torch.tensordot", ("A B C", "C B D"), "contracted-dims-differ b[0]"),
]


@pytest.mark.parametrize(("spelling", "operands", "out"), PRODUCTS)
def test_products(spelling: str, operands: tuple[str, ...], out: str) -> None:
    assert gives(spelling, *map(d, operands)) == out


MODULES: list[tuple[str, tuple[Any, ...], tuple[str, ...], str]] = [
    ("Linear", (8, 16), ("N T 8",), "N T out=16"),
    ("Linear", (8, 16), ("... 8",), "... out=16"),
    ("Linear", (8, 16), ("N 7",), "contracted-dims-differ input[1]"),
    ("Linear", (8, 16), ("...",), "... out=16"),
    ("Linear", (Unknown, 16), ("N C",), "N out=16"),
    ("LazyLinear", (16,), ("N C",), "N out=16"),
    ("Bilinear", (3, 5, 7), ("N 3", "N 5"), "N out=7"),
    ("Bilinear", (3, 5, 7), ("N 5", "N 3"), "contracted-dims-differ input1[1]"),
]


@pytest.mark.parametrize(("name", "made", "inputs", "out"), MODULES)
def test_modules(name: str, made: tuple[Any, ...], inputs: tuple[str, ...], out: str) -> None:
    assert module_gives(f"torch.nn.{name}", made, {}, *map(d, inputs)).replace("out=", "") == out.replace(
        "out=", ""
    )


EINSUM: list[tuple[str, tuple[str, ...], str]] = [
    ("bhid,bhjd->bhij", ("B H T d", "B H S d"), "B H T S"),
    ("bhid,bhdj->bhij", ("B H T d", "B H S d"), "contracted-dims-differ operands[1][2]"),
    ("bhid,bhjd->bhij", ("B T H d", "B S H d"), "contracted-dims-differ operands[1][1]"),
    ("bhqd,bkd->bhqk", ("B H T d", "B H S d"), "bad-pattern operands[1]"),
    ("...ij,...jk->...ik", ("... T C", "... C D"), "... T D"),
    ("...ij,...jk->...ik", ("*batch T C", "*batch C D"), "*batch T D"),
    ("...d,d->...", ("N T C", "C"), "N T"),
    ("nchw,oc->nohw", ("N C H W", "out C"), "N out H W"),
    ("nchw,oc->nohw", ("N H W C", "out C"), "contracted-dims-differ operands[1][1]"),
    ("nchw,oc->nohw", ("... H W", "out C"), "_ out H W"),
    ("nchw,oc->nohw", ("N ... W", "out C"), "N out _ W"),
    ("ij,jk", ("N C", "C D"), "N D"),
    ("ij,jk->ik", ("N C",), "bad-pattern equation"),
    ("ij->iz", ("N C",), "bad-pattern equation"),
    ("ii->i", ("N N",), "N"),
    ("ii->i", ("N M",), "contracted-dims-differ operands[0][1]"),
    ("ij,ij->ij", ("N 1", "N C"), "N C"),
    ("i...->...", ("N ...",), "..."),
    ("b...c->bc...", ("N H W C",), "N C H W"),
    ("b...c->bc...", ("... C",), "_ C ..."),
]


@pytest.mark.parametrize(("equation", "operands", "out"), EINSUM)
def test_einsum(equation: str, operands: tuple[str, ...], out: str) -> None:
    assert gives("torch.einsum", equation, *map(d, operands)) == out
    if len(operands) > 1:
        assert gives("torch.einsum", equation, [d(one) for one in operands]) == out


def test_einsum_of_what_is_not_known_gives_what_is_known() -> None:
    assert gives("torch.einsum", "bi,oi->bo", d("N C"), Unknown) == "N _"
    assert gives("torch.einsum", Unknown, d("N C")) == "?"
    assert gives("torch.einsum", "bi,oi->bo", Unknown) == "?"
