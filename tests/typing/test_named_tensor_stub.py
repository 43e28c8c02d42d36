"""The stub of NamedTensor says what the class has, and what its methods give."""

import ast
import re
from types import FunctionType
from typing import Final

import pytest
import torch

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.table import METHOD, operator_for
from namedtorch.values import NamedTensor, named_tensor
from tests.typing import named_types
from tests.typing.named_members import is_private
from tests.typing.named_tensor_stub import STUB, stub
from tests.typing.torch_stubs import fields

TREE: Final = ast.parse(STUB.read_text(encoding="utf-8"))
CLASSES: Final = {one.name: one for one in TREE.body if isinstance(one, ast.ClassDef)}


def methods_of(name: str) -> dict[str, list[ast.FunctionDef]]:
    """The methods of a class of the stub, each with its overloads."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for one in CLASSES[name].body:
        if isinstance(one, ast.FunctionDef):
            found.setdefault(one.name, []).append(one)
    return found


METHODS: Final = methods_of("NamedTensor")


def parameters(method: ast.FunctionDef) -> dict[str, str]:
    """The annotations of parameters by name, but for `self`."""
    listed = method.args
    found = [*listed.posonlyargs, *listed.args, listed.vararg, *listed.kwonlyargs, listed.kwarg]
    return {
        one.arg: ast.unparse(one.annotation)
        for one in found
        if one is not None and one.annotation is not None
    }


def test_the_stub_is_current() -> None:
    assert STUB.read_text(encoding="utf-8") == stub(), "run `python -m tests.typing.named_tensor_stub`"


def test_the_stub_declares_exactly_what_the_class_has() -> None:
    made = {"__init__", "__eq__"}  # by the decorator of dataclasses; `__eq__` is a method of torch's
    here = {
        name
        for name, value in vars(NamedTensor).items()
        if isinstance(value, property | classmethod)
        or (isinstance(value, FunctionType) and value.__code__.co_filename != "<string>")
    }
    private = {name for name in here if is_private(name) and name not in METHODS}
    assert METHODS.keys() - made == here - private - made | {"__hash__"}
    assert {name for name in private if name.startswith("_")} == private


def test_the_stub_declares_what_the_module_has() -> None:
    declared = {one.name for one in TREE.body if isinstance(one, ast.FunctionDef)}
    here = {
        name
        for name, value in vars(named_tensor).items()
        if isinstance(value, FunctionType)
        and value.__module__ == named_tensor.__name__
        and not is_private(name)
    }
    assert declared == here


def test_names_stand_wherever_the_table_has_dims() -> None:
    found: dict[str, set[str]] = {}
    for name, overloads in METHODS.items():
        row = operator_for(METHOD + name)
        if row is Unknown or name == "shape":  # a property
            continue
        for dim in row.dims:
            taken = [parameters(one)[dim] for one in overloads if dim in parameters(one)]
            if not taken or not all("str" in one or one in ("None", "Any") for one in taken):
                found.setdefault(name, set()).add(dim)
    assert found == {}


def test_nothing_but_dims_takes_a_tensor_for_a_named_one() -> None:
    for name, overloads in METHODS.items():
        for one in overloads:
            for annotation in parameters(one).values():
                assert not re.search(r"(?<!Any)Tensor", annotation) or "NamedTensor" in annotation, name
            assert one.returns is not None, name
            assert "Tensor" not in ast.unparse(one.returns).replace("NamedTensor", ""), name


@pytest.mark.filterwarnings("ignore")  # some methods are deprecated
def test_methods_give_what_the_stub_says() -> None:
    """All methods that need no arguments, on the first of some tensors that torch takes there."""
    seen: dict[str, str] = {}
    for name, overloads in METHODS.items():
        first = overloads[0]
        required = len([*first.args.posonlyargs, *first.args.args]) - len(first.args.defaults)
        if name.startswith("_") or required > 1 or first.args.vararg or None in first.args.kw_defaults:
            continue
        assert first.returns is not None
        returns = ast.unparse(first.returns)
        scalar = torch.tensor(2.0, requires_grad=True)
        for made in (torch.eye(3) + 1, torch.eye(3) > 0, torch.arange(3), scalar):
            x = NamedTensor(made.clone(), ("A", "B")[: made.ndim])
            try:
                value = getattr(x, name)
                result = value if is_property(first) else value()
            except (
                RuntimeError,
                TypeError,
                ValueError,
                AssertionError,
            ):  # the last is that of a torch without CUDA
                continue
            assert_is(result, returns, name)
            seen[name] = returns
            break
    assert len(seen) > 200
    assert {"NamedTensor", "_int", "_bool", "None", "Number"} <= set(seen.values())


def is_property(method: ast.FunctionDef) -> bool:
    return any(ast.unparse(one) == "property" for one in method.decorator_list)


# What a value is called at run time, by what the stub calls it.
RUNTIME: Final = {
    "None": ("NoneType",),
    "Number": ("bool", "float", "int"),
    "Dims": ("tuple",),
    "Mapping": ("mappingproxy",),
    "NDArray": ("ndarray",),
    "Sequence": ("tuple",),
}


def assert_is(value: object, annotation: str, name: str) -> None:
    """Whether a value is of a type of the stub."""
    for one in annotation.split(" | "):
        if one in CLASSES and one != "NamedTensor" and isinstance(value, tuple):
            assert all(type(getattr(value, field)) is NamedTensor for field in methods_of(one)), name
            return
        kind = one.partition("[")[0].rpartition(".")[2].removeprefix("_")
        if kind == "Any" or type(value).__name__ in RUNTIME.get(kind, (kind,)):
            return
    raise AssertionError(f"`{name}` gives {type(value).__name__}, and the stub says {annotation}")


@pytest.mark.parametrize(
    ("call", "name"),
    [("max", "C"), ("sort", "C"), ("aminmax", None), ("frexp", None), ("slogdet", None), ("svd", None)],
)
def test_results_have_the_fields_that_the_stub_says(call: str, name: str | None) -> None:
    x = NamedTensor(torch.eye(3), ("N", "C"))
    result = getattr(x, call)(*[name] if name else [])
    (returns,) = {ast.unparse(one.returns) for one in METHODS[call] if one.returns} - {"NamedTensor"}
    assert tuple(methods_of(returns)) == fields()[call]
    assert all(type(getattr(result, field)) is NamedTensor for field in fields()[call])


def test_a_dim_of_no_known_spelling_is_refused() -> None:
    with pytest.raises(LookupError, match="no dim is spelled Tensor"):
        named_types.taken_dim(ast.parse("Tensor | None", mode="eval").body)
