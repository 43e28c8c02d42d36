import io
import math
import sys
from collections import UserDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from namedtorch import DimError, Float, Int, LowerError, named
from namedtorch.lower.quantize.feeding import KEPT, fed, inputs_of, repeatable
from namedtorch.lower.quantize.subject import subject_of


class Image(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []
        self.grad: list[bool] = []

    def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N C=3 H W"]:
        self.seen.append(image)
        self.grad.append(torch.is_grad_enabled())
        return image


class Masked(nn.Module):
    def forward(
        self,
        image: Float[Tensor, "N 3 H W"],
        mask: Optional[Float[Tensor, "N H W"]] = None,
        scale: float = 1.0,
    ) -> Float[Tensor, "N 3 H W"]:
        return image * scale


class Text(nn.Module):
    def forward(
        self, ids: Int[Tensor, "N T"], mask: Int[Tensor, "N T"], kinds: Optional[Int[Tensor, "N T"]] = None
    ) -> Int[Tensor, "N T"]:
        return ids * mask


class Detector(nn.Module):
    def forward(self, images: list[Float[Tensor, "3 ?H ?W"]]) -> Float[Tensor, "N"]:
        return torch.stack([one.mean() for one in images])


class Nested(nn.Module):
    def forward(self, batch: dict[str, Float[Tensor, "N C"]]) -> Float[Tensor, "N C"]:
        return batch["x"]


class Several(nn.Module):
    def forward(self, *parts: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return parts[0]


class Pair(NamedTuple):
    x: Float[Tensor, "N C"]
    y: Float[Tensor, "N C"]


class OfPair(nn.Module):
    def forward(self, pair: Pair) -> Float[Tensor, "N C"]:
        return pair.x + pair.y


class Labelled(NamedTuple):
    label: Tensor
    image: Tensor


@dataclass(frozen=True)
class Example:
    image: Tensor
    label: int


NCHW = torch.zeros(2, 3, 5, 4)
NHWC = torch.zeros(2, 5, 4, 3)
IDS = torch.zeros(2, 5, dtype=torch.long)
LABELS = torch.zeros(2, dtype=torch.long)
XY = torch.zeros(2, 3)

# model, item, the arguments by position, those by name
READ: list[tuple[type[nn.Module], Any, tuple[Any, ...], dict[str, Any]]] = [
    (Image, NCHW, (NCHW,), {}),
    (Image, (NCHW,), (NCHW,), {}),
    (Image, [NCHW, LABELS], (NCHW,), {}),
    (Image, (NCHW, LABELS, ["a", "b"]), (NCHW,), {}),
    (Image, {"image": NCHW, "label": LABELS}, (), {"image": NCHW}),
    (Image, UserDict(image=NCHW, label=LABELS), (), {"image": NCHW}),
    (Image, Labelled(LABELS, NCHW), (), {"image": NCHW}),
    (Image, Example(NCHW, 3), (), {"image": NCHW}),
    (Image, NCHW.numpy(), (NCHW,), {}),
    (Image, (NCHW.numpy()[:, :, ::-1], np.array(["cat", "dog"])), (NCHW,), {}),
    (Image, named(NCHW, "N C H W"), (NCHW,), {}),
    (Image, ((NCHW,), {}), (NCHW,), {}),
    (Image, ((), {"image": NCHW}), (), {"image": NCHW}),
    (Masked, (NCHW, LABELS), (NCHW,), {}),
    (Masked, (NCHW, 0.5), (NCHW,), {}),
    (Masked, {"image": NCHW, "scale": 0.5}, (), {"image": NCHW, "scale": 0.5}),
    (Text, (IDS, IDS), (IDS, IDS), {}),
    (Text, (IDS, IDS, LABELS), (IDS, IDS), {}),
    (Text, {"mask": IDS, "ids": IDS, "labels": LABELS}, (), {"mask": IDS, "ids": IDS}),
    (Text, {"mask": IDS, "ids": IDS, "kinds": IDS}, (), {"mask": IDS, "ids": IDS, "kinds": IDS}),
    (Detector, [NCHW[0], NCHW[1]], ([NCHW[0], NCHW[1]],), {}),
    (Detector, ([NCHW[0], NCHW[1, :, 1:]], LABELS), ([NCHW[0], NCHW[1, :, 1:]],), {}),
    (Detector, ([NCHW[0]], [{"boxes": LABELS}]), ([NCHW[0]],), {}),
    (Nested, {"x": XY, "y": XY}, ({"x": XY, "y": XY},), {}),
    (Nested, {"batch": {"x": XY}, "label": LABELS}, (), {"batch": {"x": XY}}),
    (Several, (XY, XY, XY), (XY, XY, XY), {}),
    (Several, (XY, LABELS), (XY,), {}),
    (Several, XY, (XY,), {}),
    (OfPair, Pair(XY, XY), (Pair(XY, XY),), {}),
    (OfPair, (Pair(XY, XY), LABELS), (Pair(XY, XY),), {}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "item", "args", "kwargs"), READ)
def test_a_batch_gives_the_arguments_of_a_call(
    model: type[nn.Module], item: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    subject = subject_of(model(), None, None)
    got = inputs_of(item, subject.boundary.methods["forward"].signature, subject.label)
    torch.testing.assert_close(got, (args, kwargs), rtol=0, atol=0)
    held = subject.held(model())
    assert held(*got[0], **got[1]) is not None


NOT_NCHW = "`image` has size 5 at axis 1, but `C` is 3; axis 3 has size 3: is it N H W C?"

# model, item, inputs=, what the error says
REFUSED: list[tuple[type[nn.Module], Any, Any, str]] = [
    (Image, NHWC, None, NOT_NCHW),
    (Image, (NHWC, LABELS), None, NOT_NCHW),
    (Image, {"image": NHWC}, None, NOT_NCHW),
    (
        Image,
        {"pixels": NCHW, "label": LABELS},
        None,
        "there is no `image`; batch['pixels'] fits: inputs=lambda batch: batch['pixels']",
    ),
    (
        Image,
        {"pixels": NHWC},
        None,
        "and there is no `image`; inputs= says what the arguments are: inputs=lambda",
    ),
    (
        Image,
        (LABELS, NCHW),
        None,
        "the batch is a tuple of an int64 Tensor (2,), a float32 Tensor (2, 3, 5, 4); batch[1] fits: inputs=",
    ),
    (Image, LABELS, None, "`image`"),
    (Image, (), None, "it is a tuple of nothing, and there is no `image`"),
    (Text, IDS, None, "it is an int64 Tensor (2, 5), and there is no `mask`"),
    (Text, (IDS,), None, "and there is no `mask`"),
    (Text, {"ids": IDS, "labels": IDS}, None, "and there is no `mask`"),
    (Detector, [NCHW[0], NHWC[0]], None, "`images[1]`"),
    (Image, (LABELS, NCHW), lambda one: one[0], "`image`"),
    (Image, (LABELS, NCHW), lambda one: {"x": one[1]}, "and there is no `image`"),
]


@pytest.mark.parametrize(("model", "item", "inputs", "message"), REFUSED)
def test_a_batch_that_does_not_fit_is_refused(
    model: type[nn.Module], item: Any, inputs: Any, message: str
) -> None:
    subject = subject_of(model(), None, None)
    with pytest.raises(DimError) as error:
        inputs_of(item, subject.boundary.methods["forward"].signature, subject.label, inputs)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("inputs", "item"),
    [
        (lambda one: one[1], (LABELS, NCHW)),
        (lambda one: (one[1],), (LABELS, NCHW)),
        (lambda one: {"image": one[1]}, (LABELS, NCHW)),
        (lambda one: ((one[1],), {}), (LABELS, NCHW)),
        (lambda one: one["pixels"].permute(0, 3, 1, 2), {"pixels": NHWC}),
        (lambda one: one.numpy(), NCHW),
    ],
)
def test_a_function_makes_the_arguments_of_a_batch(inputs: Any, item: Any) -> None:
    signature = subject_of(Image(), None, None).boundary.methods["forward"].signature
    args, kwargs = inputs_of(item, signature, "Image", inputs)
    torch.testing.assert_close([*args, *kwargs.values()], [NCHW])


def test_a_batch_that_fits_in_two_ways_is_refused() -> None:
    signature = subject_of(Masked(), None, None).boundary.methods["forward"].signature
    with pytest.raises(LowerError) as error:
        inputs_of((NCHW, NCHW[:, 0]), signature, "Masked")
    assert str(error.value) == (
        f"the batch fits `{signature}` in more than one way: its parts are `image` and 1 label "
        "(inputs=lambda batch: batch[0]); or its parts are `image`, `mask` (inputs=lambda batch: tuple(batch[:2])); "
        "say which by inputs="
    )
    args, _ = inputs_of([NCHW, NCHW[:, 0]], signature, "Masked", lambda batch: tuple(batch[:2]))
    assert len(args) == 2


def test_a_wrong_batch_is_placed_in_the_data_and_the_model_never_sees_it() -> None:
    subject = subject_of(Image(), None, None)
    body = Image()
    with pytest.raises(DimError) as error:
        fed(subject.held(body), [(NCHW, LABELS), (NCHW, LABELS), (NHWC, LABELS), (NCHW, LABELS)])
    text = str(error.value)
    assert text.splitlines()[0] == NOT_NCHW
    assert "in Image, batch 2 of the data (counted from 0)" in text
    assert "Image was not called with it, so its observers have seen nothing of it" in text
    assert [one.dim for one in error.value.failures] == ["C"]
    assert len(body.seen) == 2


def test_it_gives_copies_of_the_first_inputs_and_records_no_gradients() -> None:
    body = Image()
    weight = torch.ones(1, requires_grad=True)
    batches = [NCHW * weight + number for number in range(KEPT + 3)]
    kept = fed(subject_of(Image(), None, None).held(body), batches)
    assert len(body.seen) == KEPT + 3
    assert not any(body.grad)
    assert [float(args[0].detach().mean()) for args, _ in kept] == [float(number) for number in range(KEPT)]
    assert all(not args[0].requires_grad for args, _ in kept)
    batches[0].data.add_(7)
    assert float(kept[0][0][0].mean()) == 0


def test_batches_is_the_most_that_are_taken() -> None:
    body = Image()
    asked: list[int] = []

    def stream() -> Iterator[Tensor]:
        for number in range(100):
            asked.append(number)
            yield NCHW

    fed(subject_of(Image(), None, None).held(body), stream(), batches=3)
    assert len(body.seen) == 3
    assert asked == [0, 1, 2]
    fed(subject_of(Image(), None, None).held(body), [NCHW], batches=3)
    assert len(body.seen) == 4


class Rows(Dataset[Tensor]):
    """As many write them: a wrong index is a KeyError."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Tensor:
        return {0: NCHW, 1: NCHW, 2: NCHW}[index]


class Stream(IterableDataset[Tensor]):
    def __iter__(self) -> Iterator[Tensor]:
        return iter([NCHW[0]] * 4)


@pytest.mark.parametrize(
    "data",
    [
        [NCHW, NCHW],
        (NCHW, NCHW),
        DataLoader(TensorDataset(NCHW, LABELS), batch_size=1),
        DataLoader(Stream(), batch_size=2),
        iter([NCHW, NCHW]),
        NCHW.split(1),
        Rows(),
    ],
)
def test_data_is_any_iterable_of_batches(data: Any) -> None:
    body = Image()
    fed(subject_of(Image(), None, None).held(body), data, batches=2)
    assert len(body.seen) == 2


# data, batches, what the error says
UNFIT: list[tuple[Any, Any, str]] = [
    (
        NCHW,
        None,
        "(2 x 3 x 5 x 4), whose rows would be taken for batches: write data=[x] for one batch, or cut it: data=x.split",
    ),
    (named(NCHW, "N C H W"), None, "data is a tensor (2 x 3 x 5 x 4), whose rows"),
    (NCHW.numpy(), None, "data is an array (2 x 3 x 5 x 4), whose rows would be taken for batches: write data=[x]"),
    ({"image": NCHW}, None, "data is a mapping, whose keys would be taken for batches: write data=[batch]"),
    (None, None, "data=None has no batches: give a DataLoader, or a list of batches"),
    (3, None, "data is the int 3, which holds no batches: give a DataLoader, or a list of batches"),
    ("digits", None, "data is the str 'digits', which holds no batches"),
    (lambda: [NCHW], None, "data is a function, and what it gives is wanted: call it, data=make()"),
    (Rows().__len__, None, "call it, data=__len__()"),
    ([NCHW[:0], NCHW[:0]], None, "the batches of the data are all empty, so there is nothing to calibrate with"),
    ([], None, "the data has no batches, so there is nothing to calibrate with"),
    (iter([]), None, "a list_iterator gives its items once, and these were taken: give a list or a DataLoader"),
    ([NCHW], 0, "batches=0 is no number of batches: give 1 or more, or None for all"),
    ([NCHW], True, "batches=True is no number of batches"),
    ([NCHW], 2.0, "batches=2.0 is no number of batches"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "batches", "message"), UNFIT)
def test_what_holds_no_batches_is_refused(data: Any, batches: Any, message: str) -> None:
    with pytest.raises(LowerError) as error:
        fed(subject_of(Image(), None, None).held(Image()), data, batches=batches)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (TensorDataset(NCHW, LABELS), "data is a Dataset, whose items are single ones: give DataLoader(data, batch"),
        ((NCHW, LABELS), "data is a tuple, whose parts are taken for batches: write data=[x] where x is one batch"),
    ],
)  # fmt: skip
def test_a_wrong_batch_out_of_data_of_another_kind_says_what_to_give(data: Any, message: str) -> None:
    with pytest.raises(DimError, match="`image`") as error:
        fed(subject_of(Image(), None, None).held(Image()), data)
    assert message in str(error.value)


class Fails(Image):
    def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N C=3 H W"]:
        if image.mean() > 0:
            raise RuntimeError("too bright")
        return image


def test_an_error_of_the_model_says_in_which_batch() -> None:
    with pytest.raises(RuntimeError, match="too bright") as error:
        fed(subject_of(Fails(), None, None).held(Fails()), [NCHW, NCHW + 1], what="training")
    assert error.value.__notes__ == [
        "in batch 1 of the data (counted from 0), which Fails was called with while training"
    ]
    with pytest.raises(KeyError) as missing:
        fed(subject_of(Image(), None, None).held(Image()), [{"x": NCHW}], inputs=lambda one: one["y"])
    assert missing.value.__notes__ == ["inputs= was called with batch 0 of the data (counted from 0)"]


class Gain(nn.Module):
    def __init__(self, gain: float = 1.0) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((3,), gain))
        self.clean = gain < 0

    def forward(self, image: Float[Tensor, "N C=3"]) -> Float[Tensor, "N C=3"]:
        image = image.nan_to_num() if self.clean else image
        return image.matmul(torch.eye(3)) * self.gain


def test_batches_of_no_rows_are_passed_over() -> None:
    body = Image()
    assert (
        len(fed(subject_of(Image(), None, None).held(body), [NCHW[:0], NCHW, NCHW[:0], NCHW], batches=2)) == 2
    )
    assert [len(one) for one in body.seen] == [2, 2]


def test_nan_in_a_batch_is_refused_unless_the_model_takes_it() -> None:
    bad = torch.tensor([[1.0, math.nan, 2.0]])
    with pytest.raises(LowerError) as error:
        fed(subject_of(Gain(), None, None).held(Gain()), [XY, bad])
    assert str(error.value) == (
        "`image` has NaN (1 of 3 numbers) in batch 1 of the data (counted from 0), and Gain gives NaN for it: no "
        "scales can be learned from NaN; leave such rows out, or replace their numbers (x.nan_to_num())"
    )
    assert len(fed(subject_of(Gain(-1.0), None, None).held(Gain(-1.0)), [bad])) == 1


def test_a_model_that_gives_nothing_but_nan_is_told_by_its_weights() -> None:
    with pytest.raises(LowerError, match=r"Gain gives nothing but NaN for batch 0 .*: its `gain` has NaN"):
        fed(subject_of(Gain(math.nan), None, None).held(Gain(math.nan)), [XY])


def test_numbers_of_another_dtype_than_the_weights_are_told() -> None:
    with pytest.raises(RuntimeError) as error:
        fed(subject_of(Gain(), None, None).held(Gain()), [XY.numpy().astype("float64")])
    assert "`image` is float64, and the weights are float32: convert it, x.to(torch.float32)" in (
        error.value.__notes__
    )


def test_inputs_that_are_no_function_are_refused() -> None:
    with pytest.raises(
        LowerError, match=r"inputs= is a function .*, not the str 'image': inputs=lambda batch: b"
    ):
        fed(subject_of(Image(), None, None).held(Image()), [NCHW], inputs="image")  # type: ignore[arg-type]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "progress", "shown"), [(Terminal, True, True), (Terminal, False, False), (io.StringIO, True, False)]
)  # fmt: skip
def test_a_bar_shows_on_a_terminal(
    stream: type[io.StringIO], progress: bool, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = stream()
    monkeypatch.setattr(sys, "stderr", written)
    fed(subject_of(Image(), None, None).held(Image()), [NCHW] * 3, batches=2, progress=progress)
    assert ("calibrating: 100%" in written.getvalue() and "2/2" in written.getvalue()) == shown
    assert shown or not written.getvalue()


def test_without_tqdm_there_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    written = Terminal()
    monkeypatch.setattr(sys, "stderr", written)
    body = Image()
    fed(subject_of(Image(), None, None).held(body), [NCHW] * 3)
    assert len(body.seen) == 3
    assert written.getvalue() == ""


def test_an_iterator_is_kept_as_a_list_and_anything_else_is_given_back() -> None:
    source = iter(range(10))
    assert repeatable(source, 3) == [0, 1, 2]
    assert next(source) == 3
    loader = DataLoader(TensorDataset(NCHW), batch_size=1)
    assert repeatable(loader, 3) is loader
    assert repeatable(None, None) is None
