"""Names of dims as arguments: `"N", "C"`, `["N", "C"]`, or several in one text, `"N C (H W) ..."`."""

from collections.abc import Iterator, Sequence
from types import EllipsisType
from typing import Final, TypeAlias

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import Misfit
from namedtorch.ops.tensor_shape import Undetermined
from namedtorch.ops.values import Value

INVALID: Final = "name-invalid"
REPEATED: Final = "names-repeated"

Listed: TypeAlias = "str | EllipsisType | None"
"""A name, `...` for the axes that are not listed, or None for an axis without a name."""

_RESERVED: Final = "where"


def is_name(text: str) -> bool:
    """Whether a text is a name that an axis can carry: a word, or several in parentheses, `(C H W)`.

    In the language of shapes, a word that begins with an underscore is none, and `where` begins constraints.
    """
    if text.startswith("(") and text.endswith(")"):
        words = text[1:-1].split(" ")
        return (
            len(words) > 1
            and words != ["_"] * len(words)
            and all(one == "_" or _is_word(one) for one in words)
        )
    return _is_word(text)


def _is_word(text: str) -> bool:
    return text.isidentifier() and not text.startswith("_") and text != _RESERVED


def read_names(value: Value, by: str, of: str = "input") -> list[Listed]:
    """The names that arguments list: each by itself, in a list, or several in one text; `_` is None.

    `by` is the argument that holds them, `of` the tensor. Raises `Misfit` for what is no name, `Undetermined`.
    """
    items = value if isinstance(value, tuple | list) else (value,)
    if len(items) == 1 and isinstance(items[0], tuple | list):
        items = items[0]
    found: list[Listed] = []
    for item in items:
        if item is None or item is ...:
            found.append(item)
        elif isinstance(item, str):
            found += _words(item, by, of)
        elif item is Unknown:
            raise Undetermined
        else:
            raise Misfit(INVALID, f"`{by}` holds {_shown(item)}, which is no name", of)
    return found


def read_name(value: Value, by: str, of: str = "input") -> str:
    """One name. Raises `Misfit` for what is none, `Undetermined`."""
    found = read_names(value, by, of)
    if len(found) == 1 and isinstance(found[0], str):
        return found[0]
    raise Misfit(INVALID, f"`{by}` is {_shown(value)}, which is not one name", of)


def _words(text: str, by: str, of: str) -> Iterator[Listed]:
    words = split_names(text)
    if not words:
        raise _invalid(text, by, of)
    for word in words:
        if word == "...":
            yield ...
        elif word == "_":
            yield None
        elif is_name(word):
            yield word
        else:
            raise _invalid(word, by, of)


def split_names(text: str) -> list[str]:
    """The words of `N (C H) ...`; those in parentheses are one, with single spaces."""
    found: list[str] = []
    depth = 0
    for word in text.split():
        if depth:
            found[-1] += f" {word}" if not (found[-1].endswith("(") or word.startswith(")")) else word
        else:
            found.append(word)
        depth += word.count("(") - word.count(")")
    return found


def _invalid(text: str, by: str, of: str) -> Misfit:
    bare = text.lstrip("_")
    if text != bare and is_name(bare):
        reason = "a name that begins with an underscore is of no dim in the language of shapes"
        return Misfit(INVALID, f"`{by}` has {text!r}: {reason}", of, help=f"write {bare!r}, or None")
    if text == _RESERVED:
        return Misfit(INVALID, f"`{by}` has {text!r}, which begins constraints in the language of shapes", of)
    return Misfit(
        INVALID, f"`{by}` has {text!r}, which is no name", of, help="a name is a word: `N`, `channels_last`"
    )


def _shown(value: Value) -> str:
    return repr(value) if isinstance(value, str | None | bool) else str(value)


def expanded(
    listed: Sequence[Listed], names: Sequence[str | None], by: str, of: str = "input"
) -> list[str | None]:
    """The names of all axes, with those that they have in the place of `...`. Raises `Misfit` for a wrong number."""
    if listed.count(...) > 1:
        raise Misfit(INVALID, f"`{by}` has `...` more than once", of)
    if ... in listed:
        place = listed.index(...)
        behind = len(listed) - place - 1
        middle: Sequence[Listed] = names[place : max(len(names) - behind, place)]
        listed = [*listed[:place], *middle, *listed[place + 1 :]]
    if len(listed) != len(names):
        count = f"{len(listed)} name{'' if len(listed) == 1 else 's'}"
        axes = f"{len(names)} {'axis' if len(names) == 1 else 'axes'}"
        raise Misfit("rank-unfit", f"`{by}` has {count}, and `{of}` has {axes}", of)
    return [one for one in listed if one is not ...]


def refuse_repeated(names: Sequence[str | None], given: Sequence[str | None], of: str = "input") -> None:
    """Refuses a name that is given to two axes; two that have had one before may keep it. Raises `Misfit`."""
    for name in given:
        places = [str(place) for place, one in enumerate(names) if one == name]
        if name is not None and len(places) > 1:
            raise Misfit(REPEATED, f"`{name}` would be the name of axes {' and '.join(places)}", of)
