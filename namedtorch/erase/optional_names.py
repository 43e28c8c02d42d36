"""Names that are None at first and something else later: a graph wants to know from the start what they will be."""

import ast
from collections.abc import Iterator

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.worth import Worth
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.domain import ListValue, Many, Maybe, Real, Text, Val, held_items


def annotated_none(node: ast.stmt, definition: ast.FunctionDef, worth: Worth) -> ast.AnnAssign | None:
    """`past: Optional[Tensor] = None` for `past = None`, where all that `past` is given later is known to be a tensor.

    None for any other statement, and where nobody knows a type, or there are several.
    """
    match node:
        case ast.Assign(targets=[ast.Name(id=name) as target], value=ast.Constant(value=None)):
            found = {type_of(one) for one in _given(name, definition, worth)}
        case _:
            return None
    if len(found) != 1 or any(
        one.arg == name for one in ast.walk(definition.args) if isinstance(one, ast.arg)
    ):
        return None
    kind = found.pop()
    if kind is None:
        return None
    annotation = ast.parse(f"Optional[{kind}]", mode="eval").body
    for one in ast.walk(annotation):
        ast.copy_location(one, node.value)
    return ast.copy_location(ast.AnnAssign(target, annotation, node.value, 1), node)


def _given(name: str, definition: ast.FunctionDef, worth: Worth) -> Iterator[Val]:
    """What a name is given but for None; `Unknown` where that is not an expression of its own."""
    for one in ast.walk(definition):
        match one:
            case ast.Assign(targets=[ast.Name(id=other)], value=value) if other == name:
                if not (isinstance(value, ast.Constant) and value.value is None):
                    yield worth.value(value)
            case ast.Name(id=other, ctx=ast.Store()) if other == name:
                if not _is_plain_target(one, definition):
                    yield Unknown
            case _:
                pass


def _is_plain_target(target: ast.Name, definition: ast.FunctionDef) -> bool:
    return any(
        isinstance(one, ast.Assign) and len(one.targets) == 1 and one.targets[0] is target
        for one in ast.walk(definition)
    )


def type_of(value: Val) -> str | None:
    """The type of a value as TorchScript spells it; None where it is not known."""
    match value:
        case Array():
            return "Tensor"
        case bool():
            return "bool"
        case Size():
            return "int"
        case str() | Text():
            return "str"
        case float() | Real():
            return "float"
        case Maybe(value=inner):
            # Something that may be None itself is given on.
            return type_of(inner)
        case tuple():
            parts = [type_of(one) for one in value]
            return None if None in parts or not parts else f"Tuple[{', '.join(str(one) for one in parts)}]"
        case ListValue(cell=cell):
            items = held_items(cell)
            kinds = {type_of(one) for one in items} if isinstance(items, tuple) else {_item(items)}
            kind = kinds.pop() if len(kinds) == 1 else None
            return None if kind is None else f"List[{kind}]"
        case Many(item=item):
            kind = type_of(item)
            return None if kind is None else f"List[{kind}]"
        case _:
            return None


def _item(items: object) -> str | None:
    return type_of(items.item) if isinstance(items, Many) else None
