"""What `import namedtorch` and the light commands load, and the names that the package promises."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import namedtorch

HEAVY = ("torch", "lark", "jaxtyping", "beartype", "numpy")
ROOT = Path(__file__).parents[2]
STUB = ROOT / "namedtorch" / "__init__.pyi"

# What takes as long to import as torch does, and only torch.export needs.
EXPORT = (
    "torch._dynamo",
    "torch.fx.experimental.symbolic_shapes",
    "sympy",
    "namedtorch.lower.targets.exporting",
)
LOWERED = (
    f"import sys, warnings; warnings.simplefilter('ignore'); sys.path.append({str(ROOT / 'examples')!r});"
    "from classifier import Classifier; from namedtorch import lower; lower(Classifier(10))"
)
GOLDEN = ROOT / "tests" / "archive" / "golden" / "5-blend.pt"

# What is run, and what it must not load.
LIGHT = [
    ("import namedtorch", HEAVY),
    ("from namedtorch import DimError, ArchiveError", ("torch",)),
    ("from namedtorch import parse_shape; parse_shape('N C')", ("torch",)),
    ("import namedtorch.cli", ("torch",)),
    ("from namedtorch.cli import main; main(['explain', 'dims-differ'])", ("torch",)),
    ("from namedtorch.cli import main; main(['inspect', 'no-such-file.pt'])", ("torch",)),
    (LOWERED, EXPORT),
    (
        f"from namedtorch import load; load({str(GOLDEN)!r})",
        (*EXPORT, "namedtorch.lower.entry", "namedtorch.static", "namedtorch.lower.quantize.entry"),
    ),
]


def loaded_by(program: str, modules: tuple[str, ...]) -> list[str]:
    """Which of the modules a fresh interpreter holds after it ran the program."""
    after = f"import sys; print('LOADED', *(name for name in {modules!r} if name in sys.modules))"
    guarded = f"try:\n    exec({program!r})\nexcept SystemExit:\n    pass\n{after}"
    finished = subprocess.run([sys.executable, "-c", guarded], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()[-1].split()[1:]


def names_of_stub(text: str) -> set[str]:
    """The public names that a stub declares: its `__all__` where it has one, else what it defines or re-exports."""
    bound: set[str] = set()
    exported: set[str] = set()
    listed: list[str] | None = None
    for node in ast.parse(text).body:
        match node:
            case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
                bound.update(alias.asname or alias.name for alias in aliases)
                exported.update(alias.name for alias in aliases if alias.asname == alias.name)
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                listed = ast.literal_eval(value)
            case (
                ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name))
            ):
                exported.add(name)
            case ast.Assign(targets=targets):
                exported.update(target.id for target in targets if isinstance(target, ast.Name))
            case _:
                pass
    if listed is not None:
        assert set(listed) <= bound | exported
        exported = set(listed)
    return {name for name in exported if not name.startswith("_")}


@pytest.mark.parametrize(("program", "unwanted"), LIGHT)
def test_light_paths_load_nothing_heavy(program: str, unwanted: tuple[str, ...]) -> None:
    assert loaded_by(program, unwanted) == []


def test_loading_is_seen() -> None:
    assert loaded_by("import numpy", HEAVY) == ["numpy"]


def test_every_promised_name_resolves() -> None:
    for name in namedtorch.__all__:
        assert getattr(namedtorch, name) is not None
    assert set(namedtorch.__all__) <= set(dir(namedtorch))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        namedtorch.no_such_name  # noqa: B018


def test_stub_declares_exactly_the_promised_names() -> None:
    assert names_of_stub(STUB.read_text()) == {
        name for name in namedtorch.__all__ if not name.startswith("_")
    }


def test_grammar_is_a_package_of_namedtorch() -> None:
    found = importlib.util.find_spec("namedtorch.grammar")
    assert found is not None
    assert found.origin is not None
    assert Path(found.origin).with_name("dims.lark").is_file()
