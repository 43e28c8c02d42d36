"""Whether one signature can stand in the place of another: fewer demands on arguments, more promises of results.

The dims of the old signature are symbols; its calls are tried path by path on stand-ins, and every check of the new
signature must hold in all of them. Then the new signature promises a result, and the old one checks it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from namedtorch.dims.attributes import steps_of
from namedtorch.dims.pattern import Dim, Flattened
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.complaints import Complaints
from namedtorch.signature.demand import Demand
from namedtorch.signature.fitting import Fitting
from namedtorch.signature.pairs import pairs
from namedtorch.signature.paths import Impossible, Path, explore
from namedtorch.signature.plan import Plan, build_plan, spread
from namedtorch.signature.promise import Promise
from namedtorch.signature.signature import Parameter, Signature, tensors_of
from namedtorch.signature.sites import RESULT
from namedtorch.signature.stand_ins import Known, StandIn

# What is compared may come out of a stranger's file: so many paths at most, of fewer where each is long.
_MOST_PATHS = 1200
_MOST_WORK = 150_000


def misfits(
    old: Signature,
    new: Signature,
    *,
    caller: str = "the old signature",
    model: str = "the new one",
    remedies: bool = True,
) -> list[str]:
    """Why a caller written for `old` can't use `new`: one sentence each, none if it can.

    Every call that `old` accepts, `new` has to accept, and what it returns has to fit `old`: names of dims do not
    matter, names of parameters do (they are keywords), dtypes count where both sides say any. What can't be decided
    is a misfit that says so. `caller` and `model` are what the sentences call the two; `remedies` says what to write
    into `old`. Raises `AnnotationError` for a signature with a dim that nothing binds.
    """
    old, new = old.without("self", "cls"), new.without("self", "cls")
    plans = build_plan(old), build_plan(new)
    if old == new:
        return []
    paired, found = pairs(old, new, caller, model)
    if old.yields != new.yields:
        gives = {True: "yields values", False: "returns a value"}
        found.append(f"{model} {gives[new.yields]}, and {caller} {gives[old.yields]}")
    arguments = Complaints(model, caller, remedies=remedies)
    results = Complaints(caller, model, remedies=False)
    comparison = _Comparison(old, new, *plans, paired, arguments, results)
    most = min(_MOST_PATHS, _MOST_WORK // (_work(old) + _work(new)))
    if not most:
        return [
            *found,
            f"whether {model} takes every call of {caller} can't be decided: they ask for too much",
        ]
    try:
        complete = explore(
            comparison.walk,
            most,
            zeros=_reckons(old) or _reckons(new),
            settled=lambda: bool(found or arguments.texts or results.texts),
        )
    except SizeLimitError as error:
        return [*found, *arguments.texts, *results.texts, f"whether all sizes fit can't be decided: {error}"]
    found += [*arguments.texts, *results.texts]
    if not complete and not found:
        found.append(
            f"whether {model} takes every call of {caller} can't be decided: they are taken in more than "
            f"{most} ways (optional values, lists, groups that broadcast)"
        )
    return found


def _work(signature: Signature) -> int:
    """How long a path through a signature is: each constraint is held against those before it."""
    shapes = [one.shape for one in signature.tensors]
    constraints = len(signature.where) + sum(len(one.where) for one in shapes)
    return 1 + len(shapes) + sum(len(one.axes) for one in shapes) + 12 * constraints**2


@dataclass(slots=True)
class _Comparison:
    """Two signatures, compared path by path; `pairs` are parameters of the old one, each with the new one's for it."""

    old: Signature
    new: Signature
    old_plan: Plan
    new_plan: Plan
    pairs: Sequence[tuple[Parameter, Parameter]]
    arguments: Complaints
    results: Complaints
    _longest: int = field(init=False)

    def __post_init__(self) -> None:
        shapes = [hint.shape for one in (self.old, self.new) for hint in one.tensors]
        # A check reads so many axes from either end of a group; what lies between is compared as it is.
        self._longest = 1 + max((len(one.axes) - len(one.groups) for one in shapes if one.groups), default=0)
        if any(len(one.groups) > 1 for one in shapes):
            self._longest += 1

    def walk(self, path: Path) -> None:
        """Compares the two on one path."""
        ours, theirs = Known(), Known()
        promise = Promise(path, ours, self._longest, own=True)
        given = self._given(promise)
        self._integers(path, ours, theirs, given)
        promise.keep(self.old_plan.before)
        fitting = Fitting(path, self.arguments)
        sources = {new.name: old.name for old, new in self.pairs}
        index = 0
        for one in self.new.parameters:
            value = given.get(sources.get(one.name, ""))
            if value is not None:
                fitting.walk(spread(one), value, one.name, "", index)
            index += len(tensors_of(one.hint))
        demand = Demand(path, theirs, self.arguments, fitting.tensors)
        demand.check(self.new_plan.before)
        # Where an argument does not fit at all, what the result would be bound to is not known.
        broken = demand.broken or fitting.refused
        if broken and path.notes:
            return
        returned = Promise(path, theirs, self._longest, tensors=demand.ranked)
        result = returned.value(self.new.result, RESULT, "", self.new_plan.first_result)
        returned.keep(self.new_plan.after)
        taking = Fitting(path, self.results, dict(promise.tensors))
        taking.walk(self.old.result, result, RESULT, "", self.old_plan.first_result)
        Demand(path, ours, self.results, taking.tensors).check(self.old_plan.after, sizes=not broken)

    def _given(self, promise: Promise) -> dict[str, StandIn]:
        """The arguments of a call of the old signature by name; what is left out is missing."""
        found: dict[str, StandIn] = {}
        news = {old.name: new for old, new in self.pairs}
        index = 0
        for one in self.old.parameters:
            new = news.get(one.name)
            # Where both have None for it, leaving a value out is giving None.
            same = one.default is None and new is not None and new.default is None
            matters = bool(tensors_of(one.hint)) or one.name in self._roots
            left_out = (
                one.default is not Unknown
                and not same
                and matters
                and promise.path.choose("", f"`{one.name}` is left out")
            )
            if left_out:
                # A new signature that needs it is a misfit by itself.
                if new is None or new.required:
                    raise Impossible
            else:
                found[one.name] = promise.value(spread(one), one.name, "", index)
            index += len(tensors_of(one.hint))
        return found

    @property
    def _roots(self) -> set[str]:
        """The parameters of the old signature whose value is the size of something."""
        sources = {new.name: old.name for old, new in self.pairs}
        theirs = {steps_of(path)[0] for path in self.new_plan.attributes}
        return {steps_of(path)[0] for path in self.old_plan.attributes} | {
            sources.get(one, one) for one in theirs
        }

    def _integers(self, path: Path, ours: Known, theirs: Known, given: Mapping[str, StandIn]) -> None:
        """What attribute paths such as `{n}` lead to: the same number for both where they start at one argument."""
        numbers: dict[tuple[str, ...], Size] = {}
        sources = {new.name: old.name for old, new in self.pairs}
        sides = (
            (
                self.old,
                self.old_plan,
                ours,
                self.results,
                {one.name: one.name for one in self.old.parameters},
            ),
            (self.new, self.new_plan, theirs, self.arguments, sources),
        )
        for signature, plan, known, complaints, names in sides:
            for symbol in plan.attributes:
                root, *rest = steps_of(symbol)
                place = (names.get(root, ""), *rest)
                default = signature.parameter(root).default
                if place[0] in given:
                    if place not in numbers:
                        numbers[place] = path.integer(symbol)
                    known.integers[symbol] = numbers[place]
                elif not rest and isinstance(default, int):
                    known.integers[symbol] = Size.constant(default)
                else:
                    text = f"`{symbol}` is a size for {complaints.asker}, and {complaints.giver} does not tell it"
                    complaints.say(path, ("attribute", symbol), text)


def _reckons(signature: Signature) -> bool:
    """Tells whether sizes are compared by more than whether they are equal: then one that is 0 is a case of its own."""
    if signature.where:
        return True
    for hint in signature.tensors:
        if hint.shape.where:
            return True
        for axis in hint.shape.axes:
            if isinstance(axis, Flattened):
                return True
            if isinstance(axis, Dim) and axis.size is not Unknown and axis.size.value is Unknown:
                return True
    return False
