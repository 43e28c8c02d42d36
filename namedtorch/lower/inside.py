"""The guard inside of a function: statements at the top of the user's body and at each of its returns."""

import ast
import copy
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import torch

from namedtorch.lower.namespace import closure_of, rebuilt
from namedtorch.lower.parameters import Parameter, parameters_of
from namedtorch.lower.parsing import Rewrite
from namedtorch.lower.translation import Translation, names_used
from namedtorch.signature.emit import graph_guard
from namedtorch.signature.emit.graph import USED_NAMES
from namedtorch.signature.plan import Plan
from namedtorch.signature.signature import Signature


@dataclass(frozen=True, slots=True)
class Inside:
    """A function to compile in the place of the user's: `rewrite` puts the guard into its definition.

    The definition is what torch parsed of the user's source, edited types in it; the source itself stays as it is, so
    that lines, and the text that an error shows, are the user's. `text` is the guard for who wants to read it.
    """

    # A type checker takes a field of this type, FunctionType, for a method and binds it.
    function: Any
    rewrite: Rewrite
    text: str


def guard_inside(
    signature: Signature,
    plan: Plan,
    translation: Translation,
    body: FunctionType,
    *,
    method: bool,
    inner: bool = False,
) -> Inside:
    """Puts the guard of a function into its body; `body` is that function, or `method`, as the graph has it.

    The parameters get the names of the signature; messages of an `inner` function, which callers of the graph do not
    see, name it. Raises LowerError for parameters that TorchScript has no form for.
    """
    node = translation.definition.node
    name = translation.function.__qualname__
    wanted = [one.name for one in signature.parameters]
    parameters = parameters_of(translation, method, wanted)
    # Names of the user's that what the guard says would hide, or that would hide what the guard says.
    used = {*_names(node), *names_used(body), *body.__code__.co_freevars}
    renames = _renames(node, parameters, wanted, used)
    taken = {renames.get(one, one) for one in used} | set(wanted)
    written = {renames.get(one, one) for one in _written(node)}
    # What a body overwrites, its guard still reads behind it, under another name.
    given = {one: _free(f"given_{one}", taken) for one in wanted if one in written}
    guard = graph_guard(plan, name, wanted, others=taken, roots=given, inner=inner)
    words = set(re.findall(r"\w+", "\n".join(guard.after)))
    given = {one: alias for one, alias in given.items() if alias in words}
    guard = graph_guard(plan, name, wanted, others=taken, roots=given, inner=inner)

    names = {**body.__globals__}
    closure = closure_of(body)
    aliases: dict[str, str] = {}
    for key, value in {**guard.functions, "torch": torch}.items():
        alias = key
        while alias in closure or (alias in used and names.get(alias, value) is not value):
            alias += "_"
        names[alias] = value
        if alias != key:
            aliases[key] = alias
    for old, new in renames.items():
        if old not in body.__code__.co_varnames and old in {**names, **closure}:
            names[new] = closure.get(old, names.get(old))
    before = [*(f"{alias} = {one}" for one, alias in given.items()), *guard.before]
    lines = _Lines(_renamed(before, aliases), _renamed(guard.after, aliases), guard.result)
    function = rebuilt(body, names)
    changed = [one for one in parameters if one.own in renames]
    if changed:
        # torch takes the defaults from here.
        found = inspect.signature(function)
        listed = [one.replace(name=renames.get(one.name, one.name)) for one in found.parameters.values()]
        vars(function)["__signature__"] = found.replace(parameters=listed)

    def rewrite(definition: ast.FunctionDef) -> None:
        _rename(definition, renames)
        lines.insert(definition, taken)

    return Inside(function, rewrite, lines.text(name))


def _renames(
    node: ast.FunctionDef, parameters: Iterable[Parameter], wanted: Iterable[str], used: set[str]
) -> dict[str, str]:
    """The parameters' names to those of the signature; names that are then in the way get others."""
    renames = {one.own: one.name for one in parameters if one.own != one.name}
    new = set(renames.values())
    free = used | set(wanted)
    hiding = _written(node) & USED_NAMES
    for one in sorted((used & new) | hiding):
        if one not in renames and one not in set(wanted) - new:
            renames[one] = _free(f"{one}_", free)
            free.add(renames[one])
    return renames


def _free(name: str, taken: Iterable[str]) -> str:
    while name in set(taken):
        name += "_"
    return name


def _names(node: ast.FunctionDef) -> set[str]:
    arguments = [one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)]
    inner = (one for statement in node.body for one in ast.walk(statement))
    return {*arguments, *(one.id for one in inner if isinstance(one, ast.Name))}


def _written(node: ast.FunctionDef) -> set[str]:
    """The names that a body gives a value."""
    inner = (one for statement in node.body for one in ast.walk(statement))
    return {one.id for one in inner if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}


def _rename(definition: ast.FunctionDef, renames: Mapping[str, str]) -> None:
    if not renames:
        return
    for argument in (*definition.args.args, *definition.args.kwonlyargs):
        argument.arg = renames.get(argument.arg, argument.arg)
    for statement in definition.body:
        for one in ast.walk(statement):
            if isinstance(one, ast.Name):
                one.id = renames.get(one.id, one.id)


def _renamed(lines: Iterable[str], aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The lines with other names for what they call."""
    tree = ast.parse("\n".join(lines))
    if not aliases:
        return tuple(lines)
    for one in ast.walk(tree):
        if isinstance(one, ast.Name):
            one.id = aliases.get(one.id, one.id)
    return tuple(ast.unparse(tree).splitlines())


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a guard, as the statements that they are."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    result: str

    def text(self, name: str) -> str:
        pieces = [f"# guard in {name}, before its body", *self.before] if self.before else []
        if self.after:
            pieces += [f"# guard in {name}, in the place of `return ...`", f"{self.result} = ..."]
            pieces += [*self.after, f"return {self.result}"]
        return "\n".join(pieces) + "\n" if pieces else ""

    def insert(self, definition: ast.FunctionDef, taken: Iterable[str]) -> None:
        """Puts the lines into a definition that torch parsed."""
        body = definition.body
        if self.after:
            body = _Returns(self, definition, taken).statements(body)
        start = 1 if ast.get_docstring(definition, clean=False) is not None else 0
        definition.body = [*body[:start], *_at(definition, self.before), *body[start:]]


def _at(place: ast.stmt, lines: Iterable[str], renames: Mapping[str, str] | None = None) -> list[ast.stmt]:
    """Statements that all stand where another one begins."""
    tree = ast.parse("\n".join(lines))
    for one in ast.walk(tree):
        if isinstance(one, ast.Name) and renames:
            one.id = renames.get(one.id, one.id)
        if "lineno" in one._attributes:
            _place(one, place)
    return tree.body


def _place(node: Any, place: ast.stmt) -> None:
    node.lineno = node.end_lineno = place.lineno
    node.col_offset = node.end_col_offset = place.col_offset


class _Returns(ast.NodeTransformer):
    """Turns each `return value` into an assignment, the checks of the result, and the return of it."""

    def __init__(self, lines: _Lines, definition: ast.FunctionDef, taken: Iterable[str]) -> None:
        self._lines = lines
        self._definition = definition
        self._results = self._free_results({*taken})

    def statements(self, body: Iterable[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in body:
            new = self.visit(statement)
            made += new if isinstance(new, list) else [new]
        return made

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        # A name for each return: TorchScript gives a variable one type.
        result = next(self._results)
        value = node.value
        if value is None:
            value = ast.Constant(None)
            _place(value, node)
        target = ast.Name(result, ast.Store())
        _place(target, node)
        if self._definition.returns is None:
            assignment: ast.stmt = ast.Assign([target], value)
        else:
            annotation = copy.deepcopy(self._definition.returns)
            assignment = ast.AnnAssign(target, annotation, value, 1)
        _place(assignment, node)
        after = [*self._lines.after, f"return {self._lines.result}"]
        return [assignment, *_at(node, after, {self._lines.result: result})]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node

    def _free_results(self, taken: set[str]) -> Iterator[str]:
        name, count = self._lines.result, 1
        yield name
        while True:
            count += 1
            if f"{name}{count}" not in taken:
                yield f"{name}{count}"
