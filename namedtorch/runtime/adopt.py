"""Signatures for code that can't be edited: a function or a module with a signature given as text."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from torch import nn

from namedtorch.diagnostics import AnnotationError
from namedtorch.runtime.wrapper import wrap
from namedtorch.signature.function import signature_of
from namedtorch.signature.hints import ANYTHING, OptionalHint
from namedtorch.signature.signature import Kind, Parameter, Signature
from namedtorch.signature.text import parse_signature


def with_signature(function: Callable[..., Any], text: str) -> Signature:
    """The signature of a function whose dims are given as text.

    Names that the function has are its parameters, and those that the text leaves out keep their hints. A text that
    uses other names, `image` for the `x` of a model that can't be edited, names the parameters in their order; the
    checked function then takes them under the names of the text. Raises `AnnotationError` for too many, and for names
    of both kinds.
    """
    given = parse_signature(text)
    own = _own_signature(function)
    called = getattr(function, "__qualname__", "the function")
    open_kinds = (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)
    names = [one.name for one in own.parameters if one.kind not in open_kinds and one.name != "self"]
    unknown = [one.name for one in given.parameters if one.name not in names]
    takes = ", ".join(f"`{name}`" for name in names) or "nothing"
    if unknown and (len(unknown) < len(given.parameters) or len(unknown) > len(names)):
        raise AnnotationError(f"the signature names `{unknown[0]}`, but `{called}` takes {takes}")
    renamed = dict(zip(names, [one.name for one in given.parameters], strict=False)) if unknown else {}
    hints = {one.name: one.hint for one in given.parameters}
    parameters: list[Parameter] = []
    for one in own.parameters:
        name = renamed.get(one.name, one.name)
        if name in hints and name != one.name and one.kind is Kind.KEYWORD:
            raise AnnotationError(
                f"`{called}` takes `{one.name}` by keyword, so the signature must call it that"
            )
        parameters.append(replace(one, name=name, hint=hints.get(name, one.hint)))
    for one in parameters:
        if one.name in hints and one.default is None and not isinstance(one.hint, OptionalHint):
            parameters[parameters.index(one)] = replace(one, hint=OptionalHint(one.hint))
    return Signature(tuple(parameters), given.result, given.where, own.yields)


def _own_signature(function: Callable[..., Any]) -> Signature:
    """The parameters of a function, with what hints it has; hints that can't be evaluated say nothing."""
    try:
        inspect.signature(function)
    except (ValueError, TypeError):
        name = getattr(function, "__qualname__", repr(function))
        raise AnnotationError(
            f"`{name}` is built in and names no parameters: wrap it in a function of your own"
        ) from None
    try:
        return signature_of(function)
    except (NameError, AnnotationError):
        return Signature(tuple(replace(one, hint=ANYTHING) for one in _bare(function)))


def _bare(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The parameters of a function, by a stand-in that has no annotations."""

    def stand_in() -> None: ...

    cast("Any", stand_in).__signature__ = inspect.signature(function)
    stand_in.__annotations__ = {}
    return signature_of(stand_in).parameters


def adopt(module: nn.Module, signature: str | Mapping[str, str]) -> nn.Module:
    """A module that shares everything with `module`, and whose forward is held to a signature.

    Signatures of other methods are given by name. The module itself is untouched. Raises `AnnotationError` for a method
    that is not there, and for a signature that does not fit its method.
    """
    base = type(module)
    texts = {"forward": signature} if isinstance(signature, str) else dict(signature)
    made = object.__new__(_adopted_class(base, texts))
    made.__dict__.update(module.__dict__)
    return cast("nn.Module", made)


def _adopted_class(base: type, texts: Mapping[str, str]) -> type:
    def reduce(self: Any, protocol: Any) -> Any:
        return _restore, (base, dict(texts)), self.__dict__

    members: dict[str, Any] = {
        "__reduce_ex__": reduce,
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
        "__doc__": base.__doc__,
    }
    for name, text in texts.items():
        method = getattr(base, name, None)
        if not inspect.isfunction(method):
            raise AnnotationError(f"{base.__qualname__} has no method `{name}` to give a signature to")
        members[name] = wrap(
            getattr(method, "__wrapped__", method), {}, signature=with_signature(method, text)
        )
    return type(base.__name__, (base,), members)


def _restore(base: type, texts: Mapping[str, str]) -> Any:
    """Makes an empty module again, for pickle and deepcopy; they fill in its state."""
    return object.__new__(_adopted_class(base, texts))
