"""Signatures as rules: shapes are matched against patterns, and the result is built of what they bound."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest, merged
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call, as_array
from namedtorch.ops.judge import Misfit
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value
from namedtorch.signature.hints import Hint, OptionalHint, TensorHint, TupleHint
from namedtorch.signature.signature import Signature


def apply_signatures(call: Call, signatures: Sequence[Signature], code: str) -> Value:
    """What a function gives that takes any of these signatures, which differ in the ranks that they take.

    Raises `Misfit` with this code, and `Undetermined`.
    """
    fitting = [one for one in signatures if _ranks_fit(call, one)]
    if not fitting:
        raise _no_rank(call, signatures)
    if len(fitting) > 1:
        results = [_applied(call, one, code) for one in fitting]
        return common(results)
    return _applied(call, fitting[0], code)


def common(values: Sequence[Value]) -> Value:
    """What is known of a value that is one of several."""
    first = values[0]
    if all(one == first for one in values):
        return first
    tuples = [one for one in values if isinstance(one, tuple)]
    if len(tuples) == len(values) and len({len(one) for one in tuples}) == 1:
        return tuple(common(items) for items in zip(*tuples, strict=True))
    if all(isinstance(one, Array) for one in values):
        return Array(_common_shape([one.shape for one in values if isinstance(one, Array)]))
    return Unknown


def _common_shape(shapes: Sequence[TensorShape]) -> TensorShape:
    """The last axes that all share, behind a `Rest`."""
    tail: list[Axis] = []
    for place in range(1, min(len(shape.axes) for shape in shapes) + 1):
        axes = [shape.axes[-place] for shape in shapes]
        first = axes[0]
        if any(isinstance(axis, Rest) for axis in axes) or isinstance(first, Rest):
            break
        tail.insert(0, first if all(axis == first for axis in axes) else ANY)
    return TensorShape((Rest(), *tail))


def _ranks_fit(call: Call, signature: Signature) -> bool:
    for parameter in signature.parameters:
        if not isinstance(parameter.hint, TensorHint):
            continue
        value = call.value(parameter.name)
        if isinstance(value, Array) and not rank_fits(value.shape, parameter.hint.shape):
            return False
    return True


def rank_fits(shape: TensorShape, pattern: Shape) -> bool:
    least = len(pattern.axes) - len(pattern.groups)
    if shape.rest is not Unknown:
        return bool(pattern.groups) or len(shape.axes) - 1 <= least
    return len(shape.axes) >= least if pattern.groups else len(shape.axes) == least


def _no_rank(call: Call, signatures: Sequence[Signature]) -> Misfit:
    for parameter in signatures[0].parameters:
        value = call.value(parameter.name)
        patterns = [
            one.hint.shape
            for signature in signatures
            for one in signature.parameters
            if one.name == parameter.name and isinstance(one.hint, TensorHint)
        ]
        if isinstance(value, Array) and not any(rank_fits(value.shape, one) for one in patterns):
            takes = " or ".join(f'"{one}"' for one in dict.fromkeys(map(str, patterns)))
            return Misfit(
                "rank-unfit",
                f"`{parameter.name}` has {len(value.shape.axes)} axes, but it takes {takes}",
                parameter.name,
            )
    raise Undetermined


def _applied(call: Call, signature: Signature, code: str) -> Value:
    bound = Matcher(call, code)
    for known_first in (True, False):
        for parameter in signature.parameters:
            if isinstance(parameter.hint, TensorHint) and call.value(parameter.name) is not None:
                bound.match(parameter.name, parameter.hint.shape, known_first)
    return bound.build(signature.result)


class Matcher:
    """What the dims of one signature are bound to in one call."""

    def __init__(self, call: Call, code: str) -> None:
        self.call = call
        self.code = code
        self.axes: dict[str, Axis] = {}
        self.by: dict[str, tuple[str, int]] = {}
        self.groups: dict[str, tuple[tuple[Axis | Rest, ...], str]] = {}

    def match(self, name: str, pattern: Shape, known_first: bool) -> None:
        """Binds the dims of one argument: first those that stand alone, then what is computed from them."""
        value = self.call.value(name)
        shape = as_array(value).shape if isinstance(value, Array) else TensorShape((Rest(),))
        places = _placed(shape, pattern)
        if places is Unknown:
            return
        for index, axis in enumerate(pattern.axes):
            match axis:
                case Dim() if (axis.size is Unknown or axis.name is not Unknown) == known_first:
                    place = places[index]
                    found = shape.axes[place[0]] if place else ANY
                    if isinstance(found, Axis):
                        self.dim(name, place[0] if place else 0, axis, found)
                case Group() if known_first:
                    self.group(name, axis, tuple(shape.axes[at] for at in places[index]))
                case _:
                    pass

    def dim(self, argument: str, place: int, pattern: Dim, found: Axis) -> None:
        size = self.size(pattern.size)
        name = pattern.name
        other: str | UnknownType = Unknown
        other_axis: int | UnknownType = Unknown
        expected = ANY
        if name is not Unknown and name in self.axes:
            expected = self.axes[name]
            other, other_axis = self.by[name]
        elif size is not Unknown:
            expected = Axis(size)
        if pattern.broadcast and found.is_one:
            if name is not Unknown and name in self.axes and self.axes[name].carried is Unknown:
                self.axes[name] = self.axes[name].called(found.carried)
            return
        if expected.size is not Unknown and found.size is not Unknown:
            said = f"`{name}`" if name is not Unknown else f"`{pattern}`"
            found = self.call.same(
                found, expected, self.code, f"it takes {said} there", argument, place,
                other=other, other_axis=other_axis,
            )  # fmt: skip
        elif found.size is Unknown:
            found = replace(expected, parts=(), carried=found.carried)
        if name is not Unknown:
            self.axes[name] = found
            self.by.setdefault(name, (argument, place))

    def group(self, argument: str, pattern: Group, axes: tuple[Axis | Rest, ...]) -> None:
        if pattern.name is Unknown:
            return
        if pattern.name not in self.groups:
            self.groups[pattern.name] = axes, argument
            return
        bound, by = self.groups[pattern.name]
        if pattern.broadcast:
            both = broadcast(self.call, [by, argument], [TensorShape(bound), TensorShape(axes)])
            self.groups[pattern.name] = both.axes, by
            return
        if len(bound) != len(axes) or any(isinstance(one, Rest) for one in (*bound, *axes)):
            return
        met: list[Axis | Rest] = []
        for place, (one, other) in enumerate(zip(axes, bound, strict=True)):
            assert isinstance(one, Axis)
            assert isinstance(other, Axis)
            met.append(
                self.call.same(
                    one, other, self.code, f"it takes the axes of `{by}` there", argument, place,
                    other=by, other_axis=place,
                )
            )  # fmt: skip
        self.groups[pattern.name] = tuple(met), by

    def size(self, size: Size | UnknownType) -> Size | UnknownType:
        """A size of the pattern with what its dims are bound to; symbols of the reader's own stay."""
        if size is Unknown:
            return Unknown
        sizes: dict[str, Size] = {}
        for name in size.symbols:
            bound = self.axes.get(name)
            if bound is not None:
                if bound.size is Unknown:
                    return Unknown
                sizes[name] = bound.size
            elif not name.startswith("{"):
                return Unknown
        try:
            return size.substitute(sizes)
        except (SizeLimitError, ZeroDivisionError):
            return Unknown

    def build(self, hint: Hint) -> Value:
        """The value that a result of the signature is."""
        match hint:
            case TensorHint(shape=shape):
                return Array(self.shape(shape))
            case TupleHint(items=items):
                return tuple(self.build(item) for item in items)
            case OptionalHint():
                return Unknown
            case _:
                return Unknown

    def shape(self, pattern: Shape) -> TensorShape:
        axes: list[Axis | Rest] = []
        for axis in pattern.axes:
            match axis:
                case Dim():
                    axes.append(self.axis(axis))
                case Flattened(factors=factors):
                    axes.append(merged([self.axis(factor) for factor in factors]))
                case Group(name=name):
                    bound = None if name is Unknown else self.groups.get(name)
                    axes.extend(bound[0] if bound else (Rest(),))
        if sum(isinstance(axis, Rest) for axis in axes) > 1:
            raise Undetermined
        return TensorShape(tuple(axes))

    def axis(self, dim: Dim) -> Axis:
        if dim.name is not Unknown and dim.name in self.axes:
            return self.axes[dim.name]
        return Axis(self.size(dim.size), carried=self.carried(dim.size))

    def carried(self, size: Size | UnknownType) -> str | UnknownType:
        """The name of an axis whose size is computed: that of the one dim that it is computed from."""
        if size is Unknown:
            return Unknown
        names = {self.axes[name].carried for name in size.symbols if name in self.axes}
        return names.pop() if len(names) == 1 else Unknown


def _placed(shape: TensorShape, pattern: Shape) -> "Mapping[int, tuple[int, ...]] | UnknownType":
    """The places of the shape that each axis of the pattern takes; () for one that lies in the `Rest` of the shape."""
    count = len(pattern.axes)
    if len(pattern.groups) > 1:
        return Unknown
    group = pattern.groups[0] if pattern.groups else count
    before, behind = group, max(count - group - 1, 0)
    rest = shape.rest
    places: dict[int, tuple[int, ...]] = {}
    for index in range(before):
        places[index] = (index,) if index < (len(shape.axes) if rest is Unknown else rest) else ()
    for back in range(1, behind + 1):
        at = len(shape.axes) - back
        places[count - back] = (at,) if at >= 0 and (rest is Unknown or at > rest) else ()
    if group < count:
        places[group] = tuple(range(before, len(shape.axes) - behind))
        if rest is not Unknown and not before <= rest < len(shape.axes) - behind:
            return Unknown
    elif rest is not Unknown:
        # A pattern without a group fixes the rank: what lies behind the `Rest` counts from the right.
        tail = len(shape.axes) - rest - 1
        for back in range(1, tail + 1):
            places[count - back] = (len(shape.axes) - back,)
        for index in range(rest, count - tail):
            places[index] = ()
    return places
