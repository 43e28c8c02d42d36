"""Example inputs: the arguments of a call, made up from a signature."""

import collections
import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn

from namedtorch.diagnostics import DimError
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.draw import Assignment, draw_sizes
from namedtorch.signature.drawn import ELEMENTS, keys_of
from namedtorch.signature.dtypes import Family, dtype_name
from namedtorch.signature.hint_json import ELIDED
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.plain_value import plain_value
from namedtorch.signature.signature import Kind, Parameter, Signature, tensors_of

# The first that a family takes is drawn.
_DTYPES = (
    *("float32", "int64", "bool", "complex64", "float64", "float16", "bfloat16", "complex128"),
    *("int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"),
    *("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"),
)
_CONTAINERS: Mapping[str, Any] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": collections.deque,
}


@dataclasses.dataclass(slots=True)
class Values:
    """What numbers are drawn: integers below a bound by the name of the argument, and else from `fill` on.

    The names are those of messages: `ids`, `pair[0]`. What has a bound is `least` or more, what has none is one of
    `spread` integers. Floats are normal, or with `unit` between 0 and 1. `made` holds the tensors of integers that were
    drawn.
    """

    below: Mapping[str, int] = dataclasses.field(default_factory=dict[str, int])
    fill: int = 0
    spread: int = 1
    least: int = 0
    unit: bool = False
    made: dict[str, Tensor] = dataclasses.field(default_factory=dict[str, Tensor])

    def floats(self, sizes: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """The floats of an argument."""
        draw = torch.rand if self.unit else torch.randn
        return draw(sizes, generator=generator)

    def integers(
        self, argument: str, sizes: tuple[int, ...], dtype: torch.dtype, generator: torch.Generator
    ) -> Tensor:
        """The integers of an argument."""
        bound = self.below.get(argument)
        start, end = (self.fill, self.fill + self.spread) if bound is None else (self.least, bound)
        most = torch.iinfo(dtype).max
        start, end = min(start, most), min(end, most)
        return torch.randint(start, max(start + 1, end), sizes, generator=generator).to(dtype)


def example_inputs(
    signature: Signature,
    *,
    seed: int = 0,
    sizes: Mapping[str, int | tuple[int, ...]] | None = None,
    values: Mapping[str, Any] | None = None,
    optional: Literal["given", "none"] = "given",
    device: torch.device | str | None = None,
    floats: torch.dtype | None = None,
    drawn_values: Values | None = None,
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Makes up the arguments of a call that fits a signature: those by position, those by keyword.

    Sizes are drawn for a seed, but for those in `sizes` (`{"N": 8}`). Tensors of floats are random, integers 0, stored
    as the signature asks; lists and mappings have two elements, unions are their first alternative; a parameter
    without dims keeps its default, or is 1, False, "". `values` gives arguments by name; `optional="none"` passes None
    for optional tensors; `floats` is the dtype of those that may be of any floating one, `drawn_values` says what
    numbers are drawn. Raises DimError where no sizes fit, and for a parameter that no value is known for.
    """
    drawn = draw_sizes(signature, seed=seed, given=sizes, absent=optional == "none")
    return inputs_in(
        signature,
        drawn,
        seed=seed,
        values=values,
        optional=optional,
        device=device,
        floats=floats,
        drawn_values=drawn_values,
    )


def inputs_in(
    signature: Signature,
    drawn: Assignment,
    *,
    seed: int = 0,
    values: Mapping[str, Any] | None = None,
    optional: Literal["given", "none"] = "given",
    device: torch.device | str | None = None,
    floats: torch.dtype | None = None,
    drawn_values: Values | None = None,
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The same arguments in sizes that were drawn."""
    maker = _Maker(
        drawn,
        torch.Generator().manual_seed(seed),
        optional == "none",
        torch.device(device or "cpu"),
        floats,
        drawn_values or Values(),
    )
    given = values or {}
    for name in given:
        if name not in [one.name for one in signature.parameters]:
            raise DimError(f"a value is given for `{name}`, which `{signature}` has not")
    # What follows a default that is left out goes by keyword, unless it can't.
    by_place = any(one.kind in (Kind.POSITIONAL_ONLY, Kind.VAR_POSITIONAL) for one in signature.parameters)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    left_out = False
    site = 0
    for one in signature.parameters:
        own = site
        site += len(tensors_of(one.hint))
        keeps_default = (
            isinstance(one.hint, PlainHint) and one.default is not Unknown and one.name not in given
        )
        if keeps_default and (not by_place or one.kind is Kind.KEYWORD):
            left_out = left_out or one.kind is not Kind.KEYWORD
            continue
        match one.kind:
            case Kind.VAR_POSITIONAL:
                args += given[one.name] if one.name in given else maker.several(one, own)
            case Kind.VAR_KEYWORD:
                kwargs |= given[one.name] if one.name in given else maker.named(one, own)
            case kind:
                value = given[one.name] if one.name in given else maker.argument(one, own)
                if left_out or kind is Kind.KEYWORD:
                    kwargs[one.name] = value
                else:
                    args.append(value)
    return tuple(args), kwargs


@dataclasses.dataclass(slots=True)
class _Maker:
    """Makes values of hints, the tensors in the sizes that were drawn."""

    drawn: Assignment
    generator: torch.Generator
    absent: bool
    device: torch.device
    floats: torch.dtype | None
    numbers: Values

    def argument(self, parameter: Parameter, site: int) -> Any:
        name = parameter.name
        if isinstance(parameter.hint, PlainHint):
            if parameter.default is not Unknown and parameter.default is not ELIDED:
                return parameter.default
            if f"{{{name}}}" in self.drawn.sizes:
                return self.drawn.sizes[f"{{{name}}}"]
        return self.value(parameter.hint, site, name, "")

    def several(self, parameter: Parameter, site: int) -> list[Any]:
        """The arguments that `*args: X` takes; they are the elements of one tuple."""
        if isinstance(parameter.hint, PlainHint):
            return []
        places = range(ELEMENTS)
        return [self.value(parameter.hint, site, f"{parameter.name}[{one}]", f"[{one}]") for one in places]

    def named(self, parameter: Parameter, site: int) -> dict[str, Any]:
        if isinstance(parameter.hint, PlainHint):
            return {}
        keys = keys_of(DictHint(parameter.hint))
        return {
            str(key): self.value(parameter.hint, site, f"{parameter.name}[{key!r}]", f"[{key}]")
            for key in keys
        }

    def value(self, hint: Hint, site: int, argument: str, scope: str) -> Any:
        """A value that fits a hint, walked as the tensors of a signature are drawn."""
        match hint:
            case TensorHint():
                return self.array(hint, self.drawn.tensor(site, scope), argument)
            case PlainHint(text=text):
                value = plain_value(text)
                if value is Unknown:
                    raise DimError(_unknown(argument, text))
                return value
            case OptionalHint(inner=inner):
                return None if self.absent else self.value(inner, site, argument, scope)
            case UnionHint(members=members):
                return self.value(members[0], site, argument, scope)
            case ListHint(item=item, container=container):
                values = [
                    self.value(item, site, f"{argument}[{place}]", f"{scope}[{place}]")
                    for place in range(ELEMENTS)
                ]
                return _CONTAINERS.get(container, list)(values)
            case DictHint(value=inner):
                return {
                    key: self.value(inner, site, f"{argument}[{key!r}]", f"{scope}[{key}]")
                    for key in keys_of(hint)
                }
            case TupleHint(items=items):
                parts: list[Any] = []
                for place, item in enumerate(items):
                    parts.append(self.value(item, site, f"{argument}[{place}]", f"{scope}[{place}]"))
                    site += len(tensors_of(item))
                return tuple(parts)
            case RecordHint(fields=fields):
                named: dict[str, Any] = {}
                for name, field in fields:
                    named[name] = self.value(field, site, f"{argument}.{name}", f"{scope}.{name}")
                    site += len(tensors_of(field))
                return _record(hint, named)

    def array(self, hint: TensorHint, sizes: tuple[int, ...], argument: str) -> Any:
        """An array of these sizes, stored as its hint asks."""
        memory_format = hint.shape.memory_format
        order = None if memory_format is Unknown else memory_format.order
        if order is None:
            tensor = self.tensor(hint.family, sizes, argument)
        else:
            stored = self.tensor(hint.family, tuple(sizes[axis] for axis in order), argument)
            tensor = stored.permute([order.index(axis) for axis in range(len(order))])
        tensor = tensor if hint.array == "numpy.ndarray" else tensor.to(self.device)
        if is_integer(tensor.dtype):
            self.numbers.made[argument] = tensor
        match hint.array:
            case "torch.Tensor" | "Any":
                return tensor
            case "torch.nn.Parameter":
                return nn.Parameter(tensor, requires_grad=tensor.dtype.is_floating_point)
            case "numpy.ndarray":
                return tensor.numpy()
            case array:
                raise DimError(
                    f"`{argument}` is a `{array}`, of which no example can be made: give its value"
                )

    def tensor(self, family: Family, sizes: tuple[int, ...], argument: str) -> Tensor:
        """A contiguous tensor: random floats and booleans; integers of 0, which are an index into anything."""
        name = next((one for one in _DTYPES if family.takes(one)), None)
        if name is None:
            raise DimError(
                f"`{argument}` has dtype {family.name}, of which no example can be made: give its value"
            )
        dtype: torch.dtype = getattr(torch, name)
        if dtype is torch.float32 and self.floats is not None and family.takes(dtype_name(self.floats)):
            dtype = self.floats
        if dtype is torch.bool:
            return torch.rand(sizes, generator=self.generator) < 0.5
        if dtype.is_floating_point:
            return self.numbers.floats(sizes, self.generator).to(dtype)
        if dtype.is_complex:
            return torch.randn(sizes, generator=self.generator, dtype=dtype)
        return self.numbers.integers(argument, sizes, dtype, self.generator)


def is_integer(dtype: torch.dtype) -> bool:
    """Whether a dtype is one of integers."""
    return dtype is not torch.bool and not dtype.is_floating_point and not dtype.is_complex


def _record(hint: RecordHint, named: dict[str, Any]) -> Any:
    if hint.record_type is not Unknown:
        return hint.record_type(**named)
    try:
        made = collections.namedtuple(hint.name, list(named))
    except ValueError:  # names that a dataclass may have
        raise DimError(f"no example can be made of the record `{hint}`: give its value") from None
    return made(**named)


def _unknown(argument: str, text: str) -> str:
    if text == "Any":
        what = "has no annotation"
    elif text.rpartition(".")[2] == "Tensor":
        what = "is a tensor without dims"
    else:
        what = f"is a `{text}`"
    return f"`{argument}` {what}, so no example value is known for it: give one"
