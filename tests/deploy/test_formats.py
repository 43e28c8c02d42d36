"""One load for every format: the same calls, the same refusals, the same names, from eight threads at once."""

import hashlib
import importlib.util
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import ArchiveError, DimError, Float, checked, load, named
from tests.lower.unverified import lower

TARGETS: Mapping[str, tuple[str, str]] = {
    ".pt": ("torchscript", "torch"),
    ".ptl": ("lite", "torch"),
    ".pt2": ("export", "torch"),
    ".onnx": ("onnx", "onnxruntime"),
    ".pte": ("executorch", "executorch"),
}
"""The target of each suffix, and the package that runs it."""


@checked
class Classifier(nn.Module):
    """Scores of images, and the mean of each."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(
        self, image: Float[Tensor, "N C=3 H W where 2 <= N <= 16, 4 <= H <= 16, 4 <= W <= 16"]
    ) -> tuple[Float[Tensor, "N 4"], Float[Tensor, "N"]]:
        return self.conv(image).mean((2, 3)), image.mean((1, 2, 3))


IMAGE = torch.linspace(-1.0, 1.0, 3 * 3 * 5 * 6).reshape(3, 3, 5, 6)


@pytest.fixture(scope="module")
def model() -> Classifier:
    torch.manual_seed(0)
    return Classifier().eval()


@pytest.fixture(scope="module", params=TARGETS)
def path(request: pytest.FixtureRequest, model: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target, package = TARGETS[request.param]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    path = tmp_path_factory.mktemp("archives") / f"m{request.param}"
    to: Any = target
    example: Any = (IMAGE,)
    lower(model, to=to, example=example).save(path)
    return path


@pytest.fixture(scope="module")
def loaded(path: Path) -> Any:
    return load(path)


def test_gives_what_the_model_gives(loaded: Any, model: Classifier) -> None:
    for image in (IMAGE, torch.rand(2, 3, 16, 4)):
        expected = model(image)
        for found in (loaded(image), loaded(image=image), loaded(image.numpy())):
            assert isinstance(found, tuple)
            for one, other in zip(found, expected, strict=True):
                assert type(one) is Tensor
                torch.testing.assert_close(one, other)


def test_strides_do_not_matter(loaded: Any, model: Classifier) -> None:
    expected = model(IMAGE)[0]
    for image in (
        IMAGE.to(memory_format=torch.channels_last),
        IMAGE.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0),
        IMAGE.repeat(1, 1, 1, 2)[..., :6],
    ):
        torch.testing.assert_close(loaded(image)[0], expected)


def test_gradients_of_an_input_do_not_matter(loaded: Any, model: Classifier) -> None:
    torch.testing.assert_close(loaded(IMAGE.clone().requires_grad_())[0], model(IMAGE)[0])


def test_wrong_inputs_are_refused_by_name(loaded: Any) -> None:
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: loaded(IMAGE.permute(0, 2, 3, 1)), "`image` has size 5 at axis 1, but `C` is 3"),
        (lambda: loaded(IMAGE[0]), "`image` has rank 3"),
        (lambda: loaded(torch.rand(2, 3, 17, 8)), "H <= 16"),
        (lambda: loaded(image=IMAGE.to(torch.int64)), "`image` has dtype int64"),
        (lambda: loaded([IMAGE]), "`image` is a list of 1"),
    ]
    for call, text in cases:
        with pytest.raises(DimError) as caught:
            call()
        assert text in str(caught.value)
    with pytest.raises(TypeError, match="there is no argument `img`; did you mean `image`"):
        loaded(img=IMAGE)


def test_names_come_in_and_go_out(path: Path, loaded: Any) -> None:
    scores, mean = loaded(named(IMAGE, "N C H W"))
    assert (scores.dims, mean.dims) == (("N", None), ("N",))
    turned = named(IMAGE, "N C H W").align_to("N H W C")
    with pytest.raises(DimError) as caught:
        loaded(turned)
    assert 'give it aligned, `image.align_to("N C H W")`, or load the model with align=True' in str(
        caught.value
    )
    aligned = load(path, align=True)(turned)
    torch.testing.assert_close(aligned[0].tensor, scores.tensor)


def test_loads_as_it_is_asked(path: Path, model: Classifier) -> None:
    pinned = hashlib.sha256(path.read_bytes()).hexdigest()
    found = load(
        path,
        device="cpu",
        expect="image: N 3 8 8 -> N 4, N where 2 <= N <= 4",
        warm_up=2,
        sizes={"N": 2, "H": 4, "W": 4},
        sha256=pinned,
        digest="check",
        memory_format="convert",
    )
    torch.testing.assert_close(found(IMAGE)[0], model(IMAGE)[0])
    assert found.device == torch.device("cpu")
    with pytest.raises(ArchiveError, match="is not what `expect` asks for"):
        load(path, expect="image: N 1 8 8 -> N 4, N")
    with pytest.raises(ArchiveError, match="is not the file that was pinned"):
        load(path, sha256="0" * 64)


def test_a_file_whose_content_is_not_verified_is_opened_all_the_same(path: Path, model: Classifier) -> None:
    pinned = hashlib.sha256(path.read_bytes()).hexdigest()
    for sha256 in (None, pinned):
        torch.testing.assert_close(load(path, digest="skip", sha256=sha256)(IMAGE)[0], model(IMAGE)[0])


def test_results_are_inference_tensors_where_torch_runs(path: Path, loaded: Any) -> None:
    assert not loaded(IMAGE)[0].requires_grad
    if path.suffix in (".pt", ".ptl", ".pt2"):
        image = IMAGE.clone().requires_grad_()
        load(path, grad=True)(image)[0].sum().backward()
        assert image.grad is not None
        return
    runtime = {".onnx": "onnxruntime", ".pte": "ExecuTorch"}[path.suffix]
    with pytest.raises(ValueError, match=f"{runtime} records no gradients; load it without grad=True"):
        load(path, grad=True)


def test_a_device_that_the_runtime_has_not(path: Path) -> None:
    if path.suffix == ".pte":
        with pytest.raises(
            ValueError, match="ExecuTorch runs on the CPU here, not on 'meta'; leave device out"
        ):
            load(path, device="meta")
    if path.suffix == ".onnx":
        with pytest.raises(
            ValueError, match="device 'meta' can't be used here: this onnxruntime runs on cpu"
        ):
            load(path, device="meta")


def test_changed_weights_are_found(path: Path, tmp_path: Path, model: Classifier) -> None:
    data = bytearray(path.read_bytes())
    weights = model.conv.bias.detach().numpy().tobytes()
    at = data.index(weights)
    data[at] ^= 1
    (tmp_path / path.name).write_bytes(data)
    for digest in (None, "check"):
        with pytest.raises(ArchiveError, match="changed since the file was saved"):
            load(tmp_path / path.name, digest=digest)


def test_threads_share_a_model(loaded: Any) -> None:
    sizes = range(2, 10)
    images = {
        size: torch.rand(size, 3, 5, 6, generator=torch.Generator().manual_seed(size)) for size in sizes
    }
    expected = {size: [one.clone() for one in loaded(image)] for size, image in images.items()}
    wrong: list[str] = []
    start = threading.Barrier(8)

    def serve(size: int) -> None:
        image = images[size]
        start.wait()
        for turn in range(25):
            found = loaded(image) if turn % 2 else loaded(image=image.numpy())
            if not all(torch.equal(one, other) for one, other in zip(found, expected[size], strict=True)):
                wrong.append(f"{size}: another result")
            try:
                loaded(image.permute(0, 2, 3, 1))
                wrong.append(f"{size}: took a wrong image")
            except DimError as error:
                if "`image` has size 5 at axis 1, but `C` is 3" not in str(error):
                    wrong.append(f"{size}: {error}")

    threads = [threading.Thread(target=serve, args=(size,)) for size in sizes]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


def test_threads_load_at_once(path: Path, model: Classifier) -> None:
    found: list[Tensor] = []

    def serve() -> None:
        found.append(load(path)(IMAGE)[0])

    threads = [threading.Thread(target=serve) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 4
    for one in found:
        torch.testing.assert_close(one, model(IMAGE)[0])
