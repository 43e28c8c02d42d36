"""Changes of manifests that mostly leave them manifests: other texts, other signatures, other metadata."""

import json
import random
from typing import Any

from namedtorch.diagnostics import AnnotationError
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature
from tests.fuzz.json_mutators import Mutate, mutated_json, mutated_text, places, signed
from tests.fuzz.words import NUMBERS, TEXTS

_AXES = [
    *(
        "N",
        "C",
        "H",
        "W",
        "3",
        "C=3",
        "_",
        "...",
        "*batch",
        "#C",
        "*#batch",
        "2*C",
        "H//2",
        "(H+1)//2",
        "d**2",
    ),
    *("min(T,64)", "(C H W)", "(h=8 d)", "D=2*h", "N-1", "1", "0", "größe", "x.k", "T%4", "max(N,C)", "K=N"),
]
_CONSTRAINTS = [
    "N >= 1",
    "C % 8 == 0",
    "H == W",
    "1 <= N < 64",
    "H <= 512",
    "T != 3",
    "2*N == C",
    "min(N,4) > 1",
]
_NAMES = [
    "x",
    "image",
    "mask",
    "state",
    "len",
    "_x",
    "in_",
    "größe",
    "\uff58",
    "result",
    "self",
    "torch",
    "list",
]
_TEXTS_ALONE = (
    "methods",
    "digests",
    "digest",
    "schema_version",
    "kind",
    "format",
    "mode",
    "guards",
    "method",
)


def mutated_manifest(data: bytes, most: int, draw: random.Random, mutate: Mutate) -> bytes:
    """A manifest with some of its texts, its metadata or a signature changed, or anything."""
    if draw.random() < 0.4:
        return mutated_json(data, most, draw, mutate)
    try:
        document = json.loads(data)
        for _ in range(draw.choice((1, 1, 2, 5))):
            _change(document, draw, mutate)
    # What is no manifest any more is changed as any JSON is.
    except Exception:
        return mutated_json(data, most, draw, mutate)
    return signed(document)[:most]


def _change(document: dict[str, Any], draw: random.Random, mutate: Mutate) -> None:
    match draw.randrange(4):
        case 0:
            method = document["methods"][draw.choice(list(document["methods"]))]
            method |= _described(_signature(draw))
        case 1:
            document["metadata"] = {**document.get("metadata", {}), draw.choice(TEXTS): _tree(draw, 4)}
        case _:
            _retext(document, draw, mutate)


def _retext(document: dict[str, Any], draw: random.Random, mutate: Mutate) -> None:
    """Changes a text, or a key, of what is not a signature."""
    free = {key: value for key, value in document.items() if key not in _TEXTS_ALONE}
    found = [
        (holder, key) for holder, key in places(free) if isinstance(key, str) or isinstance(holder[key], str)
    ]
    holder, key = draw.choice(found)
    if holder is free:
        holder = document
    if isinstance(holder[key], str) and draw.random() < 0.7:
        holder[key] = _printable(mutated_text(holder[key], draw, mutate))
    elif isinstance(key, str) and holder is not document:
        holder[_printable(mutated_text(key, draw, mutate))] = holder.pop(key)


def _printable(text: str) -> str:
    return "".join(one for one in text if one.isprintable())


def _tree(draw: random.Random, depth: int) -> Any:
    kinds = 3 if depth == 0 else 5
    match draw.randrange(kinds):
        case 0:
            return draw.choice(TEXTS)
        case 1:
            return draw.choice([one for one in NUMBERS if abs(one) < 2**63])
        case 2:
            return draw.choice([None, True, False, 0.5, -1e300])
        case 3:
            return [_tree(draw, depth - 1) for _ in range(draw.randrange(5))]
        case _:
            return {draw.choice(TEXTS): _tree(draw, depth - 1) for _ in range(draw.randrange(5))}


def _signature(draw: random.Random) -> str:
    """The text of a signature, more often than not a good one."""
    names = draw.sample(_NAMES, draw.randrange(1, 4))
    taken = ", ".join(f"{name}: {_shape(draw)}" for name in names)
    given = ", ".join(_shape(draw) for _ in range(draw.choice((1, 1, 2))))
    where = ", ".join(draw.sample(_CONSTRAINTS, draw.choice((0, 0, 1, 3))))
    return f"{taken} -> {given}" + (f" where {where}" if where else "")


def _shape(draw: random.Random) -> str:
    return " ".join(draw.choices(_AXES, k=draw.randrange(5)))


def _described(text: str) -> dict[str, Any]:
    try:
        signature = parse_signature(text)
        return {"signature": signature.to_json(), "plan": build_plan(signature).to_json()}
    except AnnotationError:
        return {}
