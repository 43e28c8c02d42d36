"""Sizes of dims and groups on the command line: `N=1,8,32 H=224 *batch=4x16`."""

import itertools
import re
from collections.abc import Mapping, Sequence

from namedtorch.cli.outcome import WrongUse

Size = int | tuple[int, ...]
"""The size of a dim, or the sizes of a group."""

_WORD = re.compile(r"(\*?[A-Za-z_]\w*)=(.*)", re.DOTALL)


def read_sizes(words: Sequence[str]) -> dict[str, tuple[Size, ...]]:
    """The sizes that each dim (`"N"`) and group (`"*batch"`) is to have in turn; raises WrongUse for other words."""
    found: dict[str, tuple[Size, ...]] = {}
    for word in words:
        match = _WORD.fullmatch(word)
        if match is None:
            raise WrongUse(f"--sizes {word}: write --sizes N=1,8,32 H=224 behind the archives")
        name, texts = match[1], match[2].split(",")
        if name in found:
            raise WrongUse(f"--sizes {word}: `{name}` has sizes already; write them with commas, {name}=1,8")
        read = _group if name.startswith("*") else _dim
        found[name] = tuple(dict.fromkeys(read(name, text.strip(), word) for text in texts))
    return found


def _dim(name: str, text: str, word: str) -> Size:
    if not text.isdecimal() or not int(text):
        raise WrongUse(f"--sizes {word}: a size is a whole number, 1 or more; several are written {name}=1,8")
    return int(text)


def _group(name: str, text: str, word: str) -> Size:
    parts = text.split("x") if text else []
    if not all(part.isdecimal() and int(part) for part in parts):
        raise WrongUse(
            f"--sizes {word}: the sizes of a group are written '{name}=4x16', those of an empty one {name}="
        )
    return tuple(int(part) for part in parts)


def products(sizes: Mapping[str, Sequence[Size]]) -> list[dict[str, Size]]:
    """Every choice of one size a dim; the first dim varies slowest."""
    return [dict(zip(sizes, choice, strict=True)) for choice in itertools.product(*sizes.values())]
