"""Changes of JSON as a tree, after which it is signed again: they get behind the checks of bytes and digests."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzz.words import NUMBERS, ODD, TEXTS

Mutate = Callable[[bytes, int], bytes]
"""A change of bytes by the fuzzer's own means, to at most so many."""


def signed(document: object) -> bytes:
    """A document as bytes, with the digest that belongs to it where it has one."""
    if isinstance(document, dict) and "digest" in document:
        rest = {name: value for name, value in document.items() if name != "digest"}
        try:
            text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
            document = {"digest": hashlib.sha256(text.encode()).hexdigest(), **rest}
        except (TypeError, ValueError):
            pass
    return json.dumps(document).encode()


def mutated_json(data: bytes, most: int, draw: random.Random, mutate: Mutate) -> bytes:
    """JSON with some of its values changed, moved or doubled; what is no JSON is changed as bytes."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return mutate(data, most)
    if draw.random() < 0.15:
        data = mutate(data, most)
        try:
            return signed(json.loads(data))[:most]
        except (ValueError, RecursionError):
            return data
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        document = _changed(document, draw, mutate)
    return signed(document)[:most]


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every container in a tree, with each of its keys or indices."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            for key, item in one.items():
                yield one, key
                waiting.append(item)
        elif isinstance(one, list):
            for place, item in enumerate(one):
                yield one, place
                waiting.append(item)


def _changed(document: Any, draw: random.Random, mutate: Mutate) -> Any:
    found = list(places(document))
    if not found:
        return _odd(draw)
    container, key = draw.choice(found)
    match draw.randrange(8):
        case 0:
            del container[key]
        case 1 | 2:
            container[key] = _other(container[key], draw, mutate)
        case 3:
            container[key] = _odd(draw)
        case 4:
            # A part of the same document, elsewhere: of a copy, so that no part holds itself.
            donor, at = draw.choice(found)
            container[key] = json.loads(json.dumps(donor[at]))
        case 5 if isinstance(container, dict):
            name = draw.choice([*TEXTS, f"{key}_", *(str(one) for _, one in draw.sample(found, 1))])
            moved = container.pop(key)
            container[name] = moved
            if draw.random() < 0.5:
                container[key] = json.loads(json.dumps(moved))
        case 5 | 6 if isinstance(container, list):
            copies = json.dumps([container[key]] * draw.choice((1, 1, 2, 30, 300)))
            container[key:key] = json.loads(copies) if len(copies) < 100_000 else []
        case _:
            for _ in range(draw.choice((1, 3, 30))):
                container[key] = (
                    [container[key]] if draw.random() < 0.5 else {draw.choice(TEXTS): container[key]}
                )
    return document


def _odd(draw: random.Random) -> Any:
    """A value that seldom stands where it is put; a new one each time, since trees must not share parts."""
    return draw.choice([json.loads(draw.choice(ODD)), draw.choice(NUMBERS), draw.choice(TEXTS)])


def _other(value: Any, draw: random.Random, mutate: Mutate) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return draw.choice([value + 1, value - 1, -value, value * 2, draw.choice(NUMBERS)])
        case float():
            return draw.choice([-value, value * 1e10, 0.0])
        case str():
            return mutated_text(value, draw, mutate)
        case _:
            return _odd(draw)


def mutated_text(value: str, draw: random.Random, mutate: Mutate) -> str:
    """Text with a word put in, a part taken out or doubled, or changed as bytes."""
    start = draw.randrange(len(value) + 1)
    end = min(len(value), start + draw.choice((0, 1, 2, 8)))
    match draw.randrange(4):
        case 0:
            return mutate(value.encode("utf-8", "replace"), 2 * len(value) + 16).decode("utf-8", "replace")
        case 1:
            return value[:start] + value[start:end] * draw.choice((0, 2, 9)) + value[end:]
        case 2:
            return value[:start] + draw.choice(TEXTS) + value[end:]
        case _:
            words = value.split(" ")
            words.insert(draw.randrange(len(words) + 1), draw.choice([*words, *TEXTS]))
            return " ".join(words)
