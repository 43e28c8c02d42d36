"""The place of a manifest in a file that is no zip."""

from typing import NamedTuple


class Span(NamedTuple):
    """What belongs to the manifest, from `begin` to `end`, and its text, from `start` to `stop`, within.

    The digest of a file leaves out what belongs to its manifest.
    """

    begin: int
    end: int
    start: int
    stop: int
