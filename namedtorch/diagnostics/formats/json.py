"""Findings for programs: a list of objects."""

import json
from collections.abc import Callable, Sequence

from namedtorch.diagnostics.source import Problem, in_order


def write(problems: Sequence[Problem], source: Callable[[str], str]) -> str:
    """The findings as one JSON list, in ASCII; the source is not read."""
    return json.dumps([one.to_dict() for one in in_order(problems)], indent=2)
