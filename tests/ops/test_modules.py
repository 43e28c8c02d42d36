"""Every row of the table of modules, held against torch itself."""

import inspect
import warnings

import pytest
import torch
from torch import nn

from namedtorch.diagnostics import DimError
from namedtorch.dims.pattern import Dim
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.table import MODULES, rule_for, spelled
from tests.ops.instances import (
    GIVEN,
    INDEXED,
    STATEFUL,
    STATELESS,
    UNDEMANDING,
    Instance,
    bound,
    call,
    hint_of,
    inputs,
    match_result,
    names_of,
    own_state,
    reader,
)
from tests.ops.oracle import function_of

WITH_STATE = [*STATEFUL, *INDEXED, *GIVEN]
CALLED = [*STATEFUL, *UNDEMANDING, *STATELESS]
RANKED = {"Dropout1d": 3, "Dropout2d": 4, "Dropout3d": 5, "Softmax2d": 4, "LocalResponseNorm": 4}
"""Modules that keep sizes, and that take so many axes."""


def rule_of(instance: Instance) -> ModuleRule:
    rule = rule_for(names_of(instance.kind))
    assert rule is not Unknown
    return rule


@pytest.mark.parametrize("instance", WITH_STATE, ids=str)
def test_parameters_and_buffers_have_the_dims_of_their_row(instance: Instance) -> None:
    module = instance.make()
    held = own_state(module)
    dims = rule_of(instance).state_dims(reader(module), held)
    assert {name: str(shape) for name, shape in dims.items()} == instance.state
    assert list(held) == list(instance.state)
    for name, value in held.items():
        dims[name].match(tuple(value.shape), argument=name)
        assert all(isinstance(axis, Dim) or instance in GIVEN for axis in dims[name].axes)


@pytest.mark.parametrize("many", [0, 1, 2])
@pytest.mark.parametrize("instance", CALLED, ids=str)
def test_a_forward_gives_what_its_row_says(instance: Instance, many: int) -> None:
    module = instance.make()
    for signature in rule_of(instance).forwards(reader(module)):
        sizes = inputs(signature, many)
        match_result(signature.result, call(module, sizes), bound(signature, sizes))


@pytest.mark.parametrize("instance", INDEXED, ids=str)
def test_a_lookup_gives_what_its_row_says(instance: Instance) -> None:
    module = instance.make()
    signature = rule_of(instance).forwards(reader(module))[0]
    sizes = inputs(signature, 2)
    match_result(signature.result, call(module, sizes, torch.int64), bound(signature, sizes))


@pytest.mark.parametrize(("name", "rank"), RANKED.items())
def test_modules_that_take_so_many_axes_keep_their_sizes(name: str, rank: int) -> None:
    options = {"size": 2} if name == "LocalResponseNorm" else {}
    module = getattr(nn, name)(**options).eval()
    (signature,) = MODULES[f"torch.nn.{name}"].forwards(reader(module))
    sizes = inputs(signature, rank)
    match_result(signature.result, call(module, sizes), bound(signature, sizes))


def wrong_sizes(size: int) -> list[int]:
    return [one for one in (1, size + 1, 2 * size, 3 * size) if one != size]


@pytest.mark.parametrize("instance", CALLED, ids=str)
def test_a_forward_refuses_other_sizes_of_the_dims_that_its_row_says_it_enforces(instance: Instance) -> None:
    # The kernels themselves: on the meta device, transposed convolutions take any number of channels.
    module, rule = instance.make("cpu"), rule_of(instance)
    enforced = rule.enforced(reader(module), own_state(module))
    tried = 0
    for signature in rule.forwards(reader(module)):
        for place, parameter in enumerate(signature.parameters):
            # The groups of these calls are empty.
            axes = [one for one in hint_of(parameter.hint).shape.axes if isinstance(one, Dim)]
            for axis, dim in enumerate(axes):
                if dim.name is Unknown or dim.name not in enforced:
                    continue
                size = enforced[dim.name].size.value
                assert size is not Unknown
                for wrong in wrong_sizes(size):
                    sizes = inputs(signature, 0)
                    sizes[place][axis] = wrong
                    with pytest.raises((RuntimeError, ValueError, AssertionError)):
                        call(module, sizes)
                    with pytest.raises(DimError):
                        bound(signature, sizes)
                    tried += 1
    assert tried or not enforced.keys() & {"in", "in1", "channels", "embed", "normalized", "normalized0"}


@pytest.mark.parametrize("instance", UNDEMANDING, ids=str)
def test_a_forward_without_state_may_take_any_number_of_channels(instance: Instance) -> None:
    module, rule = instance.make(), rule_of(instance)
    assert rule.enforced(reader(module), own_state(module)) == {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert call(module, [[3, 11, 4, 4]]).shape == (3, 11, 4, 4)


def test_every_module_of_torch_with_state_has_a_row() -> None:
    for name, kind in vars(nn).items():
        if not inspect.isclass(kind) or not issubclass(kind, nn.Module) or name.startswith("Lazy"):
            continue
        if rule_for([f"torch.nn.{name}"]) is not Unknown:
            continue
        source = inspect.getsource(kind.__init__)
        makes = any(word in source for word in ("Parameter(", "register_parameter(", "register_buffer("))
        # Those that LSTM and its like are made of are no modules of their own.
        assert not makes or name in ("RNNBase", "RNNCellBase"), name


def test_every_row_with_state_is_held_against_torch() -> None:
    named = {spelled(names_of(one.kind)[0]) for one in [*WITH_STATE, *STATELESS]}
    untested = {
        name for name, rule in MODULES.items() if name not in named and (rule.state or rule.forward)
    } - {f"torch.nn.{name}" for name in RANKED}
    # A lazy module becomes the module that it is named after, at its first call.
    assert {name for name in untested if "Lazy" not in name} == {"torch.nn.NLLLoss2d"}


@pytest.mark.parametrize("name", MODULES)
def test_every_row_stands_under_a_name_of_torchs(name: str) -> None:
    kind = function_of(name)
    assert issubclass(kind, nn.Module)
    assert spelled(names_of(kind)[0]) == name


class Scaled(nn.Linear):
    """A subclass of the user's."""


FOUND = [
    (["torch.nn.Linear"], "torch.nn.Linear"),
    (["torch.nn.modules.linear.Linear"], "torch.nn.Linear"),
    (["torch.nn.modules.Linear"], "torch.nn.Linear"),
    (names_of(Scaled), "torch.nn.Linear"),
    (names_of(nn.LazyConv2d), "torch.nn.LazyConv2d"),
    (["mine.Linear"], None),
    (["torch.Linear"], None),
    (["torch.nn.quantized.Linear"], None),
    (names_of(nn.Sequential), None),
    ([], None),
]


@pytest.mark.parametrize(("names", "found"), FOUND)
def test_a_row_is_found_by_the_names_of_a_class_and_its_bases(names: list[str], found: str | None) -> None:
    rule = rule_for(names)
    assert (None if rule is Unknown else rule.name) == found
