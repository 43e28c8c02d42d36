"""Modules in the code of others: indexed, chosen, passed on, asked for what only Python has."""

import ast
import types

from torch import nn

from namedtorch.lower.body import Body
from namedtorch.lower.construct import Construct
from namedtorch.lower.construct_statements import looped

_CONTAINERS = nn.ModuleList | nn.Sequential | nn.ParameterList
_OWN_METHODS = frozenset(
    {
        "parameters",
        "named_parameters",
        "buffers",
        "state_dict",
        "train",
        "eval",
        "to",
        "cuda",
        "half",
        "float",
        "double",
    }
    | {
        "apply",
        "add_module",
        "register_buffer",
        "register_parameter",
        "get_submodule",
        "zero_grad",
        "requires_grad_",
    }
)


def _dunder(node: ast.Attribute, body: Body) -> str | None:
    own = any(isinstance(one, nn.Module) for one in body.held(node.value))
    return (
        body.text(node) if own and node.attr in ("__class__", "__dict__", "_modules", "_parameters") else None
    )


def _makes_module(node: ast.Call, body: Body) -> str | None:
    value = body.value(node.func)
    return body.text(node.func) if isinstance(value, type) and issubclass(value, nn.Module) else None


def _index(node: ast.Subscript, body: Body) -> str | None:
    held = body.held(node.value)
    if not any(isinstance(one, _CONTAINERS) for one in held) or isinstance(node.slice, ast.Slice):
        return None
    match node.slice:
        case ast.Constant(value=int()) | ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int())):
            return None
        case _:
            return body.text(node)


def _key(node: ast.Subscript, body: Body) -> str | None:
    held = body.held(node.value)
    if not any(isinstance(one, nn.ModuleDict) for one in held):
        return None
    return None if isinstance(node.slice, ast.Constant) else body.text(node)


def _looped_slice(node: ast.For, body: Body) -> str | None:
    match looped(node.iter):
        case ast.Subscript(value=inner, slice=ast.Slice()) as source:
            pass
        case _:
            return None
    return (
        body.text(source)
        if any(isinstance(one, nn.ModuleList | nn.Sequential) for one in body.held(inner))
        else None
    )


def _chosen(node: ast.AST, body: Body) -> str | None:
    """A module as a value: chosen by a condition, or in a list to loop over."""
    match node:
        case ast.IfExp(body=first, orelse=second):
            several = [first, second]
        case ast.List(elts=several) | ast.Tuple(elts=several):
            parent = body.parent(node)
            if not (isinstance(parent, ast.For) and parent.iter is node):
                return None
        case _:
            return None
    for one in several:
        if any(isinstance(held, nn.Module) for held in body.held(one)):
            return body.text(one)
    return None


def _part(node: ast.Call, body: Body) -> str | None:
    match node.func:
        case ast.Subscript(value=inner, slice=ast.Slice()):
            container = any(isinstance(one, nn.ModuleList | nn.Sequential) for one in body.held(inner))
            return body.text(node.func) if container else None
        case _:
            return None


def _passed(node: ast.Call, body: Body) -> str | None:
    """A module given to a function that takes no interface."""
    value = body.value(node.func)
    if not isinstance(value, types.FunctionType):
        return None
    if any(hasattr(one, "__torch_script_interface__") for one in value.__annotations__.values()):
        return None
    given = (*node.args, *(one.value for one in node.keywords))
    return next(
        (body.text(one) for one in given if any(isinstance(held, nn.Module) for held in body.held(one))), None
    )


def _own_method(node: ast.Call, body: Body) -> str | None:
    match node.func:
        case ast.Attribute(value=inner, attr=name) if name in _OWN_METHODS:
            pass
        case _:
            return None
    held = [one for one in body.held(inner) if isinstance(one, nn.Module)]
    own = any(getattr(type(one), name, None) is getattr(nn.Module, name) for one in held)
    return body.text(node.func) if own else None


def _through_class(node: ast.Call, body: Body) -> str | None:
    match node.func:
        case ast.Attribute(value=inner):
            pass
        case _:
            return None
    owner, value = body.value(inner), body.value(node.func)
    if not isinstance(owner, type):
        return None
    match node.args:
        case [ast.Name(id=name), *_] if name == body.receiver and issubclass(owner, nn.Module):
            unbound = isinstance(value, types.FunctionType)
        case _:
            unbound = False
    return body.text(node.func) if unbound or isinstance(value, types.MethodType) else None


SUBMODULES: tuple[Construct, ...] = (
    Construct(
        "module-made",
        "`{}(...)`, a module made in the graph",
        "make it in `__init__`, or call the function (`F.relu(x)`)",
        (ast.Call,),
        _makes_module,
        says=r"Cannot instantiate class '(\w+)' in a script function",
    ),
    Construct(
        "module-index",
        "`{}`, an index that is no number",
        "loop: `for i, layer in enumerate(self.layers): if i == k: x = layer(x)`",
        (ast.Subscript,),
        _index,
        says=r"Expected integer literal for index()",
    ),
    Construct(
        "module-key",
        "`{}`, a key that is no text",
        "loop: `for name, layer in self.layers.items(): if name == key: x = layer(x)`",
        (ast.Subscript,),
        _key,
        says=r"Unable to extract string literal index()",
    ),
    Construct(
        "module-slice",
        "a loop over `{}`",
        "loop over all with `enumerate`, and test the index",
        (ast.For,),
        _looped_slice,
        spreads=True,
    ),
    Construct(
        "module-value",
        "`{}`, a module as a value",
        "call each where it is chosen: `y = self.a(x) if wide else self.b(x)`",
        (ast.IfExp, ast.List, ast.Tuple),
        _chosen,
        says=r"object has no attribute or method '__call__'()",
        spreads=True,
    ),
    Construct(
        "module-part",
        "`{}`, a part of a container of modules",
        "make it a module of its own in `__init__`",
        (ast.Call,),
        _part,
    ),
    Construct(
        "through-class",
        "`{}`, a method called through its class",
        "call it through `self`, under a name of its own; make a classmethod a staticmethod",
        (ast.Call,),
        _through_class,
    ),
    Construct(
        "module-argument",
        "`{}`, a module as an argument",
        "write a method of the module, and reach the part through `self`",
        (ast.Call,),
        _passed,
    ),
    Construct(
        "module-subscript",
        "a module with an index",
        "write a method with a name, and call it",
        says=r"^Only ModuleList, Sequential, .* are subscriptable",
    ),
    Construct(
        "own-method",
        "`{}`, which is for Python outside of the graph",
        "do it outside, or name the parameter: `self.linear.weight`",
        (ast.Call,),
        _own_method,
    ),
    Construct(
        "own-attribute",
        "`{}`, which looks into Python",
        "keep what the model needs of it in an attribute: `self.name = type(self).__name__` in `__init__`",
        (ast.Attribute,),
        _dunder,
    ),
)
