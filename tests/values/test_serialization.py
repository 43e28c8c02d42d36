"""Named tensors in files: pickle, copies, torch.save with weights only, alone and in containers."""

import copy
import io
import pickle
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

import namedtorch
from namedtorch import NamedTensor
from tests.values.pages import run as run_page

DIMS = [("N", "C"), (None, "C"), (None, None), ("(C H)", "in"), ("T", "T"), ("größe", "名")]


class Batch(NamedTuple):
    image: NamedTensor
    label: int


def x(dims: tuple[str | None, ...] = ("N", "C"), **options: Any) -> NamedTensor:
    return (
        NamedTensor(torch.arange(6.0).view(2, 3).requires_grad_(**options), dims)
        if options
        else NamedTensor(torch.arange(6.0).view(2, 3), dims)
    )


def same(found: object, value: NamedTensor) -> bool:
    assert type(found) is NamedTensor
    return found.dims == value.dims and type(found.dims) is tuple and torch.equal(found.tensor, value.tensor)


def saved(value: Any, **options: Any) -> Any:
    """What comes back of a file."""
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return torch.load(file, **options)


@pytest.mark.parametrize("dims", DIMS)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(dims: tuple[str | None, ...], protocol: int) -> None:
    assert same(pickle.loads(pickle.dumps(x(dims), protocol)), x(dims))


@pytest.mark.parametrize("dims", DIMS)
@pytest.mark.parametrize("weights_only", [True, False])
def test_torch_save(dims: tuple[str | None, ...], weights_only: bool) -> None:
    assert same(saved(x(dims), weights_only=weights_only), x(dims))


def test_scalars_and_empty_tensors() -> None:
    for value in (NamedTensor(torch.tensor(3), ()), NamedTensor(torch.empty(0, 2), ("N", "C"))):
        assert same(saved(value, weights_only=True), value)
        assert same(pickle.loads(pickle.dumps(value)), value)


def test_containers_with_weights_only() -> None:
    value = {"a": [x(), (x((None, "C")), 1)], "b": OrderedDict(c=x(), d="text")}
    found = saved(value, weights_only=True)
    assert same(found["a"][0], x())
    assert same(found["a"][1][0], x((None, "C")))
    assert same(found["b"]["c"], x())


def test_records_without_weights_only() -> None:
    found = saved(Batch(x(), 3), weights_only=False)
    assert isinstance(found, Batch)
    assert same(found.image, x())


def test_dtype_strides_and_gradients_stay() -> None:
    value = NamedTensor(
        torch.ones(2, 3, 4, 5).half().to(memory_format=torch.channels_last), ("N", "C", "H", "W")
    )
    found = saved(value, weights_only=True)
    assert (found.dtype, found.tensor.stride()) == (torch.half, value.tensor.stride())
    assert saved(x(requires_grad=True), weights_only=True).requires_grad


def test_views_of_one_storage_stay_so() -> None:
    whole = x()
    found = saved([whole, NamedTensor(whole.tensor[0], ("C",))], weights_only=True)
    found[0].tensor[0, 0] = 7
    assert found[1].tensor[0] == 7


def test_map_location() -> None:
    assert saved(x(), weights_only=True, map_location="meta").device.type == "meta"


def test_memory_mapped_files(tmp_path: Path) -> None:
    torch.save({"x": x()}, tmp_path / "x.pt")
    assert same(torch.load(tmp_path / "x.pt", weights_only=True, mmap=True)["x"], x())


def test_files_name_the_public_class() -> None:
    """The room of the class may move, and files must not notice."""
    assert pickle.dumps(x(), 0).startswith(b"cnamedtorch\nNamedTensor\n")
    assert (NamedTensor.__module__, namedtorch.NamedTensor) == ("namedtorch", NamedTensor)


LOADS = """
import sys, torch
{first}
found = torch.load(sys.argv[1], weights_only={only})
print(type(found).__name__, found.dims)
"""


def run(code: str, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("first", "only"), [("from namedtorch import NamedTensor", True), ("", False)])
def test_another_process_reads_it(tmp_path: Path, first: str, only: bool) -> None:
    torch.save(x(), tmp_path / "x.pt")
    done = run(LOADS.format(first=first, only=only), tmp_path / "x.pt")
    assert done.stdout == "NamedTensor ('N', 'C')\n", done.stderr


def test_a_process_without_the_package_in_use_is_told_what_to_do(tmp_path: Path) -> None:
    torch.save(x(), tmp_path / "x.pt")
    done = run(LOADS.format(first="", only=True), tmp_path / "x.pt")
    assert "namedtorch.NamedTensor" in done.stderr
    assert "add_safe_globals" in done.stderr


def test_copy_shares_and_deepcopy_does_not() -> None:
    value = x()
    shared, own = copy.copy(value), copy.deepcopy(value)
    value.tensor[0, 0] = 9
    assert same(shared, value)
    assert (own.dims, own.tensor[0, 0]) == (("N", "C"), 0)
    shared.dims = ("A", "B")
    assert value.dims == ("N", "C")


def test_deepcopy_keeps_what_is_one_object() -> None:
    value = x()
    found = copy.deepcopy({"a": value, "b": [value], "tensor": value.tensor})
    assert found["a"] is found["b"][0]
    assert found["a"].tensor is found["tensor"]
    assert found["a"] is not value


def test_deepcopy_of_a_leaf_takes_its_gradient() -> None:
    value = x(requires_grad=True)
    value.sum().backward()
    found = copy.deepcopy(value)
    assert found.requires_grad
    assert found.grad is not None
    assert found.grad.dims == ("N", "C")


def test_a_module_with_named_tensors_is_copied() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = x()

    module = Scaled()
    found = copy.deepcopy(module)
    assert same(found.scale, module.scale)
    assert found.scale is not module.scale


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_page("named-serialization.md")
