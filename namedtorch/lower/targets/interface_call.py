"""Calls of a flat graph: the arguments of a call as the graph's inputs, its outputs as the result."""

import dataclasses
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, NoReturn, cast

from torch import Tensor

from namedtorch.archive.interface import (
    Constant,
    Interface,
    Output,
    Path,
    Record,
    Scalar,
    Tree,
)
from namedtorch.archive.interface import Mapping as MappingTree
from namedtorch.archive.interface import Sequence as SequenceTree
from namedtorch.diagnostics import DimError, Failure
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.given_example import call_signature
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.signature import Kind, Signature

Run = Callable[[Sequence[Tensor]], Sequence[Any]]
"""A flat graph: from its inputs, in order, to its outputs."""

Alone = Callable[[Tensor], Any]
"""A flat graph of one input and one output, without sequences around them."""

_Take = Callable[[Any, list[Any]], None]
_BY_PLACE = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)


class InterfaceCall:
    """Calls a flat graph as the model that it was exported from was called; a guard has checked the arguments.

    `call` does it, by position and by keyword; `behind_guard` the same for what a guard hands on, which is every
    argument, by position where the signature has it so. They raise DimError where a value that the graph fixed is
    another one, where a list has another length, or where a tensor is None; TypeError for arguments that the signature
    does not take. Raises ValueError for an interface that is none of the signature.
    """

    def __init__(
        self, interface: Interface, signature: Signature, run: Run, alone: Alone | None = None
    ) -> None:
        self.interface = interface
        self.signature = signature
        rebuild = _rebuilder(interface.result)
        self._flatten = _arguments(interface, signature)
        self.call = _any_call(run, rebuild, self._flatten)
        self.behind_guard = self.call
        if _all_tensors(interface, signature):
            whole = len(interface.inputs) == 1 and interface.result == Output(0)
            self.behind_guard = alone if whole and alone is not None else _plain_call(run, rebuild)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.call(*args, **kwargs)

    def inputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Tensor]:
        """The inputs of the graph for the arguments of a call; raises as a call does."""
        return self._flatten(args, kwargs)


def _all_tensors(interface: Interface, signature: Signature) -> bool:
    """Whether every argument is one tensor and never None, in the order of the graph's inputs."""
    names = [
        (one.name,)
        for one in signature.parameters
        if one.kind in _BY_PLACE and isinstance(one.hint, TensorHint)
    ]
    return (
        len(names) == len(signature.parameters)
        and [one.path for one in interface.inputs] == names
        and not interface.fixed
        and not interface.lengths
    )


def _plain_call(run: Run, rebuild: Callable[[Sequence[Any]], Any]) -> Callable[..., Any]:
    # Each microsecond counts.
    def call(*args: Any) -> Any:
        return rebuild(run(args))

    return call


def _any_call(run: Run, rebuild: Callable[[Sequence[Any]], Any], flatten: "_Flatten") -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return rebuild(run(flatten(args, kwargs)))

    return call


_Flatten = Callable[[tuple[Any, ...], dict[str, Any]], list[Any]]


def _arguments(interface: Interface, signature: Signature) -> _Flatten:
    """What gives the inputs of the graph for the arguments of a call."""
    root = _tree_of(interface)
    names = [one.name for one in signature.parameters]
    foreign = [name for name in root.parts if name not in names]
    if foreign:
        raise ValueError(f"the interface speaks of `{foreign[0]}`, which the signature has not")
    takes: list[_Take] = []
    for one in signature.parameters:
        node = root.parts.get(one.name)
        takes.append(_unused(one.name, one.default) if node is None else _take(node, (one.name,)))
    count = len(interface.inputs)
    by_place = sum(one.kind in _BY_PLACE for one in signature.parameters)
    simple = all(one.kind in (*_BY_PLACE, Kind.KEYWORD) for one in signature.parameters)
    defaults = [one.default for one in signature.parameters]
    bind = call_signature(signature).bind

    def values_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sequence[Any]:
        if simple and len(args) <= by_place:
            values = list(args)
            left = len(kwargs)
            for name, default in zip(names[len(args) :], defaults[len(args) :], strict=True):
                if name in kwargs:
                    values.append(kwargs[name])
                    left -= 1
                else:
                    values.append(default)
            if not left and all(one is not Unknown for one in values):
                return values
        bound = bind(*args, **kwargs)
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def flatten(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        tensors: list[Any] = [None] * count
        for take, value in zip(takes, values_of(args, kwargs), strict=True):
            take(value, tensors)
        return tensors

    return flatten


@dataclass(slots=True)
class _Node:
    """A place in the arguments: a tensor (`index`), a fixed value, or a container with parts (of so many elements)."""

    index: int | None = None
    fixed: list[Scalar] = field(default_factory=list[Scalar])
    parts: "dict[str | int, _Node]" = field(default_factory=dict[str | int, "_Node"])
    length: int | None = None

    def at(self, path: Path) -> "_Node":
        node = self
        for step in path:
            node = node.parts.setdefault(step, _Node())
        return node

    @property
    def kinds(self) -> int:
        """How many of the three it is."""
        holds = bool(self.parts) or self.length is not None
        return (self.index is not None) + bool(self.fixed) + holds


def _tree_of(interface: Interface) -> _Node:
    root = _Node()
    for index, one in enumerate(interface.inputs):
        node = root.at(one.path)
        if node.index is not None:
            raise ValueError(f"two inputs of the interface are {_written(one.path)}")
        node.index = index
    for one in interface.fixed:
        root.at(one.path).fixed.append(one.value)
    for one in interface.lengths:
        root.at(one.path).length = one.length
    _check(root, ())
    return root


def _check(node: _Node, path: Path) -> None:
    for step, part in node.parts.items():
        here = (*path, step)
        if part.kinds != 1 or len(part.fixed) > 1:
            raise ValueError(f"the interface says two things of {_written(here)}")
        _check(part, here)
    if node.length is not None and set(node.parts) != set(range(node.length)):
        raise ValueError(f"the interface does not speak of all elements of {_written(path)}")


def _take(node: _Node, path: Path) -> _Take:
    """What puts the tensors of a value into the inputs."""
    if node.index is not None:
        return _tensor(node.index, path)
    if node.fixed:
        return _fixed(node.fixed[0], path)
    parts = [(step, _take(one, (*path, step))) for step, one in node.parts.items()]
    return _container(parts, node.length, path)


def _tensor(index: int, path: Path) -> _Take:
    def take(value: Any, tensors: list[Any]) -> None:
        if value is None:
            _refuse("wrong-type", path, f"{_written(path)} is None, and this file was exported with a tensor")
        tensors[index] = value

    return take


def _fixed(wanted: Scalar, path: Path) -> _Take:
    kind = type(wanted)
    number = kind in (int, float)

    def take(value: Any, tensors: list[Any]) -> None:
        if value is wanted:
            return
        # numpy's float64 is a float as well, and a bool is no number.
        same = type(value) is kind or (number and isinstance(value, int | float) and type(value) is not bool)
        # NaN is what it was.
        if same and (value == wanted or (value != value and wanted != wanted)):
            return
        name = _written(path)
        if wanted is None:
            what = f"{name} is None in this file, which was exported without it; leave it out"
        elif value is None:
            what = f"{name} is {wanted!r} in this file, which fixed it when it was exported; got None"
        else:
            what = (
                f"{name} is {wanted!r} in this file, which fixed it when it was exported; got {_told(value)}"
            )
        _refuse("wrong-type", path, what)

    return take


def _unused(name: str, default: Any) -> _Take:
    """An argument that is neither tensor nor anything that a file can hold: its default was exported."""

    def take(value: Any, tensors: list[Any]) -> None:
        if value is not default and not (type(value) is type(default) and value == default):
            _refuse(
                "wrong-type", (name,), f"`{name}` has its default in this file, which fixed it; leave it out"
            )

    return take


def _container(parts: list[tuple[str | int, _Take]], length: int | None, path: Path) -> _Take:
    keys = {step for step, _ in parts}

    def take(value: Any, tensors: list[Any]) -> None:
        if isinstance(value, Mapping):
            given = cast("Mapping[Any, Any]", value)
            if given.keys() != keys:
                wanted, got = (
                    ", ".join(repr(step) for step, _ in parts),
                    ", ".join(map(repr, given)) or "none",
                )
                _refuse(
                    "container-differs",
                    path,
                    f"{_written(path)} has the keys {wanted} in this file, which fixed them when it was exported; "
                    f"got {got}",
                )
            for step, one in parts:
                one(given[step], tensors)
            return
        if length is not None:
            if not isinstance(value, Sequence):
                value = _listed(value, path)
            if len(value) != length:
                many = f"{length} element{'s' * (length != 1)}"
                _refuse(
                    "container-differs",
                    path,
                    f"{_written(path)} has {many} in this file, which fixed them when it was exported; "
                    f"got {len(value)}",
                )
        for step, one in parts:
            try:
                part = value[step] if isinstance(step, int) else getattr(value, step)
            except (AttributeError, IndexError, KeyError, TypeError):
                _refuse("container-differs", path, f"{_written(path)} lacks {_written((*path, step))}")
            one(part, tensors)

    return take


def keys_of(parts: Sequence[tuple[str | int, Any]]) -> list[str | int]:
    """The keys of a mapping, in its order."""
    return [step for step, _ in parts]


def _listed(value: Any, path: Path) -> Any:
    """A deque as a list; raises DimError for what has no order."""
    try:
        return list(value)
    except TypeError:
        _refuse(
            "container-differs", path, f"{_written(path)} is a `{type(value).__name__}`, and was to be a list"
        )


def _refuse(code: str, path: Path, message: str) -> NoReturn:
    raise DimError.of([Failure(code, message, argument=str(path[0]))])


def _written(path: Path) -> str:
    """A place in the arguments, for a reader: `state.h`, `images[0]`."""
    steps = [
        f"[{one}]" if isinstance(one, int) else f".{one}" if one.isidentifier() else f"[{one!r}]"
        for one in path[1:]
    ]
    return "`" + "".join([str(path[0]) if path else "", *steps]) + "`"


def _told(value: Any) -> str:
    if isinstance(value, Tensor):
        return "a tensor"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _rebuilder(tree: Tree) -> Callable[[Sequence[Any]], Any]:
    """What makes the result of the graph's outputs."""
    match tree:
        case Output(index=index):
            return itemgetter(index)
        case Constant(value=value):
            return lambda _: value
        case SequenceTree(kind=kind, items=items):
            parts = [_rebuilder(one) for one in items]
            if kind == "list":
                return lambda outputs: [one(outputs) for one in parts]
            return lambda outputs: tuple([one(outputs) for one in parts])
        case MappingTree(items=items):
            entries = [(key, _rebuilder(one)) for key, one in items]
            return lambda outputs: {key: one(outputs) for key, one in entries}
        case Record(name=name, fields=fields):
            made = record_type(name, tuple(field for field, _ in fields))
            values = [_rebuilder(one) for _, one in fields]
            return lambda outputs: made(*[one(outputs) for one in values])


@lru_cache(maxsize=256)
def record_type(name: str, fields: tuple[str, ...]) -> Callable[..., Any]:
    """A class of records with these fields, which knows no more than their names; raises ValueError for bad ones."""
    if any(one.startswith("_") for one in fields):
        try:
            return dataclasses.make_dataclass(name, fields, frozen=True)
        except TypeError as error:
            raise ValueError(str(error)) from None
    return cast("Callable[..., Any]", namedtuple(name, fields))  # the names are data
