"""Which functions of a graph hold guards, and the writing of them."""

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.diagnostics import AnnotationError, LowerError
from namedtorch.lower.functions import Functions, innermost
from namedtorch.lower.inside import guard_inside
from namedtorch.lower.modules import Tree, become, subclass
from namedtorch.lower.parsing import Reading, require_asked
from namedtorch.lower.signatures import held_signature, method_signature
from namedtorch.lower.torchscript import export
from namedtorch.lower.translation import Translation
from namedtorch.signature.plan import Plan, build_plan
from namedtorch.signature.signature import Signature


class GuardsInside:
    """The guards of one lowering; `chosen` tells which annotated functions inside of the graph hold one too.

    Functions at the boundary are given to `at_boundary`. Modules of one class that have the same sizes in their
    signatures share a class, so that TorchScript compiles their methods once.
    """

    def __init__(self, chosen: Callable[[FunctionType], bool] | None = None) -> None:
        self.functions = Functions(self._free if chosen is not None else None)
        self.classes: list[type] = []
        self._chosen = chosen
        self._texts: list[str] = []
        self._required: list[FunctionType] = []
        self._made: dict[tuple[type, tuple[tuple[str, str], ...]], type] = {}

    def at_boundary(
        self, module: nn.Module, held: Mapping[str, tuple[FunctionType, Signature, Plan]]
    ) -> None:
        """Puts guards into the methods of the outermost module, whose class becomes one of its own."""
        members = {
            name: self._method(function, signature, plan, type(module), inner=False)
            for name, (function, signature, plan) in held.items()
        }
        for name, new in members.items():
            if name != "forward":
                export(new)
        self._required += members.values()
        self._give(module, members)

    def inside(self, tree: Tree, boundary: Mapping[str, Any]) -> None:
        """Puts guards into all chosen methods of a tree, but for those of the root's that stand at the boundary."""
        for module in tree.modules:
            held: dict[str, tuple[FunctionType, Signature, Plan]] = {}
            methods: dict[str, bool] = {}
            for name, function, method in tree.methods(module):
                if (module is tree.root and name in boundary) or not self._is_chosen(function):
                    continue
                signature = method_signature(function, module) if method else held_signature(function)
                held[name] = (function, signature, _plan(signature, function))
                methods[name] = method
            if not held:
                continue
            key = (type(module), tuple((name, repr(plan)) for name, (_, _, plan) in held.items()))
            if key not in self._made:
                members: dict[str, Any] = {}
                for name, (function, signature, plan) in held.items():
                    new = self._method(function, signature, plan, type(module), methods[name], inner=True)
                    members[name] = new if methods[name] else staticmethod(new)
                self._made[key] = self._class(module, members)
            become(module, self._made[key])

    def function(
        self, function: FunctionType, body: FunctionType, signature: Signature, plan: Plan
    ) -> FunctionType:
        """Puts a guard into a free function, `body` in the graph, that stands at the boundary."""
        new = self._written(signature, plan, self.translation(function), body, method=False, inner=False)
        self._required.append(new)
        return new

    def translation(self, function: Any) -> Translation:
        """How a function is translated; raises LowerError where its source is not at hand."""
        translation = self.functions.translation(function)
        if translation is None:
            own = innermost(function)
            raise LowerError(
                f"the source of {own.__qualname__} is not at hand ({own.__code__.co_filename}), and TorchScript "
                "compiles source: define it in a file or a notebook cell"
            )
        return translation

    def require(self, readings: Mapping[FunctionType, Reading]) -> None:
        """Raises LowerError if a guard at the boundary did not get into the graph."""
        for one in self._required:
            require_asked(readings[one])

    @property
    def source(self) -> str:
        """All Python that torch compiled and the user did not write so, piece by piece under its place."""
        pieces = [one for one in self._texts if one]
        pieces += [f"# {file}:{first}\n{text}" for file, first, text in self.functions.texts()]
        return "\n".join(piece.rstrip("\n") + "\n" for piece in pieces)

    def _method(
        self,
        function: FunctionType,
        signature: Signature,
        plan: Plan,
        owner: type,
        method: bool = True,
        *,
        inner: bool,
    ) -> FunctionType:
        body = self.functions.graph_function(function, owner)
        return self._written(signature, plan, self.translation(function), body, method=method, inner=inner)

    def _written(
        self,
        signature: Signature,
        plan: Plan,
        translation: Translation,
        body: FunctionType,
        *,
        method: bool,
        inner: bool,
    ) -> FunctionType:
        inside = guard_inside(signature, plan, translation, body, method=method, inner=inner)
        self.functions.rewrite(inside.function, body, inside.rewrite)
        self._texts.append(inside.text)
        return inside.function

    def _is_chosen(self, function: FunctionType) -> bool:
        if self._chosen is None or not self._chosen(function) or self.functions.translation(function) is None:
            return False
        return held_signature(function).has_dims

    def _free(
        self, translation: Translation, called: FunctionType, copy: FunctionType
    ) -> FunctionType | None:
        if not self._is_chosen(called):
            return None
        signature = held_signature(called)
        plan = _plan(signature, called)
        return self._written(signature, plan, translation, copy, method=False, inner=True)

    def _give(self, module: nn.Module, members: Mapping[str, Any]) -> None:
        if members:
            become(module, self._class(module, members))

    def _class(self, module: nn.Module, members: Mapping[str, Any]) -> type:
        self.classes.append(subclass(type(module), dict(members)))
        return self.classes[-1]


def _plan(signature: Signature, function: FunctionType) -> Plan:
    try:
        return build_plan(signature)
    except AnnotationError as error:
        raise LowerError(f"{function.__qualname__} can't be guarded: {error}") from error
