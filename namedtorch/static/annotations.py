"""Type hints read from source: the meaning that `signature.hints` gives to the objects, without evaluating any.

What is not known (a name that nothing is found for, a shape that is computed) is a hint without dims.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.hints import ANYTHING, DictHint, Hint, ListHint, PlainHint, TupleHint, has_dims
from namedtorch.static.hints_containers import (
    ANNOTATED,
    ANYTHINGS,
    LITERALS,
    MAPPINGS,
    OPTIONALS,
    SEQUENCES,
    TUPLES,
    UNIONS,
    UNPACKED,
    WRAPPERS,
)
from namedtorch.static.hints_plain import plain_tensor as plain_tensor
from namedtorch.static.hints_plain import plain_type as plain_type
from namedtorch.static.hints_plain import takes_none as takes_none
from namedtorch.static.hints_refusal import Refusal as Refusal
from namedtorch.static.hints_tensors import TensorReader, alternatives, bounds
from namedtorch.static.hints_text import MAX_DEPTH, elements, is_text, source
from namedtorch.static.hints_written import Alias as Alias
from namedtorch.static.hints_written import Lookup as Lookup
from namedtorch.static.hints_written import Written, is_none

MAX_PARTS = 2000
"""An annotation of more parts, its aliases written out, is not read to its end."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotation says, and what of it the language refuses."""

    hint: Hint
    refusals: tuple[Refusal, ...] = ()


_ANYTHING = Annotation(ANYTHING)


def read_annotation(node: ast.expr | None, lookup: Lookup) -> Annotation:
    """Reads an annotation; what holds no dims is one `PlainHint`, and what is refused says nothing."""
    if node is None:
        return _ANYTHING
    if isinstance(node, ast.Name | ast.Attribute):
        # Most annotations are one name.
        name = lookup(node)
        if name is Unknown or isinstance(name, str):
            return _ANYTHING if name in ANYTHINGS else Annotation(PlainHint(source(node)))
    reader = _Reader()
    hint = reader.read(Written(node, lookup))
    return Annotation(hint, tuple(reader.refusals))


class _Reader:
    """Reads one annotation and collects what is refused."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self._tensors = TensorReader(self.refusals)
        self._parts = 0

    def read(self, written: Written) -> Hint:
        self._parts += 1
        if written.depth >= MAX_DEPTH or self._parts > MAX_PARTS:
            return PlainHint("...")
        name, opened = written.opened()
        if name in ANYTHINGS:
            return ANYTHING
        read = self._structure(opened) if name is Unknown else Unknown
        return read if read is not Unknown and has_dims(read) else PlainHint(source(written.node))

    def _structure(self, written: Written) -> Hint | UnknownType:
        match written.node:
            case ast.BinOp(op=ast.BitOr()):
                return self._union(written)
            case ast.Subscript() as node:
                base, _ = written.part(node.value).named()
                return self._subscript(node, base, written)
            case ast.Call() as node:
                return alternatives([self.read(one) for one in bounds(node, written, False)], False)
            case ast.List() as node:  # the parameters of a Callable
                return self._unread(node.elts, written)
            case _:
                return Unknown

    def _subscript(
        self, node: ast.Subscript, base: str | UnknownType, written: Written
    ) -> Hint | UnknownType:
        inside = elements(node)
        if base is Unknown:
            return self._unread([one for one in inside if not is_text(one)], written)
        if self._tensors.is_tensor(base):
            return self._tensors.array(node, base, written)
        if base in ANNOTATED:
            read = self._tensors.annotated(node, written)
            return self.read(written.part(inside[0])) if read is None else read
        if base in UNIONS or base in OPTIONALS:
            return self._union(written)
        if base in TUPLES:
            return self._tuple(inside, written)
        if base in SEQUENCES and inside:
            item = self.read(written.part(inside[0]))
            self._unread(inside[1:], written)
            return ListHint(item, SEQUENCES[base])
        if base in MAPPINGS and len(inside) == 2:
            self.read(written.part(inside[0]))
            return DictHint(self.read(written.part(inside[1])), source(inside[0]))
        if base in WRAPPERS and len(inside) == 1:
            return self.read(written.part(inside[0]))
        return Unknown if base in LITERALS else self._unread(inside, written)

    def _unread(self, parts: Sequence[ast.expr], written: Written) -> UnknownType:
        """Reads parts only for what is refused in them."""
        for part in parts:
            self.read(written.part(part))
        return Unknown

    def _tuple(self, inside: list[ast.expr], written: Written) -> Hint | UnknownType:
        match inside:
            case [item, ast.Constant(value=last)] if last is ...:
                return ListHint(self.read(written.part(item)), "tuple")
            case _ if any(_is_unpacked(one, written) for one in inside):
                return self._unread(inside, written)
            case _:
                return TupleHint(tuple(self.read(written.part(one)) for one in inside))

    def _union(self, written: Written) -> Hint | UnknownType:
        members = list(written.members())
        read = [self.read(part) for name, part in members if not is_none(name, part)]
        return alternatives(read, len(read) < len(members))


def _is_unpacked(node: ast.expr, written: Written) -> bool:
    """Tells whether an element of a tuple stands for any number of them."""
    if isinstance(node, ast.Subscript):
        return written.part(node.value).named()[0] in UNPACKED
    return isinstance(node, ast.Starred)
