"""Lowering leaves the user's objects, and the process, as they were."""

import contextlib
import gc
import linecache
import threading
import weakref
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from namedtorch import Float, LowerError, checked
from tests.lower.unverified import lower


def helper(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    return x * 2


class Registered(nn.Module):
    made: ClassVar[list[str]] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Registered.made.append(cls.__name__)


class Kept(Registered):
    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Dropout()
        self.fn = helper

    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return self.part(helper(x))


class Refused(Kept):
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return torch.from_numpy(helper(x).numpy())


def _users_files() -> set[str]:
    """The files that linecache holds, but for those of torch: its own parser asks for them."""
    return {name for name in linecache.cache if not name.startswith(str(Path(torch.__file__).parent))}


@pytest.mark.parametrize("owner", [Kept, Refused])
def test_objects_and_files_stay_as_they_were(owner: type[nn.Module]) -> None:
    model = owner()
    before = dict(vars(model))
    text = linecache.getlines(__file__)
    entries = _users_files()
    names, functions = dict(globals()), dict(vars(owner))
    annotations = dict(helper.__annotations__)
    with contextlib.nullcontext() if owner is Kept else pytest.raises(LowerError):
        lower(model)
    assert type(model) is owner
    assert vars(model) == before
    assert model.training
    assert model.part.training
    assert dict(vars(owner)) == functions
    assert globals() == names
    assert helper.__annotations__ == annotations
    assert linecache.getlines(__file__) == text
    assert _users_files() == entries
    assert Registered.made == ["Kept", "Refused"]


def test_parameters_are_copies() -> None:
    @checked
    class Holding(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))

        def forward(self, x: Float[Tensor, "3"]) -> Float[Tensor, "3"]:
            return x * self.weight

    model = Holding()
    lowered = lower(model)
    with torch.no_grad():
        model.weight += 1
    torch.testing.assert_close(lowered(torch.ones(3)), torch.ones(3))


def test_nothing_is_kept_when_the_result_is_gone() -> None:
    class Large(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))

        def forward(self, x: Float[Tensor, "3"]) -> Float[Tensor, "3"]:
            return x * self.weight

    def count() -> int:
        gc.collect()
        return sum(issubclass(type(one), type) and one.__name__ == "Large" for one in gc.get_objects())

    model = Large()
    lowered = lower(model)
    kept = weakref.ref(lowered)
    del lowered
    before = count()
    for _ in range(3):
        lower(model)
    assert kept() is None
    assert count() == before


def test_builtins_that_are_gone_do_not_stand_for_functions() -> None:
    """torch keeps the ids of operators that were freed; the object that gets such an id is not that operator."""
    table = torch.jit._builtins._get_builtin_table()
    table[id(helper)] = "aten::neg"
    torch.testing.assert_close(lower(Kept())(torch.ones(2)), torch.full((2,), 2.0))
    torch.testing.assert_close(lower(helper)(torch.ones(2)), torch.full((2,), 2.0))
    assert id(helper) not in table
    assert table[id(torch.relu)] == "aten::relu"


def test_threads_lower_at_once() -> None:
    results: list[Any] = []

    def work() -> None:
        results.append(lower(Kept())(torch.ones(2)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(results) == 4
    for one in results:
        torch.testing.assert_close(one, torch.full((2,), 2.0))
