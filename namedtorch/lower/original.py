"""The user's module or function as it was before lowering: called on copies, with plain tensors."""

import contextlib
import copy
import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.carried import expected_name
from namedtorch.dims.pattern import Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.changed_inputs import changed
from namedtorch.lower.containers import with_leaves
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.mending.module_weights import detached
from namedtorch.runtime.guard import Guard
from namedtorch.signature.array import NAMED
from namedtorch.signature.hints import (
    TENSOR,
    TensorHint,
)
from namedtorch.signature.known import map_signature
from namedtorch.signature.signature import Signature
from namedtorch.values.named_tensor import NamedTensor
from namedtorch.values.naming import named


@dataclass(frozen=True, slots=True)
class Original:
    """A module or a function of the user's, and the signatures of its methods; "forward" is a function itself."""

    given: nn.Module | Callable[..., Any]
    signatures: Mapping[str, Signature]
    train: bool

    def copy(self, *, sharing: bool = False) -> nn.Module | Callable[..., Any]:
        """A copy of a module in the mode in which it is lowered, parameters shared on request; a function itself."""
        if not isinstance(self.given, nn.Module):
            return self.given
        memo = detached(self.given)
        if sharing:
            memo |= {id(one): one for one in self.given.parameters()}
        made = copy.deepcopy(self.given, memo)
        if not self.train:
            return made.eval()
        return made if made.training else made.train()

    def once(self, method: str) -> Callable[..., Any]:
        """A method that is called on a new copy each time, which shares the parameters and nothing else."""

        def call(*args: Any, **kwargs: Any) -> Any:
            return self.method(self.copy(sharing=True), method)(*args, **kwargs)

        return call

    def method(self, target: Any, name: str) -> Callable[..., Any]:
        """A method of a copy that takes and gives plain tensors where its annotations speak of named ones."""
        function: Callable[..., Any] = target if name == "forward" else getattr(target, name)
        signature = self.signatures[name]
        if all(one.array != NAMED for one in signature.tensors):
            return function

        def call(*args: Any, **kwargs: Any) -> Any:
            given = with_names(signature, args, kwargs)
            return without_names(function(*given[0], **given[1]))

        return call


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Runs models without leaving a trace: what they print and warn of is dropped, random numbers go on as before.

    They run in one thread: inputs are small, and threads would wait for each other on a machine that is busy.
    """
    threads = torch.get_num_threads()
    with (
        torch.random.fork_rng(),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def with_names(signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Inputs:
    """The arguments of a call, plain tensors under the names that the signature gives their axes."""
    values = dict(zip((one.name for one in signature.parameters), args, strict=False)) | dict(kwargs)
    ranks = _ranks(signature, [values.get(one.name) for one in signature.parameters])

    def under_names(hint: TensorHint, tensor: Tensor) -> Any:
        return named(tensor, _names(hint.shape, tensor.dim(), ranks)) if hint.array == NAMED else tensor

    return changed(signature, args, kwargs, under_names)


def _plain(hint: TensorHint) -> TensorHint:
    return replace(hint, array=TENSOR, array_type=Tensor) if hint.array == NAMED else hint


def _names(shape: Shape, rank: int, ranks: Mapping[str, int]) -> tuple[str | None, ...]:
    """The name of each axis; axes of a group have none. `ranks` are those of groups that the call bound."""
    groups = [axis for axis in shape.axes if isinstance(axis, Group)]
    # The axes that dims leave are those of the groups.
    left, open_ones = rank - (len(shape.axes) - len(groups)), len(groups)
    found: list[str | None] = []
    for axis in shape.axes:
        if isinstance(axis, Group):
            known = left if open_ones == 1 else left // open_ones
            known = ranks.get(axis.name, known) if axis.name is not Unknown and open_ones > 1 else known
            found += [None] * known
            left, open_ones = left - known, open_ones - 1
        else:
            name = expected_name(axis)
            found.append(None if name is Unknown else name)
    return tuple(found)


def _ranks(signature: Signature, values: Sequence[Any]) -> dict[str, int]:
    """How many axes each group has, where a shape has two of them."""
    shapes = [one.shape for one in signature.tensors if one.array == NAMED]
    if all(sum(isinstance(axis, Group) for axis in one.axes) < 2 for one in shapes):
        return {}
    try:
        explanation = Guard(map_signature(signature, _plain), "").explanation(tuple(values))
    except AnnotationError:  # a size of the module's own stands in it
        return {}
    explanation.arguments()
    return {
        name[1:]: len(sizes)
        for name, sizes in explanation.matching.bindings.items()
        if isinstance(sizes, tuple)
    }


def without_names(value: Any) -> Any:
    """A result with plain tensors for named ones, whatever it is made of."""
    return with_leaves(value, lambda one: one.tensor if isinstance(one, NamedTensor) else one)
