"""Random shapes and random texts of annotations."""

from hypothesis import assume
from hypothesis import strategies as st

from namedtorch.dims.constraint import RELATIONS, Constraint
from namedtorch.dims.layout import KNOWN_ORDERS, MemoryFormat
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size, SizeLimitError
from namedtorch.dims.unknown import Unknown

NAMES = st.sampled_from(["N", "C", "H", "W", "in", "größe", "b2", "min"])
ATTRIBUTES = st.sampled_from(["self.hidden", "self.cfg.width", "{n}"])


def _operation(parts: tuple[str, Size, Size]) -> Size:
    operator, left, right = parts
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "//":
                return left // right
            case "%":
                return left % right
            case "**":
                return left**3
            case "min":
                return Size.minimum(left, right)
            case _:
                return Size.maximum(left, right)
    except (SizeLimitError, ZeroDivisionError):
        return left


LEAVES = st.one_of(
    st.integers(-3, 70).map(Size.constant),
    NAMES.map(Size.symbol),
    NAMES.map(Size.symbol),
    ATTRIBUTES.map(Size.symbol),
)
OPERATORS = st.sampled_from(["+", "-", "*", "//", "%", "**", "min", "max"])
SIZES = st.recursive(LEAVES, lambda inner: st.tuples(OPERATORS, inner, inner).map(_operation), max_leaves=6)


@st.composite
def dims(draw: st.DrawFn, plain: bool = False) -> Dim:
    """A dim; a plain one may stand in a flattened axis."""
    broadcast = not plain and draw(st.booleans())
    match draw(st.sampled_from(["anonymous", "named", "named", "sized", "labelled"])):
        case "anonymous":
            return Dim()
        case "named":
            return Dim(draw(NAMES), Unknown, broadcast, not plain and draw(st.booleans()))
        case "sized":
            return Dim(Unknown, draw(SIZES), broadcast)
        case _:
            name, size = draw(NAMES), draw(SIZES)
            assume(size.name != name)  # `C=C` is `C`
            return Dim(name, size, broadcast)


GROUPS = st.one_of(st.just(Group()), st.builds(Group, NAMES, st.booleans(), st.booleans()))
FLATTENED = st.lists(dims(plain=True), min_size=2, max_size=4).map(lambda factors: Flattened(tuple(factors)))
CONSTRAINTS = st.builds(Constraint, SIZES, st.sampled_from(RELATIONS), SIZES)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Any shape that the parser could make."""
    axes: list[Axis] = draw(st.lists(st.one_of(dims(), dims(), FLATTENED), max_size=4))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        axes.insert(draw(st.integers(0, len(axes))), draw(GROUPS))
    groups = [place for place, axis in enumerate(axes) if isinstance(axis, Group)]
    if len(groups) == 2:
        assume(all(isinstance(axis, Dim) for axis in axes[groups[0] + 1 : groups[1]]))
    anew = {axis.name for axis in axes if isinstance(axis, Dim) and axis.each}
    parts = [part for axis in axes for part in (axis.factors if isinstance(axis, Flattened) else (axis,))]
    assume(
        not any(isinstance(part, Dim) and part.size is not Unknown and part.name in anew for part in parts)
    )
    where = draw(st.lists(CONSTRAINTS, max_size=2))
    return Shape(tuple(axes), tuple(where), draw(_format(axes)))


@st.composite
def _format(draw: st.DrawFn, axes: list[Axis]) -> MemoryFormat | object:
    names = [axis.name for axis in axes if isinstance(axis, Dim) and axis.name is not Unknown]
    choices: list[MemoryFormat | object] = [Unknown, Unknown, MemoryFormat("contiguous", None)]
    if len(axes) == 4 and not any(isinstance(axis, Group) for axis in axes):
        choices.append(MemoryFormat("channels_last", KNOWN_ORDERS["channels_last"]))
    if axes and len(names) == len(axes) == len(set(names)):
        order = draw(st.permutations(range(len(axes))))
        choices.append(MemoryFormat(" ".join(names[axis] for axis in order), tuple(order)))
    return draw(st.sampled_from(choices))


FRAGMENTS = st.sampled_from(
    [
        *["N", "C", "H", "W", "_", "_x", "...", "*batch", "*b", "#C", "*#b", "?H", "3", "0", "-1", "+2"],
        *["C=3", "D=2*C", "_=C", "#C=3", "C=#D", "C=*b", "2*C", "(H+1)//2", "d**2", "min(N,4)", "max(C,H,3)"],
        *["(C H)", "(heads=8 d)", "(_ W)", "(C)", "self.hidden", "{self.hidden}*2", "{n}", "(N*C)", "C-1"],
        *[
            "@ channels_last",
            "@ N C",
            "where C % 8 == 0",
            "where",
            "C >= 7, H<W",
            "==",
            "(",
            ")",
            "=",
            "*",
            "#",
        ],
        *[
            "where min(N,C) != 4",
            "x:",
            "->",
            ",",
            ";",
            "where 1 <= N < C",
            "2C",
            "//",
            "@",
            "{",
            "}",
            "'",
            "\n",
        ],
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=6).map(" ".join)
SNIPPETS = st.lists(FRAGMENTS, max_size=8).map("".join)
NOISE = st.text(alphabet="NCab_3 0#*?.=()+-/%{}@,:<>!wherminax\t\n'\"[]é½²\u00a0\u200b\x00", max_size=40)
