"""Functions over names, run in three ways that have to agree: as they are, in plain torch, and by TorchScript."""

import ast
import copy
import importlib.util
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from namedtorch import NamedTensor
from namedtorch.values.named_tensor import plain
from tests.erase.sources import HEAD, erased_definitions

_COUNT = itertools.count()


@dataclass(frozen=True)
class Erased:
    """A function under names, the same in plain torch, and the body of that as text."""

    named: Callable[..., Any]
    plain: Callable[..., Any]
    text: str


def compiled(text: str, folder: Path, name: str = "f") -> Erased:
    """The function `name` of a module whose text follows HEAD."""
    return all_compiled(text, folder, [name])[name]


def all_compiled(text: str, folder: Path, names: Sequence[str]) -> dict[str, Erased]:
    """Functions of a module whose text follows HEAD, by their names."""
    definitions = erased_definitions(text, folder, names)
    named = _module(folder / "module.py")
    made: list[str] = []
    for name in names:
        definition = _Plainly().visit(copy.deepcopy(definitions[name]))
        definition.decorator_list, definition.returns = [], None
        made.append(ast.unparse(ast.fix_missing_locations(definition)))
    path = folder / "erased.py"
    # What else the module has may be called as well, be it that the function itself is plain.
    path.write_text("\n\n".join([HEAD + text, *made]) + "\n")
    plainly = _module(path)
    return {
        name: Erased(
            getattr(named, name),
            getattr(plainly, name),
            "\n".join(ast.unparse(one) for one in definitions[name].body),
        )
        for name in names
    }


def agrees(text: str, folder: Path, *arguments: Any, scripted: bool = True) -> str:
    """Runs `f` in all ways on the same arguments, and gives its body in plain torch. Raises `AssertionError`."""
    one = compiled(text, folder)
    hold(one, arguments, scripted)
    return one.text


def becomes(given: str, body: str, folder: Path, head: str = "") -> str:
    """What a body in plain torch is, of a function that takes `given`, `x: N=2 C=3, heads: 2`; run in all ways.

    A body without `return` is the expression that is returned. `head` stands before the function.
    """
    parameters: list[str] = []
    arguments: list[Any] = []
    generator = torch.Generator().manual_seed(0)
    for one in given.split(","):
        name, _, told = (part.strip() for part in one.partition(":"))
        if "=" not in told:
            parameters.append(f"{name}: {type(ast.literal_eval(told)).__name__}")
            arguments.append(ast.literal_eval(told))
            continue
        dims = {dim: int(size) for dim, _, size in (axis.partition("=") for axis in told.split())}
        parameters.append(f'{name}: Float[NamedTensor, "{" ".join(dims)}"]')
        tensor = torch.rand(tuple(dims.values()), generator=generator, dtype=torch.float64)
        arguments.append(NamedTensor(tensor, tuple(dims)))
    lines = body.splitlines() if "return" in body else [f"return {body}"]
    text = "\n".join([head, f"def f({', '.join(parameters)}):", *(f"    {line}" for line in lines)])
    return agrees(text, folder, *arguments)


def hold(one: Erased, arguments: Sequence[Any], scripted: bool = True) -> None:
    """Holds a function in plain torch to what it does under names. Raises `AssertionError`."""
    torch.manual_seed(0)
    expected = plain(one.named(*_fresh(arguments)))
    given = [plain(value) for value in arguments]
    torch.manual_seed(0)
    same(one.plain(*_fresh(given)), expected, one.text)
    if scripted:
        torch.manual_seed(0)
        same(torch.jit.script(one.plain)(*_fresh(given)), expected, one.text)


def same(found: Any, expected: Any, text: str = "") -> None:
    """Holds a plain result to that of named tensors: shapes, dtypes and numbers. Raises `AssertionError`."""
    if isinstance(expected, Tensor):
        assert type(found) is Tensor, f"{type(found)}:\n{text}"
        assert found.shape == expected.shape, f"{found.shape}, not {expected.shape}:\n{text}"
        assert found.dtype == expected.dtype, f"{found.dtype}, not {expected.dtype}:\n{text}"
        torch.testing.assert_close(found, expected, equal_nan=True, msg=lambda told: f"{told}\n{text}")
    elif isinstance(expected, tuple | list):
        assert len(found) == len(expected), text
        for pair in zip(found, expected, strict=True):
            same(*pair, text)
    else:
        assert found == expected, f"{found}, not {expected}:\n{text}"


def _fresh(arguments: Sequence[Any]) -> list[Any]:
    """Arguments that may be written to."""
    return [copy.deepcopy(one) for one in arguments]


def _module(path: Path) -> ModuleType:
    name = f"tests_erase_{path.stem}_{next(_COUNT)}"
    # TorchScript looks the text up by the path, and files of one path would be taken for one.
    own = path.with_name(f"{name}.py")
    own.write_text(path.read_text())
    spec = importlib.util.spec_from_file_location(name, own)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Plainly(ast.NodeTransformer):
    """Annotations of tensors without dims: `Float[NamedTensor, "N C"]` is `Tensor`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node.slice:
            case ast.Tuple(elts=[ast.Name(id="NamedTensor" | "Tensor"), ast.Constant(value=str())]):
                return ast.copy_location(ast.Name("Tensor", ast.Load()), node)
            case _:
                return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name("Tensor", node.ctx), node) if node.id == "NamedTensor" else node
