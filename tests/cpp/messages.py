"""The sentences of guards as a C++ header, out of the one table of codes: `python -m tests.cpp.messages` writes it."""

from pathlib import Path

from namedtorch.archive.manifest import AGAIN, MANIFEST_NAME
from namedtorch.archive.version import NAMEDTORCH_VERSION, SCHEMA_VERSION
from namedtorch.diagnostics.codes import CODES
from namedtorch.diagnostics.codes_calls import CALLS

INCLUDE = Path(__file__).parents[2] / "namedtorch" / "deploy" / "include"
HEADER = INCLUDE / "namedtorch" / "messages.hpp"

_SAID_OF_CALLS = (*CALLS, CODES["dtype-differs"])

_START = """\
// The sentences of guards, out of the table of codes; `python -m tests.cpp.messages` writes this file.
#pragma once

#include <string_view>

namespace namedtorch::detail {

// A finding by its code: its sentence, and the one where a field has nothing to say.
struct Message {
  std::string_view code;
  std::string_view text;
  std::string_view terse;
};

inline constexpr Message messages[] = {
"""


def header() -> str:
    """The text of the header."""
    lines = [
        f"    {{{_text(one.name)}, {_text(one.message)}, {_text(one.terse)}}},\n" for one in _SAID_OF_CALLS
    ]
    facts = [
        "};\n\n",
        f"inline constexpr int newest_schema = {SCHEMA_VERSION};\n",
        f"inline constexpr const char* own_version = {_text(NAMEDTORCH_VERSION)};\n",
        f"inline constexpr const char* manifest_name = {_text(MANIFEST_NAME)};\n",
        f"inline constexpr const char* again = {_text(AGAIN)};\n",
        "\n}  // namespace namedtorch::detail\n",
    ]
    return "".join([_START, *lines, *facts])


def _text(text: str) -> str:
    """A text as C++ writes it."""
    assert text.isascii(), text
    assert text.isprintable(), text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    HEADER.write_text(header())
