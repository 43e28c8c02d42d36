"""The guard of a graph: lines that TorchScript compiles into a model, so that an archive refuses by a dim's name."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from namedtorch.diagnostics import LowerError
from namedtorch.dims.attributes import steps_of
from namedtorch.signature.dtypes import Family
from namedtorch.signature.emitter import GUARD_FUNCTIONS, Emitter, literal, used_lines
from namedtorch.signature.explain import fixed_axes
from namedtorch.signature.hints import DictHint, Hint, ListHint, OptionalHint, TensorHint, TupleHint, UnionHint
from namedtorch.signature.plan import Member, Plan, Site

PREFIX = "namedtorch: "
"""What every message of a guard in a graph begins with."""

# The dtypes that a TorchScript program can name; a family's others can't occur in a graph of torch's.
_GRAPH_DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32",
    "uint64", "bool", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz",
    "qint8", "quint8", "qint32", "quint4x2", "quint2x4",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GraphGuard:
    """The lines before and after the body of a function, and the functions that they call.

    The lines read the parameters by name and the result under the name `result`; blocks are indented by 4.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict[str, Callable[..., Any]])


class GraphDialect:
    """How a graph checks types and refuses: by a `ValueError` with the sentence."""

    def refuse(self, code: str, message: str, site: Site | None) -> str:
        """The statement that refuses the call."""
        text = f"{PREFIX}{message}"
        if re.search(r"(?<!\{)\{(?!\{)", text):
            return f'raise ValueError(f"{text}")'
        return f'raise ValueError("{text.replace("{{", "{").replace("}}", "}")}")'

    def member(self, variable: str, index: int, part: Member) -> str:
        """The condition that a tensor is this alternative of a union, and none before it."""
        members = part.union.members
        conditions = [self.fits(members[index], variable)]
        conditions += [f"not ({self.fits(member, variable)})" for member in members[:index]]
        return " and ".join(conditions)

    def fits(self, hint: Hint, variable: str) -> str:
        """The condition that a tensor has the dtype, rank and fixed sizes of an alternative."""
        if not isinstance(hint, TensorHint):
            raise LowerError(f"a graph can tell tensors apart, but not `{hint}` in a union of them")
        shape = hint.shape
        relation = ">=" if shape.groups else "=="
        good = [f"{variable}.dim() {relation} {len(shape.axes) - len(shape.groups)}"]
        good += [f"({' or '.join(one)})" for one in [_dtype_tests(hint.family, variable, "==")] if one]
        if not shape.groups:
            good += [f"{variable}.size({axis}) == {size}" for axis, size in fixed_axes(hint)]
        return " and ".join(good)

    def strides(self, variable: str) -> str:
        """The strides of a tensor."""
        return f"{variable}.stride()"

    def attribute(self, path: str) -> str:
        """The expression of a parameter that is a size (`{n}`); other paths are constants by now."""
        steps = steps_of(path)
        if len(steps) != 1:
            raise LowerError(f"`{path}` is no constant of the module, so a graph can't read it")
        return steps[0]


def graph_guard(plan: Plan, name: str) -> GraphGuard:
    """Writes the guard of a graph from a plan whose attribute paths are constants; `name` is for messages.

    Raises `LowerError` for what no graph can check.
    """
    emitter = Emitter(plan, GraphDialect(), "result")
    dtypes = _dtype_checks(emitter, plan, range(plan.first_result))
    steps = emitter.emit(plan.before)
    dtypes_after = _dtype_checks(emitter, plan, range(plan.first_result, len(plan.sites)))
    steps_after = emitter.emit(plan.after)
    before = [*_annotated(emitter.prelude()), *dtypes, *steps]
    after = [*dtypes_after, *steps_after]
    before = used_lines(before, after)
    after = used_lines(after, before)
    functions = {key: GUARD_FUNCTIONS[key] for key in sorted(emitter.used)}
    return GraphGuard(tuple(before), tuple(after), functions)


def _annotated(lines: Sequence[str]) -> list[str]:
    """Empty dictionaries need their type in TorchScript; all else it infers."""
    return [line.replace("dict[str, int]", "Dict[str, int]") for line in lines]


def _dtype_checks(emitter: Emitter, plan: Plan, sites: range) -> list[str]:
    """The dtype checks of these sites; the alternatives of a union are told apart by their dtypes anyway."""
    emitter.lines = []
    emitter.choose_members(sites)
    for index in sites:
        site = plan.sites[index]
        if any(isinstance(part, Member) for part in site.path):
            continue
        bad = _dtype_tests(site.hint.family, "{value}", "!=")
        if bad:
            emitter.refuse_dtype(site, index, " and ".join(bad), literal(_family_text(site.hint.family)))
    return list(emitter.lines)


def _family_text(family: Family) -> str:
    """A family as messages name it: one dtype as it is, several with examples."""
    named = [name for name in family.dtypes or () if name in _GRAPH_DTYPES]
    return family.name if len(named) > 6 or named == [family.name.lower()] else f"{family.name} ({', '.join(named)})"


def _dtype_tests(family: Family, variable: str, relation: str) -> list[str]:
    if family.dtypes is None:
        return []
    names = [name for name in _GRAPH_DTYPES if name in family.dtypes]
    return [f"{variable}.dtype {relation} torch.{name}" for name in names] or ["False" if relation == "==" else "True"]


__all__ = ["PREFIX", "DictHint", "GraphDialect", "GraphGuard", "ListHint", "OptionalHint", "TupleHint", "graph_guard"]
