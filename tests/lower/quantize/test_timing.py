"""What of a quantized model is called how often, with which inputs; and what its parts weigh."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, Int
from namedtorch.diagnostics import LowerError
from namedtorch.lower.quantize.footprint import footprint
from namedtorch.lower.quantize.latency_rows import Form, Latency
from namedtorch.lower.quantize.machine import machine
from namedtorch.lower.quantize.timing import BURN_IN, latency


class Head(nn.Module):
    """A linear layer over features."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(4, 6)

    def forward(self, x: Float[Tensor, "N T 4"]) -> Float[Tensor, "N T 6"]:
        return self.body(x)


class Single(Head):
    """The same for one sample."""

    def forward(self, x: Float[Tensor, "4"]) -> Float[Tensor, "6"]:
        return self.body(x)


class Fours(Head):
    """The same for batches of four only."""

    def forward(self, x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 6"]:
        if len(x) != 4:
            raise ValueError("batches of 4, please")
        return self.body(x)


class Spy:
    """A callable that keeps the sizes that it was called with."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.sizes: list[tuple[int, ...]] = []
        self.threads: set[int] = set()
        self.gradients = False

    def __call__(self, x: Tensor) -> Any:
        self.sizes.append(tuple(x.shape))
        self.threads.add(torch.get_num_threads())
        self.gradients = self.gradients or torch.is_grad_enabled()
        return self.model(x)


def timed(
    model: nn.Module, samples: Sequence[Any], batch_sizes: Sequence[int] | None = None, **asked: Any
) -> tuple[Latency, dict[Form, Spy]]:
    made: Any = namedtorch.quantize(model.eval(), "dynamic", progress=False)
    spies = {Form.FLOAT_EAGER: Spy(made.float_module), Form.QUANTIZED_EAGER: Spy(made.module)}
    asked = {"rounds": 4, "threads": 1, "budget": 60.0, **asked}
    found = latency(made, spies, [((one,), {}) for one in samples], batch_sizes=batch_sizes, **asked)
    return found, spies


def test_batches_are_samples_of_that_size_or_drawn_like_them() -> None:
    found, spies = timed(Head(), [torch.randn(3, 5, 4), torch.randn(2, 7, 4)], (2, 6))
    assert [row.sizes for row in found.rows] == [{"N": 2, "T": 7}, {"N": 6, "T": 5}]
    assert [row.samples for row in found.rows] == [2, 6]
    assert [found.label(row) for row in found.rows] == ["N=2 T=7", "N=6 T=5"]
    for spy in spies.values():
        assert list(dict.fromkeys(spy.sizes)) == [(2, 7, 4), (6, 5, 4)]


def test_sizes_of_other_dims_are_those_that_are_asked_for() -> None:
    found, _ = timed(Head(), [torch.randn(3, 5, 4)], (1, 2), sizes={"T": 9})
    assert [row.sizes for row in found.rows] == [{"N": 1, "T": 9}, {"N": 2, "T": 9}]
    found, _ = timed(Head(), [torch.randn(3, 5, 4)], sizes={"N": 3})
    assert [row.sizes for row in found.rows] == [{"N": 3, "T": 5}]
    with pytest.raises(LowerError) as caught:
        timed(Head(), [torch.randn(3, 5, 4)], sizes={"H": 9})
    assert str(caught.value) == (
        "sizes gives one of `H`, which is no free dim of `x: N T 4 -> N T 6`; free are: `N`, `T`"
    )


def test_sizes_that_all_rows_share_are_told_once() -> None:
    found, _ = timed(Head(), [torch.randn(3, 5, 4)], (1, 2))
    assert (found.batch, found.common) == ("N", {"T": 5})
    assert [found.label(row) for row in found.rows] == ["N=1", "N=2"]


def test_all_forms_are_called_equally_often_without_gradients() -> None:
    before = torch.get_num_threads()
    found, spies = timed(Head(), [torch.randn(3, 5, 4)], (3,), rounds=6, threads=2)
    (row,) = found.rows
    for form, spy in spies.items():
        timing = row.times[form]
        assert len(timing.seconds) == 6
        assert len(spy.sizes) == 2 + BURN_IN + 6 * timing.calls
        assert (spy.threads, spy.gradients) == ({2}, False)
    assert torch.get_num_threads() == before
    low, high = row.before.quartiles
    assert 0 < low <= row.before.median <= high
    assert row.speed == row.speed_over_eager > 0


def test_a_model_without_a_batch_has_one_row() -> None:
    found, spies = timed(Single(), [torch.randn(4)])
    assert [(row.sizes, row.samples, found.label(row)) for row in found.rows] == [({}, 1, "-")]
    assert found.to_dict()["batch_dim"] is None
    assert set(spies[Form.FLOAT_EAGER].sizes) == {(4,)}
    with pytest.raises(LowerError) as caught:
        timed(Single(), [torch.randn(4)], (1, 8))
    assert str(caught.value) == (
        "batch_sizes=(1, 8) are sizes of a batch dim, and the first axis of the first tensor of `x: 4 -> 6` is no free "
        "dim: leave them out"
    )


def test_sizes_that_a_model_refuses_are_left_out_and_the_samples_own_taken() -> None:
    found, _ = timed(Fours(), [torch.randn(4, 4)])
    assert [row.sizes for row in found.rows] == [{"N": 4}]
    assert [one.sizes for one in found.left] == [{"N": 1}, {"N": 8}]
    assert all("batches of 4, please" in one.why for one in found.left)
    with pytest.raises(LowerError, match=r"the latency can't be measured with N=3: .*batches of 4, please"):
        timed(Fours(), [torch.randn(4, 4)], (4, 3))


def test_a_size_that_takes_too_long_is_left_out_unless_it_is_asked_for() -> None:
    found, _ = timed(Head(), [torch.randn(3, 5, 4)], budget=0.0)
    assert [row.sizes["N"] for row in found.rows] == [1]
    (left,) = found.left
    assert left.sizes == {"N": 8}
    assert left.why.startswith("a call of each form takes ")
    assert left.why.endswith("; measured(batch_sizes=(8,)) takes the time for it")
    found, _ = timed(Head(), [torch.randn(3, 5, 4)], (1, 8), budget=0.0)
    assert [(row.sizes["N"], len(row.before.seconds)) for row in found.rows] == [(1, 4), (8, 4)]


class Words(nn.Module):
    """An embedding and a GRU."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(40, 8)
        self.gru = nn.GRU(8, 8)
        self.head = nn.Linear(8, 2)
        self.tied = self.head

    def forward(self, ids: Int[Tensor, "T N"]) -> Float[Tensor, "N 2"]:
        return self.head(self.gru(self.words(ids))[0][-1])


@pytest.mark.parametrize(("dtype", "halved"), [("int8", 4), ("float16", 2)])
def test_packed_weights_count_as_what_they_are_held_in(dtype: str, halved: int) -> None:
    model = Words().eval()
    numbers = sum(one.numel() for one in model.parameters())
    biases = 24 + 24 + 2
    before = footprint(model, None, ())
    assert (before.numbers, before.memory) == (numbers, 4 * numbers)
    made: Any = namedtorch.quantize(model, "dynamic", dtype=dtype, per_channel=False, skip=["words"])
    after = footprint(made.body, None, ())
    assert after.numbers == numbers
    kept = 40 * 8 + biases
    assert after.memory == 4 * kept + 4 // halved * (numbers - kept)


def test_files_are_weighed_and_what_has_none_says_why() -> None:
    made: Any = namedtorch.quantize(Head().eval(), "dynamic")
    lowered = namedtorch.lower(made, verify=False)
    found = footprint(made.body, lowered, (".pt", ".xyz"))
    assert found.files.keys() == {".pt"}
    assert found.files[".pt"] > found.memory
    assert found.unsaved[".xyz"].startswith("can't save 'model.xyz'")


def test_a_machine_says_what_counts() -> None:
    found = machine("qnnpack", 3)
    assert torch.__version__ in str(found)
    assert "engine qnnpack, 3 threads" in str(found)
    assert found.to_dict().keys() == {
        *("processor", "cores", "capability", "system", "torch_version", "engine", "threads")
    }
