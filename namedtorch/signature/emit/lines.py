"""The lines of a guard while they are written: blocks, variables, expressions, sentences.

Lines are source that Python and TorchScript both read. Dims never become identifiers (`in` and `class` are fine
dims): variables are numbered, `s0` the sizes of site 0, `d0` a dim, `g0` a group; a tag keeps them apart from the
parameters of the function.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.broadcast import broadcast_sizes, group_agrees, places_between
from namedtorch.dims.layout import stored_as
from namedtorch.dims.pattern import Dim
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.size import Size, Tree
from namedtorch.signature.plan import Plan
from namedtorch.signature.sites import Member, Site

GUARD_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "broadcast_sizes": broadcast_sizes,
    "group_agrees": group_agrees,
    "places_between": places_between,
    "stored_as": stored_as,
}
"""The functions that lines may call; all of them are TorchScript too."""

UNSET = "-1"
"""The value of a dim that a call has not bound; a group that is unset is `[-1]`."""


class Dialect(Protocol):
    """What a language of guards says in its own way."""

    def refuse(self, code: str, message: str, site: Site | None) -> str:
        """The statement that refuses the call; `message` is the body of an f-string."""
        ...

    def member(self, variable: str, index: int, part: Member) -> str:
        """The condition that a value, narrowed to its type, is this alternative of a union, and none before it."""
        ...

    def narrowed(self, index: int, part: Member) -> str:
        """The type to narrow a value to where it is this alternative; "" if there is no need."""
        ...

    def strides(self, variable: str) -> str:
        """The strides of a tensor as a list."""
        ...

    def attribute(self, path: str) -> str:
        """The expression of an attribute path."""
        ...

    def placed(self, found: str, value: str, start: int, middle: Sequence[Dim], site: Site) -> str:
        """The expression of those places in `found` whose axes carry the names of `middle`; "" where none carry any."""
        ...


@dataclass(slots=True)
class Variable:
    """A dim or a group of the guard: its name, whether every call has bound it by now, and who did, as a text."""

    name: str
    sure: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Expression:
    """A size as source, the conditions under which its dims are bound, and its divisors that may be 0."""

    text: str
    known: tuple[str, ...]
    divisors: tuple[str, ...]

    @property
    def operand(self) -> str:
        """The expression as an operand of another."""
        return self.text if self.text.isidentifier() or self.text.isdigit() else f"({self.text})"


@dataclass(slots=True)
class Lines:
    """The lines so far, and what is bound at this point of the guard."""

    plan: Plan
    dialect: Dialect
    result: str
    tag: str = ""
    text: list[str] = field(default_factory=list[str])
    depth: int = 0
    used: set[str] = field(default_factory=set[str])
    unset: dict[str, str] = field(default_factory=dict[str, str])
    dims: dict[str, Variable] = field(default_factory=dict[str, Variable])
    groups: dict[str, Variable] = field(default_factory=dict[str, Variable])
    # The tensor at hand: what messages call it, the element that it is, and whether every call has it.
    argument: str = ""
    scope: str = ""
    certain: bool = True

    def line(self, text: str) -> None:
        """Adds a line at the present depth."""
        self.text.append("    " * self.depth + text)

    def block(self, header: str) -> None:
        """Opens a block; whoever opens one restores `depth` afterwards."""
        self.line(header)
        self.depth += 1

    def check(self, bad: str, code: str, message: str, site: Site | None) -> None:
        """Refuses the call where `bad` holds."""
        self.line(f"if {bad}:")
        self.line("    " + self.dialect.refuse(code, message, site))

    def sentence(self, code: str, **fields: str) -> str:
        """The body of an f-string: the sentence of a code about the tensor at hand."""
        return sentence(code, argument=self.argument, **fields)

    # Dims

    def dim(self, name: str, each: bool) -> Variable | None:
        """The variable of a dim, if it has one."""
        return self.dims.get(f"?{name}" if each else name)

    def new_dim(self, name: str, each: bool) -> Variable:
        """A variable for a dim; that of a per-element one maps elements to sizes."""
        variable = Variable(f"{self.tag}{'each' if each else 'd'}{len(self.dims)}")
        if each:
            self.unset[f"{variable.name}: dict[str, int]"] = "{}"
        self.dims[f"?{name}" if each else name] = variable
        return variable

    def maybe(self, variable: Variable) -> str:
        """The name of a variable that a call may leave unset: it starts as -1."""
        self.unset[variable.name] = UNSET
        return variable.name

    def element(self) -> str:
        """The variable of the element at hand, the key of per-element dims."""
        return f"{self.tag}key"

    def value(self, symbol: str, each: bool) -> tuple[str, str]:
        """The expression of a symbol, and the condition under which it is bound ("" for always)."""
        if is_attribute(symbol):
            return self.dialect.attribute(symbol), ""
        variable = self.dim(symbol, each)
        assert variable is not None, f"`{symbol}` is used before anything could bind it"
        if each:
            return f"{variable.name}[{self.element()}]", f"{self.element()} in {variable.name}"
        return variable.name, "" if variable.sure else f"{self.maybe(variable)} >= 0"

    def expression(self, size: Size, one: Scheduled) -> Expression:
        """A size as source."""
        known: list[str] = []
        names: dict[str, str] = {}
        for symbol in sorted(size.symbols):
            names[symbol], condition = self.value(symbol, symbol in one.each)
            if condition:
                known.append(condition)
        divisors = {Size.from_tree(tree).render(names.__getitem__) for tree in _divisors(size.tree())}
        return Expression(size.render(names.__getitem__), tuple(known), tuple(sorted(divisors)))

    def axis(self, axis: str, sizes: str) -> tuple[str, str]:
        """An axis as an index, and as messages count it: from the left."""
        if axis.startswith("-"):
            return axis, f"{{len({sizes}) - {axis[1:]}}}"
        return axis, axis if axis.isdigit() else f"{{{axis}}}"


def tag_for(names: Iterable[str]) -> str:
    """A prefix that keeps the variables of a guard apart from names that are taken."""
    taken = tuple(names)
    tag = ""
    while any(re.fullmatch(rf"{tag}((each|at|[sdgpaeikmou])\d+(_\w+)?|key)", name) for name in taken):
        tag += "_"
    return tag


def literal(value: object) -> str:
    """A text as it stands in an f-string."""
    return str(value).replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{").replace("}", "}}")


def _divisors(tree: Tree) -> list[Tree]:
    """The divisors in a size, as trees, that are not positive constants."""
    if not isinstance(tree, list):
        return []
    operator, *operands = tree
    found = [divisor for operand in operands for divisor in _divisors(operand)]
    if operator in ("//", "%") and not (isinstance(operands[1], int) and operands[1] > 0):
        found.append(operands[1])
    return found
