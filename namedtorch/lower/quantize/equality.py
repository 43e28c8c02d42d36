"""Whether one module does what another does: results, arguments, state, and gradients in training."""

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn

from namedtorch.lower.calls import said_by
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.original import undisturbed
from namedtorch.lower.verify.comparison import dense, differences
from namedtorch.lower.verify.comparison import pairs as tensor_pairs
from namedtorch.lower.verify.runs import SEED
from namedtorch.runtime.switch import checking
from namedtorch.signature.array import array_dtype

_GRADIENT = 0.01
"""How far gradients may be apart, in parts of their norm: statistics of batches amplify what is rounded otherwise."""

_ROUNDED = 0.01
"""How far a result may be apart where norms were folded into weights, in parts of its norm."""

_SMALL = 1e-5

Closeness = Literal["equal", "rounded", "alike"]
"""Equal in all that a call does; in the result, up to rounding; or in its structure, sizes and dtypes only."""

_OWN = frozenset(vars(nn.Module()))
"""What torch itself keeps in a module."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a call gave, its arguments afterwards, and the gradients of parameters and arguments by name."""

    result: Any
    inputs: Inputs
    gradients: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])


def differing(
    module: nn.Module,
    other: nn.Module,
    pairs: Mapping[str, str],
    inputs: Sequence[Inputs],
    closeness: Closeness,
    *,
    alone: bool = False,
) -> str | None:
    """How copies of a module and of what stands for it differ; None where they do not.

    `pairs` are the paths of parameters and buffers of the first, and those of the same ones in the other, "" where it
    has none. Inputs that the first refuses are left out. `alone` asks that the first leaves no traces but in its
    buffers.
    """
    module, other = copy.deepcopy(module), copy.deepcopy(other)
    first = {name: value.detach().clone() for name, value in tensors_of(module)}
    ran = False
    with undisturbed(), checking("off"):
        for given in inputs:
            before = _attributes(module)
            expected = _run(module, given)
            if isinstance(expected, Exception):
                continue
            ran = True
            if alone:
                if _attributes(module) != before:
                    return "its forward changes attributes of modules"
                if next(differences(given, expected.inputs, ""), None) is not None:
                    return "its forward changes its arguments in place"
            actual = _run(other, given)
            if isinstance(actual, Exception):
                return f"it fails: {said_by(actual).partition(chr(10))[0]}"
            found = next(_differences(expected, actual, pairs, closeness), None)
            if found is not None:
                return found
    if not ran:
        return "it fails with all inputs that were tried"
    return next(_of_state(module, other, first, pairs), None) if closeness == "equal" else None


def refusal(module: nn.Module, inputs: Sequence[Inputs]) -> str | None:
    """What a module says where it takes none of the inputs, with a backward pass in training mode; else None."""
    said = ""
    with undisturbed(), checking("off"):
        for given in inputs:
            found = _run(copy.deepcopy(module), given)
            if not isinstance(found, Exception):
                return None
            said = said or said_by(found).partition("\n")[0]
    return said


def failure(module: nn.Module, other: nn.Module, inputs: Sequence[Inputs]) -> str | None:
    """What another module says to inputs that a module takes; None where it takes them too."""
    module, other = copy.deepcopy(module), copy.deepcopy(other)
    with undisturbed(), checking("off"):
        for given in inputs:
            if isinstance(_run(module, given), Exception):
                continue
            found = _run(other, given)
            if isinstance(found, Exception):
                return f"it fails: {said_by(found).partition(chr(10))[0]}"
    return None


def tensors_of(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """All parameters and buffers by their paths, shared ones at each."""
    yield from module.named_parameters(remove_duplicate=False)
    yield from module.named_buffers(remove_duplicate=False)


def _differences(expected: Ran, actual: Ran, pairs: Mapping[str, str], closeness: Closeness) -> Iterator[str]:
    one, other = _classes(expected.result, True), _classes(actual.result, True)
    if one != other:
        yield f"its result is {other}, and was to be {one}"
        return
    if closeness == "alike":
        return
    if closeness == "rounded":
        for wanted, value in tensor_pairs(expected.result, actual.result):
            wanted, value = dense(wanted).double().nan_to_num(), dense(value).double().nan_to_num()
            if not float((wanted - value).norm()) <= _ROUNDED * float(wanted.norm()) + _SMALL:
                yield "its result has other numbers"
        return
    for found in differences(expected.result, actual.result, "its result"):
        yield str(found)
    for found in differences(expected.inputs, actual.inputs, "its arguments"):
        yield f"{found} after the call"
    largest = max((float(one.norm()) for one in expected.gradients.values()), default=0.0)
    for name, gradient in expected.gradients.items():
        found = actual.gradients.get(pairs.get(name, name))
        allowed = _GRADIENT * (float(gradient.norm()) + 0.01 * largest)
        if found is None:
            if float(gradient.norm()) > allowed:
                yield f"the gradient of `{name}` is missing"
        elif gradient.shape != found.shape or not float((gradient - found).norm()) <= allowed:
            yield f"the gradient of `{name}` differs"


def _of_state(
    module: nn.Module, other: nn.Module, first: Mapping[str, Tensor], pairs: Mapping[str, str]
) -> Iterator[str]:
    held = dict(tensors_of(other))
    for name, value in tensors_of(module):
        if pairs.get(name) == "":
            continue
        twin = held.get(pairs.get(name, name))
        if twin is not None:
            yield from (f"{one} after the call" for one in differences(value, twin, f"`{name}`"))
        elif name not in first or next(differences(first[name], value, name), None) is not None:
            yield f"`{name}` is changed by its forward"


def _run(module: nn.Module, given: Inputs) -> Ran | Exception:
    """One call, with gradients in training mode; an exception is the model's own."""
    args, kwargs = copy.deepcopy(given)
    torch.manual_seed(SEED)
    try:
        if not module.training:
            with torch.no_grad():
                result = module(*args, **kwargs)
            return Ran(_copied(result), (args, kwargs))
        with torch.enable_grad():
            return _trained(module, args, kwargs)
    except Exception as error:  # Models raise what they like.
        return error


def _trained(module: nn.Module, args: Any, kwargs: Any) -> Ran:
    leaves = [one for one in _tensors_in((args, kwargs)) if one.is_floating_point()]
    for one in leaves:
        one.requires_grad_()
    # A leaf that needs gradients can't be changed in place, and a copy of one can.
    memo: dict[int, Any] = {id(one): one.clone() for one in leaves}
    args, kwargs = copy.deepcopy((args, kwargs), memo)
    result = module(*args, **kwargs)
    kept = _copied(result)
    targets = [one for one in _tensors_in(result) if one.requires_grad]
    found: dict[str, Tensor] = {}
    if targets:
        generator = torch.Generator().manual_seed(SEED)
        weights = [torch.randn(one.shape, generator=generator, dtype=one.dtype) for one in targets]
        loss = torch.stack([(one * weight).sum() for one, weight in zip(targets, weights, strict=True)]).sum()
        module.zero_grad()
        loss.backward()
    for name, one in itertools.chain(
        module.named_parameters(remove_duplicate=False),
        ((f"argument {place}", one) for place, one in enumerate(leaves)),
    ):
        if one.grad is not None:
            found[name] = one.grad.detach().clone()
    module.zero_grad()
    return Ran(kept, cast("Inputs", _copied((args, kwargs))), found)


def _attributes(module: nn.Module) -> dict[str, Any]:
    """What users keep in modules beside parameters, buffers and parts, as it can be compared."""
    return {
        f"{path}.{name}": _frozen(value)
        for path, one in module.named_modules()
        for name, value in vars(one).items()
        if name not in _OWN
    }


def _frozen(value: Any) -> Any:
    match value:
        case Tensor():
            return id(value), value._version
        case bool() | int() | float() | str() | None:
            return type(value), value
        case list() | tuple() | set() | frozenset():
            return type(value), tuple(_frozen(one) for one in cast("Any", value))
        case dict():
            return dict, tuple((repr(key), _frozen(one)) for key, one in cast("Any", value).items())
        case _:
            return id(value)


def _classes(value: Any, sizes: bool) -> str:
    """The classes that a value is made of, in words; of tensors also dtype and sizes, where these are asked for."""
    if isinstance(value, Tensor):
        return f"{array_dtype(value)} {tuple(value.shape)}" if sizes else "Tensor"
    if isinstance(value, tuple | list):
        parts = cast("Sequence[Any]", value)
        return f"{type(value).__name__}({', '.join(_classes(one, sizes) for one in parts)})"
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        listed = ", ".join(f"{key!r}: {_classes(one, sizes)}" for key, one in pairs)
        return f"{type(value).__name__}({listed})"
    return type(value).__name__


def _tensors_in(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in cast("Sequence[Any]", value):
            yield from _tensors_in(one)
    elif isinstance(value, Mapping):
        for one in cast("Mapping[Any, Any]", value).values():
            yield from _tensors_in(one)


def _copied(value: Any) -> Any:
    """A copy of a value whose tensors are apart from those of the model."""
    memo = {id(one): one.detach().clone() for one in _tensors_in(value)}
    return copy.deepcopy(value, memo)
