"""Sizes that are known of dims, written into signatures."""

from typing import Optional

import pytest
from torch import Tensor

from namedtorch import Float
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.function import signature_of
from namedtorch.signature.known import bare_name, labelled, with_known
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape

SIGNATURES = [
    ("x: N C H W -> N C", {"C": 3}, "x: N C=3 H W -> N C=3"),
    ("x: N C H W -> N K", {"C": 3, "H": 5}, "x: N C=3 H=5 W -> N K"),
    ("x: N C, y: 2*C -> C//2", {"C": 3}, "x: N C=3, y: 2*C -> C//2"),
    ("x: C, y: #C, z: (C H) -> *C", {"C": 3}, "x: C=3, y: #C, z: (C H) -> *C"),
    ("x: N C -> N where C > 1", {"C": 3}, "x: N C=3 -> N where C > 1"),
    ("x: N C, y: C=4 -> N", {"C": 4}, "x: N C=4, y: C=4 -> N"),
    ("x: N C @ C N -> N", {"C": 3}, "x: N C=3 @ C N -> N"),
    ("x: N _ -> N", {"_": 3, "D": 4}, "x: N _ -> N"),
    ("x: N C -> N", {}, "x: N C -> N"),
]


@pytest.mark.parametrize(("text", "sizes", "closed"), SIGNATURES)
def test_a_dim_alone_on_its_axis_gets_its_size(text: str, sizes: dict[str, int], closed: str) -> None:
    signature = with_known(parse_signature(text), sizes)
    assert str(signature) == closed
    build_plan(signature)
    assert parse_signature(str(signature)) == signature


def test_tensors_in_containers_get_their_sizes_but_for_dims_of_each_element() -> None:
    def function(
        x: Float[Tensor, "N C"], many: list[Float[Tensor, "C ?H"]], more: Optional[Float[Tensor, "H"]] = None
    ) -> tuple[Float[Tensor, "N"], Float[Tensor, "C H"]]: ...

    closed = with_known(signature_of(function), {"C": 3, "H": 5})
    assert str(closed) == "x: N C=3, many: list[C=3 ?H], more: H=5 | None = None -> N, C=3 H=5"


def test_a_shape_is_labelled_alone() -> None:
    assert str(labelled(parse_shape("?C C N"), {"C": 3, "N": 2})) == "?C C N=2"


NAMES = [("C", "C"), ("C=3", None), ("_", None), ("#C", None), ("?C", None), ("2*C", None), ("*C", None)]


@pytest.mark.parametrize(("text", "name"), [*NAMES, ("(C H)", None), ("D=C", None)])
def test_only_a_dim_alone_is_bare(text: str, name: str | None) -> None:
    found = bare_name(parse_shape(text).axes[0])
    assert (None if found is Unknown else found) == name
