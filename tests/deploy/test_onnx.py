"""ONNX archives, loaded: the guard before onnxruntime, tensors in and out, threads, and files that it refuses."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from namedtorch import DimError, load, lower
from namedtorch.archive.container import read_archive
from namedtorch.archive.interface import Interface
from namedtorch.archive.seal_flat import read_whole
from namedtorch.deploy.model import LoadedModel
from namedtorch.deploy.runtimes.onnx import open_onnx
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.targets.onnx_session import open_session, runner
from tests.deploy.runtime_models import inputs, masked

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("onnx") / "masked.onnx"
    lower(masked(), to="onnx", verify=False).save(made)
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
    kept = first.scores.clone()
    model(*inputs())
    assert torch.equal(first.scores, kept)


def test_the_guard_compares_what_onnxruntime_does_not(model: LoadedModel) -> None:
    image, mask = inputs()
    # Plain onnxruntime repeats the mask.
    session = model.module
    assert session.run(None, {"image": image.numpy(), "mask": mask[:1].numpy()})[0].shape == (3, 5)
    with pytest.raises(DimError, match="`mask` has size 1 at axis 0, but `N` is 3"):
        model(image, mask[:1])
    with pytest.raises(DimError, match="`image` has size 7 at axis 1, but `C` is 3"):
        model(image.permute(0, 2, 3, 1), mask)
    with pytest.raises(DimError, match="N <= 6"):
        model(*inputs(7))


def test_threads_share_a_model(model: LoadedModel) -> None:
    given = [inputs(1 + number % 6) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: model(*one), given))
    with torch.no_grad():
        for one, made in zip(given, found, strict=True):
            torch.testing.assert_close(tuple(made), tuple(masked()(*one)), rtol=1e-4, atol=1e-5)


def test_bfloat16_goes_in_and_comes_out() -> None:
    node = onnx.helper.make_node
    value = onnx.helper.make_tensor_value_info
    kinds = onnx.TensorProto
    graph = onnx.helper.make_graph(
        [node("Identity", ["x"], ["y"]), node("Identity", ["flags"], ["kept"])],
        "copies",
        [value("x", kinds.BFLOAT16, ["N"]), value("flags", kinds.BOOL, ["N"])],
        [value("y", kinds.BFLOAT16, ["N"]), value("kept", kinds.BOOL, ["N"])],
    )
    made = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    run = runner(open_session(made.SerializeToString()))
    numbers, flags = torch.randn(8)[::2].bfloat16(), torch.tensor([True, False, True, True])
    for _ in range(3):
        found, kept = run([numbers, flags])
        assert torch.equal(found, numbers)
        assert torch.equal(kept, flags)


def test_a_device_that_it_does_not_run_on_is_refused(path: Path) -> None:
    archive = read_archive(path)
    data = read_whole(archive, "masked.onnx", check=True)
    with pytest.raises(ValueError, match=r"^device 'mps' can't be used here: this onnxruntime runs on cpu$"):
        open_onnx(data, archive.manifest, "masked.onnx", torch.device("mps"))


def test_a_graph_that_onnxruntime_refuses_is_one_line(path: Path) -> None:
    made = onnx.load(path)
    made.graph.node[0].op_type = "Convolute"
    with pytest.raises(ArchiveError) as refused:
        open_onnx(made.SerializeToString(), read_archive(path).manifest, "masked.onnx")
    assert str(refused.value).startswith("masked.onnx: onnxruntime can't open it (")
    assert "Convolute" in str(refused.value)
    assert str(refused.value).endswith("); get the file again, or lower the model again")
    assert "\n" not in str(refused.value)


def test_a_manifest_of_another_graph_is_refused(path: Path) -> None:
    archive = read_archive(path)
    own = archive.manifest.interface
    assert own is not None
    other = Interface(own.inputs[::-1], own.outputs, own.result)
    with pytest.raises(ArchiveError) as refused:
        open_onnx(
            read_whole(archive, "masked.onnx", check=True),
            replace(archive.manifest, interface=other),
            "masked.onnx",
        )
    assert str(refused.value) == (
        "masked.onnx: its graph has other inputs or outputs than its manifest tells of; get the file again, or lower "
        "the model again"
    )
