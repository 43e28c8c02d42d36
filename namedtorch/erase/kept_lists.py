"""Tensors with names that code puts into lists and dicts which an object keeps: in plain torch they would be plain."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from namedtorch.erase.agreement import may_be_named
from namedtorch.erase.site import Unsettled
from namedtorch.erase.units import Unit
from namedtorch.static.interpreter.carried import tensors_in
from namedtorch.static.interpreter.domain import Instance, Val

CHANGING: Final = frozenset({"append", "extend", "insert", "pop", "clear", "remove", "update", "setdefault"})
"""Methods that change the list or dict that they are called on."""


def collected(unit: Unit) -> Iterator[Unsettled]:
    """Why code can't run in the place of the user's on the same objects: it would change what these keep."""
    for one in ast.walk(unit.node):
        match one:
            case ast.Call(func=ast.Attribute(value=ast.Attribute() as kept, attr=method), args=given):
                if method in CHANGING and _is_kept(unit, kept) and _have_names(unit, given):
                    yield _refused(one, kept)
            case ast.Assign(targets=targets, value=given):
                for target in targets:
                    match target:
                        case ast.Subscript(value=ast.Attribute() as kept) if _is_kept(unit, kept):
                            if not _is_tensor(unit, kept) and _have_names(unit, [given]):
                                yield _refused(one, kept)
                        case _:
                            pass
            case _:
                pass


def _refused(node: ast.AST, kept: ast.Attribute) -> Unsettled:
    text = ast.unparse(kept)
    return Unsettled(
        node, f"`{text}` collects tensors with names, and the code in plain torch would put plain ones there",
        f"keep them in a tuple, `{text} = (*{text}, y)`, or return them",
    )  # fmt: skip


def _is_kept(unit: Unit, kept: ast.Attribute) -> bool:
    return any(isinstance(one, Instance) for one in unit.seen.get(kept.value, ()))


def _is_tensor(unit: Unit, kept: ast.Attribute) -> bool:
    return may_be_named(unit.seen.get(kept, ()))


def _have_names(unit: Unit, given: Sequence[ast.expr]) -> bool:
    values: list[Val] = [value for one in given for value in unit.seen.get(one, ())]
    return may_be_named(list(tensors_in(values)))
