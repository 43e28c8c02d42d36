"""`check_module`: what does not fit in one module of a project."""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache

from namedtorch.diagnostics.source import Problem
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.values import Array
from namedtorch.static.checked import Checked, Inferred, Options
from namedtorch.static.interpreter.definitions import CONSTRUCTOR, decorators, lineage, member
from namedtorch.static.interpreter.domain import Class, Function, Instance, ModuleScope, Val
from namedtorch.static.interpreter.evidence import is_disproved
from namedtorch.static.interpreter.functions import run_generic
from namedtorch.static.interpreter.interpreter import Interpreter
from namedtorch.static.interpreter.judge import StaticJudge
from namedtorch.static.interpreter.machine import FUEL, Fault, Frame, Library, Machine, OverBudget
from namedtorch.static.interpreter.module_scope import bound_names, every_statement, new_scope
from namedtorch.static.interpreter.names import in_scope
from namedtorch.static.interpreter.objects import is_record
from namedtorch.static.interpreter.places import place_of
from namedtorch.static.interpreter.refusals import refusals
from namedtorch.static.interpreter.report import is_own, own_nodes, problem_of
from namedtorch.static.interpreter.spoken import said
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule

DEEPEST = 4_000
"""Python's recursion limit during a check; what goes deeper is not followed."""


def check_module(module: SourceModule, project: Project, options: Options) -> Checked:
    """Checks the functions, classes and statements of a module; raises nothing."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST))
    try:
        return _Check(module, project, options).run()
    finally:
        sys.setrecursionlimit(limit)


_libraries: list[Library] = []


def library_of(project: Project) -> Library:
    """What checks of this project have looked into so far; that of one project is kept."""
    if not _libraries or _libraries[0].project is not project:
        _libraries[:] = [Library(project)]
    return _libraries[0]


_NAMING = "namedtorch"
"""What a file mentions in which tensors carry names."""

_WRITTEN = ("jaxtyping", "namedtorch", "Annotated")
"""What a file mentions that has dims in annotations."""


class _Check:
    """One check of one module."""

    def __init__(self, module: SourceModule, project: Project, options: Options) -> None:
        self.module = module
        self.options = options
        self.library = library_of(project)
        self.machine = Machine(self.library)
        self.machine.comments = options.comments
        self.interpreter = Interpreter(self.machine)
        self.over_budget: list[str] = []
        self.machine.carries = _NAMING in module.text
        # Where nobody writes dims, most of what is followed says nothing.
        self.fuel = FUEL if any(one in module.text for one in _WRITTEN) else FUEL // 2
        # Methods that all go over their own budget would make a file endless.
        self.left = 8 * self.fuel + 200 * len(module.lines)
        self.inferred: dict[tuple[int, int, int], Inferred] = {}
        self.machine.record = self.record

    def run(self) -> Checked:
        """The findings in the module."""
        machine = self.machine
        scope = self.interpreter.scope_of(self.module.name)
        if scope is Unknown or scope.module is not self.module:
            scope = self.library.scopes[self.module.name] = new_scope(self.module)
        names = dict.fromkeys(name for one in self.module.tree.body for name in bound_names(one))
        for name in names:
            in_scope(machine, scope, name)
        for function, owner in _definitions(scope):
            if owner is None:
                self.guarded(function.name, lambda function=function: run_generic(machine, function))
        for kind in _classes(scope):
            self.check_class(kind)
        self.guarded("<module>", lambda: self.script(scope))
        problems = [*refusals(self.machine, scope), *self.problems(machine.faults)]
        return Checked(
            tuple(dict.fromkeys(problems)),
            tuple(dict.fromkeys(self.over_budget)),
            self.dependencies(),
            tuple(self.inferred.values()),
        )

    def dependencies(self) -> frozenset[str]:
        """The paths of the files that the findings depend on."""
        scopes = [self.library.scopes.get(name) for name in self.library.dependencies(self.module.name)]
        return frozenset(one.module.path for one in scopes if isinstance(one, ModuleScope)) - {
            self.module.path
        }

    def guarded(self, name: str, run: Callable[[], object], kept: bool = False) -> None:
        """Runs one check with a judge and fuel of its own; what it writes is undone, unless it is `kept`."""
        machine = self.machine
        machine.judge = StaticJudge(machine.journal)
        given = max(min(self.fuel, self.left), 0)
        machine.fuel = given
        machine.frames.clear()
        mark = machine.journal.mark()
        try:
            run()
        except (OverBudget, RecursionError):
            self.over_budget.append(name)
            kept = False
        finally:
            self.left -= given - max(machine.fuel, 0)
            machine.quiet = 0
            machine.reached = True
            machine.frames.clear()
            if kept:
                machine.journal.keep(mark)
            else:
                machine.journal.undo(mark)

    def script(self, scope: ModuleScope) -> None:
        """Runs the statements of the module as a script does."""
        machine = self.machine
        frame = Frame(scope, scope.cell)
        machine.frames.append(frame)
        self.interpreter.execute(self.module.tree.body)

    def check_class(self, kind: Class) -> None:
        """Checks the methods of a class, on an object that is made for all arguments of the constructor."""
        machine = self.machine
        made = Instance(kind, {})
        given: list[StaticJudge] = []
        constructor = member(kind, CONSTRUCTOR)

        def construct() -> None:
            if constructor is not None and isinstance(constructor[0], Function):
                machine.quiet += constructor[1] is not kind
                frame = run_generic(machine, constructor[0], made, symbolic=True)
                machine.quiet = 0
                given.append(machine.judge)
                self.attributes = dict(made.cell)
                del frame
            elif is_record(machine, kind):
                self.attributes = {}

        self.attributes: dict[str, Val] = {}
        name = kind.node.name
        # The modules that the object holds keep what they were made with.
        self.guarded(f"{name}.{CONSTRUCTOR}", construct, kept=True)
        made.cell.clear()
        attributes = self.attributes
        assumed = given[0].given if given else ()
        changed = _assigned_elsewhere(kind)
        machine.assigned = changed
        for method in _methods(kind):
            if method.name == CONSTRUCTOR:
                continue

            def check(method: Function = method) -> None:
                made.cell.update(attributes)
                made.cell.update(dict.fromkeys(changed, Unknown))
                machine.judge.assume(*assumed)
                kinds = decorators(machine, method)
                receiver: Val = (
                    Unknown if "staticmethod" in kinds else kind if "classmethod" in kinds else made
                )
                run_generic(machine, method, receiver)

            self.guarded(f"{name}.{method.name}", check)
            made.cell.clear()
        machine.assigned = frozenset()
        machine.given.clear()

    def record(self, node: ast.AST, value: Val) -> None:
        """Keeps what an expression of the module is worth, for `reveal`."""
        machine = self.machine
        if machine.quiet or len(machine.frames) != 1 or machine.frame.scope.module is not self.module:
            return
        if isinstance(value, Array | tuple):
            place = place_of(self.module, node)
            self.inferred[place.line, place.column, place.end_column] = Inferred(
                place, said(value).strip('"')
            )

    def problems(self, faults: list[Fault]) -> Iterator[Problem]:
        """The findings, one for each cause."""
        own = own_nodes(faults)
        seen: set[tuple[object, ...]] = set()
        told: dict[tuple[int, str], set[int]] = {}
        for fault in faults:
            if not is_own(fault) and id(fault.node) in own:
                continue
            calls = [id(frame.call) for frame in fault.frames[1:]]
            known = told.setdefault((id(fault.node), fault.misfit.code), set())
            if not known.isdisjoint(calls):
                # Said already, of a call on the way.
                continue
            known.update(calls[:1])
            if is_disproved(fault, self.machine.made):
                continue
            problem = problem_of(fault, self.module)
            if problem is Unknown or problem.place.path != self.module.path:
                continue
            key = (problem.code, problem.place)
            if key not in seen:
                seen.add(key)
                yield problem


def _definitions(scope: ModuleScope) -> Iterator[tuple[Function, Class | None]]:
    for value in list(scope.cell.values()):
        if isinstance(value, Function) and value.scope is scope and not isinstance(value.node, ast.Lambda):
            yield value, value.owner


def _classes(scope: ModuleScope) -> Iterator[Class]:
    for value in list(scope.cell.values()):
        if isinstance(value, Class) and value.scope is scope:
            yield value
            for inner in value.cell.values():
                if isinstance(inner, Class):
                    yield inner


def _methods(kind: Class) -> Iterator[Function]:
    for value in kind.cell.values():
        if isinstance(value, Function) and value.owner is kind and not isinstance(value.node, ast.Lambda):
            yield value


def _assigned_elsewhere(kind: Class) -> frozenset[str]:
    """The attributes that other methods than the constructor assign: what they hold is not known at a call."""
    found: set[str] = set()
    for one in lineage(kind):
        if not isinstance(one, Class):
            continue
        for held in one.cell.values():
            if not isinstance(held, Function) or held.name == CONSTRUCTOR:
                continue
            found |= _stored(held.node)
    return frozenset(found)


@lru_cache(maxsize=1024)
def _stored(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """The attributes that a function assigns, of whatever object."""
    if isinstance(node, ast.Lambda):
        return frozenset()
    found: set[str] = set()
    for statement in every_statement(node.body):
        match statement:
            case ast.Assign(targets=targets):
                pass
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target) | ast.For(target=target):
                targets = [target]
            case _:
                continue
        for one in targets:
            parts = one.elts if isinstance(one, ast.Tuple | ast.List) else [one]
            for part in parts:
                inner = part.value if isinstance(part, ast.Subscript | ast.Starred) else part
                if isinstance(inner, ast.Attribute):
                    found.add(inner.attr)
    return frozenset(found)
