"""What a graph says: every message starts with `namedtorch: ` and names the dim, and so do the lines that hold it."""

from typing import Any

import pytest
import torch
from torch import Tensor

from namedtorch import Float, Int, Shaped, parse_signature
from namedtorch.diagnostics import LowerError
from namedtorch.runtime.guard import Guard
from namedtorch.signature.emit import graph_guard
from namedtorch.signature.function import signature_of
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature
from tests.guards.calls import Call
from tests.guards.enforcers import by_graph

z = torch.zeros


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


@pytest.mark.parametrize(("signature", "arguments", "result", "message"), MESSAGES)
def test_messages(signature: Signature, arguments: tuple[Any, ...], result: Any, message: str) -> None:
    verdict = by_graph(Call(signature, build_plan(signature), arguments, result, False))
    assert verdict.refused
    assert verdict.text.startswith(f"namedtorch: {message}")


@pytest.mark.parametrize(("signature", "arguments", "result", "message"), MESSAGES)
def test_lines_of_a_graph(
    signature: Signature, arguments: tuple[Any, ...], result: Any, message: str
) -> None:
    """Every refusal is a ValueError with the prefix, and no line mentions a dim as a variable."""
    guard = graph_guard(build_plan(signature), "f")
    lines = [*guard.before, *guard.after]
    raised = [line.strip() for line in lines if "raise" in line]
    assert raised
    for line in raised:
        assert line.startswith(('raise ValueError("namedtorch: ', 'raise ValueError(f"namedtorch: '))
    assert all((len(line) - len(line.lstrip())) % 4 == 0 for line in lines)


def test_an_attribute_path_must_be_a_constant_by_then() -> None:
    signature = annotated(self=Any, x=Shaped[Tensor, "N self.width"])
    with pytest.raises(LowerError, match=r"`self\.width` is no constant of the module"):
        graph_guard(build_plan(signature), "f")
    closed = signature.closed({"self.width": 3}).without("self")
    verdict = by_graph(Call(closed, build_plan(closed), (z(2, 4),), None, False))
    assert verdict.text == "namedtorch: `x` has size 4 at axis 1, but `width` is 3"


def test_parameters_named_as_variables_of_a_guard() -> None:
    signature = of("s0: N C, d0: C, s1: *b N, p0: *b -> N")
    values = (z(2, 3), z(3), z(4, 2), z(4))
    assert not by_graph(Call(signature, build_plan(signature), values, z(2), True)).refused
    wrong = (z(2, 3), z(4), z(4, 2), z(4))
    assert "`d0` has size 4" in by_graph(Call(signature, build_plan(signature), wrong, z(2), False)).text


def test_a_plan_is_the_same_each_time() -> None:
    signature = of("x: *a C *b, y: C D, z: 2*C+D (C D) -> *a *b")
    first = [graph_guard(build_plan(signature), "f") for _ in range(3)]
    assert len({(one.before, one.after) for one in first}) == 1
    assert Guard(signature, "f").plan.to_json() == build_plan(signature).to_json()


def test_candidates_between_groups_are_axes_of_the_tensor() -> None:
    """They count from the left of the tensor, not from where its groups begin."""

    def f(x: Float[Tensor, "N *a C *b"], mean: Float[Tensor, "C"]) -> None: ...

    x, mean = torch.zeros(2, 3, 3, 4), torch.zeros(3)
    lines = graph_guard(build_plan(signature_of(f)), "f")
    code = "\n".join(lines.before)
    with pytest.raises(ValueError, match=r"2 places for `C` between its groups: axes \[1, 2\]"):
        exec(code, {"torch": torch, **lines.functions}, {"x": x, "mean": mean})
