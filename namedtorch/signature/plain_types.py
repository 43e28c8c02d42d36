"""Hints without dims, by their text: which of two takes more."""

_TOWER = ("bool", "int", "float", "complex")
_ANYTHING = ("Any", "object")
_OPENING, _CLOSING = "[(", "])"


def takes(wide: str, narrow: str) -> bool:
    """Tells whether every value of the hint `narrow` is one of `wide`, as far as their texts tell.

    As for beartype, an int is a fine float. What a generic type holds is compared as values are.
    """
    if wide.strip() in _ANYTHING:
        return True
    members = _members(wide)
    return all(any(_member_takes(member, one) for member in members) for one in _members(narrow))


def _member_takes(wide: str, narrow: str) -> bool:
    if wide == narrow or narrow == "Never" or wide in _ANYTHING:
        return True
    if wide in _TOWER and narrow in _TOWER:
        return _TOWER.index(narrow) <= _TOWER.index(wide)
    (head, inside), (other, parts) = _generic(wide), _generic(narrow)
    if not inside:
        return head == other
    sequence = head == "Sequence" and other in ("list", "tuple")
    if other == "tuple" and parts[-1:] == ["..."]:
        parts = parts if head == "tuple" else parts[:-1]
    elif sequence and other == "tuple":
        return all(takes(inside[0], one) for one in parts)
    if other == "tuple" == head and inside[-1] == "..." and parts[-1:] != ["..."]:
        return all(takes(inside[0], one) for one in parts)
    return (head == other or sequence) and len(inside) == len(parts) and all(map(takes, inside, parts))


def _members(text: str) -> list[str]:
    """The alternatives of a hint: those of `X | Y`, `Union[X, Y]`, `Optional[X]`; else the hint itself."""
    found: list[str] = []
    for part in _split(_plain(text), "|"):
        head, inside = _generic(part)
        match head:
            case "Optional" if inside:
                found += [*_members(inside[0]), "None"]
            case "Union" if inside:
                found += [one for member in inside for one in _members(member)]
            case _:
                found.append(part)
    return found


def _plain(text: str) -> str:
    for prefix in ("typing.", "collections.abc.", "torch."):
        text = text.replace(prefix, "")
    return text.strip()


def _generic(text: str) -> tuple[str, list[str]]:
    """The name of a type and its arguments: `list[int]`."""
    text = _plain(text)
    if not text.endswith("]") or "[" not in text:
        return text, []
    head, _, rest = text.partition("[")
    name = head.lower() if head in ("List", "Dict", "Tuple", "Set", "FrozenSet") else head
    return name, _split(rest[:-1], ",")


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand in no brackets."""
    parts, depth, start = list[str](), 0, 0
    for place, character in enumerate(text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if character == separator and not depth:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]
