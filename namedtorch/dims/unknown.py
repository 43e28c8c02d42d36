"""The one sentinel of namedtorch: a value that nothing is known of."""

from enum import Enum
from typing import Final


class UnknownType(Enum):
    """The type of `Unknown`; an enum, so that `is Unknown` narrows for static type checkers."""

    UNKNOWN = "Unknown"

    def __repr__(self) -> str:
        return "Unknown"

    def __bool__(self) -> bool:
        raise TypeError("Unknown is neither true nor false; write `is Unknown`")


Unknown: Final = UnknownType.UNKNOWN
