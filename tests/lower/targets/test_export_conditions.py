"""What a graph holds under conditions that torch lets pass: told in dims, with the line, or known to do no harm."""

import re
from pathlib import Path

import pytest
import torch
from torch import nn

from namedtorch import DimError, LowerError, load
from namedtorch import lower as verified
from namedtorch.lower.verify import VerifyError
from tests.lower.targets import conditional_models as models
from tests.lower.targets.test_export_refusals import line, said
from tests.lower.unverified import lower

TAKEN_ONCE = (
    "  a loop over a size is unrolled, and a branch on one is taken once: compute it without, or lower the model to "
    "TorchScript, which keeps both"
)

# (model, the condition, where it fails and how, the line)
CONDITIONS: list[tuple[type[nn.Module], str, str, str]] = [
    (models.SameLength, "T != S", "at N=2 T=7 S=7 the result is ", "if x.shape[1] == y.shape[1]"),
    (models.FewNumbers, "N*T <= 100", "at N=21 T=5 the result is ", "x.numel() > 100"),
    (models.SomeLengths, "T != 16, T != 777", "at N=2 T=777 the result is ", "in (16, 777)"),
    (models.HalfLengths, "T != 777", "at N=2 T=777 the result is ", "x.shape[1] == 777"),
    (models.NativeSize, "H//4 != 4", "at N=2 H=19 W=19 the result is ", "patches == (4, 4)"),
]


@pytest.mark.parametrize(("owner", "where", "shown", "text"), CONDITIONS)
def test_a_condition_on_sizes_is_told_in_dims(
    owner: type[nn.Module], where: str, shown: str, text: str
) -> None:
    told = said(owner())
    for condition in where.split(", "):
        assert f"the graph holds for `{condition}` only: at " in told
    assert shown in told
    assert line(owner, text) in told
    assert told.endswith(
        f'\n  write `where {where}` in the annotation, or lower(model, to="export", where="{where}")\n{TAKEN_ONCE}'
    )
    exported = verified(owner(), to="export", where=where)
    assert exported.report.verification is not None
    assert str(exported.signature).endswith(f"where {where}")


def test_what_the_model_itself_refuses_is_told_as_its_own() -> None:
    told = said(models.Unequal())
    assert "the model takes `T != S` only: for N=2 T=7 S=7 the model says: AssertionError: one length" in told
    assert told.endswith('lower(model, to="export", where="T != S")')


def test_a_size_that_python_computed_with_is_tried_far_off() -> None:
    told = said(models.Rooted())
    assert "the graph has `T=5` as a constant: at N=2 T=1025 the result is " in told
    assert line(models.Rooted, "math.sqrt") in told


def test_a_condition_that_does_no_harm_is_left_out_of_the_file(tmp_path: Path) -> None:
    lower(models.Harmless(), to="export").save(tmp_path / "harmless.pt2")
    x = torch.randn(3, 64)
    torch.testing.assert_close(load(tmp_path / "harmless.pt2")(x), x * 2)
    torch.testing.assert_close(torch.export.load(tmp_path / "harmless.pt2").module()(x), (x * 2,))


def test_one_size_for_torch_is_a_bound_where_the_model_refuses_one_side() -> None:
    told = said(models.Unfolded())
    assert "the model takes `T >= 4` only: for N=2 T=3 the model says: RuntimeError: maximum size" in told
    exported = lower(models.Unfolded(), to="export", where="T >= 4")
    x = torch.randn(3, 11)
    torch.testing.assert_close(exported(x), x.unfold(1, 4, 2))


def test_one_size_for_torch_alone_is_a_note() -> None:
    exported = lower(models.Blocks(), to="export")
    (note,) = exported.report.notes
    assert re.fullmatch(
        r"torch\.export\.load, and what compiles the file, take `a == \d+, b == \d+, c == \d+, d == \d+` only, since "
        r"torch assumes that it is; namedtorch\.load takes other sizes",
        note,
    )
    x, y = torch.randn(3, 9), torch.randn(1, 4)
    torch.testing.assert_close(exported(x, y), torch.kron(x, y))


def test_a_size_less_something_is_derived() -> None:
    exported = lower(models.Before(), to="export")
    assert str(exported.signature) == "x: N T-1, y: N T -> N 2*T-1"
    assert exported(torch.zeros(2, 8), torch.zeros(2, 9)).shape == (2, 17)
    with pytest.raises(DimError, match="`x` has size 8 at axis 1, but `T-1` is 7"):
        exported(torch.zeros(2, 8), torch.zeros(2, 8))


def test_one_dim_of_1_by_itself_is_compared() -> None:
    with pytest.raises(VerifyError) as caught:
        verified(models.OneRow(), to="export")
    assert "\n  at N=1 T=5: the result is 0 " in str(caught.value)
    assert "the same at N=2 T=5; N=3 T=7; N=1 T=1\n" in str(caught.value)


def test_what_was_transposed_is_put_in_order_in_the_graph(tmp_path: Path) -> None:
    exported = verified(models.Viewed(), to="export")
    assert "N=2 T=5, stored in another order" in str(exported.report)
    exported.save(tmp_path / "viewed.pt2")
    x = torch.randn(5, 3).t()
    for model in (exported, load(tmp_path / "viewed.pt2")):
        torch.testing.assert_close(model(x), x.reshape(-1) * 2)


def test_a_branch_on_strides_is_told() -> None:
    with pytest.raises(VerifyError) as caught:
        verified(models.Ordered(), to="export")
    assert "\n  at N=2 T=5, stored in another order: the result is " in str(caught.value)
    assert str(caught.value).endswith(
        "torch.export traces contiguous tensors, and keeps what the code asks of strides: compute without stride() and "
        "is_contiguous(), or write into the annotation how the tensors are stored, to which calls are held "
        "(`N T @ N T`); verify=False leaves the comparison out"
    )


def test_an_order_in_the_annotation_is_held() -> None:
    exported = verified(models.InOrder(), to="export")
    assert exported(torch.ones(2, 3)).tolist() == torch.full((2, 3), 2.0).tolist()
    with pytest.raises(DimError):
        exported(torch.ones(3, 2).t())


def test_a_list_that_a_call_changes_is_told_once() -> None:
    with pytest.raises(VerifyError) as caught:
        verified(models.Appending(), to="export")
    text = str(caught.value)
    assert text.count("\n  at N=2 T=5: argument 0 after the call has 2 parts ") == 1
    assert text.endswith(
        "a call puts tensors into a list or dict that it is given, or takes them out, and a graph of torch.export "
        "can't: change a copy (list(xs), dict(xs)), or lower the model to TorchScript"
    )


def test_a_part_that_is_called_as_a_word_of_python() -> None:
    assert said(models.Reserved()) == (
        "Reserved can't be exported: `class` in `heads.class.weight` is a word of Python, and torch writes a graph in "
        "Python; give the part another name (`class_`)"
    )


def test_a_buffer_that_is_called_as_what_graphs_have() -> None:
    assert said(models.Codebook()) == (
        "Codebook can't be exported: `code` in `code` is what torch's module of a graph has itself under this name; "
        "give the part another name (`code_`)"
    )


def test_a_refusal_for_another_reason_is_no_demand() -> None:
    # At H=3 W=8 the annotation is wrong, whatever torch says of H=3.
    assert lower(models.Swapped(), to="export")(torch.zeros(2, 6, 6)).shape == (2, 3, 3)


def test_a_size_where_torch_wants_a_plain_value() -> None:
    told = said(models.Attending())
    assert (
        "argument 'is_causal' must be bool, not SymBool; a size, and what is computed of one, is no plain "
        in told
    )
    assert told.endswith(line(models.Attending, "is_causal=causal"))
    told = said(models.PlainlyAttending())
    assert "the graph holds for `T != S` only: at " in told


def test_what_was_asked_stays_in_what_is_proposed() -> None:
    told = said(models.SameLength(), where="N <= 4, T <= 9")
    assert told.splitlines()[-2] == (
        '  write `where T != S` in the annotation, or lower(model, to="export", where="N <= 4, T <= 9, T != S")'
    )


def test_a_bound_on_what_is_left_out() -> None:
    assert said(models.Context(), where="N <= 8, L <= 9") == (
        'where="L <= 9" is about `L`, which only an argument has that is None in the file of Context '
        "(`x: N D, context: None = None -> N D where N <= 8, L <= 9`): leave it out, or give the argument by example="
    )
    x = torch.ones(2, 3)
    given = lower(models.Context(), to="export", where="L <= 9", example=(x, torch.ones(2, 5)))
    assert str(given.signature) == "x: N D, context: N L -> N D where L <= 9"


def test_bounds_that_leave_few_sizes_leave_two_of_each_dim() -> None:
    verification = verified(
        models.Towers(), to="export", where="Q <= 8, D <= 8, A <= 8, B <= 8"
    ).report.verification
    assert verification is not None
    assert verification.to_dict()["notes"] == ()
    sizes = [one["sizes"] for one in verification.to_dict()["comparisons"]]
    assert {part for one in sizes for part in one.split(",")[0].split() if part.startswith("D=")} == {
        "D=3",
        "D=4",
    }


def test_what_torch_can_not_write_is_told_with_the_line(tmp_path: Path) -> None:
    exported = lower(models.Rounded(), to="export")
    with pytest.raises(LowerError) as caught:
        exported.save(tmp_path / "rounded.pt2")
    assert "torch.export can't write this program (Failed serializing node round" in str(caught.value)
    assert str(caught.value).endswith(line(models.Rounded, "round(x.shape[1] / 3)"))
