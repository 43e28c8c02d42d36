"""The top level of the project, and the list of packages that an install takes."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", "namedtorch", "grammar", "tests", "examples", "docs"}


def test_top_level_holds_only_the_agreed_entries(files: list[Path]) -> None:
    entries = {file.parts[0] for file in files}
    assert {entry for entry in entries if not entry.startswith(".")} == TOP_LEVEL


def test_every_room_is_listed_as_a_package(files: list[Path]) -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {file.parent for file in files if file.suffix == ".py" and file.parts[0] == "namedtorch"}
    rooms = {".".join(folder.parts) for folder in folders}
    mapped = set(setuptools["package-dir"])
    assert setuptools["packages"] == sorted(rooms | mapped)
    for folder in setuptools["package-dir"].values():
        assert Path(folder, "__init__.py") in files


def test_every_package_says_what_it_is(files: list[Path]) -> None:
    folders = {file.parent for file in files if file.suffix == ".py" and file.parts[0] == "namedtorch"}
    assert {folder for folder in folders if folder / "__init__.py" not in files} == set()
