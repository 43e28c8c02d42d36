"""Calls of einops in graphs: what is checked, what stays as it is, and in which order it runs."""

import copy
import re
from pathlib import Path

import pytest
import torch

from namedtorch import LowerError
from tests.lower.constructs.case import Code, model
from tests.lower.unverified import lower

TOP = "import einops\nfrom einops import rearrange, reduce, repeat, einsum\n"

WRONG = [
    # What einops refuses, and plain steps would take: another rank, other sizes.
    ('rearrange(x[None], "a b -> (a b)")', "`a b -> (a b)` takes 2 axes"),
    ('rearrange(x[None, None], "a (b c) d -> a c b d", b=1)', "takes 3 axes"),
    ('reduce(x[None], "a b -> ", "sum")', "takes 2 axes"),
    ('rearrange(x, "a b -> b a", b=4)', "axis 1 is not of size 4"),
    ('rearrange(x, "1 b -> b")', "axis 0 is not of size 1"),
    ('reduce(x, "a 4 -> a", "sum")', "axis 1 is not of size 4"),
    ('rearrange(x, "a (b c) -> a b c", b=2)', "sizes"),
    ('rearrange(x, "a (b c) -> a b c", b=3, c=2)', "sizes"),
    ('[rearrange(y, "a (b c) -> a b c", b=1) for y in [x[0]]][0]', "takes 2 axes, and gets 1"),
    ('rearrange(self.linear(x), "... a b c -> ... b a c")', "takes 3 axes or more"),
    ('rearrange(self.linear(x), "... a b -> ... b a", a=3)', "axis -2 is not of size 3"),
    ('[rearrange(y, "... a b -> ... b a") for y in [x[0]]][0]', "takes 2 axes, and gets 1"),
    ('[rearrange(y, "a b -> b a", b=n) for y, n in [(x, 4)]][0]', "axis 1 is not of size 4"),
    ('einsum(x, x, "a b, b c -> a c")', "size"),
    ('einsum(x[None], x, "a b, c b -> a c")', "dimensions"),
]


@pytest.mark.parametrize(("call", "said"), WRONG)
def test_what_einops_refuses_the_graph_refuses(call: str, said: str, tmp_path: Path) -> None:
    given = model(Code(f"return {call}", TOP), tmp_path / "model.py")
    x = torch.ones(2, 3)
    with pytest.raises((RuntimeError, ValueError)):
        given(x)
    lowered = lower(given)
    with pytest.raises((RuntimeError, torch.jit.Error)) as caught:
        lowered(x)
    assert said in str(caught.value)


LEFT = [
    # The rank is not known, the pattern is made while it runs, the reduction is a function.
    'y = self.linear(x)\nreturn rearrange(y, "... c -> c ...")',
    'x = x[0] if x.dim() == 3 else x\nreturn rearrange(x, "... c -> c ...")',
    'return repeat(self.linear(x), "... c -> ... c 2")',
    'text = "a b -> b a" if x.dim() == 2 else "a b -> a b"\nreturn rearrange(x, text)',
    'return reduce(x, "a b -> a", torch.sum)',
    # einops refuses it.
    'return rearrange(x, "a (b c) -> a b c")',
    'return einsum(x, "a b, b c -> a c")',
]


@pytest.mark.parametrize("body", LEFT)
def test_what_is_not_known_is_refused(body: str, tmp_path: Path) -> None:
    with pytest.raises(LowerError) as caught:
        lower(model(Code(body, TOP), tmp_path / "model.py"))
    (finding,) = caught.value.findings
    assert finding.file == str(tmp_path / "model.py")
    assert re.match(
        "`(rearrange|reduce|repeat|einsum)`, of einops, with what lowering does not know", finding.what
    )
    assert "parameter its dims" in str(caught.value)


ORDERS = [
    # Sizes that change something, in the order of the call.
    'y = x.clone()\nreturn rearrange(y, "a (b c) -> c b a", c=self.next(), b=self.next() + 1) + self.n',
    'y = x.clone()\nz = y.sum() + rearrange(y.add_(1), "a b -> b a", b=self.next() + 2).sum() + y.sum()\nreturn z',
    'if x.size(0) > 0 and rearrange(x, "a b -> (b a)").sum() > -99:\n    return x * 2\nreturn x',
    'return rearrange(x, "a b -> b a") if x.size(0) == 2 else repeat(x, "a b -> (r a) b", r=self.next())',
    'return rearrange(tensor=x, pattern="a b -> b a", a=x.size(0))',
    'y = self.linear(x)\nreturn rearrange(y, "... (h c) -> ... h c", h=3) + reduce(y, "... c -> ... 1 1", "max")',
    'return [rearrange(y, "... a -> ... 1 a", a=3) * 2 for y in [x, x + 1]][1]',
    'return einops.rearrange(einops.rearrange(x, "a b -> b a"), "b (a c) -> b a c", c=2)',
]

COUNTER = "def next(self) -> int:\n    self.n += 1\n    return self.n"


@pytest.mark.parametrize("body", ORDERS)
def test_what_a_call_evaluates_is_evaluated_once_in_its_order(body: str, tmp_path: Path) -> None:
    given = model(Code(body, TOP, "self.n: int = 0", COUNTER), tmp_path / "model.py")
    x = torch.arange(6.0).reshape(2, 3)
    wanted = copy.deepcopy(given)(x.clone())
    assert torch.equal(lower(given)(x.clone()), wanted)


def test_layers_of_einops_compile_by_themselves(tmp_path: Path) -> None:
    top = "from einops.layers.torch import EinMix, Rearrange, Reduce"
    init = (
        'self.layers = nn.Sequential(Rearrange("n (c k) -> n k c", k=1), Reduce("n k c -> n c", "mean"),\n'
        '    EinMix("n c -> n d", weight_shape="c d", c=3, d=2))'
    )
    given = model(Code("return self.layers(x)", top, init), tmp_path / "model.py")
    x = torch.randn(4, 3)
    lowered = lower(given)
    torch.testing.assert_close(lowered(x), given(x))
    lowered.save(tmp_path / "model.pt")
    torch.testing.assert_close(torch.jit.load(tmp_path / "model.pt")(x), given(x))
