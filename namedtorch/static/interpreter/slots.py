"""The parameters of a definition, and what a call gives for each."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

Given = TypeVar("Given")
"""What a call gives: values, or the expressions that stand for them."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One parameter of a definition."""

    name: str
    annotation: ast.expr | None
    default: ast.expr | None
    kind: str


@lru_cache(maxsize=1024)
def slots_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> tuple[Slot, ...]:
    """The parameters of a definition in order."""
    listed = node.args
    plain = [*listed.posonlyargs, *listed.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(listed.defaults)) + list(listed.defaults)
    found = [
        Slot(one.arg, one.annotation, default, "plain") for one, default in zip(plain, defaults, strict=True)
    ]
    if listed.vararg is not None:
        found.append(Slot(listed.vararg.arg, listed.vararg.annotation, None, "several"))
    found += [
        Slot(one.arg, one.annotation, default, "keyword")
        for one, default in zip(listed.kwonlyargs, listed.kw_defaults, strict=True)
    ]
    if listed.kwarg is not None:
        found.append(Slot(listed.kwarg.arg, listed.kwarg.annotation, None, "keywords"))
    return tuple(found)


class WrongCall(Exception):
    """The arguments of a call do not fit the parameters."""


def bind(
    slots: Sequence[Slot], arguments: Sequence[Given], keywords: Mapping[str, Given]
) -> dict[str, Given | tuple[Given, ...] | dict[str, Given]]:
    """What a call gives for each parameter that it gives something for. Raises `WrongCall`."""
    bound: dict[str, Given | tuple[Given, ...] | dict[str, Given]] = {}
    waiting = list(arguments)
    named = dict(keywords)
    for slot in slots:
        match slot.kind:
            case "plain":
                if waiting:
                    bound[slot.name] = waiting.pop(0)
                elif slot.name in named:
                    bound[slot.name] = named.pop(slot.name)
            case "several":
                bound[slot.name] = tuple(waiting)
                waiting = []
            case "keyword":
                if slot.name in named:
                    bound[slot.name] = named.pop(slot.name)
            case _:
                bound[slot.name] = named
                named = {}
    if waiting or named:
        raise WrongCall
    return bound
