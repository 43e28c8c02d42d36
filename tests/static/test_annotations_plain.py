"""Annotations without dims: which promise a tensor, which name one type."""

import ast

import pytest

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.annotations import plain_tensor, plain_type, takes_none
from tests.static.qualified_names import qualified

QUALIFIED = {
    **{
        name: f"typing.{name}"
        for name in (
            "Annotated",
            "Any",
            "ClassVar",
            "Dict",
            "Final",
            "List",
            "Literal",
            "NewType",
            "Optional",
            "Sequence",
            "Tuple",
            "TypeVar",
            "Union",
        )
    },
    "Dims": "namedtorch.Dims",
    "Float": "jaxtyping.Float",
    "Tensor": "torch.Tensor",
    "nn": "torch.nn",
    "np": "numpy",
    "pkg": "pkg",
    "torch": "torch",
}
ALIASES = {
    name: ast.parse(text, mode="eval").body
    for name, text in {
        "T": "Tensor",
        "MaybeT": "Optional[Tensor]",
        "Bound": 'TypeVar("Bound", bound=nn.Module)',
        "Free": 'TypeVar("Free")',
        "Size": 'NewType("Size", int)',
        "Image": 'Float[Tensor, "H W"]',
        "Loop": 'Final["Loop"]',
    }.items()
}


def lookup(node: ast.expr) -> str | ast.expr | UnknownType:
    if isinstance(node, ast.Name) and node.id in ALIASES:
        return ALIASES[node.id]
    return qualified(node, QUALIFIED)


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


# The annotation, the type that it names, whether it may be None.
CASES: list[tuple[str, str | UnknownType, bool]] = [
    ("int", "int", False),
    ("'int'", "int", False),
    ("float", "float", False),
    ("Size", "int", False),
    ("Tensor", "torch.Tensor", False),
    ("T", "torch.Tensor", False),
    ("MaybeT", "torch.Tensor", True),
    ("torch.FloatTensor", "torch.Tensor", False),
    ("Union[torch.FloatTensor, Tensor]", "torch.Tensor", False),
    ("nn.Parameter", "torch.nn.Parameter", False),
    ("nn.Module", "torch.nn.Module", False),
    ("nn.modules.linear.Linear", "torch.nn.Linear", False),
    ("Bound", "torch.nn.Module", False),
    ("np.ndarray", "numpy.ndarray", False),
    ("pkg.Config", "pkg.Config", False),
    ("Optional[int]", "int", True),
    ("Optional['int']", "int", True),
    ("int | None", "int", True),
    ("None | int", "int", True),
    ("Union[int, None, int]", "int", True),
    ("Final[int]", "int", False),
    ("ClassVar[Optional[int]]", "int", False),
    ("Annotated[int, 3]", "int", False),
    ("list[int]", "list", False),
    ("List[int]", "list", False),
    ("Optional[Tuple[int, ...]]", "tuple", True),
    ("Dict[str, Tensor]", "dict", False),
    ("tuple", "tuple", False),
    ("Sequence[int]", "typing.Sequence", False),
    ("type[nn.Module]", "type", False),
    ("Literal['a', 'b']", "str", False),
    ("Literal[-1, 1]", "int", False),
    ("Literal['a', None]", "str", False),
    ("Literal[-1, 'a']", Unknown, False),
    ("Literal[pkg.Color.RED]", Unknown, False),
    ("int | str", Unknown, False),
    ("int | str | None", Unknown, True),
    ("Literal['a', 1]", Unknown, False),
    ("None", Unknown, True),
    ("unknown", Unknown, False),
    ("unknown | int", Unknown, False),
    ("Free", Unknown, False),
    ("Image", Unknown, False),
    ('Optional[Float[Tensor, "N"]]', Unknown, True),
    ("Loop", Unknown, False),
    ("3", Unknown, False),
    ("int()", Unknown, False),
    ("'no python ('", Unknown, False),
]


@pytest.mark.parametrize(("text", "name", "none"), CASES)
def test_the_one_type_that_an_annotation_names(text: str, name: object, none: bool) -> None:
    node = expression(text)
    assert takes_none(node, lookup) is none
    assert plain_type(node, lookup, strip_optional=True) == name
    if none:
        assert plain_type(node, lookup) is Unknown
    elif text != "ClassVar[Optional[int]]":
        assert plain_type(node, lookup) == name


TENSORS = [
    "Tensor",
    "'Tensor'",
    "T",
    "torch.Tensor",
    "torch.LongTensor",
    "torch.cuda.FloatTensor",
    "torch.functional.Tensor",
    "nn.Parameter",
    "nn.parameter.Parameter",
    "Tensor | None",
    "MaybeT",
    "Optional[torch.Tensor]",
    "Union[Tensor, nn.Parameter]",
    "Union[torch.LongTensor, torch.FloatTensor, None]",
    "Final[Tensor]",
    "Annotated[Tensor, 'doc']",
]
OTHERS = [
    "int",
    "None",
    "Any",
    "unknown",
    "Tensor | int",
    "Tensor | unknown",
    "np.ndarray",
    "list[Tensor]",
    "Image",
    "Image | Tensor",
    'Float[Tensor, "N"]',
    'Annotated[Tensor, Dims("N")]',
    "torch.nn.Module",
    "torch.distributed.tensor.DTensor",
    "Free",
]


@pytest.mark.parametrize("text", TENSORS)
def test_a_tensor_of_unknown_dims(text: str) -> None:
    assert plain_tensor(expression(text), lookup)


@pytest.mark.parametrize("text", OTHERS)
def test_no_tensor_of_unknown_dims(text: str) -> None:
    assert not plain_tensor(expression(text), lookup)


def test_no_annotation_names_nothing() -> None:
    assert not plain_tensor(None, lookup)
    assert not takes_none(None, lookup)
    assert plain_type(None, lookup) is Unknown
