"""Stubs tell the dims of modules that are not in the project."""

from pathlib import Path

import pytest

from namedtorch.static.checked import Checked, Options
from namedtorch.static.checker import check_module
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule
from tests.static.expectations import differences, expected

HERE = Path(__file__).parent / "stubs"
FILES = sorted(path.name for path in HERE.glob("*.py"))


def checked(path: Path) -> tuple[str, Checked]:
    project = Project.of([str(path)])
    module = project.module_at(str(path))
    assert isinstance(module, SourceModule)
    return module.text, check_module(module, project, Options())


@pytest.mark.parametrize("name", FILES)
def test_program(name: str) -> None:
    text, answer = checked(HERE / name)
    assert differences(text, answer) == []
    assert any(path.endswith("typings/fancy/__init__.pyi") for path in answer.dependencies)


@pytest.mark.parametrize("name", FILES)
def test_without_the_stubs_nothing_is_known(name: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.namedtorch]\n")
    (tmp_path / name).write_text((HERE / name).read_text())
    text, answer = checked(tmp_path / name)
    wanted = sum(expected(text).findings.values())
    assert len(answer.problems) < wanted
    assert differences(text, answer) != []


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.pyi")), ids=lambda path: path.name)
def test_stubs_are_in_order_themselves(path: Path) -> None:
    _, answer = checked(path)
    assert answer.problems == ()


def test_a_refused_annotation_of_a_stub_is_found_in_the_stub(tmp_path: Path) -> None:
    (tmp_path / "typings").mkdir()
    stub = tmp_path / "typings" / "fancy.pyi"
    stub.write_text(
        'from jaxtyping import Float\nfrom torch import Tensor\ndef f(x: Float[Tensor, "N C("]): ...\n'
    )
    (tmp_path / "pyproject.toml").write_text('[tool.namedtorch]\nstubs = ["typings"]\n')
    (tmp_path / "use.py").write_text("import fancy\ny = fancy.f(1)\n")
    assert [one.code for one in checked(stub)[1].problems] == ["bad-annotation"]
    assert checked(tmp_path / "use.py")[1].problems == ()


def test_a_stub_comes_before_a_module_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "typings").mkdir()
    head = "from jaxtyping import Float\nfrom torch import Tensor\n"
    (tmp_path / "typings" / "own.pyi").write_text(head + 'def f() -> Float[Tensor, "3 4"]: ...\n')
    (tmp_path / "own.py").write_text("import torch\ndef f():\n    return torch.zeros(5)\n")
    (tmp_path / "use.py").write_text("from own import f\nx = f()  # dims: 3 4\n")
    (tmp_path / "pyproject.toml").write_text('[tool.namedtorch]\nstubs = ["typings"]\n')
    assert differences(*checked(tmp_path / "use.py")) == []
    (tmp_path / "pyproject.toml").write_text("[tool.namedtorch]\n")
    assert differences(*checked(tmp_path / "use.py")) == ["2: dims are ['5'], not ['3 4']"]
