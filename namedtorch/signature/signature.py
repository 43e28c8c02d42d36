"""Signatures: the parameters and the result of a function, with their dims."""

import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.hint_json import (
    default_from_json,
    default_to_json,
    hint_from_json,
    hint_to_json,
    mapping,
    sequence,
)
from namedtorch.signature.hints import (
    ANYTHING,
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
    has_dims,
)
from namedtorch.syntax.resolve import parse_shape


class Kind(Enum):
    """How a parameter takes its argument."""

    POSITIONAL_ONLY = "positional-only"
    POSITIONAL = "positional"
    VAR_POSITIONAL = "var-positional"
    KEYWORD = "keyword"
    VAR_KEYWORD = "var-keyword"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its hint, how it is passed, and its default (Unknown if it is required)."""

    name: str
    hint: Hint = ANYTHING
    kind: Kind = Kind.POSITIONAL
    default: Any = Unknown

    @property
    def required(self) -> bool:
        """Tells whether every call passes it."""
        return self.default is Unknown and self.kind not in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)

    def __str__(self) -> str:
        stars = {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}.get(self.kind, "")
        text = f"{stars}{self.name}: {self.hint}".rstrip()
        return text if self.default is Unknown else f"{text} = {self.default!r}"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives, and the constraints between its dims.

    Several results are one tuple. `yields` tells that `result` is the hint of each value that a generator yields.
    """

    parameters: tuple[Parameter, ...]
    result: Hint = ANYTHING
    where: tuple[Constraint, ...] = ()
    yields: bool = False

    def __str__(self) -> str:
        # Parameters without dims matter to a caller too; `self` does not.
        taken = ", ".join(str(one) for one in self.parameters if one.name not in ("self", "cls"))
        result = str(self.result)
        if isinstance(self.result, TupleHint):
            result = ", ".join(str(item) for item in self.result.items)
        text = f"{taken} -> {result}".strip()
        constraints = [str(one) for one in (*self._shape_constraints(), *self.where)]
        return text + (" where " + ", ".join(dict.fromkeys(constraints)) if constraints else "")

    def __repr__(self) -> str:
        return f"<Signature {self}>"

    def _shape_constraints(self) -> tuple[Constraint, ...]:
        return tuple(one for hint in self.tensors for one in hint.shape.where)

    @property
    def tensors(self) -> tuple[TensorHint, ...]:
        """Every tensor hint, of the parameters in order and of the result."""
        return tuple(
            one for hint in (*(p.hint for p in self.parameters), self.result) for one in tensors_of(hint)
        )

    @property
    def has_dims(self) -> bool:
        """Tells whether any dims stand in the signature."""
        return any(has_dims(hint) for hint in (*(p.hint for p in self.parameters), self.result))

    @property
    def attributes(self) -> frozenset[str]:
        """The attribute paths that its shapes and constraints mention."""
        found = {path for hint in self.tensors for path in hint.shape.attributes}
        found |= {symbol for one in self.where for symbol in one.symbols if is_attribute(symbol)}
        return frozenset(found)

    def parameter(self, name: str) -> Parameter:
        """The parameter of a name; raises `KeyError`."""
        for one in self.parameters:
            if one.name == name:
                return one
        raise KeyError(name)

    def closed(self, attributes: Mapping[str, int]) -> "Signature":
        """The signature with attribute paths (`self.classes`) written as constants under their label (`classes=10`)."""
        constants = {path: value for path, value in attributes.items() if path in self.attributes}

        def close(hint: TensorHint) -> TensorHint:
            return replace(hint, shape=hint.shape.closed(constants))

        sizes = {path: Size.constant(value) for path, value in constants.items()}
        return Signature(
            tuple(replace(one, hint=map_tensors(one.hint, close)) for one in self.parameters),
            map_tensors(self.result, close),
            tuple(one.substitute(sizes) for one in self.where),
            self.yields,
        )

    def without(self, *names: str) -> "Signature":
        """The signature without some parameters, such as `self`."""
        return replace(self, parameters=tuple(one for one in self.parameters if one.name not in names))

    def to_json(self) -> dict[str, Any]:
        """The signature as JSON-able data."""
        return {
            "parameters": [
                {
                    "name": one.name,
                    "kind": one.kind.value,
                    "hint": hint_to_json(one.hint),
                    # A default is written where it is a plain value; any other only says that there is one.
                    **({} if one.default is Unknown else {"default": default_to_json(one.default)}),
                }
                for one in self.parameters
            ],
            "result": hint_to_json(self.result),
            "where": [str(one) for one in self.where],
            "yields": self.yields,
        }

    @classmethod
    def from_json(cls, data: Any) -> "Signature":
        """Reads what `to_json` gave; raises `ValueError` for anything else."""
        content = mapping(data, "signature", {"parameters", "result", "where", "yields"})
        parameters = tuple(_parameter(one) for one in sequence(content["parameters"], "parameters"))
        names = [one.name for one in parameters]
        if len(set(names)) != len(names):
            raise ValueError("two parameters of the signature have one name")
        where = tuple(one for text in sequence(content["where"], "where") for one in _constraints(text))
        if not isinstance(content["yields"], bool):
            raise ValueError("`yields` of the signature is true or false")
        return cls(parameters, hint_from_json(content["result"]), where, content["yields"])


def _parameter(data: Any) -> Parameter:
    content = mapping(data, "parameter", {"name", "kind", "hint"}, {"default"})
    name = content["name"]
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name) or name == "__debug__":
        raise ValueError(f"{name!r} is not the name of a parameter")
    try:
        kind = Kind(content["kind"])
    except ValueError:
        raise ValueError(f"{content['kind']!r} is not a kind of parameter") from None
    default = default_from_json(content["default"]) if "default" in content else Unknown
    return Parameter(name, hint_from_json(content["hint"]), kind, default)


def _constraints(text: Any) -> tuple[Constraint, ...]:
    if not isinstance(text, str):
        raise ValueError("a constraint of the signature is a text")
    return parse_shape(f"where {text}").where


def tensors_of(hint: Hint) -> tuple[TensorHint, ...]:
    """The tensor hints in a hint, in the order in which they are written."""
    match hint:
        case TensorHint():
            return (hint,)
        case PlainHint():
            return ()
        case OptionalHint(inner=inner) | ListHint(item=inner) | DictHint(value=inner):
            return tensors_of(inner)
        case UnionHint(members=parts) | TupleHint(items=parts):
            return tuple(one for part in parts for one in tensors_of(part))
        case RecordHint(fields=fields):
            return tuple(one for _, part in fields for one in tensors_of(part))


def map_tensors(hint: Hint, change: Callable[[TensorHint], TensorHint]) -> Hint:
    """The hint with every tensor hint in it changed."""
    match hint:
        case TensorHint():
            return change(hint)
        case PlainHint():
            return hint
        case OptionalHint(inner=inner):
            return OptionalHint(map_tensors(inner, change))
        case ListHint(item=item):
            return replace(hint, item=map_tensors(item, change))
        case DictHint(value=value):
            return replace(hint, value=map_tensors(value, change))
        case UnionHint(members=parts):
            return UnionHint(tuple(map_tensors(part, change) for part in parts))
        case TupleHint(items=parts):
            return TupleHint(tuple(map_tensors(part, change) for part in parts))
        case RecordHint(fields=fields):
            return replace(hint, fields=tuple((name, map_tensors(part, change)) for name, part in fields))
