"""`named_module`: modules of plain tensors that take and give named ones."""

import inspect
from functools import lru_cache
from types import new_class
from typing import Any, Final, TypeVar, cast

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
from namedtorch.signature.boundary_text import BOUNDARY_DIMS, BOUNDARY_KIND, is_short, read_boundary
from namedtorch.values.boundary import Boundary
from namedtorch.values.named_functions import parameters_of
from namedtorch.values.refusal import dims_error

M = TypeVar("M", bound=nn.Module)


def named_module(module: M, dims: str) -> M:
    """Marks a module so that it takes and gives named tensors, by a signature: "N C H W -> N K H W".

    The signature has a shape for each of the first parameters of the forward, and one for each tensor that it gives;
    "features -> classes" is short for "... features -> ... classes", the last axis. At every call, the names and sizes
    of arguments are checked, axes without names are taken for what the signature says, and the forward runs on plain
    tensors. A plain tensor is refused.

    The module is returned itself: it stays an instance of its class, and its parameters, state dict, hooks, mode,
    copies and pickles are as they were. Raises `AnnotationError` for a text that is no signature of the module,
    `DimError` for the short form where the module does not make the last axis, TypeError for what is no module.
    """
    given: object = module
    if isinstance(given, torch.jit.ScriptModule) or not isinstance(given, nn.Module):
        raise TypeError(f"`named_module` takes an nn.Module, and this is {type(module).__qualname__}")
    kind = type(module)
    kind = kind.__dict__.get(BOUNDARY_KIND, kind)
    signature = read_boundary(dims, *parameters_of(kind.forward, skipped=1))
    if is_short(signature):
        _refuse_other_axis(module, kind, dims)
    cast("Any", module).__class__ = _named_class(kind, dims)
    return module


@lru_cache(maxsize=1024)
def _named_class(kind: type[nn.Module], dims: str) -> type[nn.Module]:
    """The class of modules of a kind under a signature: a subclass that differs in its forward alone."""
    parameters = parameters_of(kind.forward, skipped=1)
    boundary = Boundary(str(read_boundary(dims, *parameters)), kind.__name__, parameters.by_place)
    plain_forward = kind.forward

    def forward(self: nn.Module, *arguments: Any, **keywords: Any) -> Any:
        return boundary.cross(plain_forward, arguments, keywords, self)

    def extra_repr(self: nn.Module) -> str:
        own = kind.extra_repr(self)
        return f"{own}, dims={dims!r}" if own else f"dims={dims!r}"

    def reduce(self: nn.Module, protocol: Any) -> Any:
        # Pickles name the kind and the text, as the class is made anew where they are read.
        _, _, *state = kind.__reduce_ex__(self, protocol)
        return _made, (kind, dims), *state

    # What reads signatures, such as torch.export, reads that of the kind.
    forward.__signature__ = inspect.signature(plain_forward)  # pyright: ignore[reportFunctionMemberAccess]
    own: dict[str, Any] = {
        "__doc__": kind.__doc__,
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__reduce_ex__": reduce,
        "extra_repr": extra_repr,
        "forward": forward,
        BOUNDARY_DIMS: dims,
        BOUNDARY_KIND: kind,
    }
    if issubclass(kind, LazyModuleMixin) and kind.cls_to_become is not None:
        # A lazy module changes its class at the first call.
        own["cls_to_become"] = _named_class(kind.cls_to_become, dims)
    return new_class(kind.__name__, (kind,), exec_body=lambda space: space.update(own))


def _made(kind: type[nn.Module], dims: str) -> nn.Module:
    """A module without its state, for copies and pickles."""
    named = _named_class(kind, dims)
    return named.__new__(named)


# The short form, "features -> classes"

_LETTERS: Final = "abcdef"


def _refuse_other_axis(module: nn.Module, kind: type[nn.Module], dims: str) -> None:
    """Raises `DimError` where the table says that a module makes another axis than the last, or knows axes by place."""
    rule = rule_for([f"{one.__module__}.{one.__qualname__}" for one in kind.__mro__])
    if rule is Unknown:
        return
    taken, made = 0, 0
    for rank in range(1, len(_LETTERS) + 1):
        axes = tuple(Axis(carried=name) for name in _LETTERS[:rank])
        try:
            result = rule.call(
                lambda name: getattr(module, name, Unknown), [Array(TensorShape(axes))], {}, Plain()
            )
        except (Misfit, Mismatch):
            continue
        if isinstance(result, Array) and result.shape.rank == rank:
            taken = rank
            fresh = [place - rank for place, one in enumerate(result.shape.fixed) if one.carried is Unknown]
            made = fresh[0] if fresh else 0
    # A module that keeps all axes, and takes any number of them, treats the last like any other.
    if made == -1 or (made == 0 and taken in (0, len(_LETTERS))):
        return
    where = f"makes axis {made}" if made else "tells its axes by their places"
    before, _, after = (one.strip() for one in dims.partition("->"))
    behind = {2: [], 3: ["T"], 4: ["H", "W"], 5: ["D", "H", "W"]}.get(taken, [])
    texts = [" ".join(["N", one, *behind]) for one in (before, after)]
    raise dims_error(
        "rank-unfit",
        f'"{dims}" names the last axis, and {kind.__name__} {where}',
        f'write all axes, as in "{texts[0]} -> {texts[1]}"',
    )
