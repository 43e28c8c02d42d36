"""The order in which the axes of several tensors are matched, so that the order of parameters does not matter.

Known sizes first, then bare dims in the order of the parameters, then arithmetic, flattened axes, two groups and
`where`, in the order of their dependencies. The schedule is made once, from the shapes alone; a dim that only an
absent Optional would bind counts as bound here, and its checks are skipped in the call.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from namedtorch.dims.pattern import Axis, Dim, Flattened, Group, Pattern, dim_symbols
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Step, Where
from namedtorch.dims.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A step of the tensor with this index (None: a constraint of the whole signature).

    `each` holds the names that in this tensor's shape are bound per element.
    """

    tensor: int | None
    step: Step
    each: frozenset[str] = frozenset()

    @property
    def needs(self) -> frozenset[str]:
        """The dims that must be known before the step can be taken; per-element ones as `?name`."""
        return self._scoped(_needs(self.step))

    @property
    def binds(self) -> frozenset[str]:
        """The dims that the step may bind; groups as `*name`, per-element ones as `?name`, `*?name`."""
        match self.step:
            case Bind(name=name, each=each):
                return frozenset({f"?{name}" if each else name})
            case Equal(label=label):
                return frozenset() if label is Unknown else frozenset({label})
            case step:
                return self._scoped(_binds(step))

    def _scoped(self, names: set[str]) -> frozenset[str]:
        return frozenset(key_of(name, self.each) for name in names)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Steps in order, what is bound after them (groups as `*name`), and the steps that still wait for a dim."""

    steps: tuple[Scheduled, ...]
    bound: frozenset[str]
    waiting: tuple[Scheduled, ...]


def schedule(
    shapes: Iterable[tuple[int, Pattern]],
    *,
    bound: Iterable[str] = (),
    waiting: Sequence[Scheduled] = (),
    later: Iterable[str] = (),
) -> Schedule:
    """Orders the steps of these tensors, after `bound` is known and with what `waiting` was left before.

    `later` are dims that tensors still to come may bind: two groups wait for them.
    """
    shapes = tuple(shapes)
    names = set(bound)
    ranks: list[Scheduled] = []
    known: list[Scheduled] = []
    bare: list[Scheduled] = []
    late: list[Scheduled] = list(waiting)
    for tensor, shape in shapes:
        for step in _steps(shape):
            one = Scheduled(tensor, step, shape.each)
            match step:
                case Rank():
                    ranks.append(one)
                case Equal(size=size) if not dim_symbols(size):
                    known.append(one)
                case Bind() | BindGroup() | Format():
                    bare.append(one)
                case _:
                    late.append(one)
    done = [*ranks, *known, *bare]
    for one in done:
        names |= one.binds
    while late:
        ready = next((one for one in late if _ready(one, names)), None)
        if ready is None:
            # Two groups are placed by rank alone where nothing else tells: the last resort.
            ready = next((one for one in late if _last_resort(one, names, set(later))), None)
        if ready is None:
            break
        late.remove(ready)
        done.append(ready)
        names |= ready.binds
    return Schedule(tuple(done), frozenset(names), tuple(late))


def _last_resort(one: Scheduled, bound: set[str], later: set[str]) -> bool:
    return isinstance(one.step, Place) and one.needs <= bound and not (one.binds - bound) & later


def unbound(one: Scheduled, bound: Iterable[str]) -> tuple[str, ...]:
    """The dims that a step waits for, given what is bound."""
    names = set(bound)
    missing = {name for name in one.needs if name not in names}
    if isinstance(one.step, Flat):
        missing |= {
            f.name for f in unknown_factors(one.step.factors, names, one.each) if f.name is not Unknown
        }
    return tuple(sorted(missing))


def key_of(name: str, each: Iterable[str]) -> str:
    """How a dim (`H`) or a group (`*B`) is called among what is bound: per-element ones as `?H`, `*?B`."""
    bare = name.lstrip("*")
    if bare not in each:
        return name
    return f"*?{bare}" if name.startswith("*") else f"?{bare}"


def _steps(shape: Pattern) -> list[Step]:
    groups = shape.groups
    count = len(shape.axes) - len(groups)
    steps: list[Step] = [Rank(count, bool(groups))]
    if len(groups) < 2:
        first = groups[0] if groups else len(shape.axes)
        for place, axis in enumerate(shape.axes):
            steps += _axis_steps(axis, place if place <= first else place - len(shape.axes), shape)
    else:
        first, second = groups
        before, after = shape.axes[first], shape.axes[second]
        assert isinstance(before, Group)
        assert isinstance(after, Group)
        middle = tuple(axis for axis in shape.axes[first + 1 : second] if isinstance(axis, Dim))
        for place, axis in enumerate(shape.axes[:first]):
            steps += _axis_steps(axis, place, shape)
        behind = len(shape.axes) - second - 1
        for place, axis in enumerate(shape.axes[second + 1 :]):
            steps += _axis_steps(axis, place - behind, shape)
        steps.append(Place(first, behind, before, middle, after))
    if shape.memory_format is not Unknown:
        steps.append(Format(shape.memory_format))
    steps += [Where(constraint) for constraint in shape.where]
    return steps


def _axis_steps(axis: Axis, place: int, shape: Pattern) -> list[Step]:
    match axis:
        case Dim(size=size, name=name, broadcast=broadcast) if size is not Unknown:
            equal = Equal(place, name, size, broadcast)
            if name is not Unknown and str(size) in dim_symbols(size):
                # `foo=bar` gives one axis two names: it binds both.
                return [Bind(place, str(size), broadcast, False), equal]
            return [equal]
        case Dim(name=name, broadcast=broadcast, each=each) if name is not Unknown:
            return [Bind(place, name, broadcast, each)]
        case Flattened(factors=factors):
            return [Flat(place, factors)]
        case Group(name=name, broadcast=broadcast, each=each) if name is not Unknown:
            return [BindGroup(place, len(shape.axes) - place - 1, name, broadcast, each)]
        case _:
            return []


def _binds(step: Step) -> set[str]:
    match step:
        case BindGroup(name=name):
            return {f"*{name}"}
        case Flat(factors=factors):
            return {factor.name for factor in factors if factor.name is not Unknown}
        case Place(before=before, middle=middle, after=after):
            names = {dim.name for dim in middle if dim.name is not Unknown}
            return names | {f"*{group.name}" for group in (before, after) if group.name is not Unknown}
        case _:
            return set()


def _needs(step: Step) -> set[str]:
    """The dims that must be known before a step can be taken, whatever else is."""
    match step:
        case Equal(size=size):
            return set(dim_symbols(size))
        case Where(constraint=constraint):
            return set(dim_symbols(constraint.left) | dim_symbols(constraint.right))
        case Flat(factors=factors) | Place(middle=factors):
            return {
                symbol
                for factor in factors
                if factor.size is not Unknown
                for symbol in dim_symbols(factor.size)
            }
        case _:
            return set()


def _ready(one: Scheduled, bound: set[str]) -> bool:
    if not one.needs <= bound:
        return False
    match one.step:
        case Flat(factors=factors):
            return len(unknown_factors(factors, bound, one.each)) <= 1
        case Place(before=before, middle=middle, after=after):
            fixed = [dim for dim in middle if dim.size is not Unknown or dim.name is not Unknown]
            if fixed and all(
                dim.size is not Unknown or key_of(str(dim.name), one.each) in bound for dim in fixed
            ):
                return True
            return any(
                key_of(f"*{group.name}", one.each) in bound
                for group in (before, after)
                if group.name is not Unknown
            )
        case _:
            return True


def unknown_factors(factors: Sequence[Dim], bound: Iterable[str], each: Iterable[str]) -> list[Dim]:
    """The factors of a flattened axis whose size nothing fixes yet."""
    names, scoped = set(bound), set(each)
    return [
        factor
        for factor in factors
        if factor.size is Unknown and (factor.name is Unknown or key_of(factor.name, scoped) not in names)
    ]
