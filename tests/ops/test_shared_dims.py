"""What is said of tensors that lie along each other under two names, and of dims that none of them has."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.table import operator_for
from tests.ops.names.harness import carried
from tests.ops.oracle import ints, t

RENAME = "`rename` one of them where they are one dim"

REFUSED: tuple[tuple[str, str, tuple[Any, ...], str, str], ...] = (
    ("cat", "N C, M C", ([t(2, 3), t(5, 3)],), "axis 0 is `M`, and lies along `N` of `tensors[0]`", RENAME),
    ("cat", "N C, N C", ([t(2, 3), t(2, 3)], "T"), "`dim` is 'T', but its dims are `N`, `C`", ""),
    ("block_diag", "A B, C B", (t(2, 3), t(5, 7)), "axis 0 is `C`, and lies along `A` of `tensors[0]`", RENAME),
    ("diff", "N T, N S", (t(2, 3), 1, -1, t(2, 1)), "axis 1 is `S`, and lies along `T` of `input`", RENAME),
    (
        "gather", "N C, M C", (t(2, 3), 1, ints(2, 4)), "axis 0 is `M`, and lies along `N` of `input`", RENAME,
    ),
    (
        "scatter", "N C, N J, N K", (t(2, 3), 1, ints(2, 4), t(2, 4)), "axis 1 is `J`, and lies along `K` of `src`",
        RENAME,
    ),
    ("linalg.eigh", "a b", (t(3, 3),), "axis 1 is `b`, and lies along `a` of `A`", RENAME),
    ("linalg.inv", "a b", (t(3, 5),), "it takes square matrices, and those of `A` are a=3 by b=5", ""),
    (
        "linalg.cross", "N D, N E", (t(5, 3), t(5, 3)), "it does not broadcast with `input`",
        "`align_as` puts the dims of one where the other has them",
    ),
    ("Tensor.__setitem__", "N C, N", (t(3, 5), 0, t(5)), "axis 0 is `N`, and lies along `C` of `input`", RENAME),
    (
        "Tensor.__setitem__", "N C, K N C", (t(3, 5), ..., t(1, 3, 5)),
        "it has `K`, which `N=3 C=5`, what it is written into, does not", "",
    ),
    ("Tensor.backward", "N C, N D", (t(2, 3), t(2, 3)), "axis 1 is `D`, and lies along `C` of `input`", RENAME),
)  # fmt: skip


@pytest.mark.parametrize(("name", "dims", "arguments", "detail", "help"), REFUSED)
def test_two_names_of_one_axis(
    name: str, dims: str, arguments: tuple[Any, ...], detail: str, help: str
) -> None:
    rule = operator_for(f"torch.{name}")
    assert rule is not Unknown
    listed = iter([one.strip() for one in dims.split(",")])
    with pytest.raises(Misfit) as caught:
        rule([carried(one, listed) for one in arguments], {}, Plain())
    assert (caught.value.detail, caught.value.help) == (detail, help)
