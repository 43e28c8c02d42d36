"""The modules that a text imports, found without parsing it."""

import re
from collections.abc import Iterator

from namedtorch.static.source_module import absolute_name

_COMMENT = re.compile(r"#[^\n]*")
_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*"
    r"(?:from[ \t]*(?P<dots>[. \t]*)(?P<module>[\w.]*)[ \t]*\bimport\b[ \t]*(?P<names>\([^)]*\)|(?:[^\n;\\]|\\\n)*)"
    r"|import[ \t]+(?P<modules>(?:[^\n;\\]|\\\n)*))",
    re.MULTILINE,
)
_NAME = re.compile(r"[\w.]+")


def imported_names(text: str, name: str, is_package: bool) -> list[str]:
    """The dotted names of all modules that the text of module `name` may import, sorted; some may be no modules.

    `from x import y` may import `x` and `x.y`; a name inside of a string counts as well.
    """
    # Most of a file's comments hold no import, but a comment may stand between imported names.
    found: set[str] = set()
    for match in _IMPORT.finditer(_COMMENT.sub("", text)):
        found.update(_names(match, name, is_package))
    return sorted(found - {""})


def _names(match: re.Match[str], name: str, is_package: bool) -> Iterator[str]:
    if match["modules"] is not None:
        for one in _listed(match["modules"]):
            parts = one.split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        return
    source = absolute_name(name, is_package, match["dots"].count("."), match["module"] or None)
    yield source
    if source:
        yield from (f"{source}.{one}" for one in _listed(match["names"]))


def _listed(text: str) -> Iterator[str]:
    """The names before `as` in a list of imported names."""
    for item in text.strip("() \t").split(","):
        first = _NAME.search(item)
        if first:
            yield first[0].strip(".")
