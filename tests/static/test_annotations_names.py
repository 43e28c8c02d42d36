"""What import statements bind, and the qualified names that names and attributes have by them."""

import ast
from textwrap import dedent

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.static.names import Imports, imports_of, qualified


def resolve(level: int, module: str | None) -> str:
    """Resolves as the module `pkg.models.net` does; beyond the top there is nothing."""
    parents = ["pkg", "models"]
    kept = parents[: len(parents) - level + 1]
    return ".".join([*kept, *([module] if module else [])]) if level <= len(parents) else ""


def imports(source: str) -> Imports:
    return imports_of(ast.parse(dedent(source)).body, resolve)


CASES = [
    ("import torch", {"torch": "torch"}),
    ("import torch.nn.functional", {"torch": "torch"}),
    ("import torch.nn.functional as F", {"F": "torch.nn.functional"}),
    ("import a, b.c, d.e as f", {"a": "a", "b": "b", "f": "d.e"}),
    ("from torch import nn, Tensor as T", {"nn": "torch.nn", "T": "torch.Tensor"}),
    ("from . import blocks", {"blocks": "pkg.models.blocks"}),
    ("from .blocks import Block", {"Block": "pkg.models.blocks.Block"}),
    ("from ..layers.norm import Norm as N", {"N": "pkg.layers.norm.Norm"}),
    ("from .... import far", {"far": "far"}),
    ("import a\nimport b as a", {"a": "b"}),
    ("try:\n    import a\nexcept ImportError:\n    a = None", {"a": "a"}),
    ("try:\n    from a import x\nexcept ImportError:\n    from b import x", {"x": "a.x"}),
    ("try:\n    pass\nexcept ImportError:\n    from b import x\nelse:\n    from c import x", {"x": "c.x"}),
    (
        "if A:\n    from a import x\nelif B:\n    from b import x\nelse:\n    from c import x, y",
        {"x": "a.x", "y": "c.y"},
    ),
    ("from a import x\nif A:\n    from b import x", {"x": "a.x"}),
    ("if A:\n    from a import x\nfrom b import x", {"x": "b.x"}),
    ("with a:\n    from a import x\n    if A:\n        from b import x", {"x": "a.x"}),
    ("with a:\n    from a import x\n    from b import x", {"x": "b.x"}),
    (
        "for _ in a:\n    import x\nwhile a:\n    import y\nelse:\n    import z",
        {"x": "x", "y": "y", "z": "z"},
    ),
    ("match a:\n    case 1:\n        import x", {"x": "x"}),
    ("try:\n    import x\nfinally:\n    import y", {"x": "x", "y": "y"}),
    ("def f():\n    import a\nclass C:\n    import b\nasync def g():\n    import c", {}),
    ("x = 1", {}),
    ("", {}),
]


@pytest.mark.parametrize(("source", "names"), CASES)
def test_what_imports_bind(source: str, names: dict[str, str]) -> None:
    assert imports(source) == Imports(names)


def test_stars_are_kept_in_their_order() -> None:
    found = imports("from .blocks import *\nif A:\n    from torch.nn import *\nfrom . import *")
    assert found == Imports({}, ("pkg.models.blocks", "torch.nn", "pkg.models"))


def test_a_body_inside_has_its_own_imports() -> None:
    module = ast.parse("import a\ndef f():\n    import b\n    if x:\n        import c")
    function = module.body[1]
    assert isinstance(function, ast.FunctionDef)
    assert imports_of(function.body, resolve).names == {"b": "b", "c": "c"}


def test_long_chains_of_branches_are_read() -> None:
    source = "if a:\n    pass\n" + "".join(f"elif a{n}:\n    import x{n}\n" for n in range(80))
    assert len(imports(source).names) == 80


BINDINGS = {
    "nn": "torch.nn",
    "torch": "torch",
    "T": "torch.Tensor",
    "Block": "pkg.models.net.Block",
    "id": "pkg.id",
}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nn", "torch.nn"),
        ("nn.Linear", "torch.nn.Linear"),
        ("torch.nn.functional.relu", "torch.nn.functional.relu"),
        ("T", "torch.Tensor"),
        ("Block", "pkg.models.net.Block"),
        ("int", "int"),
        ("list", "list"),
        ("int.from_bytes", "int.from_bytes"),
        ("id", "pkg.id"),
        ("missing", Unknown),
        ("missing.Linear", Unknown),
        ("f().x", Unknown),
        ("x[0]", Unknown),
        ("3", Unknown),
    ],
)
def test_the_qualified_name(text: str, name: object) -> None:
    assert qualified(ast.parse(text, mode="eval").body, BINDINGS) == name
