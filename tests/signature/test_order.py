"""The order of parameters does not matter: one verdict, and one set of failing arguments."""

from itertools import permutations

import pytest
import torch

from namedtorch.diagnostics import DimError
from namedtorch.runtime.guard import guarded
from namedtorch.signature.text import parse_signature

Call = dict[str, tuple[str, tuple[int, ...]]]

# Parameters with their sizes, the sizes of the result and its shape, whether the call fits.
CALLS: list[tuple[Call, str, tuple[int, ...], bool]] = [
    ({"t": ("*a C *b", (2, 3, 4)), "mean": ("C", (3,))}, "*a C *b", (2, 3, 4), True),
    ({"t": ("*a C *b", (2, 3, 4)), "mean": ("C", (5,))}, "*a C *b", (2, 3, 4), False),
    ({"x": ("a+1 a", (4, 3)), "y": ("2*a b", (6, 2)), "z": ("a*b", (6,))}, "b", (2,), True),
    ({"x": ("a+1 a", (4, 3)), "y": ("2*a b", (6, 2)), "z": ("a*b", (5,))}, "b", (2,), False),
    ({"x": ("(h w)", (12,)), "y": ("(w k)", (20,)), "z": ("h", (3,))}, "k", (5,), True),
    ({"x": ("(h w)", (12,)), "y": ("(w k)", (20,)), "z": ("h", (5,))}, "k", (5,), False),
    ({"x": ("N C=3", (2, 3)), "y": ("C", (3,)), "z": ("N where N < C", (2,))}, "", (), True),
    ({"x": ("N C=3", (2, 3)), "y": ("C", (4,))}, "", (), False),
    ({"x": ("*#b C", (2, 1, 3)), "y": ("*#b C", (5, 3)), "z": ("*b", (2, 5))}, "*b C", (2, 5, 3), True),
    ({"x": ("*#b C", (2, 1, 3)), "y": ("*#b C", (5, 3)), "z": ("*b", (2, 4))}, "*b C", (2, 5, 3), False),
    ({"x": ("#C", (1,)), "y": ("C", (4,)), "z": ("#C=4", (1,))}, "2*C", (8,), True),
    ({"x": ("2*C", (6,)), "y": ("N", (2,))}, "C", (3,), True),
    ({"x": ("2*C", (6,)), "y": ("N", (2,))}, "C", (4,), False),
]


@pytest.mark.parametrize(("call", "shape", "result", "fits"), CALLS)
def test_parameters_may_stand_in_any_order(
    call: Call, shape: str, result: tuple[int, ...], fits: bool
) -> None:
    for order in permutations(call):
        text = ", ".join(f"{name}: {call[name][0].split(' where ')[0]}" for name in order)
        where = [call[name][0].split(" where ")[1] for name in order if " where " in call[name][0]]
        signature = parse_signature(f"{text} -> {shape}" + (f" where {', '.join(where)}" if where else ""))
        function = guarded(signature, lambda *_: torch.zeros(result), "f")
        values = [torch.zeros(call[name][1]) for name in order]
        if fits:
            assert function(*values).shape == result
        else:
            with pytest.raises(DimError):
                function(*values)
