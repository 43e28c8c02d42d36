"""Signatures for code that can't be edited: a function or a module with a signature given as text."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from torch import nn

from namedtorch.diagnostics import AnnotationError
from namedtorch.runtime.wrapper import wrap
from namedtorch.signature.function import signature_of
from namedtorch.signature.hints import ANYTHING, PlainHint
from namedtorch.signature.signature import Kind, Signature
from namedtorch.signature.text import parse_signature


def with_signature(function: Callable[..., Any], text: str) -> Signature:
    """The signature of a function whose dims are given as text; parameters that it does not name keep their hints.

    Raises `AnnotationError` if it names a parameter that the function does not have.
    """
    given = parse_signature(text)
    own = _own_signature(function)
    names = [one.name for one in own.parameters if one.kind not in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)]
    for one in given.parameters:
        if one.name not in names:
            takes = ", ".join(f"`{name}`" for name in names if name != "self")
            raise AnnotationError(
                f"the signature names `{one.name}`, but {getattr(function, '__qualname__', 'the function')} takes {takes}"
            )
    hints = {one.name: one.hint for one in given.parameters}
    parameters = tuple(replace(one, hint=hints.get(one.name, one.hint)) for one in own.parameters)
    return Signature(parameters, given.result, given.where, own.yields)


def _own_signature(function: Callable[..., Any]) -> Signature:
    """The parameters of a function, with what hints it has; hints that can't be evaluated say nothing."""
    try:
        return signature_of(function)
    except (NameError, AnnotationError):
        bare = Signature(tuple(replace(one, hint=ANYTHING) for one in _bare(function)))
        return bare


def _bare(function: Callable[..., Any]) -> tuple[Any, ...]:
    def empty() -> None: ...

    empty.__signature__ = __import__("inspect").signature(function)  # pyright: ignore[reportFunctionMemberAccess]
    return signature_of(empty).parameters


def adopt(module: nn.Module, text: str) -> nn.Module:
    """A module that shares everything with `module`, and whose forward is held to a signature.

    The module itself is untouched. Raises `AnnotationError` if the signature does not fit its forward.
    """
    base = type(module)
    made = object.__new__(_adopted_class(base, text))
    made.__dict__.update(module.__dict__)
    return cast("nn.Module", made)


def _adopted_class(base: type, text: str) -> type:
    forward = cast("Any", base).forward
    checked_forward = wrap(getattr(forward, "__wrapped__", forward), {}, signature=with_signature(forward, text))

    def reduce(self: Any, protocol: Any) -> Any:
        return _restore, (base, text), self.__dict__

    members = {
        "forward": checked_forward,
        "__reduce_ex__": reduce,
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
        "__doc__": base.__doc__,
    }
    return type(base.__name__, (base,), members)


def _restore(base: type, text: str) -> Any:
    """Makes an empty module again, for pickle and deepcopy; they fill in its state."""
    return object.__new__(_adopted_class(base, text))


__all__ = ["PlainHint", "adopt", "with_signature"]
