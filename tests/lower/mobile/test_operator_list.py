"""Lists of operators: what a file calls is in them, the guard's calls too, and nothing needs YAML to write them."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import ArchiveError, Float, LowerError
from namedtorch.lower.mobile.operator_list import operators_in, write_operators, yaml_list
from namedtorch.lower.quantize.entry import quantize
from tests.lower.mobile.phone_models import Dense, Photos, channels_last, images
from tests.lower.unverified import lower


def called(call: Any, *inputs: Any) -> set[str]:
    """The operators that a call of a model enters itself, without their overloads, as torch's profiler sees them."""
    with torch.autograd.profiler.profile() as profile, contextlib.suppress(torch.jit.Error, RuntimeError):
        call(*inputs)
    return {one.name for one in profile.function_events if one.cpu_parent is None}


def bare(names: tuple[str, ...]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def read(path: Path) -> list[str]:
    """A YAML list of plain texts, one a line."""
    lines = path.read_text().splitlines()
    assert all(line.startswith("- ") for line in lines)
    return [line[2:] for line in lines]


KINDS = ["float", "mobile", "quantized", "dense"]


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_a_file_calls_is_in_its_list(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "m.ptl"
    model = Dense() if kind == "dense" else Photos()
    given: Any = quantize(model, "static", [images()], progress=False) if kind == "quantized" else model
    lower(given, optimize=None if kind == "float" else "mobile").save(path, bundle=True)
    names = operators_in(path)
    phone = _load_for_lite_interpreter(str(path))
    x = torch.randn(2, 6) if kind == "dense" else channels_last(images())
    found = called(phone, x)
    # What the guard calls to refuse is in it, too, and what gives the bundled inputs.
    for wrong in (x.transpose(0, 1), x.double(), x[0]):
        found |= called(phone, wrong)
    found |= called(phone.run_method, "get_all_bundled_inputs")
    if kind != "dense":
        found |= called(phone.run_method, "encode", x)
    assert found <= bare(names)
    # A list of all that torch has would do that as well: most of this one is called.
    assert len(bare(names) & found) > len(bare(names)) / 2
    assert ("quantized::conv2d.new" in names) == (kind == "quantized")


def test_what_a_phone_builds_in_has_overloads() -> None:
    names = lower(Photos(), optimize="mobile").operators
    assert {"aten::conv2d", "aten::mean.dim", "aten::linear", "aten::size"} <= set(names)
    assert not any("dropout" in name or "batch_norm" in name for name in names)
    assert names == tuple(sorted(names))


def test_one_list_of_several_models(tmp_path: Path) -> None:
    photos, dense = lower(Photos(), to="lite"), lower(Dense())
    photos.save(tmp_path / "photos.ptl")
    dense.save(tmp_path / "dense.pt")
    path = tmp_path / "ops.yaml"
    names = write_operators(path, tmp_path / "photos.ptl", str(tmp_path / "dense.pt"))
    assert set(names) == {*photos.operators, *dense.operators}
    assert read(path) == list(names) == sorted(names)
    assert write_operators(path, photos, dense) == names
    assert write_operators(path, dense) == operators_in(tmp_path / "dense.pt") == dense.operators


def test_a_selective_build_reads_the_file(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    path = tmp_path / "ops.yaml"
    names = write_operators(path, lower(Photos(), optimize="mobile"))
    assert yaml.safe_load(path.read_text()) == list(names)
    odd = ["aten::add.Tensor", "my-ops::it's", "a: b", "- no", "aten::x:", "true", "é", ""]
    assert yaml.safe_load(yaml_list(odd)) == odd
    assert yaml.safe_load(yaml_list([])) == []


def test_texts_that_are_no_names_of_operators_are_quoted() -> None:
    assert yaml_list(["aten::add.Tensor", "a: b", "x"]) == '- aten::add.Tensor\n- "a: b"\n- "x"\n'


def test_functions_have_lists(tmp_path: Path) -> None:
    def blend(x: Float[Tensor, "N C"], y: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return torch.lerp(x, y, 0.5)

    assert "aten::lerp.Scalar" in lower(blend).operators


def test_what_has_no_list(tmp_path: Path) -> None:
    class Either(nn.Module):
        def forward(self, x: Float[Tensor, "N"] | list[Float[Tensor, "N"]]) -> Float[Tensor, "N"]:
            return x if isinstance(x, Tensor) else x[0]

    with pytest.raises(
        LowerError, match=r"Either has no list of operators: the lite interpreter has no unions"
    ):
        _ = lower(Either()).operators
    with pytest.raises(LowerError, match="there is no model to list the operators of"):
        write_operators(tmp_path / "ops.yaml")
    with pytest.raises(LowerError, match=r"of lowered models and of archives, not of Dense: lower it first$"):
        write_operators(tmp_path / "ops.yaml", Dense())  # type: ignore[arg-type] # the mistake that is tested
    (tmp_path / "m.ptl").write_bytes(b"no zip")
    with pytest.raises(ArchiveError, match=r"is no file that namedtorch knows"):
        write_operators(tmp_path / "ops.yaml", tmp_path / "m.ptl")
    assert not (tmp_path / "ops.yaml").exists()
