"""What a signature asks for: its checks, taken on stand-ins; what they ask beyond what is promised is a complaint."""

from collections.abc import Hashable, Mapping, Sequence

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.size import Size
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Where
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.complaints import Complaints, is_own, is_simple, subject
from namedtorch.signature.paths import Path, divisors
from namedtorch.signature.stand_ins import Known, TensorStandIn, key_of

_ONE = Size.constant(1)
_ZERO = Size.constant(0)


class Demand:
    """The checks of one side, taken on the tensors of its plan in the values of the other.

    A check that does not hold in every call of the path is a complaint; it is taken for granted from there on.
    """

    def __init__(
        self, path: Path, known: Known, complaints: Complaints, tensors: Mapping[int, Sequence[TensorStandIn]]
    ) -> None:
        self.path = path
        self.known = known
        self.complaints = complaints
        self.broken = False
        """Whether a tensor has another rank, or a group or place can't be told: what was to be bound is not."""
        self._tensors = tensors
        self._misfits: set[int] = set()

    @property
    def ranked(self) -> dict[int, list[TensorStandIn]]:
        """The tensors with as many axes as they were asked for, by their index in the plan."""
        return {
            index: [one for one in tensors if id(one) not in self._misfits]
            for index, tensors in self._tensors.items()
        }

    def check(self, steps: Sequence[Scheduled], *, sizes: bool = True) -> None:
        """Takes the checks in their order, or those of ranks alone; raises `Impossible` where no call is left."""
        for one in steps if sizes else [one for one in steps if isinstance(one.step, Rank)]:
            tensors: Sequence[TensorStandIn | None] = (
                [None] if one.tensor is None else self._tensors.get(one.tensor, [])
            )
            for tensor in tensors:
                if id(tensor) not in self._misfits:
                    self._check(one, tensor)

    def _check(self, one: Scheduled, tensor: TensorStandIn | None) -> None:
        step = one.step
        try:
            if isinstance(step, Where):
                self._where(step.constraint, one, tensor)
                return
            assert tensor is not None
            match step:
                case Rank():
                    self._rank(step, one, tensor)
                case Equal():
                    self._equal(step, one, tensor)
                case Bind():
                    self._bind(step, one, tensor)
                case Flat():
                    self._flat(step, one, tensor)
                case BindGroup(start=start, behind=behind, name=name, broadcast=broadcast, each=each):
                    end = len(tensor.axes) - behind
                    self._bind_group(Group(name, broadcast, each), start, end, one, tensor)
                case Place():
                    self._place(step, one, tensor)
                case Format():
                    self._format(step, one, tensor)
        except ZeroDivisionError:
            argument = "" if tensor is None else f"{subject(tensor.argument)}: "
            text = f"{argument}{self.complaints.asker} divides by a size that may be 0"
            self.complaints.say(self.path, (one, "divides"), text)

    # What is asked

    def _holds(
        self, cause: Hashable, constraint: Constraint, text: str, remedy: str = "", *, unless: bool = True
    ) -> bool:
        """Asks for a constraint; tells whether it always holds.

        `text` begins the complaint, `remedy` ends it; `unless` says that sizes follow at which it does not hold.
        """
        left, right = constraint.left, constraint.right
        holds = self.path.holds(left, constraint.relation, right)
        if holds is True:
            return True
        if holds is Unknown:
            if unless and not (is_simple(left) and is_simple(right)):
                text += self.complaints.not_always(self.path, constraint)
            own = is_own(self.path, left) and is_own(self.path, right)
            if not remedy and own and left.value is Unknown:
                remedy = f"write `where {constraint}`"
            self.complaints.say(self.path, cause, text, remedy)
            self.path.assume(left, constraint.relation, right)
        else:
            self.complaints.say(self.path, cause, text)
        return False

    def _is(
        self, one: Scheduled, tensor: TensorStandIn, axis: int, size: Size, what: str, label: str = ""
    ) -> bool:
        """Asks that an axis has a size; `what` is how the asker writes it, under a label."""
        there = tensor.size(axis)
        shown = self.path.text(size)
        wanted = f"`{label}{what}`" if label or size.value is Unknown or shown != what else what
        if shown != what:
            wanted += f", which is {_quoted(size, shown)},"
        wanted += f" at axis {axis}"
        source = self.known.sources.get(what)
        if source is not None and size.value is Unknown:
            wanted += f" (as at {source})"
        text = self.complaints.asks(tensor.argument, wanted, f"{_quoted(there, self.path.text(there))} there")
        remedy = ""
        if size.value is not Unknown and there.name is not Unknown and is_own(self.path, there):
            remedy = f"write `{there}={size}`"
        return self._holds(one, Constraint(there, "==", size), text, remedy)

    def _evaluated(self, size: Size, known: Mapping[str, Size], one: Scheduled, argument: str) -> Size:
        """A size in the other side's dims, which must never divide by 0."""
        found = size.substitute(known)
        for divisor in divisors(found.polynomial):
            constraint = Constraint(Size(divisor), "!=", _ZERO)
            text = f"{argument}{self.complaints.asker} divides by `{self.path.text(Size(divisor))}`, which may be 0"
            self._holds((one, "divides"), constraint, text, unless=False)
        return found

    # The steps

    def _rank(self, step: Rank, one: Scheduled, tensor: TensorStandIn) -> None:
        count = len(tensor.axes)
        if count == step.count or (step.at_least and count > step.count):
            return
        self._misfits.add(id(tensor))
        self.broken = True
        at_least = "at least " if step.at_least else ""
        axes = "axis" if step.count == 1 else "axes"
        there = f"{count} (`{tensor.text}`)" if tensor.text else "a scalar"
        text = self.complaints.asks(tensor.argument, f"{at_least}{step.count} {axes}", there)
        self.complaints.say(self.path, one, text)

    def _equal(self, step: Equal, one: Scheduled, tensor: TensorStandIn) -> None:
        axis = tensor.axis(step.axis)
        actual = tensor.size(axis)
        if step.broadcast and self._is_one(tensor, axis):
            return
        known = self.known.sizes(step.size.symbols, one, tensor)
        if known is None:
            return
        size = self._evaluated(step.size, known, one, f"{subject(tensor.argument)}: ")
        label = "" if step.label is Unknown else f"{step.label}="
        self._is(one, tensor, axis, size, str(step.size), label)
        if step.label is Unknown:
            return
        bound = self.known.dims.get(step.label)
        if bound is None:
            self.known.dims[step.label] = size
        else:
            text = self.complaints.asks(
                tensor.argument,
                f"`{step.label}={step.size}` at axis {axis}",
                f"{_quoted(bound, self.path.text(bound))} for `{step.label}`",
            )
            self._holds(one, Constraint(bound, "==", actual), text)

    def _is_one(self, tensor: TensorStandIn, axis: int) -> bool:
        return self.path.equals(
            tensor.size(axis), _ONE, f"axis {axis} of {subject(tensor.argument)} has size 1"
        )

    def _bind(self, step: Bind, one: Scheduled, tensor: TensorStandIn) -> None:
        axis = tensor.axis(step.axis)
        if step.broadcast and self._is_one(tensor, axis):
            return
        key = key_of(step.name, step.each, tensor)
        bound = self.known.dims.get(key)
        if bound is None:
            self.known.dims[key] = tensor.size(axis)
            self.known.sources[step.name] = f"axis {axis} of {subject(tensor.argument)}"
        else:
            self._is(one, tensor, axis, bound, step.name)

    def _flat(self, step: Flat, one: Scheduled, tensor: TensorStandIn) -> None:
        product, opened = _ONE, list[Dim]()
        sizes: list[tuple[Dim, Size]] = []
        for factor in step.factors:
            size = self._factor(factor, one, tensor)
            if size is None:
                return
            if size is Unknown:
                opened.append(factor)
            else:
                sizes.append((factor, size))
                product = product * size
        for factor, size in sizes:
            self._label(factor, size, step, one, tensor)
        if len(opened) > 1:
            return
        axis = tensor.axis(step.axis)
        actual = tensor.size(axis)
        text = f"{Flattened(step.factors)}"
        if not opened:
            self._is(one, tensor, axis, product, text)
            return
        there = f"{_quoted(actual, self.path.text(actual))} there"
        if product.value == 0:
            asks = self.complaints.asks(tensor.argument, f"`{text}`, which is 0, at axis {axis}", there)
            self._holds(one, Constraint(actual, "==", _ZERO), asks)
            return
        multiple = f"`{text}`, a multiple of {_quoted(product, self.path.text(product))}, at axis {axis}"
        asks = self.complaints.asks(tensor.argument, multiple, there)
        if product.value is Unknown:
            self._holds(one, Constraint(product, "!=", _ZERO), asks)
        if not self._holds(one, Constraint(actual % product, "==", _ZERO), asks):
            return
        if opened[0].name is not Unknown:
            name = opened[0].name
            self.known.dims[key_of(name, name in one.each, tensor)] = actual // product

    def _factor(self, factor: Dim, one: Scheduled, tensor: TensorStandIn) -> Size | UnknownType | None:
        """The size of a factor; Unknown if it is solved for, None if it waits for other dims."""
        if factor.size is not Unknown:
            known = self.known.sizes(factor.size.symbols, one, tensor)
            if known is None:
                return None
            return self._evaluated(factor.size, known, one, f"{subject(tensor.argument)}: ")
        if factor.name is Unknown:
            return Unknown
        return self.known.dims.get(key_of(factor.name, factor.name in one.each, tensor), Unknown)

    def _label(self, factor: Dim, size: Size, step: Flat, one: Scheduled, tensor: TensorStandIn) -> None:
        """Binds the label of a factor with a size: `(heads=8 d)`."""
        if factor.size is Unknown or factor.name is Unknown or factor.name in one.each:
            return
        bound = self.known.dims.get(factor.name)
        if bound is None:
            self.known.dims[factor.name] = size
            return
        text = self.complaints.asks(
            tensor.argument,
            f"`{factor}` in `{Flattened(step.factors)}`",
            f"{_quoted(bound, self.path.text(bound))} for `{factor.name}`",
        )
        self._holds(one, Constraint(bound, "==", size), text)

    def _bind_group(self, group: Group, start: int, end: int, one: Scheduled, tensor: TensorStandIn) -> None:
        if group.name is Unknown:
            return
        key = key_of(group.name, group.each, tensor)
        here = tuple(tensor.size(axis) for axis in range(start, end))
        found = self.known.groups.get(key)
        if found is None:
            self.known.groups[key] = here, group.broadcast
            self.known.sources[f"*{group.name}"] = subject(tensor.argument)
            return
        bound, grows = found
        source = self.known.sources.get(f"*{group.name}")
        wanted = f"`{group}` to be {self._listed(bound)}" + (f" as in {source}" if source else "")
        text = self.complaints.asks(tensor.argument, wanted, f"{self._listed(here)} there")
        # A group that may not grow, and one that may not be broadcast, have as many axes as the other at least.
        short = len(here) > len(bound) and not grows, len(here) < len(bound) and not group.broadcast
        if any(short):
            self.broken = True
            self.complaints.say(self.path, one, text)
            return
        rank = max(len(bound), len(here))
        both: list[Size] = []
        for place in range(-rank, 0):
            left = bound[place] if -place <= len(bound) else _ONE
            right = here[place] if -place <= len(here) else _ONE
            both.append(self._joined(one, left, right, (grows, group.broadcast), text))
        if grows:
            self.known.groups[key] = tuple(both), group.broadcast

    def _joined(self, one: Scheduled, bound: Size, here: Size, may: tuple[bool, bool], text: str) -> Size:
        """What two sizes in a group broadcast to; `may`: whether the bound one, and this one, may be 1 for that."""
        if bound == here:
            return here
        if may[1] and self.path.equals(here, _ONE, f"{self.path.text(here)} is 1"):
            return bound
        if may[0] and self.path.equals(bound, _ONE, f"{self.path.text(bound)} is 1"):
            return here
        self._holds(one, Constraint(bound, "==", here), text)
        return bound

    def _listed(self, sizes: Sequence[Size]) -> str:
        return "(" + ", ".join(self.path.text(one) for one in sizes) + ")"

    def _place(self, step: Place, one: Scheduled, tensor: TensorStandIn) -> None:
        wanted: list[Size | None] = []
        for dim in step.middle:
            if dim.size is not Unknown:
                known = self.known.sizes(dim.size.symbols, one, tensor)
                if known is None:
                    return
                wanted.append(self._evaluated(dim.size, known, one, f"{subject(tensor.argument)}: "))
            else:
                key = "" if dim.name is Unknown else key_of(dim.name, dim.each, tensor)
                wanted.append(self.known.dims.get(key))
        end = len(tensor.axes) - step.behind
        places = [
            first
            for first in range(step.start, end - len(step.middle) + 1)
            if self._fits(step, wanted, first, tensor)
        ]
        dims = " ".join(str(dim) for dim in step.middle) or f"{step.before} {step.after}"
        if len(places) != 1:
            self.broken = True
            number = "at no axis" if not places else f"at {len(places)} axes"
            text = self.complaints.asks(
                tensor.argument, f"one place for `{dims}`", f"it {number} of {self._listed_axes(tensor)}"
            )
            self.complaints.say(self.path, one, text)
            return
        (first,) = places
        for axis, dim in enumerate(step.middle, first):
            if dim.size is not Unknown:
                self._equal(Equal(axis, dim.name, dim.size, dim.broadcast), one, tensor)
            elif dim.name is not Unknown:
                self._bind(Bind(axis, dim.name, dim.broadcast, dim.each), one, tensor)
        self._bind_group(step.before, step.start, first, one, tensor)
        self._bind_group(step.after, first + len(step.middle), end, one, tensor)

    def _listed_axes(self, tensor: TensorStandIn) -> str:
        return self._listed([tensor.size(axis) for axis in range(len(tensor.axes))])

    def _fits(self, step: Place, wanted: Sequence[Size | None], first: int, tensor: TensorStandIn) -> bool:
        """Tells whether the dims between two groups may stand at an axis."""
        for axis, (dim, size) in enumerate(zip(step.middle, wanted, strict=True), first):
            if size is None or (dim.broadcast and self._is_one(tensor, axis)):
                continue
            if not self._same(tensor.size(axis), size):
                return False
        end = len(tensor.axes) - step.behind
        spans = ((step.before, step.start, first), (step.after, first + len(step.middle), end))
        for group, start, stop in spans:
            if group.name is Unknown or group.broadcast:
                continue
            found = self.known.groups.get(key_of(group.name, group.each, tensor))
            if found is None or found[1]:
                continue
            here = [tensor.size(axis) for axis in range(start, stop)]
            if len(here) != len(found[0]) or not all(map(self._same, here, found[0])):
                return False
        return True

    def _same(self, left: Size, right: Size) -> bool:
        note = f"{self.path.text(left)} is {self.path.text(right)}"
        return self.path.equals(left, right, note)

    def _where(self, constraint: Constraint, one: Scheduled, tensor: TensorStandIn | None) -> None:
        known = self.known.sizes(constraint.symbols, one, tensor)
        if known is None:
            return
        argument = "" if tensor is None else f"{subject(tensor.argument)}: "
        left = self._evaluated(constraint.left, known, one, argument)
        right = self._evaluated(constraint.right, known, one, argument)
        asked = Constraint(left, constraint.relation, right)
        own = f"{self.path.text(left)} {constraint.relation} {self.path.text(right)}"
        text = f"{argument}{self.complaints.asker} asks for {constraint}"
        never = self.path.holds(left, constraint.relation, right) is False
        if never and self.path.notes:
            text += f", which {self.complaints.giver} does not promise"
        elif own == str(constraint):
            text += f", which {self.complaints.giver} {'never has' if never else 'does not promise'}"
        else:
            text += f", which is {own}, and {self.complaints.giver} {'never has' if never else 'does not promise'} that"
        self._holds(one, asked, text)

    def _format(self, step: Format, one: Scheduled, tensor: TensorStandIn) -> None:
        wanted, given = step.memory_format, tensor.memory_format
        rank = len(tensor.axes)
        logical = tuple(range(rank))
        matters = [axis for axis in logical if self.path.holds(tensor.size(axis), "==", _ONE) is not True]
        empty = any(tensor.size(axis).value == 0 for axis in logical)
        order = [axis for axis in wanted.order or logical if axis in matters]
        there = None if given is Unknown else [axis for axis in given.order or logical if axis in matters]
        if empty or there == order:
            return
        text = self.complaints.asks(
            tensor.argument,
            f"the memory format `{wanted}`",
            "any" if given is Unknown else f"`{given}`",
        )
        self.complaints.say(self.path, one, text, f"write `@ {wanted}`")


def _quoted(size: Size, text: str) -> str:
    """A size as sentences write it: a number as it is."""
    return text if size.value is not Unknown or "`" in text else f"`{text}`"
