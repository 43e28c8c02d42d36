"""What expressions are worth in the interpreter: the values of the table, and what only programs hold.

Every value is immutable or holds what changes in a `Cell`, which the journal can undo.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, Final, TypeAlias, cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import UnknownType
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields
from namedtorch.signature.signature import Signature
from namedtorch.static.interpreter.store import Cell, MissingType
from namedtorch.static.source_module import SourceModule

LAYER: Final = " layer"
"""Where an instance holds what the constructor of a class of torch made of it: a layer, or a container of modules."""

OPEN: Final = " open"
"""Where the cell of a dict tells whether its keys are known."""


@dataclass(frozen=True, slots=True, eq=False)
class ListValue:
    """A list; `held_items(cell)` are its items."""

    cell: Cell


@dataclass(frozen=True, slots=True, eq=False)
class DictValue:
    """A dict with constant keys, in `cell`; a number is kept as `#3`.

    Under `OPEN`, the cell tells whether there may be other keys, or fewer.
    """

    cell: Cell

    @staticmethod
    def of(entries: "Mapping[str, Val]") -> "DictValue":
        """A dict of these entries and no others."""
        return DictValue({OPEN: False, **entries})

    @property
    def is_open(self) -> bool:
        """Whether the keys are not all known."""
        return self.cell[OPEN] is not False

    @property
    def entries(self) -> "dict[str, Val]":
        """What is known of the entries."""
        return {key: value for key, value in self.cell.items() if key != OPEN}


@dataclass(frozen=True, slots=True)
class Many:
    """A sequence of unknown length with one value for all items."""

    item: "Val"


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value or None."""

    value: "Val"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values, of which it is not known which."""

    members: tuple["Val", ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A constructor argument of which only the path is known: `config.n_embd`. As a number it is a size."""

    path: str


@dataclass(frozen=True, slots=True)
class External:
    """Something that the project does not define, by its qualified name: `torch.nn.functional.relu`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class ModuleScope:
    """A file of the project: its names in `cell`."""

    module: SourceModule
    cell: Cell


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the project, and what it is bound to; `variants` are its overloads."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: ModuleScope
    closure: tuple[Cell, ...] = ()
    owner: "Class | None" = None
    defaults: Mapping[str, "Val"] = field(default_factory=dict[str, "Val"])
    variants: tuple["Function", ...] = ()

    @property
    def name(self) -> str:
        """The name as it is written."""
        return "<lambda>" if isinstance(self.node, ast.Lambda) else self.node.name


@dataclass(frozen=True, slots=True)
class Bound:
    """A method with the value that it is called on, the first argument."""

    function: Function
    receiver: "Val"


@dataclass(frozen=True, slots=True)
class Partial:
    """A callable with some of its arguments."""

    function: "Val"
    arguments: tuple["Val", ...]
    keywords: tuple[tuple[str, "Val"], ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a value of the table, or of a Python container, by its name."""

    receiver: "Val"
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the project: its bases, classes or externals, and its names in `cell`."""

    node: ast.ClassDef
    scope: ModuleScope
    bases: tuple["Val", ...]
    cell: Cell
    closure: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An object of a class of the project: its attributes in `cell`."""

    kind: Class
    cell: Cell


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A module of torch: its row, its attributes, and the expression that made it; `cell` holds what is said of it."""

    rule: ModuleRule
    attributes: Mapping[str, "Val"]
    place: ast.AST
    cell: Cell = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Modules one behind the other, `Sequential`, or beside each other, `ModuleList`; names where they have some."""

    cell: Cell
    runs: bool
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """A module or a function of plain tensors that takes and gives named ones by a signature, written at a place."""

    callee: "Val"
    signature: Signature
    place: ast.AST


@dataclass(frozen=True, slots=True)
class Super:
    """`super()`: the attributes of an instance that the classes behind one give."""

    owner: Class
    instance: "Val"


@dataclass(frozen=True, slots=True)
class Iterated:
    """An iterator over values that are known."""

    items: tuple["Val", ...]


@dataclass(frozen=True, slots=True)
class ShapeOf:
    """`x.shape` of a tensor whose rank is not known."""

    shape: TensorShape


@dataclass(frozen=True, slots=True)
class Real:
    """A number of which nothing is known but that it is one."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string of which nothing is known but that it is one."""


Sure: TypeAlias = (
    Array | Fields | Size | bool | float | complex | str | slice | EllipsisType | UnknownType | None
)
"""A value of the table that holds no others that programs change."""

Object: TypeAlias = (
    ListValue
    | DictValue
    | Many
    | Maybe
    | OneOf
    | Given
    | External
    | ModuleScope
    | Function
    | Bound
    | Partial
    | Method
    | Class
    | Instance
    | Layer
    | Chain
    | Crossing
    | Super
    | Iterated
    | Real
    | ShapeOf
    | Text
)
"""A value that only programs hold."""

Val: TypeAlias = "Sure | Object | tuple[Val, ...] | list[Val]"
"""What an expression is worth."""

Held: TypeAlias = "Val | MissingType"
"""What a cell holds under a name: a value, or `MISSING`."""


def held_items(cell: Cell) -> tuple[Val, ...] | Many | UnknownType:
    """The items in the cell of a list or of a container of modules: one by one, or one for all of them."""
    return cast("tuple[Val, ...] | Many | UnknownType", cell["items"])
