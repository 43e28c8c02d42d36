"""`Carried`: an operator of NamedTensor's own, carried out on the plain tensor by the recipe of its row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import torch
from torch import Tensor
from torch.compiler import is_dynamo_compiling

from namedtorch.diagnostics import DimError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.recipes import Given, Recipe
from namedtorch.ops.tensor_shape import NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Array, Fields, Value
from namedtorch.values.dispatch import REFUSALS, key_of
from namedtorch.values.named_tensor import Dims, NamedTensor
from namedtorch.values.operation import MOST_PLANS, as_value, is_tracing
from namedtorch.values.refusal import misfit_error, no_rule_error

Rule: TypeAlias = Callable[[Call], Recipe]


@dataclass(frozen=True, slots=True)
class Steps:
    """The plain methods that a call runs, with their arguments, and the dims of what they lead to."""

    methods: tuple[tuple[str, tuple[Any, ...]], ...]
    dims: Dims


class Carried:
    """An operator whose recipe tells steps and dims; what it told of a call holds for all calls that are alike.

    `name` is what messages call it: `NamedTensor.align_to`.
    """

    __slots__ = ("name", "plans", "recipe")

    def __init__(self, name: str, recipe: Rule) -> None:
        self.name = name
        self.recipe = recipe
        self.plans: dict[Any, Steps] = {}
        _CARRIED[name] = self

    def on(self, target: NamedTensor, key: Any, given: Mapping[str, Any]) -> NamedTensor:
        """Runs the steps. `key` tells calls apart, `given` are the arguments by the row's parameters.

        Raises `DimError` where the names or sizes do not fit.
        """
        if is_dynamo_compiling():
            return _captured(self.name, target, given)
        try:
            plan = self.plans.get((target.dims, key))
        except TypeError:  # a list
            key = key_of(key, True)
            plan = self.plans.get((target.dims, key))
        if plan is None:
            plan = self._planned(target, key, given)
        tensor = target.tensor
        try:
            for method, arguments in plan.methods:
                tensor = getattr(tensor, method)(*arguments)
        except REFUSALS:
            # Of these sizes, the row may say more than torch does.
            self.told(as_value(target), given, {})
            raise
        return NamedTensor(tensor, plan.dims)

    def _planned(self, target: NamedTensor, key: Any, given: Mapping[str, Any]) -> Steps:
        symbols: dict[str, Any] = {}
        plan = self.told(as_value(target), given, symbols)
        # torch.jit.trace runs a program twice, and holds the lines that ran to each other: both times the same ones.
        if not symbols and not is_tracing():
            if len(self.plans) >= MOST_PLANS:
                self.plans.clear()
            self.plans[target.dims, key] = plan
        return plan

    def told(self, target: Value, given: Mapping[str, Any], symbols: dict[str, Any]) -> Steps:
        """What the row tells of a call; sizes that are traced are put into `symbols` under names. Raises `DimError`."""
        bound = {"input": target, **{name: _value(one, symbols) for name, one in given.items()}}
        try:
            found = self.recipe(Call(bound, Plain()))
            dims = tuple(None if axis.carried is Unknown else axis.carried for axis in found.shape.fixed)
        except Misfit as misfit:
            raise misfit_error(self.name, misfit, bound) from None
        except (Undetermined, NoSuchAxis):
            reason = "these arguments do not tell the dims of its result"
            raise no_rule_error(self.name, reason, bound) from None
        methods = [
            (step.method, tuple(_plain(one, symbols) for one in step.arguments)) for step in found.steps
        ]
        return Steps(tuple(methods), dims)


_CARRIED: Final[dict[str, Carried]] = {}


def _value(given: Any, symbols: dict[str, Any]) -> Value:
    """An argument as rules read it; a size that is traced is a symbol."""
    match given:
        case torch.SymInt() | Tensor() if _is_size(given):
            name = f"{{{given}}}" if isinstance(given, torch.SymInt) else f"{{{len(symbols)}}}"
            symbols[name] = given
            return Size.symbol(name)
        case tuple():
            return tuple(_value(one, symbols) for one in given)
        case list():
            return [_value(one, symbols) for one in given]
        case dict():
            return Fields(tuple(given), tuple(_value(one, symbols) for one in given.values()))
        case Array():
            return given
        case _:
            return as_value(given)


def _is_size(given: Any) -> bool:
    """Whether this is a size that is traced: torch.jit.trace has tensors in the place of numbers."""
    return isinstance(given, torch.SymInt) or (is_tracing() and given.dim() == 0)


def _plain(given: Given, symbols: Mapping[str, Any]) -> Any:
    """An argument of a step as torch takes it."""
    match given:
        case Size():
            return symbols[str(given)] if given.value is Unknown else given.value
        case tuple():
            return tuple(_plain(one, symbols) for one in given)
        case _:
            return given


# While torch.compile captures a graph, its dims are constants, and so is what the row tells of a call.

_DIMS: Final = "dims of another tensor"
_FIELDS: Final = "fields"


def _captured(name: str, target: NamedTensor, given: Mapping[str, Any]) -> NamedTensor:
    told = tuple([(key, _constant(one)) for key, one in given.items()])
    methods, dims, refusal = _answer(name, target.dims, told)
    if refusal is not None:
        raise DimError(refusal)
    tensor = target.tensor
    for method, arguments in methods:
        tensor = getattr(tensor, method)(*arguments)
    return NamedTensor(tensor, dims)


def _constant(given: Any) -> Any:
    if isinstance(given, NamedTensor):
        return _DIMS, given.dims
    if isinstance(given, dict):
        return _FIELDS, tuple(given), tuple([_constant(one) for one in given.values()])
    if isinstance(given, (list, tuple)):
        return tuple([_constant(one) for one in given])
    return given


def _answer(name: str, dims: Dims, told: Any) -> Any:
    """The methods with their arguments, the dims, and a refusal or None: constants of a graph."""
    given = {key: _told(one) for key, one in told}
    try:
        found = _CARRIED[name].told(_shaped(dims), given, {})
    except DimError as error:
        return (), (), str(error)
    return found.methods, found.dims, None


cast("Any", _answer)._dynamo_marked_constant = True


def _told(constant: Any) -> Any:
    match constant:
        case (str() as kind, tuple() as dims) if kind == _DIMS:
            return _shaped(dims)
        case (str() as kind, tuple() as names, tuple() as items) if kind == _FIELDS:
            return dict(zip(names, map(_told, items), strict=True))
        case tuple():
            return tuple(_told(one) for one in constant)
        case _:
            return constant


def _shaped(dims: Dims) -> Array:
    """A tensor of which the dims are known, and no size."""
    return Array(TensorShape(tuple(Axis(carried=Unknown if name is None else name) for name in dims)))
