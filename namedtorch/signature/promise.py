"""What a signature promises: values that fit it, built on a path by taking its checks for granted."""

from collections.abc import Mapping, Sequence

from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.size import Size
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Where
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.alternatives import is_alternative
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
from namedtorch.signature.paths import Impossible, Path
from namedtorch.signature.signature import tensors_of
from namedtorch.signature.sites import RESULT
from namedtorch.signature.stand_ins import (
    DictStandIn,
    Known,
    ListStandIn,
    NoneStandIn,
    PlainStandIn,
    RecordStandIn,
    StandIn,
    TensorStandIn,
    TupleStandIn,
    key_of,
)

_ONE = Size.constant(1)
_ZERO = Size.constant(0)
_KEYS: Sequence[tuple[str, ...]] = (("a", "b"), ("a",), ("b",), ())


class Promise:
    """Values of one side, built from its hints; `longest` bounds the axes of a group.

    `own` tells that the dims keep their names, as those of the caller do; other dims get symbols of their own.
    """

    def __init__(
        self,
        path: Path,
        known: Known,
        longest: int,
        *,
        own: bool = False,
        tensors: Mapping[int, list[TensorStandIn]] | None = None,
    ) -> None:
        self.path = path
        self.known = known
        self.tensors: dict[int, list[TensorStandIn]] = dict(tensors or {})
        """The tensors by their index in the plan."""
        self._longest = longest
        self._own = own
        self._groups: dict[int, list[int]] = {}
        self._lengths: dict[str, int] = {}
        self._chosen: list[tuple[Sequence[Hint], StandIn, str]] = []

    # Values

    def value(self, hint: Hint, argument: str, scope: str, index: int) -> StandIn:
        """A value of a hint whose first tensor has this index in the plan."""
        path = self.path
        match hint:
            case TensorHint():
                return self._tensor(hint, argument, scope, index)
            case PlainHint(text=text):
                # An Optional that was exported without a value is a plain None.
                return NoneStandIn() if text == "None" else PlainStandIn(text)
            case OptionalHint(inner=inner):
                if path.choose("", f"`{argument}` is None"):
                    return NoneStandIn()
                return self.value(inner, argument, scope, index)
            case UnionHint(members=members):
                pick = path.choose(*(f"`{argument}` is `{member}`" for member in members))
                index += sum(len(tensors_of(member)) for member in members[:pick])
                chosen = self.value(members[pick], argument, scope, index)
                self._chosen.append((members[:pick], chosen, argument))
                return chosen
            case ListHint(item=item, container=container):
                # Two elements show all that elements have to do with each other.
                count = 2 - path.choose("", f"`{argument}` has one element", f"`{argument}` is empty")
                items = [
                    self.value(item, f"{argument}[{place}]", f"{scope}[{place}]", index)
                    for place in range(count)
                ]
                return ListStandIn(container, items)
            case DictHint(value=inner, key=key):
                notes = [f"the keys of `{argument}` are {' and '.join(keys) or 'none'}" for keys in _KEYS]
                keys = _KEYS[path.choose(*notes)]
                values = {
                    name: self.value(inner, f"{argument}[{name!r}]", f"{scope}[{name}]", index)
                    for name in keys
                }
                return DictStandIn(key, values)
            case TupleHint(items=hints):
                parts: list[StandIn] = []
                for place, part in enumerate(hints):
                    parts.append(self.value(part, f"{argument}[{place}]", f"{scope}[{place}]", index))
                    index += len(tensors_of(part))
                return TupleStandIn(parts)
            case RecordHint(name=name, fields=fields, record_type=record_type):
                found: dict[str, StandIn] = {}
                for field, part in fields:
                    found[field] = self.value(part, f"{argument}.{field}", f"{scope}.{field}", index)
                    index += len(tensors_of(part))
                is_tuple = Unknown if record_type is Unknown else issubclass(record_type, tuple)
                return RecordStandIn(name, found, is_tuple)

    def _tensor(self, hint: TensorHint, argument: str, scope: str, index: int) -> TensorStandIn:
        shape = hint.shape
        tensor = TensorStandIn(
            str(shape.without_where()), [], hint.family.dtypes, hint.array, argument, scope
        )
        lengths = [self._length(axis, tensor) for axis in shape.axes if isinstance(axis, Group)]
        tensor.axes = [None] * (len(shape.axes) - len(lengths) + sum(lengths))
        self._groups[id(tensor)] = lengths
        self.tensors.setdefault(index, []).append(tensor)
        return tensor

    def _length(self, group: Group, tensor: TensorStandIn) -> int:
        """How many axes a group has in a tensor."""
        if group.name is Unknown:
            return self._picked(f"`...` of `{tensor.argument}`")
        key = key_of(group.name, group.each, tensor)
        bound = self.known.groups.get(key)
        usual = 1 if bound is None else len(bound[0])
        if group.broadcast or (bound is not None and bound[1]):
            return self._picked(f"`{group}` of `{tensor.argument}`", usual)
        if bound is not None:
            return usual
        if key not in self._lengths:
            self._lengths[key] = self._picked(f"`{group}`")
        return self._lengths[key]

    def _picked(self, words: str, usual: int = 1) -> int:
        lengths = [usual, *(one for one in range(max(self._longest, usual + 1) + 1) if one != usual)]
        pick = self.path.choose(*(f"{words} has {count} axes" for count in lengths))
        return lengths[pick]

    # Checks, taken for granted

    def keep(self, steps: Sequence[Scheduled]) -> None:
        """Gives the values the sizes that these checks ask for; raises `Impossible`."""
        for one in steps:
            tensors: Sequence[TensorStandIn | None] = (
                [None] if one.tensor is None else self.tensors.get(one.tensor, [])
            )
            for tensor in tensors:
                try:
                    self._keep(one, tensor)
                except ZeroDivisionError:
                    raise Impossible from None
        for tensors in self.tensors.values():
            for tensor in tensors:
                for axis in range(len(tensor.axes)):
                    self._filled(tensor, axis)
        for earlier, chosen, argument in self._chosen:
            # Of a union the first alternative that fits is taken, so this value is none of those before.
            if any(is_alternative(self.path, hint, chosen, argument, surely=True) for hint in earlier):
                raise Impossible
        self._chosen = []

    def _keep(self, one: Scheduled, tensor: TensorStandIn | None) -> None:
        step = one.step
        if isinstance(step, Where):
            known = self.known.sizes(step.constraint.symbols, one, tensor)
            if known is not None:
                left, right = step.constraint.left.substitute(known), step.constraint.right.substitute(known)
                self.path.divides(left)
                self.path.divides(right)
                self.path.assume(left, step.constraint.relation, right)
            return
        assert tensor is not None
        match step:
            case Rank():
                pass  # the number of axes was chosen with the value
            case Equal():
                self._equal(step, one, tensor)
            case Bind():
                self._bind(step, tensor)
            case Flat():
                self._flat(step, one, tensor)
            case BindGroup(start=start, name=name, broadcast=broadcast, each=each):
                (length,) = self._groups[id(tensor)]
                self._bind_group(Group(name, broadcast, each), start, length, tensor)
            case Place():
                self._place(step, one, tensor)
            case Format(memory_format=memory_format):
                tensor.memory_format = memory_format

    def _is(self, tensor: TensorStandIn, axis: int, size: Size) -> None:
        """The axis has this size."""
        known = tensor.axes[axis]
        if known is None:
            if size.name is Unknown:
                self.path.assume(size, ">=", _ZERO)
            tensor.axes[axis] = size
        else:
            self.path.assume(known, "==", size)

    def _broadcasts(self, tensor: TensorStandIn, axis: int) -> bool:
        """Whether an axis that may broadcast does."""
        note = f"axis {axis} of `{tensor.argument}` has size 1"
        known = tensor.axes[axis]
        if known is not None:
            return self.path.equals(known, _ONE, note)
        if not self.path.choose("", note):
            return False
        tensor.axes[axis] = _ONE
        return True

    def _evaluated(self, size: Size, known: Mapping[str, Size]) -> Size:
        found = size.substitute(known)
        self.path.divides(found)
        return found

    def _equal(self, step: Equal, one: Scheduled, tensor: TensorStandIn) -> None:
        axis = tensor.axis(step.axis)
        known = self.known.sizes(step.size.symbols, one, tensor)
        if (step.broadcast and self._broadcasts(tensor, axis)) or known is None:
            return
        size = self._evaluated(step.size, known)
        if step.broadcast:
            self.path.assume(size, "!=", _ONE)
        self._is(tensor, axis, size)
        if step.label is not Unknown:
            self._label(step.label, size)

    def _label(self, label: str, size: Size) -> None:
        bound = self.known.dims.get(label)
        if bound is None:
            self.known.dims[label] = size
        else:
            self.path.assume(bound, "==", size)

    def _bind(self, step: Bind, tensor: TensorStandIn) -> None:
        axis = tensor.axis(step.axis)
        if step.broadcast and self._broadcasts(tensor, axis):
            return
        if step.each and not tensor.scope:
            raise Impossible
        key = key_of(step.name, step.each, tensor)
        bound = self.known.dims.get(key)
        size = tensor.axes[axis]
        if bound is not None:
            self._is(tensor, axis, bound)
        elif size is not None:
            self.known.dims[key] = size
        else:
            size = self.known.dims[key] = self._symbol(step.name, step.each, tensor)
            tensor.axes[axis] = size
        if step.broadcast:
            self.path.assume(tensor.size(axis), "!=", _ONE)

    def _flat(self, step: Flat, one: Scheduled, tensor: TensorStandIn) -> None:
        product, opened = _ONE, list[Dim]()
        for factor in step.factors:
            size = self._factor(factor, one, tensor)
            if size is None:
                return
            if size is Unknown:
                opened.append(factor)
            else:
                product = product * size
        for factor in step.factors:
            if factor.size is not Unknown and factor.name is not Unknown and factor.name not in one.each:
                size = self._factor(factor, one, tensor)
                assert isinstance(size, Size)
                self._label(factor.name, size)
        if len(opened) > 1:
            return
        axis = tensor.axis(step.axis)
        if opened and product.value != 0:
            factor = opened[0]
            if factor.name is Unknown:
                product = product * self._fresh(tensor, axis)
            else:
                each = factor.name in one.each
                size = self._symbol(factor.name, each, tensor)
                self.known.dims[key_of(factor.name, each, tensor)] = size
                product = product * size
        self._is(tensor, axis, product)

    def _factor(self, factor: Dim, one: Scheduled, tensor: TensorStandIn) -> Size | UnknownType | None:
        """The size of a factor; Unknown if it is solved for, None if it waits for other dims."""
        if factor.size is not Unknown:
            known = self.known.sizes(factor.size.symbols, one, tensor)
            return None if known is None else self._evaluated(factor.size, known)
        if factor.name is Unknown:
            return Unknown
        return self.known.dims.get(key_of(factor.name, factor.name in one.each, tensor), Unknown)

    def _bind_group(self, group: Group, start: int, length: int, tensor: TensorStandIn) -> None:
        places = range(start, start + length)
        if group.name is Unknown:
            for axis in places:
                self._filled(tensor, axis)
            return
        key = key_of(group.name, group.each, tensor)
        bound, grows = self.known.groups.get(key, ((), True))
        if not grows and (length > len(bound) or (length < len(bound) and not group.broadcast)):
            raise Impossible
        if grows and length < len(bound) and not group.broadcast:
            raise Impossible
        after = [_ONE] * (length - len(bound)) + list(bound)
        for axis, place in zip(reversed(places), reversed(range(len(after))), strict=False):
            if place < length - len(bound):
                after[place] = self._filled(tensor, axis)
            else:
                after[place] = self._in_group(tensor, axis, after[place], group.broadcast, grows)
        self.known.groups[key] = tuple(after), grows and group.broadcast

    def _in_group(self, tensor: TensorStandIn, axis: int, bound: Size, broadcast: bool, grows: bool) -> Size:
        """Gives an axis the size that it has in a group, or 1, or any where the group has 1; returns the group's."""
        if broadcast and self._broadcasts(tensor, axis):
            return bound
        if grows and self.path.equals(bound, _ONE, f"{self.path.text(bound)} is 1"):
            return self._filled(tensor, axis)
        self._is(tensor, axis, bound)
        return bound

    def _filled(self, tensor: TensorStandIn, axis: int) -> Size:
        """The size of an axis; any, if it is not known yet."""
        size = tensor.axes[axis]
        if size is None:
            size = tensor.axes[axis] = self._fresh(tensor, axis)
        return size

    def _place(self, step: Place, one: Scheduled, tensor: TensorStandIn) -> None:
        count = len(step.middle)
        end = len(tensor.axes) - step.behind
        if id(tensor) not in self._groups:
            room = end - step.start - count
            before = self.path.choose(*(f"`{step.before}` has {axes} axes" for axes in range(room + 1)))
            self._groups[id(tensor)] = [before, room - before]
        before, after = self._groups[id(tensor)]
        first = step.start + before
        told = [self._told(dim, one, tensor) for dim in step.middle]
        free = self._is_free(step.before, tensor) and self._is_free(step.after, tensor)
        for axis, dim in enumerate(step.middle, first):
            if dim.size is not Unknown:
                self._equal(Equal(axis, dim.name, dim.size, dim.broadcast), one, tensor)
            elif dim.name is not Unknown:
                self._bind(Bind(axis, dim.name, dim.broadcast, dim.each), tensor)
            self._filled(tensor, axis)
        self._bind_group(step.before, step.start, before, tensor)
        self._bind_group(step.after, first + count, after, tensor)
        for other in range(step.start, end - count + 1) if free else ():
            if other != first:
                self._refuse_place(step, told, other, tensor)

    def _told(self, dim: Dim, one: Scheduled, tensor: TensorStandIn) -> Size | None:
        """The size that tells where a dim between two groups stands."""
        if dim.size is not Unknown:
            known = self.known.sizes(dim.size.symbols, one, tensor)
            return None if known is None else self._evaluated(dim.size, known)
        return None if dim.name is Unknown else self.known.dims.get(key_of(dim.name, dim.each, tensor))

    def _is_free(self, group: Group, tensor: TensorStandIn) -> bool:
        """Tells whether a group takes any axes."""
        if group.name is Unknown or group.broadcast:
            return True
        return self.known.groups.get(key_of(group.name, group.each, tensor), ((), True))[1]

    def _refuse_place(
        self, step: Place, told: Sequence[Size | None], other: int, tensor: TensorStandIn
    ) -> None:
        """The call was taken, so one of the dims between two groups does not fit at any other place."""
        telling = [(place, size) for place, size in enumerate(told) if size is not None]
        if not telling:
            raise Impossible
        place, size = telling[self.path.choose(*("" for _ in telling))]
        self.path.assume(tensor.size(other + place), "!=", size)
        if step.middle[place].broadcast:
            self.path.assume(tensor.size(other + place), "!=", _ONE)

    def _symbol(self, name: str, each: bool, tensor: TensorStandIn) -> Size:
        if each:
            return self.path.symbol(f"`{name}` of `{tensor.argument}`")
        # A dim that only the result has is a dim of its own, whatever the arguments call theirs.
        return self.path.symbol(name, name) if self._own else self.path.symbol(f"`{name}` of the result")

    def _fresh(self, tensor: TensorStandIn, axis: int) -> Size:
        of = "the result" if tensor.argument == RESULT else f"`{tensor.argument}`"
        return self.path.symbol(f"axis {axis} of {of}")
