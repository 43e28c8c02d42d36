"""Writes guard plans as source: the lines that Python and TorchScript share, and the guard of a graph."""

from namedtorch.signature.emit.emitter import Emitter as Emitter
from namedtorch.signature.emit.emitter import used_lines as used_lines
from namedtorch.signature.emit.graph import PREFIX as PREFIX
from namedtorch.signature.emit.graph import GraphGuard as GraphGuard
from namedtorch.signature.emit.graph import graph_guard as graph_guard
from namedtorch.signature.emit.lines import GUARD_FUNCTIONS as GUARD_FUNCTIONS
from namedtorch.signature.emit.lines import literal as literal
