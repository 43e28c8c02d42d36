"""What a graph says: every message starts with `namedtorch: ` and names the dim, and so do the lines that hold it."""

from typing import Any

import pytest
import torch
from torch import Tensor

from namedtorch import Float, Shaped
from namedtorch.diagnostics import LowerError
from namedtorch.runtime.guard import Guard
from namedtorch.signature.emit import graph_guard
from namedtorch.signature.function import signature_of
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature
from tests.guards.calls import Call
from tests.guards.cases import MESSAGES, annotated, of, z
from tests.guards.enforcers import by_graph


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
