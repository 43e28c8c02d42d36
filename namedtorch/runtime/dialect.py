"""How a guard in Python checks types and refuses a call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from namedtorch.dims.carried import expected_name, misnamed, places_by_name
from namedtorch.dims.pattern import Dim
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.array import NAMED
from namedtorch.signature.emit import GUARD_FUNCTIONS
from namedtorch.signature.explain import CONTAINERS, fixed_axes
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
from namedtorch.signature.sites import Member, Site


@dataclass(slots=True)
class PythonDialect:
    """How a guard in Python checks types and refuses: the explaining matcher says why."""

    call: str
    names: "Names"
    refusals: list[str] = field(default_factory=list[str])
    dtypes: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])
    attributes: dict[str, str] = field(default_factory=dict[str, str])

    def refuse(self, code: str, message: str, site: Site | None) -> str:
        """The statement that refuses the call. Its text is kept for torch.compile, where nothing can be looked up."""
        self.refusals.append(
            re.sub(r"(?<!\{)\{[^{}]*\}(?!\})", "?", message).replace("{{", "{").replace("}}", "}")
        )
        return f"_refuse({len(self.refusals) - 1}, {self.call})"

    def member(self, variable: str, index: int, part: Member) -> str:
        """The condition that a value is this alternative, and none before it."""
        members = part.union.members
        conditions = [self.fits(members[index], variable)]
        conditions += [f"not ({self.fits(member, variable)})" for member in members[:index]]
        return " and ".join(conditions)

    def narrowed(self, index: int, part: Member) -> str:
        """Nothing: Python has no need to be told the type of a value."""
        return ""

    def strides(self, variable: str) -> str:
        """The strides of a tensor, in elements."""
        return f"_strides({variable})"

    def attribute(self, path: str) -> str:
        """The variable that an attribute path was read into."""
        return self.attributes.setdefault(path, f"_a{len(self.attributes)}")

    def placed(self, found: str, value: str, start: int, middle: Sequence[Dim], site: Site) -> str:
        """The places of `found` whose axes carry the names of `middle`; "" for a tensor that carries none."""
        if site.hint.array != NAMED:
            return ""
        wanted = self.names.add("_wanted", tuple(expected_name(dim) for dim in middle))
        return f"_places_by_name({found}, {value}.dims[{start}:], {wanted})"

    def array(self, hint: TensorHint, variable: str, always: bool) -> list[str]:
        """The conditions under which a value is no such array; `always` if every call has it."""
        bad: list[str] = []
        array = self.names.array(hint.array)
        if array:
            bad.append(f"not isinstance({variable}, {array})")
        if hint.array == NAMED:
            bad.append(self._misnamed(hint, variable))
        dtypes = hint.family.dtypes
        if dtypes is not None:
            outside = f"not in {self.names.dtypes(hint)}"
            if dtypes in self.dtypes:
                # Arrays of one call mostly share their dtype, and an identity is cheaper than a look-up.
                bad.append(f"{variable}.dtype is not {self.dtypes[dtypes]} and {variable}.dtype {outside}")
            elif always:
                self.dtypes[dtypes] = f"_dtype{len(self.dtypes)}"
                bad.append(f"({self.dtypes[dtypes]} := {variable}.dtype) {outside}")
            else:
                bad.append(f"{variable}.dtype {outside}")
        return bad

    def _misnamed(self, hint: TensorHint, variable: str) -> str:
        """The condition that a tensor does not carry the names of its annotation."""
        names = tuple(expected_name(axis) for axis in hint.shape.axes)
        if names and not hint.shape.groups and Unknown not in names:
            return f"{variable}.dims != {names!r}"
        return f"_misnamed({self.names.add('_axes', hint.shape.axes)}, {variable}.dims)"

    def fits(self, hint: Hint, variable: str) -> str:
        """The condition that a value is this alternative of a union: type, dtype, rank and fixed sizes."""
        match hint:
            case TensorHint(shape=shape):
                good = [f"isinstance({variable}, {self.names.array(hint.array) or '_object'})"]
                if hint.family.dtypes is not None:
                    good.append(f"{variable}.dtype in {self.names.dtypes(hint)}")
                if hint.array == NAMED:
                    good.append(f"not ({self._misnamed(hint, variable)})")
                relation = ">=" if shape.groups else "=="
                good.append(f"len({variable}.shape) {relation} {len(shape.axes) - len(shape.groups)}")
                if not shape.groups:
                    good += [f"{variable}.shape[{axis}] == {size}" for axis, size in fixed_axes(hint)]
                return " and ".join(good)
            case OptionalHint(inner=inner):
                return f"({variable} is None or {self.fits(inner, variable)})"
            case UnionHint(members=members):
                return "(" + " or ".join(f"({self.fits(member, variable)})" for member in members) + ")"
            case PlainHint():
                return f"_bears({variable}, {self.names.add('_hint', hint.hint)})"
            case ListHint() | DictHint() | TupleHint() | RecordHint():
                return f"isinstance({variable}, {self.container(hint)})"

    def container(self, hint: Hint) -> str:
        """The name of the class that a container must be of."""
        match hint:
            case ListHint(container=container):
                return self.names.add("_class", CONTAINERS.get(container, list))
            case DictHint():
                return self.names.add("_class", Mapping)
            case RecordHint(record_type=record_type) if record_type is not Unknown:
                return self.names.add("_class", record_type)
            case RecordHint():
                return "_object"
            case _:
                return "tuple"


_OF_NAMES = {"_misnamed": misnamed, "_places_by_name": places_by_name}


@dataclass(slots=True)
class Names:
    """The names that a guard refers to, with their values."""

    array_types: Mapping[str, Any]
    dtype_sets: Mapping[tuple[str, tuple[str, ...]], Any]
    values: dict[str, Any] = field(
        default_factory=lambda: {**GUARD_FUNCTIONS, **_OF_NAMES, "_object": object}
    )

    def add(self, prefix: str, value: Any) -> str:
        """A name for a value; equal objects share one."""
        for name, known in self.values.items():
            if known is value and name.startswith(prefix):
                return name
        name = f"{prefix}{len(self.values)}"
        self.values[name] = value
        return name

    def array(self, qualified: str) -> str:
        """The name of an array type; "" where any type will do."""
        array = self.array_types[qualified]
        return "" if array is Any else self.add("_array", array)

    def dtypes(self, hint: TensorHint) -> str:
        """The name of the set of dtypes of a family."""
        assert hint.family.dtypes is not None
        return self.add("_dtypes", self.dtype_sets[hint.array, hint.family.dtypes])
