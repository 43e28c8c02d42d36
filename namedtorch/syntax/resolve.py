"""From the syntax tree to a `Shape`: what the modifiers mean together, arithmetic, memory formats."""

from collections.abc import Iterator
from functools import lru_cache

from namedtorch.diagnostics import Span
from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.layout import KNOWN_ORDERS, MemoryFormat
from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size, SizeLimitError
from namedtorch.dims.unknown import Unknown
from namedtorch.syntax.nodes import (
    AxisNode,
    Binary,
    Comparison,
    Expression,
    Flat,
    FormatNode,
    Name,
    Number,
    ShapeNode,
)
from namedtorch.syntax.parse import parse_shape_tree
from namedtorch.syntax.refusal import explain_mistake, known_mistake, refuse

MAX_DEPTH = 200
"""Operations nest no deeper, as in `-(-(-C))`."""


def parse_shape(text: str) -> Shape:
    """Parses the text of a shape, such as "N C=3 H W where H >= 32".

    Raises `AnnotationError`, which points at the character and says what was probably meant.
    """
    return _parse_shape(text)


@lru_cache(maxsize=4096)
def _parse_shape(text: str) -> Shape:
    return resolve_shape(parse_shape_tree(text), text)


def resolve_shape(node: ShapeNode, text: str) -> Shape:
    """The shape that a syntax tree of `text` stands for."""
    axes = tuple(_axis(axis, text) for axis in node.axes)
    groups = [place for place, axis in enumerate(axes) if isinstance(axis, Group)]
    if len(groups) > 2:
        raise refuse(
            text,
            node.axes[groups[2]].span,
            "a shape has at most two groups",
            "with three, no axis could be told from its neighbours; name some axes",
        )
    if len(groups) == 2:
        for place in range(groups[0] + 1, groups[1]):
            if not isinstance(axes[place], Dim):
                raise refuse(
                    text,
                    node.axes[place].span,
                    "a flattened axis can't be placed between two groups",
                    "give it a dim of its own, or leave one group out",
                )
    _refuse_labels_of_elements(node, text)
    where = tuple(constraint for one in node.where for constraint in resolve_comparison(one, text))
    if len(node.formats) > 1:
        raise refuse(text, node.formats[1].span, "there is more than one memory format", "keep one")
    memory_format = _format(node.formats[0], axes, text) if node.formats else Unknown
    return Shape(axes, where, memory_format)


def _refuse_labels_of_elements(node: ShapeNode, text: str) -> None:
    """Refuses `?H H=3`: one name for a dim of the element and for one of the call."""
    anew = {
        axis.item.text
        for axis in node.axes
        if "?" in axis.modifiers and "*" not in axis.modifiers and isinstance(axis.item, Name)
    }
    for axis in node.axes:
        if "?" not in axis.modifiers and axis.label is not None and axis.label.text in anew:
            raise refuse(
                text,
                axis.span,
                f"`{axis.label.text}` is bound anew for every element, so it can't be a label as well",
                "give one of the two another name",
            )


def resolve_comparison(node: Comparison, text: str) -> Iterator[Constraint]:
    """The constraints that a comparison stands for, one for each pair of a chain."""
    sizes = [_size(size, text) for size in node.sizes]
    for left, relation, right in zip(sizes, node.relations, sizes[1:], strict=False):
        yield Constraint(left, relation, right)  # pyright: ignore[reportArgumentType]


def _axis(node: AxisNode, text: str) -> Axis:
    item = node.item
    if item is None:
        return Group()
    for modifier in "#*?":
        if node.modifiers.count(modifier) > 1:
            raise refuse(text, node.span, f"`{modifier}` stands twice", f"write one `{modifier}`")
    if isinstance(item, Flat):
        if node.modifiers or node.label is not None:
            raise refuse(
                text,
                node.span,
                "a flattened axis takes no `#`, `*`, `?` and no label",
                "name the dims inside, or write the axis as one dim",
            )
        return Flattened(tuple(_factor(factor, text) for factor in item.factors))
    if isinstance(item, Name) and not is_attribute(item.text):
        if node.label is not None:
            _refuse_where(node.label, text)
        _refuse_where(item, text)
        return _named(node, item.text, text)
    kind = "a fixed size" if isinstance(item, Number) else "arithmetic"
    only = "only a name can"
    if "*" in node.modifiers:
        raise refuse(text, node.span, f"{kind} can't be any number of axes", only)
    if "?" in node.modifiers:
        raise refuse(text, node.span, f"{kind} can't be bound anew for every element", only)
    if "_" in node.modifiers or (node.label is not None and node.label.text.startswith("_")):
        raise refuse(text, node.span, f"{kind} can't be anonymous", only)
    label = Unknown if node.label is None else node.label.text
    return Dim(label, _size(item, text), "#" in node.modifiers)


def _named(node: AxisNode, name: str, text: str) -> Axis:
    """A bare name: a dim, a group, or an anonymous one of either."""
    label = Unknown if node.label is None else node.label.text
    broadcast, many, each = ("#" in node.modifiers, "*" in node.modifiers, "?" in node.modifiers)
    hidden = node.modifiers.count("_") + _underscores(name)
    if label is not Unknown and label.startswith("_"):
        hidden += _underscores(label)
        label = Unknown
    if hidden > 1:
        raise refuse(text, node.span, "`_` stands twice", "one `_` makes a dim anonymous: `_x`")
    if hidden:
        if name[1:2].isdigit():
            raise refuse(text, node.span, "a fixed size can't be anonymous", f"write `{name[1:]}`, or `_`")
        if broadcast:
            raise refuse(
                text, node.span, "an anonymous axis fits any size, so `#` says nothing", "leave `#` out: `_`"
            )
        return Group() if many else Dim(label)
    if many:
        # A label of a group has no size that it could name; jaxtyping drops it as well.
        return Group(name, broadcast, each)
    if label is Unknown or label == name or each:
        # What is bound anew for every element has no second name.
        return Dim(name, Unknown, broadcast, each)
    return Dim(label, Size.symbol(name), broadcast)


def _underscores(name: str) -> int:
    return len(name) - len(name.lstrip("_"))


def _factor(node: AxisNode, text: str) -> Dim:
    axis = _axis(node, text)
    if not isinstance(axis, Dim):
        raise refuse(text, node.span, "a flattened axis holds plain dims only", "flatten dims, not groups")
    return axis


def _size(node: Expression, text: str) -> Size:
    chain: list[Binary] = []
    while isinstance(node, Binary):
        chain.append(node)
        node = node.left
    if chain and chain[0].depth > MAX_DEPTH:
        raise refuse(text, chain[0].span, f"a size nests deeper than {MAX_DEPTH}", "write a simpler size")
    try:
        size = Size.constant(node.value) if isinstance(node, Number) else _symbol(node, text)
        for part in reversed(chain):
            size = _binary(part.operator, size, _size(part.right, text), part.span, text)
    except SizeLimitError as error:
        span = chain[0].span if chain else node.span
        raise refuse(text, span, str(error), "write a simpler size") from None
    return size


def _symbol(node: Name, text: str) -> Size:
    name = node.text
    if name.startswith("{"):
        inner = name[1:-1].strip()
        if not all(part.isidentifier() for part in inner.split(".")):
            raise explain_mistake(text, node.span.start)
        return Size.symbol(inner if "." in inner else f"{{{inner}}}")
    if name.startswith("_"):
        raise refuse(
            text,
            node.span,
            f"`{name}` is anonymous, so arithmetic can't use it",
            f"call it `{name[1:] or 'n'}`",
        )
    _refuse_where(node, text)
    return Size.symbol(name)


def _refuse_where(name: Name, text: str) -> None:
    """Refuses a dim `where`: as the last word of a text it would begin the constraints."""
    if name.text == "where":
        raise refuse(
            text, name.span, "`where` begins the constraints, so no dim is called so", "rename the dim"
        )


def _binary(operator: str, left: Size, right: Size, span: Span, text: str) -> Size:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "//" | "%":
            if right.value == 0:
                raise refuse(text, span, "this divides by zero", "write another divisor")
            return left // right if operator == "//" else left % right
        case "min":
            return Size.minimum(left, right)
        case "max":
            return Size.maximum(left, right)
        case _:
            exponent = right.value
            if exponent is Unknown or exponent < 0:
                raise refuse(text, span, "an exponent is a constant, 0 or more", "write a number: `d**2`")
            return left**exponent


def _format(node: FormatNode, axes: tuple[Axis, ...], text: str) -> MemoryFormat:
    words = [name.text for name in node.names]
    dims = [axis.name if isinstance(axis, Dim) else Unknown for axis in axes]
    if len(words) == 1 and words[0] in KNOWN_ORDERS:
        order = KNOWN_ORDERS[words[0]]
        if order is not None and (len(axes) != len(order) or any(isinstance(axis, Group) for axis in axes)):
            raise refuse(
                text,
                node.span,
                f"`{words[0]}` is a memory format of {len(order)} axes, not of {len(axes)}",
                "write the dims in memory order, as in `@ N H W C`",
            )
        return MemoryFormat(words[0], order)
    if sorted(words) != sorted(str(dim) for dim in dims) or len(set(words)) != len(words) or Unknown in dims:
        raise known_mistake(text, node.span.start, "shape") or refuse(
            text,
            node.span,
            f"the memory order `{' '.join(words)}` does not name every axis once",
            f"known formats are {', '.join(KNOWN_ORDERS)}; else write each dim of the shape once",
        )
    return MemoryFormat(" ".join(words), tuple(dims.index(word) for word in words))
