"""`named_module`: modules of plain tensors that take and give named ones."""

import inspect
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

import torch
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import Mismatch
from namedtorch.ops.table import rule_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array
from namedtorch.signature.signature import Signature
from namedtorch.values.boundary import Boundary
from namedtorch.values.boundary_text import is_short, read_boundary
from namedtorch.values.refusal import dims_error

M = TypeVar("M", bound=nn.Module)

_KIND: Final = "_namedtorch_kind"
_BOUNDARY: Final = "_namedtorch_boundary"


def named_module(module: M, dims: str) -> M:
    """Marks a module so that it takes and gives named tensors, by a signature: "N C H W -> N K H W".

    The signature has a shape for each of the first parameters of the forward, and one for each tensor that it gives;
    "features -> classes" is short for "... features -> ... classes", the last axis. At every call, the names and sizes
    of arguments are checked, axes without names are taken for what the signature says, and the forward runs on plain
    tensors. A plain tensor is refused.

    The module is returned itself: it stays an instance of its class, and its parameters, state dict, hooks, mode, copies
    and pickles are as they were. Raises `AnnotationError` for a text that is no signature of the module, `DimError` for
    the short form where the module does not make the last axis, TypeError for what is no module.
    """
    if isinstance(module, torch.jit.ScriptModule) or not isinstance(module, nn.Module):
        raise TypeError(f"`named_module` takes an nn.Module, and this is {type(module).__qualname__}")
    kind = type(module)
    kind = kind.__dict__.get(_KIND, kind)
    signature = read_boundary(dims, _parameters(kind))
    if is_short(signature):
        _refuse_other_axis(module, kind, signature)
    module.__class__ = _named_class(kind, str(signature))
    return module


def _parameters(kind: type[nn.Module]) -> tuple[str, ...]:
    """The names of the parameters of a forward that arguments by position go to."""
    found: list[str] = []
    for one in list(inspect.signature(kind.forward).parameters.values())[1:]:
        if one.kind is inspect.Parameter.VAR_POSITIONAL:
            found += [f"{one.name}{place}" for place in range(_MANY)]
        elif one.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD):
            found.append(one.name)
    return tuple(found)


_MANY: Final = 16
"""How many of the arguments that `*args` takes a signature may speak of."""


@lru_cache(maxsize=1024)
def _named_class(kind: type[nn.Module], text: str) -> type[nn.Module]:
    """The class of modules of a kind under a signature: a subclass that differs in its forward alone."""
    boundary = Boundary(text, kind.__name__, _parameters(kind))
    plain_forward = kind.forward

    def forward(self: nn.Module, *arguments: Any, **keywords: Any) -> Any:
        def run(*arguments: Any, **keywords: Any) -> Any:
            return plain_forward(self, *arguments, **keywords)

        return boundary.cross(run, arguments, keywords)

    def extra_repr(self: nn.Module) -> str:
        own = kind.extra_repr(self)
        return f"{own}, dims={text!r}" if own else f"dims={text!r}"

    def reduce(self: nn.Module, protocol: Any) -> Any:
        # Pickles name the kind and the text, as the class is made anew where they are read.
        _, _, *state = kind.__reduce_ex__(self, protocol)
        return _made, (kind, text), *state

    # What reads signatures, such as torch.export, reads that of the kind.
    forward.__signature__ = inspect.signature(plain_forward)  # pyright: ignore[reportFunctionMemberAccess]
    own: dict[str, Any] = {
        "__doc__": kind.__doc__,
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__reduce_ex__": reduce,
        "extra_repr": extra_repr,
        "forward": forward,
        _KIND: kind,
        _BOUNDARY: boundary,
    }
    if issubclass(kind, LazyModuleMixin) and kind.cls_to_become is not None:
        # A lazy module changes its class at the first call.
        own["cls_to_become"] = _named_class(kind.cls_to_become, text)
    return type(kind)(kind.__name__, (kind,), own)


def _made(kind: type[nn.Module], text: str) -> nn.Module:
    """A module without its state, for copies and pickles."""
    named = _named_class(kind, text)
    return named.__new__(named)


# The short form, "features -> classes"

_LETTERS: Final = "abcde"


def _refuse_other_axis(module: nn.Module, kind: type[nn.Module], signature: Signature) -> None:
    """Raises `DimError` where the table says that a module makes another axis than the last one."""
    rule = rule_for([f"{one.__module__}.{one.__qualname__}" for one in kind.__mro__])
    if rule is Unknown:
        return

    def read(name: str) -> object:
        return getattr(module, name, Unknown)

    for rank in range(1, len(_LETTERS) + 1):
        names = _LETTERS[:rank]
        given = Array(TensorShape(tuple(Axis(carried=name) for name in names)))
        try:
            result = rule.call(read, [given], {}, Plain())
        except (Misfit, Mismatch):
            continue
        if isinstance(result, Array) and result.shape.rank == rank:
            _refuse_places(kind, signature, result.shape.fixed)


def _refuse_places(kind: type[nn.Module], signature: Signature, axes: Sequence[Axis]) -> None:
    made = [place for place, axis in enumerate(axes) if axis.carried is Unknown]
    if not made or made == [len(axes) - 1]:
        return
    before, after = str(signature.parameters[0].hint).split()[-1], str(signature.result).split()[-1]
    front = ["N"] if made[0] else []
    behind = ["T", "H W", "D H W"][min(len(axes) - made[0] - 2, 2)].split()
    texts = [" ".join([*front, one, *behind]) for one in (before, after)]
    raise dims_error(
        "rank-unfit",
        f"`{signature}` names the last axis, and {kind.__name__} makes axis {made[0] - len(axes)}",
        f'write all axes: "{texts[0]} -> {texts[1]}"',
    )
