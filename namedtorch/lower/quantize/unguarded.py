"""Modules without the guards that ask for named tensors: their code is plain by then, and so is what they get."""

from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.erase.decorators import decorated, is_checked, written
from namedtorch.lower.mending.module_classes import become, own_members, subclass
from namedtorch.signature.array import NAMED
from namedtorch.signature.function import signature_of


def drop_named_guards(root: nn.Module) -> None:
    """Gives every module of a tree, whose names were erased, methods without the guards that ask for named tensors.

    Other decorators stay, and so do guards that ask for plain tensors. Modules of one class share the new one.
    """
    made: dict[type, type] = {}
    for one in root.modules():
        owner = type(one)
        if owner not in made:
            members: dict[str, Any] = {
                name: decorated(value, written(value))
                for name, _, value in own_members(owner)
                if isinstance(value, FunctionType) and is_checked(value) and _asks_for_names(value)
            }
            made[owner] = subclass(owner, members) if members else owner
        become(one, made[owner])


def _asks_for_names(function: FunctionType) -> bool:
    return any(one.array == NAMED for one in signature_of(function).tensors)
