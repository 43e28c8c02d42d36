"""Texts of symbolic sizes in an exported program, which torch evaluates as Python: those that are arithmetic."""

import ast
import re
from functools import lru_cache
from typing import Final

_LONGEST: Final = 20_000
_LARGEST: Final = 2**64

# fmt: off
_FUNCTIONS: Final = frozenset({
    "Abs", "Add", "And", "CeilDiv", "CeilToInt", "CleanDiv", "Equality", "Eq", "Float", "FloatPow", "FloatTrueDiv",
    "FloorDiv", "FloorToInt", "Ge", "GreaterThan", "Gt", "Identity", "IntTrueDiv", "Integer",
    "IsNonOverlappingAndDenseIndicator", "LShift", "Le", "LessThan", "Lt", "Max", "Min", "Mod", "ModularIndexing",
    "Mul", "Ne", "Not", "Or", "Piecewise", "Pow", "PowByNatural", "PythonMod", "RShift", "Rational", "RoundDecimal",
    "RoundToInt", "StrictGreaterThan", "StrictLessThan", "Symbol", "ToFloat", "TruncToFloat", "TruncToInt",
    "Unequality", "Where", "ceiling", "floor",
})
# fmt: on
"""What sympy and torch make sizes of: none of them does anything but compute."""

_NAMES: Final = frozenset({"true", "false", "True", "False", "oo", "int_oo"})
_OPERATORS: Final = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_SIGNS: Final = (ast.UAdd, ast.USub, ast.Not)
_SHIFTING: Final = re.compile(r"[\n\r\\#]")
"""sympy takes ends of lines out of a text before it reads it: comments and texts would end elsewhere than here."""
_ARITHMETIC: Final = (ast.BinOp, ast.UnaryOp, ast.Compare, *_OPERATORS, *_SIGNS, ast.cmpop)


@lru_cache(4096)
def is_arithmetic(text: str) -> bool:
    """Whether a text is no more than numbers, symbols and functions of sizes."""
    if len(text) > _LONGEST or not text.isascii() or _SHIFTING.search(text):
        return False
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    named = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) in ("Symbol", "Float") and node.args
    }
    return all(_is_fine(node, called, named) for node in ast.walk(tree))


def _is_fine(node: ast.AST, called: set[int], named: set[int]) -> bool:
    match node:
        case ast.Expression() | ast.Load():
            return True
        case ast.Call(func=func):
            return _name(func) in _FUNCTIONS
        case ast.keyword(arg=str(), value=ast.Constant()):
            return True
        case ast.Name(id=name):
            return name in _FUNCTIONS if id(node) in called else name in _NAMES or _is_symbol(name)
        case ast.Constant(value=bool()):
            return True
        case ast.Constant(value=int(number)):
            return abs(number) < _LARGEST
        case ast.Constant(value=float()):
            return True
        case ast.Constant(value=str(text)):
            return id(node) in named and (_is_symbol(text) or _is_number(text))
        case _:
            return isinstance(node, _ARITHMETIC)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _is_symbol(text: str) -> bool:
    """`s40`, `u0`, `zuf1`: a few letters and a number."""
    letters = text.rstrip("0123456789")
    return letters != text and letters.isalpha() and len(letters) <= 8 and len(text) <= 40


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return len(text) <= 40
