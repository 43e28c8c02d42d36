"""Whatever Python it is given, the checker comes back: no exception, no more than its budget."""

import ast
import copy
import random
import resource
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from namedtorch.static.checked import Checked, Options
from namedtorch.static.checker import check_module
from namedtorch.static.configuration import Configuration
from namedtorch.static.interpreter.machine import FUEL, Machine
from namedtorch.static.project import Project
from namedtorch.static.source_module import BrokenModule, SourceModule
from tests.static.large_programs import LARGE


def check_files(folder: Path, files: dict[str, str], name: str) -> Checked:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    project = Project.of([str(folder)], Configuration(str(folder)))
    module = project.module_at(str(folder / name))
    assert isinstance(module, SourceModule)
    return check_module(module, project, Options(comments=True))


def check(folder: Path, source: str) -> Checked:
    return check_files(folder, {"odd.py": source}, "odd.py")


ROOM = 2 * 2**30
"""What a check may take of memory, in bytes: what grows beyond all limits fails, and the machine lives on."""


@pytest.fixture(autouse=True)
def little_room() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.fixture
def burnt(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often fuel was used: the work of a check, on any machine."""
    steps: list[int] = []
    burn = Machine.burn

    def counted(machine: Machine) -> None:
        steps.append(machine.fuel)
        burn(machine)

    monkeypatch.setattr(Machine, "burn", counted)
    return steps


ODD = Path(__file__).parent / "odd"
SYNTAX = sorted(path.name for path in ODD.glob("*.py"))


@pytest.mark.parametrize("name", SYNTAX)
def test_every_form_of_syntax(name: str, tmp_path: Path) -> None:
    source = (ODD / name).read_text()
    found = check(tmp_path, source)
    lines = source.count("\n") + 1
    assert all(1 <= problem.place.line <= lines and problem.message for problem in found.problems)


def test_every_kind_of_node_is_in_the_sources() -> None:
    trees = [ast.parse((ODD / name).read_text()) for name in SYNTAX]
    seen = {type(node) for tree in trees for node in ast.walk(tree)}
    kinds = {kind for base in (ast.stmt, ast.expr, ast.pattern) for kind in base.__subclasses__()}
    deprecated = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis"}
    assert {kind.__name__ for kind in kinds - seen if kind.__module__ in ("ast", "_ast")} <= deprecated


@pytest.mark.parametrize("name", LARGE)
def test_large_and_endless_programs_end(name: str, tmp_path: Path, burnt: list[int]) -> None:
    source = LARGE[name]
    found = check(tmp_path, source)
    bodies = sum(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(ast.parse(source))) + 1
    assert len(burnt) <= 2 * bodies * (FUEL + 1)
    assert len(set(found.over_budget)) == len(found.over_budget)


def test_what_is_over_budget_is_said_and_the_rest_is_checked(tmp_path: Path) -> None:
    slow = 'def slow(x: Float[Tensor, "N C"]):\n    return f0(x) + f0(x) + f0(x) + f0(x) + f0(x) + f0(x)\n'
    quick = 'def quick(x: Float[Tensor, "N C"]):\n    return x @ x\n'
    found = check(tmp_path, f"{LARGE['doubling calls']}{slow}{quick}")
    assert "slow" in found.over_budget
    assert "quick" not in found.over_budget
    assert [one.code for one in found.problems] == ["contracted-dims-differ"]


PROJECTS = {
    "imports itself": {
        "a.py": "import a\nfrom a import *\nfrom a import x, a as b\nx = a.x\ndef f(): return a.f()\n"
    },
    "circle": {
        "a.py": "from b import B\nclass A(B): pass\nx = A().f(1)\n",
        "b.py": "from c import C\nclass B(C):\n    def f(self, x): return super().f(x)\n",
        "c.py": "import a\nfrom a import A\nclass C(A): pass\ny = a.x\n",
    },
    "functions in circles": {
        "a.py": "from b import g\ndef f(x): return g(x)\ny = f(1)\n",
        "b.py": "import a\ndef g(x): return a.f(x) + a.y\n",
    },
    "stars in circles": {"a.py": "from b import *\nx = y\n", "b.py": "from a import *\ny = x\n"},
    "package": {
        "a.py": "import p.q.r\nfrom p import q, nothing\nx = p.q.r.x + q.x\n",
        "p/__init__.py": "from .q import *\nfrom . import q\nfrom .. import above\nfrom .p import p\n",
        "p/q/__init__.py": "from .r import x\nfrom ...p import q as q\n",
        "p/q/r.py": "from .. import q\nx = q.x\n",
    },
    "broken": {"a.py": "from b import x\nimport c\ny = x(c.z)\n", "b.py": "def f(:\n", "c.py": "\x00"},
    "shadows": {
        "a.py": "import torch\nimport os\nx = torch.zeros(2)\n",
        "torch.py": "def zeros(n): return torch\n",
        "os.py": "import a\n",
    },
}


@pytest.mark.parametrize("name", PROJECTS)
def test_modules_that_import_each_other(name: str, tmp_path: Path, burnt: list[int]) -> None:
    check_files(tmp_path, PROJECTS[name], "a.py")
    assert len(burnt) <= 8 * (FUEL + 1)


def test_what_is_no_python_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text("x = " + "(" * 500 + ")" * 500)
    project = Project.of([str(tmp_path)], Configuration(str(tmp_path)))
    assert isinstance(project.module_at(str(tmp_path / "deep.py")), BrokenModule)


FILES = sorted(
    path for folder in ("models", "cases") for path in (Path(__file__).parent / folder).rglob("*.py")
)


def with_parts_exchanged(text: str, chance: random.Random) -> str:
    """A source some of whose expressions stand where others were."""
    tree = ast.parse(text)
    for _ in range(chance.choice([1, 3, 10])):
        places = [
            (node, name, index)
            for node in ast.walk(tree)
            for name, held in ast.iter_fields(node)
            for index, one in enumerate(held if isinstance(held, list) else [held])
            if isinstance(one, ast.expr) and isinstance(getattr(one, "ctx", ast.Load()), ast.Load)
        ]
        (node, name, index), (other, field, place) = chance.choices(places, k=2)
        there = getattr(other, field)
        new = copy.deepcopy(there[place] if isinstance(there, list) else there)
        held = getattr(node, name)
        if isinstance(held, list):
            held[index] = new
        else:
            setattr(node, name, new)
    return ast.unparse(tree)


@pytest.mark.parametrize("seed", range(40))
def test_files_with_parts_exchanged(seed: int) -> None:
    chance = random.Random(seed)
    source = with_parts_exchanged(chance.choice(FILES).read_text(), chance)
    try:
        tree = ast.parse(source)
    except SyntaxError:
        # A `yield` outside of a function, say: that is no module.
        return
    module = SourceModule("odd", "odd.py", source, tree, False)
    found = check_module(
        module, Project.of(["odd.py"], Configuration(str(Path(__file__).parent))), Options(True)
    )
    lines = source.count("\n") + 1
    assert all(1 <= one.place.line <= lines and one.message for one in found.problems)


LIBRARY = Path(sysconfig.get_path("stdlib"))
SAMPLE = sorted(
    path.relative_to(LIBRARY).as_posix()
    for pattern in ("*.py", "asyncio/*.py")
    for path in LIBRARY.glob(pattern)
)[1::3][:60]


@pytest.mark.parametrize("name", SAMPLE)
def test_files_of_the_standard_library(name: str) -> None:
    project = Project.of([str(LIBRARY / name)], Configuration(str(LIBRARY)))
    module = project.module_at(str(LIBRARY / name))
    assert isinstance(module, SourceModule)
    found = check_module(module, project, Options(comments=True))
    assert [(one.place.line, one.code, one.message) for one in found.problems] == []


def test_the_sample_is_large() -> None:
    assert len(SAMPLE) == 60
