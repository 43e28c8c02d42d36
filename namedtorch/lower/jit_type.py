"""The types of compiled methods, which are torch's own objects, in words."""

from collections.abc import Iterator
from typing import Any

_RECORD = "NamedTuple("


def type_text(type_: Any) -> str:
    """A type as an annotation is written; a record shows its fields, `Pair(left: Tensor, right: Tensor)`."""
    match type_.kind():
        case "OptionalType":
            return f"Optional[{type_text(type_.getElementType())}]"
        case "ListType":
            return f"List[{type_text(type_.getElementType())}]"
        case "DictType":
            return f"Dict[{type_text(type_.getKeyType())}, {type_text(type_.getValueType())}]"
        case "TupleType":
            parts = [type_text(part) for part in type_.elements()]
            names = field_names(type_)
            if not names:
                return f"Tuple[{', '.join(parts)}]" if parts else "Tuple[()]"
            fields = (f"{name}: {part}" for name, part in zip(names, parts, strict=True))
            return f"{_own_name(type_)}({', '.join(fields)})"
        case "NoneType":
            return "None"
        case "ClassType" | "InterfaceType":
            return _own_name(type_)
        case _:
            return str(type_.annotation_str)


def field_names(type_: Any) -> tuple[str, ...]:
    """The names of a record's fields; none for a tuple without names."""
    text = str(type_.str())
    if not text.startswith(_RECORD):
        return ()
    return tuple(part.partition(" : ")[0] for part in _split(text[len(_RECORD) : -1]))


def _split(text: str) -> Iterator[str]:
    """The parts between the commas outside of brackets."""
    depth, start = 0, 0
    for at, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            yield text[start:at].strip()
            start = at + 1
    if text:
        yield text[start:].strip()


def _own_name(type_: Any) -> str:
    return str(type_.annotation_str).rpartition(".")[2]
