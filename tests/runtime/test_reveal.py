"""`reveal_dims` prints what is there, where it is called, and gives the value back."""

import inspect
import io
import subprocess
import sys
from collections import namedtuple
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import torch

import namedtorch
from namedtorch import LowerError, lower, reveal_dims
from tests.lower.revealing import Asks, AsksOddly

Pair = namedtuple("Pair", "left right")

CASES = [
    (torch.zeros(8, 3, 32, 32), "float32 (8, 3, 32, 32)"),
    (torch.zeros(3, dtype=torch.int64), "int64 (3,)"),
    (torch.tensor(1.5, dtype=torch.float64), "float64 ()"),
    (torch.zeros(0, 2, dtype=torch.bool), "bool (0, 2)"),
    (torch.zeros(2, 3, device="meta"), "float32 (2, 3)"),
    (np.zeros((4, 5), dtype=np.float16), "float16 (4, 5)"),
    ([torch.zeros(2), torch.zeros(3)], "[float32 (2,), float32 (3,)]"),
    ((torch.zeros(2),), "(float32 (2,),)"),
    ((), "()"),
    ({"a": torch.zeros(2), "b": [np.ones(1)]}, "{'a': float32 (2,), 'b': [float64 (1,)]}"),
    (Pair(torch.zeros(2), None), "Pair(left=float32 (2,), right=None)"),
    (torch.zeros(4, 2).max(1), "(float32 (4,), int64 (4,))"),
    ([torch.zeros(1)] * 17, "[" + "float32 (1,), " * 16 + "... (17 items)]"),
    (torch.zeros(2, 3).shape, "(2, 3)"),
    (7, "7"),
    ("text", "str"),
    (torch.nn.ReLU(), "ReLU"),
]


@pytest.mark.parametrize(("value", "said"), CASES, ids=[said for _, said in CASES])
def test_prints_and_gives_back(value: object, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    frame = inspect.currentframe()
    assert frame is not None
    given, line = reveal_dims(value), frame.f_lineno
    assert given is value
    place, printed = capsys.readouterr().out.rstrip("\n").split(": reveal_dims: ")
    assert printed == said
    assert place.endswith(f"test_reveal.py:{line}")


def test_a_list_in_itself_ends(capsys: pytest.CaptureFixture[str]) -> None:
    held: list[object] = []
    held.append(held)
    reveal_dims(held)
    assert capsys.readouterr().out.rstrip().endswith("[[[[[[list]]]]]]")


def test_needs_no_torch(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nimport numpy\nfrom namedtorch import reveal_dims\n"
        "reveal_dims(numpy.zeros((2, 3)))\nassert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, program.name], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "program.py:4: reveal_dims: float64 (2, 3)\n"


def test_lowered_code_asks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    model = Asks()
    lowered = lower(model)
    assert str(lowered.signature) == "x: N C=3 -> N D"
    image = torch.randn(5, 3)
    capsys.readouterr()
    result = lowered(image)
    assert capsys.readouterr().out == ""
    with redirect_stdout(io.StringIO()) as printed:
        assert torch.equal(result, model(image))
    assert printed.getvalue().count("reveal_dims") == 8
    with pytest.raises(namedtorch.DimError):
        lowered(torch.randn(5, 4))


def test_what_is_no_plain_call_is_refused() -> None:
    with pytest.raises(LowerError, match=r"`reveal_dims` of namedtorch.*(?s:.*)revealing\.py"):
        lower(AsksOddly())
