"""The signature of a Python function, read from its annotations."""

import collections.abc
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Optional, Union, get_args, get_origin

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hints import ANYTHING, Hint, read_hint
from namedtorch.signature.signature import Kind, Parameter, Signature

_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: Kind.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD: Kind.POSITIONAL,
    inspect.Parameter.VAR_POSITIONAL: Kind.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY: Kind.KEYWORD,
    inspect.Parameter.VAR_KEYWORD: Kind.VAR_KEYWORD,
}

_YIELDING = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
)


# fmt: off
_OPERATORS = (
    "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod",
    "pow", "lshift", "rshift", "and", "or", "xor",
)
# fmt: on
_MAY_DECLINE = {f"__{prefix}{name}__" for name in _OPERATORS for prefix in ("", "r", "i")} | {
    f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge")
}
"""The methods that return NotImplemented where they leave an operation to the other operand."""


class UnresolvedError(NameError):
    """An annotation that mentions a name which does not exist yet."""


def signature_of(
    function: Callable[..., Any], names: Mapping[str, Any] | None = None, *, lenient: bool = False
) -> Signature:
    """The signature of a function; that of a `@checked` one is the signature it is held to.

    `names` are local names that annotations given as text may use, besides the function's globals and closure. With
    `lenient`, an annotation without dims whose names do not exist says nothing.
    Raises `AnnotationError` for an annotation that is wrong, `UnresolvedError` for a name that does not exist (yet).
    """
    record = getattr(function, "__namedtorch__", None)
    if record is not None:
        return record.signature
    function = _annotated(getattr(function, "__func__", function))
    hints = _hints(function, {**(names or {}), **closure_names(function)}, lenient)
    parameters = tuple(
        Parameter(
            one.name,
            _read(hints[one.name], one.default) if one.name in hints else ANYTHING,
            _KINDS[one.kind],
            Unknown if one.default is inspect.Parameter.empty else one.default,
        )
        for one in inspect.signature(function, follow_wrapped=False).parameters.values()
    )
    yields = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    result = hints.get("return", Any)
    if yields:
        result = get_args(result)[0] if get_origin(result) in _YIELDING and get_args(result) else Any
    if getattr(function, "__name__", "") in _MAY_DECLINE:
        result = Union[result, type(NotImplemented)]  # noqa: UP007  # of hints that are values
    return Signature(parameters, ANYTHING if result is Any else read_hint(result), (), yields)


def _read(hint: Any, default: Any) -> Hint:
    if default is None:
        # A default of None makes a parameter optional, as it does for beartype, which never checks defaults.
        return read_hint(Optional[hint])  # noqa: UP045  # of a hint that is a value
    if type(default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS":
        # What stands in the __init__ of a dataclass for a field that a factory fills.
        return read_hint(Union[hint, type(default)])  # noqa: UP007
    return read_hint(hint)


def _annotated(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function whose parameters the annotations belong to: under wrappers that take anything, the wrapped one."""
    own = inspect.signature(function, follow_wrapped=False).parameters.values()
    wrapped = getattr(function, "__wrapped__", None)
    anything = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    if callable(wrapped) and own and all(one.kind in anything for one in own):
        return _annotated(wrapped)
    return function


def closure_names(function: Callable[..., Any]) -> dict[str, Any]:
    """The names that a function closes over, with their values where they are set already."""
    code = getattr(function, "__code__", None)
    found: dict[str, Any] = {}
    for name, cell in zip(
        getattr(code, "co_freevars", ()), getattr(function, "__closure__", None) or (), strict=False
    ):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


def location(function: Callable[..., Any]) -> str:
    """The file and line of a function, or "" where it has none; a method that was generated has those of its class."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return ""
    if code.co_filename != "<string>":
        return f"{code.co_filename}:{code.co_firstlineno}"
    owner: Any = sys.modules.get(getattr(function, "__module__", ""))
    try:
        for name in function.__qualname__.split(".")[:-1]:
            owner = getattr(owner, name)
        return f"{inspect.getsourcefile(owner)}:{inspect.getsourcelines(owner)[1]}"
    except (AttributeError, OSError, TypeError):
        return ""


def _hints(function: Callable[..., Any], names: Mapping[str, Any], lenient: bool) -> dict[str, Any]:
    """The evaluated annotations, one by one, so that a wrong one is blamed by its name."""
    try:
        annotations = dict(function.__annotations__)
    except NameError as error:  # deferred annotations (PEP 649) evaluate here
        raise UnresolvedError(str(error)) from None
    except AttributeError:
        return {}
    space = getattr(function, "__globals__", {})
    found: dict[str, Any] = {}
    for name, annotation in annotations.items():
        holder = types.SimpleNamespace(__annotations__={name: annotation})
        what = "the result" if name == "return" else f"`{name}`"
        called = getattr(function, "__qualname__", "the function")
        try:
            found[name] = typing.get_type_hints(holder, space, dict(names), include_extras=True)[name]
        except AnnotationError as error:
            blamed = type(error)(
                f"{error}\n  in the annotation of {what} of `{called}`, {location(function)}"
            )
            blamed.failures = error.failures
            raise blamed from None
        except NameError as error:
            if lenient and isinstance(annotation, str) and not re.search("[\"']", annotation):
                continue  # imported for static checkers only, most likely: it holds no dims, and says nothing here
            raise UnresolvedError(
                f"the annotation of {what} of `{called}` ({location(function)}) mentions an unknown name: {error}"
            ) from None
        except (TypeError, AttributeError, ValueError) as error:
            raise AnnotationError(
                f"the annotation of {what} of `{called}` can't be evaluated: {annotation!r} ({error})"
                f'\n  {location(function)}\n  help: an array is annotated as Float[Tensor, "N C"]'
            ) from None
        except SyntaxError as error:
            raise AnnotationError(
                f"the annotation of {what} of `{called}` is no Python expression: {annotation!r} ({error.msg})"
                f"\n  {location(function)}"
            ) from None
    return found
