"""The sentence of a finding: what conflicts with what, in the words of the call."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.values import Array, Names
from namedtorch.static.interpreter.conflict import PROMISES, Conflict, value_of
from namedtorch.static.interpreter.machine import Fault
from namedtorch.static.interpreter.spoken import plain, quoted, said

_ONE_OF_MANY: Final = re.compile(r"(?<![\w*+-])1 (channel|feature|element)s\b")


def sentence_of(fault: Fault) -> str:
    """The headline of a finding."""
    conflict = Conflict.of(fault)
    code = fault.misfit.code
    text = _promise(conflict) if code in PROMISES else _SENTENCES.get(code, _general)(conflict)
    return _ONE_OF_MANY.sub(r"1 \1", text.replace(" 1 axes", " 1 axis"))


def _general(conflict: Conflict) -> str:
    start = f"{conflict.subject} has {conflict.left} at axis {conflict.axis}"
    again = re.match(r"axis \d+ is [^,]+, (?P<rest>.*)", conflict.detail)
    if again is not None and conflict.fault.misfit.left is not Unknown:
        # The clause says once more what the axis is.
        rest = re.sub(r"^and \S+ in (`.*`)", rf"and \1 has {conflict.right}", again["rest"])
        return f"{start}, {rest}"
    if conflict.has_sizes:
        return f"{start}, not {conflict.right}: {conflict.detail}"
    if conflict.fault.misfit.left is not Unknown and conflict.axis is not Unknown:
        return f"{start}: {conflict.detail}"
    return _clause(conflict)


def _clause(conflict: Conflict) -> str:
    detail, subject = conflict.detail, conflict.subject
    if subject in detail:
        return detail
    if re.match(r"it (has|is|does|holds|names) ", detail):
        return f"{subject}{detail[2:]}"
    return f"{subject}: {detail}"


def _promise(conflict: Conflict) -> str:
    misfit, subject = conflict.fault.misfit, conflict.subject
    does = PROMISES[misfit.code][1]
    rank = re.fullmatch(r'it has (\d+) axes, and ("[^"]*") has .*', conflict.detail)
    if rank is not None:
        start = f"{subject} has {rank[1]} axes"
        return f"{start}, where {rank[2]} {does}" if does else f"{start}, but the parameter is {rank[2]}"
    if not conflict.has_sizes:
        return _clause(conflict)
    start = f"{subject} has {conflict.left} at axis {conflict.axis}"
    wanted = _wanted(conflict)
    if not does:
        return f"{start}, but the parameter takes {wanted}"
    if "for any" in conflict.detail:
        return f"{start} for any {wanted}, where {wanted} {does}"
    return f"{start}, where {wanted} {does}"


def _wanted(conflict: Conflict) -> str:
    """The size of an annotation, as it is written and as it is known."""
    detail, right = conflict.detail, conflict.right
    if "of the constructor" in detail:
        return f"the argument {right} of the constructor"
    takes = re.match(r"it takes (`[^`]*`) there|it is \d+ there for any (`[^`]*`)", detail)
    if takes is None:
        return right
    text = takes[1] or takes[2]
    return (
        f"{text}={right}"
        if right.isdigit() and not text.strip("`").isdigit() and takes[1]
        else _bare(text, right)
    )


def _bare(text: str, right: str) -> str:
    """A size without its ticks where it is a number; one of another name as the call knows it."""
    if text.strip("`").isdigit():
        return text.strip("`")
    return right if not right.isdigit() else text


def _broadcast(conflict: Conflict) -> str:
    misfit = conflict.fault.misfit
    if not conflict.has_sizes or not conflict.other or misfit.other_axis is Unknown:
        return _general(conflict)
    if not conflict.detail.startswith("it does not broadcast"):
        return _general(conflict)
    return (
        f"{conflict.subject} does not broadcast with {conflict.other}: "
        f"axis {conflict.axis} is {conflict.left}, and meets {conflict.right}"
    )


def _contraction(conflict: Conflict) -> str:
    misfit = conflict.fault.misfit
    if not conflict.has_sizes:
        return _general(conflict)
    start = f"{conflict.subject} has {conflict.left}"
    if misfit.other == "in_features" or conflict.has_layer:
        by = " (`in_features`)" if misfit.other == "in_features" else ""
        if " " in conflict.left:
            return f"{start} at axis {conflict.axis}, but the layer takes {conflict.right}"
        return f"{start} features (axis {conflict.axis}), but the layer takes {conflict.right}{by}"
    letter = re.match(r"(`\w+`) is axis", conflict.detail)
    if letter is not None and conflict.other:
        return f"{start} at axis {conflict.axis}, but {letter[1]} is {conflict.right} in {conflict.other}"
    if not conflict.other or misfit.other_axis is Unknown:
        return _general(conflict)
    at = f"axis {misfit.other_axis} of {conflict.other}"
    return f"{start} at axis {conflict.axis}, which is contracted with {conflict.right}, {at}"


def _channels(conflict: Conflict) -> str:
    takes = re.match(r"(.*?) takes .* channels, and channels are ", conflict.detail)
    if takes is None or not conflict.has_sizes:
        return _general(conflict)
    what = "the layer" if takes[1] == "it" and conflict.has_layer else takes[1]
    return f"{conflict.subject} has {conflict.left} channels (axis {conflict.axis}), but {what} takes {conflict.right}"


def _joined(conflict: Conflict) -> str:
    if not conflict.has_sizes or not conflict.other:
        return _general(conflict)
    _, semicolon, rule = conflict.detail.partition("; ")
    start = f"{conflict.subject} has {conflict.left} at axis {conflict.axis}, and {conflict.other} has {conflict.right}"
    return start + semicolon + rule


def _normalized(conflict: Conflict) -> str:
    if not conflict.has_sizes:
        return _general(conflict)
    clause = conflict.detail.partition(", which has to be")[0]
    return f"{conflict.subject} has {conflict.left} at axis {conflict.axis}, not {conflict.right}: {clause}"


def _moved(conflict: Conflict) -> str:
    asked = re.search(r"but (`.*?`), which stands (.*) in .*, is asked for (.*)$", conflict.detail)
    if asked is None:
        return _clause(conflict)
    to = "in front" if asked[3] == "first" else asked[3]
    return f"the view of {conflict.subject} asks for {asked[1]} {to}, but it stands {asked[2]}: a view moves no dims"


def _repeated(conflict: Conflict) -> str:
    twice = re.match(r"the result has (`.*`) twice: at (axis \d+) and at (axis \d+)$", conflict.detail)
    if twice is None or not conflict.other:
        return _clause(conflict)
    both = f"{conflict.subject} and {conflict.other}"
    return f"{both} broadcast to a result with {twice[1]} twice, at {twice[2]} and {twice[3]}"


def _across_batch(conflict: Conflict) -> str:
    return (
        f"{conflict.subject} is normalized along axis {conflict.axis}, {conflict.left}: "
        "across the samples of a batch"
    )


def _ordered(conflict: Conflict) -> str:
    axis = conflict.fault.misfit.left
    batch = "the batch" if axis is Unknown or axis.dim is Unknown else f"`{plain(axis.dim)}`"
    return f"{conflict.subject} has {batch} at axis {conflict.axis}, where the layer takes its steps"


def _alone(conflict: Conflict) -> str:
    return f"{conflict.subject} is normalized along axis {conflict.axis}, which has one element: all become 1"


def _dropped(conflict: Conflict) -> str:
    return f"squeezing {conflict.subject} drops {conflict.left}, too, where that is 1"


def _target(conflict: Conflict) -> str:
    classes = re.fullmatch(r"(?:.*, so )?it holds a class for each of (.*), and has (.*)", conflict.detail)
    if classes is None:
        return _general(conflict)
    if classes[1] == classes[2] and conflict.has_sizes:
        return (
            f"{conflict.subject} holds classes in the order {conflict.left}, and the input {conflict.right}"
        )
    return f"{conflict.subject} is {classes[2]}, but has to hold a class for each of {classes[1]}"


def _rank(conflict: Conflict) -> str:
    takes = re.fullmatch(r"it takes (.*) axes, and (`.*`|it) has (.*)", conflict.detail)
    if takes is None:
        return _general(conflict)
    what = conflict.subject if takes[2] == "it" else takes[2]
    return f"{what} has {takes[3]} axes, but {takes[1]} {'is' if takes[1] == '1' else 'are'} taken"


def _index(conflict: Conflict) -> str:
    if conflict.detail.startswith("an index "):
        return conflict.detail
    masked = re.fullmatch(
        r"axis \d+ of the mask is .*, and it masks (axis \d+), which is .*", conflict.detail
    )
    if masked is None or not conflict.has_sizes:
        return _general(conflict)
    start = f"{conflict.subject} has {conflict.left} at axis {conflict.axis}"
    return f"{start}, but masks {masked[1]}, which is {conflict.right}"


def _place(conflict: Conflict) -> str:
    taken = re.fullmatch(r"(.*) (is|are) taken of (axis \d+), which is (.*)", conflict.detail)
    if taken is None:
        return _clause(conflict)
    return f"{taken[1]} {taken[2]} taken of {conflict.subject}, which has {taken[4]} at {taken[3]}"


def _named(conflict: Conflict) -> str:
    """An axis, or all dims, of a value under other names than it should have."""
    axis = re.match(r"axis -?\d+(?= (is|of it) )", conflict.detail)
    if axis is None:
        return _clause(conflict)
    rest = conflict.detail[axis.end() :].replace(" of it ", " ", 1)
    return f"{axis[0]} of {conflict.subject}{rest}"


_ASKED: Final = re.compile(
    r"(?P<said>.*?), (?:but its dims are (?P<dims>.*)|and (?P<none>none of its axes has a name)"
    r"|and \d+ of its axes are .*?: (?P<places>.*))"
)
"""What the lookup of a dim by its name says of one that is not there, or there twice."""


def _missing(conflict: Conflict) -> str:
    """A dim that is asked for by a name that no axis carries, or that two carry."""
    asked, subject = _ASKED.fullmatch(conflict.detail), conflict.subject
    left_out = re.match(r"`names` does not have (`[^`]*`), axis (\d+) of ", conflict.detail)
    if left_out is not None:
        return f"{subject} has {left_out[1]} at axis {left_out[2]}, which the names leave out"
    if asked is None:
        return _clause(conflict)
    names = re.findall(r"'([^']+)'|`([^`]+)`", asked["said"])
    name = "".join(names[-1]) if names else ""
    value = value_of(conflict.fault, conflict.fault.misfit.argument)
    if asked["places"]:
        return f"{subject} has two dims `{name}`, at axes {asked['places'].replace(', ', ' and ')}"
    if isinstance(value, Array) and value.names is Names.NONE:
        return f"{subject} is a plain tensor, and has no dim `{name}` by name"
    dims = f"its dims are {asked['dims']}" if asked["dims"] else asked["none"]
    return f"{subject} has no dim `{name}`: {dims}"


def _doubled(conflict: Conflict) -> str:
    """A name that two axes would have."""
    value = value_of(conflict.fault, conflict.fault.misfit.argument)
    behind = f" of {conflict.subject}" if conflict.detail.endswith(tuple("0123456789")) else ""
    return conflict.detail + (behind if isinstance(value, Array) else "")


def _detail(conflict: Conflict) -> str:
    return conflict.detail


def _unpacked(conflict: Conflict) -> str:
    return f"{conflict.detail.replace(' for ', ' for the ', 1)} of {conflict.subject}"


def _shown(conflict: Conflict) -> str:
    return f"{conflict.subject}: {said(conflict.fault.values.get(conflict.fault.misfit.argument, Unknown))}"


_SENTENCES: Final[Mapping[str, Callable[[Conflict], str]]] = {
    "axis-out-of-range": _clause,
    "axis-repeated": _detail,
    "bad-annotation": _detail,
    "bad-sizes": _detail,
    "batch-normalized": _across_batch,
    "batch-order-differs": _ordered,
    "broadcast-dims-differ": _broadcast,
    "broadcast-repeats-dim": _repeated,
    "cat-sizes-differ": _joined,
    "channels-differ": _channels,
    "channels-unchecked": _channels,
    "contracted-dims-differ": _contraction,
    "dim-missing": _missing,
    "elements-differ": _clause,
    "index-differs": _index,
    "index-out-of-range": _place,
    "loss-broadcasts": _clause,
    "name-missing": _named,
    "names-differ": _named,
    "names-repeated": _doubled,
    "norm-sizes-differ": _normalized,
    "normalizes-one": _alone,
    "rank-unfit": _rank,
    "reveal": _shown,
    "squeeze-drops-dim": _dropped,
    "target-differs": _target,
    "unpack-differs": _unpacked,
    "view-cuts-dim": _clause,
    "view-moves-dims": _moved,
}


def made_here(conflict: Conflict) -> str:
    """What is said at the constructor of a layer."""
    misfit = conflict.fault.misfit
    takes = misfit.code in (
        "channels-differ",
        "channels-unchecked",
        "contracted-dims-differ",
        "norm-sizes-differ",
    )
    return (
        f"the layer is made here, and takes {conflict.right}" if takes and conflict.has_sizes else "made here"
    )


def dims_of_other(conflict: Conflict) -> str:
    """What is said of a size of the other side that has no dims to be shown."""
    return f"it is {quoted(conflict.fault.misfit.right)}" if conflict.has_sizes else ""
