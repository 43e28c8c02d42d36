"""What the tests and examples import is what `[test]` installs, each in one version."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TESTED = [Requirement(line) for line in PROJECT["optional-dependencies"]["test"]]
RUNTIMES = [Requirement(line) for line in PROJECT["optional-dependencies"]["runtimes"]]
MODULES = {"google": "protobuf"}
"""Modules that are called otherwise than what provides them."""
PLAIN = [Requirement(line) for line in PROJECT["dependencies"]]


def imported_modules(source: str) -> set[str]:
    """The top-level names of all absolute imports of a source text."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_plain_dependencies_are_four_and_without_torch() -> None:
    assert [requirement.name for requirement in PLAIN] == ["lark", "jaxtyping", "beartype", "numpy"]
    assert PROJECT["optional-dependencies"]["torch"] == ["torch>=2.13"]


def test_tested_versions_are_pinned_and_allowed() -> None:
    for requirement in [*TESTED, *(one for one in RUNTIMES if one.name != PROJECT["name"])]:
        assert [pin.operator for pin in requirement.specifier] == ["=="], requirement
    pins = {requirement.name: str(requirement.specifier).removeprefix("==") for requirement in TESTED}
    torch = Requirement(PROJECT["optional-dependencies"]["torch"][0])
    for requirement in [*PLAIN, torch]:
        assert requirement.specifier.contains(pins[requirement.name]), requirement


def test_tests_and_examples_import_only_what_is_installed_for_them(files: list[Path]) -> None:
    ours = {"namedtorch", "tests", "examples", *(file.stem for file in files if file.parts[0] == "examples")}
    installed = {canonicalize_name(requirement.name) for requirement in TESTED}
    # Tests of the other runtimes skip without them; what imports them at its top is no test.
    optional = {canonicalize_name(requirement.name) for requirement in RUNTIMES}
    distributions = packages_distributions()
    # A script finds the files that stand beside it.
    beside: dict[Path, set[str]] = {}
    for file in files:
        beside.setdefault(file.parent, set()).add(file.stem)
    strangers: dict[str, set[str]] = {}
    for file in files:
        if file.suffix != ".py" or file.parts[0] not in ("tests", "examples"):
            continue
        if file.parts[:2] == ("tests", "static") and file.parts[2] in ("cases", "stubs", "odd"):
            # Programs that are read, never run.
            continue
        known = ours | beside[file.parent] | sys.stdlib_module_names
        for module in imported_modules((ROOT / file).read_text()) - known:
            providers = {canonicalize_name(name) for name in distributions.get(module, [])}
            if not providers & installed and MODULES.get(module, module) not in optional:
                strangers.setdefault(module, set()).add(str(file))
    assert strangers == {}
