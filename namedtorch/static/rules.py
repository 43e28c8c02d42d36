"""Which rules a check follows, as a key: another version of them finds other things."""

import hashlib
import os
import sys
from importlib.util import find_spec

import namedtorch

_ROOMS = ("diagnostics", "dims", "syntax", "signature", "ops", "static")
_GRAMMAR = "namedtorch.grammar"


def rules_key() -> str:
    """A digest of namedtorch's own rules, as far as a check reads them, and of the Python that parses.

    Files count by size and time: reading them would take longer than a check whose answers are all known.
    """
    package = os.path.dirname(os.path.abspath(namedtorch.__file__))
    folders = [os.path.join(package, room) for room in _ROOMS]
    grammar = find_spec(_GRAMMAR)
    if grammar is not None and grammar.origin:
        folders.append(os.path.dirname(grammar.origin))
    stamps = sorted(stamp for folder in folders for stamp in _stamps(folder))
    # Rows that the process has registered; where their room is not loaded, there are none.
    registry = sys.modules.get("namedtorch.ops.registry")
    registered: list[str] = registry.described() if registry is not None else []
    text = "\n".join((namedtorch.__version__, sys.version, *stamps, *registered))
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _stamps(folder: str) -> list[str]:
    found: list[str] = []
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return found
    for entry in entries:
        if entry.is_dir():
            found += _stamps(entry.path) if entry.name != "__pycache__" else []
        else:
            state = entry.stat()
            found.append(f"{entry.path} {state.st_size} {state.st_mtime_ns}")
    return found
