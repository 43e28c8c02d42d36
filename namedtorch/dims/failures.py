"""The failures of matching as sentences: what conflicts, and who said otherwise."""

from collections.abc import Iterable, Mapping, Sequence

from namedtorch.diagnostics import Failure
from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.attributes import AttributeMissing, is_attribute
from namedtorch.dims.bindings import Source
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.layout import stored_as
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.schedule import Scheduled, unbound
from namedtorch.dims.size import Size
from namedtorch.dims.steps import Equal, Flat, Format, Place, Rank, Where
from namedtorch.dims.subject import Subject, sizes_text
from namedtorch.dims.unknown import Unknown


def rank_differs(subject: Subject, step: Rank, hint: str | None) -> Failure:
    """The tensor has more or fewer axes than its annotation."""
    actual = len(subject.sizes)
    expected = f"at least {step.count}" if step.at_least else str(step.count)
    # A scalar has no dims to name.
    named = {"dim": subject.shape.without_where(), "expected": expected} if subject.shape.axes else {}
    message = sentence("rank-differs", argument=subject.argument, actual=actual, **named)
    return Failure("rank-differs", message, subject.argument, None, None, step.count, actual, hint)


def dim_differs(
    subject: Subject, name: str, axis: int, expected: int, source: Source | None, hint: str | None
) -> Failure:
    """An axis has another size than the dim it is; `source` is who bound the dim, None for the axis itself."""
    actual = subject.sizes[axis]
    message = sentence(
        "dims-differ", argument=subject.argument, actual=actual, axis=axis, dim=name, expected=expected
    )
    message += _bound_by(source, subject)
    return Failure("dims-differ", message, subject.argument, name, axis, expected, actual, hint)


def size_differs(
    subject: Subject, size: Size, axis: int, expected: int, known: Mapping[str, int], hint: str | None
) -> Failure:
    """An axis has another size than a number, or than what arithmetic gives with the `known` sizes."""
    actual = subject.sizes[axis]
    if size.value is not Unknown:
        message = sentence(
            "size-differs", argument=subject.argument, actual=actual, axis=axis, expected=expected
        )
    else:
        message = sentence(
            "size-differs", argument=subject.argument, actual=actual, axis=axis, dim=size, expected=expected
        )
        if size.name is Unknown:
            message += f" ({_values(known)})"
    return Failure("size-differs", message, subject.argument, str(size), axis, expected, actual, hint)


def label_differs(
    subject: Subject, step: Flat, label: str, size: int, bound: int, source: Source | None
) -> Failure:
    """A factor of a flattened axis gives a dim another size than the one it has."""
    axis = subject.axis(step.axis)
    text = str(Flattened(step.factors))
    message = (
        f"`{subject.argument}` has `{label}`={size} in `{text}` at axis {axis}, but `{label}` is {bound}"
    )
    message += _bound_by(source, subject)
    return Failure("dims-differ", message, subject.argument, label, axis, bound, size)


def flattened_differs(subject: Subject, step: Flat, product: int, solving: bool) -> Failure:
    """A flattened axis is not the product of its factors, or (`solving`) no multiple of those that are known."""
    axis = subject.axis(step.axis)
    text = str(Flattened(step.factors))
    message = sentence(
        "flattened-differs",
        argument=subject.argument,
        actual=subject.sizes[axis],
        axis=axis,
        dim=text,
        expected=f"a multiple of {product}" if solving else product,
    )
    return Failure("flattened-differs", message, subject.argument, text, axis, product, subject.sizes[axis])


def group_differs(
    subject: Subject,
    group: Group,
    start: int,
    bound: tuple[int, ...],
    sizes: tuple[int, ...],
    source: Source | None,
) -> Failure:
    """A group has other sizes than it is bound to."""
    message = sentence(
        "groups-differ",
        argument=subject.argument,
        actual=sizes_text(sizes),
        dim=str(group),
        expected=sizes_text(bound),
    )
    message += _bound_by(source, subject)
    return Failure("groups-differ", message, subject.argument, str(group), start, bound, sizes)


def place_ambiguous(subject: Subject, step: Place, places: Sequence[int]) -> Failure:
    """The dims between two groups fit at more than one axis."""
    axes = ", ".join(str(step.start + place) for place in places)
    dims = _middle(step)
    if dims:
        message = sentence(
            "place-ambiguous", argument=subject.argument, actual=len(places), dim=dims, expected=axes
        )
    else:
        message = f"`{subject.argument}` does not tell where `{step.before}` ends: `{step.after}` may begin at {axes}"
    help = "give the axes that are known, or pass what fixes the dim's size"
    return Failure("place-ambiguous", message, subject.argument, dims, None, None, axes, help)


def place_missing(subject: Subject, step: Place, wanted: Sequence[int | None]) -> Failure:
    """The dims between two groups fit nowhere; `wanted` are their sizes, None for any."""
    sizes = subject.sizes[step.start : len(subject.sizes) - step.behind]
    needs = ", ".join(
        _needed(dim, size) for dim, size in zip(step.middle, wanted, strict=True) if size is not None
    )
    message = sentence(
        "place-missing",
        argument=subject.argument,
        dim=_middle(step) or f"{step.before} {step.after}",
        expected=f"it needs {needs or 'the sizes that its groups have'}, and has the sizes {sizes_text(sizes)}",
    )
    return Failure("place-missing", message, subject.argument, _middle(step), None, needs, sizes)


def where_broken(
    subject: Subject | None,
    constraint: Constraint,
    known: Mapping[str, int],
    sources: Mapping[str, Source | None],
) -> Failure:
    """A constraint does not hold for the `known` sizes; `sources` tells who bound them."""
    values = _values(known)
    message = sentence("where-broken", dim=str(constraint), actual=values or "never")
    for name, source in sorted(sources.items()):
        if source is not None and source.axis is not None:
            message += f" (`{name}` is {source})"
    argument = subject.argument if subject else None
    return Failure("where-broken", message, argument, str(constraint), None, None, values)


def format_differs(subject: Subject, step: Format, strides: tuple[int, ...]) -> Failure:
    """The tensor is stored in another order."""
    text = str(step.memory_format)
    message = sentence(
        "memory-format-differs", argument=subject.argument, dim=text, actual=sizes_text(strides)
    )
    if stored_as(list(subject.sizes), list(strides), list(range(len(strides)))):
        message += ", those of a contiguous tensor"
    return Failure("memory-format-differs", message, subject.argument, text, None, None, strides)


def each_outside(subject: Subject, name: str) -> Failure:
    """A dim that is bound anew for every element stands where there are no elements."""
    message = sentence("each-outside-container", dim=name, argument=f"`{subject.argument}`")
    return Failure("each-outside-container", message, subject.argument, name)


def attribute_missing(one: Scheduled, subject: Subject | None, missing: AttributeMissing) -> Failure:
    """An attribute path of the step leads nowhere, or to no integer."""
    paths = sorted(symbol for symbol in _step_symbols(one) if is_attribute(symbol))
    path = paths[0] if paths else "an attribute"
    where = f"`{subject.argument}`" if subject else "the signature"
    message = sentence("attribute-missing", dim=path, argument=where, actual=missing)
    argument = subject.argument if subject else None
    return Failure("attribute-missing", message, argument, path, None, None, str(missing))


def divides_by_zero(subject: Subject | None) -> Failure:
    """Arithmetic of an annotation divides by a size that is 0."""
    name = f"`{subject.argument}`" if subject else "the signature"
    message = f"{name} has an annotation that divides by a size that is 0"
    return Failure("size-differs", message, subject.argument if subject else None)


def dim_unbound(one: Scheduled, subject: Subject | None, bound: Iterable[str]) -> Failure:
    """A step waited for dims that never came."""
    names = [name.replace("?", "") for name in unbound(one, bound)]
    where = f"the annotation of `{subject.argument}`" if subject else "the signature"
    text = ", ".join(names) or "a dim"
    return Failure(
        "dim-unbound",
        sentence("dim-unbound", dim=text, argument=where),
        subject.argument if subject else None,
        text,
        help=f"give `{names[0]}` an axis of its own somewhere, or a size" if names else None,
    )


def _bound_by(source: Source | None, subject: Subject) -> str:
    if source is None:
        return ""
    if source.argument == subject.argument:
        # The annotation of the argument itself says no more than the sentence does.
        return "" if source.note or source.axis is None else f" (axis {source.axis} of `{source.argument}`)"
    return f" (bound by {source})"


def _values(known: Mapping[str, int]) -> str:
    return " ".join(f"{name}={size}" for name, size in sorted(known.items()))


def _middle(step: Place) -> str:
    return " ".join(str(dim) for dim in step.middle)


def _needed(dim: Dim, size: int) -> str:
    """What an axis must be: `C=3`, `2*C=6`, `3`."""
    name = str(dim.size) if dim.name is Unknown else dim.name
    return f"{size}" if name == str(size) else f"{name}={size}"


def _step_symbols(one: Scheduled) -> frozenset[str]:
    match one.step:
        case Equal(size=size):
            return size.symbols
        case Where(constraint=constraint):
            return constraint.symbols
        case Flat(factors=factors) | Place(middle=factors):
            return frozenset(name for dim in factors if dim.size is not Unknown for name in dim.size.symbols)
        case _:
            return frozenset()
