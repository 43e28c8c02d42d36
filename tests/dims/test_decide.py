"""`decide`: what it answers, and that no assignment contradicts it."""

import re
import time
from collections import Counter
from itertools import product
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namedtorch.dims.constraint import RELATIONS, Constraint, Relation
from namedtorch.dims.decide import Answer, decide
from namedtorch.dims.size import Size, SizeLimitError

SYMBOLS = ("C", "H", "T")


def size_of(text: str) -> Size:
    """Builds the size that a Python expression writes."""
    names: dict[str, Any] = {name: Size.symbol(name) for name in re.findall(r"[A-Za-z]+", text)}
    built = eval(text, {"__builtins__": {}}, {**names, "min": Size.minimum, "max": Size.maximum})
    return built if isinstance(built, Size) else Size.constant(built)


def constraint_of(text: str) -> Constraint:
    left, relation, right = text.split(" ")
    return Constraint(size_of(left), cast("Relation", relation), size_of(right))


def answer_of(left: str, right: str, constraints: str) -> Answer:
    where = [constraint_of(text) for text in constraints.split(", ") if text]
    return decide(size_of(left), size_of(right), where)


EQUAL = [
    ("(H+2*1-1*(3-1)-1)//1+1", "H", ""),
    ("2*(H//2)", "H", "H%2 == 0"),
    ("H//2+(H+1)//2", "H", ""),
    ("H-H//2", "(H+1)//2", ""),
    ("(3*H)//2", "H+H//2", ""),
    ("H%4", "H-4*(H//4)", ""),
    ("max(a,b)+min(a,b)", "a+b", ""),
    ("max(H,1)", "H", ""),
    ("min(H,H//2+1)", "H//2+1", ""),
    ("(H-7)//2+1", "(H-5)//2", "H >= 7"),
    ("(H+31)//32*32", "H", "H%32 == 0"),
    ("H//4", "H//2-H//4", "H%4 == 0"),
    ("H", "W", "W == H"),
    ("H", "W", "H >= W, W >= H"),
    ("H", "3", "H > 2, H < 4"),
    ("C", "G*(C//G)", "C%G == 0"),
    ("C//G*G", "C", "C%G == 0"),
    ("E", "L*d", "E%L == 0, d == E//L"),
    ("2*((C*H)//2)", "C*H", "(C*H)%2 == 0"),
    ("8*((C+K)//8)", "C+K", "(C+K)%8 == 0"),
    ("C*H", "64", "C*H == 64"),
    ("H%4", "1", "H%8 == 5"),
    ("min(T,64)", "T", "T <= 64"),
    ("min(T,64)", "64", "T >= 64"),
    ("(H+1)//2", "H//2+1", "H%2 == 1"),
    ("2*C", "K", "K == 2*C, H >= 7"),
    ("a", "c", "a == b, b == c"),
]

DIFFERENT = [
    ("H", "H+1", ""),
    ("2*a", "2*b+1", ""),
    ("C", "2*C", ""),
    ("C", "0", ""),
    ("C+H", "1", ""),
    ("H*W", "W*H+W", ""),
    ("min(T,64)", "65", ""),
    ("max(T,64)", "63", ""),
    ("T", "T//2", ""),
    ("H//2+1", "H//3", ""),
    ("H%4", "4", ""),
    ("H%4", "T+3", ""),
    ("2*(H//2)", "H", "H%2 == 1"),
    ("H", "3", "H >= 7"),
    ("H", "8", "H <= 7"),
    ("H", "W", "H > W"),
    ("H", "W", "H != W"),
    ("2*H", "2*W", "H != W"),
    ("H", "W+C", "H < W"),
    ("H%4", "1", "H%8 == 6"),
    ("C*H", "65", "C*H == 64"),
    ("4*H", "6", ""),
    ("6*C+4*H", "9", ""),
    ("C", "K", "C%8 == 0, K == 12"),
    ("2*K", "3*C+1", "2*K == 3*C"),
    ("C*(H//2)", "C*H", ""),
    ("T//64", "T", ""),
]

UNKNOWN = [
    ("2*(H//2)", "H", ""),
    ("C", "2*K", ""),
    ("C", "K", ""),
    ("C", "3", ""),
    ("H//2", "H//3", ""),
    ("min(T,64)", "64", ""),
    ("T", "min(T,64)+1", ""),
    ("C", "G*(C//G)", ""),
    ("(H-3)//(H-3)", "2-H//H+H-H", "K == 1"),
    ("H", "W", "H >= W"),
    ("C*H", "64", "C*H >= 64"),
    ("(H-W)%3", "0", ""),
    ("(H-W)%T", "0", ""),
    ("a", "b", "a == 0"),
    ("a", "b", "a == c, c == a+1"),
    ("a", "b", "3 == 4"),
    ("a", "b", "a//(b-b+1) != a"),
]


@pytest.mark.parametrize(
    ("left", "right", "where", "answer"),
    [
        *((*case, Answer.EQUAL) for case in EQUAL),
        *((*case, Answer.DIFFERENT) for case in DIFFERENT),
        *((*case, Answer.UNKNOWN) for case in UNKNOWN),
    ],
)
def test_answers(left: str, right: str, where: str, answer: Answer) -> None:
    assert answer_of(left, right, where) is answer
    assert answer_of(right, left, where) is answer


def test_the_work_is_bounded() -> None:
    hard = [
        ("+".join(f"min(a{i}*b,c//{i})" for i in "xyzuvwpq").replace("//x", "//5"), "K"),
        ("+".join(f"(a*b+c*H)//{i}" for i in range(2, 30)), "K*T"),
        ("max(min(a,b),min(c,d),min(H,K),min(W,T))**3", "max(a*b,c*d)//7"),
        ("((a+b+c)**6)//30%7", "(a*b*c)%11"),
    ]
    for left, right in hard:
        left = re.sub(r"//([a-z])", r"//(\1+1)", left)
        start = time.perf_counter()
        answer_of(left, right, "a >= b, b > c, H%8 == 0, a*b*c <= 100")
        assert time.perf_counter() - start < 2


def leaves() -> st.SearchStrategy[str]:
    return st.sampled_from(SYMBOLS) | st.integers(-3, 8).map(lambda number: f"({number})")


def expressions(size: int) -> st.SearchStrategy[str]:
    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        infix = st.builds(
            "({}{}{})".format, inner, st.sampled_from(["+", "-", "+", "-", "*", "//", "%"]), inner
        )
        constant = st.builds("({}{}{})".format, inner, st.sampled_from(["//", "%", "*"]), st.integers(1, 4))
        call = st.builds("{}({},{})".format, st.sampled_from(["min", "max"]), inner, inner)
        return infix | constant | call

    return st.recursive(leaves(), extend, max_leaves=size)


def related(text: str) -> st.SearchStrategy[tuple[str, str]]:
    """Pairs that are likely to have an answer: a size, and the same one but a little different."""
    changes = [
        "{0}",
        "{0}+1",
        "{0}-2",
        "2*{0}",
        "{0}//2+({0}+1)//2",
        "3*({0}//3)+{0}%3",
        "max({0},T)",
        "{0}+H",
    ]
    return st.tuples(st.just(text), st.sampled_from(changes).map(lambda change: change.format(f"({text})")))


PAIRS = expressions(4).flatmap(related) | st.tuples(expressions(4), expressions(4))
CONSTRAINTS = st.lists(st.tuples(expressions(3), st.sampled_from(RELATIONS), expressions(2)), max_size=3)
SIZES = [dict(zip(SYMBOLS, values, strict=True)) for values in product((1, 2, 3, 4, 5, 7, 8, 12), repeat=3)]


def assert_sound(pair: tuple[str, str], where: list[tuple[str, str, str]]) -> Answer:
    """Holds an answer against every assignment of `SIZES` that satisfies the constraints."""
    try:
        left, right = map(size_of, pair)
        constraints = [Constraint(size_of(a), cast("Relation", r), size_of(b)) for a, r, b in where]
    except (ZeroDivisionError, SizeLimitError):
        return Answer.UNKNOWN
    answer = decide(left, right, constraints)
    if answer is Answer.UNKNOWN:
        return answer
    for sizes in SIZES:
        try:
            if all(one.holds(sizes) for one in constraints):
                assert (left.evaluate(sizes) == right.evaluate(sizes)) is (answer is Answer.EQUAL), sizes
        except ZeroDivisionError:
            continue
    return answer


@settings(max_examples=300, deadline=None)
@given(pair=PAIRS)
def test_no_assignment_contradicts_an_answer(pair: tuple[str, str]) -> None:
    assert_sound(pair, [])


@settings(max_examples=300, deadline=None)
@given(pair=PAIRS, where=CONSTRAINTS)
def test_no_assignment_that_is_given_contradicts_an_answer(
    pair: tuple[str, str], where: list[tuple[str, str, str]]
) -> None:
    assert_sound(pair, where)


SIMPLE = [
    "C",
    "H",
    "T",
    "C+H",
    "H-T",
    "2*H",
    "2*H-1",
    "H//2",
    "H%3",
    "C*H",
    "C//H",
    "C%H",
    "min(H,T)",
    "max(C,4)",
    "3",
    "6",
]


def test_answers_on_simple_sizes_are_sound_and_of_every_kind() -> None:
    facts = [("H%2", "==", "0"), ("C%H", "==", "0"), ("T", ">=", "H"), ("H", "<=", "4"), ("C", "!=", "T")]
    seen = Counter(
        assert_sound((left, right), [fact] if fact else [])
        for index, (left, right) in enumerate(product(SIMPLE, repeat=2))
        for fact in [facts[index % len(facts)], None]
    )
    assert set(seen) == set(Answer)
