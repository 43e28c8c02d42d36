"""The guard of a graph: lines that TorchScript compiles into a model, so that an archive refuses by a dim's name."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from namedtorch.diagnostics import LowerError
from namedtorch.dims.attributes import steps_of
from namedtorch.dims.pattern import Dim
from namedtorch.signature.dtypes import Family
from namedtorch.signature.emit.emitter import Emitter, used_lines
from namedtorch.signature.emit.lines import GUARD_FUNCTIONS, literal, tag_for
from namedtorch.signature.emit.types import check_told_apart, graph_type, is_mixed
from namedtorch.signature.explain import fixed_axes
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.plan import Plan
from namedtorch.signature.sites import Member, Site

PREFIX = "namedtorch: "
"""What every message of a guard in a graph begins with."""

USED_NAMES = {"ValueError", "enumerate", "isinstance", "len", "list", "range", "torch", *GUARD_FUNCTIONS}
"""The names that the lines of a guard use."""

# The dtypes that a TorchScript program can name; a family's others can't occur in a graph of torch's.
_GRAPH_DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32",
    "uint64", "bool", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz",
    "qint8", "quint8", "qint32", "quint4x2", "quint2x4",
)  # fmt: skip

_FLOATING = {name for name in _GRAPH_DTYPES if name.startswith(("float", "bfloat"))}
_FLOATING_OUTSIDE = ("float8_e8m0fnu", "float4_e2m1fn_x2")
"""What torch calls floating and jaxtyping's families leave out: scales and packed pairs, no numbers of their own."""


@dataclass(frozen=True, slots=True)
class GraphGuard:
    """The lines before and after the body of a function, and the functions that they call.

    The lines read the parameters by name and the result under the name `result`, which no parameter has; blocks are
    indented by 4.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    result: str = "result"
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict[str, Callable[..., Any]])


@dataclass(frozen=True, slots=True)
class GraphDialect:
    """How a graph checks types and refuses: by a `ValueError` with the sentence; that of an inner function names it."""

    function: str
    inner: bool = False

    def refuse(self, code: str, message: str, site: Site | None) -> str:
        """The statement that refuses the call."""
        text = f"{PREFIX}in {self.function}: {message}" if self.inner else f"{PREFIX}{message}"
        if re.search(r"(?<!\{)\{(?!\{)", text):
            return f'raise ValueError(f"{text}")'
        return f'raise ValueError("{text.replace("{{", "{").replace("}}", "}")}")'

    def member(self, variable: str, index: int, part: Member) -> str:
        """The condition that a value of its type is this alternative of a union, and none before it; "" for none."""
        check_told_apart(part.union, self.function)
        members = part.union.members
        chosen = members[index]
        if not isinstance(chosen, TensorHint):
            return ""
        conditions = [self.fits(chosen, variable)]
        before = [one for one in members[:index] if isinstance(one, TensorHint)]
        return " and ".join([*conditions, *(f"not ({self.fits(one, variable)})" for one in before)])

    def fits(self, hint: TensorHint, variable: str) -> str:
        """The condition that a tensor has the dtype, rank and fixed sizes of an alternative."""
        shape = hint.shape
        relation = ">=" if shape.groups else "=="
        good = [f"{variable}.dim() {relation} {len(shape.axes) - len(shape.groups)}"]
        good += [f"not ({bad})" for bad in [_dtype_test(hint.family, variable)] if bad]
        if not shape.groups:
            good += [f"{variable}.size({axis}) == {size}" for axis, size in fixed_axes(hint)]
        return " and ".join(good)

    def narrowed(self, index: int, part: Member) -> str:
        """The type to which a value is narrowed where it is this alternative; "" where it has that type anyway."""
        return graph_type(part.union.members[index], self.function) if is_mixed(part.union) else ""

    def strides(self, variable: str) -> str:
        """The strides of a tensor."""
        return f"{variable}.stride()"

    def placed(self, found: str, value: str, start: int, middle: Sequence[Dim], site: Site) -> str:
        """Nothing: the tensors of a graph carry no names."""
        return ""

    def attribute(self, path: str) -> str:
        """The expression of a parameter that is a size (`{n}`); other paths are constants by now."""
        steps = steps_of(path)
        if len(steps) != 1:
            raise LowerError(
                f"{self.function}: `{path}` is no constant of the module, so a graph can't read it"
            )
        return steps[0]


def graph_guard(
    plan: Plan,
    name: str,
    parameters: Iterable[str] = (),
    *,
    others: Iterable[str] = (),
    roots: Mapping[str, str] | None = None,
    inner: bool = False,
) -> GraphGuard:
    """Writes the guard of a graph from a plan whose attribute paths are constants.

    `name` is that of the function, for errors; `parameters` are its parameters' names, which the lines' variables
    must not take, nor those of `others`, further names of the function. `roots` gives parameters of the plan another
    variable; messages keep the plan's name. Those of an `inner` function, which no caller of the graph sees, name it.
    Raises `LowerError` for what no graph can check.
    """
    parameters = set(parameters)
    taken = {site.root for site in plan.sites} | parameters
    hidden = sorted(taken & USED_NAMES)
    if hidden:
        raise LowerError(
            f"{name} has a parameter `{hidden[0]}`, which hides what its guard calls; give it another name"
        )
    hiding = {*parameters, *others, *(roots or {}).values()}
    result = "result"
    while result in hiding:
        result += "_"
    emitter = Emitter(plan, GraphDialect(name, inner), result, tag_for(taken | hiding), roots)
    _check_dtypes(emitter, plan, range(plan.first_result))
    emitter.write(plan.before)
    before = emitter.take()
    _check_dtypes(emitter, plan, range(plan.first_result, len(plan.sites)))
    emitter.write(plan.after)
    after = emitter.take()
    before = [*_annotated(emitter.prelude()), *before]
    before, after = used_lines(before, after), used_lines(after, before)
    functions = {key: GUARD_FUNCTIONS[key] for key in sorted(emitter.used)}
    return GraphGuard(tuple(before), tuple(after), result, functions)


def _annotated(lines: Sequence[str]) -> list[str]:
    """Empty dictionaries need their type in TorchScript; all else it infers."""
    return [line.replace("dict[str, ", "Dict[str, ").replace("list[int]]", "List[int]]") for line in lines]


def _check_dtypes(emitter: Emitter, plan: Plan, sites: range) -> None:
    """The dtype checks of these sites; alternatives of a union that are tensors are told apart by dtype anyway."""
    emitter.choose_members(sites)
    for index in sites:
        site = plan.sites[index]
        if isinstance(site.path[-1], Member):
            continue
        bad = _dtype_test(site.hint.family, "{value}")
        if bad:
            emitter.refuse_dtype(index, bad, literal(_family_text(site.hint.family)))


def _family_text(family: Family) -> str:
    """A family as messages name it: one dtype as it is, several with examples."""
    named = [name for name in family.dtypes or () if name in _GRAPH_DTYPES]
    return (
        family.name
        if len(named) > 6 or named == [family.name.lower()]
        else f"{family.name} ({', '.join(named)})"
    )


def _dtype_test(family: Family, variable: str) -> str:
    """The condition that a tensor's dtype is outside of a family; "" if none is."""
    if family.dtypes is None:
        return ""
    names = [name for name in _GRAPH_DTYPES if name in family.dtypes]
    if set(names) == _FLOATING:
        listed = ", ".join(f"torch.{name}" for name in _FLOATING_OUTSIDE)
        return f"not {variable}.is_floating_point() or {variable}.dtype in [{listed}]"
    if len(names) == 1:
        return f"{variable}.dtype != torch.{names[0]}"
    return f"{variable}.dtype not in [{', '.join(f'torch.{name}' for name in names)}]" if names else "True"
