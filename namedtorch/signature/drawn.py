"""The tensors of a call that is made up: which ones it holds, and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from namedtorch.signature.plan import spread
from namedtorch.signature.signature import Signature, tensors_of

ELEMENTS = 2
"""How many elements lists and mappings have that are made up."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One tensor: its site in the plan, the element of a container that it is, its hint, its sizes once drawn."""

    site: int
    argument: str
    scope: str
    hint: TensorHint
    sizes: tuple[int, ...] = ()


def drawn_tensors(signature: Signature, absent: bool = False) -> Iterator[Drawn]:
    """The tensors of the arguments, without sizes; `absent` leaves out what is optional.

    A union is its first alternative.
    """
    site = 0
    for one in signature.parameters:
        hint = spread(one)
        yield from _tensors(hint, site, one.name, "", absent)
        site += len(tensors_of(hint))


def keys_of(hint: DictHint) -> Sequence[str | int]:
    """The keys that a mapping has that is made up."""
    return tuple(range(ELEMENTS)) if hint.key == "int" else tuple("abcdefgh"[:ELEMENTS])


def _tensors(hint: Hint, site: int, argument: str, scope: str, absent: bool) -> Iterator[Drawn]:
    """The tensors of a value, with the sites and scopes that the explaining matcher gives them."""
    match hint:
        case TensorHint():
            yield Drawn(site, argument, scope, hint)
        case PlainHint():
            return
        case OptionalHint(inner=inner):
            if not absent:
                yield from _tensors(inner, site, argument, scope, absent)
        case UnionHint(members=members):
            yield from _tensors(members[0], site, argument, scope, absent)
        case ListHint(item=item):
            for place in range(ELEMENTS):
                yield from _tensors(item, site, f"{argument}[{place}]", f"{scope}[{place}]", absent)
        case DictHint(value=value):
            for key in keys_of(hint):
                yield from _tensors(value, site, f"{argument}[{key!r}]", f"{scope}[{key}]", absent)
        case TupleHint(items=items):
            for place, item in enumerate(items):
                yield from _tensors(item, site, f"{argument}[{place}]", f"{scope}[{place}]", absent)
                site += len(tensors_of(item))
        case RecordHint(fields=fields):
            for name, field in fields:
                yield from _tensors(field, site, f"{argument}.{name}", f"{scope}.{name}", absent)
                site += len(tensors_of(field))
