"""What a field of a manifest may hold: rules, each as the words of a schema and as a condition."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from namedtorch.archive.digest import GROUPS, WHOLE

LONGEST_NAME = 1000
LONGEST_VERSION = 100
MOST_METHODS = 1000
MOST_ENTRIES = 100_000
MOST_STAGES = 100
MOST_AXES = 64
MOST_NODES = 5000
MOST_EDGES = 20_000
LONGEST_LABEL = 300
LARGEST = 2**63 - 1
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object: its name, what it holds as text, and whether a value is that.

    A field that is not `required` may be absent, which says that its value is not known, or what its text says.
    """

    name: str
    holds: str
    accepts: Callable[[object], bool]
    required: bool = True


Fields = tuple[Field, ...]

Rule = tuple[str, Callable[[object], bool]]
"""What a field holds as text, and as a condition."""


def one_of(*words: str) -> Rule:
    return "one of " + ", ".join(f'"{word}"' for word in words), lambda value: value in words


def text_rule(longest: int, least: int = 1) -> Rule:
    return f"text, {least} to {longest} printable characters", lambda value: is_text(value, longest, least)


def entries(of: str, most: int = MOST_ENTRIES, least: int = 1) -> Rule:
    def accepts(value: object) -> bool:
        if not isinstance(value, dict):
            return False
        names = cast("dict[str, object]", value)
        return len(names) <= most and all(is_text(name, LONGEST_NAME, least) for name in names)

    return f"object, at most {most} {of}", accepts


def changed(fields: Fields, *others: Field) -> Fields:
    """The fields with these others, each in the place of the one of its name if there is one, by their names."""
    named = {one.name: one for one in (*fields, *others)}
    return tuple(named[name] for name in sorted(named))


def is_text(value: object, longest: int, least: int = 1) -> bool:
    return isinstance(value, str) and least <= len(value) <= longest and value.isprintable()


def is_integer(value: object, least: int, largest: int) -> bool:
    # A bool is an int in Python, and true is no number in JSON.
    return type(value) is int and least <= value <= largest


def is_count(value: object) -> bool:
    return is_integer(value, 1, 2**31 - 1)


def is_size(value: object) -> bool:
    return is_integer(value, 0, LARGEST)


def is_object(value: object) -> bool:
    return isinstance(value, dict)


def is_methods(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    names = cast("dict[str, object]", value)
    return (
        "forward" in names
        and len(names) <= MOST_METHODS
        and all(name.isidentifier() and len(name) <= LONGEST_NAME for name in names)
    )


def is_sizes(value: object) -> bool:
    if not isinstance(value, list):
        return False
    sizes = cast("list[object]", value)
    return len(sizes) <= MOST_AXES and all(map(is_size, sizes))


def is_stages(value: object) -> bool:
    if not isinstance(value, list):
        return False
    stages = cast("list[object]", value)
    return len(stages) <= MOST_STAGES and all(is_text(one, LONGEST_VERSION) for one in stages)


def is_paths(value: object) -> bool:
    if not isinstance(value, list):
        return False
    paths = cast("list[object]", value)
    return len(paths) <= MOST_ENTRIES and all(is_text(one, LONGEST_NAME, least=0) for one in paths)


def is_operators(value: object) -> bool:
    _, accepts = entries("operators")
    return accepts(value) and all(
        is_text(one, LONGEST_NAME) for one in cast("dict[str, object]", value).values()
    )


def is_reasons(value: object) -> bool:
    _, accepts = entries("paths", least=0)
    return accepts(value) and all(
        is_text(one, LONGEST_NAME) for one in cast("dict[str, object]", value).values()
    )


def is_axis(value: object) -> bool:
    return is_integer(value, 0, MOST_AXES - 1)


def objects_rule(of: str, most: int, least: int = 0) -> Rule:
    def accepts(value: object) -> bool:
        return isinstance(value, list) and least <= len(cast("list[object]", value)) <= most

    return f"list, {least} to {most} objects: {of}", accepts


def is_place(value: object) -> bool:
    return is_integer(value, 0, MOST_NODES - 1)


def is_sha256(value: object) -> bool:
    return isinstance(value, str) and SHA256.fullmatch(value) is not None


def is_digests(value: object) -> bool:
    return value == {} or is_digests_of(GROUPS, value)


def is_digests_of_any(value: object) -> bool:
    return is_digests(value) or is_digests_of((WHOLE,), value)


def is_digests_of(groups: tuple[str, ...], value: object) -> bool:
    if not isinstance(value, dict):
        return False
    digests = cast("dict[str, object]", value)
    return digests.keys() == set(groups) and all(map(is_sha256, digests.values()))
