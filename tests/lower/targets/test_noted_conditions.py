"""Conditions on sizes in torch's words: whether they hold, and what they are in dims."""

import pytest

from namedtorch.dims.size import Size
from namedtorch.lower.targets.noted_conditions import NotedCondition, noted_conditions

N, T = Size.symbol("N"), Size.symbol("T")
LENGTHS = {"x": [N, T], "y": [N, T // 2], "z": [N, None]}


def condition(text: str) -> NotedCondition:
    (found,) = noted_conditions([text])
    return found


# (text, sizes of `x` and `y`, whether it holds, as `where` has it)
CASES = [
    ("L['x'].size()[1] != 64", (2, 64), False, "T != 64"),
    (" L['x'].size()[0] == L['y'].size()[0]", (2, 8), True, "N == N"),
    ("(L['x'].size()[1]*L['x'].size()[0]) <= 100", (11, 10), False, "N*T <= 100"),
    ("(L['y'].size()[1] % 4) != 0", (2, 16), False, "(T//2)%4 != 0"),
    ("2*(L['x'].size()[1] // 2) < L['x'].size()[1]", (2, 7), True, "2*(T//2) < T"),
    ("L['x'].size()[1] != max(1, L['x'].size()[0])", (7, 7), False, "T != max(N,1)"),
    # What no `where` says.
    ("math.trunc(0.5*torch.sym_float(L['x'].size()[1])) == 3", (2, 7), True, ""),
    ("L['z'].size()[1] != 3", (2, 7), True, ""),
    ("___of_another_torch(L['x'])", (2, 7), True, ""),
    ("L['x'].size()[1] // L['z'].size()[1] == 3", (2, 7), False, ""),
]


@pytest.mark.parametrize(("text", "sizes", "holds", "stated"), CASES, ids=[one[0] for one in CASES])
def test_a_condition_holds_of_sizes_and_is_stated_in_dims(
    text: str, sizes: tuple[int, int], holds: bool, stated: str
) -> None:
    one = condition(text)
    assert one.holds({"x": sizes, "y": (sizes[0], sizes[1] // 2), "z": (2, 0)}) is holds
    assert one.stated(LENGTHS) == stated


def test_a_condition_knows_its_axes_and_what_it_excludes() -> None:
    one = condition("(L['x'].size()[1] + L['y'].size()[0]) != L['x'].size()[1]*3")
    assert one.axes == (("x", 1), ("y", 0))
    assert one.excludes
    assert one.distance({"x": (2, 5), "y": (2, 2)}) == -8
    assert not condition("L['x'].size()[1] == 3").excludes
    assert condition("L['x'].size()[1] == 3").distance({"x": (2, 5)}) is None
