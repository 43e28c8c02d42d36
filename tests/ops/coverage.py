"""Writes the page of all rows of the table: `python -m tests.ops.coverage`."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.table import MODULES, OPERATORS

PAGE = Path(__file__).parents[2] / "docs" / "operators-coverage.md"

_HEAD = """\
# What the table of operators covers

Written by `python -m tests.ops.coverage` from the rows themselves; [operators.md](operators.md) says what a row is.
A row gives a signature where that says all, and else a rule that reckons with the arguments. Methods that work in place
are found under the name without `_`.
"""
_RULE = "a rule"


def page() -> str:
    """The page as the rows say it now."""
    return "\n".join([_HEAD, *_operators(), "", *_modules(), ""])


def _operators() -> Iterable[str]:
    rules = list(dict.fromkeys(OPERATORS.values()))
    yield f"{len(rules)} operators have {len(OPERATORS)} spellings, and {len(MODULES)} modules have a row."
    rooms: defaultdict[str, list[OpRule]] = defaultdict(list)
    for rule in rules:
        rooms[rule.name.rpartition(".")[0]].append(rule)
    for room, listed in sorted(rooms.items()):
        yield f"\n## `{room}`\n"
        yield "| operator | also spelled | parameters that are dims | its dims |"
        yield "|---|---|---|---|"
        for rule in sorted(listed, key=lambda one: one.name):
            cells = (_code([_short(rule.name)]), _code(rule.spelled), _code(rule.dims), _dims(rule))
            yield _line(cells)


def _modules() -> Iterable[str]:
    yield "## Modules\n"
    yield "| module | dims of parameters and buffers | its dims |"
    yield "|---|---|---|"
    for name, rule in sorted(MODULES.items()):
        yield _line((_code([name]), _state(rule), _forward(rule)))


def _dims(rule: OpRule) -> str:
    if callable(rule.rule):
        return _RULE
    return _code([rule.rule] if isinstance(rule.rule, str) else rule.rule)


def _state(rule: ModuleRule) -> str:
    if callable(rule.state):
        return _RULE
    return _code(f"{name}: {dims}" for name, dims in rule.state.items())


def _forward(rule: ModuleRule) -> str:
    if callable(rule.forward) or not rule.forward:
        return _RULE
    texts = _code([rule.forward] if isinstance(rule.forward, str) else rule.forward)
    return texts if rule.operate is None else f"{texts}, {_RULE}"


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _code(texts: Iterable[str]) -> str:
    return ", ".join(f"`{one.strip()}`" for one in texts)


def _line(cells: Iterable[str]) -> str:
    return "|" + "".join(f" {one} |" if one else " |" for one in cells)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
