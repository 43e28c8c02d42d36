"""`Constraint`: what `where` says of sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast, get_args

from namedtorch.dims.size import Size, Tree

Relation: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
RELATIONS: Final[tuple[str, ...]] = get_args(Relation)


@dataclass(frozen=True, slots=True)
class Constraint:
    """That a relation holds between two sizes; equal iff written with equal sizes and the same relation."""

    left: Size
    relation: Relation
    right: Size

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise ValueError(f"{self.relation!r} is not one of {', '.join(RELATIONS)}")

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols that occur on either side."""
        return self.left.symbols | self.right.symbols

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether the constraint is true at an assignment; it is not where a side divides by zero.

        Raises `KeyError` for a symbol without a value.
        """
        try:
            left, right = self.left.evaluate(sizes), self.right.evaluate(sizes)
        except ZeroDivisionError:
            return False
        match self.relation:
            case "==":
                return left == right
            case "!=":
                return left != right
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right

    def substitute(self, sizes: Mapping[str, Size]) -> "Constraint":
        """The constraint with sizes in place of symbols; raises as `Size.substitute`."""
        return Constraint(self.left.substitute(sizes), self.relation, self.right.substitute(sizes))

    def tree(self) -> Tree:
        """The constraint as JSON-able data that `from_tree` reads back."""
        return [self.relation, self.left.tree(), self.right.tree()]

    @staticmethod
    def from_tree(tree: object) -> "Constraint":
        """Reads what `tree` wrote. Raises `ValueError` for anything else."""
        if isinstance(tree, list | tuple):
            match cast("Sequence[object]", tree):
                case [str(relation), left, right] if relation in RELATIONS:
                    return Constraint(Size.from_tree(left), cast("Relation", relation), Size.from_tree(right))
                case _:
                    pass
        raise ValueError("not a constraint: a list of a relation and two sizes is expected")

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"
