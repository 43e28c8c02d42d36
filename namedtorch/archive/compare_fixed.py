"""What an exported graph fixes and no signature says, compared: values that are no tensors, lengths of lists, keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from namedtorch.archive.interface import Interface, Path, Scalar
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.places import part_of, place_text
from namedtorch.archive.sentence import one_line
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hints import DictHint, Hint, OptionalHint, PlainHint, TupleHint
from namedtorch.signature.pairs import pairs
from namedtorch.signature.plain_types import takes
from namedtorch.signature.plan import spread
from namedtorch.signature.signature import Signature

_DICTS = ("dict[", "Dict[", "Mapping[")
_LONGEST = 200


def fixed_reasons(old: Manifest, new: Manifest) -> list[str]:
    """Why calls of the old model that its signature allows do not fit what the new graph fixed."""
    return list(_bound(old, new, "the new model", "the old one"))


def freed(old: Manifest, new: Manifest) -> list[str]:
    """What the old graph fixed, and the new one takes otherwise too."""
    return list(_bound(new, old, "the old model", "the new one"))


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What a model takes at the places of its arguments; nothing is known of one that is no flat graph."""

    values: Mapping[Path, Scalar] = field(default_factory=dict[Path, Scalar])
    lengths: Mapping[Path, int] = field(default_factory=dict[Path, int])
    keys: Mapping[Path, Sequence[str | int]] = field(default_factory=dict[Path, Sequence[str | int]])
    tensors: frozenset[Path] = frozenset()
    defaults: frozenset[str] = frozenset()
    """Arguments that have their default in the file, which holds no such value."""


def _bound(giver: Manifest, taker: Manifest, model: str, other: str) -> Iterator[str]:
    """The places at which one graph takes less than the other model lets callers give, each with a sentence."""
    if taker.interface is None:
        return
    known, asked = _fixed_of(giver), _fixed_of(taker)
    taken = _roots(taker.signature)
    ours = _roots(giver.signature)
    roots = {other.name: one.name for one, other in pairs(giver.signature, taker.signature, "", "")[0]}

    def given(path: Path) -> tuple[Path, Hint | None]:
        """The same place among the arguments of the giver, and what stands there; None for what nobody gives."""
        root = roots.get(str(path[0]))
        here = path if root is None else (root, *path[1:])
        return here, None if root is None else _at(ours, here)

    def says(path: Path, alone: str, now: str) -> str:
        return f"`{place_text(path)}`: {model} takes {alone}, and {other} takes {now}"

    for path, value in asked.values.items():
        here, theirs = given(path)
        same = here in known.values and repr(known.values[here]) == repr(value)
        # An Optional that was exported as None is a plain None in the signature too.
        if theirs is None or same or str(_at(taken, path)) == "None":
            continue
        now = "a tensor" if here in known.tensors else "any"
        if here in known.values:
            now = f"{known.values[here]!r}"
        yield says(path, f"{value!r} alone", now)
    for path, length in asked.lengths.items():
        here, theirs = given(path)
        so_many = len(theirs.items) if isinstance(theirs, TupleHint) else known.lengths.get(here)
        if theirs is None or so_many == length:
            continue
        yield says(
            path, f"{length} element{'s' * (length != 1)}", "any number" if so_many is None else f"{so_many}"
        )
    for path, keys in asked.keys.items():
        here, theirs = given(path)
        others = () if known.lengths.get(here) == 0 else known.keys.get(here)
        if not _is_dict(theirs) or (others is not None and set(others) == set(keys)):
            continue
        yield says(path, f"the keys {_listed(keys)} alone", "any" if others is None else _listed(others))
    for path in sorted(asked.tensors, key=repr):
        here, theirs = given(path)
        # Where the taker's signature has no None, it is the one that says so.
        if here not in known.tensors and _may_be_none(theirs) and _may_be_none(_at(taken, path)):
            yield says(path, "a tensor alone", "None" if here in known.values else "None too")
    for name in sorted(
        asked.defaults & roots.keys() - {one for one in roots if roots[one] in known.defaults}
    ):
        yield says((name,), "its default alone", "any")


def _fixed_of(manifest: Manifest) -> _Fixed:
    """What the graph of a manifest fixes; nothing where it is called as its signature says."""
    interface = manifest.interface
    if interface is None:
        return _Fixed()
    spoken = {path[0] for path in _paths(interface)}
    spoken |= {one.path[0] for one in interface.lengths}
    return _Fixed(
        {one.path: one.value for one in interface.fixed},
        {one.path: one.length for one in interface.lengths},
        _keys(interface, manifest.signature),
        frozenset(one.path for one in interface.inputs),
        frozenset(
            one.name
            for one in manifest.signature.without("self", "cls").parameters
            if one.default is not Unknown and one.name not in spoken
        ),
    )


def _paths(interface: Interface) -> Iterator[Path]:
    yield from (one.path for one in interface.inputs)
    yield from (one.path for one in interface.fixed)


def _keys(interface: Interface, signature: Signature) -> dict[Path, tuple[str | int, ...]]:
    """The keys of each dict in the arguments, by its place: a graph of tensors has an input for each."""
    found: dict[Path, dict[str | int, None]] = {}
    roots = _roots(signature)
    for path in (*_paths(interface), *(one.path for one in interface.lengths)):
        hint = _at(roots, path[:1])
        for depth, step in enumerate(path[1:], 1):
            # What has no dims is one hint at every depth; a place in a list is a number.
            if _is_dict(hint) and (isinstance(step, str) or not isinstance(hint, PlainHint)):
                found.setdefault(path[:depth], {})[step] = None
            hint = part_of(hint, step)
    return {path: tuple(keys) for path, keys in found.items()}


def _roots(signature: Signature) -> dict[str, Hint]:
    """What each parameter takes: a stranger's file may have many of them, and many places in each."""
    return {one.name: spread(one) for one in signature.parameters}


def _at(roots: Mapping[str, Hint], path: Path) -> Hint | None:
    """What is taken at a place; None where there is no such place."""
    found = roots.get(str(path[0]))
    for step in path[1:]:
        found = part_of(found, step)
    return found


def _is_dict(hint: Hint | None) -> bool:
    while isinstance(hint, OptionalHint):
        hint = hint.inner
    return isinstance(hint, DictHint) or (
        isinstance(hint, PlainHint) and any(one in hint.text for one in _DICTS)
    )


def _may_be_none(hint: Hint | None) -> bool:
    """Whether a hint says that None is taken; one that says nothing does not."""
    if isinstance(hint, PlainHint):
        return not takes(hint.text, "object") and takes(hint.text, "None")
    return isinstance(hint, OptionalHint)


def _listed(keys: Sequence[str | int]) -> str:
    return one_line(", ".join(map(repr, keys)), _LONGEST) or "none"
