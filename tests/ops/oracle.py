"""The oracle: rows of the table against torch itself, on the meta device."""

import functools
import importlib
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import Mismatch
from namedtorch.ops.table import MODULES, operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields, Value


@dataclass(frozen=True)
class T:
    """A tensor of a case: its sizes, and its dtype."""

    sizes: tuple[int, ...]
    dtype: torch.dtype

    def __repr__(self) -> str:
        return f"T{self.sizes}"


def t(*sizes: int, dtype: torch.dtype = torch.float32) -> T:
    """A tensor of these sizes."""
    return T(sizes, dtype)


def ints(*sizes: int) -> T:
    """A tensor of indices."""
    return T(sizes, torch.int64)


def bools(*sizes: int) -> T:
    """A mask."""
    return T(sizes, torch.bool)


@dataclass(frozen=True)
class Case:
    """One call of an operator by one of its spellings. `unknown` says that the row can't tell all of the result.

    `lenient` says that torch's meta kernels take what its real ones refuse, so that only the row has to refuse.
    `real` runs torch on tensors of zeros, for what has no meta kernel.
    """

    spelling: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)
    unknown: bool = False
    lenient: bool = False
    real: bool = False

    def __str__(self) -> str:
        parts = [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.keywords.items())]
        return f"{self.spelling}({', '.join(parts)})"


def call(spelling: str, *arguments: Any, **keywords: Any) -> Case:
    """A case whose result the row has to know, or refuse as torch does."""
    return Case(spelling, arguments, keywords)


@dataclass(frozen=True)
class ModuleCase:
    """One call of a module, made with these arguments, with these inputs."""

    name: str
    made: tuple[Any, ...]
    keywords: Mapping[str, Any]
    inputs: tuple[Any, ...]
    named_inputs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}({self.made}, {dict(self.keywords)})({self.inputs}, {dict(self.named_inputs)})"


def torch_value(value: Any, device: str = "meta") -> Any:
    """The value that torch is called with."""
    match value:
        case T():
            return torch.zeros(value.sizes, dtype=value.dtype, device=device)
        case tuple():
            return tuple(torch_value(one, device) for one in value)
        case list():
            return [torch_value(one, device) for one in value]
        case slice():
            return slice(*(torch_value(one, device) for one in (value.start, value.stop, value.step)))
        case _:
            return value


def row_value(value: Any) -> Any:
    """The value that a row is called with."""
    match value:
        case T():
            return Array(TensorShape.of(value.sizes), str(value.dtype).removeprefix("torch."))
        case bool():
            return value
        case int():
            return Size.constant(value)
        case tuple():
            return tuple(row_value(one) for one in value)
        case list():
            return [row_value(one) for one in value]
        case slice():
            return slice(row_value(value.start), row_value(value.stop), row_value(value.step))
        case torch.dtype():
            return str(value)
        case _:
            return value


def function_of(spelling: str) -> Any:
    """The function that a spelling names."""
    parts = spelling.split(".")
    if parts[0] == "operator":
        return getattr(operator, parts[1])
    found: Any = importlib.import_module(parts[0])
    for count, part in enumerate(parts[1:], 2):
        # A package need not have loaded its modules.
        found = getattr(found, part, None) or importlib.import_module(".".join(parts[:count]))
    # A property, `x.T`, is called as a function of `x`.
    return found if callable(found) else found.__get__


REFUSED = "refused"


def _once(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A run of torch that several tests of a case share."""
    known: dict[int, tuple[Any, Any]] = {}

    @functools.wraps(run)
    def given(case: Any) -> Any:
        # The case is kept, so that no other has its identity.
        if id(case) not in known:
            known[id(case)] = (case, run(case))
        return known[id(case)][1]

    return given


def plain(value: Any) -> Any:
    """A result of torch or of a row as sizes in tuples; what is not known is `Unknown`."""
    match value:
        case torch.Tensor():
            return ("tensor", *(int(one) for one in value.shape))
        case Array():
            if value.shape.rest is not Unknown:
                return Unknown
            return ("tensor", *(plain(axis.size) for axis in value.shape.fixed))
        case Size():
            return value.value
        case Fields():
            return tuple(plain(one) for one in value.items)
        case tuple() | list():
            return tuple(plain(one) for one in value)
        case _:
            return value


@_once
def run_torch(case: Case) -> Any:
    """What torch gives for a case, plain; `REFUSED` where it raises."""
    device = "cpu" if case.real else "meta"
    arguments = [torch_value(one, device) for one in case.arguments]
    keywords = {name: torch_value(one, device) for name, one in case.keywords.items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return plain(function_of(case.spelling)(*arguments, **keywords))
    except Exception:
        return REFUSED


def run_row(case: Case) -> Any:
    """What the row gives for a case, plain; `REFUSED` where it refuses."""
    rule = operator_for(case.spelling)
    assert rule is not Unknown, f"no row for {case.spelling}"
    arguments = [row_value(one) for one in case.arguments]
    keywords = {name: row_value(one) for name, one in case.keywords.items()}
    try:
        return plain(rule(arguments, keywords, Plain()))
    except (Misfit, Mismatch):
        return REFUSED


def check(case: Case) -> None:
    """Holds a row to torch. Raises `AssertionError`."""
    given, told = run_torch(case), run_row(case)
    if case.lenient:
        assert told == REFUSED, f"{case}: the row gives {told}"
        return
    if case.unknown:
        assert _holds_unknown(told), f"{case}: the row gives {told}"
        assert given == REFUSED or _agrees(told, given), f"{case}: torch gives {given}, the row {told}"
        return
    assert told == given, f"{case}: torch gives {given}, the row {told}"


def _holds_unknown(told: Any) -> bool:
    return told is Unknown or (isinstance(told, tuple) and any(_holds_unknown(one) for one in told))


def _agrees(told: Any, given: Any) -> bool:
    """Whether a result is what a row says of it."""
    if isinstance(told, tuple) and isinstance(given, tuple):
        return len(told) == len(given) and all(
            _agrees(one, other) for one, other in zip(told, given, strict=True)
        )
    return told is Unknown or told == given


@_once
def run_module(case: ModuleCase) -> Any:
    """What torch gives for a module and one call, plain; `REFUSED` where it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with torch.device("meta"):
                module: nn.Module = function_of(case.name)(*case.made, **case.keywords)
            module.eval()
            inputs = [torch_value(one) for one in case.inputs]
            named = {name: torch_value(one) for name, one in case.named_inputs.items()}
            return plain(module(*inputs, **named))
    except Exception:
        return REFUSED


def check_module(case: ModuleCase) -> None:
    """Holds the row of a module to torch: the constructor and one call."""
    given = run_module(case)
    rule = MODULES[case.name]
    judge = Plain()
    told: Value
    try:
        attributes = rule.made(
            [row_value(one) for one in case.made],
            {name: row_value(one) for name, one in case.keywords.items()},
            judge,
        )
        told = rule.call(
            lambda name: attributes.get(name, Unknown),
            [row_value(one) for one in case.inputs],
            {name: row_value(one) for name, one in case.named_inputs.items()},
            judge,
        )
        result = plain(told)
    except (Misfit, Mismatch):
        result = REFUSED
    assert result == given, f"{case}: torch gives {given}, the row {result}"
