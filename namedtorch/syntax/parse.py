"""From text to the syntax tree: lark's LALR parser over `grammar/dims.lark`, made once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from lark import Lark, TextSlice, Token, Transformer, UnexpectedCharacters, UnexpectedToken

from namedtorch.diagnostics import AnnotationError, Span
from namedtorch.syntax import table
from namedtorch.syntax.mistakes import Language
from namedtorch.syntax.nodes import (
    AxisNode,
    Binary,
    Comparison,
    Expression,
    Flat,
    FormatNode,
    Name,
    Number,
    ParameterNode,
    ShapeNode,
    SignatureNode,
)
from namedtorch.syntax.refusal import explain_mistake, refuse

MAX_LENGTH = 10_000
"""No annotation is longer (in characters); one that is comes from a broken or hostile file."""

MAX_DEPTH = 50
"""Parentheses nest no deeper."""


def parse_shape_tree(text: str) -> ShapeNode:
    """Parses the text of a shape; raises `AnnotationError` that points at the character."""
    return cast(ShapeNode, _parse(text, "shape"))


def parse_signature_tree(text: str) -> SignatureNode:
    """Parses the text of a signature (`x: N C -> N`); raises `AnnotationError` that points at the character."""
    return cast(SignatureNode, _parse(text, "signature"))


def _parse(text: str, language: Language) -> object:
    _refuse_bombs(text)
    end = len(text.rstrip())
    # Leading whitespace would be an axis separator without an axis before it.
    begin = end - len(text[:end].lstrip())
    try:
        return _parser().parse(TextSlice(text, begin, end), start=language)
    except UnexpectedToken as error:
        token = cast(Token, error.token)
        place = end if token.type == "$END" else _start(token)
        raise explain_mistake(text, place, language) from None
    except UnexpectedCharacters as error:
        raise explain_mistake(text, cast(int, error.pos_in_stream), language) from None


def _refuse_bombs(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise AnnotationError(f"the annotation is {len(text)} characters long; at most {MAX_LENGTH} are read")
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > MAX_DEPTH:
            raise refuse(text, Span(place, place + 1), f"parentheses nest deeper than {MAX_DEPTH}")


@lru_cache(maxsize=1)
def _parser() -> Any:
    """The parser out of its checked-in table, which another version of lark may not read; then out of the grammar."""
    stored = table.stored()
    made = cast("Any", Lark).__new__(Lark)
    if stored is not None:
        return made._load(stored, transformer=_Builder())
    return Lark(table.grammar(), transformer=_Builder(), **table.OPTIONS)


def _start(token: Token) -> int:
    return cast(int, token.start_pos)


def _cover(parts: Sequence[Any]) -> Span:
    """The span from the first to the last of some tokens and nodes."""
    first, last = parts[0], parts[-1]
    return Span(
        _start(first) if isinstance(first, Token) else first.span.start,
        cast(int, last.end_pos) if isinstance(last, Token) else last.span.end,
    )


class _Builder(Transformer[Token, object]):
    """Builds the nodes while the text is parsed."""

    def _name(self, token: Token) -> Name:
        return Name(str(token), _cover([token]))

    # Arithmetic

    def number(self, children: list[Token]) -> Number:
        # Python refuses to read thousands of digits; a number of fifty is refused as a size.
        digits = str(children[0]).lstrip("0")[:50]
        return Number(int(digits or "0"), _cover(children))

    def symbol(self, children: list[Token]) -> Name:
        return self._name(children[0])

    path = symbol
    braced = symbol

    def signed(self, children: list[Any]) -> Expression:
        sign, size = children
        span = _cover(children)
        return Binary(str(sign).strip(), Number(0, span), size, span)

    def grouped(self, children: list[Expression]) -> Expression:
        """Parentheses leave no trace, but that a name in them is arithmetic and binds nothing: `(C)` is `0+C`."""
        (size,) = children
        return Binary("+", Number(0, size.span), size, size.span) if isinstance(size, Name) else size

    def binary(self, children: list[Any]) -> Binary:
        left, operator, right = children
        return Binary(str(operator).strip(), left, right, _cover(children))

    def power(self, children: list[Any]) -> Binary:
        left, right = children
        return Binary("**", left, right, _cover(children))

    def extremum(self, children: list[Any]) -> Expression:
        function, first, *rest = children
        span = _cover(children)
        size: Expression = first
        for other in rest:
            size = Binary(str(function), size, other, span)
        return size

    def tight(self, children: list[Expression]) -> Expression:
        return children[0]

    spaced = tight

    # Axes

    def anything(self, children: list[Token]) -> AxisNode:
        return AxisNode((), None, None, _cover(children))

    def plain(self, children: list[Any]) -> AxisNode:
        *modifiers, item = children
        return AxisNode(tuple(str(one) for one in modifiers), None, item, _cover(children))

    def labelled(self, children: list[Any]) -> AxisNode:
        *tokens, item = children
        label = next(token for token in tokens if token.type == "NAME")
        modifiers = tuple(str(token) for token in tokens if token.type != "NAME")
        return AxisNode(modifiers, self._name(label), item, _cover(children))

    def flattened(self, children: list[Any]) -> Flat:
        return Flat(tuple(child for child in children if isinstance(child, AxisNode)), _cover(children))

    def axes(self, children: list[AxisNode]) -> tuple[AxisNode, ...]:
        return tuple(children)

    # Constraints and memory formats

    def constraint(self, children: list[Any]) -> Comparison:
        relations = tuple(str(one).strip() for one in children[1::2])
        return Comparison(tuple(children[0::2]), relations, _cover(children))

    def constraints(self, children: list[Comparison]) -> list[Comparison]:
        return list(children)

    def memory_format(self, children: list[Token]) -> FormatNode:
        return FormatNode(tuple(self._name(token) for token in children), _cover(children))

    # Whole texts

    def shape(self, children: list[Any]) -> ShapeNode:
        axes: tuple[AxisNode, ...] = ()
        where: list[Comparison] = []
        formats: list[FormatNode] = []
        for child in children:
            if isinstance(child, tuple):
                axes = cast("tuple[AxisNode, ...]", child)
            elif isinstance(child, list):
                where += cast("list[Comparison]", child)
            else:
                formats.append(child)
        return ShapeNode(axes, tuple(where), tuple(formats))

    def parameter(self, children: list[Any]) -> ParameterNode:
        name = self._name(children[0]) if children and isinstance(children[0], Token) else None
        return ParameterNode(name, self.shape(children[1:] if name else children))

    def result(self, children: list[Any]) -> tuple[str, ParameterNode]:
        return ("result", self.parameter(children))

    def signature(self, children: list[Any]) -> SignatureNode:
        parameters = tuple(child for child in children if isinstance(child, ParameterNode))
        results = [
            cast("tuple[str, ParameterNode]", child)[1] for child in children if isinstance(child, tuple)
        ]
        where = tuple(
            one for child in children if isinstance(child, list) for one in cast("list[Any]", child)
        )
        return SignatureNode(parameters, tuple(results), where)
