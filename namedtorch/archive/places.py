"""Places in the arguments of a call, as interfaces write them, and the hints that stand there."""

from namedtorch.archive.interface import Path
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TupleHint,
)
from namedtorch.signature.plan import spread
from namedtorch.signature.signature import Signature


def place_text(path: Path) -> str:
    """A place in the arguments as Python writes it: `state['h'][0]`."""
    return str(path[0]) + "".join(f"[{step!r}]" for step in path[1:])


def hint_at(signature: Signature, path: Path) -> Hint | None:
    """What a method takes at a place of its arguments; None where it has no such place."""
    root = path[0]
    found = next((spread(one) for one in signature.parameters if one.name == root), None)
    for step in path[1:]:
        found = part_of(found, step)
    return found


def part_of(hint: Hint | None, step: str | int) -> Hint | None:
    """The hint of an element or a field; None where the hint has none."""
    match hint:
        case OptionalHint(inner=inner):
            return part_of(inner, step)
        case ListHint(item=item) if isinstance(step, int):
            return item
        case DictHint(value=value):
            return value
        case TupleHint(items=items) if isinstance(step, int) and 0 <= step < len(items):
            return items[step]
        case RecordHint(fields=fields):
            return next((part for name, part in fields if name == step), None)
        case PlainHint():
            # What has no dims is not taken apart.
            return hint
        case _:
            return None
