"""Flattening: a call as the tensors in it, and a module that takes and gives nothing but tensors."""

import dataclasses
import inspect
import keyword
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor, nn

from namedtorch.archive.interface import (
    Constant,
    Fixed,
    Input,
    Interface,
    Length,
    Output,
    Path,
    Record,
    Scalar,
    Tree,
)
from namedtorch.archive.interface import Mapping as MappingTree
from namedtorch.archive.interface import Sequence as SequenceTree
from namedtorch.diagnostics import LowerError
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    RecordHint,
    TensorHint,
    TupleHint,
)
from namedtorch.signature.plan import spread
from namedtorch.signature.signature import Kind, Signature

_SYMBOLIC = (torch.SymInt, torch.SymFloat, torch.SymBool)


@dataclass(frozen=True, slots=True)
class FlatInput:
    """A tensor of a call: its input, its value, its hint (None without dims), the element of a container that it is."""

    input: Input
    value: Tensor
    hint: TensorHint | None
    scope: str


@dataclass(slots=True)
class FlatCall:
    """A call, its arguments by parameter, flattened by a narrowed signature: `inputs`, `fixed` and `lengths`.

    Raises LowerError, in which `name` is the model, for an argument that no file can hold.
    """

    signature: Signature
    values: Mapping[str, Any]
    name: str
    inputs: list[FlatInput] = field(default_factory=list[FlatInput])
    fixed: list[Fixed] = field(default_factory=list[Fixed])
    lengths: list[Length] = field(default_factory=list[Length])
    _names: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        for one in self.signature.parameters:
            value = self.values[one.name]
            if not _is_plain(value) and value is one.default:
                # A default that no file can hold: the graph has it, and a call leaves it out.
                continue
            self._walk(spread(one), value, (one.name,), "")

    def arguments(self, tensors: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of the model, by position and by keyword, with these tensors in the place of those given."""
        places = {one.input.path: index for index, one in enumerate(self.inputs)}
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for one in self.signature.parameters:
            value = _replaced(self.values[one.name], (one.name,), places, tensors)
            match one.kind:
                case Kind.VAR_POSITIONAL:
                    args += value
                case Kind.VAR_KEYWORD:
                    kwargs |= value
                case Kind.KEYWORD:
                    kwargs[one.name] = value
                case _:
                    args.append(value)
        return tuple(args), kwargs

    def _walk(self, hint: Hint | None, value: Any, path: Path, scope: str) -> None:
        if isinstance(hint, OptionalHint):
            hint = hint.inner
        if isinstance(value, Tensor):
            known = hint if isinstance(hint, TensorHint) else None
            self.inputs.append(FlatInput(Input(self._name(path), path), value, known, scope))
        elif isinstance(value, bool | int | float | str) or value is None:
            self.fixed.append(Fixed(path, value))
        elif _is_record(value):
            fields = dict(hint.fields) if isinstance(hint, RecordHint) else {}
            for name, part in _fields(value):
                self._walk(fields.get(name), part, (*path, name), f"{scope}.{name}")
        elif isinstance(value, list | tuple):
            items = cast("Sequence[Any]", value)
            hints = _items(hint, len(items))
            if not isinstance(hint, TupleHint) or not items:
                self.lengths.append(Length(path, len(items)))
            for place, (one, part) in enumerate(zip(hints, items, strict=True)):
                self._walk(one, part, (*path, place), f"{scope}[{place}]")
        elif isinstance(value, Mapping) and value and all(type(key) in (str, int) for key in value):
            for key, part in cast("Mapping[str | int, Any]", value).items():
                inner = hint.value if isinstance(hint, DictHint) else None
                self._walk(inner, part, (*path, key), f"{scope}[{key}]")
        elif isinstance(value, Mapping) and not value:
            self.lengths.append(Length(path, 0))
        else:
            raise LowerError(
                f"{self.name} can't be exported: `{path[0]}` holds a `{type(value).__name__}`, and a file holds "
                "tensors, numbers and texts in lists, tuples, dicts and records"
            )

    def _name(self, path: Path) -> str:
        return _free("_".join(map(str, path)), self._names)


class _Given:
    """What a module gave last; torch.export takes back what it finds changed in a module's own lists and dicts."""

    result: "FlatResult | None" = None


class Flat(nn.Module):
    """A module of tensors around another module, or a function: one argument for each tensor of a call.

    Parameters and buffers have the names that they have in the module itself. After a call, `result` says what the
    outputs make up.
    """

    def __init__(self, target: nn.Module | Callable[..., Any], call: FlatCall) -> None:
        super().__init__()
        run: Callable[..., Any] = target
        if isinstance(target, nn.Module):
            if _has_hooks(target):
                self.model = target
            else:
                # What torch names by the place in the module around it is to be named as in the user's.
                self._parameters, self._buffers = target._parameters, target._buffers
                self._modules = target._modules
                self._non_persistent_buffers_set = target._non_persistent_buffers_set
                run = _forward_of(target)
        self.train(False)
        given = _Given()

        def forward(*tensors: Any) -> Any:
            args, kwargs = call.arguments(tensors)
            made = FlatResult(run(*args, **kwargs), call.name, {one.input.name for one in call.inputs})
            given.result = made
            return tuple(made.tensors)

        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(one.input.name, kind) for one in call.inputs]
        cast("Any", forward).__signature__ = inspect.Signature(parameters)
        self._given = given
        self.forward = forward

    @property
    def result(self) -> "FlatResult":
        """What the last call gave."""
        assert self._given.result is not None
        return self._given.result


@dataclass(slots=True)
class FlatResult:
    """A result, flattened: its `tensors`, their `names`, and the `tree` that they make up.

    Raises LowerError for a result that no file can hold, and for one without tensors; `name` is the model, `taken` are
    the names of its inputs.
    """

    value: dataclasses.InitVar[Any]
    name: str
    taken: dataclasses.InitVar[Iterable[str]]
    tensors: list[Any] = field(default_factory=list[Any])
    names: list[str] = field(default_factory=list[str])
    tree: Tree = field(init=False)
    _names: set[str] = field(init=False)

    def __post_init__(self, value: Any, taken: Iterable[str]) -> None:
        self._names = set(taken)
        self.tree = self._walk(value, ())
        if not self.tensors:
            raise LowerError(f"{self.name} can't be exported: it gives no tensor")

    def interface(self, call: FlatCall) -> Interface:
        """The interface of the graph of this call."""
        inputs = tuple(one.input for one in call.inputs)
        return Interface(inputs, tuple(self.names), self.tree, tuple(call.fixed), tuple(call.lengths))

    def _walk(self, value: Any, path: Path) -> Tree:
        if isinstance(value, Tensor):
            # A tensor that the result holds twice is one output.
            for index, one in enumerate(self.tensors):
                if one is value:
                    return Output(index)
            own = "_".join(map(str, path))
            self.tensors.append(value)
            self.names.append(
                _free(own if own and not own[0].isdigit() else f"output_{own}".rstrip("_"), self._names)
            )
            return Output(len(self.tensors) - 1)
        if isinstance(value, _SYMBOLIC):
            raise LowerError(
                f"{self.name} can't be exported: {_place(path)} is a number that is computed from sizes, and a graph "
                "gives tensors; leave it out, or give torch.tensor(...) of it"
            )
        if isinstance(value, bool | int | float | str) or value is None:
            return Constant(cast("Scalar", value))
        if _is_record(value):
            fields = tuple((name, self._walk(part, (*path, name))) for name, part in _fields(value))
            return Record(type(value).__name__, fields)
        if isinstance(value, list | tuple):
            parts = tuple(
                self._walk(part, (*path, place)) for place, part in enumerate(cast("Sequence[Any]", value))
            )
            return SequenceTree("list" if isinstance(value, list) else "tuple", parts)
        if isinstance(value, Mapping) and all(
            type(key) in (str, int) for key in cast("Mapping[Any, Any]", value)
        ):
            entries = cast("Mapping[str | int, Any]", value).items()
            return MappingTree(tuple((key, self._walk(part, (*path, key))) for key, part in entries))
        raise LowerError(
            f"{self.name} can't be exported: {_place(path)} is a `{type(value).__name__}`, and a file gives tensors, "
            "numbers and texts in lists, tuples, dicts and records"
        )


def _forward_of(module: nn.Module) -> Callable[..., Any]:
    """The forward of a module, without the call around it: torch knows modules by their place in the outermost one."""

    def run(*args: Any, **kwargs: Any) -> Any:
        return module.forward(*args, **kwargs)

    return run


def _has_hooks(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


def _replaced(value: Any, path: Path, places: Mapping[Path, int], tensors: Sequence[Any]) -> Any:
    """A value with other tensors in the place of those that are inputs."""
    if isinstance(value, Tensor):
        return tensors[places[path]] if path in places else value
    if _is_record(value):
        parts = {name: _replaced(part, (*path, name), places, tensors) for name, part in _fields(value)}
        return type(value)(**parts) if isinstance(value, tuple) else dataclasses.replace(value, **parts)
    if isinstance(value, list | tuple):
        items = cast("Sequence[Any]", value)
        made = [_replaced(part, (*path, place), places, tensors) for place, part in enumerate(items)]
        return made if isinstance(value, list) else tuple(made)
    if isinstance(value, dict):
        entries = cast("Mapping[Any, Any]", value)
        return {key: _replaced(part, (*path, key), places, tensors) for key, part in entries.items()}
    return value


def _is_plain(value: Any) -> bool:
    """Whether a file can hold a value that is no tensor; a container may."""
    return (
        isinstance(value, bool | int | float | str | list | tuple | dict | Tensor)
        or value is None
        or _is_record(value)
    )


def _is_record(value: Any) -> bool:
    if isinstance(value, type):
        return False
    return (isinstance(value, tuple) and hasattr(value, "_fields")) or dataclasses.is_dataclass(value)


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    record = cast("Any", value)
    names = record._fields if isinstance(value, tuple) else [one.name for one in dataclasses.fields(record)]
    for name in cast("Iterable[str]", names):
        yield name, getattr(value, name)


def _items(hint: Hint | None, count: int) -> Sequence[Hint | None]:
    match hint:
        case ListHint(item=item):
            return [item] * count
        case TupleHint(items=items) if len(items) == count:
            return items
        case _:
            return [None] * count


def _free(wanted: str, taken: set[str]) -> str:
    """An identifier that is not taken, and is from now on: like what is wanted."""
    name = "".join(one if one.isidentifier() or one.isdigit() else "_" for one in wanted)
    name = name if name.isidentifier() and not keyword.iskeyword(name) else f"_{name}"
    free, count = name, 2
    while free in taken:
        free, count = f"{name}_{count}", count + 1
    taken.add(free)
    return free


def _place(path: Path) -> str:
    return f"the result's `{'.'.join(map(str, path))}`" if path else "the result"
