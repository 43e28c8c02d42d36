"""What the language refuses in annotations of a source: the node, the characters, the message."""

import ast

import pytest

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.annotations import Alias, Refusal, read_annotation
from namedtorch.static.hints_refusal import span_in
from namedtorch.syntax.resolve import parse_shape
from tests.static.qualified_names import qualified

QUALIFIED = {
    "Annotated": "typing.Annotated",
    "Callable": "typing.Callable",
    "Dims": "namedtorch.Dims",
    "Float": "namedtorch.Float",
    "Generic": "pkg.Generic",
    "Int": "namedtorch.Int",
    "Iterator": "typing.Iterator",
    "Jax": "jaxtyping.Float",
    "Optional": "typing.Optional",
    "Tensor": "torch.Tensor",
    "torch": "torch",
}
ALIASES = {
    name: ast.parse(text, mode="eval").body
    for name, text in {
        "SHAPE": '"N C("',
        "Broken": 'Float[Tensor, "N C("]',
        "Image": 'Float[Tensor, "C H W"]',
        "Ends": 'Float[Tensor, "C where C > 2"]',
        "Two": 'Float[Tensor, "*a C *b"]',
    }.items()
}


def lookup(node: ast.expr) -> str | ast.expr | UnknownType:
    if isinstance(node, ast.Name) and node.id in ALIASES:
        return ALIASES[node.id]
    return qualified(node, QUALIFIED)


def refusals(text: str) -> tuple[Refusal, ...]:
    node = ast.parse(text, mode="eval").body
    found = read_annotation(node, lookup).refusals
    inside = set(map(id, ast.walk(node)))
    assert all(id(one.node) in inside for one in found)
    return found


def blamed(one: Refusal, source: str) -> str:
    """The characters of the source that a refusal blames, where a string's are those of its value."""
    written = ast.get_source_segment(source, one.node) or ""
    if one.offset is Unknown or one.end_offset is Unknown:
        return written
    assert isinstance(one.node, ast.Constant)
    return str(one.node.value)[one.offset : one.end_offset]


# The source, what is blamed, how the message begins.
CASES = [
    ('Float[Tensor, "N C("]', "C(", "`C(...)` is no function"),
    ('Float[Tensor, "N, C"]', ",", "axes are separated by spaces"),
    ('Jax[Tensor, "N, C"]', ",", "axes are separated by spaces"),
    ('Float[Tensor, "N C" " H, W"]', ",", "axes are separated by spaces"),
    ('Float[Tensor, "N " + "C("]', '"N " + "C("', "`C(...)` is no function"),
    ('Float[Tensor, """N\n  C("""]', "C(", "`C(...)` is no function"),
    ('Float[Tensor, "{n+1} C"]', "{n+1}", "`{n+1}` is a Python expression"),
    ('Optional[Float[Tensor, "N/2 C"]]', "/", "sizes are integers"),
    ('list[tuple[Float[Tensor, "m>=2"], ...]]', "m>=2", "`m>=2` compares"),
    ('dict[str, Float[Tensor, "N/2"]]', "/", "sizes are integers"),
    ('Callable[[Float[Tensor, "N/2"]], int]', "/", "sizes are integers"),
    ('Callable[..., Float[Tensor, "N/2"]]', "/", "sizes are integers"),
    ('Iterator[Float[Tensor, "N/2"]]', "/", "sizes are integers"),
    ('Generic[Float[Tensor, "N/2"]]', "/", "sizes are integers"),
    ('unknown[Float[Tensor, "N/2"]]', "/", "sizes are integers"),
    ('int | Float[Tensor, "N/2"] | None', "/", "sizes are integers"),
    ('Annotated[Tensor, Dims("N/2")]', "/", "sizes are integers"),
    ('Annotated[Tensor, "doc", Dims(text="N/2", dtype=Int)]', "/", "sizes are integers"),
    ('Annotated[Float[Tensor, "N/2"], "doc"]', "/", "sizes are integers"),
    ('Float[Tensor, "*a *b *c"]', "*c", "a shape has at most two groups"),
    ('Float[Tensor, "' + "N " * 60 + 'C/2 D"]', "/", "sizes are integers"),
    ('Float[Tensor, "' + "N" * 10_001 + '"]', "...", "the annotation is 10001 characters long"),
    # Strings as annotations: the characters of the string.
    ("'Float[Tensor, \"N/2\"]'", "/", "sizes are integers"),
    ("' Optional[Float[Tensor, \"N/2\"]]'", "/", "sizes are integers"),
    ("Optional['Float[Tensor, \"N/2\"]']", "/", "sizes are integers"),
    ("\"list['Float[Tensor, \\\\'N/2\\\\']']\"", "...", "sizes are integers"),
    ("'''list[\"Float[Tensor, 'N/2']\"]'''", "/", "sizes are integers"),
    ('\'Float[Tensor, """N/2"""]\'', "...", "sizes are integers"),
    ("'Float[Ünsinn | Tensor, \"N/2\"]'", "...", "sizes are integers"),
    ("'Float[Tensor]'", "Float[Tensor]", "write an array type and a shape"),
    # What is wrong without a text.
    ("Float[Tensor]", "Float[Tensor]", "write an array type and a shape: Float["),
    ('Int[Tensor, "N", "C"]', 'Int[Tensor, "N", "C"]', "write an array type and a shape: Int["),
    ("Float[Tensor, 3]", "3", "the shape is a text"),
    ('Float[Tensor, ("N", "C")]', '("N", "C")', "the shape is a text"),
    ('Float["Tensor", "N"]', '"Tensor"', "the array type 'Tensor' is a text"),
    ('Float[int, "N"]', 'Float[int, "N"]', 'Float[int, "N"]: a Python number has no axes'),
    ('Int[float | complex, ""]', 'Int[float | complex, ""]', 'Int[float | complex, ""]: a Python number'),
    ('Int[Image, "N"]', '"N"', "no dtype is both Int and Float"),
    ('Float[Ends, "N where N > 2"]', '"N where N > 2"', ""),
    ('Float[Two, "*c"]', '"*c"', "a shape has at most two groups"),
    (
        'Annotated[list[Tensor], Dims("N")]',
        "list[Tensor]",
        "dims describe one tensor, and `list[Tensor]` is none",
    ),
    ('Annotated[Tensor, Dims("N", torch.float32)]', "torch.float32", "the dtype of Dims is a family"),
    ('Annotated[Tensor, Dims("N", dtype="Float")]', '"Float"', "the dtype of Dims is a family"),
]


@pytest.mark.parametrize(("source", "place", "message"), CASES)
def test_a_refusal_points_at_what_is_wrong(source: str, place: str, message: str) -> None:
    (one,) = refusals(source)
    assert one.message.startswith(message)
    assert not one.alias
    assert place == "..." or blamed(one, source) == place


def test_the_help_is_the_languages() -> None:
    (one,) = refusals('Float[Tensor, "N, C"]')
    assert one.help == "leave the comma out"


def test_all_that_is_wrong_is_refused() -> None:
    source = 'tuple[Float[Tensor, "N/2"], list[Int[Tensor, "m>=2"]], Float[Tensor, "N"]]'
    assert [blamed(one, source) for one in refusals(source)] == ["/", "m>=2"]


def test_a_refused_part_says_nothing_and_the_rest_stays() -> None:
    node = ast.parse('tuple[Float[Tensor, "N/2"], Float[Tensor, "N"]]', mode="eval").body
    assert str(read_annotation(node, lookup).hint) == "tuple[Float[Tensor, 'N/2'], N]"


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("Broken", "Broken"),
        ("list[Broken]", "Broken"),
        ("Float[Tensor, SHAPE]", "SHAPE"),
        ("'list[Broken]'", "'list[Broken]'"),
    ],
)
def test_what_is_wrong_with_an_alias_is_said_where_it_is_used(source: str, place: str) -> None:
    (one,) = refusals(source)
    assert one.alias
    assert blamed(one, source) == place


def test_an_alias_of_another_module_is_blamed_where_it_is_used() -> None:
    node = ast.parse("list[Broken]", mode="eval").body
    found = read_annotation(
        node, lambda name: Alias(ALIASES["Broken"], lookup) if ast.unparse(name) == "Broken" else lookup(name)
    )
    (one,) = found.refusals
    assert one.alias
    assert isinstance(one.node, ast.Name)
    assert one.node in ast.walk(node)


# Where the parser stops is told by carets alone; they must lead back to the same characters.
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("N, C", (1, 2)),
        ("N C(", (2, 4)),
        ("N\tC/2", (3, 4)),
        ("N\nC/2", (3, 4)),
        ("(N C", (0, 1)),
        ("N +", (3, 3)),
        ("N " * 100 + "C/2", (201, 202)),
        ("C/2" + " N" * 100, (1, 2)),
    ],
)
def test_the_span_of_an_error_is_found_in_its_text(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(AnnotationError) as caught:
        parse_shape(text)
    found = span_in(text, caught.value)
    assert found is not Unknown
    assert (found.start, found.end) == place


def test_an_error_without_a_caret_has_no_span() -> None:
    assert span_in("N", AnnotationError("no dtype is both")) is Unknown
