"""Annotations as they are written: expressions, what their names stand for, and where in the file they are."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from namedtorch.diagnostics import AnnotationError, Span
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.hints_containers import OPTIONALS, UNIONS
from namedtorch.static.hints_refusal import Refusal, complaint, span_in
from namedtorch.static.hints_text import MAX_DEPTH, elements, is_text, parsed, width

MAX_MEMBERS = 1000
"""A union of more members is not looked into."""

_NONE = ast.Constant(None)
_ELLIPSIS = ast.Constant(...)


@dataclass(frozen=True, slots=True)
class Alias:
    """What a name of another module stands for: the expression there, and the lookup of that module's names."""

    node: ast.expr
    lookup: "Lookup"


Lookup = Callable[[ast.expr], str | ast.expr | Alias | UnknownType]
"""What a name or a chain of attributes stands for: a qualified name, or the expression of an alias.

A plain expression is looked up as the name was; an `Alias` brings its own lookup.
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A part of an annotation.

    `outer` is the node of the file that is read where this one is not: the string or the alias's name that it stands
    behind; `base` is the offset of its text in the string. `within` are the aliases that led here.
    """

    node: ast.expr
    lookup: Lookup
    outer: ast.expr | UnknownType = Unknown
    base: int | UnknownType = Unknown
    within: tuple[ast.expr, ...] = ()
    depth: int = 0

    def part(self, node: ast.expr) -> "Written":
        """A part of this expression."""
        return Written(node, self.lookup, self.outer, self.base, self.within, self.depth + 1)

    def named(self) -> "tuple[str | UnknownType, Written]":
        """The qualified name of this expression; Unknown, with the expression that its aliases stand for, if none."""
        here = self
        while isinstance(here.node, ast.Name | ast.Attribute):
            found = here.lookup(here.node)
            if found is Unknown or isinstance(found, str):
                return found, here
            node, lookup = (found.node, found.lookup) if isinstance(found, Alias) else (found, here.lookup)
            if node in here.within or len(here.within) >= MAX_DEPTH:
                return Unknown, here
            outer = here.node if here.outer is Unknown else here.outer
            here = Written(node, lookup, outer, Unknown, (*here.within, node), here.depth)
        return Unknown, here

    def opened(self) -> "tuple[str | UnknownType, Written]":
        """As `named`, and a string is the annotation in it."""
        here = self
        for _ in range(MAX_DEPTH):
            name, here = here.named()
            if name is not Unknown or not is_text(here.node):
                return name, here
            text = here.node.value
            inner = parsed(text)
            if inner is Unknown:
                return Unknown, here
            start = 0 if here.outer is Unknown else here._start()
            if start is not Unknown:
                # Columns count bytes, and those of one line.
                is_plain = text.isascii() and "\n" not in text
                start = start + len(text) - len(text.lstrip()) if is_plain else Unknown
            outer = here.node if here.outer is Unknown else here.outer
            here = replace(here, node=inner, outer=outer, base=start)
        return Unknown, here

    def text(self) -> str | UnknownType:
        """The text that this expression is: a string, or several joined; Unknown for what is computed."""
        parts: list[str] = []
        waiting: list[Written] = [self]
        for _ in range(MAX_MEMBERS):
            if not waiting:
                return "".join(parts)
            _, here = waiting.pop().named()
            match here.node:
                case ast.Constant(value=str(part)):
                    parts.append(part)
                case ast.BinOp(op=ast.Add()) as node:
                    waiting += [here.part(node.right), here.part(node.left)]
                case ast.JoinedStr() as node:
                    waiting += [here.part(one) for one in reversed(node.values)]
                case ast.FormattedValue(conversion=-1, format_spec=None) as node:
                    waiting.append(here.part(node.value))
                case _:
                    return Unknown
        return Unknown

    def members(self) -> "list[tuple[str | UnknownType, Written]]":
        """The members of a union, of unions in it too, each as `opened`; of anything else, itself."""
        found: list[tuple[str | UnknownType, Written]] = []
        waiting: list[Written] = [self]
        for _ in range(MAX_MEMBERS):
            if not waiting:
                return found
            name, here = waiting.pop().opened()
            node = here.node
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
                # A chain of `|` is as deep as it is long.
                waiting += [replace(here, node=node.right), replace(here, node=node.left)]
                continue
            if isinstance(node, ast.Subscript) and here.depth < MAX_DEPTH:
                base, _ = here.part(node.value).named()
                if base in UNIONS or base in OPTIONALS:
                    waiting += [here.part(one) for one in reversed(elements(node))]
                    found += [(Unknown, here.part(_NONE))] if base in OPTIONALS else []
                    continue
            found.append((name, here))
        return [(Unknown, self.part(_ELLIPSIS))]

    def refusal(self, message: str, help: str = "", span: Span | UnknownType = Unknown) -> Refusal:
        """The refusal of this part; `span` is where in its text, if it is one."""
        if not is_text(self.node):
            span = Unknown
        if self.outer is Unknown:
            node, start, alias = self.node, 0, False
        else:
            node, start, alias = self.outer, self._start(), bool(self.within)
            span = Span(0, width(self.node)) if span is Unknown else span
        if span is Unknown or start is Unknown:
            return Refusal(node, message, help, alias=alias)
        return Refusal(node, message, help, start + span.start, start + span.end, alias)

    def refused(self, text: str, error: AnnotationError) -> Refusal:
        """The refusal of a text that this part is, by the error of parsing it."""
        return self.refusal(*complaint(error), span_in(text, error))

    def _start(self) -> int | UnknownType:
        """The offset of this node in the string around it; that of the text in it if it is a string itself."""
        outer, node = self.outer, self.node
        if self.base is Unknown or not is_text(outer):
            return Unknown
        start = self.base + node.col_offset
        if not is_text(node):
            return start
        # Escapes, prefixes and triple quotes would move what is behind them.
        return start + 1 if outer.value.startswith(node.value, start + 1) else Unknown


def is_none(name: str | UnknownType, written: Written) -> bool:
    """Tells whether a member of a union is None."""
    return (isinstance(written.node, ast.Constant) and written.node.value is None) or name == "types.NoneType"
