"""The guard plan: where tensors stand in a call, and the ordered checks that hold them to the signature.

Every guard is written from a plan: the one in Python, the one in a graph, and the explaining matcher walks it as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from namedtorch.diagnostics import AnnotationError, Failure
from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.attributes import is_attribute, steps_of
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.schedule import Scheduled, schedule, unbound
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Where
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.signature import Signature

RESULT = "result"
"""What the result of a call is named by in plans and messages."""


@dataclass(frozen=True, slots=True)
class Root:
    """The value of a parameter, or the result."""

    name: str


@dataclass(frozen=True, slots=True)
class Present:
    """The value, where it is not None."""


@dataclass(frozen=True, slots=True)
class Each:
    """Every element of a sequence."""


@dataclass(frozen=True, slots=True)
class EachValue:
    """Every value of a mapping."""


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a tuple of `count`."""

    index: int
    count: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """One field of a record."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """The value, where it is this alternative of a union."""

    index: int
    union: UnionHint


Part = Root | Present | Each | EachValue | Item | Attribute | Member


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the arguments or the result where tensors stand."""

    path: tuple[Part, ...]
    hint: TensorHint

    @property
    def always(self) -> bool:
        """Tells whether every call has exactly one tensor here."""
        return all(isinstance(part, Root | Item | Attribute) for part in self.path)

    @property
    def in_container(self) -> bool:
        """Tells whether the tensor is an element of something."""
        return any(isinstance(part, Each | EachValue | Item | Attribute) for part in self.path)

    @property
    def root(self) -> str:
        """The parameter that the tensors come with, or `result`."""
        first = self.path[0]
        assert isinstance(first, Root)
        return first.name


@dataclass(frozen=True, slots=True)
class Plan:
    """The sites of a signature, and its checks before and after the call; checks name their site by its index.

    Sites from `first_result` on are those of the result.
    """

    sites: tuple[Site, ...]
    first_result: int
    before: tuple[Scheduled, ...]
    after: tuple[Scheduled, ...]

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attribute paths that the checks read."""
        found: set[str] = set()
        for site in self.sites:
            found |= site.hint.shape.attributes
        for one in (*self.before, *self.after):
            if isinstance(one.step, Where):
                found |= {symbol for symbol in one.step.constraint.symbols if is_attribute(symbol)}
        return tuple(sorted(found))

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON-able data, for readers that do not parse the language."""
        return {
            "first_result": self.first_result,
            "sites": [_site_json(site) for site in self.sites],
            "before": [_step_json(one) for one in self.before],
            "after": [_step_json(one) for one in self.after],
        }


def build_plan(signature: Signature) -> Plan:
    """Orders the checks of a signature; raises `AnnotationError` for a dim that nothing could ever bind."""
    parameters = [
        site
        for one in signature.parameters
        for site in _sites(_spread(one.hint, one.kind.value), (Root(one.name),))
    ]
    results = list(_sites(signature.result, (Root(RESULT),)))
    sites = (*parameters, *results)
    _refuse_each_outside(sites)
    _refuse_foreign_roots(signature)
    wheres = [Scheduled(None, Where(one)) for one in signature.where]
    first = schedule(((index, site.hint.shape) for index, site in enumerate(parameters)), waiting=wheres)
    second = schedule(
        ((len(parameters) + index, site.hint.shape) for index, site in enumerate(results)),
        bound=first.bound,
        waiting=first.waiting,
    )
    if second.waiting:
        failures = [_unbound(one, sites, second.bound) for one in second.waiting]
        error = AnnotationError("; ".join(f"{one.message}: {one.help}" for one in failures))
        error.failures = tuple(failures)
        raise error
    return Plan(sites, len(parameters), first.steps, second.steps)


def _spread(hint: Hint, kind: str) -> Hint:
    """`*args: X` is a tuple of X, `**kwargs: X` a mapping to X."""
    if kind == "var-positional":
        return ListHint(hint, "tuple")
    return DictHint(hint) if kind == "var-keyword" else hint


def _sites(hint: Hint, path: tuple[Part, ...]) -> Iterable[Site]:
    match hint:
        case TensorHint():
            yield Site(path, hint)
        case PlainHint():
            pass
        case OptionalHint(inner=inner):
            yield from _sites(inner, (*path, Present()))
        case ListHint(item=item):
            yield from _sites(item, (*path, Each()))
        case DictHint(value=value):
            yield from _sites(value, (*path, EachValue()))
        case TupleHint(items=items):
            for index, item in enumerate(items):
                yield from _sites(item, (*path, Item(index, len(items))))
        case RecordHint(fields=fields):
            for name, field in fields:
                yield from _sites(field, (*path, Attribute(name)))
        case UnionHint(members=members):
            for index, member in enumerate(members):
                yield from _sites(member, (*path, Member(index, hint)))


def _refuse_each_outside(sites: Iterable[Site]) -> None:
    for site in sites:
        if site.hint.shape.each and not site.in_container:
            name = sorted(site.hint.shape.each)[0]
            raise _refusal("each-outside-container", dim=name, argument=f"`{site.root}`")


def _refuse_foreign_roots(signature: Signature) -> None:
    names = {one.name for one in signature.parameters} | {"self"}
    for path in sorted(signature.attributes):
        if steps_of(path)[0] not in names:
            raise _refusal(
                "attribute-missing",
                dim=path,
                argument="the signature",
                actual=f"unknown (no parameter is called `{steps_of(path)[0]}`)",
            )


def _refusal(code: str, **fields: object) -> AnnotationError:
    error = AnnotationError(sentence(code, **fields))
    error.failures = (Failure(code, str(error), dim=str(fields["dim"])),)
    return error


def _unbound(one: Scheduled, sites: tuple[Site, ...], bound: Iterable[str]) -> Failure:
    names = [name.replace("?", "") for name in unbound(one, bound)]
    where = "the signature" if one.tensor is None else f"the annotation of `{sites[one.tensor].root}`"
    text = ", ".join(names)
    shape = None if one.tensor is None else str(sites[one.tensor].hint.shape)
    message = sentence("dim-unbound", dim=text, argument=where) + (f' ("{shape}")' if shape else "")
    return Failure("dim-unbound", message, None, text, help=f"give `{names[0]}` an axis of its own, or a size")


def _site_json(site: Site) -> dict[str, Any]:
    hint = site.hint
    return {
        "path": [_part_json(part) for part in site.path],
        "array": hint.array,
        "dtypes": None if hint.family.dtypes is None else list(hint.family.dtypes),
        "family": hint.family.name,
        "shape": str(hint.shape),
    }


def _part_json(part: Part) -> list[Any]:
    match part:
        case Root(name=name):
            return ["value", name]
        case Present():
            return ["present"]
        case Each():
            return ["each"]
        case EachValue():
            return ["each-value"]
        case Item(index=index, count=count):
            return ["item", index, count]
        case Attribute(name=name):
            return ["field", name]
        case Member(index=index, union=union):
            return ["member", index, len(union.members)]


def _step_json(one: Scheduled) -> dict[str, Any]:
    return {
        "site": one.tensor,
        **({"each": sorted(one.each)} if one.each else {}),
        **_operation_json(one),
    }


def _operation_json(one: Scheduled) -> dict[str, Any]:
    match one.step:
        case Rank(count=count, at_least=at_least):
            return {"op": "rank", "rank": count, "at_least": at_least}
        case Equal(axis=axis, label=label, size=size, broadcast=broadcast):
            named = {} if label is Unknown else {"dim": label}
            return {"op": "equal", "axis": axis, **named, "size": size.tree(), "broadcast": broadcast}
        case Bind(axis=axis, name=name, broadcast=broadcast):
            return {"op": "bind", "axis": axis, "dim": name, "broadcast": broadcast}
        case Flat(axis=axis, factors=factors):
            return {"op": "flattened", "axis": axis, "factors": [_dim_json(factor) for factor in factors]}
        case BindGroup(start=start, behind=behind, name=name, broadcast=broadcast):
            return {"op": "group", "start": start, "behind": behind, "group": name, "broadcast": broadcast}
        case Place(start=start, behind=behind, before=before, middle=middle, after=after):
            return {
                "op": "place",
                "start": start,
                "behind": behind,
                "before": _group_json(before),
                "middle": [_dim_json(dim) for dim in middle],
                "after": _group_json(after),
            }
        case Format(memory_format=memory_format):
            order = None if memory_format.order is None else list(memory_format.order)
            return {"op": "memory-format", "format": memory_format.text, "order": order}
        case Where(constraint=constraint):
            return {"op": "where", "constraint": constraint.tree(), "text": str(constraint)}


def _dim_json(dim: Dim) -> dict[str, Any]:
    named = {} if dim.name is Unknown else {"dim": dim.name}
    sized = {} if dim.size is Unknown else {"size": dim.size.tree()}
    return {**named, **sized, "broadcast": dim.broadcast}


def _group_json(group: Group) -> dict[str, Any]:
    return {"group": None if group.name is Unknown else group.name, "broadcast": group.broadcast}
