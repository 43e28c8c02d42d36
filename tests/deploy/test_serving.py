"""Models in service: inference mode, many threads, many loads, warmed up."""

import gc
import itertools
import linecache
import os
import threading
import weakref
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import ArchiveError, DimError, Float, checked, load
from tests.deploy.archives import write
from tests.lower.unverified import lower


@checked
class Classifier(nn.Module):
    """Scores of images; a batch norm, which a call in training mode changes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 3, W >= 3"]) -> Float[Tensor, "N 4"]:
        return self.norm(self.conv(image)).mean((2, 3))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("archives") / "m.pt"
    lower(Classifier()).save(path)
    return path


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archives") / "train.pt"
    lower(Classifier(), train=True).save(path)
    return path


IMAGE = torch.linspace(-1.0, 1.0, 2 * 3 * 4 * 5).reshape(2, 3, 4, 5)


# Inference mode


def test_calls_run_in_inference_mode(path: Path) -> None:
    model = load(path)
    result = model(IMAGE.clone().requires_grad_())
    assert result.is_inference()
    assert not torch.is_inference_mode_enabled()


def test_gradients_on_request(path: Path) -> None:
    model = load(path, grad=True)
    image = IMAGE.clone().requires_grad_()
    model(image).sum().backward()
    assert image.grad is not None
    with torch.inference_mode():
        assert model(IMAGE).is_inference()


def test_a_model_in_training_mode_keeps_gradients_unless_told_otherwise(training: Path) -> None:
    image = IMAGE.clone().requires_grad_()
    load(training)(image).sum().backward()
    assert image.grad is not None
    assert load(training, grad=False)(image).is_inference()


def test_a_call_that_fails_leaves_no_mode_behind(path: Path) -> None:
    model = load(path)
    with pytest.raises(DimError):
        model(IMAGE.transpose(1, 3))
    with pytest.raises(DimError, match="`image` is float64, and the weights of the model are float32"):
        model(IMAGE.double())
    assert not torch.is_inference_mode_enabled()


# Warm-up


def test_a_warm_model_gives_what_a_cold_one_gives(path: Path) -> None:
    torch.testing.assert_close(load(path, warm_up=3)(IMAGE), load(path)(IMAGE))


def test_a_warm_up_calls_the_model_so_often_with_the_sizes_given(tmp_path: Path) -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("seen", torch.zeros(2, dtype=torch.int64))

        def forward(self, x: Tensor) -> Tensor:
            self.seen[0] += 1
            self.seen[1] = x.size(0)
            return x

    write(tmp_path / "m.pt", Counting().eval(), "x: N C=2 -> N C")
    for times, sizes in [(0, None), (3, {"N": 7})]:
        model = load(tmp_path / "m.pt", warm_up=times, sizes=sizes)
        assert model.module.seen.tolist() == [times, 7 if times else 0]


def test_a_warm_up_that_fails_says_with_which_inputs(tmp_path: Path) -> None:
    class Picky(nn.Module):
        def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
            if x.size(1) != 224:
                raise ValueError("made for 224")
            return x * scale

    path = write(tmp_path / "m.pt", Picky().eval(), "x: N W -> N W")
    with pytest.raises(ArchiveError) as caught:
        load(path, warm_up=1, sizes={"N": 2, "W": 9})
    assert str(caught.value) == (
        f"{path}: fails in its warm-up with inputs drawn from its signature (x (2, 9)): made for 224; "
        "give sizes that it takes (sizes={...}), or load it with warm_up=0"
    )
    load(path, warm_up=1, sizes={"W": 224})


def test_a_warm_up_without_inputs_to_draw(tmp_path: Path) -> None:
    class Spoken(nn.Module):
        def forward(self, x: Tensor, words) -> Tensor:
            return x

    def spoken(x: Float[Tensor, "N"], words) -> Float[Tensor, "N"]: ...

    path = write(tmp_path / "m.pt", Spoken().eval(), spoken)
    with pytest.raises(
        ArchiveError, match=r"can't be warmed up: `words` has no annotation[^\n]*; load it with warm_up=0"
    ):
        load(path, warm_up=1)
    with pytest.raises(ArchiveError, match="can't be warmed up: "):
        load(write(tmp_path / "n.pt", nn.ReLU().eval(), "input: N -> N"), warm_up=1, sizes={"K": 3})


def test_a_model_in_training_mode_is_not_warmed_up(training: Path) -> None:
    with pytest.raises(ValueError, match="is in training mode, in which calls change it"):
        load(training, warm_up=1)


@pytest.mark.parametrize("times", [-1, 2.5, "3", None, float("nan")])
def test_a_warm_up_is_a_number_of_calls(path: Path, times: Any) -> None:
    with pytest.raises(ValueError, match=f"^warm_up is how often the model is called, not {times!r}$"):
        load(path, warm_up=times)


# Threads


def test_threads_share_a_model(path: Path) -> None:
    model = load(path, warm_up=2)
    expected = {n: model(IMAGE[:1].expand(n, -1, -1, -1)).clone() for n in range(1, 9)}
    wrong: list[str] = []
    start = threading.Barrier(8)

    def serve(n: int) -> None:
        image = IMAGE[:1].expand(n, -1, -1, -1)
        start.wait()
        for turn in range(40):
            result = model(image) if turn % 2 else model(image=image)
            if not torch.equal(result, expected[n]):
                wrong.append(f"thread {n}: another result")
            try:
                model(image.transpose(1, 3))
                wrong.append(f"thread {n}: took a wrong image")
            except DimError as error:
                if error.failures[0].actual != 5:
                    wrong.append(f"thread {n}: {error}")

    threads = [threading.Thread(target=serve, args=(n,)) for n in expected]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


def test_threads_load_at_once(path: Path) -> None:
    found: list[Tensor] = []

    def serve() -> None:
        found.append(load(path)(IMAGE))

    threads = [threading.Thread(target=serve) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 6
    assert all(torch.equal(one, found[0]) for one in found)


# Loads without end


def test_a_model_is_freed_with_its_last_reference(path: Path) -> None:
    gc.collect()
    gc.disable()
    try:
        model = load(path, warm_up=2)
        method, gone = model.forward, weakref.ref(model)
        del model
        assert gone() is None
        assert method(IMAGE).shape == (2, 4)
    finally:
        gc.enable()


def test_many_loads_leave_nothing_behind(path: Path) -> None:
    def use(count: int) -> None:
        for turn in range(count):
            model = load(path, expect="image: N 3 8 8 -> N 4")
            if turn % 10 == 0:  # torch takes long over a first call
                model(IMAGE)
                with pytest.raises(DimError):
                    model(IMAGE.transpose(1, 3))

    use(10)
    before, sources = _objects(), len(linecache.cache)
    grown_by: list[int] = []
    for _ in range(3):
        resident = _resident()
        use(60)
        grown_by.append(_resident() - resident)
    assert _grown(before) == {}
    assert len(linecache.cache) == sources
    # A hundred kilobytes a load would be six megabytes each time; the allocator takes some now and then.
    assert min(grown_by) < 2_000_000


def _resident() -> int:
    """The memory of this process in bytes, 0 where the system does not tell it."""
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if told.exists() else 0


def _objects() -> Counter[str]:
    """How many objects of each kind there are.

    Counted by hand: a Counter asks whether what it is given is a Mapping, and each subclass of that, of which runtimes
    bring dozens, remembers the answer.
    """
    gc.collect()
    found = Counter[str]()
    for one in gc.get_objects():
        found[_kind(one)] += 1
    return found


def _grown(before: Counter[str]) -> dict[str, int]:
    """The kinds of which there are more now, but for the few that Python keeps for itself."""
    return {name: count for name, count in (_objects() - before).items() if count >= 20}


def _kind(one: object) -> str:
    return f"{type(one).__module__}.{type(one).__qualname__}"


def test_loads_that_are_refused_leave_nothing_behind(path: Path) -> None:
    def refused() -> None:
        with pytest.raises(ArchiveError):
            load(path, expect="image: N 1 8 8 -> N 4")

    for _ in range(5):
        refused()
    before = _objects()
    for _ in range(60):
        refused()
    assert _grown(before) == {}


def test_methods_that_are_called_by_turns_do_not_disturb_each_other(path: Path) -> None:
    models = [load(path), load(path, grad=True)]
    results = [models[turn % 2](IMAGE) for turn in range(6)]
    for one, other in itertools.pairwise(results):
        assert torch.equal(one, other)
        assert one.is_inference() != other.is_inference()
