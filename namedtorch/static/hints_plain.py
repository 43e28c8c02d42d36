"""Annotations without dims: whether they promise a tensor, and the one type that they name."""

import ast
from functools import lru_cache

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.table import spelled
from namedtorch.signature.hints import TENSOR
from namedtorch.static.hints_arrays import PARAMETER, array_named, family_named
from namedtorch.static.hints_containers import ANNOTATED, LITERALS, WRAPPERS, container_named
from namedtorch.static.hints_tensors import bounds, dims_said
from namedtorch.static.hints_text import MAX_DEPTH, elements
from namedtorch.static.hints_written import Lookup, Written, is_none

_TENSORS = frozenset({TENSOR, PARAMETER, "torch.nn.Buffer"})


def plain_tensor(node: ast.expr | None, lookup: Lookup) -> bool:
    """Tells whether an annotation promises a tensor (or None), and says nothing of its dims."""
    names = _names(node, lookup)
    return bool(names) and names <= _TENSORS


def plain_type(node: ast.expr | None, lookup: Lookup, *, strip_optional: bool = False) -> str | UnknownType:
    """The qualified name of the one type that an annotation names: `int`, `torch.Tensor`, `torch.nn.Module`.

    A generic type is named without its arguments (`list`), a `Literal` by the type of its values. Unknown for several
    types, for annotations with dims and, unless `strip_optional`, for what may be None.
    """
    names = _names(node, lookup)
    if len(names) != 1 or (not strip_optional and takes_none(node, lookup)):
        return Unknown
    (name,) = names
    return name


def takes_none(node: ast.expr | None, lookup: Lookup) -> bool:
    """Tells whether an annotation has None among its alternatives."""
    return node is not None and any(is_none(name, part) for name, part in Written(node, lookup).members())


def _names(node: ast.expr | None, lookup: Lookup) -> frozenset[str | UnknownType]:
    """The names of the types that an annotation names, without None; Unknown for what has none."""
    if node is None:
        return frozenset()
    if isinstance(node, ast.Name | ast.Attribute):
        # Most annotations are one name.
        name = lookup(node)
        if name is Unknown or isinstance(name, str):
            return frozenset({Unknown if name is Unknown else _canonical(name)} - {"types.NoneType"})
    found: set[str | UnknownType] = set()
    waiting = list(Written(node, lookup).members())
    for _ in range(MAX_DEPTH):
        if not waiting:
            return frozenset(found)
        name, part = waiting.pop()
        inner = part.node
        if is_none(name, part):
            continue
        if name is not Unknown:
            found.add(_canonical(name))
        elif isinstance(inner, ast.Subscript):
            base, _ = part.part(inner.value).named()
            if base in WRAPPERS or (base in ANNOTATED and dims_said(inner, part) is None):
                waiting += part.part(elements(inner)[0]).members()
            elif base in LITERALS:
                found |= {_type_of(one) for one in elements(inner) if not is_none(Unknown, part.part(one))}
            else:
                has_dims = base in ANNOTATED or family_named(base) is not Unknown
                found.add(Unknown if base is Unknown or has_dims else _canonical(base))
        elif isinstance(inner, ast.Call) and (parts := bounds(inner, part, False)):
            waiting += [one for each in parts for one in each.members()]
        else:
            found.add(Unknown)
    return frozenset({Unknown})


def _type_of(value: ast.expr) -> str | UnknownType:
    """The type of a value in a `Literal`."""
    if isinstance(value, ast.UnaryOp):
        value = value.operand
    return type(value.value).__name__ if isinstance(value, ast.Constant) else Unknown


@lru_cache(maxsize=4096)
def _canonical(name: str) -> str:
    """The name of a type, of the many that it goes by."""
    array = array_named(name)
    return array if array in _TENSORS else container_named(spelled(name))
