"""The source of a Python guard: a function with the parameters of the one it holds, and straight-line checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from namedtorch.dims.attributes import steps_of
from namedtorch.dims.unknown import Unknown
from namedtorch.runtime.dialect import Names, PythonDialect
from namedtorch.runtime.structure import Structure
from namedtorch.signature.emit import GUARD_FUNCTIONS, Emitter, used_lines
from namedtorch.signature.plan import Plan, spread
from namedtorch.signature.signature import Kind, Parameter, Signature

FUNCTION = "_function"
"""The name of a guard in its source."""

_USED = {
    "AttributeError",
    "type",
    "dict",
    "enumerate",
    "int",
    "hasattr",
    "isinstance",
    "len",
    "list",
    "range",
    "str",
    "tuple",
    *GUARD_FUNCTIONS,
}
"""The names without an underscore that a guard's lines use."""


@dataclass(frozen=True, slots=True)
class GuardSource:
    """The text of a guard, the names that it refers to, and what each of its refusals says."""

    text: str
    names: Mapping[str, Any]
    refusals: tuple[str, ...]


def write_guard(signature: Signature, plan: Plan, names: Names, asynchronous: bool) -> GuardSource:
    """Writes the guard of a function under the name `FUNCTION`; it calls `_call` between its checks."""
    variables = _variables(signature)
    call = "".join(f"{variables[one.name]}, " for one in signature.parameters)
    dialect = PythonDialect(f"({call}), _absent", names)
    emitter = Emitter(plan, dialect, "_result", "_", variables)
    types = Structure(dialect)
    for one in signature.parameters:
        types.root(spread(one), variables[one.name], one.name)
    checks = [*types.taken(), *types.plain("_plain")]
    emitter.choose_members(range(plan.first_result))
    emitter.write(plan.before)
    steps = emitter.take()
    paths = list(dialect.attributes)
    dialect.call = f"({call}), _result"
    types.root(signature.result, "_result", "result")
    checks_after = [*types.taken(), *types.plain("_plain_result")]
    emitter.choose_members(range(plan.first_result, len(plan.sites)))
    emitter.write(plan.after)
    steps_after = emitter.take()
    wait = "await " if asynchronous else ""
    target = f"{wait}_call({', '.join(_passed(one, variables[one.name]) for one in signature.parameters)})"
    # An attribute that only the result needs is read behind the call, which may set it.
    late = [path for path in dialect.attributes if path not in paths]
    reading = _read_attributes(dialect, variables, late, f"({call}), _result")
    closing = [*checks_after, *reading, *used_lines(steps_after, steps)]
    steps = used_lines(steps, closing)
    body = [
        "if not _switch.on:",
        f"    return {target}",
        *checks,
        *_read_attributes(dialect, variables, paths, f"({call}), _absent"),
        *emitter.prelude(),
        *steps,
        *([f"_result = {target}", *closing, "return _result"] if closing else [f"return {target}"]),
    ]
    define = f"{'async ' if asynchronous else ''}def"
    taken = parameter_list(signature, names)
    if all(name == variable for name, variable in variables.items()):
        lines = [f"{define} {FUNCTION}({taken}):", *("    " + line for line in body)]
    else:
        given = ", ".join(variables)
        lines = [
            f"{define} {FUNCTION}({taken}):",
            f"    return {wait}_renamed({given})",
            f"{define} _renamed({', '.join(variables.values())}):",
            *("    " + line for line in body),
        ]
    return GuardSource("\n".join(lines) + "\n", names.values, tuple(dialect.refusals))


def _variables(signature: Signature) -> dict[str, str]:
    """The name of each parameter inside of the guard: another one where it would hide what the guard's lines use."""
    hidden = {one.name for one in signature.parameters if one.name.startswith("_") or one.name in _USED}
    return {one.name: f"v{place}" if hidden else one.name for place, one in enumerate(signature.parameters)}


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


def _passed(one: Parameter, variable: str) -> str:
    return {
        Kind.VAR_POSITIONAL: f"*{variable}",
        Kind.KEYWORD: f"{one.name}={variable}",
        Kind.VAR_KEYWORD: f"**{variable}",
    }.get(one.kind, variable)


def _read_attributes(
    dialect: PythonDialect, variables: Mapping[str, str], paths: Sequence[str], call: str
) -> list[str]:
    """Reads each attribute path once; one that leads to no integer is refused, and explained."""
    lines: list[str] = []
    for path in paths:
        variable = dialect.attributes[path]
        root, *names = steps_of(path)
        start = variables.get(root, root)
        index = len(dialect.refusals)
        dialect.refusals.append(f"`{path}` is no size")
        lines += [
            "try:",
            f"    {variable} = {'.'.join([start, *names])}",
            "except AttributeError:",
            f"    {variable} = None",
            f"if type({variable}) is not int and not _compiling():",
            f"    {variable} = _size_at({start}, {path!r})",
            f"    if {variable} is None:",
            f"        _refuse({index}, {call})",
        ]
    return lines
