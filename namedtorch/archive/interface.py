"""How a flat graph is called: which of its inputs is which tensor of a call, and what its outputs make up.

TorchScript knows lists, records and numbers. torch.export, ONNX and ExecuTorch are given tensors by name and give
tensors by name: where each stands in the arguments and in the result, and what was fixed when the graph was exported,
stands here.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from namedtorch.signature.hint_json import mapping, sequence, text

Path = tuple[str | int, ...]
"""A place in the arguments of a call: ("image",), ("images", 0), ("state", "h")."""

Scalar = None | bool | int | float | str
"""What an exported graph fixes."""

_DEEPEST = 32
_MOST = 10_000
_LARGEST = 2**63 - 1

_Part = TypeVar("_Part")
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the graph, and the place of its tensor in the arguments."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is no tensor, which the graph holds as it was when it was exported."""

    path: Path
    value: Scalar


@dataclass(frozen=True, slots=True)
class Length:
    """How many elements a list has: a graph of tensors has an input for each."""

    path: Path
    length: int


@dataclass(frozen=True, slots=True)
class Output:
    """The tensor that the graph gives at this place."""

    index: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that was the same whatever the tensors were."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list or a tuple."""

    kind: Literal["list", "tuple"]
    items: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dict, in its order."""

    items: "tuple[tuple[str | int, Tree], ...]"


@dataclass(frozen=True, slots=True)
class Record:
    """A NamedTuple or a dataclass, by its name and those of its fields."""

    name: str
    fields: "tuple[tuple[str, Tree], ...]"


Tree = Output | Constant | Sequence | Mapping | Record
"""What a call gives, made of the graph's outputs."""


@dataclass(frozen=True, slots=True)
class Interface:
    """The inputs of a flat graph in its order, what it fixed, the names of its outputs, and what they make up."""

    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    result: Tree
    fixed: tuple[Fixed, ...] = ()
    lengths: tuple[Length, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The interface as JSON-able data."""
        return {
            "fixed": [{"path": list(one.path), "value": one.value} for one in self.fixed],
            "inputs": [{"name": one.name, "path": list(one.path)} for one in self.inputs],
            "lengths": [{"length": one.length, "path": list(one.path)} for one in self.lengths],
            "outputs": list(self.outputs),
            "result": _to_json(self.result),
        }

    @classmethod
    def from_json(cls, data: Any) -> "Interface":
        """Reads what `to_json` gave; raises `ValueError` for anything else."""
        content = mapping(data, "interface", {"fixed", "inputs", "lengths", "outputs", "result"})
        inputs = _each(content["inputs"], "inputs", {"name", "path"}, _input)
        outputs = tuple(text(one, "outputs") for one in _bounded(content["outputs"], "outputs"))
        for kind, names in (("inputs", [one.name for one in inputs]), ("outputs", outputs)):
            if len(set(names)) != len(names):
                raise ValueError(f"two {kind} have one name")
        result = _from_json(content["result"], len(outputs), _DEEPEST)
        # A tensor may be given twice.
        used = sorted(set(_indices(result)))
        if used != list(range(len(outputs))):
            raise ValueError(f"the result is made of the outputs {used[:10]}, and there are {len(outputs)}")
        return cls(
            inputs,
            outputs,
            result,
            _each(content["fixed"], "fixed", {"path", "value"}, _fixed),
            _each(content["lengths"], "lengths", {"length", "path"}, _length),
        )


def _to_json(tree: Tree) -> dict[str, Any]:
    match tree:
        case Output(index=index):
            return {"output": index}
        case Constant(value=value):
            return {"value": value}
        case Sequence(kind=kind, items=items):
            return {kind: [_to_json(one) for one in items]}
        case Mapping(items=items):
            return {"dict": [[key, _to_json(one)] for key, one in items]}
        case Record(name=name, fields=fields):
            return {"record": name, "fields": [[field, _to_json(one)] for field, one in fields]}


def _from_json(data: Any, outputs: int, deepest: int) -> Tree:
    if deepest == 0:
        raise ValueError(f"the result is nested more than {_DEEPEST} deep")
    if not isinstance(data, dict):
        raise ValueError("a part of the result is an object")
    content = cast("dict[str, Any]", data)

    def pairs(name: str) -> Iterator[tuple[Any, Tree]]:
        for one in _bounded(content[name], name):
            pair = sequence(one, name)
            if len(pair) != 2:
                raise ValueError(f"an entry of {name!r} is a name and a value")
            yield pair[0], _from_json(pair[1], outputs, deepest - 1)

    match sorted(content):
        case ["output"]:
            return Output(_count(content["output"], "output", outputs - 1))
        case ["value"]:
            return Constant(_scalar(content["value"]))
        case ["list" | "tuple" as kind]:
            items = tuple(_from_json(one, outputs, deepest - 1) for one in _bounded(content[kind], kind))
            return Sequence("list" if kind == "list" else "tuple", items)
        case ["dict"]:
            return Mapping(_distinct(tuple((_step(key), one) for key, one in pairs("dict"))))
        case ["fields", "record"]:
            fields = _distinct(tuple((_identifier(name), one) for name, one in pairs("fields")))
            return Record(_identifier(content["record"]), fields)
        case names:
            raise ValueError(f"no part of a result has {names[:5]}")


def _indices(tree: Tree) -> Iterator[int]:
    """The outputs in a tree."""
    match tree:
        case Output(index=index):
            yield index
        case Constant():
            pass
        case Sequence(items=items):
            for one in items:
                yield from _indices(one)
        case Mapping(items=items):
            for _, one in items:
                yield from _indices(one)
        case Record(fields=fields):
            for _, one in fields:
                yield from _indices(one)


def _each(
    data: Any, name: str, fields: set[str], read: Callable[[dict[str, Any]], _Part]
) -> tuple[_Part, ...]:
    return tuple(read(mapping(one, name, fields)) for one in _bounded(data, name))


def _input(fields: dict[str, Any]) -> Input:
    return Input(text(fields["name"], "name"), _path(fields["path"]))


def _fixed(fields: dict[str, Any]) -> Fixed:
    return Fixed(_path(fields["path"]), _scalar(fields["value"]))


def _length(fields: dict[str, Any]) -> Length:
    return Length(_path(fields["path"]), _count(fields["length"], "length", _MOST))


def _path(data: Any) -> Path:
    steps = sequence(data, "path")
    if not 1 <= len(steps) <= _DEEPEST:
        raise ValueError(f"a path has {len(steps)} steps")
    return (_identifier(steps[0]), *(_step(one) for one in steps[1:]))


def _step(data: Any) -> str | int:
    return _count(data, "step", _LARGEST) if type(data) is int else text(data, "step")


def _identifier(data: Any) -> str:
    name = text(data, "name")
    # Python reads two spellings of one name in source as one.
    if not name.isidentifier() or unicodedata.normalize("NFKC", name) != name:
        raise ValueError(f"{name[:80]!r} is no name")
    return name


def _scalar(data: Any) -> Scalar:
    if data is None or isinstance(data, bool | int | float | str):
        if isinstance(data, int) and abs(data) > _LARGEST:
            raise ValueError(f"{str(data)[:40]} is no number of a graph")
        return data
    raise ValueError(f"{type(data).__name__} is nothing that a graph fixes")


def _count(data: Any, name: str, largest: int) -> int:
    if type(data) is not int or not 0 <= data <= largest:
        raise ValueError(f"{name!r} is a whole number up to {largest}, not {str(data)[:40]}")
    return data


def _bounded(data: Any, name: str) -> tuple[Any, ...]:
    found = sequence(data, name)
    if len(found) > _MOST:
        raise ValueError(f"{name!r} has {len(found)} entries, at most {_MOST}")
    return tuple(found)


def _distinct(pairs: tuple[tuple[_Key, Tree], ...]) -> tuple[tuple[_Key, Tree], ...]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a part of the result has two values of one name")
    return pairs
