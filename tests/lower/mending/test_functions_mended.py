"""Constructs of functions: refused by torch, mended here, with the results of eager."""

import copy
from pathlib import Path

import pytest
import torch

from namedtorch import LowerError
from namedtorch.lower.mending.mend import unmended
from tests.lower.constructs.case import Code, model
from tests.lower.mending import function_cases_calls, function_cases_einops, function_cases_names
from tests.lower.mending.module_case import Case, hold
from tests.lower.mending.page import PAGE, page
from tests.lower.unverified import lower

CASES = [*function_cases_names.CASES, *function_cases_calls.CASES, *function_cases_einops.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.construct)
def test_refused_by_torch_and_mended_here(case: Case, tmp_path: Path) -> None:
    assert case.becomes in hold(case, tmp_path)


@pytest.mark.parametrize("case", CASES[::9], ids=lambda case: case.construct)
def test_without_mending_the_construct_is_refused(case: Case, tmp_path: Path) -> None:
    with unmended(), pytest.raises(LowerError):
        lower(model(case.code, tmp_path / "model.py"))


ORDERS = [
    "y = x\nz = y + (y := y * 2) + y\nreturn z",
    "n = 1\nv = [n, (n := n + 1), n]\nreturn x * v[0] + v[1] * 10 + v[2] * 100",
    "y = x.clone()\nz = y.sum() + (w := y.add_(1)).sum()\nreturn z + w",
    "i = 0\nwhile (i := i + 1) < 6:\n    if i == 2:\n        continue\n    x = x + i\nreturn x",
    "k = 2\nf = lambda y: y * k\na = f(x)\nk = 3\nreturn a + f(x)",
    "k = 2\ndef f(y):\n    if y.sum() > 0:\n        return y * k\n    return y\nk = 5\nreturn f(x) + f(-x)",
    "z = x\ndef f(y):\n    z = y + 1\n    return z\nw = f(x)\nreturn w + z",
    "k = 3\nrows = [k * row for row in x.unbind(0) for k in range(2) if k > 0]\nreturn rows[0] * k",
    "for i in range(3):\n    for j in range(3):\n        if j == 1:\n            break\nelse:\n    x = x * 9\nreturn x",
    "half = x.clone()\nview = half\nhalf //= 2\nreturn view + half",
    "k = x > 2\nb = k\nk &= x < 5\nreturn x * b",
    "k = x > 2\nk[1:] |= x[1:] < 5\ni = x[0] < 1\nk[0, i] ^= True\nreturn x * k",
    "y = x.clone()\nz = y\ny **= 2\nreturn z",
    "a = b = x * 2\na += 1\nreturn b",
    "vals = sorted([3, -1, 1, -3], key=lambda v: abs(v), reverse=True)\nreturn x * vals[0] + vals[1] * 10 + vals[2]",
    "y: Tensor\nif x.dim() == 2:\n    y = x + 1\nelse:\n    y = x\nreturn y",
    "sizes = [1]\nboth = [*sizes, *sizes]\nsizes.append(2)\nreturn x * len(both)",
]


@pytest.mark.parametrize("body", ORDERS)
def test_values_are_those_of_the_moment_at_which_python_reads_them(body: str, tmp_path: Path) -> None:
    given = model(Code(body), tmp_path / "model.py")
    x = torch.arange(6.0).reshape(2, 3)
    wanted = copy.deepcopy(given)(x.clone())
    assert torch.equal(lower(given)(x.clone()), wanted)


# torch leaves `strict` out.
STRICT = [
    "for a, b in zip(x.unbind(0), [1, 2], strict=True):\n    x = x + a * b\nreturn x",
    "rows = x.unbind(0)\nreturn torch.stack([a.sum() * b.sum() for a, b in zip(rows, (x + 1).unbind(1), strict=True)])",
    "y, z = x.unbind(0), x.unbind(1)\nreturn x if x.dim() == 2 and len([a for a, b in zip(y, z, strict=True)]) else -x",
]


@pytest.mark.parametrize("body", STRICT)
def test_a_strict_zip_compares_lengths(body: str, tmp_path: Path) -> None:
    given = model(Code(body), tmp_path / "model.py")
    lowered = lower(given)
    square = torch.ones(2, 2)
    torch.testing.assert_close(lowered(square), given(square))
    for called in (given, lowered):
        with pytest.raises((ValueError, torch.jit.Error), match="zip"):
            called(torch.ones(3, 1))


LEFT = [
    # The right side runs only where the left one is true.
    Code("y = x\nif x.dim() == 3 and (y := x * 5).sum() > 0:\n    return y\nreturn y"),
    # The call changes what stands before it.
    Code(
        "r = self.n + (k := self.bump())\nreturn x * r + k",
        init="self.n: int = 0",
        members="def bump(self) -> int:\n    self.n += 1\n    return self.n",
    ),
    # The comprehension hides a name that the lambda reads.
    Code("y = x\nf = lambda r: r + y.sum()\nreturn torch.stack([f(y) for y in x.unbind(0)])"),
    # A function may give the name another value.
    Code(top="G = 1\ndef change():\n    global G\n    G = 2\ndef helper(x: Tensor):\n    return x * G"),
    # Something appends to the list, or to the default.
    Code(top="L = [1, 2]\nL.append(3)\ndef helper(x: Tensor):\n    return x * len(L)"),
    Code(top="def helper(x: Tensor, s: list[int] = [1]):\n    s.append(3)\n    return x * len(s)"),
    # A list would be written otherwise.
    Code("s = tuple(x.shape)\nprint(s)\nreturn x"),
    # The dict was made of what the variable was before.
    Code("d = 0\no = {'dim': d}\nd = 1\nreturn x.sum(**o)"),
    # A loop gives the value of the function around again and again.
    Code(
        top="""
        made = []
        def around():
            for by in (1, 2):
                def inner(x: Tensor):
                    return x * by
                made.append(inner)
        around()
        helper = made[0]
        """
    ),
    # A class that other code sets.
    Code(
        top="""
        class Options:
            by = 2
        def change():
            Options.by = 3
        def helper(x: Tensor):
            return x * Options.by
        """
    ),
    # A log that asks for work.
    Code("logger.info(x.add_(1))\nreturn x", top="logger = logging.getLogger(__name__)"),
]


@pytest.mark.parametrize("code", LEFT, ids=lambda code: (code.body + code.top)[:40])
def test_what_is_not_surely_the_same_is_refused(code: Code, tmp_path: Path) -> None:
    with pytest.raises(LowerError):
        lower(model(code, tmp_path / "model.py"))


def test_the_page_is_what_the_cases_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
    assert len(CASES) >= 50
