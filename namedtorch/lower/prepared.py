"""Checked code under plain `torch.jit.script`: what torch compiles in the place of the user's module or function."""

import copy
import itertools
import weakref
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.diagnostics import LowerError
from namedtorch.lower.boundary import boundary_of
from namedtorch.lower.erasure import erase_names, without_names
from namedtorch.lower.functions import innermost
from namedtorch.lower.guards import GuardsInside
from namedtorch.lower.modules import is_checked_module, translate_tree
from namedtorch.lower.signatures import held_signature, is_checked
from namedtorch.lower.torchscript import COMPILING, Role, forget_stale_builtins, is_script, role_of
from namedtorch.signature.plan import build_plan

# By id, since a module's class may say what makes two of them equal.
_PREPARED: "weakref.WeakValueDictionary[int, nn.Module]" = weakref.WeakValueDictionary()


def settle(*modules: nn.Module) -> None:
    """Notes that modules are as torch is to compile them."""
    for one in modules:
        _PREPARED[id(one)] = one


def scriptable(target: Any) -> Any:
    """What torch is to compile for a module or a checked function: the same with its guards inside.

    A module in which nothing is checked stands for itself. The guards are those of `lower` at the boundary where the
    outermost module is checked, else those of every checked method and function in it; what is returned shares the
    parameters and buffers, and the user's objects stay as they are. Raises LowerError where there is no such thing.
    """
    with COMPILING:
        forget_stale_builtins()
        return _module(target) if isinstance(target, nn.Module) else _function(target)


def _module(module: nn.Module) -> nn.Module:
    if _PREPARED.get(id(module)) is module:
        return module
    tree = [one for one in module.modules() if not is_script(one)]
    if not any(is_checked_module(type(one)) for one in tree):
        return module
    target = _sharing(module)
    erase_names(target)
    outermost = is_checked(getattr(type(module), "forward", None))
    inside = GuardsInside(None if outermost else is_checked)
    translated = translate_tree(target, inside.functions)
    if outermost:
        inside.at_boundary(target, translated.held(boundary_of(module, inside.functions.sources).held))
    else:
        inside.inside(translated, {})
    settle(*translated.modules)
    inside.functions.announce()
    return target


def _function(made: FunctionType) -> FunctionType:
    record: Any = vars(made)["__namedtorch__"]
    if role_of(made) is Role.IGNORED:
        return made
    if record.graph is None:
        inside = GuardsInside()
        signature = held_signature(made)
        plain = without_names(innermost(made))
        own = made if plain is innermost(made) else plain
        body = inside.functions.graph_function(own)
        inside.translation(own)
        if signature.has_dims:
            body = inside.function(own, body, signature, build_plan(signature))
        inside.functions.announce()
        record.graph = body
    return record.graph


def _sharing(module: nn.Module) -> nn.Module:
    """A copy of a module, with all that is in it, but for the tensors."""
    memo: dict[int, Any] = {}
    for one in itertools.chain(module.parameters(), module.buffers()):
        memo[id(one)] = one
    try:
        return copy.deepcopy(module, memo)
    except Exception as error:  # Modules hold what they like, and any of it may refuse to be copied.
        raise LowerError(
            f"{type(module).__qualname__} can't be copied, so torch.jit.script can't have its guard: {error}"
        ) from error
