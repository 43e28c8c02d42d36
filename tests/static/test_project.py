"""Which files a check takes, and which file a dotted name stands for."""

import os
from pathlib import Path

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.source_module import BrokenModule, SourceModule
from tests.static.stand_in import write


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def project_of(*files: str, toml: str | None = "", paths: tuple[str, ...] = (".",)) -> Project:
    write(Path(), dict.fromkeys(files, "x = 1\n"))
    if toml is not None:
        Path("pyproject.toml").write_text(toml)
    return Project.of(paths)


def found(project: Project, name: str) -> object:
    module = project.module(name)
    return Unknown if module is Unknown else module.path


LAYOUTS = [
    # The files of a project, a module, and the file that it is ("": none).
    (["pkg/__init__.py", "pkg/a.py"], "pkg.a", "pkg/a.py"),
    (["pkg/__init__.py", "pkg/a.py"], "pkg", "pkg/__init__.py"),
    (["src/pkg/__init__.py", "src/pkg/a.py"], "pkg.a", "src/pkg/a.py"),
    (["src/pkg/__init__.py", "src/pkg/a.py"], "src.pkg.a", "src/pkg/a.py"),
    (["python/pkg/__init__.py", "python/pkg/a.py"], "pkg.a", "python/pkg/a.py"),
    (["space/a.py"], "space.a", "space/a.py"),
    (["space/a.py"], "a", "space/a.py"),
    (["space/a.py"], "space", ""),
    (["a.py", "a/__init__.py"], "a", "a/__init__.py"),
    (["pkg/__init__.py", "pkg/a.pyi"], "pkg.a", "pkg/a.pyi"),
    (["pkg/__init__.py", "pkg/a.py", "pkg/a.pyi"], "pkg.a", "pkg/a.py"),
    # Which of the two Python would import depends on how it is started.
    (["one/models.py", "two/models.py"], "models", ""),
    (["one/models.py", "two/models.py"], "two.models", "two/models.py"),
    (["tools/random.py"], "random", ""),
    (["tools/random.py"], "tools.random", "tools/random.py"),
    (["pkg/__init__.py"], "pkg.missing", ""),
    (["pkg/__init__.py"], "", ""),
    (["pkg/__init__.py"], ".pkg", ""),
    (["pkg/__init__.py"], "pkg..a", ""),
    (["pkg/__init__.py", "pkg/torch.py"], "torch", ""),
    ([".venv/lib/site-packages/torch/__init__.py", "a.py"], "torch", ""),
]


@pytest.mark.parametrize(("files", "name", "path"), LAYOUTS)
def test_modules_are_found_by_name(files: list[str], name: str, path: str) -> None:
    assert found(project_of(*files), name) == (path or Unknown)


NAMES = [
    ("pkg/__init__.py", "pkg"),
    ("pkg/a.py", "pkg.a"),
    ("pkg/deep/__init__.py", "pkg.deep"),
    ("python/top/__init__.py", "top"),
    ("src/space/a.py", "space.a"),
    ("scripts/train.py", "scripts.train"),
    ("my-scripts/train.py", "train"),
    ("my-scripts/in-deep/ok/my-train.py", "ok.my-train"),
    ("a.py", "a"),
]


@pytest.mark.parametrize(("path", "name"), NAMES)
def test_names_of_files(path: str, name: str) -> None:
    project = project_of(*(one for one, _ in NAMES))
    module = project.module_at(path)
    assert isinstance(module, SourceModule)
    assert (module.name, module.path, module.is_package) == (name, path, path.endswith("__init__.py"))


def test_a_file_is_one_module_whatever_it_is_found_by() -> None:
    project = project_of("src/pkg/__init__.py", "src/pkg/a.py")
    module = project.module_at("src/pkg/a.py")
    assert module is project.module("pkg.a") is project.module("src.pkg.a")
    assert module is project.module_at(str(Path("src/pkg/a.py").resolve()))


def test_configured_roots_come_in_order_and_alone() -> None:
    files = ("two/pkg/__init__.py", "one/pkg/__init__.py", "one/types.py", "other.py")
    project = project_of(*files, toml='[tool.namedtorch]\nsrc = ["two", "one"]')
    assert found(project, "pkg") == "two/pkg/__init__.py"
    assert found(project, "types") == "one/types.py"
    assert found(project, "other") is Unknown


def test_stubs_come_first_and_also_for_modules_of_others() -> None:
    files = (
        "pkg/__init__.py",
        "pkg/a.py",
        "typings/pkg/a.pyi",
        "typings/vision/__init__.pyi",
        "typings/x.py",
    )
    project = project_of(*files, toml='[tool.namedtorch]\nstubs = ["typings"]')
    assert found(project, "pkg.a") == "typings/pkg/a.pyi"
    stub = project.stub("vision")
    assert stub is not Unknown
    assert (stub.path, stub.name, stub.is_package) == ("typings/vision/__init__.pyi", "vision", True)
    assert project.stub("pkg") is Unknown
    assert project.stub("x") is Unknown


def test_installed_packages_are_not_looked_at_but_for_checked_ones() -> None:
    files = [f"site-packages/{name}/__init__.py" for name in ("mine", "torch")]
    project = project_of(*files, toml=None, paths=("site-packages/mine",))
    assert found(project, "mine") == files[0]
    assert found(project, "torch") is Unknown


ROOTS = [
    # Whether there is a pyproject.toml, the path, and the root.
    ("", "pkg/deep/a.py", ""),
    ("", "pkg", ""),
    (None, "pkg/deep/a.py", ""),
    (None, "pkg/deep", ""),
    (None, "loose", "loose"),
    (None, "loose/a.py", "loose"),
]


@pytest.mark.parametrize(("toml", "path", "root"), ROOTS)
def test_the_root_of_a_project(here: Path, toml: str | None, path: str, root: str) -> None:
    files = ("pkg/__init__.py", "pkg/deep/__init__.py", "pkg/deep/a.py", "loose/a.py")
    project = project_of(*files, toml=toml, paths=(path,))
    assert project.configuration.root == str(here / root)


WALKED = [
    "a.py", "pkg/__init__.py", "pkg/b.py", ".git/x.py", ".venv/x.py", "venv/x.py", ".tox/x.py", "build/x.py",
    "dist/x.py", "node_modules/x.py", "pkg/__pycache__/x.py", "mine/pyvenv.cfg", "mine/x.py", "pkg/b.pyi",
    "pkg/notes.txt", "old/c.py", "pkg/old/d.py", "old_one.py",
]  # fmt: skip
EXCLUDES = [
    ([], ["a.py", "old/c.py", "old_one.py", "pkg/__init__.py", "pkg/b.py", "pkg/old/d.py"]),
    (["old"], ["a.py", "old_one.py", "pkg/__init__.py", "pkg/b.py"]),
    (["old/"], ["a.py", "old_one.py", "pkg/__init__.py", "pkg/b.py"]),
    (["./pkg/old"], ["a.py", "old/c.py", "old_one.py", "pkg/__init__.py", "pkg/b.py"]),
    (["/old"], ["a.py", "old_one.py", "pkg/__init__.py", "pkg/b.py", "pkg/old/d.py"]),
    (["old*", "pkg/*.py"], ["a.py"]),
    (["**/d.py", "?.py"], ["old_one.py", "pkg/__init__.py"]),
    (["[a].py", "pk"], ["a.py", "old/c.py", "old_one.py", "pkg/__init__.py", "pkg/b.py", "pkg/old/d.py"]),
]


@pytest.mark.parametrize(("exclude", "files"), EXCLUDES, ids=[" ".join(one) or "-" for one, _ in EXCLUDES])
def test_files_under_folders(exclude: list[str], files: list[str]) -> None:
    project = project_of(*WALKED, toml=f"[tool.namedtorch]\nexclude = {exclude}")
    assert project.files(["."]) == files
    assert list(project.checked) == files


def test_named_files_are_taken_also_where_they_are_excluded() -> None:
    project = project_of("build/a.py", "old/b.py", "run", toml='[tool.namedtorch]\nexclude = ["old"]')
    assert project.files(["build", "old/b.py", "run"]) == ["build/a.py", "old/b.py", "run"]
    Path("pyproject.toml").write_text('[tool.namedtorch]\nexclude = ["old"]\nforce-exclude = true')
    assert Project.of(["."]).files(["build", "old/b.py", "old", "run"]) == ["build/a.py", "run"]


def test_links_are_not_followed_in_circles() -> None:
    write(Path(), {"pkg/a.py": ""})
    os.symlink(Path("pkg").resolve(), "pkg/again")
    os.symlink(Path("pkg/a.py").resolve(), "pkg/b.py")
    os.symlink("nowhere", "pkg/c.py")
    assert Project.of(["."]).files(["."]) == ["pkg/a.py", "pkg/b.py"]


def test_paths_are_reported_as_seen_from_the_current_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here, {"pkg/__init__.py": "", "pkg/a.py": "", "b.py": ""})
    monkeypatch.chdir(here / "pkg")
    project = Project.of([str(here)])
    assert sorted(project.checked) == sorted([f"{here.as_posix()}/b.py", "__init__.py", "a.py"])
    assert project.from_root("a.py") == "pkg/a.py"
    assert found(project, "pkg.a") == "a.py"


def test_nothing_but_what_is_asked_for_is_parsed() -> None:
    project = project_of("a.py", "b.py")
    Path("a.py").write_text("x = (")
    assert isinstance(project.module_at("a.py"), BrokenModule)
    assert project.module("a") is Unknown
    assert project.module("b") is project.module("b")


def test_a_given_configuration_is_not_read(here: Path) -> None:
    write(here, {"a.py": "", "pyproject.toml": "[tool.namedtorch]\nwrong = 1"})
    project = Project.of(["a.py"], Configuration(str(here)))
    assert project.checked == ("a.py",)
