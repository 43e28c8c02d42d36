"""What a model takes and gives, whatever its form: flat in the program, and as it was for who calls it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, load, named
from namedtorch.archive.interface import Fixed, Length
from namedtorch.lower.targets.exported import Exported
from namedtorch.lower.verify.comparison import differences
from tests.lower.targets import forms
from tests.lower.unverified import lower


def of(*sizes: int) -> Tensor:
    return torch.randn(sizes, generator=torch.Generator().manual_seed(sum(sizes)))


STATE = forms.State(of(3, 4), of(3, 4))

# (model, arguments by position and by keyword, signature, inputs, outputs)
Case = tuple[Callable[[], Any], tuple[Any, ...], Mapping[str, Any], str, str, str]
CASES: list[Case] = [
    (
        forms.Recurrent,
        (of(3, 4), STATE),
        {"scale": 2.0},
        "x: N D=4, state: State(h: N D, c: N D), scale: float = 2.0 -> N D, State(h: N D, c: N D)",
        "x state_h state_c",
        "output_0 output_1_c",
    ),
    (
        forms.Images,
        ([of(3, 5, 6), of(3, 7, 4)], {"a": of(3), "b": of(3)}),
        {},
        "images: list[C=3 ?H ?W], gains: dict[str, C] -> list[C ?H ?W]",
        "images_0 images_1 gains_a gains_b",
        "output_0 output_1",
    ),
    (
        forms.Batched,
        (of(6, 4), of(6, 4)),
        {},
        "x: batch D=4, shift: batch D -> batch 5",
        "x shift",
        "output",
    ),
    (
        forms.Aligned,
        (of(2, 3, 5), of(3)),
        {},
        "x: a C b, mean: C -> a C b",
        "x mean",
        "output",
    ),
    (forms.Patterned, (of(2, 3, 6),), {}, "x: N T D=6 -> N T", "x", "output"),
    (
        forms.Chosen,
        (of(3, 4), 2.0),
        {},
        "x: N C, scale: float = 2.0, mask: None = None -> dict[str, Any]",
        "x",
        "y",
    ),
    (
        forms.Derived,
        (of(2, 4), of(2, 8), of(5)),
        {},
        "x: N T, y: N 2*T, z: T+1 -> N 3*T",
        "x y z",
        "output",
    ),
    (
        forms.Flattening,
        (of(2, 12), of(3, 4)),
        {},
        "x: N (h w), weight: h w -> N (h w)",
        "x weight",
        "output",
    ),
    (
        forms.Several,
        (of(3, 4), of(3, 4)),
        {"a": of(3, 4), "b": of(3, 4)},
        "*xs: N D, **ys: N D -> N D",
        "xs_0 xs_1 ys_a ys_b",
        "output",
    ),
    (
        forms.Recorded,
        (of(3, 4),),
        {},
        "x: N K -> Scored(scores: N K, count: int)",
        "x",
        "scores",
    ),
    (forms.Counting, (of(2, 3),), {}, "x: N C=3 -> N C", "x", "output"),
    (forms.Typed, (of(2, 3),), {}, "x: N C, dtype: dtype = torch.float64 -> N C", "x", "output"),
    (
        lambda: forms.product,
        (of(2, 3), of(3, 5)),
        {},
        "x: N C, weight: C K -> N K",
        "x weight",
        "output",
    ),
    (lambda: forms.summed, (of(2, 3),), {}, "x: N C -> N", "x", "output"),
]


def plain(make: Callable[[], Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """What the original gives, in plain tensors."""
    model = make()
    if isinstance(model, forms.Aligned):
        result = model(named(args[0], "a C b"), named(args[1], "C"))
        return result.tensor
    if isinstance(model, forms.Patterned):
        return model(named(args[0], "N T D")).tensor
    if model is forms.summed:
        return args[0].sum(1)
    return model(*args, **kwargs)


@pytest.mark.parametrize("case", CASES, ids=lambda one: one[0]().__class__.__name__)
def test_is_flat_inside_and_itself_outside(case: Case) -> None:
    make, args, kwargs, signature, inputs, outputs = case
    torch.manual_seed(0)
    exported = lower(make(), to="export")
    assert str(exported.signature) == signature
    interface = exported.manifest.interface
    assert interface is not None
    assert [one.name for one in interface.inputs] == inputs.split()
    assert list(interface.outputs) == outputs.split()
    assert [str(one) for one in exported.program.graph_signature.user_inputs] == inputs.split()
    torch.manual_seed(0)
    expected = plain(make, args, kwargs)
    assert [str(one) for one in differences(expected, exported(*args, **kwargs), "it")] == []


def test_a_buffer_goes_on_from_call_to_call() -> None:
    exported = lower(forms.Counting(), to="export")
    assert [float(exported(torch.zeros(1, 3))[0, 0]) for _ in range(3)] == [2.0, 4.0, 6.0]
    assert exported.report.notes == ("`other` is not in the file: an exported program has forward alone",)


def test_the_model_given_stays_as_it_is() -> None:
    model = forms.Counting().train()
    lower(model, to="export")
    assert model.training
    assert float(model.calls.sum()) == 0


def test_weights_keep_their_paths() -> None:
    exported = lower(forms.Classifier(), to="export")
    assert {*exported.program.state_dict} == {*forms.Classifier().state_dict()}
    assert {*exported.manifest.state} == {*exported.program.state_dict}


def test_dtypes_and_alternatives_are_those_of_the_example() -> None:
    exported = lower(forms.Chosen(), to="export", example=(torch.arange(3), 0.5))
    assert str(exported.signature) == "x: N, scale: float = 0.5, mask: None = None -> dict[str, Any]"
    assert [one.family.name for one in exported.signature.tensors] == ["Int64"]
    assert exported(torch.arange(3))["y"].tolist() == [0.0, 0.5, 1.0]
    with pytest.raises(DimError, match="`x` has dtype float32, but the annotation says Int64"):
        exported(torch.ones(3))


def test_what_has_none_for_a_default_is_left_out_unless_the_example_gives_it() -> None:
    lean = lower(forms.Chosen(), to="export")
    note = "  note: `mask` is None in the file, which takes no other value: an example= that gives it makes it an input"
    assert note in str(lean.report).splitlines()
    full = lower(forms.Chosen(), to="export", example=(of(3, 4), 2.0, of(3)))
    assert [one.name for one in full.manifest.interface.inputs] == ["x", "mask"]
    assert full(of(5, 4), mask=torch.zeros(5))["y"].tolist() == torch.zeros(5, 4).tolist()
    with pytest.raises(DimError, match=r"^`mask` is None, but the annotation asks for a Tensor"):
        full(of(3, 4), mask=None)


def test_groups_are_the_axes_of_the_example() -> None:
    exported = lower(
        forms.Batched(),
        to="export",
        example=(of(3, 2, 4), of(1, 4)),
    )
    assert str(exported.signature) == "x: batch_0 batch_1 D=4, shift: 1 D -> batch_0 batch_1 5"
    assert exported(of(2, 9, 4), of(1, 4)).shape == (2, 9, 5)


def test_sizes_out_of_arguments_and_attributes_are_constants() -> None:
    exported = lower(forms.Sized(), to="export", example=(of(2, 4, 3), 4))
    assert str(exported.signature) == "x: N count=4 hidden=3, count: int -> N count=4"
    assert exported(of(5, 4, 3), 4).shape == (5, 4)
    with pytest.raises(DimError) as caught:
        exported(of(5, 4, 3), 5)
    assert str(caught.value) == "`count` is 4 in this file, which fixed it when it was exported; got 5"


# (model, arguments, keywords, what is said)
WRONG: list[tuple[Callable[[], nn.Module], tuple[Any, ...], dict[str, Any], str]] = [
    (
        forms.Recurrent,
        (of(3, 4), STATE),
        {"scale": 3.0},
        "`scale` is 2.0 in this file, which fixed it when it was ",
    ),
    (forms.Recurrent, (of(3, 5), STATE), {}, "`x` has size 5 at axis 1, but `D` is 4"),
    (forms.Recurrent, (of(3, 4),), {}, "`state` is missing; it takes x: N D=4, state: State(h: N D, c: N D)"),
    (
        forms.Images,
        ([of(3, 5, 6)], {"a": of(3), "b": of(3)}),
        {},
        "`images` has 2 elements in this file, which fixed them when it was exported; got 1",
    ),
    (
        forms.Images,
        ([of(3, 5, 6), of(3, 5, 6)], {"a": of(3)}),
        {},
        "`gains` has the keys 'a', 'b' in this file, which fixed them when it was exported; got 'a'",
    ),
    (
        forms.Chosen,
        (of(3, 4), 2.0, of(3)),
        {},
        "`mask` is a float32 Tensor (3,), but the annotation asks for None",
    ),
    (forms.Derived, (of(2, 4), of(2, 9), of(5)), {}, "`y` has size 9 at axis 1, but `2*T` is 8"),
    (
        forms.Typed,
        (of(2, 3), torch.float32),
        {},
        "`dtype` has its default in this file, which fixed it; leave it out",
    ),
]


@pytest.mark.parametrize(("make", "args", "kwargs", "said"), WRONG)
def test_another_call_is_refused(
    make: Callable[[], nn.Module], args: tuple[Any, ...], kwargs: dict[str, Any], said: str
) -> None:
    exported = lower(make(), to="export")
    with pytest.raises(TypeError) as caught:
        exported(*args, **kwargs)
    assert said in str(caught.value)


def test_the_file_holds_what_was_fixed(tmp_path: Path) -> None:
    exported: Exported = lower(forms.Images(), to="export")
    interface = exported.manifest.interface
    assert interface is not None
    assert interface.lengths == (Length(("images",), 2),)
    assert exported.report.notes == (
        "`images` always has 2 elements",
        "`gains` always has the keys 'a', 'b'",
    )
    fixed = lower(forms.Recurrent(), to="export").manifest.interface
    assert fixed is not None
    assert fixed.fixed == (Fixed(("scale",), 2.0),)
    exported.save(tmp_path / "images.pt2")
    call = ([of(3, 5, 6), of(3, 7, 4)], {"a": of(3), "b": of(3)})
    assert [*differences(forms.Images()(*call), load(tmp_path / "images.pt2")(*call), "it")] == []
