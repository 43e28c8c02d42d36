"""`Operation`: an operator of torch, and what its row in the table has told of calls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import numpy as np
import torch
from torch import Tensor

from namedtorch.diagnostics import DimError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import Mismatch, OpRule
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields, Several, Value
from namedtorch.values.named_tensor import Dims, NamedTensor
from namedtorch.values.refusal import dims_error, misfit_error, no_rule_error, spoken

Template: TypeAlias = "Dims | list[Template] | Each | Answer | Other"
"""What a result is named with: the dims of a tensor, or those of each item."""


@dataclass(frozen=True, slots=True)
class Each:
    """Any number of items that all have the same dims."""

    template: "Template"


@dataclass(frozen=True, slots=True)
class Answer:
    """What names alone answer: tensors under different dims are not equal."""

    value: bool


@dataclass(frozen=True, slots=True)
class Other:
    """What is no tensor, or what the row does not tell: `reason` says why."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of all calls that are alike: the dims of the result, and the numbers of dims given by name.

    `dims` are those of a single tensor, `template` of any other result. `places` replaces arguments: by their place, or
    by keyword; a place with a star, `*1`, takes all arguments from there on.
    """

    dims: Dims | None
    template: Template
    places: tuple[tuple[int | str, Any], ...]


_NO_ROW: Final = "the table has no row for it"

MOST_PLANS: Final = 4096
"""How many plans of one operator are kept."""


class Operation:
    """An operator: its function, its row, and the plans of the calls that were made.

    `exact` says that integers among the arguments tell calls apart, `by_size` that sizes do, `in_place` that the first
    argument is what the result is written to.
    """

    __slots__ = ("by_size", "exact", "function", "in_place", "name", "plans", "quick", "row")

    def __init__(self, name: str, function: Callable[..., Any], row: OpRule | UnknownType) -> None:
        self.name = name
        self.function = function
        self.row = row
        own = name.rpartition(".")[2]
        # The underscore of `operator.and_` sets it apart from the keyword.
        underscored = own.endswith("_") and not own.endswith("__") and not name.startswith("operator.")
        self.in_place = underscored or (own.startswith("__i") and own != "__invert__")
        self.by_size = row is not Unknown and row.by_size
        self.exact = self.by_size or (row is not Unknown and bool(row.dims))
        self.plans: dict[tuple[Any, ...], Plan] = {}
        self.quick: dict[tuple[Any, ...], tuple[Dims, tuple[Any, ...] | None]] = {}

    def planned(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Plan:
        """Asks the row. Raises `DimError` where it refuses the dims."""
        return self.planned_for(
            [as_value(one) for one in arguments], {name: as_value(one) for name, one in keywords.items()}
        )

    def planned_for(self, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Plan:
        """Asks the row about arguments as rules read them."""
        if self.row is Unknown:
            if self.in_place:
                # What it would write to would keep dims that it may no longer have.
                raise no_rule_error(self.name, _NO_ROW, {})
            return Plan(None, Other(_NO_ROW), ())
        try:
            bound = self.row.bind(arguments, keywords)
        except Mismatch as error:
            return Plan(None, Other(f"the row of the table has no such call ({error})"), ())
        call = Call(bound, Plain())
        try:
            result = self.row.given(call)
        except Misfit as error:
            raise misfit_error(self.name, error, bound) from None
        except Mismatch as error:
            return Plan(None, Other(f"the row of the table has no such call ({error})"), ())
        template = template_of(result)
        if self.in_place and isinstance(template, Other) and template.reason:
            # What it would write to would keep dims that it may no longer have.
            raise no_rule_error(self.name, template.reason, bound)
        if self.in_place and isinstance(template, tuple):
            self._refuse_new_names(bound[self.row.taken[0].name], template, bound)
        dims = template if isinstance(template, tuple) else None
        return Plan(dims, template, self._places(call, arguments, keywords))

    def takes_alike(self, plan: Plan, arguments: Sequence[Any]) -> bool:
        """Whether a flag in the place of 0 or 1 gives the same dims or none, and 0 or 1 in the place of a flag.

        A dict takes one for the other: `std(1)` is along axis 1, and `std(True)` over all.
        """
        for place, one in enumerate(arguments):
            if type(one) is not bool and not (type(one) is int and one in (0, 1)):
                continue
            other = int(one) if type(one) is bool else bool(one)
            try:
                found = self.planned([*arguments[:place], other, *arguments[place + 1 :]], {})
            except DimError:
                return False
            if found.template != plan.template and not isinstance(found.template, Other):
                return False
        return True

    def target(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """The first argument, also where it is given by keyword; None where it is not."""
        if arguments:
            return arguments[0]
        return None if self.row is Unknown else keywords.get(self.row.taken[0].name)

    def remember(self, key: tuple[Any, ...], plan: Plan) -> None:
        """Keeps a plan for all calls that are alike."""
        if len(self.plans) >= MOST_PLANS:
            self.plans.clear()
            self.quick.clear()
        self.plans[key] = plan

    def _refuse_new_names(self, target: Value, dims: Dims, bound: Mapping[str, Value]) -> None:
        """An operator in place names a target without names, and adds none to one that has some."""
        found = template_of(target) if isinstance(target, Array) else ()
        own = found if isinstance(found, tuple) else ()
        new = [name for name in dims if name is not None and name not in own]
        if new and any(name is not None for name in own):
            listed = ", ".join(f"`{one}`" for one in new)
            first = self.row.taken[0].name if self.row is not Unknown else "input"
            raise misfit_error(
                self.name,
                Misfit(
                    "broadcast-dims-differ",
                    f"the result has {listed}, and `{first}`, which it is written to, does not",
                    first,
                    help="name its axes by `refine_names` first, or use the operator that is not in place",
                ),
                bound,
            )  # fmt: skip

    def _places(
        self, call: Call, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> tuple[tuple[int | str, Any], ...]:
        """The numbers of dims that were given by name."""
        assert self.row is not Unknown
        found: list[tuple[int | str, Any]] = []
        for index, parameter in enumerate(self.row.taken):
            places = call.places_of.get(parameter.name)
            if places is None and parameter.name not in self.row.dims:
                continue
            given = [name for name in keywords if name in (parameter.name, _NUMPY.get(parameter.name))]
            place: int | str
            if given:
                place, value = given[0], keywords[given[0]]
            elif parameter.several:
                place, value = f"*{index}", arguments[index:]
            elif index < len(arguments):
                place, value = index, arguments[index]
            else:
                continue
            if not has_text(value):
                continue
            if places is None:
                raise self._unresolved(parameter.name, value, arguments[index + 1 :])
            found.append((place, places))
        return tuple(found)

    def _unresolved(self, parameter: str, value: Any, behind: Sequence[Value]) -> Exception:
        """The error of names that tell no axis, such as `["C", None]`; `behind` are the arguments behind them."""
        own = spoken(self.name)
        said, help = "its row does not tell which axis that is", None
        if isinstance(value, list | tuple):
            said = "None is no axis" if None in value else "it takes one dim"
        elif behind and isinstance(behind[0], str):
            listed = ", ".join(f'"{one}"' for one in (value, *behind) if isinstance(one, str))
            said = f'"{behind[0]}" stands behind it, where no dim is taken'
            help = f"several dims stand in one tuple: `{own}(({listed}))`, where it takes several"
        return dims_error("dim-missing", f"`{own}`: `{parameter}` is {shown(value)}, and {said}", help)

    def explained(self, error: Exception, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Exception:
        """What the row says of a call that torch refuses; torch's own error where it has nothing to say."""
        if self.row is Unknown:
            return error
        try:
            bound = self.row.bind(
                [as_value(one) for one in arguments], {name: as_value(one) for name, one in keywords.items()}
            )
        except Mismatch:
            return error
        try:
            self.row.given(Call(bound, Plain()))
        except Mismatch:
            return error
        except Misfit as misfit:
            return misfit_error(self.name, misfit, bound)
        return error

    def refused(self, reason: str, arguments: Sequence[Any]) -> Exception:
        """The error of a result whose dims nothing tells."""
        names = [one.name for one in self.row.taken] if self.row is not Unknown else []
        listed = {
            names[place] if place < len(names) else f"argument {place}": as_value(one)
            for place, one in enumerate(arguments)
        }
        return no_rule_error(self.name, reason, listed)


_NUMPY = {"dim": "axis", "keepdim": "keepdims"}


def shown(value: Any) -> str:
    """Dims that are given, as code writes them."""
    if isinstance(value, list | tuple):
        inner = ", ".join(shown(one) for one in value)
        return f"[{inner}]"
    return repr(value) if isinstance(value, str | None) else str(value)


def has_text(value: Any) -> bool:
    """Whether a dim, or one of a list of dims, is given by name."""
    if isinstance(value, list | tuple):
        return any(has_text(one) for one in value)
    return isinstance(value, str)


def as_value(value: Any) -> Value:
    """An argument as rules read it."""
    match as_builtin(value):
        case NamedTensor():
            if not isinstance(cast("Any", value.tensor), Tensor):
                # What torch.fx traces with has no sizes.
                return Array(TensorShape(tuple(map(unsized, value.dims))))
            return Array(named_shape(value.tensor, value.dims), str(value.tensor.dtype)[6:])
        case Tensor() if value.dim() == 0 and is_tracing():
            return traced_size(value)
        case Tensor():
            return Array(named_shape(value, (None,) * value.dim()), str(value.dtype)[6:])
        case bool() | float() | complex() | str() | None as known:
            return known
        case int() | torch.SymInt() as known:
            return size_of(known)
        case tuple():
            return tuple(as_value(one) for one in value)
        case list():
            return [as_value(one) for one in value]
        case slice():
            return slice(as_value(value.start), as_value(value.stop), as_value(value.step))
        case dict():
            return Fields(tuple(value), tuple(as_value(one) for one in value.values()))
        case torch.dtype():
            return str(value)
        case np.ndarray():
            # As torch takes it: a plain tensor.
            return Array(TensorShape(tuple(map(Axis.of, value.shape))), str(value.dtype))
        case _ if value is ...:
            return value
        case _:
            return Unknown


_BUILTINS: Final = frozenset({int, float, bool, complex, str, type(None), Tensor, NamedTensor, torch.SymInt})


def as_builtin(value: Any) -> Any:
    """The number or text that a value is to Python: a member of an `IntEnum` or `StrEnum`, a scalar of numpy."""
    if type(value) in _BUILTINS:
        return value
    match value:
        case np.generic():
            return value.item()
        case str():
            return str.__str__(value)
        case int():
            return int(value)
        case float():
            return float(value)
        case complex():
            return complex(value)
        case _:
            return value


_TRACER: Final = cast("Any", torch._C)


def is_tracing() -> bool:
    """Whether torch records a trace."""
    return _TRACER._get_tracing_state() is not None


def traced_size(value: Tensor) -> Value:
    """A number of a trace, where sizes are tensors: `x.size(0)`."""
    if value.dtype.is_floating_point or value.dtype.is_complex or value.dtype is torch.bool:
        return Array(TensorShape(()), str(value.dtype)[6:])
    with _untraced():
        return Size.constant(int(value))


def numbers(tensor: Tensor) -> tuple[int, ...]:
    """The sizes of a tensor, in a trace as well."""
    if not is_tracing():
        return tensor.shape
    with _untraced():
        return tensor.shape


@contextmanager
def _untraced() -> Iterator[None]:
    """Runs what is not of the program that is traced: a plan that is known reads no number."""
    state = _TRACER._get_tracing_state()
    _TRACER._set_tracing_state(None)
    try:
        yield
    finally:
        _TRACER._set_tracing_state(state)


def unsized(name: str | None) -> Axis:
    """An axis of unknown size under a name, or None."""
    return Axis(carried=Unknown if name is None else name)


def named_shape(tensor: Tensor, dims: Dims) -> TensorShape:
    """The sizes of a tensor with the names that its axes carry."""
    return TensorShape(
        tuple(
            Axis(size_of(size), carried=Unknown if name is None else name)
            for size, name in zip(tensor.shape, dims, strict=True)
        )
    )


def size_of(size: int | torch.SymInt) -> Size:
    """An integer as a size; one that is traced is a symbol, the same for the same expression."""
    return Size.symbol(f"{{{size}}}") if isinstance(size, torch.SymInt) else Size.constant(size)


def template_of(value: Value) -> Template:
    """How a result is named."""
    match value:
        case Array(shape=shape):
            if any(isinstance(axis, Rest) for axis in shape.axes):
                return Other("its row does not tell how many axes the result has")
            return tuple(None if axis.carried is Unknown else axis.carried for axis in shape.fixed)
        case Fields(items=items):
            return [template_of(one) for one in items]
        case Several(item=item):
            return Each(template_of(item))
        case bool():
            return Answer(value)
        case tuple() | list():
            items = [template_of(one) for one in value]
            if items and all(one == items[0] for one in items):
                return Each(items[0])
            return items
        case _ if value is Unknown:
            return Other("its row does not tell the dims of this result")
        case _:
            return Other()
