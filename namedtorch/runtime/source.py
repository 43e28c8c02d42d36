"""The source of a Python guard: a function with the parameters of the one it holds, and straight-line checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from namedtorch.dims.attributes import steps_of
from namedtorch.dims.unknown import Unknown
from namedtorch.runtime.dialect import Names, PythonDialect
from namedtorch.runtime.structure import Structure
from namedtorch.signature.emit import Emitter, used_lines
from namedtorch.signature.plan import Plan, spread
from namedtorch.signature.signature import Kind, Parameter, Signature


@dataclass(frozen=True, slots=True)
class GuardSource:
    """The text of a guard, the names that it refers to, and what each of its refusals says."""

    text: str
    names: Mapping[str, Any]
    refusals: tuple[str, ...]


def write_guard(signature: Signature, plan: Plan, names: Names, function: str, asynchronous: bool) -> GuardSource:
    """Writes the guard of a function, which calls `_call` between its checks."""
    call = "".join(f"{one.name}, " for one in signature.parameters)
    dialect = PythonDialect(f"({call}), _absent", names)
    emitter = Emitter(plan, dialect, "_result", "_")
    types = Structure(dialect)
    for one in signature.parameters:
        types.root(spread(one), one.name, one.name)
    checks = [*types.taken(), *types.plain("_plain")]
    emitter.choose_members(range(plan.first_result))
    emitter.write(plan.before)
    steps = emitter.take()
    dialect.call = f"({call}), _result"
    types.root(signature.result, "_result", "result")
    checks_after = [*types.taken(), *types.plain("_plain_result")]
    emitter.choose_members(range(plan.first_result, len(plan.sites)))
    emitter.write(plan.after)
    steps_after = emitter.take()
    target = f"{'await ' if asynchronous else ''}_call({', '.join(_passed(one) for one in signature.parameters)})"
    closing = [*checks_after, *used_lines(steps_after, steps)]
    steps = used_lines(steps, closing)
    body = [
        "if not _switch.on:",
        f"    return {target}",
        *checks,
        *_read_attributes(dialect, f"({call}), _absent"),
        *emitter.prelude(),
        *steps,
        *([f"_result = {target}", *closing, "return _result"] if closing else [f"return {target}"]),
    ]
    header = f"{'async ' if asynchronous else ''}def {function}({parameter_list(signature, names)}):"
    text = "\n".join([header, *("    " + line for line in body)]) + "\n"
    return GuardSource(text, names.values, tuple(dialect.refusals))


def parameter_list(signature: Signature, names: Names) -> str:
    """The parameters as they stand in a `def`, defaults by name."""
    parts: list[str] = []
    previous = None
    for one in signature.parameters:
        if previous is Kind.POSITIONAL_ONLY and one.kind is not Kind.POSITIONAL_ONLY:
            parts.append("/")
        if one.kind is Kind.KEYWORD and previous not in (Kind.KEYWORD, Kind.VAR_POSITIONAL):
            parts.append("*")
        stars = {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}.get(one.kind, "")
        default = "" if one.default is Unknown else f"={names.add('_default', one.default)}"
        parts.append(f"{stars}{one.name}{default}")
        previous = one.kind
    if previous is Kind.POSITIONAL_ONLY:
        parts.append("/")
    return ", ".join(parts)


def _passed(one: Parameter) -> str:
    return {
        Kind.VAR_POSITIONAL: f"*{one.name}",
        Kind.KEYWORD: f"{one.name}={one.name}",
        Kind.VAR_KEYWORD: f"**{one.name}",
    }.get(one.kind, one.name)


def _read_attributes(dialect: PythonDialect, call: str) -> list[str]:
    """Reads each attribute path once; one that leads nowhere is refused, and explained."""
    lines: list[str] = []
    for path, variable in dialect.attributes.items():
        steps = ".".join(steps_of(path))
        index = len(dialect.refusals)
        dialect.refusals.append(f"`{path}` is missing")
        lines += ["try:", f"    {variable} = {steps}", "except AttributeError:", f"    _refuse({index}, {call})"]
    return lines
