"""Arguments that were made up, as a flat graph takes them: with the values that it fixed, and lists of its lengths."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from namedtorch.archive.interface import Interface, Path, Scalar
from namedtorch.signature.signature import Kind, Signature

_BY_PLACE = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)


@dataclass(slots=True)
class _Place:
    """A place in the arguments: a tensor, one of `fixed` values, or a container with parts."""

    fixed: list[Scalar] = field(default_factory=list[Scalar])
    parts: "dict[str | int, _Place]" = field(default_factory=dict[str | int, "_Place"])
    is_list: bool = False

    def at(self, path: Path) -> "_Place":
        place = self
        for step in path:
            place = place.parts.setdefault(step, _Place())
        return place


def fitted(
    interface: Interface, signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call with what an interface fixes put in; the elements of lists and dicts stand as often as
    it has them, those of the arguments in turn."""
    root = _Place()
    for one in interface.inputs:
        root.at(one.path)
    for one in interface.fixed:
        root.at(one.path).fixed.append(one.value)
    for one in interface.lengths:
        root.at(one.path).is_list = True
    names = [one.name for one in signature.parameters if one.kind in _BY_PLACE]
    placed = list(args)
    for index, (name, value) in enumerate(zip(names, args, strict=False)):
        if name in root.parts:
            placed[index] = _fitted(root.parts[name], value)
    given = set(names[: len(args)])
    named = dict(kwargs)
    for name, place in root.parts.items():
        if name in named or (place.fixed and name not in given):
            named[str(name)] = _fitted(place, named.get(str(name)))
    return tuple(placed), named


def _fitted(place: _Place, value: Any) -> Any:
    if place.fixed:
        return place.fixed[0]
    if not place.parts:
        return type(value)() if place.is_list and isinstance(value, list | tuple) else value
    if isinstance(value, Mapping):
        items = list(cast("Mapping[Any, Any]", value).values())
        return {key: _fitted(one, _item(value, key, place, items)) for key, one in place.parts.items()}
    if hasattr(value, "_replace"):
        record = cast("Any", value)
        return record._replace(**_fields(place, record))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **_fields(place, value))
    if isinstance(value, list | tuple) and value:
        items = list(cast("Sequence[Any]", value))
        keys = sorted(place.parts, key=lambda key: (isinstance(key, str), key))
        made = [_fitted(place.parts[key], items[index % len(items)]) for index, key in enumerate(keys)]
        return made if isinstance(value, list) else tuple(made)
    return value


def _item(value: Any, key: Any, place: _Place, items: Sequence[Any]) -> Any:
    """The value of a key, and where there is none one of the others."""
    if key in value or not items:
        return value.get(key)
    return items[list(place.parts).index(key) % len(items)]


def _fields(place: _Place, value: Any) -> dict[str, Any]:
    return {str(key): _fitted(one, getattr(value, str(key), None)) for key, one in place.parts.items()}
