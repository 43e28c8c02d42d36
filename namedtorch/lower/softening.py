"""Refused syntax put into a form that TorchScript takes, to hear what it says of the rest of a function.

The values need not be right, only of the types that they would have; every node keeps its line.
"""

import ast
import copy
from typing import Any


def softened(definition: ast.FunctionDef) -> ast.FunctionDef | None:
    """The definition without the syntax that has a substitute; None if it holds none."""
    made = copy.deepcopy(definition)
    softener = _Softener()
    made.body = softener.block(made.body)
    return made if softener.changed else None


class _Softener(ast.NodeTransformer):
    def __init__(self) -> None:
        self.changed = False

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Statements with all in them softened; `pass` where nothing is left."""
        found: list[ast.stmt] = []
        for one in body:
            new: Any = self.visit(one)
            found += new if isinstance(new, list) else [new] if new is not None else []
        return found or [ast.copy_location(ast.Pass(), body[0])]

    def visit_Try(self, node: ast.Try) -> list[ast.stmt]:
        self.changed = True
        return self.block([*node.body, *node.orelse, *node.finalbody])

    def visit_For(self, node: ast.For) -> Any:
        return self._loop(node)

    def visit_While(self, node: ast.While) -> Any:
        return self._loop(node)

    def _loop(self, node: ast.For | ast.While) -> Any:
        behind, node.orelse = node.orelse, []
        self.generic_visit(node)
        if not behind:
            return node
        self.changed = True
        return [node, *self.block(behind)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return self._instead(node, ast.Pass())
        return self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        if not isinstance(node.op, ast.FloorDiv | ast.MatMult):
            return node
        read: Any = copy.deepcopy(node.target)
        read.ctx = ast.Load()
        value = ast.copy_location(ast.BinOp(read, node.op, node.value), node)
        return self._instead(node, ast.Assign([node.target], value))

    def visit_Raise(self, node: ast.Raise) -> Any:
        self.generic_visit(node)
        if node.exc is not None:
            return node
        called = ast.copy_location(ast.Name("RuntimeError", ast.Load()), node)
        text = ast.copy_location(ast.Constant(""), node)
        return self._instead(node, ast.Raise(ast.copy_location(ast.Call(called, [text], []), node), None))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        self.generic_visit(node)
        if not isinstance(node.op, ast.UAdd):
            return node
        self.changed = True
        return node.operand

    def visit_FormattedValue(self, node: ast.FormattedValue) -> Any:
        self.generic_visit(node)
        if node.format_spec is not None or node.conversion != -1:
            self.changed = True
            node.format_spec, node.conversion = None, -1
        return node

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        self.generic_visit(node)
        if node.ifs:
            self.changed = True
            node.ifs = []
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return node

    def _instead(self, node: ast.stmt, new: ast.stmt) -> ast.stmt:
        self.changed = True
        return ast.copy_location(new, node)
