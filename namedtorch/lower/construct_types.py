"""Types that TorchScript does not have, and values whose types do not fit."""

import ast
import collections.abc
import dataclasses
import typing
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import torch
from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.body import Annotation, Body
from namedtorch.lower.branches import declared
from namedtorch.lower.construct import Construct
from namedtorch.values.named_tensor import NamedTensor

_ITERABLES = (
    collections.abc.Iterable,
    collections.abc.Iterator,
    collections.abc.Collection,
    collections.abc.Generator,
    collections.abc.KeysView,
)
_SETS = (set, frozenset, collections.abc.Set, collections.abc.MutableSet)


def _leaves(annotation: Any) -> Iterator[Any]:
    """The annotation and all that stands in its brackets."""
    yield annotation
    if typing.get_origin(annotation) is typing.Annotated or typing.get_origin(annotation) is typing.Literal:
        return
    for one in typing.get_args(annotation):
        yield from _leaves(one)


def _has(test: Callable[[Any], bool]) -> Any:
    def match(node: Annotation, body: Body) -> str | None:
        if node.value is Unknown:
            return None
        return node.label if any(test(one) for one in _leaves(node.value)) else None

    return match


def _of(*kinds: Any) -> Any:
    return _has(lambda one: one in kinds or typing.get_origin(one) in kinds)


def _is_class(kind: type) -> Any:
    return _has(lambda one: isinstance(one, type) and not typing.get_args(one) and issubclass(one, kind))


def _is_typevar(one: Any) -> bool:
    if isinstance(one, typing.TypeVar):
        return one.__bound__ is None
    return one is typing.Self


def _is_any_length(one: Any) -> bool:
    return typing.get_origin(one) is tuple and Ellipsis in typing.get_args(one)


def _is_dataclass(one: Any) -> bool:
    # A tensor that carries names is a plain one in the graph.
    return isinstance(one, type) and one is not NamedTensor and dataclasses.is_dataclass(one)


def _local_constant(node: Annotation, body: Body) -> str | None:
    if not node.local or node.value is Unknown:
        return None
    first = next(_leaves(node.value))
    kinds = (typing.Final, typing.ClassVar)
    return node.name if first in kinds or typing.get_origin(first) in kinds else None


def _made_dataclass(node: ast.Call, body: Body) -> str | None:
    return body.text(node.func) if _is_dataclass(body.value(node.func)) else None


def _refined_attribute(node: ast.Attribute, body: Body) -> str | None:
    """`self.k`, declared an Optional, where an `if self.k is not None:` around it has tested the attribute."""
    owners = [one for one in body.held(node.value) if isinstance(one, nn.Module)]
    values = [one for one in body.held(node) if not isinstance(one, nn.Module)]
    if not owners or not values or not all(node.attr in declared(one) for one in owners):
        return None
    if not isinstance(node.ctx, ast.Load):
        return None
    text = ast.unparse(node)
    child, parent = node, body.parent(node)
    if isinstance(parent, ast.Compare) or _is_copied(parent):
        return None
    while parent is not None:
        if (
            isinstance(parent, ast.If)
            and child in parent.body
            and f"{text} is not None" in ast.unparse(parent.test)
        ):
            return text
        child, parent = parent, body.parent(parent)
    return None


def _optional_condition(node: ast.Name, body: Body) -> str | None:
    """A parameter that may be None as a condition, where nothing around it has tested it."""
    if node.id not in body.parameters or body.is_stored(node.id):
        return None
    if not body.translation.types.get(node.id, "").startswith("Optional"):
        return None
    child, parent = node, body.parent(node)
    while isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        child, parent = parent, body.parent(parent)
    if isinstance(parent, ast.BoolOp) and parent.values[0] is child:
        child, parent = parent, body.parent(parent)
    if not isinstance(parent, ast.If | ast.While | ast.IfExp) or parent.test is not child:
        return None
    above = body.parent(parent)
    while above is not None:
        if isinstance(above, ast.If | ast.IfExp | ast.While) and node.id in ast.unparse(above.test):
            return None
        above = body.parent(above)
    return node.id


def _is_copied(parent: ast.AST | None) -> bool:
    return isinstance(parent, ast.Assign) and all(isinstance(one, ast.Name) for one in parent.targets)


_NOT_ANNOTATED = (
    r"Inferred '(\w+)' to be of type 'Tensor' because|value of type Tensor \(inferred\) on parameter \"(\w+)\""
    r"|'Tensor \(inferred\)' object has no attribute"
    r"|Inferred the value for argument '\w+' to be of type 'Tensor' because it was not annotated"
)
_CHANGED = (
    r"Variable '(\w+)' previously had type (?P<first>.+?) "
    r"but is now being assigned to a value of type (?P<second>\S+)"
)
_RETURNED = (
    r"statement returned a value of type (?P<first>.+?) "
    r"but this return statement returns a value of type (?P<second>\S+)"
)
_OPTIONAL = "copy it and test the copy: `k = self.k`, then `if k is not None:`"
TYPES: tuple[Construct, ...] = (
    Construct(
        "callable-type",
        "the type of {}: a function is no value in TorchScript",
        "call the function by its name, or keep it in an attribute of the module",
        (Annotation,),
        _of(collections.abc.Callable),
        says=r"Unknown type (?:constructor|name) '?Callable()",
    ),
    Construct("set-type", "the type of {}, a set", "take a list", (Annotation,), _of(*_SETS)),
    Construct(
        "any-length",
        "the type of {}, a tuple of any length",
        "take a list: `list[int]`",
        (Annotation,),
        _has(_is_any_length),
        says=r"Expression of type dots cannot be used in a type expression()",
    ),
    Construct("iterable-type", "the type of {}, an iterable", "take a list", (Annotation,), _of(*_ITERABLES)),
    Construct(
        "module-type",
        "the type of {}, a module: a module is no value in TorchScript",
        "write a method of the module, and reach the part through `self`",
        (Annotation,),
        _is_class(nn.Module),
    ),
    Construct(
        "type-variable",
        "the type of {}, which stands for several types",
        "write the type that it has",
        (Annotation,),
        _has(_is_typevar),
    ),
    Construct(
        "array-type",
        "the type of {}, an array of NumPy's",
        "take a Tensor",
        (Annotation,),
        _is_class(numpy.ndarray),
    ),
    Construct("size-type", "the type of {}, torch.Size", "write `list[int]`", (Annotation,), _of(torch.Size)),
    Construct(
        "plain-dict",
        "the type of {}, a dict that does not say of what",
        "write what is in it: `dict[str, Tensor]`",
        (Annotation,),
        _has(lambda one: one is dict or one is typing.Dict),  # noqa: UP006
    ),
    Construct(
        "object-type", "the type of {}, any object", "write the type, or `Any`", (Annotation,), _of(object)
    ),
    Construct(
        "bytes-type",
        "the type of {}, bytes",
        "take a str or a tensor",
        (Annotation,),
        _of(bytes, bytearray),
    ),
    Construct(
        "class-type",
        "the type of {}, a class",
        "make the choice outside of the graph, or take a number or a text that stands for it",
        (Annotation,),
        _of(type),
    ),
    Construct(
        "local-constant",
        "`{}` as Final or ClassVar inside of a function",
        "drop the annotation",
        (Annotation,),
        _local_constant,
    ),
    Construct(
        "dataclass-type",
        "the type of {}, a dataclass",
        "make it a NamedTuple: `class Pair(NamedTuple):`",
        (Annotation,),
        _has(_is_dataclass),
    ),
    Construct(
        "dataclass",
        "`{}(...)`, a dataclass",
        "make it a NamedTuple: `class Pair(NamedTuple):`",
        (ast.Call,),
        _made_dataclass,
    ),
    Construct(
        "unknown-type",
        "`{}`, a type that TorchScript does not have",
        "it has Tensor, int, float, bool, str, complex, lists, dicts, tuples and Optionals of them, NamedTuples, enums",
        says=r"Unknown type (?:name|constructor) '?([\w.]+)",
    ),
    Construct(
        "dict-key",
        "a dict with keys of type {}",
        "take int, float, str or Tensor keys",
        says=r"Cannot create dict for key type '(.+?)', only",
    ),
    Construct(
        "not-annotated",
        "`{}` is not annotated, so TorchScript takes it for a Tensor",
        "annotate the parameter with its type: `{}: int`",
        says=_NOT_ANNOTATED,
    ),
    Construct(
        "default-type",
        "the default of `{}`, of another type than the parameter",
        "annotate the parameter with the type of its default",
        says=r"Expected a default value of type .+? on parameter \"(\w+)\"",
    ),
    Construct(
        "optional-attribute",
        "`{}` is Optional, and a test of an attribute tells TorchScript nothing",
        _OPTIONAL,
        (ast.Attribute,),
        _refined_attribute,
    ),
    Construct(
        "optional-truth",
        "a condition that is an Optional: `{}`",
        "write `if value is not None:`",
        (ast.Name,),
        _optional_condition,
        says=r"Could not cast value of type (Optional\[.+?\]) to bool",
    ),
    Construct(
        "sum-of-tensors",
        "`sum` of a list of tensors",
        "write `torch.stack(xs).sum(0)`",
        says=r"aten::sum.*instead found type 'List\[Tensor\]'()",
    ),
    Construct(
        "empty-list",
        "an empty list, which TorchScript takes for one of tensors",
        "annotate it: `values: list[int] = []`",
        says=r"Type variable 't' previously matched to type Tensor()|Empty lists default to List\[Tensor\]",
    ),
    Construct(
        "changed-type",
        "`{}` is {first} and becomes {second}",
        "give it one type from the start: `y: Optional[Tensor] = None`, `total = 0.0`",
        says=_CHANGED,
    ),
    Construct(
        "two-types",
        "an `if` expression that is {first} or {second}",
        "give both branches one type",
        says=r"if-expression's true branch has type (?P<first>.+?) but false branch has type (?P<second>\S+)",
    ),
    Construct(
        "returned-types",
        "a return of {second}, where another returns {first}",
        "return one type everywhere, or annotate the result as an Optional",
        says=_RETURNED,
    ),
    Construct(
        "one-branch",
        "`{}` has a value only in one branch",
        "give it a value before the `if`",
        says=r"^(\w+) is not defined in the (?:true|false) branch",
    ),
    Construct(
        "unset",
        "`{}`, which has no value here in TorchScript",
        "give it a value before the loop or the `if` that sets it",
        says=r"^undefined value (\w+)",
    ),
    Construct(
        "attribute-type",
        "an attribute of type {first} gets {second}",
        "set it in `__init__` to a value of that type, or declare it in the class: `state: Optional[Tensor]`",
        says=r"Wrong type for attribute assignment\. Expected (?P<first>.+?) but got (?P<second>\S+)",
    ),
    Construct(
        "tensor-unpacked",
        "a Tensor unpacked",
        "write `a, b = x.unbind(0)`",
        says=r"Tensor cannot be used as a tuple()",
    ),
    Construct(
        "index-type",
        "a tensor indexed by a {}",
        "index with numbers, slices, lists or tensors: `x[i, j]`",
        says=r"indexing tensor with unsupported index type '(\w+)",
    ),
    Construct(
        "function-value",
        "a function as a value",
        "call it where it is chosen: `y = relu(x) if smooth else tanh(x)`",
        says=r"^(?:builtin|function) cannot be used as a value()",
    ),
    Construct(
        "class-as-value",
        "`{}` as a value",
        "write the value that it would make",
        says=r"^(\w+) cannot be used as a value",
    ),
    Construct(
        "no-operator",
        "`{}`, which is no operator of TorchScript",
        "write it with other operators, or compute it in `__init__`",
        says=r"Unknown builtin op: (?:aten|prim)::(\w+)",
    ),
    Construct(
        "no-method",
        "`.{name}` of {type}, which TorchScript does not have",
        "write it with what TorchScript has for this type",
        says=r"'(?P<type>[^']+?)' object has no attribute or method '(?P<name>\w+)'",
    ),
    Construct(
        "python-builtin",
        "`{}`, a function of Python's that TorchScript does not have",
        "do it outside of the graph, or behind `if not torch.jit.is_scripting():`",
        says=r"Python builtin <built-in (?:function|method) (\w+)",
    ),
)
