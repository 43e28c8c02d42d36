"""One function while it is mended: what its names mean, names that are free, and objects that its tree mentions."""

import ast
import copy
from collections.abc import Callable, Sequence
from functools import cached_property
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.body import Body
from namedtorch.lower.mending.bindings import Bindings
from namedtorch.lower.mending.known import Types
from namedtorch.lower.mending.writing import name
from namedtorch.lower.records import Records
from namedtorch.lower.source import Definition
from namedtorch.lower.translation import Translation, translate


class NotSure(Exception):
    """Raised by what mends a construct, to leave it as it is."""


class Work:
    """A function, its tree to change, and what is known of it.

    `objects` are the modules of the model that the function is a method of; `names` are objects that the
    changed tree mentions, `defaults` other defaults of parameters, `annotations` other types of parameters.
    """

    def __init__(
        self,
        function: FunctionType,
        definition: Definition,
        owner: type | None,
        objects: Sequence[nn.Module],
        records: Records,
        bindings: Bindings,
    ) -> None:
        self.function: Any = function
        self.definition = definition
        self.owner = owner
        self.objects = objects
        self.bindings = bindings
        self.node = copy.deepcopy(definition.node)
        self.node.decorator_list = []
        self.names: dict[str, Any] = {}
        self.defaults: dict[str, Any] = {}
        self.annotations: dict[str, Any] = {}
        self.changed = False
        self.inner: dict[str, ast.Lambda] = {}
        """What a name calls that is a lambda, or a function that only returns an expression."""
        self.inner_definitions: dict[str, ast.FunctionDef] = {}
        self.spent: set[str] = set()
        """Variables whose value may be written where they were read."""
        self.hoisted: dict[str, Any] = {}
        self._records = records
        self._body = Body(Translation(function, Definition(definition.file, definition.lines, self.node)))
        self._taken = {
            *(one.id for one in ast.walk(self.node) if isinstance(one, ast.Name)),
            *self._body.locals,
            *function.__globals__,
            *function.__code__.co_freevars,
        }

    @property
    def receiver(self) -> str:
        """The name of the parameter that is the object of a method, "" for a function."""
        listed = [*self.node.args.posonlyargs, *self.node.args.args]
        return listed[0].arg if self.owner is not None and listed else ""

    @property
    def locals(self) -> frozenset[str]:
        """The names that the function gives a value."""
        return self._body.locals

    @cached_property
    def types(self) -> Types:
        """What types the expressions of the function surely have."""
        texts = translate(self.function, self.definition, self._records, self.owner).types
        return Types(self.node, texts, self.value, self.receiver, self.objects)

    def value(self, node: ast.AST | None) -> Any:
        """What a name, or a path of names through Python modules and classes, stands for; Unknown for all else."""
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.names[node.id]
        return self._body.value(node)

    def type_of(self, node: ast.expr) -> str:
        """The type that an expression surely has, as text; "" if it is not known."""
        return self.types.of(node)

    def meaning(self, annotation: ast.expr) -> Any:
        """What an annotation means; Unknown where it can't be evaluated here."""
        try:
            value = self._body.scope.evaluate(annotation)
            return self._body.scope.evaluate(value) if isinstance(value, str) else value
        except Exception:  # An annotation may hold any expression.
            return Unknown

    def fresh(self, base: str) -> str:
        """A name that nothing else has."""
        found, count = base, 1
        while found in self._taken:
            count += 1
            found = f"{base}{count}"
        self._taken.add(found)
        return found

    def own_or_fresh(self, text: str, node: ast.AST) -> str:
        """The name of a comprehension's, where nothing else of the function is called so; else another."""
        inside = sum(1 for one in ast.walk(node) if isinstance(one, ast.Name) and one.id == text)
        outside = text in self.function.__globals__ or text in self.function.__code__.co_freevars
        is_parameter = any(isinstance(one, ast.arg) and one.arg == text for one in ast.walk(self.node))
        return (
            text
            if len(self.uses(text)) in (0, inside) and not outside and not is_parameter
            else self.fresh(text)
        )

    def mention(self, value: Any, base: str, place: ast.AST) -> ast.Name:
        """A name for an object, by which the changed tree may call it."""
        for known, one in self.names.items():
            if one is value:
                return name(known, place)
        if base not in self.locals and self._body.scope.get(base, Unknown) is value:
            return name(base, place)
        free = self.fresh(base)
        self.names[free] = value
        return name(free, place)

    def uses(self, text: str) -> list[tuple[ast.AST, ast.AST]]:
        """Each place where a name is read or written, with the node around it."""
        return [
            (one, parent)
            for parent in ast.walk(self.node)
            for one in ast.iter_child_nodes(parent)
            if isinstance(one, ast.Name) and one.id == text
        ]

    def only(self, text: str, is_fine: Callable[[ast.AST, ast.AST], bool]) -> bool:
        """Whether each reading of a name is fine: the name, and the node around it."""
        return all(
            is_fine(one, parent)
            for one, parent in self.uses(text)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
        )

    def only_read(self, text: str) -> bool:
        """Whether nothing gives a name a value, but the caller where it is a parameter."""
        return not any(
            isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load) for one, _ in self.uses(text)
        )

    def written_once(self, text: str) -> bool:
        """Whether a name is no parameter, and gets its value at one place."""
        if any(isinstance(one, ast.arg) and one.arg == text for one in ast.walk(self.node)):
            return False
        stores = [
            one
            for one, _ in self.uses(text)
            if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)
        ]
        return len(stores) == 1

    def written_once_or_imported(self, text: str) -> bool:
        """Whether a name that an import gives is given by nothing else."""
        if any(isinstance(one, ast.arg) and one.arg == text for one in ast.walk(self.node)):
            return False
        if any(isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load) for one, _ in self.uses(text)):
            return False
        imports = [
            item
            for one in ast.walk(self.node)
            if isinstance(one, ast.Import | ast.ImportFrom)
            for item in one.names
            if (item.asname or item.name).partition(".")[0] == text
        ]
        return len(imports) == 1
