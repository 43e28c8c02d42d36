"""The steps of a plan as JSON-able data, and back: strict, since manifests come from strangers' files."""

from typing import Any

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.layout import MemoryFormat
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.size import Size
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Step, Where
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.hint_json import mapping, sequence, text


def step_to_json(one: Scheduled) -> dict[str, Any]:
    """A step of a plan; `each` holds the names that are bound per element."""
    return {"site": one.tensor, "each": sorted(one.each), **_operation(one.step)}


def _operation(step: Step) -> dict[str, Any]:
    match step:
        case Rank(count=count, at_least=at_least):
            return {"op": "rank", "rank": count, "at_least": at_least}
        case Equal(axis=axis, label=label, size=size, broadcast=broadcast):
            return {
                "op": "equal",
                "axis": axis,
                "dim": _name(label),
                "size": size.tree(),
                "broadcast": broadcast,
            }
        case Bind(axis=axis, name=name, broadcast=broadcast, each=each):
            return {"op": "bind", "axis": axis, "dim": name, "broadcast": broadcast, "per_element": each}
        case Flat(axis=axis, factors=factors):
            return {"op": "flattened", "axis": axis, "factors": [_dim(factor) for factor in factors]}
        case BindGroup(start=start, behind=behind, name=name, broadcast=broadcast, each=each):
            group = _group(Group(name, broadcast, each))
            return {"op": "group", "start": start, "behind": behind, "group": group}
        case Place(start=start, behind=behind, before=before, middle=middle, after=after):
            return {
                "op": "place",
                "start": start,
                "behind": behind,
                "before": _group(before),
                "middle": [_dim(dim) for dim in middle],
                "after": _group(after),
            }
        case Format(memory_format=memory_format):
            order = None if memory_format.order is None else list(memory_format.order)
            return {"op": "memory-format", "format": memory_format.text, "order": order}
        case Where(constraint=constraint):
            return {"op": "where", "constraint": constraint.tree()}


def _name(name: str | UnknownType) -> str | None:
    return None if name is Unknown else name


def _dim(dim: Dim) -> dict[str, Any]:
    size = None if dim.size is Unknown else dim.size.tree()
    return {"dim": _name(dim.name), "size": size, "broadcast": dim.broadcast, "per_element": dim.each}


def _group(group: Group) -> dict[str, Any]:
    return {"group": _name(group.name), "broadcast": group.broadcast, "per_element": group.each}


def step_from_json(data: Any, sites: int) -> Scheduled:
    """Reads what `step_to_json` gave, in a plan of so many sites; raises `ValueError` for anything else."""
    if not isinstance(data, dict):
        raise ValueError("a step is a mapping")
    content: dict[str, Any] = dict(data)  # pyright: ignore[reportUnknownArgumentType]
    site, each = content.pop("site", None), sequence(content.pop("each", None), "each")
    if site is not None and not (_is_int(site) and 0 <= site < sites):
        raise ValueError(f"a step names the site {site!r} of {sites}")
    step = _step(content)
    if site is None and not isinstance(step, Where):
        raise ValueError("a step without a site is a constraint")
    return Scheduled(site, step, frozenset(text(one, "each") for one in each))


def _step(content: dict[str, Any]) -> Step:
    operation = content.pop("op", None)
    match operation:
        case "rank":
            fields = mapping(content, "rank", {"rank", "at_least"})
            return Rank(_count(fields["rank"]), _flag(fields["at_least"]))
        case "equal":
            fields = mapping(content, "equal", {"axis", "dim", "size", "broadcast"})
            size = Size.from_tree(fields["size"])
            return Equal(_axis(fields["axis"]), _read_name(fields["dim"]), size, _flag(fields["broadcast"]))
        case "bind":
            fields = mapping(content, "bind", {"axis", "dim", "broadcast", "per_element"})
            name = text(fields["dim"], "dim")
            return Bind(_axis(fields["axis"]), name, _flag(fields["broadcast"]), _flag(fields["per_element"]))
        case "flattened":
            fields = mapping(content, "flattened", {"axis", "factors"})
            factors = tuple(_read_dim(one) for one in sequence(fields["factors"], "factors"))
            return Flat(_axis(fields["axis"]), factors)
        case "group":
            fields = mapping(content, "group", {"start", "behind", "group"})
            group = _read_group(fields["group"])
            if group.name is Unknown:
                raise ValueError("a group that is bound has a name")
            start, behind = _count(fields["start"]), _count(fields["behind"])
            return BindGroup(start, behind, group.name, group.broadcast, group.each)
        case "place":
            fields = mapping(content, "place", {"start", "behind", "before", "middle", "after"})
            return Place(
                _count(fields["start"]),
                _count(fields["behind"]),
                _read_group(fields["before"]),
                tuple(_read_dim(one) for one in sequence(fields["middle"], "middle")),
                _read_group(fields["after"]),
            )
        case "memory-format":
            fields = mapping(content, "memory-format", {"format", "order"})
            order = fields["order"]
            axes = None if order is None else tuple(_count(one) for one in sequence(order, "order"))
            if axes is not None and sorted(axes) != list(range(len(axes))):
                raise ValueError("the order of a memory format names every axis once")
            return Format(MemoryFormat(text(fields["format"], "format"), axes))
        case "where":
            return Where(Constraint.from_tree(mapping(content, "where", {"constraint"})["constraint"]))
        case _:
            raise ValueError(f"{operation!r} is not an operation of a plan")


def _read_name(data: Any) -> str | UnknownType:
    return Unknown if data is None else text(data, "dim")


def _read_dim(data: Any) -> Dim:
    fields = mapping(data, "dim", {"dim", "size", "broadcast", "per_element"})
    size = Unknown if fields["size"] is None else Size.from_tree(fields["size"])
    return Dim(_read_name(fields["dim"]), size, _flag(fields["broadcast"]), _flag(fields["per_element"]))


def _read_group(data: Any) -> Group:
    fields = mapping(data, "group", {"group", "broadcast", "per_element"})
    return Group(_read_name(fields["group"]), _flag(fields["broadcast"]), _flag(fields["per_element"]))


def _is_int(data: Any) -> bool:
    return isinstance(data, int) and not isinstance(data, bool)


def _axis(data: Any) -> int:
    if not _is_int(data) or abs(data) > 1000:
        raise ValueError(f"{data!r} is not an axis")
    return data


def _count(data: Any) -> int:
    if not _is_int(data) or not 0 <= data <= 1000:
        raise ValueError(f"{data!r} is not a number of axes")
    return data


def _flag(data: Any) -> bool:
    if not isinstance(data, bool):
        raise ValueError(f"{data!r} is neither true nor false")
    return data
