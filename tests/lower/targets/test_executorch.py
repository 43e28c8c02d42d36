"""ExecuTorch programs of exported programs: bounds, the same numbers, int8, and refusals."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from namedtorch import Float, lower
from namedtorch.archive.container import read_archive
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal import verify
from namedtorch.diagnostics import LowerError
from namedtorch.lower.targets.executorch import ExecutorchModel, to_executorch
from namedtorch.lower.targets.executorch_bounds import largest, narrow, require_bounds, written_bounds
from namedtorch.lower.targets.flat_dims import FlatDims, input_nodes, sizes_of
from namedtorch.signature.text import parse_signature
from tests.lower.targets.flat_programs import Bare, exported, sizes, small
from tests.threads import one_thread as one_thread

pytest.importorskip("executorch")

MOST = 24


@pytest.fixture(scope="module")
def subject() -> tuple[ExportedProgram, Manifest]:
    return small(MOST)


@pytest.fixture(scope="module")
def model(subject: tuple[ExportedProgram, Manifest]) -> ExecutorchModel:
    return to_executorch(*subject, [sizes(3, 2, 9, 11), sizes(1, 1, 4, 5)])


@pytest.fixture(scope="module")
def program(model: ExecutorchModel) -> Any:
    """The file as anybody opens it."""
    from executorch.runtime import Runtime

    return Runtime.get().load_program(model.data)


def test_a_dim_without_a_largest_size_is_refused() -> None:
    with pytest.raises(LowerError) as refused:
        to_executorch(*small(), [])
    assert str(refused.value) == (
        "ExecuTorch plans the memory of tests.Small when it is lowered, and `N`, `H`, `W` and `M` have no largest "
        'size: give them, lower(model, to="executorch", where="N <= 64, H <= 64, W <= 64, M <= 64"), or write it '
        'behind the dims in an annotation ("... where N <= 64")'
    )


def test_largest_sizes_are_read_from_the_signature() -> None:
    signature = parse_signature(
        "x: N T, y: M K -> N where N <= 64, 2*T < 7, 9 >= M, M <= 12, K >= 2, N*K <= 50"
    )
    assert written_bounds(signature) == {"N": 64, "T": 3, "M": 9}


def test_a_dim_that_torch_derived_keeps_the_size_that_is_written() -> None:
    auto: list[dict[int, Any]] = [{0: Dim.AUTO}]
    program, manifest = exported(Bare(), "x: N 3 -> N 3 where N <= 12", [torch.randn(4, 3)], auto)
    dims = FlatDims.of(program, manifest.signature, manifest.interface)
    with pytest.raises(LowerError, match="`N` has no largest size"):
        require_bounds(program, dims, manifest)
    narrow(program, dims, manifest.signature)
    require_bounds(program, dims, manifest)
    (size,) = (one for one in sizes_of(input_nodes(program)[0]) if isinstance(one, torch.SymInt))
    assert largest(program, size) == 12


def test_memory_is_planned_for_the_largest_sizes(program: Any) -> None:
    tells = program.metadata("forward")
    assert [tells.input_tensor_meta(index).sizes() for index in range(3)] == [
        (MOST, 3, MOST, MOST),
        (MOST,),
        (MOST, 5),
    ]


@pytest.mark.parametrize("given", [(1, 1, 4, 4), (2, 3, 5, 8), (MOST, MOST, MOST, MOST)])
def test_results_are_those_of_the_model(
    subject: tuple[ExportedProgram, Manifest], model: ExecutorchModel, given: tuple[int, int, int, int]
) -> None:
    inputs = sizes(*given)
    for one, other in zip(subject[0].module()(*inputs), model.run(inputs), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_the_report_tells_what_runs_where(model: ExecutorchModel) -> None:
    assert model.parts.portable["aten::cat"] == 1
    assert sum(one["aten::max_pool2d"] for one in model.parts.delegated) == 1
    assert sum(one["aten::convolution"] for one in model.parts.delegated) == 1
    first, second = model.notes
    assert first.startswith("XNNPACK runs ")
    assert " operators, in " in first
    assert second.startswith("portable kernels run ")
    assert "aten::cat" in second


def test_a_written_file_is_an_archive_and_a_program(model: ExecutorchModel, tmp_path: Path) -> None:
    path = tmp_path / "small.pte"
    sealed = model.write(path)
    archive = read_archive(path)
    assert archive.format == "executorch"
    assert archive.manifest == sealed
    verify(path, archive.manifest, "small.pte")
    from executorch.runtime import Runtime

    program = Runtime.get().load_program(path)
    assert program.method_names == {"forward", "namedtorch_json"}
    assert program.load_method("namedtorch_json").execute([])[0] == sealed.to_json().decode()


def test_plain_executorch_runs_wrong_sizes(program: Any) -> None:
    """What docs/executorch.md says that it checks, and what it does not."""
    forward = program.load_method("forward")
    image, mask, other = sizes(3, 2, 9, 11)
    # An H above the largest, one below the least, a mask of another N: no word of it.
    high = torch.randn(1, 3, MOST + 6, 4)
    assert forward.execute([high, mask[:1], other])[1].shape == (1, 8, 2 * (MOST + 6), 4)
    assert forward.execute([image[:, :, :2].contiguous(), mask, other])[2].shape == (3, 8, 1, 5)
    assert forward.execute([image, mask[:1], other])[0].shape == (3, 5)
    for wrong in (image[0], image.double(), torch.randn(MOST + 1, 3, MOST, MOST)):
        with pytest.raises(RuntimeError, match=r"set_inputs\(\) for method 'forward' failed"):
            forward.execute([wrong, mask, other])


def test_plain_executorch_reads_tensors_in_the_order_of_their_memory(
    subject: tuple[ExportedProgram, Manifest], model: ExecutorchModel, program: Any
) -> None:
    image, mask, other = sizes(3, 2, 9, 11)
    turned = image.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    assert torch.equal(turned, image)
    expected = subject[0].module()(image, mask, other)[0]
    theirs = program.load_method("forward").execute([turned, mask, other])[0]
    assert not torch.allclose(expected, theirs, atol=1e-2)
    torch.testing.assert_close(expected, model.run([turned, mask, other])[0], rtol=1e-4, atol=1e-5)


class Eigenvalues(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (torch.linalg.eigvalsh(x),)


def test_what_no_kernel_is_for_is_refused() -> None:
    program, manifest = exported(
        Eigenvalues(), "x: N 3 3 -> N 3", [torch.randn(4, 3, 3)], [{0: Dim("N", max=8)}]
    )
    with pytest.raises(LowerError) as refused:
        to_executorch(program, manifest, [])
    line = next(
        number
        for number, one in enumerate(Path(__file__).read_text().splitlines(), 1)
        if "(torch.linalg" in one
    )
    assert str(refused.value) == (
        "ExecuTorch has no kernel for `aten::_linalg_eigh.eigenvalues`, which tests.Eigenvalues calls; write it with "
        "other operators, compute it outside of the model, or lower the model to another target "
        f'(to="export", "onnx", "torchscript")\n  {__file__}:{line}\n    return (torch.linalg.eigvalsh(x),)'
    )


class Steps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(4, 8, batch_first=True)

    def forward(self, x: Float[Tensor, "N T D=4"]) -> Float[Tensor, "N T hidden=8"]:
        return self.gru(x)[0]


def test_a_recurrent_layer_over_a_free_length_is_refused() -> None:
    with pytest.raises(LowerError) as refused:
        lower(Steps(), to="executorch", where="N <= 4, T <= 9", verify=False)
    assert re.fullmatch(
        r"ExecuTorch can't convert .*Steps with `T` free: it unrolls layers that go step by step \(nn.LSTM, nn.GRU\) "
        r"into the steps of one size, here (\d+); fix it, lower\(model, to=\"executorch\", "
        r"where=\"N <= 4, T <= 9, T == \1\"\), and pad what is shorter; or lower the model "
        r"to=\"onnx\" or \"torchscript\".*",
        str(refused.value),
        re.DOTALL,
    )


class Trailing(nn.Module):
    """Adds an axis behind two free dims: the partitioner of XNNPACK takes that, and XNNPACK does not."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N T 1"]:
        return x.neg()[:, :, None].sigmoid()


def test_what_xnnpack_takes_and_then_refuses_runs_in_a_portable_kernel() -> None:
    made = lower(Trailing(), to="executorch", where="N <= 4, T <= 6")
    lines = str(made.report).splitlines()
    assert "  note: XNNPACK runs 2 of 3 operators, in 2 parts: aten::neg, aten::sigmoid" in lines
    assert "  note: portable kernels run 1: aten::unsqueeze_copy" in lines
    assert (
        "  note: XNNPACK does not take unsqueeze_copy.default: XNNPACK reshape only supports 1 dynamic dimension"
        in lines
    )
    x = torch.randn(4, 6)
    torch.testing.assert_close(made(x), Trailing()(x), rtol=1e-4, atol=1e-5)


class Listed(nn.Module):
    def forward(self, xs: list[Float[Tensor, "?N D=4"]]) -> list[Float[Tensor, "?N D=4"]]:
        return [one.neg() for one in xs]


def test_a_dim_of_each_element_is_bounded_by_its_own_name() -> None:
    with pytest.raises(LowerError) as refused:
        lower(Listed(), to="executorch", verify=False)
    assert str(refused.value) == (
        f"ExecuTorch plans the memory of {__name__}.Listed when it is lowered, and `N` has no largest size: give it, "
        'lower(model, to="executorch", where="N <= 64"), or write it behind the dims in an annotation '
        '("... where N <= 64")'
    )
    made = lower(Listed(), to="executorch", where="N <= 8", verify=False)
    xs = [torch.randn(8, 4), torch.randn(1, 4)]
    torch.testing.assert_close(made(xs), [one.neg() for one in xs])


class Unnamed(nn.Module):
    def forward(self, x: Float[Tensor, "_ 4"], y: Float[Tensor, "M 4"]) -> Float[Tensor, "_ 4"]:
        return x + y.sum(0)


def test_an_axis_without_a_name_needs_one() -> None:
    with pytest.raises(LowerError) as refused:
        lower(Unnamed(), to="executorch", where="M <= 8", verify=False)
    assert str(refused.value) == (
        f"ExecuTorch plans the memory of {__name__}.Unnamed when it is lowered, and axis 0 of `x` has neither a name "
        'nor a largest size: name it in the annotation, with a largest size ("N ... where N <= 64")'
    )


class Windows(nn.Module):
    """At the first inputs, one window: its sizes are not to be planned for one."""

    def forward(self, x: Float[Tensor, "N T where T % 3 == 0"]) -> Float[Tensor, "N T//3 3"]:
        return x.view(x.shape[0], -1, 3).neg()


def test_memory_is_planned_for_sizes_that_were_1_in_the_first_inputs() -> None:
    made = lower(Windows(), to="executorch", where="N <= 2, T <= 9", verify=False)
    x = torch.randn(2, 9)
    torch.testing.assert_close(made(x), x.view(2, 3, 3).neg())


class Single(nn.Module):
    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]:
        return x.neg()


def test_a_dim_may_have_one_size_by_its_bounds() -> None:
    made = lower(Single(), to="executorch", where="N <= 1, T <= 4", verify=False)
    x = torch.randn(1, 3)
    torch.testing.assert_close(made(x), -x)


class Writing(nn.Module):
    def forward(self, x: Float[Tensor, "N D=4"]) -> Float[Tensor, "N D=4"]:
        x.abs_()
        return x + 1


def test_an_input_that_the_model_changes_stays_as_it_is() -> None:
    made = lower(Writing(), to="executorch", where="N <= 4")
    assert "  note: `x` is changed in a call of the model, not in one of the file" in str(made.report)
    x = torch.randn(3, 4)
    kept = x.clone()
    torch.testing.assert_close(made(x), x.abs() + 1)
    torch.testing.assert_close(x, kept)


class Volume(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(1, 2, 3)

    def forward(self, x: Float[Tensor, "N C=1 4 4 4"]) -> Float[Tensor, "N 2 2 2 2"]:
        return self.conv(x)


def test_a_call_that_fails_is_told_with_its_line() -> None:
    with pytest.raises(LowerError) as refused:
        lower(Volume(), to="executorch", where="N <= 2")
    said, file, source = str(refused.value).splitlines()
    assert said.startswith(
        "ExecuTorch fails with x (2, 1, 4, 4, 4): method->execute() failed with error 0x12 (Check"
    )
    assert "Expect input tensor to be 3-D or 4-D, but got, 5." in said
    assert "with type id" not in said
    assert file.startswith(f"  {__file__}:")
    assert source == "    return self.conv(x)"
