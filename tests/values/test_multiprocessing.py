"""Named tensors between processes: workers of a DataLoader, batches, queues, shared memory."""

import pickle
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import torch
import torch.multiprocessing
from torch.utils.data import DataLoader, default_collate, default_convert
from torch.utils.data._utils.pin_memory import pin_memory

from namedtorch import DimError, NamedTensor
from namedtorch.values.collation import Collate, collate
from tests.values.datasets import Images, Words, double, fill

SECONDS = 60


def named(dims: str, *sizes: int) -> NamedTensor:
    names = tuple(None if one == "_" else one for one in dims.split())
    return NamedTensor(torch.arange(float(torch.Size(sizes).numel())).view(sizes), names)


# Batches


class Sample(NamedTuple):
    image: NamedTensor
    label: int


def test_default_collate_names_the_batch() -> None:
    image, label = default_collate([(named("C H", 2, 3), 0), (named("C H", 2, 3), 1)])
    assert (image.dims, image.shape) == (("N", "C", "H"), (2, 2, 3))
    assert torch.equal(image.tensor[1], named("C H", 2, 3).tensor)
    assert type(label) is torch.Tensor


def test_the_batch_dim_may_have_another_name() -> None:
    batch = collate("B")([{"x": named("N C", 2, 3), "y": torch.ones(2)}] * 3)
    assert (batch["x"].dims, batch["x"].shape) == (("B", "N", "C"), (3, 2, 3))
    assert type(batch["y"]) is torch.Tensor
    assert collate()([named("C", 2)]).dims == ("N", "C")


def test_containers_are_gone_through() -> None:
    batch = collate("B")([Sample(named("C", 2), 1), Sample(named("C", 2), 2)])
    assert isinstance(batch, Sample)
    assert (batch.image.dims, batch.label.tolist()) == (("B", "C"), [1, 2])
    (inner,), text = collate("B")([([named("C", 2)], "a"), ([named("C", 2)], "b")])
    assert (inner.dims, list(text)) == (("B", "C"), ["a", "b"])


def test_a_scalar_becomes_an_axis() -> None:
    assert collate("B")([NamedTensor(torch.tensor(1), ()), NamedTensor(torch.tensor(2), ())]).dims == ("B",)


def test_dtype_and_gradients_stay() -> None:
    leaf = NamedTensor(torch.ones(2, dtype=torch.float64, requires_grad=True), ("C",))
    batch = collate("B")([leaf, leaf])
    assert batch.dtype == torch.float64
    batch.sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.tensor.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("samples", "dims"),
    [
        ((named("C _", 2, 3), named("C H", 2, 3)), "B C H"),
        ((named("_ H", 2, 3), named("C _", 2, 3)), "B C H"),
        ((named("C H", 2, 3), torch.ones(2, 3)), "B C H"),
        ((torch.ones(2, 3), named("C H", 2, 3)), "B C H"),
        ((named("_ _", 2, 3), named("_ _", 2, 3)), "B _ _"),
    ],
)
def test_an_axis_without_a_name_takes_that_of_another_sample(samples: Any, dims: str) -> None:
    assert " ".join(name or "_" for name in collate("B")(samples).dims) == dims


ORDER, ALIKE = (
    "bring the samples to one order, by `align_to`",
    "name the samples alike, and give them the same axes",
)
SIZE = "pad or cut the samples to one size, or give the DataLoader a `collate_fn` of your own"

REFUSED = [
    ([named("C H", 2, 3), named("C H", 2, 3), named("C H", 2, 4)], 2, "C=2 H=4", "C=2 H=3", SIZE),
    ([named("H W", 2, 3), named("W H", 3, 2)], 1, "W=3 H=2", "H=2 W=3", ORDER),
    ([named("H W", 3, 3), named("W H", 3, 3)], 1, "W=3 H=3", "H=3 W=3", ORDER),
    ([named("H W", 3, 3), named("H", 3)], 1, "H=3", "H=3 W=3", ALIKE),
    ([named("C _", 3, 3), named("_ H", 3, 3), named("C W", 3, 3)], 2, "C=3 W=3", "C=3 H=3", ALIKE),
]


@pytest.mark.parametrize(("samples", "place", "found", "first", "help"), REFUSED)
def test_samples_that_make_no_batch(
    samples: list[NamedTensor], place: int, found: str, first: str, help: str
) -> None:
    with pytest.raises(DimError) as caught:
        collate("B")(samples)
    assert str(caught.value) == (
        f"sample {place} of the batch does not fit sample 0: it is `{found}`, and sample 0 is `{first}`; {help}"
    )


def test_a_batch_dim_that_the_samples_have() -> None:
    with pytest.raises(DimError) as caught:
        collate("C")([named("C H", 2, 3)])
    assert str(caught.value) == (
        "the batch dim is to be `C`, and the samples have a dim of that name: C=2 H=3; say another name: "
        '`DataLoader(..., collate_fn=namedtorch.collate("batch"))`'
    )


@pytest.mark.parametrize("name", ["B C", "3", "_", "C=3", "...", "*b", "", "where"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(DimError) as caught:
        collate(name)
    assert str(caught.value) == f"{name!r} is no name of a dim; write a word, such as `N`"


def test_a_collate_function_pickles() -> None:
    assert pickle.loads(pickle.dumps(collate("B"))) == Collate("B")


def test_default_convert_leaves_a_sample_as_it_is() -> None:
    sample = named("C", 2)
    assert default_convert({"x": sample})["x"] is sample


# Workers


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_workers_give_named_batches(context: str) -> None:
    loader = DataLoader(
        Images(), batch_size=4, num_workers=2, multiprocessing_context=context, collate_fn=collate("B"), timeout=SECONDS
    )  # fmt: skip
    batches = list(loader)
    image, label, more = batches[0]
    assert [one[0].shape for one in batches] == [(4, 3, 4, 4), (2, 3, 4, 4)]
    assert (image.dims, more["mask"].dims) == (("B", "C", "H", "W"), ("B", "H"))
    assert image.tensor.is_shared()
    assert image.tensor[:, 0, 0, 0].tolist() == label.tolist() == [0, 1, 2, 3]
    assert more["mask"].tensor[:, 0].tolist() == [True, False, True, False]


def test_default_collate_in_workers() -> None:
    loader = DataLoader(Words(), batch_size=2, num_workers=1, multiprocessing_context="fork", timeout=SECONDS)
    assert [one.dims for one in loader] == [("N", "T")] * 2


def test_no_batches() -> None:
    loader = DataLoader(
        Images(2), batch_size=None, num_workers=1, multiprocessing_context="fork", timeout=SECONDS
    )
    assert [one[0].dims for one in loader] == [("C", "H", "W")] * 2


def test_no_workers() -> None:
    assert [one[0].dims for one in DataLoader(Images(2), batch_size=2)] == [("N", "C", "H", "W")]


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Images(ragged=True), "it is `C=3 H=4 W=5`, and sample 0 is `C=3 H=4 W=4`"),
        (Images(turned=True), "it is `C=3 W=4 H=4`, and sample 0 is `C=3 H=4 W=4`"),
    ],
    ids=["ragged", "turned"],
)
def test_workers_say_which_sample_does_not_fit(dataset: Images, message: str) -> None:
    loader = DataLoader(dataset, batch_size=2, num_workers=1, multiprocessing_context="fork", timeout=SECONDS)
    with pytest.raises(DimError, match=f"sample 1 of the batch does not fit sample 0: {message}"):
        list(loader)


def test_pin_memory_keeps_the_dims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pinned memory needs an accelerator: what is tested is that the loader's function asks the object for it."""
    asked: list[Any] = []
    monkeypatch.setattr(NamedTensor, "pin_memory", lambda self: asked.append(self) or self)
    batch = {"x": named("C", 2), "y": [named("T", 3)]}
    assert pin_memory(batch)["x"].dims == ("C",)
    assert [one.dims for one in asked] == [("C",), ("T",)]


def test_pinned_memory() -> None:
    if torch.accelerator.is_available():
        pinned = named("C", 2).pin_memory()
        assert (pinned.dims, pinned.is_pinned()) == (("C",), True)
    else:
        with pytest.raises(RuntimeError, match="accelerator"):
            named("C", 2).pin_memory()


# Processes


@pytest.fixture(params=["fork", "spawn"])
def started(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Starts a process, and ends it after the test; `.queue()` makes queues of its kind."""
    context = torch.multiprocessing.get_context(request.param)
    processes: list[Any] = []

    def start(function: Any, *arguments: Any) -> Any:
        process = context.Process(target=function, args=arguments, daemon=True)
        process.start()
        processes.append(process)
        return process

    start.queue = context.Queue
    yield start
    for process in processes:
        process.join(SECONDS)
        assert process.exitcode == 0


def test_queues(started: Any) -> None:
    given, taken = started.queue(), started.queue()
    started(double, given, taken)
    for value in (named("N C", 2, 3), named("_ T", 1, 2), NamedTensor(torch.tensor(2.0), ())):
        given.put(value)
        dims, found = taken.get(timeout=SECONDS)
        assert dims == found.dims == value.dims
        assert torch.equal(found.tensor, value.tensor * 2)
        del found
    given.put(None)


def test_shared_memory(started: Any) -> None:
    value = named("N C", 2, 3)
    assert not value.is_shared()
    assert value.share_memory_() is value
    assert (value.is_shared(), value.dims) == (True, ("N", "C"))
    done = started.queue()
    started(fill, value, done)
    assert done.get(timeout=SECONDS) == ("N", "C")
    assert value.tensor.unique().tolist() == [7]
