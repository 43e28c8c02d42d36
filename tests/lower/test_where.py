"""`where=`: what is to hold of sizes beyond the signature, for every target."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, LowerError, load
from tests.lower.unverified import lower


class Scores(nn.Module):
    def forward(
        self, x: Float[Tensor, "N C where C >= 2"], images: list[Float[Tensor, "?H ?H"]]
    ) -> Float[Tensor, "N"]:
        return x.sum(1) + images[0].sum()


def product(x: Float[Tensor, "N C"], y: Float[Tensor, "*batch C"]) -> Float[Tensor, "N *batch"]:
    return torch.tensordot(x, y, dims=([1], [y.dim() - 1]))


CALL = torch.ones(3, 4), [torch.ones(2, 2)]


def test_it_stands_in_the_signature_and_the_graph() -> None:
    lowered = lower(Scores(), where="N <= 64, C % 2 == 0")
    assert str(lowered.signature) == ("x: N C, images: list[?H ?H] -> N where C >= 2, N <= 64, C%2 == 0")
    assert lowered(*CALL).shape == (3,)
    with pytest.raises(DimError, match=r"`N <= 64` does not hold: N=65"):
        lowered(torch.ones(65, 4), CALL[1])
    with pytest.raises(torch.jit.Error, match="namedtorch: "):
        lowered.module(torch.ones(65, 4), CALL[1])


def test_what_is_said_already_is_said_once() -> None:
    assert str(lower(Scores(), where="where N <= 64, N <= 64").signature).count("N <= 64") == 1


def test_dims_of_elements_are_held_in_each() -> None:
    lowered = lower(Scores(), where="H >= 2")
    assert lowered(*CALL).shape == (3,)
    with pytest.raises(DimError, match=r"`H >= 2` does not hold: H=1"):
        lowered(torch.ones(3, 4), [torch.ones(1, 1)])


def test_functions_and_files(tmp_path: Path) -> None:
    lower(product, where="N <= 2").save(tmp_path / "product.pt")
    with pytest.raises(DimError, match=r"`N <= 2` does not hold: N=3"):
        load(tmp_path / "product.pt")(torch.ones(3, 4), torch.ones(5, 4))


def test_axes_of_groups_have_names_where_they_are_counted() -> None:
    exported = lower(product, to="export", where="batch <= 8")
    assert str(exported.signature) == "x: N C, y: batch C -> N batch where batch <= 8"
    with pytest.raises(DimError, match=r"`batch <= 8` does not hold: batch=9"):
        exported(torch.ones(3, 4), torch.ones(9, 4))
    with pytest.raises(LowerError, match="is about `batch`, which is no dim of product"):
        lower(product, where="batch <= 8")


# (text, what is said)
WRONG = [
    (
        "Q <= 4",
        (
            'where="Q <= 4" is about `Q`, which is no dim of product (`x: N C, y: *batch C -> N *batch`); its dims '
            "are `N`, `C`"
        ),
    ),
    ("n <= 4", "its dims are `N`, `C`"),
    ("N <=", 'where="N <=" is no list of constraints such as "N <= 64, H % 8 == 0": '),
    ("N", 'where="N" is no list of constraints such as "N <= 64, H % 8 == 0": '),
    ("", 'where="" is no list of constraints such as "N <= 64, H % 8 == 0": '),
]


@pytest.mark.parametrize(("where", "said"), WRONG)
def test_a_wrong_text(where: str, said: str) -> None:
    with pytest.raises(LowerError) as caught:
        lower(product, where=where)
    assert said in str(caught.value)


def test_constraints_that_no_sizes_fit() -> None:
    with pytest.raises(LowerError, match="no example inputs of product can be made"):
        lower(product, to="export", where="N <= 4, N >= 5")
