"""`Size`: its canonical form keeps values, its texts read back, and what is too large is refused."""

import json
import pickle
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namedtorch.dims.size import Size, SizeLimitError
from namedtorch.dims.unknown import Unknown

SYMBOLS = ("C", "H", "T")


def size_of(text: str) -> Size:
    """Builds the size that a Python expression over `SYMBOLS` writes."""
    names: dict[str, Any] = {name: Size.symbol(name) for name in (*SYMBOLS, "K", "W", "a", "b", "c", "d")}
    built = eval(text, {"__builtins__": {}}, {**names, "min": Size.minimum, "max": Size.maximum})
    return built if isinstance(built, Size) else Size.constant(built)


def value_of(text: str, sizes: Mapping[str, int]) -> int:
    """What Python itself makes of an expression."""
    return eval(text, {"__builtins__": {}}, {**sizes, "min": min, "max": max})


CANONICAL = [
    ("(H+2*1-1*(3-1)-1)//1+1", "H"),
    ("(2*H+3)//2", "H+1"),
    ("(C*H)//C", "H"),
    ("(C*H+3*C)//C", "H+3"),
    ("(C*H+3)//C", "H+3//C"),
    ("(C*H)//(C*K)", "H//K"),
    ("(6*H)//4", "(3*H)//2"),
    ("(2*H+1)//4", "H//2"),
    ("(H-1)//2", "(H+1)//2-1"),
    ("(H//3)//(H//3)", "(H//3)//(H//3)"),
    ("(C*(H//3))//(H//3)", "(C*(H//3))//(H//3)"),
    ("(H%2)%(H%2)", "(H%2)%(H%2)"),
    ("(C*max(H,1))//max(H,1)", "C"),
    ("(H//2)//2", "H//4"),
    ("((H+1)//2+1)//2", "(H+3)//4"),
    ("(H//C)//2", "H//(2*C)"),
    ("H//-2", "(-H)//2"),
    ("-(H//2)", "-(H//2)"),
    ("(H-3)//(H-3)", "(H-3)//(H-3)"),
    ("(H-3)%(H-3)", "(H-3)%(H-3)"),
    ("0//(H-3)", "0//(H-3)"),
    ("(H+1)//(H+1)", "1"),
    ("(H*W+H+W+1)//(H+1)", "W+1"),
    ("(H*W+H)%(W+1)", "0"),
    ("C//C", "1"),
    ("C%C", "0"),
    ("C%1", "0"),
    ("H//1", "H"),
    ("(5*H+7)%3", "(2*H+1)%3"),
    ("(2*H+1)%4", "2*(H%2)+1"),
    ("(C*H)%(C*K)", "C*(H%K)"),
    ("H%-3", "-((2*H)%3)"),
    ("(H%8)%2", "H%2"),
    ("(H%4)//4", "0"),
    ("H%4%8", "H%4"),
    ("-7//2", "-4"),
    ("-7%3", "2"),
    ("min(64,T)", "min(T,64)"),
    ("min(T,64,T,128)", "min(T,64)"),
    ("min(min(T,64),H)", "min(H,T,64)"),
    ("min(T,T+1)", "T"),
    ("max(T,T+1)", "T+1"),
    ("max(C%8,7)", "7"),
    ("min(T,0)", "0"),
    ("max(T)", "T"),
    ("d*d", "d**2"),
    ("(a+b)**2", "a**2+2*a*b+b**2"),
    ("(a+b)*(a-b)", "a**2-b**2"),
    ("1-C", "1-C"),
    ("-C-1", "-C-1"),
    ("2*C+1", "2*C+1"),
    ("C-C", "0"),
    ("2*(H//2)", "2*(H//2)"),
    ("(H//2)*C*3", "3*C*(H//2)"),
    ("H//2%3", "(H//2)%3"),
    ("min(T,64)//2", "min(T,64)//2"),
    ("H//(2*C)", "H//(2*C)"),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_canonical_text(text: str, canonical: str) -> None:
    assert str(size_of(text)) == canonical
    assert size_of(canonical) == size_of(text)


def test_equal_sizes_hash_equal_and_unequal_ones_differ() -> None:
    assert len({size_of("a+b"), size_of("b+a"), size_of("a+b+0")}) == 1
    assert size_of("a+b") != size_of("a-b")
    assert size_of("a") != "a"


def test_operators_take_integers_on_either_side() -> None:
    size = Size.symbol("C")
    values = [1 + size, 10 - size, 3 * size, 100 // size, 100 % size, size + 1, size - 1, size // 2, size % 2]
    assert [value.evaluate({"C": 7}) for value in values] == [8, 3, 21, 14, 2, 8, 6, 3, 1]
    assert (+size, -size) == (size, 0 - size)
    for wrong in ("C", 2.5, None):
        with pytest.raises(TypeError):
            size + wrong  # type: ignore[operator]


def test_what_a_size_tells_of_itself() -> None:
    size = size_of("min(H,64)//2+C")
    assert size.symbols == {"C", "H"}
    assert (size.value, size_of("3").value) == (Unknown, 3)
    assert (size.name, size_of("C").name) == (Unknown, "C")
    assert repr(size) == "Size('C+min(H,64)//2')"


@pytest.mark.parametrize("name", ["C", "in", "self.cfg.hidden", "{n}", "min", "größe", "_x"])
def test_names_of_symbols_print_as_they_are(name: str) -> None:
    assert str(Size.symbol(name)) == name
    assert str(2 * Size.symbol(name) + 1) == f"2*{name}+1"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "3", "{a b}", "{", "a.", "min(a", "*batch"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a size"):
        Size.symbol(name)


RENDERED = [
    ("d**3+1", "x.d*x.d*x.d+1"),
    ("min(T,H,64)", "min(x.H,min(x.T,64))"),
    ("H//d**2", "x.H//(x.d*x.d)"),
    ("-(H//2)", "-(x.H//2)"),
    ("C-H//2", "x.C-x.H//2"),
    ("(H//2)**2", "(x.H//2)*(x.H//2)"),
]


@pytest.mark.parametrize(("text", "rendered"), RENDERED)
def test_render_writes_what_torchscript_takes(text: str, rendered: str) -> None:
    assert size_of(text).render(lambda name: f"x.{name}") == rendered


def test_evaluate_needs_every_symbol_and_divides_as_python() -> None:
    with pytest.raises(KeyError, match="H"):
        size_of("C+H").evaluate({"C": 1})
    with pytest.raises(ZeroDivisionError):
        size_of("C//(H-3)").evaluate({"C": 1, "H": 3})
    with pytest.raises(ZeroDivisionError):
        size_of("C//(H-H)")


def test_substitute_puts_sizes_in_place_of_symbols() -> None:
    size = size_of("(C*H)//W+min(T,C)")
    assert size.substitute({"C": size_of("2*W"), "T": size_of("W+9")}) == size_of("2*H+min(W+9,2*W)")
    assert size.substitute({"K": size_of("3")}) is size
    assert size_of("C+H").substitute({"C": size_of("H"), "H": size_of("C")}) == size_of("C+H")


NOT_TREES = [
    None,
    True,
    2.5,
    {},
    [],
    ["+"],
    ["-", 1, 2],
    ["//", 1],
    ["//", "C", 0],
    ["%", 1, 2, 3],
    ["**", "C", -1],
    ["**", "C", "C"],
    ["min"],
    ["C", "D"],
    [["+"], 1],
    "a b",
    2**64,
]


@pytest.mark.parametrize("tree", NOT_TREES, ids=str)
def test_from_tree_refuses_what_is_no_tree(tree: object) -> None:
    with pytest.raises(ValueError, match=r"size|exponent"):
        Size.from_tree(tree)


def nested(levels: int) -> str:
    text = "C"
    for _ in range(levels):
        text = f"({text}+1)//H*C"
    return text


LIMITED = [
    "(a+b+c+d)**64",
    "2**64",
    "C**65",
    "(C**33)**2",
    "(2*C)**63",
    nested(40),
    "+".join(f"a**{i}*b**{j}" for i in range(12) for j in range(12)),
    "min(" + ",".join(f"C*{i}-H*{i}" for i in range(1, 40)) + ")",
    "9223372036854775807*C+1*C",
    "//".join(["H", *["2"] * 70]),
]


@pytest.mark.parametrize("text", LIMITED)
def test_what_is_too_large_is_refused_quickly(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(SizeLimitError):
        size_of(text)
    assert time.perf_counter() - start < 2


def test_a_tree_that_is_too_deep_is_refused() -> None:
    tree: Any = "C"
    for _ in range(10_000):
        tree = ["min", tree, "H"]
    with pytest.raises(SizeLimitError):
        Size.from_tree(tree)


def test_substitution_that_grows_without_end_is_refused() -> None:
    def grown(times: int) -> Size:
        size = size_of("(C+1)//H+C//T")
        for _ in range(times):
            size = size.substitute({"C": size})
        return size

    assert grown(1).symbols == {"C", "H", "T"}
    with pytest.raises(SizeLimitError):
        grown(40)


def expressions() -> st.SearchStrategy[str]:
    """Python expressions over `SYMBOLS`."""
    leaves = st.sampled_from(SYMBOLS) | st.integers(-4, 9).map(lambda number: f"({number})")

    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        infix = st.builds(
            "({}{}{})".format, inner, st.sampled_from(["+", "-", "*", "//", "%", "//", "%"]), inner
        )
        constant = st.builds("({}{}{})".format, inner, st.sampled_from(["//", "%"]), st.integers(1, 6))
        call = st.builds("{}({},{})".format, st.sampled_from(["min", "max"]), inner, inner)
        power = st.builds("({}**{})".format, inner, st.integers(0, 3))
        return infix | constant | call | power | inner.map("(-{})".format)

    return st.recursive(leaves, extend, max_leaves=8)


ASSIGNMENTS = st.fixed_dictionaries({name: st.integers(0, 13) for name in SYMBOLS})


def built(text: str) -> Size | None:
    """The size of an expression, None where it divides by zero or is too large whatever the symbols are."""
    try:
        return size_of(text)
    except (ZeroDivisionError, SizeLimitError):
        return None


@settings(max_examples=400, deadline=None)
@given(text=expressions(), assignments=st.lists(ASSIGNMENTS, min_size=4, max_size=4))
def test_canonical_form_keeps_values(text: str, assignments: list[dict[str, int]]) -> None:
    size = built(text)
    if size is None:
        return
    for sizes in assignments:
        try:
            expected = value_of(text, sizes)
        except ZeroDivisionError:
            continue
        assert size.evaluate(sizes) == expected
        assert value_of(str(size), sizes) == expected
        assert value_of(size.render(lambda name: f"({name})"), sizes) == expected


@settings(max_examples=200, deadline=None)
@given(text=expressions())
def test_texts_and_trees_read_back(text: str) -> None:
    size = built(text)
    if size is None:
        return
    again = size_of(str(size))
    assert (again, hash(again), str(again)) == (size, hash(size), str(size))
    assert size_of(size.render(str)) == size
    assert not set(str(size)) & set(" \t\n")
    assert Size.from_tree(json.loads(json.dumps(size.tree()))) == size
    assert pickle.loads(pickle.dumps(size)) == size


@settings(max_examples=200, deadline=None)
@given(text=expressions(), parts=st.lists(expressions(), min_size=3, max_size=3), sizes=ASSIGNMENTS)
def test_substitution_keeps_values(text: str, parts: list[str], sizes: dict[str, int]) -> None:
    size, *replacements = map(built, (text, *parts))
    if size is None or any(part is None for part in replacements):
        return
    mapping = {name: part for name, part in zip(SYMBOLS, replacements, strict=True) if part is not None}
    try:
        inner = {name: part.evaluate(sizes) for name, part in mapping.items()}
        expected = size.evaluate(inner)
        result = size.substitute(mapping)
    except (ZeroDivisionError, SizeLimitError):
        return
    if all(value >= 0 for value in inner.values()):
        assert result.evaluate(sizes) == expected
