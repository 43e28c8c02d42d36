"""Modules that TorchScript can't take as they stand, whatever their code is."""

from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

from torch import nn
from torch.nn.parameter import is_lazy

from namedtorch.lower.construct import Construct
from namedtorch.lower.functions import is_torchs


def _lazy(module: nn.Module) -> tuple[str, Any] | None:
    values = (*module._parameters.values(), *module._buffers.values())
    return _itself(module) if any(is_lazy(one) for one in values if one is not None) else None


def _itself(module: nn.Module) -> tuple[str, Any]:
    return type(module).__name__, None


def _hooks(module: nn.Module) -> list[Any]:
    """The user's hooks, and those of torch's that compute a weight."""
    found = [*module._forward_hooks.values(), *module._forward_pre_hooks.values()]
    return [one for one in found if not is_torchs(one) or _is_norm(one)]


def _hook(test: Callable[[Any], bool]) -> Callable[[nn.Module], tuple[str, Any] | None]:
    def holds(module: nn.Module) -> tuple[str, Any] | None:
        found = next((one for one in _hooks(module) if test(one)), None)
        return None if found is None else _named(found)

    return holds


def _named(hook: Any) -> tuple[str, Any]:
    return getattr(hook, "__qualname__", type(hook).__name__), hook


def _is_lambda(hook: Any) -> bool:
    return isinstance(hook, FunctionType) and hook.__name__ == "<lambda>"


def _is_norm(hook: Any) -> bool:
    return type(hook).__module__ in ("torch.nn.utils.spectral_norm", "torch.nn.utils.weight_norm")


def _is_object(hook: Any) -> bool:
    return not isinstance(hook, FunctionType | MethodType) and not _is_norm(hook)


def _with_keywords(module: nn.Module) -> tuple[str, Any] | None:
    for hooks, marked in (
        (module._forward_hooks, module._forward_hooks_with_kwargs),
        (module._forward_pre_hooks, module._forward_pre_hooks_with_kwargs),
    ):
        for key in marked:
            if key in hooks and hooks[key] in _hooks(module):
                return _named(hooks[key])
    return None


def _parallel(module: nn.Module) -> tuple[str, Any] | None:
    return _itself(module) if isinstance(module, nn.DataParallel) else None


def _adaptive(module: nn.Module) -> tuple[str, Any] | None:
    return _itself(module) if isinstance(module, nn.AdaptiveLogSoftmaxWithLoss) else None


_PLAIN_HOOK = "def hook(module, given: tuple[Tensor], result: Tensor) -> Tensor"
MODULES: tuple[Construct, ...] = (
    Construct(
        "lazy-module",
        "a {} whose parameters have no size yet",
        "call the model once on an example before lowering it",
        says=r"has uninitialized (?:parameters|buffers)()",
        holds=_lazy,
    ),
    Construct(
        "lambda-hook",
        "a forward hook that is a lambda",
        f"write `{_PLAIN_HOOK}`",
        holds=_hook(_is_lambda),
    ),
    Construct(
        "bound-hook",
        "the forward hook `{}`, a bound method",
        f"write a function: `{_PLAIN_HOOK}`",
        holds=_hook(lambda one: isinstance(one, MethodType)),
    ),
    Construct(
        "object-hook",
        "a forward hook that is a {}, no function",
        f"write a function: `{_PLAIN_HOOK}`",
        holds=_hook(_is_object),
    ),
    Construct(
        "norm-hook",
        "a weight that a {} computes before each call",
        "call torch.nn.utils.remove_spectral_norm(module) or remove_weight_norm(module) before lowering",
        holds=_hook(_is_norm),
    ),
    Construct(
        "keyword-hook",
        "the forward hook `{}`, registered with with_kwargs=True",
        "register it without: a hook gets the positional arguments only",
        holds=_with_keywords,
    ),
    Construct(
        "hook-types",
        "a forward hook whose types do not fit: {}",
        f"annotate it: `{_PLAIN_HOOK}`; a pre-hook: `def hook(module, given: tuple[Tensor]) -> tuple[Tensor]`",
        says=r"(?:Pre-h|H)ook '\w+' on module '\w+' ([^\n]+)",
    ),
    Construct(
        "data-parallel",
        "a {}",
        "lower the module in it: `model.part = model.part.module`",
        holds=_parallel,
    ),
    Construct(
        "adaptive-softmax",
        "an {}, whose own annotations TorchScript does not take",
        "write its linear layers into a module of your own",
        says=r"Expected inferred type to be interface type()",
        holds=_adaptive,
    ),
)
