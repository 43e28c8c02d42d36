"""NamedTensor in the trees of torch: `tree_map`, paths, texts of trees, exported programs."""

import io
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils import _pytree as pytree

from namedtorch import NamedTensor
from namedtorch.values.pytrees import SERIALIZED_NAME


def x(*dims: str | None) -> NamedTensor:
    return NamedTensor(torch.arange(6.0).view(2, 3), dims or ("N", "C"))


def test_the_tensor_is_the_leaf() -> None:
    value = x()
    leaves, spec = pytree.tree_flatten({"a": [value, 1]})
    assert leaves == [value.tensor, 1]
    again = pytree.tree_unflatten(leaves, spec)["a"][0]
    assert isinstance(again, NamedTensor)
    assert (again.dims, again.tensor) == (("N", "C"), value.tensor)


def test_tree_map_keeps_the_dims() -> None:
    found = pytree.tree_map(lambda tensor: tensor * 2, (x(), {"k": x(None, "C")}))
    assert (found[0].dims, found[1]["k"].dims) == (("N", "C"), (None, "C"))
    assert found[0].tensor.tolist() == [[0, 2, 4], [6, 8, 10]]


def test_leaves_may_be_anything() -> None:
    sizes = pytree.tree_map(lambda tensor: tuple(tensor.shape), x())
    assert (sizes.tensor, sizes.dims) == ((2, 3), ("N", "C"))


def test_other_dims_are_another_tree() -> None:
    assert pytree.tree_structure(x()) == pytree.tree_structure(x())
    assert pytree.tree_structure(x()) != pytree.tree_structure(x("C", "N"))
    with pytest.raises(ValueError, match="Node context mismatch"):
        pytree.tree_map(torch.add, x(), x("C", "N"))


def test_the_path_says_tensor() -> None:
    ((path, _),) = pytree.tree_leaves_with_path({"images": x()})
    assert pytree.keystr(path) == "['images'].tensor"
    assert pytree.key_get({"images": x()}, path).tolist() == x().tensor.tolist()


@pytest.mark.parametrize("dims", [("N", "C"), (None, "(C H)"), ("in", "größe")])
def test_a_tree_is_written_and_read(dims: tuple[str | None, ...]) -> None:
    spec = pytree.tree_structure([NamedTensor(torch.ones(2, 3), dims)])
    text = pytree.treespec_dumps(spec)
    assert f'"{SERIALIZED_NAME}"' in text
    assert pytree.treespec_loads(text) == spec


class Doubled(nn.Module):
    def forward(self, x: Any) -> Any:
        return {"twice": NamedTensor(x.tensor * 2, x.dims)}


def test_an_exported_program_takes_and_gives_dims() -> None:
    program = torch.export.export(Doubled(), (x(),))
    file = io.BytesIO()
    torch.export.save(program, file)
    file.seek(0)
    loaded = torch.export.load(file).module()
    found = loaded(x())["twice"]
    assert (found.dims, found.tensor.tolist()) == (("N", "C"), [[0, 2, 4], [6, 8, 10]])
    with pytest.raises(ValueError, match=r"TreeSpec\(NamedTensor, \('C', 'N'\)"):
        loaded(x("C", "N"))
