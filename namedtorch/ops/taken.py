"""The parameters of Python's functions, as rows write them: `x, factor=2, *rest`."""

import ast
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from namedtorch.dims.unknown import Unknown, UnknownType

_NAMED = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


def parameters_of(
    function: Callable[..., Any], receiver: bool = False
) -> list[inspect.Parameter] | UnknownType:
    """The parameters of a function; Unknown for one that does not tell. Of a method, without its receiver."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Unknown
    return found[1:] if receiver else found


def takes_any(parameters: Sequence[inspect.Parameter]) -> bool:
    """Whether more arguments are taken than have a name."""
    return any(one.kind not in _NAMED for one in parameters)


def names_of(parameters: Sequence[inspect.Parameter]) -> list[str]:
    """The names by which arguments are taken."""
    return [one.name for one in parameters if one.kind in _NAMED]


def written(parameters: Sequence[inspect.Parameter]) -> str:
    """The parameters as a row writes them; of a default that is no literal, only that there is one."""
    plain = [
        one for one in parameters if one.kind in _NAMED and one.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    several = [one for one in parameters if one.kind is inspect.Parameter.VAR_POSITIONAL]
    keyword = [one for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]
    rest = [one for one in parameters if one.kind is inspect.Parameter.VAR_KEYWORD]
    texts = [_text(one) for one in plain]
    texts += [f"*{one.name}" for one in several]
    if keyword and not several:
        texts.append("*")
    texts += [_text(one) for one in keyword]
    texts += [f"**{one.name}" for one in rest]
    return ", ".join(texts)


def _text(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return parameter.name
    text = repr(parameter.default)
    try:
        literal = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return f"{parameter.name}=..."
    return f"{parameter.name}={text if literal == parameter.default else '...'}"
