"""Whose a function or a class is: the user's, which is followed, or that of a package, known by its name."""

import sys
from typing import Any, Final

FOREIGN: Final = frozenset(sys.stdlib_module_names - {"__main__"}) | {
    "torch", "numpy", "namedtorch", "jaxtyping", "beartype", "einops", "typing_extensions", "scipy", "lark", "_pytest",
}  # fmt: skip
"""Packages whose functions are known by the table of operators, or not at all: none of them is followed."""


def is_followed(owner: type) -> bool:
    """Whether a class is the user's own."""
    return owner.__module__.partition(".")[0] not in FOREIGN


def qualified(owner: type) -> list[str]:
    """The qualified names of a class and its bases."""
    return [f"{one.__module__}.{one.__qualname__}" for one in owner.__mro__]


def public_name(thing: Any) -> str:
    """The qualified name of something foreign, as users spell it where that can be told."""
    name = getattr(thing, "__qualname__", getattr(thing, "__name__", ""))
    home = getattr(thing, "__module__", None) or "torch"
    outer = home.partition(".")[0]
    top = sys.modules.get(outer)
    # A package offers what its inner modules define: namedtorch.zeros, torch.stack.
    if top is not None and outer not in sys.builtin_module_names and vars(top).get(name) is thing:
        return f"{outer}.{name}"
    return f"{home}.{name}"
