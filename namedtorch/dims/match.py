"""Matching: runs scheduled steps over tensors, collects every failure, and says who bound what.

This is the explaining matcher; the guards that enforce a signature at every call are written from the same steps.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from namedtorch.diagnostics import Failure
from namedtorch.dims import failures as blame
from namedtorch.dims.attributes import AttributeMissing, Attributes, is_attribute
from namedtorch.dims.bindings import Bindings, Source
from namedtorch.dims.broadcast import broadcast_sizes, group_agrees, places_between
from namedtorch.dims.carried import expected_name, places_by_name
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.hints import layout_hint, rank_hint
from namedtorch.dims.layout import stored_as
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Where
from namedtorch.dims.subject import Subject
from namedtorch.dims.unknown import Unknown, UnknownType

_ANY = -1  # what `places_between` takes for an axis of any size
_NEVER = -2  # one that no axis has: arithmetic gave a negative size


@dataclass(slots=True)
class Matching:
    """One run over the steps of a call: the bindings so far, and all failures.

    While it is `patient`, two groups that could be placed at several axes wait, as later bindings may tell.
    """

    bindings: Bindings
    attributes: Attributes = field(default_factory=Attributes)
    failures: list[Failure] = field(default_factory=list[Failure])
    failed: dict[str, Bindings] = field(default_factory=dict[str, Bindings])
    patient: bool = False
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
            self._fail(blame.attribute_missing(one, subject, missing))
        except ZeroDivisionError:
            self._fail(blame.divides_by_zero(subject))
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
        hint = rank_hint(subject.shape, subject.sizes, self.bindings, self.attributes)
        self._fail(blame.rank_differs(subject, step, hint))
        self._misfits.add(id(subject))

    def _equal(self, step: Equal, one: Scheduled, subject: Subject) -> bool:
        axis = subject.axis(step.axis)
        actual = subject.sizes[axis]
        if step.broadcast and actual == 1:
            return True
        known = self._known(step.size.symbols, one, subject)
        if known is None:
            return False
        expected = step.size.evaluate(known)
        if step.label is Unknown:
            if actual != expected:
                hint = self._layout_hint(subject)
                self._fail(blame.size_differs(subject, step.size, axis, expected, known, hint))
            return True
        key = step.label
        bound = self.bindings.sizes.get(key)
        if bound is None or self._doubts(key):
            by = Source(subject.argument, axis, f"the annotation of `{subject.argument}`")
            self.bindings = self.bindings.bind(key, expected, by)
        elif bound not in (expected, actual):
            self._differs(subject, step.label, axis, bound, key)
            return True
        if actual != expected:
            self._differs(subject, step.label, axis, expected, "")
        elif bound is not None and bound != expected:
            self._differs(subject, step.label, axis, bound, key)
        return True

    def _bind(self, step: Bind, subject: Subject) -> None:
        axis = subject.axis(step.axis)
        actual = subject.sizes[axis]
        if step.broadcast and actual == 1:
            return
        if step.each and not subject.scope:
            self._fail(blame.each_outside(subject, step.name))
            return
        key = self._key(step.name, step.each, subject)
        bound = self.bindings.sizes.get(key)
        if bound is None:
            self.bindings = self.bindings.bind(key, actual, Source(subject.argument, axis))
        elif bound != actual and not self._doubts(key):
            self._differs(subject, step.name, axis, bound, key)

    def _flat(self, step: Flat, one: Scheduled, subject: Subject) -> bool:
        product, open_names = 1, list[str | UnknownType]()
        for factor in step.factors:
            size = self._factor(factor, one, subject)
            if size is None:
                return False
            if size is Unknown:
                open_names.append(factor.name)
            else:
                product *= size
        self._label_factors(step, one, subject)
        if len(open_names) > 1:
            return False
        actual = subject.sizes[subject.axis(step.axis)]
        solving = bool(open_names)
        if not (product == actual if not solving else actual % product == 0 if product else actual == 0):
            self._fail(blame.flattened_differs(subject, step, product, solving))
        elif solving and product and open_names[0] is not Unknown:
            name = open_names[0]
            key = self._key(name, name in one.each, subject)
            by = Source(subject.argument, subject.axis(step.axis))
            self.bindings = self.bindings.bind(key, actual // product, by)
        return True

    def _factor(self, factor: Dim, one: Scheduled, subject: Subject) -> int | UnknownType | None:
        """The size of a factor; Unknown if it can be solved for, None if it waits for other dims."""
        if factor.size is not Unknown:
            known = self._known(factor.size.symbols, one, subject)
            return None if known is None else factor.size.evaluate(known)
        if factor.name is Unknown:
            return Unknown
        return self.bindings.sizes.get(self._key(factor.name, factor.name in one.each, subject), Unknown)

    def _label_factors(self, step: Flat, one: Scheduled, subject: Subject) -> None:
        """Binds the labels of factors with a size: `(heads=8 d)`."""
        for factor in step.factors:
            size = self._factor(factor, one, subject)
            if (
                factor.size is Unknown
                or factor.name is Unknown
                or factor.name in one.each
                or not isinstance(size, int)
            ):
                continue
            bound = self.bindings.sizes.get(factor.name)
            if bound is None:
                by = Source(subject.argument, None, f"the annotation of `{subject.argument}`")
                self.bindings = self.bindings.bind(factor.name, size, by)
            elif bound != size and not self._doubts(factor.name):
                source = self.bindings.source(factor.name)
                self._fail(blame.label_differs(subject, step, factor.name, size, bound, source))

    def _bind_group(self, group: Group, sizes: tuple[int, ...], start: int, subject: Subject) -> None:
        if group.name is Unknown:
            return
        if group.each and not subject.scope:
            self._fail(blame.each_outside(subject, group.name))
            return
        key = self._key(group.name, group.each, subject)
        bound = self.bindings.group(key)
        by = Source(subject.argument, None)
        if bound is None:
            self.bindings = self.bindings.bind_group(key, sizes, group.broadcast, by)
        elif not group_agrees(list(bound.sizes), bound.broadcast, list(sizes), group.broadcast):
            source = self.bindings.source(f"*{key}")
            self._fail(blame.group_differs(subject, group, start, bound.sizes, sizes, source))
        elif bound.broadcast:
            both = tuple(broadcast_sizes(list(bound.sizes), list(sizes)))
            self.bindings = self.bindings.bind_group(key, both, group.broadcast, by)

    def _place(self, step: Place, one: Scheduled, subject: Subject) -> bool:
        wanted: list[int | None] = []
        for dim in step.middle:
            if dim.size is not Unknown:
                known = self._known(dim.size.symbols, one, subject)
                if known is None:
                    return False
                wanted.append(dim.size.evaluate(known))
            else:
                key = "" if dim.name is Unknown else self._key(dim.name, dim.each, subject)
                wanted.append(self.bindings.sizes.get(key))
        middle = [_ANY if size is None else size if size >= 0 else _NEVER for size in wanted]
        sizes = subject.sizes[step.start : len(subject.sizes) - step.behind]
        before, after = (self._group_sizes(group, subject) for group in (step.before, step.after))
        ones = [dim.broadcast for dim in step.middle]
        places = places_between(list(sizes), middle, ones, before, after)
        if subject.names is not Unknown:
            wanted_names = [expected_name(dim) for dim in step.middle]
            places = places_by_name(places, subject.names[step.start :], wanted_names)
        if len(places) > 1 and self.patient:
            return False
        if len(places) > 1:
            self._fail(blame.place_ambiguous(subject, step, places))
        elif not places:
            self._fail(blame.place_missing(subject, step, wanted))
        else:
            first = step.start + places[0]
            for axis, dim in enumerate(step.middle, first):
                if dim.size is not Unknown:
                    self._equal(Equal(axis, dim.name, dim.size, dim.broadcast), one, subject)
                elif dim.name is not Unknown:
                    self._bind(Bind(axis, dim.name, dim.broadcast, dim.each), subject)
            behind = first + len(step.middle)
            self._bind_group(step.before, subject.sizes[step.start : first], step.start, subject)
            end = len(subject.sizes) - step.behind
            self._bind_group(step.after, subject.sizes[behind:end], behind, subject)
        return True

    def _group_sizes(self, group: Group, subject: Subject) -> list[int]:
        """The sizes that a group must have, as `places_between` takes them."""
        if group.name is Unknown or group.broadcast:
            return [_ANY]
        bound = self.bindings.group(self._key(group.name, group.each, subject))
        return [_ANY] if bound is None or bound.broadcast else list(bound.sizes)

    def _where(self, constraint: Constraint, one: Scheduled, subject: Subject | None) -> bool:
        known = self._known(constraint.symbols, one, subject)
        if known is None:
            return False
        if not constraint.holds(known):
            sources = {
                name: self.bindings.source(self._key(name, name in one.each, subject)) for name in known
            }
            self._fail(blame.where_broken(subject, constraint, known, sources))
        return True

    def _format(self, step: Format, subject: Subject) -> None:
        if subject.strides is Unknown:
            return
        order = step.memory_format.order or range(len(subject.sizes))
        if not stored_as(list(subject.sizes), list(subject.strides), list(order)):
            self._fail(blame.format_differs(subject, step, subject.strides))

    # Failures

    def _differs(self, subject: Subject, name: str, axis: int, expected: int, key: str) -> None:
        source = self.bindings.source(key) if key else None
        self._fail(blame.dim_differs(subject, name, axis, expected, source, self._layout_hint(subject)))

    def _layout_hint(self, subject: Subject) -> str | None:
        """The layout that the tensor seems to have, said once; what it bound is then no ground for more failures."""
        known = self.bindings.without(subject.argument)
        hint = layout_hint(subject.shape, subject.sizes, known, self.attributes)
        if hint is None:
            return None
        said = subject.argument in self._doubtful
        self._doubtful.add(subject.argument)
        return None if said else hint

    def _fail(self, failure: Failure) -> None:
        said = {(one.code, one.message, one.argument) for one in self.failures}
        if (failure.code, failure.message, failure.argument) in said:
            return  # a check that is taken again once its dims may be bound
        by_size = failure.code in ("dims-differ", "size-differs")
        if by_size and failure.help is None and failure.argument in self._doubtful:
            return  # another layout was named: one cause, one failure
        self.failures.append(failure)
        if failure.argument is not None:
            self.failed.setdefault(failure.argument, self.bindings.without(failure.argument))


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
