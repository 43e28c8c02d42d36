"""What an exported graph fixes and no signature says, compared: values that are no tensors, and lengths of lists."""

from collections.abc import Iterator

from namedtorch.archive.manifest import Manifest
from namedtorch.archive.places import hint_at, place_text
from namedtorch.signature.hints import TupleHint


def fixed_reasons(old: Manifest, new: Manifest) -> list[str]:
    """Why calls of the old model that its signature allows do not fit what the new graph fixed."""
    return list(_bound(old, new, "the new model", "the old one"))


def freed(old: Manifest, new: Manifest) -> list[str]:
    """What the old graph fixed, and the new one takes otherwise too."""
    return list(_bound(new, old, "the old model", "the new one"))


def _bound(giver: Manifest, taker: Manifest, model: str, other: str) -> Iterator[str]:
    """The places at which one graph takes less than the other model lets callers give, each with a sentence."""
    if taker.interface is None:
        return
    known = giver.interface
    values = {one.path: one.value for one in known.fixed} if known is not None else {}
    lengths = {one.path: one.length for one in known.lengths} if known is not None else {}
    for fixed in taker.interface.fixed:
        theirs = hint_at(giver.signature, fixed.path)
        same = fixed.path in values and repr(values[fixed.path]) == repr(fixed.value)
        # An Optional that was exported as None is a plain None in the signature too.
        if theirs is None or same or str(hint_at(taker.signature, fixed.path)) == "None":
            continue
        now = f"{values[fixed.path]!r}" if fixed.path in values else "any"
        yield f"`{place_text(fixed.path)}`: {model} takes {fixed.value!r} alone, and {other} takes {now}"
    for one in taker.interface.lengths:
        theirs = hint_at(giver.signature, one.path)
        so_many = len(theirs.items) if isinstance(theirs, TupleHint) else lengths.get(one.path)
        if theirs is None or so_many == one.length:
            continue
        now = "any number" if so_many is None else f"{so_many}"
        yield f"`{place_text(one.path)}`: {model} takes {one.length} elements, and {other} takes {now}"
