"""Places of nodes, and of dims in annotations, in the files of a project."""

import ast
import re
from collections.abc import Iterable
from typing import Final

from namedtorch.diagnostics.source import Place
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.interpreter.machine import Fault, Frame
from namedtorch.static.source_module import SourceModule

LONGEST: Final = 44
"""Longer source texts are not repeated in a message."""


def place_of(module: SourceModule, node: ast.AST) -> Place:
    """Where a node stands in its file."""
    line = getattr(node, "lineno", 1)
    end_line = getattr(node, "end_lineno", line) or line
    return Place(
        module.path,
        line,
        _column(module, line, getattr(node, "col_offset", 0)),
        end_line,
        _column(module, end_line, getattr(node, "end_col_offset", 0) or 0),
    )


def _column(module: SourceModule, line: int, offset: int) -> int:
    """A column in characters, from 1; syntax trees count bytes."""
    lines = module.lines
    if not 0 < line <= len(lines):
        return 1
    return len(lines[line - 1].encode()[:offset].decode(errors="replace")) + 1


def written(module: SourceModule, node: ast.AST) -> str:
    """An expression as it is written, if it is short; "" else."""
    text = _text(module, place_of(module, node))
    return text if len(text) <= LONGEST else ""


def _text(module: SourceModule, place: Place) -> str:
    """What stands at a place on one line; "" for several lines."""
    if place.line != place.end_line or not 0 < place.line <= len(module.lines):
        return ""
    return module.lines[place.line - 1][place.column - 1 : place.end_column - 1]


def home_of(node: ast.AST, fault: Fault) -> SourceModule | UnknownType:
    """The module, of those that the frames of a fault run in, whose file a node stands in."""
    modules = {id(frame.scope.module): frame.scope.module for frame in reversed(fault.frames)}
    for module in modules.values():
        if any(one is node for one in ast.walk(module.tree)):
            return module
    return Unknown


def place_of_dim(dim: str, frame: Frame) -> Place | UnknownType:
    """Where the annotations of the parameters of a function write a dim first."""
    return _first(dim, frame.origins.values(), frame.scope.module)


def _first(dim: str, annotations: Iterable[ast.AST], module: SourceModule) -> Place | UnknownType:
    pattern = re.compile(rf"(?<=[\s(\"'#?]){re.escape(dim)}(?=[\s)\"'=])")
    for one in annotations:
        place = place_of(module, one)
        text = _text(module, place)
        bracket = text.find("[")
        found = pattern.search(text, max(bracket, 0))
        if found is not None:
            column = place.column + found.start()
            return Place(place.path, place.line, column, place.line, column + len(dim))
    return Unknown
