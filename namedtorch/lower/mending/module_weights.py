"""Weights that a module computes before each call, as the plain parameters that they are in eval mode.

TorchScript has no form for what computes them: parametrizations, and the hooks of weight norm, spectral norm and
pruning. In eval mode they give the same weights in each call.
"""

from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize, prune
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

from namedtorch.diagnostics import LowerError
from namedtorch.lower.mending.module_classes import become, subclass

_HOOKS = (SpectralNorm, WeightNorm, prune.BasePruningMethod)
_SEEDS = (0, 1)


def computed(root: nn.Module) -> Iterator[tuple[str, nn.Module, str]]:
    """The weights of a tree that are computed anew in each call: path of the module, the module, name."""
    for path, module in root.named_modules(prefix="model"):
        if parametrize.is_parametrized(module):
            for name in sorted(_parametrizations(module)):
                yield path, module, name
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, _HOOKS):
                yield path, module, _name(hook)


def detached(root: nn.Module) -> dict[int, Any]:
    """A memo for `copy.deepcopy`, with tensors that can be copied for those that are results of a computation."""
    memo: dict[int, Any] = {}
    for module in root.modules():
        for value in vars(module).values():
            if isinstance(value, Tensor) and value.grad_fn is not None:
                memo[id(value)] = value.detach().clone()
    return memo


def bake(root: nn.Module) -> None:
    """Turns each computed weight of a tree, a copy in eval mode, into a parameter (a buffer, if it was one).

    Raises LowerError for one that differs from call to call.
    """
    for path, module, name in [*computed(root)]:
        if parametrize.is_parametrized(module):
            _bake_parametrized(path, module)
        for key, hook in list(module._forward_pre_hooks.items()):
            if isinstance(hook, _HOOKS) and _name(hook) == name:
                try:
                    _bake_hook(module, key, hook)
                except (KeyError, AttributeError, RuntimeError) as error:
                    raise LowerError(
                        f"`{path}.{name}` is computed anew in each call, and torch can't make it a parameter: {error}; "
                        "take what computes it off before lowering"
                    ) from error


def refuse_computed(root: nn.Module) -> None:
    """Raises LowerError for a computed weight: in training it would not follow what it is computed from."""
    for path, _, name in computed(root):
        raise LowerError(
            f"`{path}.{name}` is computed anew in each call (a parametrization, weight_norm, spectral_norm, prune), "
            "which TorchScript has no form for: with train=True its parameters would get no gradients; lower it in "
            "eval mode, where the weight is baked in, or make it a parameter first: "
            f"torch.nn.utils.parametrize.remove_parametrizations({path}, {name!r}), remove_weight_norm({path}), "
            f"remove_spectral_norm({path}) or torch.nn.utils.prune.remove({path}, {name!r})"
        )


def _name(hook: Any) -> str:
    return hook._tensor_name if isinstance(hook, prune.BasePruningMethod) else hook.name


def _parametrizations(module: nn.Module) -> nn.ModuleDict:
    return cast("nn.ModuleDict", module.parametrizations)


def _bake_parametrized(path: str, module: nn.Module) -> None:
    made: dict[str, Tensor] = {}
    for name, parametrization in _parametrizations(module).items():
        held: Any = parametrization
        first = held.original if hasattr(held, "original") else held.original0
        value = _same_each_time(f"{path}.{name}", held)
        made[name] = nn.Parameter(value, first.requires_grad) if isinstance(first, nn.Parameter) else value
    # The class was made for the module that was copied, which keeps it as it is.
    become(module, _unparametrized(type(module), next(iter(made))))
    del module._modules["parametrizations"]
    for name, value in made.items():
        if isinstance(value, nn.Parameter):
            module.register_parameter(name, value)
        else:
            module.register_buffer(name, value)


def _unparametrized(owner: type, name: str) -> type:
    """A class without the one that torch made for a parametrization of `name`, and with what came on top of that."""
    order = owner.__mro__
    place = next(i for i, one in enumerate(order) if isinstance(vars(one).get(name), property))
    own: dict[str, Any] = {}
    for one in reversed(order[:place]):
        own |= {key: value for key, value in vars(one).items() if key not in ("__dict__", "__weakref__")}
    return subclass(order[place].__bases__[0], own) if own else order[place].__bases__[0]


def _same_each_time(place: str, parametrization: Any) -> Tensor:
    values: list[Tensor] = []
    for seed in _SEEDS:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(seed)
            values.append(parametrization().detach().clone())
    if not torch.equal(*values):
        raise LowerError(
            f"`{place}` is computed by a parametrization that gives another weight in each call, also in eval mode, "
            "and TorchScript has no form for it: make it a function of `self.training`, or compute it in forward"
        )
    return values[0]


def _bake_hook(module: nn.Module, key: int, hook: Any) -> None:
    with torch.no_grad():
        hook.remove(module)
    del module._forward_pre_hooks[key]
    # What would load and save the parts of the weight goes with the hook.
    for table in (module._state_dict_hooks, module._load_state_dict_pre_hooks):
        for other, entry in list(table.items()):
            if getattr(getattr(entry, "hook", entry), "fn", None) is hook:
                del table[other]
