"""Functions of torch that the cases of the table call with names of dims: the same numbers in plain torch."""

import importlib
import pkgutil
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
import torch

from namedtorch import NamedTensor
from tests.erase.running import all_compiled, hold
from tests.ops import names as families
from tests.ops.names.harness import NamesCase
from tests.ops.oracle import T

KINDS = {torch.float32: "Float", torch.int64: "Int", torch.bool: "Bool"}

NOT_SCRIPTED = {
    "torch.nn.functional.normalize(T(2, 6, 5), dim=('C', 'T'))": "TorchScript takes one dim",
    "torch.split(T(2, 6, 5), split_size_or_sections=4, dim='C')": "TorchScript calls the parameter otherwise",
    "torch.split(T(2, 6, 5), split_size_or_sections=[2, 4], dim='C')": "TorchScript calls the parameter otherwise",
}
"""Calls that TorchScript refuses however their dims are told."""

NOT_RUN = {
    "torch.tensordot(T(2, 3, 5), T(3, 7), ('B', 0))": "torch takes no number there",
    "torch.quantile(T(2, 3, 5), T(7,), dim='C')": "random numbers are no quantiles",
    "torch.nanquantile(T(2, 3, 5), T(7,), dim='C', keepdim=True)": "random numbers are no quantiles",
}
"""Calls that torch refuses under names as well."""


def _says(value: Any, names: Collection[str]) -> bool:
    """Whether a value is one of some names, or holds one."""
    if isinstance(value, list | tuple):
        return any(_says(one, names) for one in value)
    return isinstance(value, str) and value in names


def _cases(name: str) -> list[NamesCase]:
    """The cases of a family that give a function of torch names of dims."""
    return [
        case
        for case in importlib.import_module(f"tests.ops.names.{name}").CASES
        if "refused" not in case.dims
        and case.spelling.startswith("torch.")
        and not case.spelling.startswith("torch.Tensor.")
        and _says(
            (*case.arguments, *case.keywords.values()), case.dims.partition("->")[0].replace(",", "").split()
        )
        and "out" not in case.keywords
        and str(case).partition(": ")[0] not in NOT_RUN
    ]


FAMILIES = [
    one.name for one in pkgutil.iter_modules(families.__path__) if one.name != "harness" and _cases(one.name)
]


class Program:
    """A case as a function whose parameters are its tensors, and what that is called with."""

    def __init__(self, case: NamesCase, name: str) -> None:
        self.tensors: list[T] = []
        dims = [one.strip() for one in case.dims.partition("->")[0].split(",")]
        given = [case.spelling, *map(self._written, case.arguments)]
        given += [f"{key}={self._written(one)}" for key, one in case.keywords.items()]
        hints = [
            f'x{place}: {KINDS[made.dtype]}[NamedTensor, "{dims[place] if made.sizes else " "}"]'
            for place, made in enumerate(self.tensors)
        ]
        self.dims = dims
        self.text = f"def {name}({', '.join(hints)}):\n    return namedtorch.call({', '.join(given)})"

    def _written(self, value: Any) -> str:
        match value:
            case T():
                self.tensors.append(value)
                return f"x{len(self.tensors) - 1}"
            case tuple():
                return f"({' '.join(self._written(one) + ',' for one in value)})"
            case list():
                return f"[{', '.join(map(self._written, value))}]"
            case _:
                return repr(value)

    def arguments(self) -> list[NamedTensor]:
        """Tensors of the sizes and dims of the case."""
        found: list[NamedTensor] = []
        for dims, one in zip(self.dims, self.tensors, strict=False):
            numbers = torch.rand(one.sizes, generator=torch.Generator().manual_seed(len(found)))
            tensor = numbers > 0.5 if one.dtype is torch.bool else (numbers * 2).to(one.dtype)
            names = tuple(None if name == "_" else name for name in dims.split()) if one.sizes else ()
            found.append(NamedTensor(tensor, names))
        return found


@pytest.mark.parametrize("family", FAMILIES)
def test_the_numbers_are_those_of_named_tensors(family: str, tmp_path: Path) -> None:
    cases = _cases(family)
    programs = {f"f{place}": Program(case, f"f{place}") for place, case in enumerate(cases)}
    made = all_compiled("\n\n".join(one.text for one in programs.values()), tmp_path, list(programs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case, (name, program) in zip(cases, programs.items(), strict=True):
            assert "namedtorch" not in made[name].text
            try:
                hold(made[name], program.arguments(), str(case).partition(": ")[0] not in NOT_SCRIPTED)
            except Exception as error:
                raise AssertionError(f"{case}: {error}") from error


def test_most_functions_are_there() -> None:
    assert len({case.spelling for family in FAMILIES for case in _cases(family)}) > 40
