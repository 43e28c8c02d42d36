"""What types the expressions of a function surely have, as far as its annotations and torch's schemas tell."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

from torch import nn

from namedtorch.lower.mending.result_types import attribute_of, kind_of, operator_result, plain, result_of

_NUMBERS = ("bool", "int", "float")
_RESULTS = {
    "len": "int",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "str": "str",
    "ord": "int",
    "range": "range",
}
_WRAPPED = re.compile(r"(?P<outer>\w+)\[(?P<inner>.*)\]$")


class Types:
    """The types of one definition.

    A type is its text: `Tensor`, `int`, `list[int]`, `Optional[Tensor]`, `tuple`, "" where it is not known. `texts` are
    those of the annotated parameters; `value` gives what names outside of the function stand for, and `objects` are the
    modules that `receiver` may be.
    """

    def __init__(
        self,
        node: ast.FunctionDef,
        texts: Mapping[str, str],
        value: Callable[[ast.AST | None], Any],
        receiver: str,
        objects: Sequence[nn.Module] = (),
    ) -> None:
        self._objects = objects
        self._value = value
        self._receiver = receiver
        self._texts = {name: plain(text) for name, text in texts.items()}
        self._parameters = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
        self._sites = _sites(node)
        self._found: dict[str, str] = {}

    def of(self, node: ast.expr | None, around: Mapping[str, str] | None = None) -> str:
        """The type of an expression; `around` are the names of comprehensions that it stands in."""
        around = around or {}
        match node:
            case ast.Constant(value=value):
                return (
                    "None"
                    if value is None
                    else type(value).__name__
                    if type(value) in (bool, int, float, str)
                    else ""
                )
            case ast.JoinedStr():
                return "str"
            case ast.Name(id=name):
                return around[name] if name in around else self._of_name(name)
            case ast.Attribute(value=inner, attr=attribute):
                return self._of_attribute(inner, attribute, around)
            case ast.Call():
                return self._of_call(node, around)
            case ast.BinOp(left=left, op=op, right=right):
                return _combined(self.of(left, around), op, self.of(right, around))
            case ast.UnaryOp(op=ast.Not()):
                return "bool"
            case ast.UnaryOp(operand=inner):
                return self.of(inner, around)
            case ast.Compare(left=left, ops=ops, comparators=others):
                if isinstance(ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
                    return "bool"
                kinds = {self.of(left, around), *(self.of(one, around) for one in others)}
                return "Tensor" if "Tensor" in kinds else "" if "" in kinds else "bool"
            case ast.BoolOp(values=values):
                kinds = {self.of(one, around) for one in values}
                inner = {one[9:-1] if one.startswith("Optional[") else one for one in kinds}
                return (
                    inner.pop()
                    if len(inner) == 1 and not self.of(values[-1], around).startswith("Opt")
                    else ""
                )
            case ast.IfExp(body=first, orelse=second):
                return _same([self.of(first, around), self.of(second, around)])
            case ast.List(elts=elements):
                inner_type = _same([self.of(one, around) for one in elements])
                return f"list[{inner_type}]" if inner_type else ""
            case ast.ListComp(elt=element, generators=generators):
                inner_type = self.of(element, self.inside(generators, around))
                return f"list[{inner_type}]" if inner_type else ""
            case ast.Tuple():
                return "tuple"
            case ast.Subscript(value=inner, slice=index):
                return self._of_subscript(self.of(inner, around), index)
            case ast.NamedExpr(value=inner):
                return self.of(inner, around)
            case _:
                return ""

    def other_than_none(self, name: str, line: int) -> str:
        """The one type of a variable beside None, which it gets at this line first; "" if there is none."""
        sites = self._sites.get(name, [])
        if name in self._parameters or any(isinstance(one, ast.AnnAssign) for one in sites):
            return ""
        if min(one.lineno for one in sites if isinstance(one, ast.stmt | ast.expr)) != line:
            return ""
        before = self._found.get(name)
        self._found[name] = ""
        kinds = {self._of_site(name, one) for one in sites} - {"None"}
        kinds = {one[9:-1] if one.startswith("Optional[") else one for one in kinds}
        self._found.pop(name)
        if before is not None:
            self._found[name] = before
        return kinds.pop() if len(kinds) == 1 else ""

    def inside(
        self, generators: list[ast.comprehension], around: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The types of the names in a comprehension."""
        found = dict(around or {})
        for one in generators:
            found.update(_targets(one.target, self.element(one.iter, found)))
        return found

    def element(self, node: ast.expr, around: Mapping[str, str] | None = None) -> str:
        """The type of what a loop over an expression gives."""
        match node:
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
                return f"(int, {self.element(inner, around)})"
            case ast.Call(func=ast.Name(id="zip"), args=several):
                return f"({', '.join(self.element(one, around) for one in several)})"
            case _:
                return _element(self.of(node, around))

    def _of_name(self, name: str) -> str:
        if name in self._found:
            return self._found[name]
        found = self._texts.get(name, "Tensor" if name in self._parameters and name != self._receiver else "")
        # While it is asked for, what depends on itself is what the parameter is; without one, it is not known.
        self._found[name] = found if name in self._parameters else ""
        kinds = [found] if name in self._parameters else []
        kinds += [self._of_site(name, site) for site in self._sites.get(name, ())]
        self._found[name] = _same(kinds)
        return self._found[name]

    def _of_site(self, name: str, site: ast.AST) -> str:
        match site:
            case ast.AnnAssign(annotation=annotation):
                return plain(ast.unparse(annotation).strip("'\""))
            case ast.Assign(targets=[ast.Name(), *_], value=value) | ast.NamedExpr(value=value):
                return self.of(value)
            case ast.Assign(targets=[target], value=value):
                return _targets(target, self._unpacked(value)).get(name, "")
            case ast.AugAssign(target=target, op=op, value=value):
                # Whatever else the name gets decides; here it only may not become another.
                kind = self.of(value)
                return "" if kind == "" or isinstance(op, ast.Div) else f"+{kind}"
            case ast.For(target=target, iter=source):
                return _targets(target, self.element(source)).get(name, "")
            case _:
                return ""

    def _unpacked(self, value: ast.expr) -> str:
        if isinstance(value, ast.Tuple):
            return f"({', '.join(self.of(one) for one in value.elts)})"
        kind = self.of(value)
        return f"*{_element(kind)}" if kind else ""

    def _of_attribute(self, inner: ast.expr, attribute: str, around: Mapping[str, str]) -> str:
        if attribute == "shape":
            return "list[int]"
        held = self.held(ast.Attribute(inner, attribute, ast.Load()))
        if held:
            return _same([kind_of(one) for one in held])
        if self.of(inner, around) == "Tensor":
            return {"T": "Tensor", "mT": "Tensor", "H": "Tensor", "data": "Tensor", "ndim": "int"}.get(
                attribute, ""
            )
        return ""

    def held(self, node: ast.expr) -> list[Any]:
        """What `self.a.b` is in each module that the function is a method of; nothing for any other expression."""
        match node:
            case ast.Name(id=name) if name == self._receiver and name:
                return list(self._objects)
            case ast.Attribute(value=inner, attr=name):
                return [attribute_of(one, name) for one in self.held(inner)]
            case _:
                return []

    def _of_subscript(self, kind: str, index: ast.expr) -> str:
        kind = kind[9:-1] if kind.startswith("Optional[") else kind  # None has no elements.
        if kind in ("Tensor", "str"):
            return kind
        if kind.startswith("list["):
            return kind if isinstance(index, ast.Slice) else _element(kind)
        found = _WRAPPED.match(kind)
        if found is not None and found["outer"] == "dict":
            return found["inner"].partition(", ")[2]
        return ""

    def _of_call(self, node: ast.Call, around: Mapping[str, str]) -> str:
        called = self._value(node.func)
        held = self.held(node.func)
        if held:
            return _same([result_of(type(one).forward) if isinstance(one, nn.Module) else "" for one in held])
        if isinstance(node.func, ast.Name) and getattr(called, "__module__", "") == "builtins":
            if node.func.id in ("list", "sorted") and len(node.args) == 1:
                inner = self.element(node.args[0], around)
                return f"list[{inner}]" if inner else ""
            if node.func.id in ("sum", "max", "min", "abs") and len(node.args) == 1:
                kind = self.of(node.args[0], around)
                inner = kind if node.func.id == "abs" else _element(kind)
                return inner if inner in ("int", "float") else ""
            return _RESULTS.get(node.func.id, "")
        if isinstance(called, FunctionType | type):
            return result_of(called)
        if isinstance(node.func, ast.Attribute):
            owner = self._value(node.func.value)
            if isinstance(owner, ModuleType):
                return operator_result(node.func.attr) if owner.__name__.startswith("torch") else ""
            return self._of_method(node, around)
        return ""

    def _of_method(self, node: ast.Call, around: Mapping[str, str]) -> str:
        assert isinstance(node.func, ast.Attribute)
        method, kind = node.func.attr, self.of(node.func.value, around)
        if kind == "Tensor":
            if method == "size":
                return "int" if node.args or node.keywords else "list[int]"
            return operator_result(method)
        if kind == "str":
            return (
                "list[str]"
                if method == "split"
                else "bool"
                if method.startswith(("is", "starts", "ends"))
                else "str"
            )
        if kind.startswith("list[") and method in ("copy", "pop"):
            return kind if method == "copy" else _element(kind)
        return ""


def _sites(node: ast.FunctionDef) -> dict[str, list[ast.AST]]:
    """The statements that give each name a value."""
    found: dict[str, list[ast.AST]] = {}
    scoped = {
        id(item)
        for one in ast.walk(node)
        if isinstance(one, ast.comprehension | ast.Lambda | ast.FunctionDef) and one is not node
        for item in ast.walk(one.target if isinstance(one, ast.comprehension) else one)
    }
    for one in ast.walk(node):
        targets: list[ast.expr] = []
        match one:
            case ast.Assign(targets=several):
                targets = several
            case (
                ast.AnnAssign(target=target)
                | ast.AugAssign(target=target)
                | ast.For(target=target)
                | ast.NamedExpr(target=target)
            ):
                targets = [target]
            case ast.withitem(optional_vars=target) if target is not None:
                targets = [target]
            case _:
                pass
        for target in targets:
            for item in ast.walk(target):
                if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store) and id(item) not in scoped:
                    found.setdefault(item.id, []).append(one)
    return found


def _targets(target: ast.expr, kind: str) -> dict[str, str]:
    """The types of the names of a target, where what is unpacked has a type."""
    match target:
        case ast.Name(id=name):
            return {name: kind if not kind.startswith(("(", "*")) else "tuple"}
        case ast.Tuple(elts=several) | ast.List(elts=several):
            if kind.startswith("*"):
                parts = [kind[1:]] * len(several)
            elif kind.startswith("(") and len(_split(kind[1:-1])) == len(several):
                parts = _split(kind[1:-1])
            else:
                parts = [""] * len(several)
            found: dict[str, str] = {}
            for one, part in zip(several, parts, strict=True):
                if isinstance(one, ast.Starred):
                    one, part = one.value, f"list[{part}]" if part else ""
                found.update(_targets(one, part))
            return found
        case _:
            return {}


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no brackets."""
    parts, depth = [""], 0
    for one in text:
        depth += (one in "([") - (one in ")]")
        if one == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += one
    return [one.strip() for one in parts]


def _element(kind: str) -> str:
    if kind == "range":
        return "int"
    if kind in ("Tensor", "str"):
        return kind
    return kind[5:-1] if kind.startswith("list[") else ""


def _same(kinds: list[str]) -> str:
    own = {one for one in kinds if not one.startswith("+")}
    added = {one[1:] for one in kinds if one.startswith("+")}
    if len(own) > 1:
        inner = {one[9:-1] if one.startswith("Optional[") else one for one in own} - {"None"}
        return f"Optional[{inner.pop()}]" if len(inner) == 1 and "" not in inner and not added else ""
    if not own:
        return ""
    kind = own.pop()
    if kind == "int" and "float" in added:
        return ""
    return kind if kind == "Tensor" or (added <= {kind, *_NUMBERS} and "Tensor" not in added) else ""


def _combined(left: str, op: ast.operator, right: str) -> str:
    if "" in (left, right):
        return ""
    if "Tensor" in (left, right):
        return "Tensor" if {left, right} <= {"Tensor", *_NUMBERS} else ""
    if left in _NUMBERS and right in _NUMBERS:
        if isinstance(op, ast.Pow) or "bool" in (left, right):
            return ""
        if isinstance(op, ast.Div) or "float" in (left, right):
            return "float"
        return "int"
    if isinstance(op, ast.Add) and left == right:
        return left
    if isinstance(op, ast.Mod) and left == "str":
        return "str"
    if isinstance(op, ast.Mult) and right == "int" and left.startswith("list["):
        return left
    return ""
