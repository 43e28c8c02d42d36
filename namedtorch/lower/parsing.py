"""What torch reads when it compiles a function: other types in the source, a guard in the parsed definition.

torch parses the source of each function that it compiles by `torch.jit.frontend.parse_def`. This room stands in its
place: functions that `read_as` announced are parsed as it says, rewritten ones are what their tree says, all others as
they are written. A `@checked` function
that nobody announced is refused, since its check would be lost without a word.
"""

import ast
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast

import torch
from torch.jit import frontend

from namedtorch.diagnostics import LowerError
from namedtorch.erase.rewritten import definition_in
from namedtorch.lower.relocation import parsed_tree, wide
from namedtorch.lower.source import shown
from namedtorch.lower.torchscript import COMPILING, Role, role_of

Rewrite = Callable[[ast.FunctionDef], None]
"""Changes a parsed definition."""


@dataclass(slots=True)
class Reading:
    """How torch reads one function.

    `files` are shown to it in the place of those on disk; `rewrite` changes the parsed definition, while the source
    that ranges point into stays what it is. `asked` tells that torch came for it.
    """

    files: Mapping[str, Sequence[str]]
    rewrite: Rewrite | None = None
    asked: bool = False


_READINGS: "weakref.WeakKeyDictionary[FunctionType, Reading]" = weakref.WeakKeyDictionary()
_frontend = cast("Any", frontend)
_parse: Callable[[Any], Any] = _frontend.parse_def


def read_as(
    function: FunctionType, files: Mapping[str, Sequence[str]], rewrite: Rewrite | None = None
) -> Reading:
    """Makes torch read a function in another way, for as long as the function lives."""
    reading = Reading(files, rewrite)
    _READINGS[function] = reading
    return reading


def require_asked(reading: Reading) -> None:
    """Raises LowerError where torch compiled without asking, in which case a function went in without its guard."""
    if not reading.asked:
        raise LowerError(f"torch {torch.__version__} reads sources in another way, so no guard can be put in")


def _parse_def(compiled: Any) -> Any:
    function = getattr(compiled, "__func__", compiled)
    reading = _READINGS.get(function) if isinstance(function, FunctionType) else None
    rewritten = definition_in(function) if isinstance(function, FunctionType) else None
    if reading is None:
        if hasattr(function, "__namedtorch__") and role_of(function) is not Role.IGNORED:
            raise LowerError(
                f"torch.jit.script would drop the check of {function.__qualname__}, which is @checked; "
                "call namedtorch.lower on the module or function that uses it (of a class that is no module, take "
                "@checked off)"
            )
        if rewritten is None:
            return _parse(compiled)
    if rewritten is not None:
        parsed = parsed_tree(function, rewritten)
    else:
        with COMPILING, shown(reading.files if reading is not None else {}):
            parsed = _parse(compiled)
    if reading is not None:
        reading.asked = True
    if reading is None or reading.rewrite is None:
        return parsed if rewritten is None else wide(parsed)
    reading.rewrite(parsed.ast.body[0])
    return wide(parsed)


_frontend.parse_def = _parse_def
