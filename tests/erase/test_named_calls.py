"""Every call by names that the cases of the table make, in plain torch: the same numbers, eager and scripted."""

import importlib
import pkgutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from namedtorch import NamedTensor
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.table import METHOD, operator_for
from tests.erase.running import all_compiled, hold
from tests.ops import names as families
from tests.ops.names.harness import NamesCase
from tests.ops.oracle import T

_OWN = "namedtorch.NamedTensor."
_FUNCTIONS = (
    "namedtorch.rearrange",
    "namedtorch.reduce",
    "namedtorch.repeat",
    "namedtorch.einsum",
    "namedtorch.contract",
)
_KINDS = {torch.float32: "Float", torch.int64: "Int", torch.bool: "Bool"}

NOT_SCRIPTED = {
    "norm": "TorchScript knows no norm along a dim without its order",
    "unique": "TorchScript does not know the method",
    "unique_consecutive": "TorchScript's gives three tensors whatever it is asked for",
}
"""Methods that TorchScript refuses however their dims are told."""


def _says_names(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and any(map(_says_names, value)))


def _method(spelling: str) -> str | None:
    for home in (_OWN, METHOD, "torch."):
        name = spelling.removeprefix(home)
        if (
            name != spelling
            and "." not in name
            and (home == _OWN or operator_for(_OWN + name) is Unknown)
            and (operator_for(_OWN + name) is not Unknown or hasattr(NamedTensor, name))
        ):
            return name
    return None


def _family(name: str) -> list[NamesCase]:
    """The cases of a family that name dims in a method, or in a function of namedtorch's own."""
    return [
        case
        for case in importlib.import_module(f"tests.ops.names.{name}").CASES
        if "refused" not in case.dims
        and (
            case.spelling.startswith("namedtorch.") or _says_names((*case.arguments, *case.keywords.values()))
        )
        and (case.spelling in _FUNCTIONS or (_method(case.spelling) and isinstance(case.arguments[0], T)))
        # The function has other keywords than the method.
        and not {"out", "split_size_or_sections"} & {*case.keywords}
        # An annotation does not say of an axis that it has no name.
        and not case.dims.endswith("-> False")
        # A text for what is no dim.
        and not any("->" in str(one) for one in case.arguments if case.spelling == "torch.einsum")
    ]


FAMILIES = [
    name for _, name, _ in pkgutil.iter_modules(families.__path__) if name != "harness" and _family(name)
]


class Program:
    """One case as a function whose parameters are its tensors, and what that is called with."""

    def __init__(self, case: NamesCase, name: str) -> None:
        before = case.dims.partition("->")[0].split(",")
        self.tensors: list[T] = []
        given = [self._written(one) for one in case.arguments]
        keywords = [f"{key}={self._written(one)}" for key, one in case.keywords.items()]
        method = _method(case.spelling)
        call = case.spelling if method is None else f"{given.pop(0)}.{method}"
        hints = ", ".join(
            f'{one}: {_KINDS.get(made.dtype, "Float")}[NamedTensor, "{" ".join(map(str, made.sizes)) or " "}"]'
            for one, made in zip(self._names(), self.tensors, strict=False)
        )
        lines = [f"def {name}({hints}):"]
        for one, dims, made in zip(self._names(), before, self.tensors, strict=False):
            if made.sizes:
                lines.append(f"    {one} = {one}.refine_names({dims.strip()!r})")
        self.text = "\n".join([*lines, f"    return {call}({', '.join([*given, *keywords])})"])

    def _names(self) -> Iterator[str]:
        return (f"x{place}" for place in range(100))

    def _written(self, value: Any) -> str:
        match value:
            case T():
                self.tensors.append(value)
                return f"x{len(self.tensors) - 1}"
            case tuple():
                return f"({' '.join(self._written(one) + ',' for one in value)})"
            case list():
                return f"[{', '.join(self._written(one) for one in value)}]"
            case _:
                return repr(value)

    def arguments(self) -> list[NamedTensor]:
        """Tensors of the sizes of the case, without names."""
        made = torch.Generator().manual_seed(0)
        found: list[NamedTensor] = []
        for one in self.tensors:
            numbers = torch.rand(one.sizes, generator=made)
            if one.dtype is torch.int64:
                numbers = numbers * 2
            tensor = numbers > 0.5 if one.dtype is torch.bool else numbers.to(one.dtype)
            found.append(NamedTensor(tensor, (None,) * tensor.dim()))
        return found


@pytest.mark.parametrize("family", FAMILIES)
def test_the_numbers_are_those_of_named_tensors(family: str, tmp_path: Path) -> None:
    cases = _family(family)
    programs = {f"f{place}": Program(case, f"f{place}") for place, case in enumerate(cases)}
    text = "\n\n".join(one.text for one in programs.values())
    made = all_compiled(text, tmp_path, list(programs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case, (name, program) in zip(cases, programs.items(), strict=True):
            assert made[name].text != "\n".join(program.text.splitlines()[1:]).replace("    ", "")
            try:
                hold(made[name], program.arguments(), _method(case.spelling) not in NOT_SCRIPTED)
            except Exception as error:
                raise AssertionError(f"{case}: {error}") from error


def test_most_families_name_dims() -> None:
    assert sum(len(_family(name)) for name in FAMILIES) > 150
