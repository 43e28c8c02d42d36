"""Values on the command line: `name=value`, Python literals, text."""

import ast
import re
from collections.abc import Sequence

from namedtorch.cli.outcome import WrongUse

_NAMED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


def named(word: str) -> tuple[str | None, str]:
    """Splits `name=value`; the name is None where there is none."""
    found = _NAMED.fullmatch(word)
    return (found[1], found[2]) if found else (None, word)


def literal(text: str) -> object:
    """A Python literal (`10`, `[1, 2]`, `True`), and the text itself where it is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def arguments(words: Sequence[str], option: str) -> dict[str, object]:
    """The values of `NAME=VALUE` words, by name; raises WrongUse for a word without a name, or a name twice."""
    found: dict[str, object] = {}
    for word in words:
        name, text = named(word)
        if name is None:
            raise WrongUse(f"{option} {word}: write it {option} NAME=VALUE")
        if name in found:
            raise WrongUse(f"{option} {word}: `{name}` is given twice")
        found[name] = literal(text)
    return found


def split_inputs(words: Sequence[str]) -> list[tuple[str | None, str]]:
    """The inputs as (name or None, text), positional ones first and no name twice; raises WrongUse."""
    found = [named(word) for word in words]
    seen: set[str] = set()
    for place, (name, text) in enumerate(found):
        if text == "@":
            raise WrongUse("a file name belongs behind `@`: NAME=@FILE.npy")
        if name is None:
            if place and found[place - 1][0] is not None:
                raise WrongUse(
                    f"`{text}` has no name, and stands behind a named input: give it one, NAME={text}"
                )
        elif name in seen:
            raise WrongUse(f"`{name}` is given twice; a list of arrays is written {name}=@A.npy,@B.npy")
        else:
            seen.add(name)
    return found
