"""`Machine` and `Frame`: the state of one check, and of one function in it."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from namedtorch.dims.unknown import UnknownType
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.judge import Misfit
from namedtorch.signature.hints import Hint
from namedtorch.static.interpreter.domain import Class, Function, Held, ModuleScope, Val
from namedtorch.static.interpreter.judge import StaticJudge
from namedtorch.static.interpreter.store import Cell, Changes, Journal
from namedtorch.static.project import Project

FUEL = 40_000
"""The expressions that the check of one function may evaluate, those of the functions it calls included."""

MAX_DEPTH = 12
"""Calls inside calls that are followed."""

DEEPEST_CALL = 64
"""Calls inside calls that are followed where every call has to be."""


class OverBudget(Exception):
    """The fuel of a function is used up."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A misfit: the expression at fault, those of the parameters that it speaks of, and the frames that led there."""

    misfit: Misfit
    node: ast.AST
    nodes: dict[str, ast.AST]
    values: dict[str, Val]
    frames: tuple["Frame", ...]
    severity: str = "error"


@dataclass(slots=True)
class Loop:
    """What the branches left behind that broke out of a loop, or went on to its next turn."""

    breaks: list[Changes] = field(default_factory=list[Changes])
    nexts: list[Changes] = field(default_factory=list[Changes])
    mark: int = 0


@dataclass(slots=True, eq=False)
class Frame:
    """One function, class body or module that runs.

    `cell` holds its names, `closure` those of the functions around it, the nearest first. `axes` and `groups` are what
    the dims of its annotations stand for, `remarks` what names in comments do.
    """

    scope: ModuleScope
    cell: Cell
    closure: tuple[Cell, ...] = ()
    function: Function | None = None
    owner: Class | None = None
    receiver: "Val" = None
    call: ast.AST | None = None
    alive: bool = True
    generic: bool = False
    annotated: bool = False
    result: Hint | None = None
    returns: list[Val] = field(default_factory=list["Val"])
    yields: bool = False
    loops: list[Loop] = field(default_factory=list[Loop])
    axes: dict[str, Axis] = field(default_factory=dict[str, Axis])
    groups: dict[str, tuple[tuple[Axis | Rest, ...], str]] = field(
        default_factory=dict[str, tuple[tuple[Axis | Rest, ...], str]]
    )
    origins: dict[str, ast.AST] = field(default_factory=dict[str, ast.AST])
    remarks: Cell = field(default_factory=dict[str, Any])
    globals: frozenset[str] = frozenset()


class Parts(Protocol):
    """The parts of the interpreter that need each other."""

    def evaluate(self, node: ast.expr) -> Val: ...

    def execute(self, body: Sequence[ast.stmt]) -> None: ...

    def call(
        self, function: Val, arguments: Sequence[Val], keywords: Mapping[str, Val], node: ast.AST
    ) -> Val: ...

    def attribute(self, value: Val, name: str, node: ast.AST) -> Val: ...

    def scope_of(self, name: str) -> ModuleScope | UnknownType: ...

    def bind(self, scope: ModuleScope, statements_of: Sequence[ast.stmt]) -> None: ...

    def assign(self, target: ast.expr, value: Val) -> None: ...

    def call_expression(self, node: ast.Call) -> Val: ...

    def forget(self, values: Sequence[Val]) -> None: ...

    def subscript(self, node: ast.Subscript) -> Val: ...


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """The modules of a project that checks have looked into, and what each of them looks into."""

    project: Project
    scopes: dict[str, ModuleScope | UnknownType] = field(default_factory=dict[str, ModuleScope | UnknownType])
    needs: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def dependencies(self, name: str) -> frozenset[str]:
        """The names of all modules that one looks into, directly or through others."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for one in self.needs.get(waiting.pop(), ()):
                if one not in found:
                    found.add(one)
                    waiting.append(one)
        return frozenset(found - {name})


class Machine:
    """The state of the check of one module.

    `quiet` counts what runs to find out about values only, `expected` what expects to be refused; `carries` says that
    there may be tensors that carry names. `evaluators` tell what each kind of expression is worth, `entered` hears of
    every function that begins to run, `thorough` follows calls of which nothing is learnt as
    well, and `known_hints` knows the hints of functions whose annotations need not be read, the result under "return".
    """

    parts: Parts

    def __init__(self, library: Library) -> None:
        self.library = library
        self.journal = Journal()
        self.judge = StaticJudge(self.journal)
        self.frames: list[Frame] = []
        self.faults: list[Fault] = []
        self.quiet = 0
        self.expected = 0
        self.carries = True
        self.comments = False
        self.reached = True
        self.given: Cell = {}
        self.assigned: frozenset[str] = frozenset()
        self.read = 0
        self.visited: set[str] = set()
        self.fuel = FUEL
        self.record: Callable[[ast.AST, Val], None] = _nothing
        self.evaluators: Mapping[type[ast.expr], Callable[..., Val]] = {}
        self.entered: Callable[[Frame], None] = _unheard
        self.thorough = False
        self.known_hints: Callable[[Function], Mapping[str, Hint] | None] = _unwritten
        self.made: dict[int, list[dict[str, Val]]] = {}

    @property
    def frame(self) -> Frame:
        """The function that runs."""
        return self.frames[-1]

    def burn(self) -> None:
        """Uses fuel. Raises `OverBudget`."""
        self.fuel -= 1
        if self.fuel < 0:
            raise OverBudget

    def fault(
        self,
        misfit: Misfit,
        node: ast.AST,
        nodes: dict[str, ast.AST],
        values: dict[str, Val],
        severity: str = "error",
    ) -> None:
        """Takes a misfit, unless the code is run to find out about values only, or expects to be refused."""
        if severity != "error" and len(self.frames) > 1 and severity != "note":
            # Whether a size of 1, or one that is equal to another, was meant shows where it is written only.
            return
        if len(self.frames) > 1 and not self.reached:
            # Whether a call comes there is not known.
            return
        if not self.quiet and not self.expected and self.frame.alive:
            self.faults.append(Fault(misfit, node, nodes, values, tuple(self.frames), severity))

    def write(self, cell: Cell, name: str, value: Held) -> None:
        """Changes what a branch may have to undo; `MISSING` takes a name out."""
        self.journal.write(cell, name, value)


def _nothing(node: ast.AST, value: Val) -> None:
    del node, value


def _unwritten(function: Function) -> Mapping[str, Hint] | None:
    del function


def _unheard(frame: Frame) -> None:
    del frame
