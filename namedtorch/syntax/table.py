"""The tables of the parser, which lark makes out of the grammar in a twentieth of a second: too long for a command.

They stand beside the grammar as `dims.json`, with the version of lark that made them and a hash of the grammar that
they were made of. `python -m namedtorch.syntax.table` writes them; a test says when they are old.
"""

import hashlib
import json
from importlib import resources
from typing import Any, cast

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

OPTIONS: Any = {"parser": "lalr", "start": ["shape", "signature"], "maybe_placeholders": False}
"""How lark is to read the grammar."""

_FILE = "dims.json"


def grammar() -> str:
    """The text of the grammar."""
    return _resource("dims.lark").read_text(encoding="utf-8")


def stored() -> dict[str, Any] | None:
    """The checked-in tables as lark takes them; None where they are of another grammar or another version of lark."""
    content = json.loads(_resource(_FILE).read_text(encoding="utf-8"), object_pairs_hook=_numbered)
    return content["tables"] if content["made_by"] == _maker() else None


def made() -> str:
    """The tables as text, made out of the grammar."""
    parser = cast("Any", lark.Lark(grammar(), **OPTIONS))
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    content = {"made_by": _maker(), "tables": {"data": data, "memo": memo}}
    return json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"


def _maker() -> list[str]:
    return [lark.__version__, hashlib.sha256(grammar().encode()).hexdigest()]


def _numbered(pairs: list[tuple[str, Any]]) -> dict[str | int, Any]:
    """An object whose keys are numbers again: those of states and of rules, which JSON writes as text."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs}


def _resource(name: str) -> Any:
    return resources.files("namedtorch.grammar").joinpath(name)


if __name__ == "__main__":
    _resource(_FILE).write_text(made(), encoding="utf-8")
