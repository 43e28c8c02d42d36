"""Functions run abstractly, and what is learnt of them: the values of their expressions, and who calls whom."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from namedtorch.static.interpreter.domain import DictValue, ListValue, Val
from namedtorch.static.interpreter.interpreter import Interpreter
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.machine import Frame, Library, Machine
from namedtorch.static.project import Project

MOST_VALUES = 64
"""The values of one expression that are kept one by one."""

ENOUGH_FUEL = 1_000_000
"""The expressions that may be evaluated; what is erased has to be followed to its end."""


@dataclass(slots=True, eq=False)
class Run:
    """One call of a function: its frame, what its arguments were, the values of its expressions, and its calls.

    `inner` are the runs of functions that were defined inside of it; `calls` tells the runs that a call led to.
    """

    frame: Frame
    arguments: Mapping[str, Val]
    seen: dict[ast.AST, list[Val]] = field(default_factory=dict[ast.AST, list[Val]])
    calls: dict[ast.AST, "list[Run]"] = field(default_factory=dict[ast.AST, "list[Run]"])


class Observation:
    """A machine that follows every call, and the runs of all functions in the order in which they began."""

    def __init__(self, project: Project) -> None:
        self.machine = Machine(Library(project))
        self.interpreter = Interpreter(self.machine)
        self.runs: dict[Frame, Run] = {}
        machine = self.machine
        machine.thorough = True
        machine.fuel = ENOUGH_FUEL
        machine.entered = self._entered
        machine.evaluators = {kind: self._observed(one) for kind, one in machine.evaluators.items()}

    def run_of(self, frame: Frame) -> Run:
        """What is known of a frame that ran."""
        return self.runs[frame]

    def _entered(self, frame: Frame) -> None:
        run = self.runs[frame] = Run(frame, dict(frame.cell))
        caller = self._running()
        if caller is not None and frame.call is not None:
            caller.calls.setdefault(frame.call, []).append(run)

    def _running(self) -> Run | None:
        """The run of the function whose code is evaluated; a comprehension has a frame of its own in it."""
        frames = self.machine.frames
        for frame in reversed(frames):
            if frame in self.runs:
                return self.runs[frame]
            if frame.function is None or frame.function is not frames[-1].function:
                return None
        return None

    def _observed(self, evaluate: Callable[..., Val]) -> Callable[..., Val]:
        def observed(machine: Machine, node: ast.expr) -> Val:
            # A function that is defined inside of another one may run while the expression is evaluated.
            run = self._running()
            value = evaluate(machine, node)
            if run is not None:
                known = run.seen.setdefault(node, [])
                if isinstance(value, ListValue | DictValue):
                    # What it holds may change later.
                    value_then: Val = type(value)(dict(value.cell))
                    _keep(known, value_then)
                elif not any(one is value for one in known):
                    _keep(known, value)
            return value

        return observed


def _keep(known: list[Val], value: Val) -> None:
    """Adds a value; of very many, what they have in common is kept in the place of the last."""
    if len(known) < MOST_VALUES:
        known.append(value)
    else:
        known[-1] = join(known[-1], value)
