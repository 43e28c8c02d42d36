"""onnxruntime and ExecuTorch: what they run without a guard and the guard refuses, and files that they refuse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from namedtorch import DimError, load, lower
from namedtorch.archive.container import read_archive
from namedtorch.archive.interface import Interface, Output
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal_flat import read_whole
from namedtorch.deploy.model import LoadedModel
from namedtorch.deploy.runtimes.executorch import open_executorch
from namedtorch.deploy.runtimes.onnx import open_onnx
from namedtorch.diagnostics import ArchiveError
from namedtorch.lower.targets.onnx_session import open_session, runner
from tests.deploy.runtime_models import inputs, masked
from tests.threads import one_thread as one_thread


@dataclass(frozen=True)
class Runtime:
    """How a runtime is asked for, and called without a guard; `broken` makes a file that it refuses, as `said`."""

    target: Any
    suffix: str
    packages: tuple[str, ...]
    open: Callable[[bytes, Manifest, str], tuple[Any, Any]]
    plain: Callable[[Any, Sequence[Tensor]], Sequence[Any]]
    broken: Callable[[bytes], bytes]
    said: str
    holds: str
    has_names: bool


def run_onnx(session: Any, tensors: Sequence[Tensor]) -> Sequence[Any]:
    return session.run(None, dict(zip(("image", "mask"), (one.numpy() for one in tensors), strict=True)))


def run_executorch(program: Any, tensors: Sequence[Tensor]) -> Sequence[Any]:
    return program.load_method("forward").execute(list(tensors))


ONNX = Runtime(
    "onnx",
    ".onnx",
    ("onnx", "onnxruntime", "onnxscript"),
    open_onnx,
    run_onnx,
    lambda data: data.replace(b"\x04Conv", b"\x04Conx"),
    "onnxruntime can't open it",
    "graph",
    has_names=True,
)
EXECUTORCH = Runtime(
    "executorch",
    ".pte",
    ("executorch",),
    open_executorch,
    run_executorch,
    lambda data: data[:40] + b"\xff" * 20 + data[60:],
    "ExecuTorch can't load it",
    "program",
    has_names=False,
)


@pytest.fixture(scope="module", params=[ONNX, EXECUTORCH], ids=["onnx", "executorch"])
def runtime(request: pytest.FixtureRequest) -> Runtime:
    for package in request.param.packages:
        pytest.importorskip(package)
    return request.param


@pytest.fixture(scope="module")
def path(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("runtimes") / f"masked{runtime.suffix}"
    lower(masked(), to=runtime.target, verify=False).save(made)
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
        # Memory of any kind: turned, of every second number, with a gradient.
        turned = image.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
        every = torch.rand(2 * len(mask))[::2].copy_(mask)
        for given in ((image, mask), (turned, every), (image.clone().requires_grad_(), mask.numpy())):
            found = model(given[0], mask=given[1])
            torch.testing.assert_close(tuple(found), tuple(expected), rtol=1e-4, atol=1e-5)
            assert found._fields == ("scores", "feature")


def test_a_result_stays_when_the_model_is_called_again(model: LoadedModel) -> None:
    first = model(*inputs())
    kept = [one.clone() for one in first]
    model(*inputs())
    model(*inputs(1))
    assert all(map(torch.equal, first, kept))


def test_the_guard_refuses_what_the_runtime_runs(runtime: Runtime, model: LoadedModel) -> None:
    image, mask = inputs()
    assert runtime.plain(model.module, (image, mask[:1]))[0].shape == (3, 5)
    with pytest.raises(DimError, match="`mask` has size 1 at axis 0, but `N` is 3"):
        model(image, mask[:1])
    # ExecuTorch as long as there is enough memory.
    high, one = inputs(1, 30, 4)
    assert runtime.plain(model.module, (high, one))[0].shape == (1, 5)
    with pytest.raises(DimError, match="H <= 16"):
        model(high, one)
    with pytest.raises(DimError, match="`image` has size 7 at axis 1, but `C` is 3"):
        model(image.permute(0, 2, 3, 1), mask)


def test_loading_writes_nothing_to_stderr(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load(path)(*inputs())
    assert capfd.readouterr().err == ""


def test_a_file_that_the_runtime_refuses_is_one_line(
    runtime: Runtime, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = path.read_bytes()
    broken = runtime.broken(data)
    assert broken != data
    with pytest.raises(ArchiveError) as refused:
        runtime.open(broken, read_archive(path).manifest, "masked")
    assert str(refused.value).startswith(f"masked: {runtime.said} (")
    assert str(refused.value).endswith("); get the file again, or lower the model again")
    assert "\n" not in str(refused.value)
    assert capfd.readouterr().err == ""


def test_a_manifest_of_another_graph_is_refused(runtime: Runtime, path: Path) -> None:
    archive = read_archive(path)
    own = archive.manifest.interface
    assert own is not None
    data = read_whole(archive, "masked", check=True)
    others = [
        Interface(own.inputs, own.outputs[:1], Output(0)),
        Interface(own.inputs[:1], own.outputs, own.result),
    ]
    if runtime.has_names:
        others.append(Interface(own.inputs[::-1], own.outputs, own.result))
    for other in others:
        with pytest.raises(ArchiveError) as refused:
            runtime.open(data, replace(archive.manifest, interface=other), "masked")
        assert str(refused.value) == (
            f"masked: its {runtime.holds} has other inputs or outputs than its manifest tells of; get the file again, "
            "or lower the model again"
        )


def test_bfloat16_goes_in_and_comes_out() -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
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
