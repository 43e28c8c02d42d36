"""The inputs of a model on the command line: `NAME=VALUE`, with arrays in files."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from namedtorch.cli.arrays import read_array
from namedtorch.cli.literals import literal
from namedtorch.cli.outcome import Refused, WrongUse
from namedtorch.deploy.arrays import to_tensor
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.signature import Signature

_BRACKETS = ("[", "(", "{")
_FILE_OR_TEXT = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|@(?P<file>[^,\[\](){}\s'"]*)""")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a model is called with."""

    positional: tuple[Any, ...]
    keywords: Mapping[str, Any]


def read_inputs(words: Sequence[tuple[str | None, str]], signature: Signature, device: str) -> Inputs:
    """Reads the inputs as the parameters of the signature take them; raises Refused for what can't be."""
    hints = {parameter.name: parameter.hint for parameter in signature.parameters}
    order = list(hints)
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for place, (name, text) in enumerate(words):
        hint = hints.get(name if name is not None else order[place] if place < len(order) else "")
        value = as_input(read_value(text), hint, name or f"argument {place + 1}", device)
        if name is None:
            positional.append(value)
        else:
            keywords[name] = value
    return Inputs(tuple(positional), keywords)


def read_value(text: str) -> object:
    """What a word stands for.

    `@FILE` is the array of a file and `@A,@B` a list of arrays; files may also stand in a literal: `[@A, @B]`,
    `(@A, 3)`, `{'left': @A}`. Anything else is a Python literal, or the text itself where it is none.
    """
    if text.startswith("@"):
        # A name that holds a comma is fine where there is such a file.
        files = [text[1:]] if Path(text[1:]).exists() else [one.removeprefix("@") for one in text.split(",@")]
        arrays = [read_array(file) for file in files]
        return arrays[0] if len(files) == 1 else arrays
    if text.startswith(_BRACKETS) and "@" in text:
        return _nested(text)
    return literal(text)


def _nested(text: str) -> object:
    """A literal with files in it."""
    files: list[str] = []

    def place(found: re.Match[str]) -> str:
        file = found["file"]
        if file is None:
            return found[0]
        files.append(file)
        # Python's literals have no name for a place: a text stands there that no command line can hold.
        return repr(f"\0{len(files) - 1}")

    pattern = _FILE_OR_TEXT.sub(place, text)
    try:
        value = ast.literal_eval(pattern)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise WrongUse(f"`{text}` is no list, tuple or dict of files: [@A.npy, @B.npy]") from error
    return _filled(value, {f"\0{index}": file for index, file in enumerate(files)})


def _filled(value: Any, files: Mapping[str, str]) -> Any:
    match value:
        case str():
            return read_array(files[value]) if value in files else value
        case list() | tuple():
            return type(cast("list[Any]", value))(_filled(one, files) for one in cast("list[Any]", value))
        case dict():
            return {key: _filled(one, files) for key, one in cast("dict[Any, Any]", value).items()}
        case _:
            return value


def as_input(value: Any, hint: Hint | None, name: str, device: str) -> Any:
    """A value as the parameter takes it: a tensor for an array, and for numbers where a tensor is wanted.

    `name` is what messages call it. Raises Refused for what can't be a tensor and has to.
    """
    match hint:
        case OptionalHint(inner=inner):
            return None if value is None else as_input(value, inner, name, device)
        case TensorHint():
            return _tensor(value, hint, name, device)
        case ListHint(item=item) if isinstance(value, list | tuple):
            items = cast("list[Any]", value)
            found = [as_input(one, item, f"{name}[{index}]", device) for index, one in enumerate(items)]
            return tuple(found) if hint.container == "tuple" else found
        case ListHint() if isinstance(value, np.ndarray):
            raise Refused(
                f"`{name}` is a list of arrays, also of one: write {name}=@A.npy,@B.npy, or '{name}=[@A.npy]'"
            )
        case TupleHint(items=items):
            return _each(value, list(enumerate(items)), name, device)
        case DictHint(value=inner) if isinstance(value, dict):
            pairs = cast("dict[Any, Any]", value).items()
            return {key: as_input(one, inner, f"{name}[{key!r}]", device) for key, one in pairs}
        case RecordHint(fields=fields):
            if isinstance(value, dict) and value.keys() == dict(fields).keys():
                value = tuple(cast("dict[str, Any]", value)[field] for field, _ in fields)
            return _each(value, list(fields), name, device)
        case None | PlainHint() | UnionHint() | ListHint() | DictHint():
            return _with_tensors(value, name, device)


def _each(value: Any, parts: Sequence[tuple[object, Hint]], name: str, device: str) -> Any:
    """A tuple of which each item has a hint of its own."""
    if not isinstance(value, list | tuple) or len(cast("list[Any]", value)) != len(parts):
        return _with_tensors(value, name, device)
    items = zip(cast("list[Any]", value), parts, strict=True)
    return tuple(as_input(one, hint, f"{name}.{part}", device) for one, (part, hint) in items)


def _with_tensors(value: Any, name: str, device: str) -> Any:
    """The value with tensors for its arrays; all else is for the model to say."""

    def tensor(one: Any) -> Any:
        is_array = isinstance(one, np.ndarray)
        return _tensor(cast("object", one), None, name, device) if is_array else one

    return _mapped(value, tensor)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    match value:
        case list() | tuple():
            return type(cast("list[Any]", value))(_mapped(one, change) for one in cast("list[Any]", value))
        case dict():
            return {key: _mapped(one, change) for key, one in cast("dict[Any, Any]", value).items()}
        case _:
            return change(value)


def _tensor(value: object, hint: TensorHint | None, name: str, device: str) -> Any:
    if isinstance(value, str):
        raise Refused(
            f"`{name}` is the text {value!r}, and the model takes an array: a file is read with @{value}"
        )
    try:
        return to_tensor(value, device, FAMILIES["Shaped"] if hint is None else hint.family)
    except ValueError as error:
        raise Refused(f"`{name}` {error}; give a file of numbers, NAME=@FILE.npy") from error
