"""The guard stands inside of the one forward: any body takes it, and what is frozen still says what failed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Union

import pytest
import torch
from torch import Tensor, nn
from torch.jit import frontend
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import Float, Int, LowerError, checked
from namedtorch.lower.parsing import read_as, require_asked
from namedtorch.lower.torchscript import open_archive
from tests.lower.unverified import lower

FROZEN = """
import sys, warnings
warnings.simplefilter("ignore")
import torch
from torch import nn, Tensor
from namedtorch import Float, lower

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4), nn.ReLU())
        self.o = nn.Linear(4, 4)

    def forward(self, x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
        return self.o(self.f(x))

def frozen(turn):
    lowered = lower(Net(), verify=False)
    if turn % 2:
        return torch.jit.freeze(lowered.module)
    lowered.save(sys.argv[1])
    return torch.jit.freeze(torch.jit.load(sys.argv[1]))

for turn in range(30):
    model = frozen(turn)
    model(torch.ones(2, 4))
    try:
        model(torch.ones(2, 4).double())
    except RuntimeError as error:
        print("dtype" in str(error))
"""


def test_errors_in_frozen_models(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(FROZEN)
    done = subprocess.run(
        [sys.executable, str(script), "model.pt"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True"] * 30


class Early(nn.Module):
    def forward(self, x: Float[Tensor, "N 4"], flag: bool = False) -> Float[Tensor, "N 2"]:
        """Stays the first
        statement."""
        if flag:
            return x[:, :2]
        for i in range(3):
            if i == int(x.shape[0]):
                return x[:, 1:3]
            while x.sum() < 0:
                return x[:, :3]  # the line
        return x[:, 2:]


class Maybe(nn.Module):
    def forward(
        self, x: Float[Tensor, "N C"], mask: Optional[Float[Tensor, "N"]] = None
    ) -> Optional[Float[Tensor, "N C"]]:
        if mask is None:
            mask = torch.ones(x.shape[0] + 1)
            return None
        elif x.sum() > 100:  # noqa: RET505
            return  # noqa: RET502
        else:
            return x * mask[:, None]


class Several(nn.Module):
    def forward(
        self, x: Float[Tensor, "N C"]
    ) -> Tuple[Float[Tensor, "N"], List[Float[Tensor, "C"]], Dict[str, Float[Tensor, "N"]]]:
        if x.sum() > 0:
            return x.sum(1), [x.sum(0)], {"a": x.sum(1)}
        elif x.sum() < -5:  # noqa: RET505
            return x.sum(1), [], {}
        return x.sum(1), [x.sum(0), x.sum(1)], {"a": x.sum(1)}


class Alternatives(nn.Module):
    def forward(self, x: Float[Tensor, "N C"], n: int = 0) -> Union[Float[Tensor, "N"], Int[Tensor, "N C"]]:
        if n == 0:
            return x.sum(1)
        return x.long() if n == 1 else x.sum(0)


class Taken(nn.Module):
    """Has names of the guard's for its own."""

    def forward(self, x: Float[Tensor, "N C"], s1: Float[Tensor, "N"]) -> Float[Tensor, "*b"]:
        result = x
        s0 = d0 = s1.sum()
        list, len = 4, 5
        torch = x * len
        return result + s0 + d0 + list + torch


def group_agrees() -> int:
    return 7


class TakenOutside(nn.Module):
    def forward(self, x: Float[Tensor, "*b C"], y: Float[Tensor, "*#b C"]) -> Float[Tensor, "*b C"]:
        return x + y + group_agrees()


def x() -> int:
    return 4


class Renamed(nn.Module):
    """Is given a signature whose names mean something else here."""

    def forward(self, p: Tensor, q: Optional[Tensor] = None, k: int = 2) -> Tensor:
        y = p * k
        p = y + x()
        if q is not None:
            p = p + q[:, None]
        return p[: 1 if k == 3 else p.shape[0]]


class Overwritten(nn.Module):
    def forward(
        self, x: Optional[Float[Tensor, "N C"]] = None, y: Optional[Float[Tensor, "C"]] = None
    ) -> Tuple[Float[Tensor, "N"], Float[Tensor, "C"]]:
        if x is None:
            x = torch.zeros(7, 9)
        y = torch.zeros(9)  # noqa: F841
        return x.sum(1), x.sum(0)


class Record(NamedTuple):
    a_field_with_a_name_that_is_longer_than_what_follows_it_in_the_source: Float[Tensor, "N"]


class Short(nn.Module):
    def forward(self, x: Record) -> Record: return x  # fmt: skip


class Nothing(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> None:
        x.add_(1)


X = torch.arange(8.0).reshape(2, 4)

FITS: list[tuple[nn.Module, tuple[Any, ...]]] = [
    (Early(), (X,)),
    (Early(), (X, True)),
    (Early(), (torch.ones(3, 4),)),
    (Maybe(), (X,)),
    (Maybe(), (X, torch.ones(2))),
    (Maybe(), (X * 100, torch.ones(2))),
    (Several(), (X,)),
    (Several(), (-X,)),
    (Alternatives(), (X,)),
    (Alternatives(), (X, 1)),
    (Taken(), (X, torch.ones(2))),
    (TakenOutside(), (X, X[0])),
    (checked(Renamed(), "x: N C, y: N -> N C"), (X, torch.ones(2))),
    (checked(Renamed(), "y: N C, x: N -> N C"), (X,)),
    (Overwritten(), ()),
    (Overwritten(), (X, torch.ones(4))),
    (Overwritten(), (None, torch.ones(9))),
    (Short(), (Record(X[0]),)),
    (Nothing(), (X.clone(),)),
]


def forms(module: nn.Module, path: Path) -> list[Any]:
    """All that can become of a lowered module, the guard in it."""
    lowered = lower(module)
    lowered.save(path / "model.pt")
    loaded = open_archive(path / "model.pt")
    found = [lowered.module, torch.jit.freeze(lowered.module), loaded, torch.jit.freeze(loaded)]
    # The lite interpreter takes no records: it crashes, without a guard too.
    if not isinstance(module, Short):
        lowered.save(path / "model.ptl")
        found.append(_load_for_lite_interpreter(str(path / "model.ptl")))
    return found


@pytest.mark.parametrize(("module", "arguments"), FITS, ids=lambda one: type(one).__name__)
def test_bodies(module: nn.Module, arguments: tuple[Any, ...], tmp_path: Path) -> None:
    module.eval()
    expected = module(*arguments)
    for form in forms(module, tmp_path):
        result = form(*arguments)
        if isinstance(expected, Record):
            result, expected = tuple(result), tuple(expected)
        torch.testing.assert_close(result, expected) if expected is not None else None
        assert (result is None) == (expected is None)


REFUSED: list[tuple[nn.Module, tuple[Any, ...], str]] = [
    (Early(), (-X,), "`result` has size 3 at axis 1, but the annotation says 2"),
    (Maybe(), (X, torch.ones(3)), "`mask` has size 3 at axis 0, but `N` is 2"),
    (Several(), (-X / 20,), "`result[1][1]` has size 2 at axis 0, but `C` is 4"),
    (Alternatives(), (X, 2), "`result` has size 4 at axis 0, but `N` is 2"),
    (Taken(), (X, torch.ones(3)), "`s1` has size 3 at axis 0, but `N` is 2"),
    (TakenOutside(), (X, torch.ones(3, 4)), "`y` has the sizes [3] for `*#b`"),
    (checked(Renamed(), "x: N C, y: N -> N C"), (X, torch.ones(3)), "`y` has size 3 at axis 0, but `N` is 2"),
    (checked(Renamed(), "y: N C, x: N -> N C"), (X, None, 3), "`result` has size 1 at axis 0, but `N` is 2"),
    (Overwritten(), (None, torch.ones(3)), "`result[1]` has size 9 at axis 0, but `C` is 3"),
    (Short(), (Record(X),), "` has rank 2, but `N` has rank 1"),
    (Nothing(), (X[0],), "`x` has rank 1, but `N C` has rank 2"),
]


@pytest.mark.parametrize(("module", "arguments", "message"), REFUSED, ids=lambda one: type(one).__name__)
def test_refusals(module: nn.Module, arguments: tuple[Any, ...], message: str, tmp_path: Path) -> None:
    for form in forms(module.eval(), tmp_path):
        with pytest.raises((torch.jit.Error, RuntimeError)) as caught:
            form(*arguments)
        assert "namedtorch: " in str(caught.value)
        assert message in str(caught.value)


def test_arguments_have_the_names_of_the_signature() -> None:
    lowered = lower(checked(Renamed(), "x: N C, y: N -> N C"))
    expected = Renamed()(X, torch.ones(2), k=5)
    torch.testing.assert_close(lowered.module(x=X, y=torch.ones(2), k=5), expected)
    torch.testing.assert_close(lowered(x=X, y=torch.ones(2), k=5), expected)


def test_a_refused_result_shows_its_return() -> None:
    with pytest.raises(torch.jit.Error) as caught:
        lower(Early()).module(-X)
    line = 1 + Path(__file__).read_text().splitlines().index("                return x[:, :3]  # the line")
    assert f'File "{__file__}", line {line}, in forward' in str(caught.value)


def test_a_guard_that_torch_did_not_read_is_an_error() -> None:
    reading = read_as(forms, {})
    with pytest.raises(LowerError, match="no guard can be put in"):
        require_asked(reading)


def test_torch_reads_other_sources_as_before() -> None:
    parse: Any = vars(frontend)["parse_def"]
    lower(Early())
    assert vars(frontend)["parse_def"] is parse
    parsed = parse(group_agrees)
    assert parsed.source == "def group_agrees() -> int:\n    return 7\n"
    assert parsed.filename == __file__
