"""Conditions on sizes, as torch notes them of a program that it exports: `L['x'].size()[1] != L['y'].size()[1]`."""

import ast
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType

import torch

from namedtorch.diagnostics import LowerError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.asked_where import read_where

Given = Mapping[str, Sequence[int]]
"""The sizes of the inputs."""

_AXIS = re.compile(r"L\['(?P<input>[^']+)'\]\.size\(\)\[(?P<axis>\d+)\]")
_NAMES = {"math": math, "torch": torch, "max": max, "min": min}


@dataclass(frozen=True, slots=True)
class NotedCondition:
    """A condition that a program was exported under; `axes` are those that it is about, by input and place."""

    text: str
    axes: tuple[tuple[str, int], ...]
    _code: CodeType = field(repr=False)
    _sides: tuple[CodeType, CodeType] | None = field(repr=False)

    def holds(self, given: Given) -> bool:
        """Whether it is true of sizes."""
        found = _value(self._code, given)
        # What another torch writes is not known here; the comparison with the original looks at the same sizes.
        return True if found is Unknown else bool(found)

    @property
    def excludes(self) -> bool:
        """Whether it excludes single sizes: `T != 64`."""
        return self._sides is not None

    def distance(self, given: Given) -> float | None:
        """How far sizes are from one that it excludes, below or above; None where that is unknown."""
        if self._sides is None:
            return None
        left, right = (_value(one, given) for one in self._sides)
        return None if left is Unknown or right is Unknown else left - right

    def stated(self, lengths: Mapping[str, Sequence[Size | None]]) -> str:
        """The condition over the sizes that the axes of inputs have, as `where` has it; "" where it can't say it."""
        sizes = {(name, place): lengths[name][place] for name, place in self.axes}
        if any(one is None for one in sizes.values()):
            return ""
        text = _AXIS.sub(lambda found: f"({sizes[found['input'], int(found['axis'])]})", self.text)
        try:
            constraints = read_where(text)
        except LowerError:
            return ""
        return ", ".join(map(str, constraints))


def noted_conditions(texts: Iterable[str]) -> Iterator[NotedCondition]:
    """The conditions in texts of torch's, which it would run before each call of the program."""
    for text in texts:
        own = text.strip()
        axes = dict.fromkeys((found["input"], int(found["axis"])) for found in _AXIS.finditer(own))
        tree = ast.parse(own, mode="eval").body
        sides = None
        if isinstance(tree, ast.Compare) and isinstance(tree.ops[0], ast.NotEq) and len(tree.ops) == 1:
            sides = _compiled(tree.left), _compiled(tree.comparators[0])
        yield NotedCondition(own, tuple(axes), _compiled(tree), sides)


def _compiled(node: ast.expr) -> CodeType:
    return compile(ast.Expression(node), "<condition of torch.export>", "eval")


def _value(code: CodeType, given: Given) -> int | float | bool | UnknownType:
    arguments = {name: _Sized(tuple(sizes)) for name, sizes in given.items()}
    try:
        return eval(code, {"L": arguments, **_NAMES})
    except ZeroDivisionError:
        return False
    except (AttributeError, NameError, KeyError, TypeError):
        return Unknown


@dataclass(frozen=True, slots=True)
class _Sized:
    """An input in the conditions that torch writes: `L['image'].size()[2]`."""

    sizes: tuple[int, ...]

    def size(self) -> tuple[int, ...]:
        return self.sizes
