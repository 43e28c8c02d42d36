"""What `namedtorch lower` warns of: models that are lowered and most likely are wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

MODEL = """
from torch import Tensor, nn
from namedtorch import Float, checked


class Swapped(nn.Module):
    @checked
    def forward(self, x: Float[Tensor, "N H W"]) -> Float[Tensor, "N W H"]:
        return x * 2


class Refusing(nn.Module):
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        if x.numel() > 0:
            raise ValueError("nothing is good enough")
        return x
"""

# (model, how its warning begins)
WARNED = [
    ("Swapped", "warning: Swapped takes `H == W` only, and its annotation leaves `H` and `W` apart ("),
    (
        "Refusing",
        "warning: Refusing was not verified: no inputs were found that Refusing takes: for N=2 it says: ",
    ),
]


@pytest.mark.parametrize(("name", "text"), WARNED)
def test_a_warning_is_a_line_of_the_answer(
    run: Callable[..., Outcome], project: Path, name: str, text: str
) -> None:
    (project / "doubtful.py").write_text(MODEL)
    done = run("lower", f"doubtful:{name}", "-o", "m.pt")
    assert done.code == 0
    assert [one for one in done.out.splitlines() if one.startswith(text)]
    assert "UserWarning" not in done.err
