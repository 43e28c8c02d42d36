"""Matching: runs scheduled steps over tensors, collects every failure, and says who bound what.

This is the explaining matcher; the guards that enforce a signature at every call are written from the same steps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from namedtorch.diagnostics import Failure
from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.attributes import AttributeMissing, Attributes, is_attribute
from namedtorch.dims.bindings import Bindings, Source
from namedtorch.dims.broadcast import broadcast_sizes, group_agrees, places_between
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.hints import layout_hint, rank_hint
from namedtorch.dims.layout import stored_as
from namedtorch.dims.schedule import Scheduled, unbound
from namedtorch.dims.pattern import Dim, Flattened, Group, Pattern
from namedtorch.dims.size import Size
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Where
from namedtorch.dims.unknown import Unknown, UnknownType


@dataclass(frozen=True, slots=True)
class Subject:
    """A tensor that is matched: what messages call it, its shape as annotated, its sizes and strides.

    `scope` is the element of a container that it is ("[2]"), where `?H` is bound anew; "" outside of containers.
    """

    argument: str
    shape: Pattern
    sizes: tuple[int, ...]
    strides: tuple[int, ...] | UnknownType = Unknown
    scope: str = ""

    def axis(self, place: int) -> int:
        """The axis from the left of one that may count from the right."""
        return place if place >= 0 else len(self.sizes) + place


@dataclass(slots=True)
class Matching:
    """One run over the steps of a call: the bindings so far, and all failures."""

    bindings: Bindings
    attributes: Attributes = field(default_factory=Attributes)
    failures: list[Failure] = field(default_factory=list[Failure])
    failed: dict[str, Bindings] = field(default_factory=dict[str, Bindings])
    # Tensors of a wrong rank, and arguments whose layout seems wrong: what they bound is no ground for more failures.
    _misfits: set[int] = field(default_factory=set[int])
    _doubtful: set[str] = field(default_factory=set[str])

    def run(self, one: Scheduled, subject: Subject | None) -> bool:
        """Takes a step; False if it lacks a dim and did nothing."""
        if subject is not None and id(subject) in self._misfits:
            return True
        try:
            return self._take(one, subject)
        except AttributeMissing as missing:
            self._fail_attribute(one, subject, missing)
        except ZeroDivisionError:
            name = subject.argument if subject else "the signature"
            self._fail(
                subject, "size-differs", f"`{name}` has an annotation that divides by a size that is 0", None
            )
        return True

    def _take(self, one: Scheduled, subject: Subject | None) -> bool:
        step = one.step
        if isinstance(step, Where):
            return self._where(step.constraint, one, subject)
        assert subject is not None
        match step:
            case Rank():
                self._rank(step, subject)
            case Equal():
                return self._equal(step, one, subject)
            case Bind():
                self._bind(step, subject)
            case Flat():
                return self._flat(step, one, subject)
            case BindGroup():
                sizes = subject.sizes[step.start : len(subject.sizes) - step.behind]
                self._bind_group(Group(step.name, step.broadcast, step.each), sizes, step.start, subject)
            case Place():
                return self._place(step, one, subject)
            case Format():
                self._format(step, subject)
        return True

    # What is known

    def _key(self, name: str, each: bool, subject: Subject | None) -> str:
        return f"{subject.scope}?{name}" if each and subject is not None else name

    def _known(
        self, symbols: Iterable[str], one: Scheduled, subject: Subject | None
    ) -> dict[str, int] | None:
        """The sizes of these symbols; None if one is not bound yet."""
        found: dict[str, int] = {}
        for symbol in symbols:
            if is_attribute(symbol):
                found[symbol] = self.attributes.size(symbol)
            else:
                key = self._key(symbol, symbol in one.each, subject)
                if key not in self.bindings.sizes or self._doubts(key):
                    return None
                found[symbol] = self.bindings.sizes[key]
        return found

    def _doubts(self, key: str) -> bool:
        source = self.bindings.source(key)
        return source is not None and source.argument in self._doubtful

    # The steps

    def _rank(self, step: Rank, subject: Subject) -> None:
        count = len(subject.sizes)
        if count == step.count or (step.at_least and count > step.count):
            return
        expected = f"at least {step.count}" if step.at_least else str(step.count)
        text = sentence(
            "rank-differs", argument=subject.argument, actual=count, dim=str(subject.shape), expected=expected
        )
        hint = rank_hint(subject.shape, subject.sizes, self.bindings, self.attributes)
        self._fail(subject, "rank-differs", text, None, expected=step.count, actual=count, hint=hint)
        self._misfits.add(id(subject))

    def _equal(self, step: Equal, one: Scheduled, subject: Subject) -> bool:
        known = self._known(step.size.symbols, one, subject)
        if known is None:
            return False
        expected = step.size.evaluate(known)
        axis = subject.axis(step.axis)
        actual = subject.sizes[axis]
        if step.label is not Unknown:
            key = step.label
            by = Source(subject.argument, axis, f"the annotation of `{subject.argument}`")
            bound = self.bindings.sizes.get(key)
            if bound is None:
                self.bindings = self.bindings.bind(key, expected, by)
            elif bound != expected and not (step.broadcast and actual == 1):
                self._differs(subject, step.label, axis, bound, actual, key)
                return True
        if actual != expected and not (step.broadcast and actual == 1):
            if step.label is not Unknown:
                self._differs(subject, step.label, axis, expected, actual, "")
            else:
                self._size_differs(subject, step.size, axis, expected, actual, known)
        return True

    def _bind(self, step: Bind, subject: Subject) -> None:
        axis = subject.axis(step.axis)
        actual = subject.sizes[axis]
        if step.broadcast and actual == 1:
            return
        if step.each and not subject.scope:
            self._each_outside(subject, step.name)
            return
        key = self._key(step.name, step.each, subject)
        bound = self.bindings.sizes.get(key)
        if bound is None:
            self.bindings = self.bindings.bind(key, actual, Source(subject.argument, axis))
        elif bound != actual and not self._doubts(key):
            self._differs(subject, step.name, axis, bound, actual, key)

    def _flat(self, step: Flat, one: Scheduled, subject: Subject) -> bool:
        product, open_names = 1, list[str | UnknownType]()
        for factor in step.factors:
            size = self._factor(factor, step.axis, one, subject)
            if size is None:
                return False
            if size is Unknown:
                open_names.append(factor.name)
            else:
                product *= size
        if len(open_names) > 1:
            return False
        axis = subject.axis(step.axis)
        actual = subject.sizes[axis]
        fits = (product == actual) if not open_names else (actual % product == 0 if product else actual == 0)
        if not fits:
            text = str(Flattened(step.factors))
            kind = "a multiple of " if open_names else ""
            message = sentence(
                "flattened-differs",
                argument=subject.argument,
                actual=actual,
                axis=axis,
                dim=text,
                expected=f"{kind}{product}",
            )
            self._fail(subject, "flattened-differs", message, axis, dim=text, expected=product, actual=actual)
        elif open_names and product and open_names[0] is not Unknown:
            name = open_names[0]
            key = self._key(name, name in one.each, subject)
            self.bindings = self.bindings.bind(key, actual // product, Source(subject.argument, axis))
        return True

    def _factor(self, factor: Dim, axis: int, one: Scheduled, subject: Subject) -> int | UnknownType | None:
        """The size of a factor; Unknown if it can be solved for, None if it waits for other dims."""
        if factor.size is not Unknown:
            known = self._known(factor.size.symbols, one, subject)
            if known is None:
                return None
            size = factor.size.evaluate(known)
            if factor.name is not Unknown:
                by = Source(subject.argument, None, f"the annotation of `{subject.argument}`")
                bound = self.bindings.sizes.get(factor.name)
                if bound is None:
                    self.bindings = self.bindings.bind(factor.name, size, by)
                elif bound != size:
                    self._differs(subject, factor.name, subject.axis(axis), bound, size, factor.name)
            return size
        if factor.name is Unknown:
            return Unknown
        return self.bindings.sizes.get(self._key(factor.name, factor.each, subject), Unknown)

    def _bind_group(self, group: Group, sizes: tuple[int, ...], start: int, subject: Subject) -> None:
        if group.name is Unknown:
            return
        if group.each and not subject.scope:
            self._each_outside(subject, group.name)
            return
        key = self._key(group.name, group.each, subject)
        bound = self.bindings.group(key)
        by = Source(subject.argument, None)
        if bound is None:
            self.bindings = self.bindings.bind_group(key, sizes, group.broadcast, by)
            return
        if group_agrees(list(bound.sizes), bound.broadcast, list(sizes), group.broadcast):
            if bound.broadcast:
                both = tuple(broadcast_sizes(list(bound.sizes), list(sizes)))
                self.bindings = self.bindings.bind_group(key, both, group.broadcast, by)
            return
        message = sentence(
            "groups-differ",
            argument=subject.argument,
            actual=sizes_text(sizes),
            dim=str(group),
            expected=sizes_text(bound.sizes),
        )
        message += self._bound_by(f"*{key}", subject)
        self._fail(
            subject, "groups-differ", message, start, dim=str(group), expected=bound.sizes, actual=sizes
        )

    def _place(self, step: Place, one: Scheduled, subject: Subject) -> bool:
        middle: list[int] = []
        for dim in step.middle:
            if dim.size is not Unknown:
                known = self._known(dim.size.symbols, one, subject)
                if known is None:
                    return False
                middle.append(dim.size.evaluate(known))
            else:
                key = "" if dim.name is Unknown else self._key(dim.name, dim.each, subject)
                middle.append(self.bindings.sizes.get(key, -1))
        sizes = subject.sizes[step.start : len(subject.sizes) - step.behind]
        groups = [self._group_sizes(group, subject) for group in (step.before, step.after)]
        ones = [dim.broadcast for dim in step.middle]
        places = places_between(list(sizes), middle, ones, groups[0], groups[1])
        text = " ".join(str(dim) for dim in step.middle) or f"the end of {step.before}"
        if len(places) == 1:
            first = places[0]
            for offset, dim in enumerate(step.middle):
                if dim.name is Unknown:
                    continue
                axis = step.start + first + offset
                if dim.size is Unknown:
                    self._bind(Bind(axis, dim.name, dim.broadcast, dim.each), subject)
                else:
                    self._equal(Equal(axis, dim.name, dim.size, dim.broadcast), one, subject)
            self._bind_group(step.before, sizes[:first], step.start, subject)
            behind = first + len(step.middle)
            self._bind_group(step.after, sizes[behind:], step.start + behind, subject)
        elif places:
            axes = ", ".join(str(step.start + place) for place in places)
            message = sentence(
                "place-ambiguous", argument=subject.argument, actual=len(places), dim=text, expected=axes
            )
            hint = "give the axes that are known, or pass what fixes the dim's size"
            self._fail(subject, "place-ambiguous", message, None, dim=text, actual=axes, hint=hint)
        else:
            wanted = ", ".join(
                f"{dim}={size}" for dim, size in zip(step.middle, middle, strict=True) if size != -1
            )
            expected = f"it needs {wanted or 'room'}, and has the sizes {sizes_text(sizes)}"
            message = sentence("place-missing", argument=subject.argument, dim=text, expected=expected)
            self._fail(subject, "place-missing", message, None, dim=text, expected=wanted, actual=sizes)
        return True

    def _group_sizes(self, group: Group, subject: Subject) -> list[int]:
        """The sizes that a group must have, as `places_between` takes them."""
        if group.name is Unknown or group.broadcast:
            return [-1]
        bound = self.bindings.group(self._key(group.name, group.each, subject))
        return [-1] if bound is None or bound.broadcast else list(bound.sizes)

    def _where(self, constraint: Constraint, one: Scheduled, subject: Subject | None) -> bool:
        known = self._known(constraint.symbols, one, subject)
        if known is None:
            return False
        if not constraint.holds(known):
            values = " ".join(f"{name}={size}" for name, size in sorted(known.items()))
            message = sentence("where-broken", dim=str(constraint), actual=values)
            for name in sorted(known):
                key = self._key(name, name in one.each, subject)
                source = self.bindings.source(key)
                if source is not None and source.axis is not None:
                    message += f" (`{name}` is {source})"
            self._fail(subject, "where-broken", message, None, dim=str(constraint), actual=values)
        return True

    def _format(self, step: Format, subject: Subject) -> None:
        if subject.strides is Unknown:
            return
        order = step.memory_format.order
        plain = list(range(len(subject.sizes)))
        if not stored_as(list(subject.sizes), list(subject.strides), list(order) if order else plain):
            actual = sizes_text(subject.strides)
            text = str(step.memory_format)
            message = sentence("memory-format-differs", argument=subject.argument, dim=text, actual=actual)
            if stored_as(list(subject.sizes), list(subject.strides), plain):
                message += ", those of a contiguous tensor"
            self._fail(subject, "memory-format-differs", message, None, dim=text, actual=subject.strides)

    # Failures

    def _differs(self, subject: Subject, name: str, axis: int, expected: int, actual: int, key: str) -> None:
        message = sentence(
            "dims-differ", argument=subject.argument, actual=actual, axis=axis, dim=name, expected=expected
        )
        message += self._bound_by(key, subject, axis)
        hint = layout_hint(
            subject.shape, subject.sizes, self.bindings.without(subject.argument), self.attributes
        )
        self._fail(
            subject, "dims-differ", message, axis, dim=name, expected=expected, actual=actual, hint=hint
        )

    def _size_differs(
        self, subject: Subject, size: Size, axis: int, expected: int, actual: int, known: Mapping[str, int]
    ) -> None:
        message = sentence(
            "size-differs", argument=subject.argument, actual=actual, axis=axis, dim=size, expected=expected
        )
        if size.value is not Unknown:
            message = (
                f"`{subject.argument}` has size {actual} at axis {axis}, but the annotation says {expected}"
            )
        elif str(size) not in known:
            message += f" ({' '.join(f'{name}={value}' for name, value in sorted(known.items()))})"
        hint = layout_hint(
            subject.shape, subject.sizes, self.bindings.without(subject.argument), self.attributes
        )
        self._fail(
            subject, "size-differs", message, axis, dim=str(size), expected=expected, actual=actual, hint=hint
        )

    def _bound_by(self, key: str, subject: Subject, axis: int | None = None) -> str:
        source = self.bindings.source(key) if key else None
        if source is None:
            return ""
        if source.argument == subject.argument and source.note:
            return ""
        if source.argument == subject.argument and axis is not None:
            return f" (axis {source.axis} of `{source.argument}`)"
        return f" (bound by {source})"

    def _each_outside(self, subject: Subject, name: str) -> None:
        message = sentence("each-outside-container", dim=name, argument=f"`{subject.argument}`")
        self._fail(subject, "each-outside-container", message, None, dim=name)

    def _fail_attribute(self, one: Scheduled, subject: Subject | None, missing: AttributeMissing) -> None:
        symbols: Iterable[str] = ()
        match one.step:
            case Equal(size=size):
                symbols = size.symbols
            case Where(constraint=constraint):
                symbols = constraint.symbols
            case Flat(factors=factors) | Place(middle=factors):
                symbols = (s for factor in factors if factor.size is not Unknown for s in factor.size.symbols)
            case _:
                pass
        path = next((symbol for symbol in sorted(symbols) if is_attribute(symbol)), "an attribute")
        name = f"`{subject.argument}`" if subject else "the signature"
        message = sentence("attribute-missing", dim=path, argument=name, actual=missing)
        self._fail(subject, "attribute-missing", message, None, dim=path, actual=str(missing))

    def _fail(
        self,
        subject: Subject | None,
        code: str,
        message: str,
        axis: int | None,
        *,
        dim: str | None = None,
        expected: int | str | tuple[int, ...] | None = None,
        actual: int | str | tuple[int, ...] | None = None,
        hint: str | None = None,
    ) -> None:
        argument = subject.argument if subject else None
        if hint is not None and argument is not None and code in ("dims-differ", "size-differs"):
            self._doubtful.add(argument)
        if hint is not None and any(one.argument == argument and one.help == hint for one in self.failures):
            hint = None  # one hint per cause
        if any((one.code, one.message, one.argument) == (code, message, argument) for one in self.failures):
            return  # a check that is taken again once its dims may be bound
        self.failures.append(Failure(code, message, argument, dim, axis, expected, actual, hint))
        if argument is not None:
            self.failed.setdefault(argument, self.bindings.without(argument))


def sizes_text(sizes: Sequence[int]) -> str:
    """Sizes as torch prints them: (8, 3, 224, 224)."""
    return "(" + ", ".join(str(size) for size in sizes) + ("," if len(sizes) == 1 else "") + ")"


def settle(
    matching: Matching, waiting: list[tuple[Scheduled, Subject | None]]
) -> list[tuple[Scheduled, Subject | None]]:
    """Takes the waiting steps that have got their dims, until none can be taken; returns the rest."""
    progress = True
    while progress and waiting:
        rest = [(one, subject) for one, subject in waiting if not matching.run(one, subject)]
        progress = len(rest) < len(waiting)
        waiting = rest
    return waiting


def unbound_failure(one: Scheduled, subject: Subject | None, bindings: Bindings) -> Failure:
    """The failure of a step that no dim ever came to."""
    names = unbound(one, bindings)
    argument = f"the annotation of `{subject.argument}`" if subject else "the signature"
    text = ", ".join(names) or "a dim"
    return Failure(
        "dim-unbound",
        sentence("dim-unbound", dim=text, argument=argument),
        subject.argument if subject else None,
        text,
        help=f"give `{names[0]}` an axis of its own somewhere, or a size" if names else None,
    )
