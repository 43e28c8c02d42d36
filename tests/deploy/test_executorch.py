"""ExecuTorch archives, loaded: the guard before the runtime, tensors in and out, threads, and files that it refuses."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from namedtorch import DimError, load, lower
from namedtorch.archive.container import read_archive
from namedtorch.archive.interface import Interface, Output
from namedtorch.archive.seal_flat import read_whole
from namedtorch.deploy.model import LoadedModel
from namedtorch.deploy.runtimes.executorch import open_executorch
from namedtorch.diagnostics import ArchiveError
from tests.deploy.runtime_models import inputs, masked

pytest.importorskip("executorch")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("executorch") / "masked.pte"
    lower(masked(), to="executorch", verify=False).save(made)
    return made


@pytest.fixture(scope="module")
def model(path: Path) -> LoadedModel:
    return load(path)


def test_results_are_those_of_the_model(model: LoadedModel) -> None:
    original = masked()
    for sizes in ((1, 4, 5), (6, 16, 16), (2, 9, 3)):
        image, mask = inputs(*sizes)
        with torch.no_grad():
            expected = original(image, mask)
        found = model(image, mask=mask)
        torch.testing.assert_close(tuple(found), tuple(expected), rtol=1e-4, atol=1e-5)
        assert found._fields == ("scores", "feature")


def test_tensors_come_in_any_memory(model: LoadedModel) -> None:
    image, mask = inputs()
    expected = model(image, mask)
    turned = image.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    every = torch.rand(6)[::2].copy_(mask)
    for given in (
        (turned, mask),
        (image.clone().requires_grad_(), mask),
        (image, every),
        (image.numpy(), mask),
    ):
        torch.testing.assert_close(tuple(model(*given)), tuple(expected))


def test_a_result_stays_when_the_model_is_called_again(model: LoadedModel) -> None:
    first = model(*inputs())
    kept = [one.clone() for one in first]
    model(*inputs())
    model(*inputs(1))
    assert all(map(torch.equal, first, kept))


def test_the_guard_refuses_what_executorch_runs(model: LoadedModel) -> None:
    image, mask = inputs()
    # Plain ExecuTorch repeats the mask, and takes an H for which no memory is planned as long as there is enough.
    plain = model.module.load_method("forward")
    assert plain.execute([image, mask[:1]])[0].shape == (3, 5)
    high, one = inputs(1, 30, 4)
    assert plain.execute([high, one])[0].shape == (1, 5)
    with pytest.raises(DimError, match="`mask` has size 1 at axis 0, but `N` is 3"):
        model(image, mask[:1])
    with pytest.raises(DimError, match="H <= 16"):
        model(high, one)
    with pytest.raises(DimError, match="`image` has size 7 at axis 1, but `C` is 3"):
        model(image.permute(0, 2, 3, 1), mask)


def test_threads_share_a_model(model: LoadedModel) -> None:
    given = [inputs(1 + number % 6) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: model(*one), given))
    with torch.no_grad():
        for one, made in zip(given, found, strict=True):
            torch.testing.assert_close(tuple(made), tuple(masked()(*one)), rtol=1e-4, atol=1e-5)


def test_loading_writes_nothing_to_stderr(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load(path)(*inputs())
    assert capfd.readouterr().err == ""


def test_a_program_that_executorch_refuses_is_one_line(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(path.read_bytes())
    data[40:60] = b"\xff" * 20
    with pytest.raises(ArchiveError) as refused:
        open_executorch(bytes(data), read_archive(path).manifest, "masked.pte")
    assert str(refused.value).startswith("masked.pte: ExecuTorch can't load it (")
    assert str(refused.value).endswith("); get the file again, or lower the model again")
    assert "\n" not in str(refused.value)
    assert capfd.readouterr().err == ""


def test_a_manifest_of_another_program_is_refused(path: Path) -> None:
    archive = read_archive(path)
    own = archive.manifest.interface
    assert own is not None
    other = Interface(own.inputs, own.outputs[:1], Output(0))
    with pytest.raises(ArchiveError) as refused:
        open_executorch(
            read_whole(archive, "masked.pte", check=True),
            replace(archive.manifest, interface=other),
            "masked.pte",
        )
    assert str(refused.value) == (
        "masked.pte: its program has other inputs or outputs than its manifest tells of; get the file again, or lower "
        "the model again"
    )
