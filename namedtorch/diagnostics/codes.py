"""The table of codes: every finding of namedtorch has one, and one page.

A code reads after "allow", is never reused and never removed. The sentence of a finding (`message`) stands here once:
Python formats it with the sizes of a call, the guard in a graph with its own variables (`{actual}` and `{expected}`
are the only fields a graph fills in; all others are known when the guard is written).
"""

import re
from collections.abc import Mapping
from string import Formatter

from namedtorch.diagnostics.code import Code as Code
from namedtorch.diagnostics.codes_archive import ARCHIVES
from namedtorch.diagnostics.codes_calls import CALLS
from namedtorch.diagnostics.codes_elements import ELEMENTS
from namedtorch.diagnostics.codes_layers import LAYERS
from namedtorch.diagnostics.codes_names import NAMES
from namedtorch.diagnostics.codes_products import PRODUCTS
from namedtorch.diagnostics.codes_source import SOURCES
from namedtorch.diagnostics.codes_views import VIEWS

_TABLE = (*CALLS, *NAMES, *SOURCES, *PRODUCTS, *VIEWS, *LAYERS, *ELEMENTS, *ARCHIVES)

CODES: Mapping[str, Code] = {code.name: code for code in _TABLE}
"""Every code by its name."""


def code_of(text: str) -> tuple[str, dict[str, str]]:
    """The code whose sentence a text is, and the fields in it; "wrong-type" for a text of no code's."""
    for code in _TABLE:
        for message in (code.message, code.terse):
            # A sentence may go on: who bound the dim stands behind it.
            found = re.fullmatch(_pattern(message) + r"( \(.*)?", text) if message.startswith("`") else None
            if found:
                return code.name, found.groupdict()
    return "wrong-type", {}


def _pattern(message: str) -> str:
    """The pattern of a sentence: each field is a group, and the same text where it stands again."""
    pattern, seen = "", set[str]()
    for before, name, _, _ in Formatter().parse(message):
        pattern += re.escape(before)
        if name is not None:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
            seen.add(name)
    return pattern


def sentence(code: str, **fields: object) -> str:
    """The sentence of a code with its fields filled in; the terse one where a field of the other is missing."""
    entry = CODES[code]
    try:
        return entry.message.format(**fields)
    except KeyError:
        return entry.terse.format(**fields)
