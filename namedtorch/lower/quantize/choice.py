"""The choice of layers: what a user leaves float, by path, name, pattern or class."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from torch import nn

from namedtorch.diagnostics import LowerError

Skip = str | type
"""What names layers: the path of a module, the last names of one, a pattern with `*`, or a class."""

_MOST_LISTED = 12


def chosen(root: nn.Module, skip: Sequence[Skip]) -> dict[str, str]:
    """The paths of all modules that are left float, each with its reason; what stands in such a module is left too.

    A text is a path ("encoder.head"), else the last names of paths ("head" is "decoder.head" and "aux.head"), else with
    `*`, `?` or `[` a pattern of paths ("blocks.*.gate"); a class is all of its modules, those of subclasses included. A
    module that stands at several paths is left at each. Raises LowerError for what names nothing, with what is near.
    """
    tree = dict(root.named_modules(remove_duplicate=False))
    reasons: dict[int, str] = {}
    for one in skip:
        found = _of_class(tree, one) if isinstance(one, type) else _of_name(tree, one)
        shown = one.__qualname__ if isinstance(one, type) else one
        for path in found:
            for inner in tree[path].modules():
                reasons.setdefault(id(inner), f"it is skipped, by `{shown}`")
    return {path: reasons[id(module)] for path, module in tree.items() if id(module) in reasons}


def within(path: str, tops: Mapping[str, str]) -> bool:
    """Whether a path is one of these, or stands below one."""
    return any(one in tops for one in around(path))


def around(path: str) -> Iterator[str]:
    """A path, and those of the modules that it stands in, the nearest first; "" is the whole model."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ""


def _of_class(tree: Mapping[str, nn.Module], owner: type) -> list[str]:
    if not issubclass(owner, nn.Module):
        raise LowerError(
            f"skip={owner.__qualname__}: only layers are skipped, and this is no class of modules"
        )
    found = [path for path, module in tree.items() if isinstance(module, owner)]
    if found:
        return found
    there = sorted({type(module).__qualname__ for path, module in tree.items() if path})
    raise LowerError(
        f"skip={owner.__qualname__}: the model has no such layer; it has {_listed(there) or 'no layers'}"
    )


def _of_name(tree: Mapping[str, nn.Module], name: object) -> list[str]:
    if not isinstance(name, str):
        raise LowerError(
            f"skip takes paths of layers and classes of layers, not {type(name).__name__}: skip=['head', nn.Conv2d]"
        )
    if name in tree:
        if not name:
            raise LowerError("skip='' is the whole model, and nothing would be left to quantize")
        return [name]
    found = [path for path in tree if path.endswith(f".{name}")]
    if not found and re.search(r"[*?\[]", name):
        found = [path for path in tree if path and fnmatchcase(path, name)]
    if found:
        return found
    classes = {type(module).__qualname__ for module in tree.values()}
    if name in classes:
        raise LowerError(
            f"skip={name!r} is a class of layers here, no path: give the class itself, without quotes"
        )
    raise LowerError(f"skip={name!r} names no layer of the model{_near(name, [one for one in tree if one])}")


def _near(name: str, paths: Sequence[str]) -> str:
    """What a text may have meant, or else what there is."""
    last: dict[str, str] = {}
    for path in paths:
        last.setdefault(path.rpartition(".")[2], path)
    close = get_close_matches(name, paths, n=3, cutoff=0.7)
    close += [last[one] for one in get_close_matches(name, last, n=3, cutoff=0.7) if last[one] not in close]
    if close:
        return "; did you mean " + " or ".join(f"`{one}`" for one in close[:3]) + "?"
    tops = [path for path in paths if "." not in path]
    return f"; its layers begin with {_listed(tops)}" if tops else ", which has no layers inside"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{one}`" for one in names[:_MOST_LISTED])
    rest = len(names) - _MOST_LISTED
    return f"{shown} and {rest} more" if rest > 0 else shown
