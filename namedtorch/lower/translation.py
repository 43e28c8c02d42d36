"""One function in TorchScript's terms: the pieces of its source to replace, and the functions that it calls."""

import ast
import copy
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any, Optional

from namedtorch.lower.annotations import TypeReader, type_text
from namedtorch.lower.namespace import Scope
from namedtorch.lower.records import Records
from namedtorch.lower.source import Definition, Edit
from namedtorch.runtime.reveal import reveal_dims
from namedtorch.signature.dtypes import FAMILIES

_UNKNOWN = object()


@dataclass(slots=True)
class Translation:
    """What of a function changes.

    `edits` are made in its file; of a function that is rewritten itself, `tree` is what changes; `original` is the
    function that a mended one stands for. `types` holds the type of each annotated parameter, and of the result
    under "return", as text; `aliases` the names that these texts use and the source does not have; `references` the
    functions and classes that the source mentions, by the path of names that leads there through modules.
    """

    # A type checker takes a field of this type, FunctionType, for a method and binds it.
    function: Any
    definition: Definition
    edits: list[Edit] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, Any] = field(default_factory=dict)
    references: dict[tuple[str, ...], Any] = field(default_factory=dict)
    replaced: dict[int, ast.expr] = field(default_factory=dict)
    original: Any = None

    def change(self, node: ast.expr, text: str) -> None:
        """Puts another expression into the place of one of the source."""
        if self.definition.rewritten:
            new = ast.parse(text, mode="eval").body
            for one in ast.walk(new):
                ast.copy_location(one, node)
            _end_with(new, node)
            self.replaced[id(node)] = new
        else:
            self.edits.append(Edit.of(node, text))

    @property
    def tree(self) -> ast.FunctionDef:
        """The definition with the other expressions in it, all at the places of the user's file."""
        return _Replaced(self.replaced).visit(self.definition.node)


def _end_with(new: ast.expr, node: ast.expr) -> None:
    """Places what stands in brackets at the end of the source that it replaces.

    TorchScript looks up the source between the beginning and the end of a type as if it were a name, and what is
    called `Optional` there is the bare one.
    """
    if isinstance(node, ast.Name) or node.end_lineno is None or node.end_col_offset is None:
        return
    for outer in ast.walk(new):
        if not isinstance(outer, ast.Subscript):
            continue
        for one in ast.walk(outer.slice):
            if isinstance(one, ast.Name):
                one.lineno = one.end_lineno = node.end_lineno
                one.col_offset = max(0, node.end_col_offset - len(one.id) - 1)


def translate(
    function: FunctionType, definition: Definition, records: Records, owner: type | None = None
) -> Translation:
    """Reads the annotations and the calls in the source of a function; `owner` is the class it is a method of."""
    return _Translator(function, definition, records, owner).translation()


class _Translator:
    def __init__(
        self, function: FunctionType, definition: Definition, records: Records, owner: type | None
    ) -> None:
        self._function = function
        self._records = records
        self._scope = Scope(function, owner)
        self._reader = TypeReader(records, self._evaluate)
        self._result = Translation(function, definition)

    def translation(self) -> Translation:
        node = self._result.definition.node
        known = self._function.__annotations__
        arguments = node.args
        listed = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]
        optional = _none_by_default(arguments)
        for argument in listed:
            if argument is not None and argument.annotation is not None:
                meant = known.get(argument.arg, _UNKNOWN)
                if argument.arg in optional:
                    # As in every check of ours: a default of None makes a parameter optional.
                    seen = (
                        self._try(argument.annotation)
                        if meant is _UNKNOWN or isinstance(meant, str)
                        else meant
                    )
                    meant = _UNKNOWN if seen is _UNKNOWN else Optional[seen]  # noqa: UP045
                text = self._annotation(argument.annotation, meant)
                self._result.types[argument.arg] = text
        if node.returns is not None:
            self._result.types["return"] = self._annotation(node.returns, known.get("return", _UNKNOWN))
        for statement in node.body:
            for inner in ast.walk(statement):
                if isinstance(inner, ast.AnnAssign):
                    self._annotation(inner.annotation, _UNKNOWN)
                elif isinstance(inner, ast.Name | ast.Attribute):
                    self._reference(inner)
                elif isinstance(inner, ast.Call):
                    self._revealed(inner)
        return self._result

    def _annotation(self, node: ast.expr, known: Any) -> str:
        """The text of an annotation in the graph; notes the edit if it is another than what is written."""
        written = ast.unparse(node)
        text = self._text(node, known)
        if text is None:
            return written
        self._result.change(node, text)
        return text

    def _text(self, node: ast.expr, known: Any) -> str | None:
        """The text that must replace an annotation, None if it can stay."""
        seen = self._try(node)
        meant = seen if known is _UNKNOWN or isinstance(known, str) else known
        if meant is _UNKNOWN:
            # Names that only the function around saw; what is surely a tensor annotation can still be told.
            erased = _Eraser().visit(copy.deepcopy(node))
            text = ast.unparse(erased)
            return None if text == ast.unparse(node) else text
        graph = self._reader.graph_type(meant)
        if graph is meant and seen is not _UNKNOWN and seen == meant and not _is_text(node):
            return None
        return type_text(graph, self._name_of)

    def _try(self, expression: ast.expr | str) -> Any:
        """What an expression means here, `_UNKNOWN` if it can't be known; texts are read until they mean something."""
        try:
            value = self._scope.evaluate(expression)
        except (
            Exception
        ):  # An annotation may hold any expression, and names that exist for type checkers only.
            return _UNKNOWN
        return self._try(value) if isinstance(value, str) and value != expression else value

    def _evaluate(self, text: str) -> Any:
        value = self._try(text)
        return text if value is _UNKNOWN else value

    def _name_of(self, graph: Any) -> str:
        """A name for a type that the compiler looks up; gives it one if it has none in this function."""
        if isinstance(graph, str):
            return graph
        name = getattr(graph, "__name__", None) or "type"
        if self._scope.get("torch") is not None and getattr(self._scope.get("torch"), name, None) is graph:
            return f"torch.{name}"
        seen = self._scope.get(name)
        if seen is graph:
            return name
        if not self._records.is_stand_in(graph, seen):
            name = self._records.alias(graph, name)
        self._result.aliases[name] = graph
        return name

    def _reference(self, node: ast.Name | ast.Attribute) -> None:
        path = _path(node)
        if not path:
            return
        value = self._scope.get(path[0])
        for name in path[1:]:
            if isinstance(value, type) and name == path[-1]:
                self._static(node, value, name)
            if not isinstance(value, ModuleType):
                return
            value = getattr(value, name, None)
        if isinstance(value, FunctionType | type) and value is not reveal_dims:
            self._result.references[path] = value

    def _revealed(self, node: ast.Call) -> None:
        """A call of `reveal_dims` is its argument in the graph."""
        one = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred)
        if one and self._meant(node.func) is reveal_dims:
            argument = node.args[0]
            if self._result.definition.rewritten:
                self._result.replaced[id(node)] = argument
                return
            line, column = argument.end_lineno or argument.lineno, argument.end_col_offset or 0
            end_line, end_column = node.end_lineno or line, node.end_col_offset or column
            before, behind = argument.lineno - node.lineno, end_line - line
            start = Edit(
                node.lineno, node.col_offset, argument.lineno, argument.col_offset, "(" + "\n" * before
            )
            self._result.edits += [start, Edit(line, column, end_line, end_column, "\n" * behind + ")")]

    def _meant(self, node: ast.expr) -> Any:
        """What a path of names through modules stands for."""
        first, *names = _path(node) or ("",)
        value = self._scope.get(first)
        for name in names:
            value = getattr(value, name, None) if isinstance(value, ModuleType) else None
        return value

    def _static(self, node: ast.expr, owner: type, name: str) -> None:
        """A static method that is called by the name of its class: the graph calls the function that stands for it."""
        member = inspect.getattr_static(owner, name, None)
        if isinstance(member, staticmethod) and owner.__module__.partition(".")[0] != "torch":
            alias = self._records.alias(member.__func__, f"{owner.__name__}_{name}")
            self._result.aliases[alias] = member.__func__
            self._result.references[alias,] = member.__func__
            self._result.change(node, alias)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _path(node: ast.expr) -> tuple[str, ...]:
    """The names of `a.b.c`, none for any other expression."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        root = _path(node.value)
        return (*root, node.attr) if root else ()
    return ()


class _Replaced(ast.NodeTransformer):
    """Copies a tree with other expressions in the place of some of its nodes."""

    def __init__(self, replaced: Mapping[int, ast.expr]) -> None:
        self._replaced = replaced

    def visit(self, node: ast.AST) -> Any:
        new = self._replaced.get(id(node))
        if new is not None:
            return self.visit(new)
        return self.generic_visit(copy.copy(node))

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                listed: list[Any] = value
                setattr(node, name, [self.visit(one) if isinstance(one, ast.AST) else one for one in listed])
            elif isinstance(value, ast.AST):
                setattr(node, name, self.visit(value))
        return node


class _Eraser(ast.NodeTransformer):
    """Turns what reads as `Float[Tensor, "N C"]` or `Annotated[Tensor, ...]` into `Tensor`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        subscripted = ast.unparse(node.value).rpartition(".")[2]
        match node.slice:
            case ast.Tuple(elts=[_, ast.Constant(value=str())]) if subscripted in FAMILIES:
                return ast.Name("Tensor")
            case ast.Tuple(elts=[inner, *_]) if subscripted == "Annotated":
                return self.visit(inner)
            case _:
                return self.generic_visit(node)


def names_used(function: FunctionType) -> Iterator[str]:
    """Every global name and every attribute that the code of a function mentions."""
    codes = [function.__code__]
    for code in codes:
        yield from code.co_names
        codes.extend(one for one in code.co_consts if isinstance(one, type(code)))


def _none_by_default(arguments: ast.arguments) -> set[str]:
    """The names of the parameters whose default is None."""
    positional = [*arguments.posonlyargs, *arguments.args]
    last = positional[len(positional) - len(arguments.defaults) :]
    pairs = [
        *zip(last, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {
        argument.arg
        for argument, default in pairs
        if isinstance(default, ast.Constant) and default.value is None
    }
