"""How findings in source files are written: for people, for programs, for code scanning."""

from collections.abc import Callable, Mapping, Sequence

from namedtorch.diagnostics.formats.concise import write as write_concise
from namedtorch.diagnostics.formats.github import write as write_github
from namedtorch.diagnostics.formats.json import write as write_json
from namedtorch.diagnostics.formats.sarif import write as write_sarif
from namedtorch.diagnostics.formats.text import write as write_text
from namedtorch.diagnostics.source import Problem

Write = Callable[[Sequence[Problem], Callable[[str], str]], str]
"""Findings, and what gives the text of a path, to one text without a line break at its end."""

FORMATS: Mapping[str, Write] = {
    "text": write_text,
    "concise": write_concise,
    "json": write_json,
    "sarif": write_sarif,
    "github": write_github,
}
"""Every format by its name."""
