"""Model files as people write them: nothing is wrong in them, and nothing is said."""

from pathlib import Path

import pytest

from namedtorch.static.checked import Options
from namedtorch.static.checker import check_module
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule

MODELS = Path(__file__).parent / "models"
SCRIPTS = {"alarms.py"}
"""What runs the checker over the models."""
SCRIPTED = {"main", "<module>"}
"""What may be too large to be followed: a script that makes and runs every model."""
NAMES = sorted(path.name for path in MODELS.glob("*.py") if path.name not in SCRIPTS)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_of_a_model(name: str) -> None:
    path = str(MODELS / name)
    project = Project.of([path], Configuration(str(MODELS)))
    module = project.module_at(path)
    assert isinstance(module, SourceModule)
    found = check_module(module, project, Options())
    assert [(one.place.line, one.code, one.message) for one in found.problems] == []
    assert set(found.over_budget) <= SCRIPTED
    assert len(found.inferred) >= 5


def test_there_are_models_of_many_kinds() -> None:
    assert len(NAMES) >= 50
    known = {
        "resnet.py",
        "swin.py",
        "vit.py",
        "nanogpt.py",
        "whisper.py",
        "detr.py",
        "sam.py",
        "llama.py",
        "unet.py",
    }
    assert known <= set(NAMES)
