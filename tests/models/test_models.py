"""Models as people write them: they run, they agree with what was written by hand, and nothing is said of them."""

import pytest
import torch
from torch.utils import _pytree as pytree

from namedtorch.static.checked import Options
from namedtorch.static.checker import check_module
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule
from tests.models.corpus import FOLDER, MODELS, Model, results

NAMED = [one for one in MODELS if one.named]


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.name)
def test_runs_and_gives_the_same_again(model: Model) -> None:
    first, second = model.results, results(model.make(), model.runs())
    assert sum(map(len, first)) == 2 * len(model.file.SIZES) * len(model.methods)
    torch.testing.assert_close(second, first)
    finite = [one for one in pytree.tree_leaves(first) if isinstance(one, torch.Tensor)]
    assert finite
    assert all(torch.isfinite(one).all() for one in finite if one.is_floating_point())


@pytest.mark.parametrize("model", NAMED, ids=lambda one: one.name)
def test_is_what_was_written_by_hand(model: Model) -> None:
    torch.testing.assert_close(results(model.twin(), model.runs()), model.results, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("model", NAMED, ids=lambda one: one.name)
def test_what_was_written_by_hand_scripts(model: Model) -> None:
    twin = model.twin()
    torch.testing.assert_close(results(torch.jit.script(twin), model.runs()), results(twin, model.runs()))


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.name)
def test_nothing_is_said_of_the_file(model: Model) -> None:
    path = str(FOLDER / f"{model.name}.py")
    project = Project.of([path], Configuration(str(FOLDER)))
    module = project.module_at(path)
    assert isinstance(module, SourceModule)
    found = check_module(module, project, Options())
    assert [(one.place.line, one.code, one.message) for one in found.problems] == []
    assert set(found.over_budget) == set()
    assert len(found.inferred) >= 5


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.name)
def test_models_with_names_have_a_twin(model: Model) -> None:
    assert model.names() == model.named


def test_there_are_models_of_many_kinds() -> None:
    assert len(MODELS) >= 25
    assert 0.4 <= len(NAMED) / len(MODELS) <= 0.8
