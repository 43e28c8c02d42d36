"""Verification: graphs that do what their originals do pass, and what others do is told."""

import copy
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import LowerError
from namedtorch.lower.drawing import examples_of, original_of
from namedtorch.lower.samples import Sample
from namedtorch.lower.verify import Verification, VerifyError, verify
from tests.lower import verify_models as models
from tests.lower.unverified import lower
from tests.lower.verify_models import manifest_of, traced


def verified(module: Any, train: bool = False) -> Verification:
    lowered = lower(module, train=train)
    return verify(lowered.module, module, lowered.manifest)


def refused(module: nn.Module, train: bool = False) -> VerifyError:
    with pytest.raises(VerifyError) as caught:
        verified(module, train)
    assert isinstance(caught.value, LowerError)
    return caught.value


def refused_trace(module: nn.Module, *inputs: Tensor) -> VerifyError:
    with pytest.raises(VerifyError) as caught:
        verify(traced(module, *inputs), module, manifest_of(module), traced=True)
    return caught.value


SAME: list[tuple[Callable[[], Any], str]] = [
    (models.MeanOfRows, "N=2 T=5 H=37; N=3 T=7 H=41; N=1 T=1 H=1"),
    (models.Windows, "N=2 T=5 C=7; N=3 T=7 C=12; N=1 T=1 C=1"),
    (models.Branch, "N=2 C=5; N=3 C=7; N=1 C=1"),
    (models.InPlace, "N=2 C=5; N=3 C=7; N=1 C=1"),
    (models.Cache, "T=5; T=7; T=1"),
    (models.Words, "N=2 T=5; N=3 T=7; N=1 T=1"),
    (models.Gathered, "N=2 T=5; N=3 T=7; N=1 T=1"),
    (models.NotANumber, "N=2 C=5; N=3 C=7; N=1 C=1"),
    (models.Unit, "N=2 C=5; N=3 C=7; N=1 C=1"),
    (lambda: models.centred, "N=2 C=5; N=3 C=7; N=1 C=1"),
]


@pytest.mark.parametrize(("make", "sizes"), SAME)
def test_a_graph_that_does_the_same_passes_at_unequal_sizes_and_at_1(
    make: Callable[[], Any], sizes: str
) -> None:
    found = verified(make())
    assert [one.sizes for one in found.comparisons] == sizes.split("; ")
    assert found.is_same
    assert not found.wider
    assert str(found).startswith("verified: ")
    assert sizes in str(found)


def test_groups_lists_records_and_optional_tensors_are_varied() -> None:
    sizes = [one.sizes for one in verified(models.Everything()).comparisons]
    assert sizes == [
        "H=37,41 N=2 *batch=(3)",
        "H=41,46 N=3 *batch=(6)",
        "H=1,1 N=1 *batch=(3)",
        "H=37,41 N=2 *batch=()",
        "H=37,41 N=2 *batch=(3 2)",
        "H=37,41 N=2 *batch=(3), optional tensors None",
    ]


DIFFERENT: list[tuple[type[nn.Module], str]] = [
    (models.Fails, "at N=2 C=5: it fails: ValueError: not here"),
    (models.OtherDtype, "at N=2 C=5: the result has the dtype float64, and was to have float32"),
    (models.OtherSizes, "at N=2 C=5: the result has the sizes (1, 5), and was to have (2, 5)"),
    (models.OtherKeys, "the result has 2 parts (the result['a'], the result['b']), and was to have 1 parts"),
    (models.OtherCount, "at N=2 C=5: the result[1] is 1, and was to be 2"),
    (models.OtherInPlace, "at N=2 C=5: argument 0 after the call is "),
    (models.ForgetfulCache, "the result of a second call has the sizes (5, 4), and was to have (10, 4)"),
    (models.OtherState, "at N=2 C=5: `count` after the calls is 4, and was to be 2 (float32)"),
]


@pytest.mark.parametrize(("owner", "message"), DIFFERENT)
def test_a_graph_that_does_something_else_is_told(owner: type[nn.Module], message: str) -> None:
    text = str(refused(owner()))
    assert text.startswith(
        f"{owner.__name__} was lowered to a graph that does not compute what the original does\n"
    )
    assert message in text
    assert text.endswith("verify=False leaves the comparison out")


def test_the_largest_difference_is_told_with_its_place() -> None:
    error = refused(models.Twice())
    (first, *_) = error.verification.comparisons
    x = torch.randn(2, 5, generator=torch.Generator().manual_seed(0))
    place = int(x.abs().argmax())
    (difference,) = first.differences
    assert difference == (
        f"the result is {2 * x.flatten()[place]:.6g} at [{place // 5}, {place % 5}], and was to be "
        f"{x.flatten()[place]:.6g} (float32, 10 of 10 numbers differ)"
    )
    assert first.largest == pytest.approx(float(x.abs().max()))
    assert error.verification.largest >= first.largest


def test_exported_methods_are_compared() -> None:
    error = refused(models.Exported())
    assert str(error).startswith("Exported.shifted was lowered to a graph that does not")
    assert {one.method: bool(one.differences) for one in error.verification.comparisons} == {
        "forward": False,
        "shifted": True,
    }


# Traces


def test_a_size_that_a_trace_baked_in_is_named() -> None:
    error = refused_trace(models.MeanOfRows(), torch.randn(2, 5, 37))
    assert str(error).startswith("trace fixed T=5: the signature leaves it free (MeanOfRows was lowered")
    assert "the same at N=2 T=5 H=37" in str(error)
    assert "write T=5 in the signature" in str(error)
    assert error.verification.fixed == (("T", 5),)


def test_a_loop_that_a_trace_unrolled_is_named() -> None:
    error = refused_trace(models.Windows(), torch.randn(2, 5, 7))
    assert error.verification.fixed == (("T", 5),)


def test_a_branch_that_a_trace_dropped_is_found_at_size_1() -> None:
    error = refused_trace(models.Branch(), torch.randn(2, 5))
    text = str(error)
    assert "at N=1 C=1: the result is 0 at [0, 0], and was to be " in text
    assert "the same at N=2 C=5; N=3 C=7" in text
    assert error.verification.fixed == ()
    assert 'method="auto"' in text


def test_a_trace_that_bakes_nothing_in_passes() -> None:
    module = models.InPlace()
    assert verify(traced(module, torch.randn(2, 5)), module, manifest_of(module), traced=True).is_same


# Training


def test_training_compares_gradients_and_running_statistics() -> None:
    found = verified(models.Normed().train(), train=True)
    sizes = "N=2 H=37 W=41; N=6 H=41 W=46; N=1 H=37 W=41; N=2 H=1 W=41; N=2 H=37 W=1"
    assert [one.sizes for one in found.comparisons] == sizes.split("; ")
    assert [one.partition(" (")[0] for one in found.wider] == [
        "the signature is wider than the code: not N=1 H=1 W=1"
    ]


def test_gradients_that_differ_are_told_in_training_alone() -> None:
    text = str(refused(models.NoGradient().train(), train=True))
    assert "the gradient of `linear.weight` is missing" in text
    assert "the gradient of `scale`" not in text
    assert verified(models.NoGradient()).is_same


# Random numbers


def test_what_the_original_gives_anew_in_each_call_is_not_compared() -> None:
    found = verified(models.NotSettled())
    assert found.is_same
    assert found.notes == ("values of NotSettled were not compared: the original gives others in each call",)


def test_random_numbers_that_are_drawn_in_another_order_are_not_compared() -> None:
    found = verified(models.DrawsOtherwise())
    assert found.is_same
    assert (
        "values of DrawsOtherwise were not compared: they are random, and the graph draws" in found.notes[0]
    )


# What originals refuse


WIDER: list[tuple[type[nn.Module], list[str]]] = [
    (models.Halved, ["H >= 32", "W >= 32"]),
    (models.Blocks, ["H must be a multiple of 8"]),
    (models.Square, ["H == W"]),
    (models.Positions, ["T <= 6"]),
    (models.Unproved, ["D == 12", "E == 6"]),
]


@pytest.mark.parametrize(("owner", "limits"), WIDER)
def test_sizes_that_the_original_refuses_are_told_as_limits(
    owner: type[nn.Module], limits: list[str]
) -> None:
    found = verified(owner())
    start = "the signature is wider than the code: "
    assert [one.removeprefix(start).partition(" (")[0] for one in found.wider] == limits
    assert all(one.startswith(start) for one in found.wider)
    assert found.is_same
    assert len(found.comparisons) >= 2


def test_what_the_original_says_stands_beside_the_limit() -> None:
    (limit,) = verified(models.Positions()).wider
    assert "(T=7: IndexError: index out of range in self)" in limit


def test_a_dim_of_one_size_is_told() -> None:
    notes = verified(models.Unproved()).notes
    assert notes == (
        "D was 12 in all calls: the original takes no other that was tried",
        "E was 6 in all calls: the original takes no other that was tried",
    )


def test_an_original_that_takes_nothing_is_not_verified() -> None:
    found = verified(models.Hopeless())
    assert found.comparisons == ()
    (note,) = found.notes
    assert note.startswith("not verified: no inputs were found that Hopeless takes: for N=2 C=5 it says: ")
    assert note.endswith(
        "ValueError: nothing is good enough; give inputs that it takes: example=lambda N, C: (...)"
    )
    assert str(found) == f"note: {note}"


def test_a_result_that_its_annotation_does_not_say_is_told() -> None:
    text = str(refused(models.Promises()))
    assert "namedtorch: `result` has size 5 at axis 1, but the annotation says 3" in text
    assert "a guard in the graph refuses what the original does: correct the annotation" in text


def test_arguments_that_a_hook_changes_are_not_drawn() -> None:
    module = models.Stacked()
    module.register_forward_pre_hook(models.transposed)
    found = verify(lower(models.Stacked()).module, module, manifest_of(module))
    assert found.comparisons == ()
    assert found.notes[0].startswith(
        "not verified: a hook changes the arguments of Stacked before forward gets them"
    )


def test_named_originals_are_called_under_their_names() -> None:
    module = models.Named()
    original = original_of(module, manifest_of(module).methods, False)
    x, bias = torch.randn(2, 5, 3), torch.randn(4, 3)
    found = original.method(module, "forward")(x, bias)
    assert type(found) is Tensor
    assert torch.equal(found, x.mean(1))
    assert isinstance(examples_of(module, manifest_of(module).methods, train=False)["forward"].first, Sample)


# What verification leaves behind


@pytest.mark.parametrize("guards", ["boundary", "none"])
def test_the_graph_is_as_if_it_had_not_run(guards: Any, tmp_path: Path) -> None:
    module = models.Stacked()
    lowered, untouched = lower(module, guards=guards), lower(module, guards=guards)
    verify(lowered.module, module, lowered.manifest)
    for one in (lowered, untouched):
        one.save(tmp_path / "stacked.ptl")
    x = torch.randn(3, 4)
    kinds = [[node.kind() for node in one.graph_for(x).nodes()] for one in (lowered, untouched)]
    assert kinds[0] == kinds[1]


def test_nothing_is_left_behind(capsys: pytest.CaptureFixture[str]) -> None:
    module = models.Noisy()
    lowered = lower(module)
    before = copy.deepcopy(module.state_dict())
    torch.manual_seed(3)
    state = torch.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verify(lowered.module, module, lowered.manifest)
    assert torch.equal(state, torch.get_rng_state())
    assert module.training
    assert {name: one.item() for name, one in module.state_dict().items()} == before == {"count": 0}
    assert lowered.module.count.item() == 0
    assert capsys.readouterr().out == ""


def test_a_verification_is_data_and_text() -> None:
    found = verified(models.Positions())
    assert found.to_dict() == {
        "name": "Positions",
        "comparisons": tuple(
            {"method": "forward", "sizes": sizes, "largest": 0.0, "differences": ()}
            for sizes in ("N=2 T=5", "N=3 T=6", "N=1 T=1")
        ),
        "wider": found.wider,
        "fixed": (),
        "notes": (),
        "warnings": (),
        "largest": 0.0,
        "is_same": True,
    }
    first, second = str(found).splitlines()
    assert first == "verified: Positions as the original at N=2 T=5; N=3 T=6; N=1 T=1 (equal in all digits)"
    assert second == f"note: {found.wider[0]}"
