"""The table of all constructs that TorchScript refuses, and where they stand in a model.

Each row was held against torch: a test compiles its example, which torch refuses, and the way around it.
"""

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from namedtorch.lower.body import Body
from namedtorch.lower.construct import Construct
from namedtorch.lower.construct_attributes import ATTRIBUTES
from namedtorch.lower.construct_expressions import EXPRESSIONS
from namedtorch.lower.construct_libraries import LIBRARIES
from namedtorch.lower.construct_modules import MODULES
from namedtorch.lower.construct_names import NAMES
from namedtorch.lower.construct_parameters import PARAMETERS
from namedtorch.lower.construct_python import PYTHON
from namedtorch.lower.construct_statements import STATEMENTS
from namedtorch.lower.construct_submodules import SUBMODULES
from namedtorch.lower.construct_types import TYPES

GROUPS: dict[str, tuple[Construct, ...]] = {
    "Parameters, arguments, and lists of unknown length": PARAMETERS,
    "Expressions": EXPRESSIONS,
    "Statements": STATEMENTS,
    "Names": NAMES,
    "Attributes of modules": ATTRIBUTES,
    "NumPy, Python's library, and torch's Python": LIBRARIES,
    "Modules in the code of others": SUBMODULES,
    "Builtins, and what can't be called": PYTHON,
    "Types": TYPES,
    "Modules as they stand": MODULES,
}
"""The rows under the headings of the documentation."""

CONSTRUCTS: tuple[Construct, ...] = tuple(itertools.chain.from_iterable(GROUPS.values()))
"""All rows; of several that fit one node or one complaint, the first counts."""


@dataclass(frozen=True, slots=True)
class Found:
    """A construct in a body: its lines, and its subject."""

    construct: Construct
    subject: str
    first: int
    last: int


def found_in(body: Body) -> Iterator[Found]:
    """The constructs in a function, one for each node."""
    for seen in body.seen:
        for one in _BY_TYPE.get(type(seen.node), ()):
            if not (seen.compiled or one.parsed):
                continue
            try:
                subject = one.found_in(seen.node, body)
            except Exception:  # It looks at values of the user's, which may refuse to be looked at.
                continue
            if subject is not None:
                yield Found(one, subject, *_lines(seen.node, one.spreads))
                break


def told_by(words: str) -> tuple[Construct, dict[str, str]] | None:
    """The row that torch's words mean, with its subject."""
    for one in CONSTRUCTS:
        subject = one.told_by(words)
        if subject is not None:
            return one, subject
    return None


def module_constructs(module: nn.Module) -> Iterator[tuple[Construct, str, Any]]:
    """The constructs that a module is, whatever its code: the row, its subject, and the hook that is meant."""
    for one in MODULES:
        found = one.holds(module) if one.holds is not None else None
        if found is not None:
            yield one, *found


def _lines(node: Any, whole: bool) -> tuple[int, int]:
    """The lines of a node; of a statement with a body, those of its head, but for the `whole` of it."""
    last = node.end_lineno or node.lineno
    body = getattr(node, "body", None)
    if not whole and isinstance(node, ast.stmt) and isinstance(body, list) and body:
        last = max(node.lineno, body[0].lineno - 1)
    return node.lineno, last


def _by_type() -> dict[type, list[Construct]]:
    found: dict[type, list[Construct]] = {}
    for one in CONSTRUCTS:
        for node in one.nodes:
            found.setdefault(node, []).append(one)
    return found


_BY_TYPE = _by_type()
