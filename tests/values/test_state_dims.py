"""The dims of parameters in state dicts: they travel in the metadata, and loading refuses others, or permutes."""

import copy
import io
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from namedtorch import DimError
from namedtorch.values.parameters import name_parameters, parameter_dims
from namedtorch.values.state_dims import permuted_loading


def metadata(module: nn.Module, path: str = "") -> dict[str, Any]:
    state: Any = module.state_dict()
    return state._metadata[path]


def saved(module: nn.Module) -> Any:
    """The state dict of a module, as it comes out of a file."""
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def test_dims_travel_in_the_metadata() -> None:
    model = name_parameters(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)), {"1.bias": "classes"})
    state = saved(model)
    assert list(state) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert state._metadata["1"]["namedtorch"] == {
        "version": 1,
        "dims": {"weight": "out in", "bias": "classes"},
        "given": ["bias"],
    }
    assert "namedtorch" not in state._metadata[""]


def test_a_part_of_a_model_has_its_dims_too() -> None:
    model = name_parameters(nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)), {"0.weight": "a b"})
    state = saved(model[0])
    turned = name_parameters(nn.Linear(3, 3), weight="b a")
    with pytest.raises(DimError, match="`weight`: the state dict has dims `a b`, and the model `b a`"):
        turned.load_state_dict(state)


def test_models_that_nobody_named_are_left_alone() -> None:
    layer = nn.Linear(3, 4)
    parameter_dims(layer)
    assert metadata(layer) == {"version": 1}
    assert not layer._state_dict_hooks
    assert layer.load_state_dict(saved(name_parameters(nn.Linear(3, 4), weight="in out"))).missing_keys == []


def test_a_plain_state_dict_loads_as_ever() -> None:
    named, plain = name_parameters(nn.Linear(3, 3), weight="in out"), nn.Linear(3, 3)
    named.load_state_dict(saved(plain))
    assert torch.equal(named.weight, plain.weight)
    named.load_state_dict({name: one.clone() for name, one in plain.state_dict().items()})


def test_the_same_dims_load() -> None:
    one, other = (name_parameters(nn.Linear(3, 3), weight="classes features") for _ in range(2))
    other.load_state_dict(saved(one))
    assert torch.equal(one.weight, other.weight)


def pair() -> tuple[Any, nn.Sequential]:
    """A state dict, and a model that has two of its weights in another order, of equal sizes."""
    torch.manual_seed(0)
    source = name_parameters(
        nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Conv1d(3, 3, 3)), {"2.weight": "K C T"}
    )
    target = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Conv1d(3, 3, 3))
    return saved(source), name_parameters(target, {"0.weight": "in out", "2.weight": "T K C"})


def test_a_transposed_weight_is_refused_by_name() -> None:
    state, target = pair()
    before = copy.deepcopy(target.state_dict())
    with pytest.raises(DimError) as caught:
        target.load_state_dict(state)
    assert str(caught.value) == (
        "2 things do not fit\n"
        "  1. `0.weight`: the state dict has dims `out in`, and the model `in out`: `out` and `in` stand at other "
        "axes; load it within `namedtorch.permuted_loading()`, which permutes it\n"
        "  2. `2.weight`: the state dict has dims `K C T`, and the model `T K C`: `K` and `C` and `T` stand at other "
        "axes; load it within `namedtorch.permuted_loading()`, which permutes it"
    )
    assert [one.argument for one in caught.value.failures] == ["0.weight", "2.weight"]
    # Nothing was loaded: not even what comes before the first of them.
    assert all(torch.equal(one, before[name]) for name, one in target.state_dict().items())


@pytest.mark.parametrize("assign", [False, True])
def test_a_transposed_weight_is_permuted_if_asked(assign: bool) -> None:
    state, target = pair()
    with permuted_loading():
        target.load_state_dict(state, assign=assign)
    assert torch.equal(target[0].weight, state["0.weight"].T)
    assert torch.equal(target[2].weight, state["2.weight"].permute(2, 0, 1))
    assert torch.equal(target[2].bias, state["2.bias"])
    assert all(one.is_contiguous() and isinstance(one, nn.Parameter) for one in target.parameters())
    assert target[0].weight.shape == state["0.weight"].shape
    with pytest.raises(DimError, match="other axes"):
        target.load_state_dict(state)


def test_the_state_dict_itself_is_not_permuted() -> None:
    state, target = pair()
    kept = state["0.weight"].clone()
    with permuted_loading():
        target.load_state_dict(state)
        target.load_state_dict(state)
    assert torch.equal(state["0.weight"], kept)
    assert torch.equal(target[0].weight, kept.T)


def test_other_sizes_are_permuted_too() -> None:
    source = name_parameters(nn.Linear(2, 3, bias=False))
    target = nn.Linear(3, 2, bias=False)
    name_parameters(target, weight="in out")
    with pytest.raises(DimError, match="the state dict has dims `out in`, and the model `in out`"):
        target.load_state_dict(saved(source))
    with permuted_loading():
        target.load_state_dict(saved(source))
    assert torch.equal(target.weight, source.weight.T)


def test_dims_that_only_share_a_name_are_not_permuted() -> None:
    source = name_parameters(nn.Linear(3, 3), weight="a b")
    target = name_parameters(nn.Linear(3, 3), weight="b c")
    with permuted_loading(), pytest.raises(DimError) as caught:
        target.load_state_dict(saved(source))
    assert str(caught.value) == (
        "`weight`: the state dict has dims `a b`, and the model `b c`: `b` stands at another axis; permute it, and "
        "load `dict(state)`, which leaves the dims of the state dict behind"
    )
    target.load_state_dict(dict(saved(source)))
    assert torch.equal(target.weight, source.weight)


def test_other_names_of_users_are_refused() -> None:
    source = name_parameters(nn.Embedding(5, 5), weight="words features")
    target = name_parameters(nn.Embedding(5, 5), weight="positions features")
    with pytest.raises(DimError) as caught:
        target.load_state_dict(saved(source))
    assert str(caught.value) == (
        "`weight`: the state dict has dims `words features`, and the model `positions features`: these are other "
        "dims; if they are the same, load `dict(state)`, which leaves the dims of the state dict behind"
    )


def test_names_of_the_table_are_general() -> None:
    source = name_parameters(nn.Linear(3, 3))
    target = name_parameters(nn.Linear(3, 3), weight="classes features")
    assert target.load_state_dict(saved(source)).missing_keys == []
    assert source.load_state_dict(saved(target)).missing_keys == []


def test_an_axis_without_a_name_fits_any() -> None:
    source = name_parameters(nn.Linear(3, 3), weight="classes _")
    target = name_parameters(nn.Linear(3, 3), weight="_ features")
    assert target.load_state_dict(saved(source)).missing_keys == []


def test_merged_dims_are_one_name() -> None:
    source = name_parameters(nn.Linear(4, 4), weight="(heads=2 d) in")
    target = name_parameters(nn.Linear(4, 4), weight="in (heads=2 d)")
    with permuted_loading():
        target.load_state_dict(saved(source))
    assert torch.equal(target.weight, source.weight.T)


def test_missing_and_extra_keys_are_left_to_torch() -> None:
    state, target = pair()
    del state["0.weight"]
    with permuted_loading(), pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "0.weight"'):
        target.load_state_dict(state)
    with permuted_loading():
        assert target.load_state_dict(state, strict=False).missing_keys == ["0.weight"]


def test_damaged_metadata_is_passed_by() -> None:
    state, target = pair()
    state._metadata["0"]["namedtorch"] = "?"
    state._metadata["2"] = {}
    assert target.load_state_dict(state).missing_keys == []


def test_a_module_within_a_plain_one_looks_after_itself() -> None:
    _, target = pair()
    outer = nn.ModuleDict({"inner": target})
    renamed = nn.ModuleDict({"inner": nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Conv1d(3, 3, 3))})
    name_parameters(renamed["inner"], {"2.weight": "K C T"})
    with pytest.raises(DimError, match=r"`inner.0.weight`: the state dict has dims `out in`"):
        outer.load_state_dict(saved(renamed))
    with permuted_loading():
        outer.load_state_dict(saved(renamed))
    assert torch.equal(target[2].weight, renamed["inner"][2].weight.permute(2, 0, 1))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_keep_dims(again: Any) -> None:
    state, target = pair()
    found = again(target)
    assert parameter_dims(found) == parameter_dims(target)
    name_parameters(found, {"2.bias": "K"})
    assert parameter_dims(target)["2.bias"] == "out"
    with pytest.raises(DimError, match="2 things do not fit"):
        found.load_state_dict(state)
    assert metadata(found, "2")["namedtorch"]["dims"]["bias"] == "K"


def test_a_whole_module_in_a_file_keeps_dims(tmp_path: Any) -> None:
    state, target = pair()
    torch.save(target, tmp_path / "model.pt")
    found = torch.load(tmp_path / "model.pt", weights_only=False)
    assert parameter_dims(found) == parameter_dims(target)
    with pytest.raises(DimError, match="2 things do not fit"):
        found.load_state_dict(state)


class Negative(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return -x


def test_a_parametrized_weight_keeps_its_dims() -> None:
    layer = name_parameters(nn.Linear(3, 3), weight="classes features")
    parametrize.register_parametrization(layer, "weight", Negative())
    dims = {"bias": "out", "parametrizations.weight.original": "classes features"}
    assert parameter_dims(layer) == dims
    name_parameters(layer, weight="features classes")
    other = name_parameters(nn.Linear(3, 3), weight="classes features")
    parametrize.register_parametrization(other, "weight", Negative())
    with pytest.raises(DimError, match=r"`parametrizations.weight.original`: the state dict has"):
        layer.load_state_dict(saved(other))
    with permuted_loading():
        layer.load_state_dict(saved(other))
    assert torch.equal(layer.weight, other.weight.T)
