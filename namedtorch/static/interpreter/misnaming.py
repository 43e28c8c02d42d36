"""Names that a NamedTensor carries, held to an annotation; and plain tensors, which carry none."""

from collections.abc import Sequence
from typing import Final

from namedtorch.dims.carried import Misnamed, expected_name
from namedtorch.dims.carried import misnamed as misnamed_axes
from namedtorch.dims.pattern import Axis as PatternAxis
from namedtorch.dims.pattern import Group
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.judge import Misfit
from namedtorch.ops.values import Array, Names
from namedtorch.signature.hints import TensorHint

DIFFERENT: Final = "names-differ"
MISSING: Final = "name-missing"
HELD: Final = {"argument-differs": "value", "result-differs": "result", "local-differs": "local"}
"""What a value is called in a misfit that is held to an annotation, by the code of other misfits of its kind."""

ASKED: Final = "{}"
"""What stands in the help of a misfit for the expression at fault."""


def misnamed(value: Array, hint: TensorHint, code: str, *, missing: bool = True) -> Misfit | None:
    """What is wrong with the names of a value, where a hint asks for a NamedTensor; None where nothing surely is.

    Unless `missing`, axes without a name may be any.
    """
    if value.names is Names.NONE:
        is_argument = code == "argument-differs"
        asked = "but the parameter takes a NamedTensor" if is_argument else "where a NamedTensor is promised"
        help = f'`named({ASKED}, "{hint.shape.without_where()}")` gives it names, if these are its dims'
        return Misfit(code, f"it is a plain tensor, {asked}", HELD[code], help=help)
    if value.names is Unknown:
        return None
    found = _misnamed(value, hint.shape.axes)
    if value.names is Names.SOME or not missing:
        found = [one for one in found if one.actual is not None]
    return _misfit(value, hint, found[0], HELD[code]) if found else None


def is_misnaming(misfit: Misfit) -> bool:
    """Whether a value carries other names than the annotation that it is held to."""
    return misfit.code == DIFFERENT and misfit.argument in HELD.values()


def _misnamed(value: Array, pattern: Sequence[PatternAxis]) -> list[Misnamed]:
    """The axes that carry another name than a pattern has there, as far as it is known where they stand."""
    rest = value.shape.rest
    if rest is Unknown:
        names = [None if axis.carried is Unknown else axis.carried for axis in value.shape.fixed]
        if len(names) < len(pattern) or value.names is Names.ALL:
            return misnamed_axes(pattern, names)
        # What a name between two groups is missing for may be an axis whose name is not known.
        return [one for one in misnamed_axes(pattern, names) if one.axis >= 0]
    front, back = value.shape.axes[:rest], value.shape.axes[rest + 1 :]
    groups = [place for place, axis in enumerate(pattern) if isinstance(axis, Group)]
    before = pattern[: groups[0]] if groups else pattern
    behind = pattern[groups[-1] + 1 :] if groups else pattern
    found = _differing(list(enumerate(front)), before)
    # What stands behind axes whose number is not known is counted from the back.
    return found + _differing([(-place, axis) for place, axis in enumerate(reversed(back), 1)], behind[::-1])


def _differing(axes: Sequence[tuple[int, Axis | Rest]], pattern: Sequence[PatternAxis]) -> list[Misnamed]:
    found: list[Misnamed] = []
    for (place, axis), wanted in zip(axes, pattern, strict=False):
        expected = expected_name(wanted)
        carried = axis.carried if isinstance(axis, Axis) else Unknown
        if expected is not Unknown and carried is not Unknown and carried != expected:
            found.append(Misnamed(place, str(expected), str(carried)))
    return found


def _misfit(value: Array, hint: TensorHint, wrong: Misnamed, name: str) -> Misfit:
    names = [axis.carried if isinstance(axis, Axis) else Unknown for axis in value.shape.axes]
    wanted = [expected_name(axis) for axis in hint.shape.axes]
    text = hint.shape.without_where()
    shown = " ".join("_" if name is Unknown else name for name in names)
    if Unknown not in wanted and sorted(map(str, names)) == sorted(map(str, wanted)):
        detail = f"it has the dims `{shown}`, but the annotation has `{text}`"
        help = f'`{ASKED}.align_to("{text}")` puts its dims in this order'
        return Misfit(DIFFERENT, detail, name, help=help)
    if wrong.axis < 0 and wrong.actual is None:
        return Misfit(MISSING, f"it has no dim `{wrong.expected}`: its dims are `{shown}`", name)
    if wrong.actual is None:
        detail = f"axis {wrong.axis} of it has no name, but the annotation has `{wrong.expected}` there"
        return Misfit(MISSING, detail, name, help="`refine_names` gives it one")
    detail = f"axis {wrong.axis} of it is `{wrong.actual}`, but the annotation has `{wrong.expected}` there"
    return Misfit(DIFFERENT, detail, name)
