"""One table of calls for all guards: Python's, the matcher's, those in graphs, and the one of the C++ header."""

from typing import Any

import torch
from torch import Tensor

from namedtorch import Float, Int, Shaped, parse_signature
from namedtorch.signature.function import signature_of
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature
from tests.guards.calls import Call

z = torch.zeros
S, T = Shaped, Tensor

# Calls that one of the three once saw otherwise, and whether they are refused.
SEEN: list[tuple[dict[str, Any], tuple[Any, ...], Any, bool]] = [
    # A size of an element in a message.
    ({"x": list[S[T, "?H 2*H"]]}, ([z(1, 2), z(3, 5)],), None, True),
    ({"x": list[S[T, "?H (2 H)"]]}, ([z(1, 2), z(3, 5)],), None, True),
    ({"x": list[S[T, "?H where H > 2"]]}, ([z(3), z(2)],), None, True),
    # Arithmetic between two groups with a dim that a missing value leaves unbound.
    (
        {"x": S[T, "*a A+B *b"], "y": S[T, "B"] | None, "w": S[T, "A"]},
        (z(2, 3), None, z(4)),
        None,
        False,
    ),
    # A label between two groups.
    ({"x": S[T, "*a C=3 *b"], "y": S[T, "C"]}, (z(3), z(4)), None, True),
    ({"x": S[T, "*a C=3 *b"], "y": S[T, "C+1"]}, (z(3), z(4)), None, False),
    # `#` between two groups.
    ({"x": S[T, "*a #C *b"], "y": S[T, "C"]}, (z(1), z(3)), None, False),
    ({"x": S[T, "*a #C *b"], "y": S[T, "C"]}, (z(2), z(3)), None, True),
    # A group of an element, known where another group ends.
    (
        {"x": list[S[T, "*?h"]], "return": tuple[S[T, "*#g *?h"], S[T, "*#g *?h"]]},
        ([torch.zeros(()), torch.zeros(())],),
        (z(1, 1, 1), z(1, 3)),
        False,
    ),
    # A label of a factor.
    ({"h": S[T, "heads"], "x": S[T, "N (heads=8 d)"]}, (z(4), z(2, 64)), None, True),
    ({"h": S[T, "heads"], "x": S[T, "N (heads=8 d)"]}, (z(8), z(2, 64)), None, False),
    # Checks that wait until a later value, or the result, binds their dim.
    (
        {"x": S[T, "2*C"], "y": S[T, "C"] | None, "return": S[T, "C"]},
        (z(6), None),
        z(5),
        True,
    ),
    (
        {"x": S[T, "2*C"], "y": S[T, "C"] | None, "return": S[T, "C"]},
        (z(6), None),
        z(3),
        False,
    ),
    (
        {"x": S[T, "2*C"], "y": S[T, "C"] | None, "w": S[T, "(2 C)"]},
        (z(6), None, z(8)),
        None,
        True,
    ),
    ({"x": S[T, "*a C *b"], "return": S[T, "C"]}, (z(2, 3),), z(3), False),
    ({"x": S[T, "*a C *b"], "return": S[T, "C"]}, (z(2, 3),), z(4), True),
    # What one element bound places the next.
    (
        {"x": list[S[T, "*h C *g"]], "y": S[T, "C"]},
        ([z(2, 3, 4), z(2, 3, 4)], z(3)),
        None,
        False,
    ),
    (
        {"x": list[S[T, "*h C *g"]], "y": S[T, "C"]},
        ([z(3, 2), z(3, 3)], z(3)),
        None,
        True,
    ),
    (
        {"x": list[S[T, "*h C *g"]], "y": S[T, "C"]},
        ([z(3, 2), z(3, 2)], z(3)),
        None,
        False,
    ),
    # Shapes that are written alike.
    ({"x": S[T, "..."], "y": S[T, "..."]}, (z(2), z(3)), None, False),
    ({"x": S[T, "N C"], "y": S[T, "N C"]}, (z(2, 3), z(2, 4)), None, True),
    ({"x": S[T, "_ C"], "y": S[T, "_ C"]}, (z(2, 3), z(4, 3)), None, False),
    (
        {"x": S[T, "C C @ contiguous"], "y": S[T, "C C @ contiguous"]},
        (z(2, 2), z(2, 2).T),
        None,
        True,
    ),
]


def of(text: str) -> Signature:
    return parse_signature(text)


def annotated(**annotations: Any) -> Signature:
    space: dict[str, Any] = {}
    exec(f"def f({', '.join(name for name in annotations if name != 'returns')}): ...", space)
    function = space["f"]
    function.__annotations__ = {
        ("return" if name == "returns" else name): hint for name, hint in annotations.items()
    }
    return signature_of(function)


MESSAGES: list[tuple[Signature, tuple[Any, ...], Any, str]] = [
    (of("x: N C=3 H W -> N"), (z(8, 4, 5, 3),), None, "`x` has size 4 at axis 1, but `C` is 3"),
    (
        of("x: N C, y: C -> N"),
        (z(2, 3), z(4)),
        None,
        "`y` has size 4 at axis 0, but `C` is 3 (bound by `x` at axis 1)",
    ),
    (of("x: N C -> N"), (z(2),), None, "`x` has rank 1, but `N C` has rank 2"),
    (of("x: *b C -> N"), (z(()),), None, "`x` has rank 0, but `*b C` has rank at least 1"),
    (of("x: N 3 -> N"), (z(2, 4),), None, "`x` has size 4 at axis 1, but the annotation says 3"),
    (of("x: C, y: 2*C -> C"), (z(3), z(5)), None, "`y` has size 5 at axis 0, but `2*C` is 6"),
    (of("x: ... C, y: C -> C"), (z(2, 3), z(4)), None, "`y` has size 4 at axis 0, but `C` is 3"),
    (
        of("x: *b C, y: *b -> C"),
        (z(2, 3), z(4)),
        None,
        "`y` has the sizes [4] for `*b`, but `*b` is [2] (bound by `x`)",
    ),
    (
        of("x: N (h=8 d) -> N"),
        (z(2, 60),),
        None,
        "`x` has size 60 at axis 1, but `(h=8 d)` is a multiple of 8",
    ),
    (of("x: d, y: (h=8 d) -> d"), (z(2), z(60)), None, "`y` has size 60 at axis 0, but `(h=8 d)` is 16"),
    (of("x: H -> H where H >= 7"), (z(6),), None, "`H >= 7` does not hold: H=6"),
    (of("x: H W -> H where H*W < 10, H % 2 == 0"), (z(3, 2),), None, "`H%2 == 0` does not hold: H=3"),
    (of("x: *a C *c, m: C -> C"), (z(2, 4), z(3)), None, "`x` has no axis for `C` between its groups"),
    (of("x: *a C *c, m: C -> C"), (z(3, 3), z(3)), None, "`x` has 2 places for `C` between its groups"),
    (of("x: A B @ B A -> A"), (z(2, 3),), None, "`x` is not stored as `@ B A`: its strides are "),
    (of("x: N -> N+1"), (z(2),), z(2), "`result` has size 2 at axis 0, but `N+1` is 3"),
    (of("x: N -> M N, M"), (z(2),), (z(3, 2), z(4)), "`result[1]` has size 4 at axis 0, but `M` is 3"),
    (of("x: in class -> in"), (z(2, 3),), z(3), "`result` has size 3 at axis 0, but `in` is 2"),
    (
        annotated(x=Float[Tensor, "N"]),
        (z(2).long(),),
        None,
        "`x` has another dtype than Float",
    ),
    (annotated(x=Int[Tensor, "N"]), (z(2),), None, "`x` has another dtype than Int"),
    (
        annotated(xs=list[Shaped[Tensor, "N ?K"]]),
        ([z(2, 1), z(2, 4), z(3, 4)],),
        None,
        "`xs[2]` has size 3 at axis 0, but `N` is 2",
    ),
    (
        annotated(xs=dict[str, Shaped[Tensor, "N"]]),
        ({"a": z(2), "b": z(3)},),
        None,
        "`xs[b]` has size 3 at axis 0, but `N` is 2",
    ),
    (
        annotated(x=Shaped[Tensor, "N"] | Shaped[Tensor, "N 3"]),
        (z(2, 4),),
        None,
        '`x` fits none of Shaped[Tensor, "N"] | Shaped[Tensor, "N 3"]',
    ),
    (
        annotated(x=Shaped[Tensor, "N"] | None, y=Shaped[Tensor, "N"]),
        (z(2), z(3)),
        None,
        "`y` has size 3 at axis 0, but `N` is 2",
    ),
]


def call_of(annotations: dict[str, Any], arguments: tuple[Any, ...], result: Any) -> Call:
    """The call of a function with these annotations."""
    names = ", ".join(name for name in annotations if name != "return")
    function = eval(f"lambda {names}: None")
    function.__annotations__ = annotations
    signature = signature_of(function)
    return Call(signature, build_plan(signature), arguments, result, False)
