"""Example inputs that an original takes: drawn in sizes and integers that it works with, or given by the user."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import LowerError
from namedtorch.lower.drawing import Examples, examples_of
from namedtorch.lower.given_example import Example
from namedtorch.lower.samples import Sample
from namedtorch.ops.index_values import INDEX_VALUES
from tests.lower import verify_models as models
from tests.lower.verify_models import manifest_of


def examples(module: nn.Module, example: Example | None = None) -> Examples:
    return examples_of(module, manifest_of(module).methods, train=False, example=example)["forward"]


def sizes(inputs: Any) -> list[tuple[int, ...]]:
    return [tuple(one.shape) for one in inputs[0]]


# Integers


def test_integers_stay_below_what_they_are_looked_up_in() -> None:
    found = examples(models.Words())
    assert isinstance(found.first, Sample)
    assert found.first.below == {"ids": 47, "kinds": 2, "target": 5}
    (ids, kinds, target, lengths), _ = found.at()
    assert 2 < int(ids.max()) < 47
    assert set(kinds.flatten().tolist()) == {0, 1}
    assert int(target.max()) < 5
    assert int(lengths.min()) >= 1


def test_an_index_into_the_call_itself_follows_its_sizes() -> None:
    found = examples(models.Gathered())
    seen = {int(one) for seed in range(1, 9) for one in found.at({"T": 3}, seed=seed)[0][1]}
    assert seen == {0, 1, 2}
    (_, last), _ = found.at({"T": 1})
    assert not last.any()


def test_every_row_of_indices_is_an_operator_of_torch() -> None:
    for name, row in INDEX_VALUES.items():
        overloads = getattr(torch.ops.aten, name.removeprefix("aten::"))
        schemas = [getattr(overloads, one)._schema for one in overloads.overloads()]
        known = [{one.name for one in schema.arguments} for schema in schemas]
        wanted = {row.index, row.into} | ({row.axis} if isinstance(row.axis, str) else set())
        assert any(wanted <= names for names in known), name


def test_the_table_of_indices_holds_what_torch_refuses() -> None:
    table, image = torch.randn(4, 3), torch.randn(2, 4, 3, 3)
    calls: Mapping[str, Any] = {
        "aten::embedding": lambda n: nn.functional.embedding(torch.tensor([n]), table),
        "aten::nll_loss_forward": lambda n: nn.functional.cross_entropy(table, torch.tensor([n, 0, 0, 0])),
        "aten::nll_loss2d_forward": lambda n: nn.functional.nll_loss(image, torch.full((2, 3, 3), n)),
        "aten::gather": lambda n: table.gather(1, torch.tensor([[n]])),
        "aten::index_select": lambda n: table.index_select(0, torch.tensor([n])),
        "aten::take": lambda n: table.take(torch.tensor([n])),
        "aten::index": lambda n: table[:, torch.tensor([n])],
    }
    sizes = {"aten::nll_loss_forward": 3, "aten::gather": 3, "aten::take": 12, "aten::index": 3}
    for name, call in calls.items():
        assert name in INDEX_VALUES
        size = sizes.get(name, 4)
        call(size - 1)
        with pytest.raises((IndexError, RuntimeError)):
            call(size)


# Sizes


def test_sizes_are_searched_for() -> None:
    found = examples(models.Unproved())
    assert found.sizes == {"N": 3, "T": 7, "D": 12, "E": 6}
    assert sizes(found.at({"N": 8})) == [(8, 7, 12), (8, 6)]
    with pytest.raises(LowerError, match=r"^Unproved does not take N=3 T=7 D=12 E=5: RuntimeError: "):
        found.at({"E": 5})


def test_inputs_are_new_each_time() -> None:
    found = examples(models.InPlace())
    first, second = found.at()[0][0], found.at()[0][0]
    assert torch.equal(first, second)
    assert first.data_ptr() != second.data_ptr()


def test_floats_between_0_and_1_are_tried() -> None:
    (x,), _ = examples(models.Unit()).at()
    assert 0 <= float(x.min()) <= float(x.max()) <= 1


def test_an_original_that_takes_nothing_is_told() -> None:
    with pytest.raises(LowerError) as caught:
        examples(models.Hopeless()).at()
    assert str(caught.value) == (
        "no inputs were found that Hopeless takes: for N=2 C=5 it says: ValueError: nothing is good enough; give "
        "inputs that it takes: example=lambda N, C: (...)"
    )


# The user's


def test_a_function_gives_inputs_for_any_sizes() -> None:
    found = examples(models.Gathered(), lambda N, T: (torch.ones(N, T), torch.full((N,), T - 1)))
    assert found.sizes == {"N": 2, "T": 5}
    (x, last), _ = found.at({"N": 4, "T": 9})
    assert x.shape == (4, 9)
    assert last.tolist() == [8, 8, 8, 8]


def test_a_function_may_take_some_of_the_sizes_or_all() -> None:
    found = examples(models.Gathered(), lambda N: (torch.ones(N, 6), torch.zeros(N, dtype=torch.int64)))
    assert found.sizes == {"N": 2, "T": 6}
    assert found.sampler.free == ("N",)

    def every(**sizes: int) -> tuple[Tensor, Tensor]:
        return torch.ones(sizes["N"], sizes["T"]), torch.zeros(sizes["N"], dtype=torch.int64)

    assert examples(models.Gathered(), every).sampler.free == ("N", "T")


def test_arguments_are_one_example_at_their_own_sizes() -> None:
    given = torch.ones(3, 11)
    for example in (given, (given,), ((given,), {}), ((), {"x": given})):
        found = examples(models.InPlace(), example)
        assert found.sizes == {"N": 3, "C": 11}
        args, kwargs = found.at()
        assert torch.equal(args[0] if args else kwargs["x"], given)
        assert sizes(found.at({"N": 5})) == [(5, 11)]
    # A call that changes its arguments does not change the user's.
    assert torch.equal(given, torch.ones(3, 11))


WRONG: list[tuple[Example, str]] = [
    (
        lambda N, t: torch.ones(N, t),
        "the example of InPlace takes `t`, which is no dim of `x: N C -> N C`; its dims are `N`, `C`",
    ),
    (
        lambda *sizes: torch.ones(2, 3),
        "the example of InPlace takes *sizes, and sizes go by name: write lambda N, C: (...)",
    ),
    (
        lambda N, C: torch.ones(2, C),
        "gives inputs with `N`=2, and was to give `N`=3: use `N` for the size",
    ),
    (
        torch.ones(3),
        "the example of InPlace does not fit `x: N C -> N C`: `x` has rank 1, but `N C` has rank 2",
    ),
    (
        (torch.ones(3, 2), 5),
        "the example of InPlace does not fit `x: N C -> N C`: too many positional arguments",
    ),
    (torch.ones(3, 2, dtype=torch.int64), "does not fit `x: N C -> N C`: `x` has dtype int64"),
]


@pytest.mark.parametrize(("example", "message"), WRONG)
def test_an_example_that_does_not_fit_is_told(example: Example, message: str) -> None:
    with pytest.raises(LowerError) as caught:
        examples(models.InPlace(), example).at({"N": 3})
    assert message in str(caught.value)
