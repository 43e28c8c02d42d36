"""The search for what TorchScript refuses finds nothing in code that it takes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from torch import nn

from namedtorch.lower.constructs import found_in
from namedtorch.lower.guards import GuardsInside
from namedtorch.lower.modules import copied, translate_tree
from namedtorch.lower.reach import Reach
from namedtorch.lower.recompilation import recompiler
from namedtorch.lower.torchscript import forget_classes
from tests.lower import corpus, test_models
from tests.lower.constructs.case import Case, model
from tests.lower.constructs.cases import CASES


def searched(given: nn.Module) -> list[str]:
    """What the search for constructs says of a model that nobody refused."""
    inside = GuardsInside()
    target = copied(given, False)
    tree = translate_tree(target, inside.functions)
    try:
        reach = Reach(target, inside.functions.translations(), lambda function, owner: None)
        with recompiler(reach.methods):
            return [
                f"{one.construct.name}: {body.definition.file}:{one.first}"
                for body in reach.bodies
                for one in found_in(body)
            ]
    finally:
        forget_classes(tree.classes)


MAKERS = [*(one.make for one in corpus.CASES), *(make for make, _, _ in test_models.CASES)]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_in_models_that_torch_takes_nothing_is_found(make: Callable[[], nn.Module]) -> None:
    assert searched(make()) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.construct)
def test_in_the_ways_around_nothing_is_found(case: Case, tmp_path: Path) -> None:
    assert searched(model(case.remedied, tmp_path / "model.py")) == []
