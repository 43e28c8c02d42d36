"""Contractions by name, `einsum` and `contract`, held to torch."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from namedtorch import DimError, NamedTensor, contract, einsum
from tests.values.named_cases import label, message, of

Q, K = of("N T D", 2, 4, 8), of("N S D", 2, 5, 8)

EINSUMS: list[tuple[str, tuple[Any, ...], str, tuple[str | None, ...]]] = [
    ("N T D, N S D -> N T S", (Q, K), "abc,adc->abd", ("N", "T", "S")),
    ("N T D, N S D -> S", (Q, K), "abc,adc->d", ("S",)),
    ("N T D, N S D -> ", (Q, K), "abc,adc->", ()),
    ("N T D -> D N", (Q,), "abc->ca", ("D", "N")),
    ("N T D, N S D -> N T S", (Q.tensor, K), "abc,adc->abd", ("N", "T", "S")),
    ("... T D, ... S D -> ... T S", (Q, K), "...bc,...dc->...bd", ("N", "T", "S")),
    ("T T -> T", (of("T T", 3, 3),), "aa->a", ("T",)),
    ("N T D, D, D S -> N T S", (Q, of("D", 8), of("_ S", 8, 3)), "abc,c,cd->abd", ("N", "T", "S")),
]


@pytest.mark.parametrize(
    ("pattern", "operands", "equation", "dims"), EINSUMS, ids=[one[0] for one in EINSUMS]
)
def test_an_einsum_is_that_of_torch_under_names(
    pattern: str, operands: tuple[Any, ...], equation: str, dims: tuple[str | None, ...]
) -> None:
    found = einsum(pattern, *operands)
    plain = [one.tensor if isinstance(one, NamedTensor) else one for one in operands]
    assert found.dims == dims
    torch.testing.assert_close(found.tensor, torch.einsum(equation, *plain))


def test_names_of_letters_do_not_matter() -> None:
    many = " ".join(f"name_of_a_dim_{place}" for place in range(20))
    assert einsum(f"{many} -> {many}", torch.ones((1,) * 20)).dims == tuple(many.split())


CONTRACTED: list[tuple[NamedTensor, NamedTensor, Any, str, tuple[str, ...]]] = [
    (Q, K, "D", "abc,adc->abd", ("N", "T", "S")),
    (Q, K, ("D", "N"), "abc,adc->bd", ("T", "S")),
    (Q, of("S D N", 5, 8, 2), "D", "abc,dca->abd", ("N", "T", "S")),
    (Q, of("D", 8), ["D"], "abc,c->ab", ("N", "T")),
    (of("D", 8), Q, "D", "c,abc->ab", ("N", "T")),
    (Q, of("N S D", 1, 5, 8), "D", "abc,adc->abd", ("N", "T", "S")),
    (Q, K, (), "abc,adc->abcd", ("N", "T", "D", "S")),
    (Q, of("V D", 6, 8), "D", "abc,dc->abd", ("N", "T", "V")),
    (of("T D N", 4, 8, 2), of("D V", 8, 6), "D", "abc,bd->acd", ("T", "N", "V")),
    (of("D V", 8, 6), K, "D", "cb,adc->bad", ("V", "N", "S")),
    (of("N T U D", 2, 3, 4, 8), K, "D", "abec,adc->abed", ("N", "T", "U", "S")),
]


@pytest.mark.parametrize(("a", "b", "over", "equation", "dims"), CONTRACTED, ids=label)
def test_a_contraction_meets_by_name(
    a: NamedTensor, b: NamedTensor, over: Any, equation: str, dims: tuple[str, ...]
) -> None:
    found = contract(a, b, over)
    assert found.dims == dims
    torch.testing.assert_close(found.tensor, torch.einsum(equation, a.tensor, b.tensor))


NOT_CONTRACTED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: einsum("N D T, N S D -> N T S", Q, K),
        (
            "`namedtorch.einsum`: the pattern has `N D T`, and the dims of `operands[0]` are `N T D`; "
            "write them in their order, or put them in that order by `align_to`"
        ),
    ),
    (
        lambda: einsum("N T D, N S C -> N T S", Q, K),
        (
            "`namedtorch.einsum`: the pattern has `N S C`, and axis 2 of `operands[1]` is `D`, not `C`; "
            "write the names that the axes have; `rename` gives them others"
        ),
    ),
    (
        lambda: einsum("N T D, N S D -> N T S", Q),
        "`namedtorch.einsum`: it names 2 operands, and is given 1",
    ),
    (
        lambda: einsum("N T D, S D -> N T S", Q, K),
        "`namedtorch.einsum`: `S D` names 2 axes, but `operands[1]` has 3: N=2 S=5 D=8",
    ),
    (
        lambda: einsum("N T D, N S D -> N T S", Q, of("N S D", 2, 5, 7)),
        (
            "`namedtorch.einsum`: `D` is axis 2 of `operands[0]` and axis 2 of `operands[1]`: "
            "axis 2 of `operands[1]` is `D`=7, axis 2 of `operands[0]` is `D`=8"
        ),
    ),
    (lambda: einsum("N T D -> N X", Q), "`namedtorch.einsum`: no operand has the `X` of its result `N X`"),
    (lambda: einsum("N T D -> N N", Q), "`namedtorch.einsum`: the result `N N` has `N` twice"),
    (
        lambda: einsum("N T (h d) -> N T", Q),
        (
            "`namedtorch.einsum`: `N T (h d)`: an einsum takes names and one `...`, not `(h d)`; "
            "`rearrange` splits an axis, `rename` names it"
        ),
    ),
    (
        lambda: einsum("N T D", Q),
        (
            "`namedtorch.einsum`: 'N T D' has to have one arrow; "
            "write the dims of each operand, `->`, and those of the result"
        ),
    ),
    (
        lambda: contract(Q, K, over="C"),
        "`contract`: it contracts `a` over 'C', but its dims are `N`, `T`, `D`",
    ),
    (
        lambda: contract(Q, of("N S", 2, 5), over="D"),
        "`contract`: it contracts `b` over 'D', but its dims are `N`, `S`",
    ),
    (
        lambda: contract(Q, of("N S D", 2, 5, 1), over="D"),
        (
            "`contract`: it contracts axis 2 of `a` with axis 2 of `b`: "
            "axis 2 of `b` is `D`=1, axis 2 of `a` is `D`=8"
        ),
    ),
    (
        lambda: contract(Q, of("N S D", 3, 5, 8), over="D"),
        (
            "`contract`: it is axis 0 of `a` and axis 0 of `b`, and of the result: "
            "axis 0 of `b` is `N`=3, axis 0 of `a` is `N`=2"
        ),
    ),
    (
        lambda: contract(Q, of("N _ D", 2, 5, 8), over="D"),
        (
            "`contract`: axis 1 of `b` has no name, so nothing tells what it meets; "
            "`refine_names` gives it one; `named` names a plain tensor"
        ),
    ),
    (
        lambda: contract(Q, of("D D", 8, 8), over="D"),
        "`contract`: two axes of `b` are `D`; `rename` one of them",
    ),
    (lambda: contract(Q, K, over=("D", "D")), "`contract`: `over` has 'D' twice"),
    (lambda: contract(Q, K, over=2), '`contract`: `over` holds 2, which is no name; write `over="D"`'),  # type: ignore[arg-type] # refused
]


@pytest.mark.parametrize(
    ("call", "expected"), NOT_CONTRACTED, ids=[expected for _, expected in NOT_CONTRACTED]
)
def test_a_contraction_that_does_not_fit_is_explained(call: Callable[[], Any], expected: str) -> None:
    assert message(call) == expected


def test_a_size_of_one_is_not_stretched_in_a_later_contraction() -> None:
    contract(Q, K, over="D")
    with pytest.raises(DimError, match="`D`=1"):
        contract(Q, of("N S D", 2, 5, 1), over="D")
