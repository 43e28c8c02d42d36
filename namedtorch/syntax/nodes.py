"""The syntax tree of annotations: what was written, and where."""

from dataclasses import dataclass, field

from namedtorch.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Number:
    """An integer."""

    value: int
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A dim, or an attribute path (`self.hidden`, `{n}`)."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic between two sizes; `min` and `max` fold to it as well.

    `depth` counts how deep it nests to the right; to the left, sums may be as long as they like.
    """

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        left = self.left.depth if isinstance(self.left, Binary) else 0
        right = self.right.depth if isinstance(self.right, Binary) else 0
        object.__setattr__(self, "depth", max(left, right + 1))


Expression = Number | Name | Binary


@dataclass(frozen=True, slots=True)
class Flat:
    """Several factors in parentheses: one flattened axis."""

    factors: tuple["AxisNode", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class AxisNode:
    """One axis: its modifiers (`#`, `*`, `?`), its label (`C=`), and what it is; no item is `...`."""

    modifiers: tuple[str, ...]
    label: Name | None
    item: Expression | Flat | None
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """A constraint, maybe chained: `1 <= H < 64`."""

    sizes: tuple[Expression, ...]
    relations: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class FormatNode:
    """A memory format: one name of torch's, or the dims in memory order."""

    names: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ShapeNode:
    """The axes of one tensor; several formats are an error that resolving reports."""

    axes: tuple[AxisNode, ...]
    where: tuple[Comparison, ...]
    formats: tuple[FormatNode, ...]


@dataclass(frozen=True, slots=True)
class ParameterNode:
    """A parameter or a result of a signature; a result may go without a name."""

    name: Name | None
    shape: ShapeNode


@dataclass(frozen=True, slots=True)
class SignatureNode:
    """Parameters, results, and the constraints of the whole signature."""

    parameters: tuple[ParameterNode, ...]
    results: tuple[ParameterNode, ...]
    where: tuple[Comparison, ...]
