"""ONNX models of exported programs: named axes, the same numbers, and refusals at the user's line."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from namedtorch import Exported, Float, Float32, load, lower
from namedtorch.archive.container import read_archive
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal import verify
from namedtorch.diagnostics import LowerError
from namedtorch.lower.targets import onnx as target
from namedtorch.lower.targets.flat_agreement import require_agreement
from tests.lower.targets.flat_programs import exported, sizes, small

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


@pytest.fixture(scope="module")
def subject() -> tuple[ExportedProgram, Manifest]:
    return small()


@pytest.fixture(scope="module")
def model(subject: tuple[ExportedProgram, Manifest]) -> Iterator[target.OnnxModel]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield target.to_onnx(*subject, [sizes(3, 2, 9, 11), sizes(1, 1, 4, 5)])
    torch.set_num_threads(threads)


def _written(made: Exported) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        made.save(path)
        return path.read_bytes()


def _dims(values: Any) -> dict[str, list[Any]]:
    return {
        one.name: [axis.dim_param or axis.dim_value for axis in one.type.tensor_type.shape.dim]
        for one in values
    }


def test_axes_bear_the_dims_of_the_signature(model: target.OnnxModel) -> None:
    graph = onnx.load_model_from_string(model.data).graph
    assert _dims(graph.input) == {"image": ["N", 3, "H", "W"], "mask": ["N"], "other": ["M", 5]}
    assert _dims(graph.output) == {
        "result_0": ["N", 5],
        "result_1": ["N", 8, "2*H", "W"],
        "result_2": ["N", 8, "H//2", "W//2"],
        "result_3": ["N", 5],
        "result_4": ["M", 5],
        "result_5": ["M", 5],
    }
    inner = {axis for axes in _dims(graph.value_info).values() for axis in axes if isinstance(axis, str)}
    assert inner <= {"N", "M", "H", "W", "2*H", "H//2", "W//2"}


def test_the_file_tells_nothing_of_the_authors_machine(model: target.OnnxModel) -> None:
    assert str(Path(__file__).parent).encode() not in model.data
    assert b"site-packages" not in model.data


def test_the_report_says_that_onnxruntime_ran_it(model: target.OnnxModel) -> None:
    (note,) = model.notes
    assert note.startswith("ONNX: ")
    assert note.endswith(" operators, opset 20, held to the model by onnxruntime")


def test_a_written_file_is_an_archive_and_a_model(
    model: target.OnnxModel, subject: tuple[ExportedProgram, Manifest], tmp_path: Path
) -> None:
    path = tmp_path / "small.onnx"
    sealed = model.write(path, subject[1])
    archive = read_archive(path)
    assert archive.format == "onnx"
    assert archive.manifest == sealed
    assert archive.manifest.signature == subject[1].signature
    verify(path, archive.manifest, "small.onnx")
    onnx.checker.check_model(str(path))
    held = {one.key: one.value for one in onnx.load(path).metadata_props}
    assert held == {"namedtorch.json": sealed.to_json().decode()}
    given = sizes(2, 3, 5, 6)
    session = runtime.InferenceSession(path)
    found = session.run(
        None, {one.name: value.numpy() for one, value in zip(session.get_inputs(), given, strict=True)}
    )
    expected = subject[0].module()(*given)
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(one, torch.from_numpy(other), rtol=1e-4, atol=1e-5)


def test_onnxruntime_itself_compares_no_equal_dims(model: target.OnnxModel) -> None:
    """What docs/onnx.md says that it checks, and what it does not."""
    session = runtime.InferenceSession(model.data)
    names = [one.name for one in session.get_inputs()]

    def call(*given: Tensor) -> Any:
        return session.run(None, {name: one.numpy() for name, one in zip(names, given, strict=True)})

    image, mask, other = sizes(3, 2, 9, 11)
    # `mask` has another N: it is repeated.
    assert call(image, mask[:1], other)[0].shape == (3, 5)
    with pytest.raises(Exception, match="Invalid rank for input: image Got: 3 Expected: 4"):
        call(image[0], mask, other)
    with pytest.raises(Exception, match=r"index: 1 Got: 9 Expected: 3"):
        call(image.permute(0, 2, 3, 1).contiguous(), mask, other)
    with pytest.raises(Exception, match=r"Unexpected input data type.*tensor\(double\).*tensor\(float\)"):
        call(image.double(), mask, other)


class Eigenvalues(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (torch.linalg.eigvalsh(x),)


class Spectrum(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (torch.fft.fft(x),)


class Doubles(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (nn.functional.conv1d(x.double(), torch.ones(1, 3, 3).double()),)


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen = nn.Buffer(torch.zeros(3, 3))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        self.seen.add_(x.sum(0))
        return (x + self.seen,)


def _line_of(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


OTHERWISE = (
    "write it with other operators, compute it outside of the model, or lower the model to another target "
    '(to="export", "executorch", "torchscript")'
)
NO_OPERATOR = f"""\
ONNX has no form of `aten::_linalg_eigh`, which tests.Eigenvalues calls; {OTHERWISE}
  {__file__}:{_line_of("eigvalsh")}
    return (torch.linalg.eigvalsh(x),)"""
NO_KERNEL = f"""\
tests.Doubles is ONNX, and onnxruntime can't run it: [ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an \
implementation for Conv(11) node with name 'node_Conv_15'; {OTHERWISE}
  {__file__}:{_line_of("x.double()")}
    return (nn.functional.conv1d(x.double(), torch.ones(1, 3, 3).double()),)"""
NO_DTYPE = (
    "ONNX has no tensors of complex64, and `result_0` is one (torch.view_as_real(x) makes real ones of them)"
)
STATE = """\
tests.Counting changes `seen` in its calls, and a graph of ONNX keeps nothing from one call to the next: take the \
state as an argument and give it as a result, or lower the model to TorchScript"""
REFUSED = [
    (Eigenvalues, "x: N 3 3 -> N 3", NO_OPERATOR),
    (Doubles, "x: N 3 3 -> N 1 1", NO_KERNEL),
    (Spectrum, "x: N 3 3 -> N 3 3", NO_DTYPE),
    (Counting, "x: N 3 3 -> N 3 3", STATE),
]


@pytest.mark.parametrize(("kind", "signature", "message"), REFUSED)
def test_refusals_name_the_operator_and_the_line(kind: type[nn.Module], signature: str, message: str) -> None:
    program, manifest = exported(kind(), signature, [torch.randn(4, 3, 3)], [{0: Dim("N")}])
    with pytest.raises(LowerError) as refused:
        target.to_onnx(program, manifest, [[torch.randn(4, 3, 3)]])
    assert str(refused.value) == message


def test_a_model_of_two_gigabytes_is_refused(
    subject: tuple[ExportedProgram, Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "LARGEST", 100)
    with pytest.raises(
        LowerError, match=r"GiB of weights, and a file of ONNX holds less than 2 GiB: lower it "
    ):
        target.to_onnx(*subject, [])


def _off(found: list[Tensor]) -> list[Tensor]:
    return [found[0] + 1, *found[1:]]


WRONG = [
    (
        _off,
        r"onnxruntime does not give what the model gives with image \(3, 3, 9, 11\), mask .*: result_0 is ",
    ),
    (
        lambda found: [found[0].double(), *found[1:]],
        "result_0 has the dtype float64, and was to have float32",
    ),
    (lambda found: [found[0][:1], *found[1:]], r"result_0 has the sizes \(1, 5\), and was to have \(3, 5\)"),
    (lambda found: found[1:], "the result has 5 tensors, and was to have 6"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_what_a_runtime_gives_otherwise_is_refused(
    subject: tuple[ExportedProgram, Manifest], model: target.OnnxModel, change: Any, message: str
) -> None:
    outputs = [f"result_{index}" for index in range(6)]
    with pytest.raises(LowerError, match=message):
        require_agreement(
            subject[0],
            lambda given: change(model.run(given)),
            [sizes(3, 2, 9, 11)],
            ["image", "mask", "other"],
            outputs,
            "onnxruntime",
        )


class Noisy(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (x + torch.randn_like(x),)


def test_random_numbers_are_not_compared() -> None:
    program, manifest = exported(Noisy(), "x: N 3 -> N 3", [torch.randn(4, 3)], [{0: Dim("N")}])
    made = target.to_onnx(program, manifest, [[torch.randn(4, 3)]])
    assert made.notes[1:] == ("values were not compared: the model gives others in each call",)


class Crossed(nn.Module):
    """Its outputs are to be called as a value inside of it is, and as a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.randn(3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = (x * self.scale).mean(0)
        return y + 1, y * 2


def test_outputs_may_have_the_names_of_inner_values() -> None:
    program, manifest = exported(Crossed(), "x: N 3 -> 3, 3", [torch.randn(4, 3)], [{0: Dim("N")}])
    assert manifest.interface is not None
    interface = replace(manifest.interface, outputs=("mean", "scale"))
    made = target.to_onnx(program, replace(manifest, interface=interface), [[torch.randn(2, 3)]])
    graph = onnx.load_model_from_string(made.data).graph
    assert [one.name for one in graph.output] == ["mean", "scale"]
    assert [one.name for one in graph.initializer if one.name.startswith("scale")] == ["scale_1"]


class Counted(nn.Module):
    """Multiplies by how often it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        self.calls.add_(1)
        return x * self.calls


def test_state_is_refused_also_where_nothing_is_compared() -> None:
    with pytest.raises(
        LowerError, match=r"Counted changes `calls` in its calls, and a graph of ONNX keeps nothing"
    ):
        lower(Counted(), to="onnx", verify=False)


class Summary(nn.Module):
    """Gives results the names of operators."""

    def forward(self, x: Float[Tensor, "N F"]) -> dict[str, Float[Tensor, "F"]]:
        mean = x.mean(0)
        return {"mean": (mean * 2).relu(), "mul": mean, "x": x.sum(0)}


def test_results_may_be_called_as_operators_and_inputs_are(tmp_path: Path) -> None:
    path = tmp_path / "summary.onnx"
    lower(Summary(), to="onnx").save(path)
    x = torch.randn(3, 4)
    found = load(path)(x)
    wanted = Summary()(x)
    assert list(found) == ["mean", "mul", "x"]
    for name, one in wanted.items():
        torch.testing.assert_close(found[name], one)


class Halves(nn.Module):
    """Cuts a free dim in two: the optimizer of ONNX models stumbles over it."""

    def forward(self, x: Float[Tensor, "N 2*T"]) -> tuple[Float[Tensor, "N T"], Float[Tensor, "N T"]]:
        first, second = x.chunk(2, 1)
        return first, second.sigmoid()


def test_a_graph_that_can_not_be_optimized_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "halves.onnx"
    made = lower(Halves(), to="onnx")
    assert "  note: the graph is as torch.onnx made it: its optimizer fails (" in str(made.report)
    made.save(path)
    assert str(Path(__file__).parent).encode() not in path.read_bytes()
    assert _dims(onnx.load(path).graph.output) == {"output_0": ["N", "T"], "output_1": ["N", "T"]}
    x = torch.randn(3, 14)
    torch.testing.assert_close(load(path)(x), Halves()(x))


class Coarse(nn.Module):
    """Computes in float16 what it is given and gives in float32: onnxruntime rounds less often on the way."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.weight = nn.Parameter(torch.randn(64, 8))

    def forward(self, x: Float32[Tensor, "N 64"]) -> Float32[Tensor, "N 8"]:
        return (x.half() @ self.weight.half()).relu().float()


def test_numbers_are_held_to_the_dtype_that_they_are_computed_in(tmp_path: Path) -> None:
    path = tmp_path / "coarse.onnx"
    lower(Coarse(), to="onnx").save(path)
    x = torch.randn(5, 64)
    torch.testing.assert_close(load(path)(x), Coarse()(x), rtol=3e-2, atol=3e-2)


class Resized(nn.Module):
    def forward(self, x: Float[Tensor, "N C=3 H W where H >= 8, W >= 8"]) -> Float[Tensor, "N C=3 4 4"]:
        return nn.functional.interpolate(x, size=(4, 4), mode="bicubic")


def test_kernels_may_round_in_other_places() -> None:
    lower(Resized(), to="onnx")


class Writing(nn.Module):
    def forward(self, x: Float[Tensor, "N D=4"]) -> Float[Tensor, "N D=4"]:
        return nn.functional.relu(x, inplace=True) + x


def test_an_input_that_the_model_changes_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "writing.onnx"
    made = lower(Writing(), to="onnx")
    assert "  note: `x` is changed in a call of the model, not in one of the file" in str(made.report)
    made.save(path)
    x = torch.randn(3, 4)
    kept = x.clone()
    found = load(path)(x)
    torch.testing.assert_close(x, kept)
    torch.testing.assert_close(found, 2 * x.relu())


class Threes(nn.Module):
    def forward(self, x: Float[Tensor, "N T where T % 3 == 0"]) -> Float[Tensor, "N T//3 3"]:
        return x.view(x.shape[0], -1, 3) * 2


def test_sizes_that_were_1_in_the_first_inputs_are_no_constants() -> None:
    graph = onnx.load_model_from_string(
        _written(lower(Threes(), to="onnx", where="T <= 9", verify=False))
    ).graph
    assert _dims(graph.output) == {"output": ["N", "T//3", 3]}


class Alike(nn.Module):
    """Has a parameter for each name that its inputs and results have."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4))
        self.output = nn.Parameter(torch.randn(4))

    def forward(
        self, input: Float[Tensor, "Add D=4"], weight: Float[Tensor, "Größe D=4"]
    ) -> dict[str, Float[Tensor, "Add Größe"]]:
        found = (input * self.weight) @ (weight + self.output).t()
        return {"output": found, "weight": found + 1, "MatMul": found * 2}


def test_names_of_inputs_parameters_and_operators_may_be_the_same() -> None:
    model = Alike()
    made = lower(model, to="onnx", verify=False)
    graph = onnx.load_model_from_string(_written(made)).graph
    assert _dims(graph.input) == {"input": ["Add", 4], "weight": ["Größe", 4]}
    assert list(_dims(graph.output)) == ["output", "weight_2", "MatMul"]
    x, y = torch.randn(3, 4), torch.randn(2, 4)
    torch.testing.assert_close(made(x, y), model(x, y))


class Both(nn.Module):
    """The directions of a GRU, steps first, added: what follows it has the length of its input."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(4, 6, bidirectional=True)

    def forward(self, x: Float[Tensor, "T N D=4"]) -> Float[Tensor, "T N hidden=6"]:
        return self.gru(x)[0].unflatten(-1, (2, -1)).sum(-2)


def test_recurrent_layers_take_every_length() -> None:
    model = Both().eval()
    made = lower(model, to="onnx", verify=False)
    graph = onnx.load_model_from_string(_written(made)).graph
    assert _dims(graph.output) == {"output": ["T", "N", 6]}
    for size in (1, 13):
        x = torch.randn(size, 2, 4)
        torch.testing.assert_close(made(x), model(x), rtol=1e-4, atol=1e-5)
