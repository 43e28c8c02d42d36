"""Writes the stub of `NamedTensor`: `python -m tests.typing.named_tensor_stub`.

The class gets its methods when it is imported, so that a type checker sees none of them; in the stub all have types.
Those of torch have the types of torch's own stubs, with names wherever the table says that a parameter is a dim.
"""

import ast
import builtins
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Final

from tests.typing.named_members import Declared, class_members, definition, module_members, shadowing
from tests.typing.named_types import ALIASES, HOMES, names_in, result_classes

STUB: Final = Path(__file__).parents[2] / "namedtorch" / "values" / "named_tensor.pyi"

_HEAD: Final = """\
# Written by `python -m tests.typing.named_tensor_stub` from the class, the rooms that give it methods, the table of
# operators and torch's own stubs.
# Some overloads overlap, as torch's do: a comparison with anything but tensors and numbers is a bool, and the type of
# `unique` depends on a flag.
"""

_ALWAYS: Final = {"dataclasses": "dataclass", "typing": "TypeAlias", "torch": "Tensor"}
"""What is imported whatever the members are."""

_OVERLAPPING: Final = {
    "__eq__": "type: ignore[overload-overlap]",
    "__ne__": "type: ignore[overload-overlap]",
    "unique": "pyright: ignore[reportOverlappingOverload]",
    "unique_consecutive": "pyright: ignore[reportOverlappingOverload]",
}
"""What keeps the checkers that say so from refusing the first overload of a method."""


def stub() -> str:
    """The text of the stub, as the class has its members now."""
    inside, beside = [*class_members()], module_members()
    named_tensor = deepcopy(definition())
    named_tensor.body = [member for one in inside for member in one.body]
    names = {name for one in [*inside, beside] for name in _names(one.body)}
    aliases = [f"{name}: TypeAlias = {spelled}" for name, spelled in ALIASES.items() if name in names]
    results = [
        _result_class(name, fields) for name, fields in sorted(result_classes().items()) if name in names
    ]
    parts = [
        _HEAD,
        *_imports([*inside, beside]),
        *aliases,
        *map(ast.unparse, beside.body),
        ast.unparse(named_tensor),
        *results,
    ]
    return _formatted("\n".join(parts))


def _names(body: Iterable[ast.AST]) -> Iterator[str]:
    """All names in annotations and decorators, but for the setters of properties."""
    for each in body:
        for one in ast.walk(each):
            match one:
                case ast.FunctionDef(decorator_list=decorators, returns=returns):
                    yield from (
                        name
                        for found in decorators
                        if isinstance(found, ast.Name)
                        for name in names_in(found)
                    )
                    yield from () if returns is None else names_in(returns)
                case ast.arg(annotation=ast.expr() as annotation) | ast.AnnAssign(annotation=annotation):
                    yield from names_in(annotation)
                case ast.Assign(value=value):
                    yield from names_in(value)
                case _:
                    pass


def _imports(declared: Iterable[Declared]) -> list[str]:
    """The imports of all names, and of types of Python's under the names that they have inside of the class."""
    own = {"NamedTensor", "Dims", *ALIASES, *result_classes()}
    found = {f"from {home} import {name}" for home, name in _ALWAYS.items()} | {"import torch"}
    aliased = {f"_{name}": name for name in shadowing()}
    for one in declared:
        for name in _names(one.body):
            if name in aliased:
                found.add(f"from builtins import {aliased[name]} as {name}")
            elif name not in own and not hasattr(builtins, name) and name != "torch":
                home = one.homes.get(name) or HOMES.get(name)
                if home is None:
                    raise LookupError(f"tests/typing/named_types.py does not say where `{name}` is from")
                found.add(f"from {home} import {name}")
    return sorted(found)


def _result_class(name: str, fields: tuple[str, ...]) -> str:
    """A result with fields: a tuple of named tensors."""
    items = ", ".join("NamedTensor" for _ in fields)
    lines = [f"class {name}(tuple[{items}]):"]
    for field in fields:
        lines += ["    @property", f"    def {field}(self) -> NamedTensor: ..."]
    return "\n".join(lines)


def _formatted(text: str) -> str:
    for command in (["check", "--select=I", "--fix", "--quiet"], ["format"]):
        finished = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", f"--stdin-filename={STUB}", "-"],
            input=text, capture_output=True, text=True, check=True, cwd=STUB.parents[2],
        )  # fmt: skip
        text = finished.stdout
    for name, comment in _OVERLAPPING.items():
        text = re.sub(rf"( def {name}\(.*)", rf"\1  # {comment}", text, count=1)
    return text


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
