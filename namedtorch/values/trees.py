"""`Tree`: a nested value taken apart into plain leaves and their dims, as the transforms of torch.func take it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils import _pytree as pytree

from namedtorch.values.named_tensor import Dims, NamedTensor


@dataclass(frozen=True, slots=True)
class Tree:
    """The leaves of a value, named tensors among them as plain ones; `dims` are theirs, None for any other leaf."""

    leaves: tuple[Any, ...]
    dims: tuple[Dims | None, ...]
    spec: pytree.TreeSpec

    @staticmethod
    def of(value: Any) -> "Tree":
        """Takes a value apart; lists, tuples, dicts and what else torch knows as a pytree are nodes."""
        leaves, spec = pytree.tree_flatten(value, is_leaf=_is_named)
        return Tree(
            tuple(one.tensor if isinstance(one, NamedTensor) else one for one in leaves),
            tuple(one.dims if isinstance(one, NamedTensor) else None for one in leaves),
            spec,
        )

    @property
    def plain(self) -> Any:
        """The value with plain tensors in the place of named ones."""
        return pytree.tree_unflatten(self.leaves, self.spec)

    @property
    def named(self) -> Any:
        """The value, with its named tensors."""
        return pytree.tree_unflatten(
            [
                one if dims is None else NamedTensor(one, dims)
                for one, dims in zip(self.leaves, self.dims, strict=True)
            ],
            self.spec,
        )

    def holding(self, plain: Any) -> "Tree":
        """The tree of a plain value of the same structure, under the dims of this one."""
        return Tree(tuple(pytree.tree_leaves(plain)), self.dims, self.spec)

    def changed(self, leaves: Iterable[Any], dims: Iterable[Dims | None]) -> "Tree":
        """The same structure with other leaves."""
        return Tree(tuple(leaves), tuple(dims), self.spec)


def _is_named(value: Any) -> bool:
    return isinstance(value, NamedTensor)


class Crossing:
    """A function of named values as torch.func calls it: with plain ones. It remembers the dims of what it gave.

    `given` are its arguments, `aux` says that it gives a pair, whose second part is not transformed; `check` sees the
    first part before that gets plain.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        given: Tree,
        *,
        aux: bool = False,
        check: Callable[[Any], None] | None = None,
    ) -> None:
        self.function = function
        self.given = given
        self.aux = aux
        self.check = check
        self.results: Tree = given
        self._aside: Tree = given

    def __call__(self, *arguments: Any) -> Any:
        result = self.function(*self.given.holding(arguments).named)
        if self.aux:
            result, aside = result
            self._aside = Tree.of(aside)
        if self.check is not None:
            self.check(result)
        self.results = Tree.of(result)
        if not self.aux:
            return self.results.plain
        # What is no tensor stays aside: torch.func takes none.
        return self.results.plain, [one for one in self._aside.leaves if isinstance(one, Tensor)]

    def aside(self, tensors: Sequence[Tensor]) -> Any:
        """The second part of what the function gave, with the tensors as they come out of the transform."""
        waiting = list(tensors)
        leaves = [waiting.pop(0) if isinstance(one, Tensor) else one for one in self._aside.leaves]
        return self._aside.changed(leaves, self._aside.dims).named
