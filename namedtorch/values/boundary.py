"""`Boundary`: where named tensors become plain and plain ones named, by a signature of the language of shapes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from torch import Tensor
from torch.compiler import is_dynamo_compiling

from namedtorch.diagnostics import DimError, Failure
from namedtorch.signature.boundary_text import shapes_of
from namedtorch.signature.text import parse_signature
from namedtorch.values.boundary_dims import (
    Groups,
    Sizes,
    bindings_of,
    groups_of,
    hold_results,
    names_of,
    says_sizes,
)
from namedtorch.values.named_tensor import Dims, NamedTensor, plain
from namedtorch.values.operation import MOST_PLANS


@dataclass(frozen=True, slots=True)
class Boundary:
    """A signature by which plain code takes and gives named tensors.

    `text` is the signature, `owner` what messages call the code, `parameters` the names of its parameters from the
    left.
    """

    text: str
    owner: str
    parameters: tuple[str, ...]
    taken: tuple[str, ...] = field(init=False)
    sized: bool = field(init=False)
    quick: dict[Any, Dims] = field(init=False, default_factory=dict[Any, Dims])

    def __post_init__(self) -> None:
        taken, results = shapes_of(parse_signature(self.text))
        object.__setattr__(self, "taken", tuple(taken))
        object.__setattr__(self, "sized", any(says_sizes(shape) for shape in results))

    def cross(
        self,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        keywords: Mapping[str, Any],
        *before: Any,
    ) -> Any:
        """Calls a function with plain tensors, behind the arguments `before`, and names what it gives.

        Raises `DimError` for arguments that do not fit the signature: other names, other sizes, tensors that are plain;
        and for results of other sizes.
        """
        if (
            len(arguments) == 1
            and not keywords
            and type(arguments[0]) is NamedTensor
            and not is_dynamo_compiling()
        ):
            return self._cross_one(function, arguments[0], before)
        told = self._entered(arguments, keywords)
        result = function(
            *before,
            *[plain(one) for one in arguments],
            **{name: plain(one) for name, one in keywords.items()},
        )
        return self._left(result, *told)

    def _cross_one(self, function: Callable[..., Any], value: NamedTensor, before: tuple[Any, ...]) -> Any:
        """The same for one tensor, of which calls are remembered by dims and sizes."""
        tensor = value.tensor
        key = value.dims, tensor.shape
        # Sizes that are traced are no key.
        fixed = all(type(size) is int for size in tensor.shape)
        known = self.quick.get(key) if fixed else None
        if known is not None:
            result = function(*before, tensor)
            if type(result) is Tensor and result.dim() == len(known):
                return NamedTensor(result, known)
            return self._left(result, *self._entered((value,), {}))
        told = self._entered((value,), {})
        named = self._left(function(*before, tensor), *told)
        if fixed and not self.sized and type(named) is NamedTensor:
            if len(self.quick) >= MOST_PLANS:
                self.quick.clear()
            self.quick[key] = named.dims
        return named

    def _entered(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> tuple[Groups, Sizes | None]:
        """The names of groups, and the sizes of the arguments, None while they are traced. Raises `DimError`."""
        tensors = self._tensors(arguments, keywords)
        dims = tuple([(name, one.dims) for name, one in tensors])
        if is_dynamo_compiling():
            groups, refusal = _told_groups(self.text, self.owner, dims)
            if refusal is not None:
                raise DimError(refusal)
            return groups, None
        groups = groups_of(self.text, self.owner, dims)
        sizes = _numbers([(name, one.tensor) for name, one in tensors])
        if sizes is not None:
            bindings_of(self.text, self.owner, sizes)
        return groups, sizes

    def _left(self, result: Any, groups: Groups, sizes: Sizes | None) -> Any:
        """The result under names. Raises `DimError`."""
        leaves: list[Tensor | None] = []
        _gather(result, leaves)
        ranks = tuple([None if one is None else one.dim() for one in leaves])
        if is_dynamo_compiling():
            names, refusal = _told_names(self.text, self.owner, groups, ranks)
            if refusal is not None:
                raise DimError(refusal)
            return _named(result, list(names))
        names = names_of(self.text, self.owner, groups, ranks)
        given = _numbers([("", one) for one in leaves if one is not None]) if self.sized else None
        if sizes is not None and given is not None and None not in ranks:
            hold_results(self.text, self.owner, sizes, given)
        return _named(result, list(names))

    def _tensors(
        self, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> list[tuple[str, NamedTensor]]:
        """The tensors among the arguments that the signature speaks of."""
        found: list[tuple[str, NamedTensor]] = []
        for place, value in enumerate(arguments):
            if place < len(self.parameters) and self.parameters[place] in self.taken:
                self._add(self.parameters[place], self.parameters[place], value, found)
        for name, value in keywords.items():
            if name in self.taken:
                self._add(name, name, value, found)
        return found

    def _add(self, name: str, argument: str, value: Any, found: list[tuple[str, NamedTensor]]) -> None:
        if isinstance(value, NamedTensor):
            found.append((name, value))
        elif isinstance(value, Tensor):
            raise self._plain(name, argument)
        elif isinstance(value, (tuple, list)):
            for place, one in enumerate(cast("Sequence[Any]", value)):
                self._add(name, f"{argument}[{place}]", one, found)

    def _plain(self, name: str, argument: str) -> DimError:
        shape = shapes_of(parse_signature(self.text))[0][name]
        text = f"`{argument}` is a plain tensor, and its dims are told by name"
        help = f'write `named({argument}, "{shape.without_where()}")` where its dims are known'
        return DimError.of([Failure("wrong-type", text, argument, help=help)], function=self.owner)


def _gather(value: Any, leaves: list[Tensor | None]) -> None:
    """The tensors of a result, in order, and None for those that it left out."""
    if isinstance(value, (tuple, list)):
        for one in cast("Sequence[Any]", value):
            _gather(one, leaves)
    elif isinstance(value, dict):
        for one in cast("dict[Any, Any]", value).values():
            _gather(one, leaves)
    elif isinstance(value, Tensor) or value is None:
        leaves.append(value)
    elif isinstance(value, NamedTensor):
        leaves.append(value.tensor)


def _named(value: Any, names: list[Dims | None]) -> Any:
    """A result with its tensors under the next of these names, which it takes away."""
    if isinstance(value, (tuple, list)):
        items = [_named(one, names) for one in cast("Sequence[Any]", value)]
        if isinstance(value, list):
            return items
        kind = cast("Callable[..., Any]", type(value))
        return kind(*items) if hasattr(kind, "_fields") else tuple(items)
    if isinstance(value, dict):
        return {key: _named(one, names) for key, one in cast("dict[Any, Any]", value).items()}
    if value is None:
        names.pop(0)
    elif isinstance(value, (Tensor, NamedTensor)):
        dims = names.pop(0)
        assert dims is not None
        return NamedTensor(plain(value), dims)
    return value


def _numbers(tensors: Sequence[tuple[str, Tensor]]) -> Sizes | None:
    """The sizes of tensors; None while they are traced."""
    found = tuple([(name, tuple(one.shape)) for name, one in tensors])
    return found if all(type(size) is int for _, sizes in found for size in sizes) else None


# In a graph that torch.compile captures, dims are constants, and so is what a signature says of them.


def _told_groups(text: str, owner: str, dims: Any) -> tuple[Groups, str | None]:
    try:
        return groups_of(text, owner, dims), None
    except DimError as error:
        return (), str(error)


def _told_names(
    text: str, owner: str, groups: Groups, ranks: Any
) -> tuple[tuple[Dims | None, ...], str | None]:
    try:
        return names_of(text, owner, groups, ranks), None
    except DimError as error:
        return (), str(error)


for _constant in (_told_groups, _told_names):
    cast("Any", _constant)._dynamo_marked_constant = True
