"""Hints without dims: beartype's matter, behind two functions."""

from typing import Annotated, Any, get_args, get_origin

from beartype import BeartypeConf
from beartype.door import die_if_unbearable, is_bearable
from beartype.roar import BeartypeException

BEARTYPE = BeartypeConf(is_pep484_tower=True)
"""How hints without dims are checked: an int is a fine float."""


class _Own:
    """Metadata that no other hint has.

    beartype remembers hints by their text, so a class that is defined again under its old name (a notebook cell that
    is run twice) would be taken for the old one.
    """

    def __repr__(self) -> str:
        return f"<{id(self)}>"


_OWN: dict[Any, Any] = {}
_MOST = 4096  # a process that makes types without end must not keep them all


def own(hint: Any) -> Any:
    """The hint under a text of its own: equal hints share one."""
    is_class = isinstance(hint, type) and get_origin(hint) is None
    if not is_class and not get_args(hint):
        return hint  # it names no class of a user's, or is no hint at all: beartype says so
    try:
        found = _OWN.get(hint)
    except TypeError:  # an unhashable hint
        return hint
    if found is None:
        if len(_OWN) >= _MOST:
            _OWN.clear()
        found = _OWN[hint] = Annotated[hint, _Own()]
    return found


def bears(value: Any, hint: Any) -> bool:
    """Tells whether a value has the type that a hint asks for."""
    return is_bearable(value, own(hint), conf=BEARTYPE)


def why_not(value: Any, hint: Any) -> str:
    """beartype's reason why a value does not; "" where it gives none."""
    try:
        die_if_unbearable(value, own(hint), conf=BEARTYPE)
    except BeartypeException as error:
        # Its sentence ends with the reason: "..., as str '0.1' not instance of float."
        return " ".join(str(error).split(", as ", 1)[1:]).rstrip(".")
    return ""


def bears_keys(value: Any, hint: Any) -> bool:
    """Tells whether every key of a mapping has the type that a hint asks for."""
    return all(bears(key, hint) for key in value)
