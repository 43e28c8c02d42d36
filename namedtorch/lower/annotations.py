"""Python's annotations as TorchScript's types."""

import collections.abc
import types
import typing
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final, ForwardRef, Literal, NewType, Optional, TypeVar, Union

import torch

from namedtorch.signature.hints import OptionalHint, TensorHint, UnionHint, read_hint
from namedtorch.values.named_tensor import NamedTensor

# Python 3.11 has no `type X = ...`.
_ALIAS: type[Any] | tuple[()] = getattr(typing, "TypeAliasType", ())

_SEQUENCES = (list, collections.abc.Sequence, collections.abc.MutableSequence)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_UNIONS = (Union, types.UnionType)

Records = Callable[[type], type]
"""Gives the class that stands for a class in the graph: itself, or a NamedTuple class with plain fields."""

# `List` and not `list`: a subscripted `typing` alias is what both torch's reader of texts and that of objects know.
_List: Any = typing.List  # noqa: UP006
_Tuple: Any = typing.Tuple  # noqa: UP006
_Dict: Any = typing.Dict  # noqa: UP006


class TypeReader:
    """Reads annotations as types that TorchScript knows.

    `records` gives the class that stands for a class in the graph; `evaluate` gives the object that an annotation in
    quotes means, or the text itself where it can't be known.
    """

    def __init__(self, records: Records, evaluate: Callable[[str], Any]) -> None:
        self._records = records
        self._evaluate = evaluate

    def graph_type(self, annotation: Any) -> Any:
        """The type of an annotation in the graph; what TorchScript knows no type for is returned as it is.

        Tensor annotations become `torch.Tensor`, of ours, jaxtyping's, and in `Annotated`, and of tensors that carry
        names, which code has erased when it comes to a graph; `Literal` becomes the type
        of its values, `NewType` what it stands for, `Sequence` a list, `X | None` an Optional. An annotation in which
        nothing changes is returned itself, so that `is` tells.
        """
        if isinstance(annotation, ForwardRef | str):
            meant = self.read(annotation)
            return annotation if isinstance(meant, ForwardRef | str) else self.graph_type(meant)
        arrays = arrays_of(annotation)
        if arrays:
            if not all(array is Any or issubclass(array, torch.Tensor | NamedTensor) for array in arrays):
                return annotation
            return Optional[torch.Tensor] if _is_optional(annotation) else torch.Tensor  # noqa: UP045
        if isinstance(annotation, NewType):
            return self.graph_type(annotation.__supertype__)
        if _ALIAS and isinstance(annotation, _ALIAS):
            return self.graph_type(annotation.__value__)
        if isinstance(annotation, TypeVar):
            return annotation if annotation.__bound__ is None else self.graph_type(annotation.__bound__)
        if annotation is NamedTensor:
            return torch.Tensor
        if isinstance(annotation, type) and not typing.get_args(annotation):
            return self._records(annotation)
        return self._generic(annotation, typing.get_origin(annotation), typing.get_args(annotation))

    def read(self, annotation: Any) -> Any:
        """The annotation itself, or what it means if it stands in quotes."""
        if isinstance(annotation, ForwardRef):
            annotation = annotation.__forward_arg__
        return self._evaluate(annotation) if isinstance(annotation, str) else annotation

    def _generic(self, annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> Any:
        if origin is Annotated:
            return self.graph_type(arguments[0])
        if origin is Literal:
            return Union[tuple(type(value) for value in arguments)]  # noqa: UP007
        inner = tuple(self.graph_type(argument) for argument in arguments)
        same = all(new is old for new, old in zip(inner, arguments, strict=True))
        if origin in _UNIONS:
            return annotation if same and origin is Union else Union[inner]  # noqa: UP007
        if origin in _SEQUENCES:
            return annotation if same and origin is list else _List[inner]
        if origin in _MAPPINGS:
            return annotation if same and origin is dict else _Dict[inner]
        if same:
            return annotation
        if origin is tuple:
            return _Tuple[inner]
        if origin is Final:
            return Final[inner[0]]  # pyright: ignore[reportInvalidTypeForm]
        return annotation


def arrays_of(annotation: Any) -> tuple[Any, ...]:
    """The classes of arrays in `Float[array, "N C"]`, of ours or jaxtyping's; none for any other annotation."""
    if not isinstance(annotation, type):
        return ()
    hint = read_hint(annotation)
    hint = hint.inner if isinstance(hint, OptionalHint) else hint
    members = hint.members if isinstance(hint, UnionHint) else (hint,)
    found = [one.array_type for one in members if isinstance(one, TensorHint)]
    return tuple(found) if len(found) == len(members) else ()


def _is_optional(annotation: Any) -> bool:
    return isinstance(read_hint(annotation), OptionalHint)


def type_text(graph: Any, name_of: Callable[[Any], str]) -> str:
    """The type as TorchScript's compiler reads it; `name_of` names what the compiler has to look up."""
    if graph is torch.Tensor:
        return "Tensor"
    if graph is None or graph is type(None):
        return "None"
    if graph is Ellipsis:
        # A tuple of any length: TorchScript has none, and says so at this place.
        return "..."
    if graph is Any:
        return "Any"
    if graph in (int, float, bool, str, complex):
        return graph.__name__
    origin, arguments = typing.get_origin(graph), typing.get_args(graph)
    if origin in _UNIONS:
        others = [one for one in arguments if one is not type(None)]
        if len(others) == 1:
            return f"Optional[{type_text(others[0], name_of)}]"
        return _subscripted("Union", arguments, name_of)
    if origin is list and arguments:
        return _subscripted("List", arguments, name_of)
    if origin is dict and arguments:
        return _subscripted("Dict", arguments, name_of)
    if origin is tuple:
        return _subscripted("Tuple", arguments, name_of) if arguments else "Tuple[()]"
    return name_of(graph)


def _subscripted(name: str, arguments: Iterable[Any], name_of: Callable[[Any], str]) -> str:
    return f"{name}[{', '.join(type_text(argument, name_of) for argument in arguments)}]"
