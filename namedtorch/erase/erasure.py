"""`Erasure`: modules and functions that speak of names, with functions in plain torch in their place."""

import ast
import linecache
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from namedtorch.diagnostics import EraseError, LowerError
from namedtorch.diagnostics.errors import Finding
from namedtorch.dims.carried import expected_name
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.decorators import written
from namedtorch.erase.emission import Emitted, emitted
from namedtorch.erase.kept_lists import collected
from namedtorch.erase.linking import Linker, Members
from namedtorch.erase.live import Live
from namedtorch.erase.live_modules import LiveModules
from namedtorch.erase.live_tensors import type_of
from namedtorch.erase.observation import Observation, Run
from namedtorch.erase.premises import Premises
from namedtorch.erase.site import Unsettled
from namedtorch.erase.units import Owner, Unit, owner_of, units_of
from namedtorch.erase.worth import Worth
from namedtorch.ops.values import Array, Names
from namedtorch.signature.hints import Hint, OptionalHint, TensorHint
from namedtorch.static.interpreter.definitions import member
from namedtorch.static.interpreter.domain import Function, Instance, Val
from namedtorch.static.interpreter.functions import run_generic
from namedtorch.static.interpreter.machine import Fault, OverBudget
from namedtorch.static.interpreter.misnaming import is_misnaming
from namedtorch.static.interpreter.remedies import help_of
from namedtorch.static.project import Project


@dataclass(frozen=True, slots=True)
class Erased:
    """What took the place of code that spoke of names.

    `functions` leads from the functions that were asked for, without decorators, to what became of them, `members`
    from modules, by their ids, to the members that their classes get. What does not change is in neither. `results`
    tells what each function that was asked for gives, as the interpreter knows it; `changed` are all new functions.
    `attributes` are those that the code gives other values, by the ids of their objects, and what they are at the end.
    All of it rests on the `premises`.
    """

    functions: Mapping[FunctionType, FunctionType]
    members: Mapping[int, Members]
    results: Mapping[FunctionType, Sequence[Val]]
    premises: Premises
    changed: Sequence[FunctionType] = ()
    attributes: Mapping[int, Mapping[str, Val]] = field(default_factory=dict[int, Mapping[str, Val]])


def erased_module(
    module: Any,
    methods: Mapping[str, Mapping[str, Val]],
    premises: Premises | None = None,
    in_place: bool = False,
) -> Erased:
    """Erases methods of a module, and all that they call; the modules inside are those of the module itself.

    The arguments have the dims that their annotations name, or what is given for them. What the code rests on is noted
    in `premises`; `in_place` leaves it the globals of the user's files, instead of a copy. Raises `EraseError`.
    """
    erasure = _Erasure(premises, in_place)
    erasure.modules.note_tree(module)
    value = erasure.modules.value(module)
    if not isinstance(value, Instance):
        return Erased({}, {}, {}, erasure.premises)
    for name, given in methods.items():
        found = member(value.kind, name)
        if found is None:
            continue
        if not isinstance(found[0], Function):
            raise _without_source(_method_of(module, name))
        erasure.run(found[0], value, given)
    return erasure.erased(type(module).__qualname__)


def erased_function(
    function: FunctionType,
    given: Mapping[str, Val] | None = None,
    premises: Premises | None = None,
    in_place: bool = False,
) -> Erased:
    """Erases a function, and all that it calls, for arguments of the dims that its annotations name, or of those given.

    `premises` and `in_place` as in `erased_module`. Raises `EraseError`.
    """
    erasure = _Erasure(premises, in_place)
    value = erasure.live.function(function)
    if not isinstance(value, Function):
        raise _without_source(function)
    erasure.run(value, Unknown, given or {})
    return erasure.erased(function.__qualname__)


class _Erasure:
    def __init__(self, premises: Premises | None, in_place: bool) -> None:
        self.observation = Observation(Project.of_nothing())
        self.premises = Premises() if premises is None else premises
        self.in_place = in_place
        self.live = Live(self.observation.machine, self.premises)
        self.modules = LiveModules(self.live)
        self.roots: list[Run] = []

    def run(self, function: Function, receiver: Val, given: Mapping[str, Val]) -> None:
        machine = self.observation.machine
        hints = self.live.hints(function) or {}
        more = {name: one for name, one in given.items() if not _is_said(one, hints.get(name))}
        try:
            frame = run_generic(machine, function, receiver, given=more)
        except (OverBudget, RecursionError):
            machine.frames.clear()
            if not self._met_names():
                # Nothing speaks of names as far as it got, and there is nothing to erase.
                return
            raise LowerError(
                f"{function.name} runs through too much code to follow: where it loops over known numbers, write "
                "a loop over a tensor's size"
            ) from None
        self.roots.append(self.observation.run_of(frame))

    def _met_names(self) -> bool:
        """Whether an expression that ran was a tensor with names."""
        seen = (
            value
            for run in self.observation.runs.values()
            for values in run.seen.values()
            for value in values
        )
        return any(isinstance(value, Array) and value.names in (Names.ALL, Names.SOME) for value in seen)

    def erased(self, name: str) -> Erased:
        self._hold_promises(name)
        found, made = self._emitted(name)
        roots = frozenset(found[run] for run in self.roots)
        units = list(made)
        if self.in_place:
            kept = [self._finding(error, [unit]) for unit in units for error in collected(unit)]
            if kept:
                raise EraseError.of(list(dict.fromkeys(kept)), name)
        try:
            linker = Linker(made, roots, self.modules.objects, self.in_place)
        except Unsettled as error:
            raise EraseError.of([self._finding(error, units)], name) from None
        functions = {
            written(unit.function): linker.placed(unit) for unit in roots if unit in linker.functions
        }
        changed = list(dict.fromkeys(linker.functions.values()))
        members = {id(self.modules.objects[key]): one for key, one in linker.members.items()}
        results = {written(unit.function): tuple(unit.returns) for unit in roots}
        return Erased(functions, members, results, self.premises, changed, self.modules.written())

    def _hold_promises(self, name: str) -> None:
        """Raises EraseError for names that are not those of an annotation: what follows rests on the annotation."""
        faults = self.observation.machine.faults
        findings: dict[str, Finding] = {}
        for fault in faults:
            if is_misnaming(fault.misfit):
                # What comes later in the same function may follow from the first.
                for one in self._of_fault(fault):
                    findings.setdefault(one.function, one)
        if findings:
            raise EraseError.of(list(findings.values()), name)

    def _emitted(self, name: str) -> tuple[dict[Run, Unit], dict[Unit, Emitted]]:
        """The units of all runs, and what they become.

        Calls that one code could serve, but for names that depend on what is None, are written one by one.
        """
        apart: set[Owner] = set()
        while True:
            found = units_of(self.roots, self.live, apart)
            made: dict[Unit, Emitted] = {}
            findings: list[Finding] = []
            failed: set[Owner] = set()
            for unit in dict.fromkeys(found.values()):
                try:
                    made[unit] = emitted(unit.node, Worth(unit.seen), unit.calls)
                except Unsettled as error:
                    findings.append(self._finding(error, [unit]))
                    failed.add(owner_of(unit))
            if not findings:
                return found, made
            if failed <= apart:
                raise EraseError.of([*self._faults(), *dict.fromkeys(findings)], name)
            apart |= failed

    def _finding(self, error: Unsettled, units: Sequence[Unit]) -> Finding:
        unit = next(
            (one for one in units if any(node is error.node for node in ast.walk(one.node))), units[0]
        )
        return _finding_at(error.node, unit.function, error.reason, error.help)

    def _faults(self) -> list[Finding]:
        """Dims that do not fit: what follows from them is not known."""
        return [one for fault in self.observation.machine.faults for one in self._of_fault(fault)]

    def _of_fault(self, fault: Fault) -> list[Finding]:
        function = next(
            (one.function for one in reversed(fault.frames) if one.function in self.live.functions), None
        )
        if fault.severity != "error" or function is None:
            return []
        misfit = fault.misfit
        return [_finding_at(fault.node, self.live.functions[function], misfit.detail, help_of(fault))]


def _method_of(module: Any, name: str) -> FunctionType:
    return written(getattr(type_of(module), name))


def _without_source(function: Any) -> EraseError:
    code = function.__code__
    what = f"the source of `{function.__name__}` is not at hand ({code.co_filename})"
    remedy = "define it in a file or a notebook cell"
    return EraseError.of(
        [Finding(code.co_filename, code.co_firstlineno, what, remedy, "", function.__qualname__)],
        function.__qualname__,
    )


def _is_said(given: Val, hint: Hint | None) -> bool:
    """Whether an annotation says all that is known of an argument, and the sizes besides."""
    inner = hint.inner if isinstance(hint, OptionalHint) else hint
    if not isinstance(given, Array) or not isinstance(inner, TensorHint) or inner.shape.groups:
        return False
    return [axis.carried for axis in given.shape.fixed] == [expected_name(one) for one in inner.shape.axes]


def _finding_at(node: ast.AST, function: FunctionType, what: str, remedy: str) -> Finding:
    own = written(function)
    file = own.__code__.co_filename
    line = getattr(node, "lineno", own.__code__.co_firstlineno)
    return Finding(file, line, what, remedy, linecache.getline(file, line).strip(), own.__qualname__)
