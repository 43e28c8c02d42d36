"""`named_function`: functions of plain tensors that take and give named ones."""

import inspect
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from torch.autograd import Function

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.boundary_text import BOUNDARY_DIMS, BOUNDARY_FUNCTION, read_boundary
from namedtorch.values.boundary import Boundary

_MANY: Final = 16
"""How many of the arguments that `*args` takes a signature may speak of."""


class Parameters(NamedTuple):
    """The names of parameters: those that arguments by position go to, and all, Unknown where there may be more."""

    by_place: tuple[str, ...]
    known: frozenset[str] | UnknownType = Unknown


def named_function(function: Callable[..., Any], dims: str) -> Callable[..., Any]:
    """A function of plain tensors as one of named tensors, by a signature: "N T D, N S D -> N T S".

    The signature has a shape for each of the first parameters, and one for each tensor that the function gives;
    "D -> K" is short for "... D -> ... K". Names and sizes of arguments are checked at every call, and a plain tensor
    is refused. It is the way into code that `NamedTensor` does not reach: the `apply` of an autograd.Function, kernels
    of C++, functions that were compiled or loaded. Raises `AnnotationError` for a text that is no signature of the
    function.
    """
    parameters = parameters_of(function)
    owner = getattr(function, "__qualname__", None) or type(function).__name__
    text = str(read_boundary(dims, *parameters))
    boundary = Boundary(text, _owner(function) or owner, parameters.by_place)

    def named(*arguments: Any, **keywords: Any) -> Any:
        return boundary.cross(function, arguments, keywords)

    named.__name__ = getattr(function, "__name__", "named")
    named.__qualname__ = boundary.owner
    named.__doc__ = getattr(function, "__doc__", None)
    vars(named).update({BOUNDARY_FUNCTION: function, BOUNDARY_DIMS: dims})
    return named


def parameters_of(function: Callable[..., Any], *, skipped: int = 0) -> Parameters:
    """The parameters of a function, but for the first `skipped`."""
    owner = getattr(function, "__self__", None)
    if (
        isinstance(owner, type)
        and issubclass(owner, Function)
        and getattr(function, "__name__", "") == "apply"
    ):
        # What `apply` takes is what `forward` takes, behind the context unless `setup_context` takes that.
        apart = owner.setup_context is not Function.setup_context
        return parameters_of(owner.forward, skipped=0 if apart else 1)
    try:
        parameters = list(inspect.signature(function).parameters.values())[skipped:]
    except (TypeError, ValueError):  # a function of C++ that does not tell
        return Parameters(tuple(f"argument{place}" for place in range(_MANY)))
    found: list[str] = []
    others: list[str] = []
    for one in parameters:
        match one.kind:
            case inspect.Parameter.VAR_POSITIONAL:
                found += [f"{one.name}{place}" for place in range(_MANY)]
            case inspect.Parameter.KEYWORD_ONLY:
                others.append(one.name)
            case inspect.Parameter.VAR_KEYWORD:
                return Parameters(tuple(found))
            case _:
                found.append(one.name)
    return Parameters(tuple(found), frozenset([*found, *others]))


def _owner(function: Callable[..., Any]) -> str | None:
    """The name of an autograd.Function whose `apply` this is."""
    owner = getattr(function, "__self__", None)
    return owner.__qualname__ if isinstance(owner, type) and issubclass(owner, Function) else None
