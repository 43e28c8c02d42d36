"""The explaining matcher over a whole call: walks the values, collects every failure, says who bound what."""

import collections.abc
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from namedtorch.diagnostics import DimError, Failure
from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.attributes import AttributeMissing, Attributes
from namedtorch.dims.bindings import Bindings, value_text
from namedtorch.dims.carried import misnamed
from namedtorch.dims.hints import rank_hint
from namedtorch.dims.match import Matching, Subject
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.array import NAMED, array_dtype, array_names, array_sizes, array_strides, array_text
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
    described,
)
from namedtorch.signature.plain import bears, why_not
from namedtorch.signature.plan import Plan, spread
from namedtorch.signature.signature import Signature, tensors_of
from namedtorch.signature.sites import RESULT

CONTAINERS: Mapping[str, type] = {
    "list": list,
    "set": set,
    "frozenset": frozenset,
    "tuple": tuple,
    "deque": deque,
    "Sequence": collections.abc.Sequence,
}
"""The classes that sequence hints stand for."""

_MOST_NOTES = 4


@dataclass(slots=True)
class Explanation:
    """One call under explanation: its values are matched as they become known, the result last."""

    signature: Signature
    plan: Plan
    values: Mapping[str, Any]
    array_types: Mapping[str, Any]
    matching: Matching = field(init=False)
    _subjects: dict[int, list[Subject]] = field(init=False)
    _seen: dict[str, str] = field(init=False)
    _subject_of: dict[str, Subject] = field(init=False)

    def __post_init__(self) -> None:
        self.matching = Matching(Bindings(), Attributes(self.values))
        self._subjects, self._seen, self._subject_of = {}, {}, {}

    def arguments(self) -> Sequence[Failure]:
        """Matches the arguments; returns the failures."""
        index = 0
        for one in self.signature.parameters:
            hint = spread(one)
            self._walk(hint, self.values.get(one.name), one.name, "", index)
            index += len(tensors_of(hint))
        self._run(self.plan.before)
        return self.matching.failures

    def result(self, value: Any) -> Sequence[Failure]:
        """Matches a result (or one value that a generator yields); returns the failures."""
        for index in list(self._subjects):
            if index >= self.plan.first_result:
                del self._subjects[index]
        self._walk(self.signature.result, value, RESULT, "", self.plan.first_result)
        self._run(self.plan.after)
        return self.matching.failures

    def missing_attributes(self) -> Sequence[Failure]:
        """The failures of attribute paths that lead nowhere, or to no integer; a guard reads them before the call."""
        for path in self.plan.attributes:
            try:
                self.matching.attributes.size(path)
            except AttributeMissing as missing:
                text = sentence("attribute-missing", dim=path, argument="the signature", actual=missing)
                self.matching.failures.append(
                    Failure("attribute-missing", text, dim=path, actual=str(missing))
                )
        return self.matching.failures

    def error(self, function: str, location: str) -> DimError:
        """The error of the failures so far."""
        order = [*(one.name for one in self.signature.parameters), RESULT]
        failures = [self._with_rank_hint(one) for one in self.matching.failures]
        failures.sort(key=lambda one: _position(one, order))
        notes: list[str] = []
        arguments = list(dict.fromkeys(one.argument for one in failures if one.argument is not None))
        for argument in arguments[:_MOST_NOTES]:
            if argument in self._seen:
                notes.append(self._seen[argument])
            before = self._bound_before(argument)
            if before:
                notes.append(f"bound before `{argument}`: {before}")
        return DimError.of(failures, function=function, location=location, notes=notes)

    def _with_rank_hint(self, failure: Failure) -> Failure:
        """Ranks are checked before anything is bound; what an axis too few or too many is, shows afterwards."""
        subject = self._subject_of.get(failure.argument or "")
        if failure.code != "rank-differs" or failure.help is not None or subject is None:
            return failure
        known = self.matching.bindings.without(subject.argument)
        hint = rank_hint(subject.shape, subject.sizes, known, self.matching.attributes)
        return replace(failure, help=hint)

    def _bound_before(self, argument: str) -> str:
        """What was bound before an argument failed; of dims that are bound per element, those of its own element."""
        bindings = self.matching.failed.get(argument)
        subject = self._subject_of.get(argument)
        if bindings is None:
            return ""
        own = set[str]() if subject is None else {f"{subject.scope}?{name}" for name in subject.shape.each}
        shown = [(key, value) for key, value in bindings.items() if "?" not in key or key in own]
        return " ".join(f"{key}={value_text(value)}" for key, value in shown)

    def _run(self, steps: Sequence[Scheduled]) -> None:
        for one in steps:
            subjects: Sequence[Subject | None] = (
                [None] if one.tensor is None else self._subjects.get(one.tensor, [])
            )
            for subject in subjects:
                # A step that lacks a dim was to get it from a value that is absent: it is skipped, as in every guard.
                self.matching.run(one, subject)

    def _fail(self, code: str, argument: str, value: Any, expected: str, **fields: object) -> None:
        actual = array_text(value)
        text = sentence(code, argument=argument, **{"actual": actual, "expected": expected, **fields})
        self.matching.failures.append(
            Failure(code, text, argument, None, None, expected, str(fields.get("actual", actual)))
        )

    def _walk(self, hint: Hint, value: Any, argument: str, scope: str, index: int) -> None:
        match hint:
            case TensorHint():
                self._tensor(hint, value, argument, scope, index)
            case PlainHint():
                self._plain(hint, value, argument)
            case OptionalHint(inner=inner):
                if value is not None:
                    self._walk(inner, value, argument, scope, index)
            case UnionHint(members=members):
                self._union(hint, members, value, argument, scope, index)
            case ListHint(item=item, container=container):
                if not isinstance(value, CONTAINERS.get(container, list)) or isinstance(value, str):
                    self._fail("container-differs", argument, value, f"a {container}")
                    return
                for place, element in enumerate(value):
                    self._walk(item, element, f"{argument}[{place}]", f"{scope}[{place}]", index)
            case DictHint(value=inner):
                if not isinstance(value, Mapping):
                    self._fail("container-differs", argument, value, "a mapping")
                    return
                for key, element in cast("Mapping[Any, Any]", value).items():
                    if hint.key_hint is not Unknown and not bears(key, hint.key_hint):
                        message = f"a key of `{argument}` is {array_text(key)}, but the annotation asks for {hint.key}"
                        self.matching.failures.append(
                            Failure("wrong-type", message, argument, None, None, hint.key, array_text(key))
                        )
                    self._walk(inner, element, f"{argument}[{key!r}]", f"{scope}[{key}]", index)
            case TupleHint(items=items):
                parts = cast("tuple[Any, ...]", value)
                if not isinstance(value, tuple) or len(parts) != len(items):
                    self._fail("container-differs", argument, value, f"a tuple of {len(items)}")
                    return
                for place, (item, element) in enumerate(zip(items, parts, strict=True)):
                    self._walk(item, element, f"{argument}[{place}]", f"{scope}[{place}]", index)
                    index += len(tensors_of(item))
            case RecordHint(fields=fields, record_type=record_type):
                known = record_type is not Unknown
                if not (
                    isinstance(value, record_type)
                    if known
                    else all(hasattr(value, name) for name, _ in fields)
                ):
                    self._fail("container-differs", argument, value, f"a {hint.name}")
                    return
                for name, inner in fields:
                    self._walk(inner, getattr(value, name), f"{argument}.{name}", f"{scope}.{name}", index)
                    index += len(tensors_of(inner))

    def _tensor(self, hint: TensorHint, value: Any, argument: str, scope: str, index: int) -> None:
        array = self.array_types[hint.array]
        name = hint.array.rsplit(".", 1)[-1]
        if not (hasattr(value, "shape") and hasattr(value, "dtype")) or not (
            array is Any or isinstance(value, array)
        ):
            self._fail("not-an-array", argument, value, f"a {name}")
            if hint.array == NAMED and hasattr(value, "shape") and hasattr(value, "dtype"):
                written = (
                    f'write `named({argument}, "{hint.shape.without_where()}")` where its dims are known'
                )
                self.matching.failures[-1] = replace(self.matching.failures[-1], help=written)
            return
        written = f'{argument}: {hint.family.name}[{name}, "{hint.shape}"]'
        self._seen[argument] = f"{written} got {array_text(value)}"
        dtype = array_dtype(value)
        if not hint.family.takes(dtype):
            self._fail("dtype-differs", argument, value, hint.family.name, actual=dtype)
        sizes = array_sizes(value)
        strides = array_strides(value)
        names = array_names(value) if hint.array == NAMED else Unknown
        if names is not Unknown and self._misnamed(hint, argument, names):
            return
        subject = Subject(argument, hint.shape, sizes, Unknown if strides is None else strides, scope, names)
        self._subject_of[argument] = subject
        self._subjects.setdefault(index, []).append(subject)

    def _misnamed(self, hint: TensorHint, argument: str, names: tuple[str | None, ...]) -> bool:
        """Adds the failures of a tensor that carries other names than its annotation; tells whether there are any."""
        wrong = misnamed(hint.shape.axes, names)
        shape = hint.shape.without_where()
        carried = " ".join("_" if name is None else name for name in names)
        if len(wrong) > 1 and sorted(one.expected for one in wrong) == sorted(
            str(one.actual) for one in wrong
        ):
            # One cause: the same dims in another order.
            text = sentence("names-differ", argument=argument, actual=carried, expected=shape)
            self.matching.failures.append(
                Failure(
                    "names-differ", text, argument, None, None, str(shape), carried,
                    f'`{argument}.align_to("{shape}")` puts its dims in this order',
                )
            )  # fmt: skip
            return True
        for one in wrong:
            code = "name-missing" if one.actual is None else "names-differ"
            fields: dict[str, object] = {
                "argument": argument,
                "dim": one.expected,
                "actual": one.actual or carried,
            }
            if one.axis >= 0:
                fields["axis"] = one.axis
            unnamed = one.axis >= 0 and one.actual is None
            help = f'`{argument}.refine_names("{shape}")` names axes that have no name' if unnamed else None
            axis = one.axis if one.axis >= 0 else None
            self.matching.failures.append(
                Failure(
                    code,
                    sentence(code, **fields),
                    argument,
                    one.expected,
                    axis,
                    one.expected,
                    one.actual,
                    help,
                )
            )
        return bool(wrong)

    def _plain(self, hint: PlainHint, value: Any, argument: str) -> None:
        if hint.hint is Unknown or bears(value, hint.hint):
            return
        reason = why_not(value, hint.hint)
        text = f"`{argument}` is {array_text(value)}, but the annotation asks for {hint.text}"
        nested = reason and hint.text.count("[")
        message = text + (f" ({reason})" if nested else "")
        self.matching.failures.append(
            Failure("wrong-type", message, argument, None, None, hint.text, array_text(value))
        )

    def _union(
        self, hint: UnionHint, members: tuple[Hint, ...], value: Any, argument: str, scope: str, index: int
    ) -> None:
        for member in members:
            if fits(member, value, self.array_types):
                self._walk(member, value, argument, scope, index)
                return
            index += len(tensors_of(member))
        self._fail("no-member-fits", argument, value, described(hint))


def _position(failure: Failure, order: Sequence[str]) -> tuple[int, int]:
    """Where a failure stands among those of a call: by parameter, then by axis."""
    root = re.split(r"[\[.]", failure.argument or "", maxsplit=1)[0]
    return (order.index(root) if root in order else len(order), -1 if failure.axis is None else failure.axis)


def fits(hint: Hint, value: Any, array_types: Mapping[str, Any]) -> bool:
    """Tells whether a value is the alternative of a union: its type, dtype, rank and fixed sizes."""
    match hint:
        case TensorHint(shape=shape, family=family):
            array = array_types[hint.array]
            if not (hasattr(value, "shape") and hasattr(value, "dtype")):
                return False
            if not (array is Any or isinstance(value, array)) or not family.takes(array_dtype(value)):
                return False
            names = array_names(value) if hint.array == NAMED else Unknown
            if names is not Unknown and misnamed(shape.axes, names):
                return False
            sizes = array_sizes(value)
            if shape.groups:
                return len(sizes) >= len(shape.axes) - len(shape.groups)
            return len(sizes) == len(shape.axes) and all(
                sizes[axis] == size for axis, size in fixed_axes(hint)
            )
        case PlainHint():
            return hint.hint is Unknown or bears(value, hint.hint)
        case OptionalHint(inner=inner):
            return value is None or fits(inner, value, array_types)
        case UnionHint(members=members):
            return any(fits(member, value, array_types) for member in members)
        case ListHint(container=container):
            return isinstance(value, CONTAINERS.get(container, list)) and not isinstance(value, str)
        case DictHint():
            return isinstance(value, Mapping)
        case TupleHint(items=items):
            return isinstance(value, tuple) and len(cast("tuple[Any, ...]", value)) == len(items)
        case RecordHint(record_type=record_type):
            return record_type is not Unknown and isinstance(value, record_type)


def fixed_axes(hint: TensorHint) -> list[tuple[int, int]]:
    """The axes of a shape without groups whose size is a number."""
    return [
        (place, axis.size.value)
        for place, axis in enumerate(hint.shape.axes)
        if isinstance(axis, Dim)
        and not isinstance(axis, Group)
        and axis.size is not Unknown
        and axis.size.value is not Unknown
        and not axis.broadcast
    ]
