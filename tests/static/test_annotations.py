"""Annotations read from source mean what the objects that they evaluate to mean."""

import ast
import dataclasses
import pydoc
import typing
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.unknown import UnknownType
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import (
    ANYTHING,
    TENSOR,
    ListHint,
    OptionalHint,
    PlainHint,
    TensorHint,
    TupleHint,
    has_dims,
    read_hint,
)
from namedtorch.static.annotations import Alias, Annotation, Lookup, read_annotation
from namedtorch.syntax.resolve import parse_shape
from tests.static.qualified_names import qualified

QUALIFIED = {
    "Annotated": "typing.Annotated",
    "Any": "typing.Any",
    "ClassVar": "typing.ClassVar",
    "Dims": "namedtorch.Dims",
    "Final": "typing.Final",
    "Float": "namedtorch.Float",
    "Float32": "namedtorch.Float32",
    "Int": "namedtorch.Int",
    "Literal": "typing.Literal",
    "Mapping": "collections.abc.Mapping",
    "NewType": "typing.NewType",
    "Optional": "typing.Optional",
    "Sequence": "collections.abc.Sequence",
    "Shaped": "namedtorch.Shaped",
    "Tensor": "torch.Tensor",
    "TypeVar": "typing.TypeVar",
    "Union": "typing.Union",
    "collections": "collections",
    "dataclasses": "dataclasses",
    "jaxtyping": "jaxtyping",
    "nn": "torch.nn",
    "nt": "namedtorch",
    "np": "numpy",
    "torch": "torch",
    "typing": "typing",
}

ALIASES = {
    "Image": 'Float[Tensor, "C H W"]',
    "Text": "'Float[Tensor, \"T\"]'",
    "Maybe": 'Optional[Float[Tensor, "N"]]',
    "Array": "Tensor",
    "Opt": "Optional",
    "SHAPE": '"N C"',
    "TWO": 'SHAPE + " H"',
    "Bound": 'TypeVar("Bound", bound=Float[Tensor, "N C"])',
    "Either": 'TypeVar("Either", Tensor, np.ndarray)',
    "Free": 'TypeVar("Free")',
    "Named": 'NewType("Named", Float[Tensor, "N C"])',
    "NC": 'Dims("N C", dtype=Int)',
    "Tree": 'dict[str, "Tree"] | list["Tree"]',
    "Branch": 'Float[Tensor, "N"] | list["Branch"]',
    "Both": 'Both | int | "Both"',
}

EVALUATED: dict[str, Any] = {name: pydoc.locate(meant) for name, meant in QUALIFIED.items()}
for _name in ("Image", "Maybe", "Array", "Opt", "SHAPE", "TWO", "Bound", "Either", "Free", "Named", "NC"):
    EVALUATED[_name] = eval(ALIASES[_name], dict(EVALUATED))


# An alias is one expression, however often it is asked for.
_KEPT = {name: ast.parse(text, mode="eval").body for name, text in ALIASES.items()}


def lookup(node: ast.expr) -> str | ast.expr | UnknownType:
    if isinstance(node, ast.Name) and node.id in _KEPT:
        return _KEPT[node.id]
    return qualified(node, QUALIFIED)


def read(text: str, names: Lookup = lookup) -> Annotation:
    return read_annotation(ast.parse(text, mode="eval").body, names)


def tensor(text: str, family: str = "Float", array: str = TENSOR) -> TensorHint:
    return TensorHint(array, FAMILIES[family], parse_shape(text))


SAME = [
    'Float[Tensor, "N C"]',
    'nt.Float[torch.Tensor, "N C"]',
    'jaxtyping.Float[Tensor, "N C"]',
    'jaxtyping.Float32[torch.Tensor, "batch 3 h w"]',
    'Float[Tensor, ""]',
    'Float[Tensor, "..."]',
    'Float[Tensor, "*a C=3 H//2 where C % 3 == 0"]',
    'Float[Tensor, "N {self.hidden} self.cfg.width"]',
    'Float[Tensor, "N C H W @ channels_last"]',
    'Float[Tensor, "N C" " H W"]',
    'Float[Tensor, "N C" + " H W"]',
    'Float[Tensor, f"N C"]',
    'Float[Tensor, f"{SHAPE} H"]',
    'Float[Tensor, "B " + SHAPE + (" W" + " K")]',
    "Float[Tensor, SHAPE]",
    "Float[Tensor, TWO]",
    'Float[Array, "N"]',
    'Float[nn.Parameter, "N"]',
    'Float[nn.parameter.Parameter, "N"]',
    'Float[torch.nn.parameter.Parameter, "N"]',
    'Float[np.ndarray, "N"]',
    'Float[Any, "N"]',
    'Float[Image, "N"]',
    'Shaped[Image, "N"]',
    'Float32[Image, "N"]',
    'Float[Maybe, "N"]',
    'Float[Tensor | None, "N"]',
    'Float[Optional[Tensor], "N"]',
    'Float[Union[Tensor, np.ndarray], "N"]',
    'Float[Tensor | np.ndarray | None, "N"]',
    'Float[Either, "N"]',
    'Float[Free, "N"]',
    'Int[int, ""]',
    'Float[bool | float, ""]',
    'Float[float, ""]',
    'Float[Tensor | float, ""]',
    'Shaped[bool | Tensor, "*a"]',
    'Int[int | float | Tensor, "N"]',
    'Annotated[Tensor, Dims("N C")]',
    'Annotated[Tensor, "doc", Dims("N C", Int), Dims("K")]',
    'Annotated[Tensor, Dims(text="N C", dtype=nt.Int)]',
    "Annotated[Tensor, NC]",
    'Annotated[Tensor | None, Dims("N C")]',
    'Annotated[Union[Tensor, np.ndarray], Dims("N C")]',
    'Annotated[Float[Tensor, "N C"], "doc"]',
    "Image",
    "Image | None",
    "Maybe",
    "Maybe | int",
    'Maybe | Float[Tensor, "N"]',
    "Optional[Image]",
    "Opt[Image]",
    "Union[Image, None]",
    "Union[Image, int, None]",
    "Union[None, Image, Optional[int]]",
    'Union[Image, Union[int, Optional[Int[Tensor, "N"]]]]',
    "Image | int | None",
    "None | Image",
    "typing.Union[Image, Image]",
    "list[Image]",
    "typing.List[Image]",
    "set[Image]",
    "frozenset[Image]",
    "collections.deque[Image]",
    "Sequence[Image]",
    "typing.Sequence[Image | None]",
    "collections.abc.MutableSequence[Image]",
    "typing.Collection[Image]",
    "tuple[Image, ...]",
    "tuple[Image, Image]",
    'tuple[Image, int, tuple[Float[Tensor, "N"], ...]]',
    "typing.Tuple[Image]",
    "typing.Tuple[Image, ...]",
    "dict[str, Image]",
    "Mapping[int, list[Image]]",
    "typing.Dict[str, Image]",
    "typing.MutableMapping[str, Image]",
    "collections.OrderedDict[str, Image]",
    "typing.OrderedDict[str, Image]",
    "collections.defaultdict[str, Image]",
    "typing.DefaultDict[str, Image]",
    "Final[Image]",
    "ClassVar[Image]",
    "Bound",
    "list[Bound]",
    "Either",
    "Free",
    "Named",
    "list[Named | None]",
    "Tensor",
    "int",
    "None",
    "Any",
    "list[int]",
    "tuple[int, ...]",
    "dict[str, Tensor]",
    "Optional[Tensor]",
    "Tensor | None",
    "Literal['Image', 'N C']",
    "collections.abc.Callable[[Image], Image]",
    "type[Tensor]",
    "Annotated[int, 3]",
]


def plain_alike(read_here: object, evaluated: object) -> object:
    """The hint read from source with the plain hints of the evaluated one, where both are plain."""
    if isinstance(read_here, PlainHint) and isinstance(evaluated, PlainHint):
        return evaluated
    if not dataclasses.is_dataclass(read_here) or type(read_here) is not type(evaluated):
        return read_here
    changes = {}
    for field in dataclasses.fields(read_here):
        mine, other = getattr(read_here, field.name), getattr(evaluated, field.name)
        if isinstance(mine, tuple) and isinstance(other, tuple) and len(mine) == len(other):
            changes[field.name] = tuple(plain_alike(one, two) for one, two in zip(mine, other, strict=True))
        else:
            changes[field.name] = plain_alike(mine, other)
    return dataclasses.replace(read_here, **changes)  # pyright: ignore[reportArgumentType]


def evaluated(text: str) -> object:
    holder = type("Holder", (), {"__annotations__": {"x": text}})
    hints = typing.get_type_hints(holder, dict(EVALUATED), include_extras=True)
    return read_hint(hints["x"])


@pytest.mark.parametrize("text", SAME)
def test_source_and_object_mean_the_same(text: str) -> None:
    found = read(text)
    expected = evaluated(text)
    assert found.refusals == ()
    assert plain_alike(found.hint, expected) == expected


@pytest.mark.parametrize("text", SAME)
def test_a_string_means_what_is_in_it(text: str) -> None:
    for written in (repr(text), repr(f"  {text} "), f"Optional[{text!r}]"):
        expected = read(f"Optional[{text}]" if written.startswith("Optional") else text).hint
        found = read(written)
        assert found.refusals == ()
        assert plain_alike(found.hint, expected) == expected


_LEAVES = st.sampled_from(
    [
        'Float[Tensor, "N C"]',
        'Int[Tensor, "*a 3"]',
        'Annotated[Tensor, Dims("N")]',
        "Image",
        "Maybe",
        "int",
        "Tensor",
        "Any",
    ]
)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        st.builds("Optional[{}]".format, inner),
        st.builds("list[{}]".format, inner),
        st.builds("Sequence[{}]".format, inner),
        st.builds("tuple[{}, ...]".format, inner),
        st.builds("dict[str, {}]".format, inner),
        pairs.map(lambda pair: f"Union[{pair[0]}, {pair[1]}]"),
        pairs.map(lambda pair: f"tuple[{pair[0]}, {pair[1]}]"),
    )


@given(st.recursive(_LEAVES, _wider, max_leaves=6))
def test_nested_hints_mean_the_same(text: str) -> None:
    expected = evaluated(text)
    found = read(text)
    assert found.refusals == ()
    assert plain_alike(found.hint, expected) == expected


MEANT = [
    # Spelled as only source can be, or as torch's many names go.
    ('jaxtyping.Float["Tensor", "N"]', tensor("N")),
    ('Float[torch.FloatTensor, "N"]', tensor("N")),
    ('Float[torch.cuda.HalfTensor, "N"]', tensor("N")),
    ('Float[torch.functional.Tensor, "N"]', tensor("N")),
    ('Int[torch.LongTensor | None, "N"]', OptionalHint(tensor("N", "Int"))),
    ('Float[jaxtyping.Array, "N"]', tensor("N", array="jax.Array")),
    ('Float[np.typing.NDArray[np.float32], "N"]', tensor("N", array="numpy.ndarray")),
    ('Float[nt.NamedTensor, "N"]', tensor("N", array="namedtorch.NamedTensor")),
    ("Text", tensor("T")),
    ('"Text"', tensor("T")),
    ("'list[\"Text\"]'", ListHint(tensor("T"))),
    ('Image | "int"', None),
    ("collections.abc.Iterable[Image]", ListHint(tensor("C H W"), "Iterable")),
    ("typing.Iterator[Image]", ListHint(tensor("C H W"), "Iterator")),
    ("typing.Generator[Image, None, None]", ListHint(tensor("C H W"), "Generator")),
    ("dataclasses.InitVar[Image]", tensor("C H W")),
    ("Branch", None),
    ('Annotated[Star, Dims("N")]', tensor("N", "Shaped", "Any")),
    ('tuple[Image, "int"]', TupleHint((tensor("C H W"), PlainHint("int")))),
]


@pytest.mark.parametrize(("text", "hint"), MEANT)
def test_what_only_source_can_say(text: str, hint: object) -> None:
    found = read(text)
    assert found.refusals == ()
    assert has_dims(found.hint)
    if hint is not None:
        assert found.hint == hint


SILENT = [
    "Star",
    "Star[Image]",
    'Star[Tensor, "N C("]',
    'Float[Star, "N"]',
    "Float[Tensor, Star]",
    "Float[Tensor, nt.SHAPE]",
    'Float[Tensor, f"N {Star}"]',
    'Float[Tensor, "N " + Star]',
    'Float[Tensor, "N %s" % 3]',
    'Float[Tensor, " ".join(["N"])]',
    'jaxtyping.Float[Tensor, "{len(self.layers)} {self.n+1}"]',
    'Annotated[Tensor, "N C"]',
    "Annotated[Tensor, nt.Dims]",
    "Annotated[Tensor, Dims(Star)]",
    "tuple[*Star]",
    "tuple[int, *tuple[Image, ...]]",
    "tuple[Image, typing.Unpack[Star]]",
    "Tree",
    "Both",
    '"N C H W"',
    '"not python ("',
    '"\\\\d [0-9]"',
    '"0 if"',
    '""',
    "Literal['Float[Tensor, \"N C(\"]']",
    "3",
    "...",
    "lambda: 0",
    "(int, str)",
    "{}",
    "Star()",
    "Image()",
    "collections.abc.Callable[..., int]",
    "tuple[()]",
    "not Image",
    "x.y[0].z",
    "[Image, int]",
    "Optional[()]",
    "list[()]",
    "dict[str]",
    "Union[()]",
    "Final",
    "Float",
    "Star[()]",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_is_not_known_says_nothing(text: str) -> None:
    found = read(text)
    assert found.refusals == ()
    assert isinstance(found.hint, PlainHint)


def test_no_annotation_says_nothing() -> None:
    assert read_annotation(None, lookup) == Annotation(ANYTHING)
    assert read("Any").hint == ANYTHING
    assert read("typing.Any").hint == ANYTHING


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("torch.Tensor", "torch.Tensor"),
        ("Optional[int]", "Optional[int]"),
        ("dict[str, 'Tensor']", "dict[str, 'Tensor']"),
        ("Literal['a', 1]", "Literal['a', 1]"),
        ("typing.Callable[[int], None]", "typing.Callable[[int], None]"),
        ("int | None", "int | None"),
        ("tuple[int, ...]", "tuple[int, ...]"),
        ("tuple[()]", "tuple[()]"),
        ("None", "None"),
        ("'Tensor'", "Tensor"),
    ],
)
def test_a_plain_hint_shows_as_it_is_written(text: str, shown: str) -> None:
    assert read(text).hint == PlainHint(shown)


def test_an_alias_of_another_module_is_read_with_the_names_there() -> None:
    there = {"F": "jaxtyping.Float", "T": "torch.Tensor"}
    image = ast.parse('F[T, "H W"]', mode="eval").body
    number = ast.parse("F", mode="eval").body

    def names(node: ast.expr) -> str | ast.expr | Alias | UnknownType:
        if isinstance(node, ast.Name) and node.id in ("Image", "Number"):
            expression = image if node.id == "Image" else number
            return Alias(expression, lambda inner: qualified(inner, there))
        return qualified(node, {"F": "elsewhere.F", "Tensor": "torch.Tensor"})

    assert read("list[Image]", names).hint == ListHint(tensor("H W"))
    assert read("list['Image']", names).hint == ListHint(tensor("H W"))
    assert read('Number[Image, "N"]', names).hint == tensor("N H W")
    assert not has_dims(read('F[Tensor, "N"]', names).hint)


def test_wrong_aliases_are_refused_where_they_are_evaluated_too() -> None:
    # The oracle of this table: what the objects refuse, the source refuses as well.
    for text in ['Float[Tensor, "N C("]', 'Float[Int[Tensor, "N"], "C"]', "Float[Tensor]", 'Float[int, "N"]']:
        with pytest.raises(AnnotationError):
            eval(text, dict(EVALUATED))
        assert read(text).refusals


DEEP = [
    "list[" * 90 + "Image" + "]" * 90,
    " | ".join(["Image"] * 1500),
    " | ".join(f"A{place}" for place in range(1500)),
    "Union[" + ", ".join(f"A{place}" for place in range(5000)) + "]",
    "tuple[" + ", ".join(["Image"] * 5000) + "]",
    ".".join(["a"] * 1500),
    "'" + "list[" * 500 + "]" * 500 + "'",
    "Float[" * 60 + "Tensor" + ', "N"]' * 60,
]


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_monstrous_annotations_are_read_in_time(text: str) -> None:
    assert read(text).refusals == ()


def test_aliases_that_double_are_read_in_time() -> None:
    names = {
        f"A{place}": ast.parse(f"dict[A{place - 1}, A{place - 1}]", mode="eval").body
        for place in range(1, 60)
    }
    names["A0"] = ast.parse('Float[Tensor, "N"]', mode="eval").body
    calls = 0

    def count(node: ast.expr) -> str | ast.expr | UnknownType:
        nonlocal calls
        calls += 1
        return names[node.id] if isinstance(node, ast.Name) and node.id in names else lookup(node)

    read("A59", count)
    assert calls < 100_000
