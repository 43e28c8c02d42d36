"""Annotations of torch's stubs and of namedtorch's rooms, as the stub of `NamedTensor` spells them."""

import ast
from collections.abc import Collection
from typing import Final

from tests.typing.torch_stubs import fields

TENSOR: Final = "_AnyTensor"
"""What a parameter that takes tensors takes."""

ALIASES: Final = {
    TENSOR: "NamedTensor | Tensor",
    "_Device": "torch.device | str | int",
    "_Sizes": "torch.Size | list[int] | tuple[int, ...]",
}
"""Aliases that the stub has of its own."""

_RENAMED: Final = {
    "_bool": "bool",
    "_complex": "complex",
    "_device": "torch.device",
    "_dtype": "torch.dtype",
    "_float": "float",
    "_int": "int",
    "_layout": "torch.layout",
    "_qscheme": "torch.qscheme",
    "_size": "_Sizes",
    "_symsize": "torch.Size | Sequence[int | torch.SymInt]",
    "Callable": "Callable[..., Any]",
    "DeviceLikeType": "_Device",
    "Generator": "torch.Generator",
    "IntLikeType": "int | torch.SymInt",
    "list": "Any",
    "memory_format": "torch.memory_format",
    "numpy.ndarray": "NDArray[Any]",
    "Self": "NamedTensor",
    "Size": "torch.Size",
    "Stream": "torch.Stream",
    "SymInt": "torch.SymInt",
    "UntypedStorage": "torch.UntypedStorage",
}
"""Names of torch's stubs, in the words of ours."""

HOMES: Final = {
    "Any": "typing",
    "Callable": "collections.abc",
    "Iterator": "collections.abc",
    "Literal": "typing",
    "NDArray": "numpy.typing",
    "Number": "torch.types",
    "Sequence": "collections.abc",
    "Storage": "torch.types",
    "Tensor": "torch",
    "TypedStorage": "torch.storage",
    "overload": "typing",
}
"""The modules of the names that are left."""

_RESULTS: Final = "torch.return_types."


def taken(annotation: ast.expr) -> ast.expr:
    """What a parameter of torch's takes: named tensors wherever it takes tensors."""
    return _Spelled(TENSOR).visit(annotation)


def taken_dim(annotation: ast.expr) -> ast.expr:
    """What a parameter that is a dim, or a list of dims, takes: names wherever it takes numbers."""
    spelled: list[str] = []
    for part in _parts(annotation):
        match ast.unparse(part):
            case "_int":
                spelled += ["int", "str"]
            case "_size":
                spelled.append("Sequence[int | str]")
            case "None":
                spelled.append("None")
            case other:
                raise LookupError(f"no dim is spelled {other}")
    return _parsed(" | ".join(spelled))


def given(annotation: ast.expr) -> ast.expr:
    """What a method of torch's gives: named tensors wherever it gives tensors."""
    return _Spelled("NamedTensor").visit(annotation)


def unquoted(annotation: ast.expr) -> ast.expr:
    """An annotation without quotes, which a stub does not need."""
    return _Unquoted().visit(annotation)


def result_classes() -> dict[str, tuple[str, ...]]:
    """The classes of results with fields, and their fields: `_ValuesIndices`."""
    return {_class_of(names): names for names in fields().values()}


def shadowed(annotation: ast.expr, members: Collection[str]) -> ast.expr:
    """An annotation inside of a class: `int` is `_int` where the class has a member of that name."""
    return _Shadowed(members).visit(annotation)


def names_in(annotation: ast.expr) -> list[str]:
    """All names that an annotation is made of."""
    return [one.id for one in ast.walk(annotation) if isinstance(one, ast.Name)]


class _Spelled(ast.NodeTransformer):
    def __init__(self, tensor: str) -> None:
        self.tensor = tensor

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _parsed(self.tensor if node.id == "Tensor" else _RENAMED.get(node.id, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = ast.unparse(node)
        if name.startswith(_RESULTS):
            return _parsed(_class_of(fields()[name.removeprefix(_RESULTS)]))
        return _parsed(_RENAMED.get(name, name))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """A list of tensors is taken as a sequence: no list of one kind is a list of either."""
        kind = ast.unparse(node.value)
        node.slice = self.visit(node.slice)
        if kind == "list" and self.tensor == TENSOR and TENSOR in names_in(node.slice):
            node.value = _parsed("Sequence")
        return node


class _Unquoted(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return _parsed(node.value) if isinstance(node.value, str) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if ast.unparse(node.value) != "Literal":
            node.slice = self.visit(node.slice)
        return node


class _Shadowed(ast.NodeTransformer):
    def __init__(self, members: Collection[str]) -> None:
        self.members = members

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(f"_{node.id}") if node.id in self.members else node


def _class_of(names: tuple[str, ...]) -> str:
    words = [word for name in names for word in name.split("_")]
    return "_" + "".join(word[0].upper() + word[1:] for word in words)


def _parts(annotation: ast.expr) -> list[ast.expr]:
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*_parts(left), *_parts(right)]
        case _:
            return [annotation]


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
