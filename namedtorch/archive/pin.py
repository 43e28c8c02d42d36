"""The digest that pins a file: the sha256 of all of it, as `sha256sum` prints it and `load(sha256=)` asks for it."""

import hashlib
import os
import re

from namedtorch.archive.plain_file import plain_file

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
HASHED_BELOW = 256 * 2**20
"""Files of fewer bytes are hashed where nobody asks: it takes a fraction of a second."""


def check_sha256(text: object) -> str:
    """The digest that a text is, in small letters; raises ValueError for a text that is none."""
    if not isinstance(text, str) or not _SHA256.fullmatch(text):
        raise ValueError(
            f"sha256 is the digest of the whole file, 64 hexadecimal digits as `sha256sum` prints them, not {text!r}"
        )
    return text.lower()


def sha256_of(path: str | os.PathLike[str], where: str) -> str:
    """The sha256 of a whole file, in hexadecimal digits.

    Raises ArchiveError, one line that starts with `where`, for a file that can't be read.
    """
    with plain_file(path, where) as (file, _):
        return hashlib.file_digest(file, "sha256").hexdigest()
