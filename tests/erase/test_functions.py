"""Functions that take names become those of torch, with numbers of axes."""

from pathlib import Path
from typing import Any

import pytest
import torch

from namedtorch import named
from namedtorch.erase.site import Unsettled
from tests.erase.running import agrees
from tests.erase.sources import erased

X = named(torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 7, "N C T")

CALLED = [
    ('namedtorch.cat([x, x], "C")', "torch.cat([x, x], 1)"),
    ('namedtorch.cat((x, x + 1), dim="T")', "torch.cat((x, x + 1), dim=2)"),
    ("namedtorch.cat([x, x])", "torch.cat([x, x])"),
    ("namedtorch.cat([x, x], -1)", "torch.cat([x, x], -1)"),
    (
        'namedtorch.cat([x[:, i : i + 1] for i in range(3)], "C")',
        "torch.cat([x[:, i:i + 1] for i in range(3)], 1)",
    ),
    ('namedtorch.cat([x["C", i:] for i in range(3)], "C")', "torch.cat([x[:, i:] for i in range(3)], 1)"),
    ('namedtorch.stack([x, x], "S")', "torch.stack([x, x])"),
    ('namedtorch.stack([x, x], "S", place=1)', "torch.stack([x, x], dim=1)"),
    ('namedtorch.stack(tensors=[x, x], dim="S", place=-1)', "torch.stack([x, x], dim=-1)"),
    ('namedtorch.stack([x, x], "S", place=0)', "torch.stack([x, x])"),
    ("namedtorch.stack([x, x], 1)", "torch.stack([x, x], dim=1)"),
    ("namedtorch.stack([x, x])", "torch.stack([x, x])"),
    ("namedtorch.where(x > 1, x, 0.0)", "torch.where(x > 1, x, 0.0)"),
    ("namedtorch.where(x > 1, input=x, other=-x)", "torch.where(x > 1, input=x, other=-x)"),
    ('F.softmax(x, "C")', "F.softmax(x, 1)"),
    ('F.log_softmax(x, dim="T")', "F.log_softmax(x, dim=2)"),
    ('F.normalize(x, dim="C")', "F.normalize(x, dim=1)"),
    ('namedtorch.call(torch.sum, x, dim="C")', "torch.sum(x, dim=1)"),
    ('namedtorch.call(torch.sum, x, ("N", "T"))', "torch.sum(x, (0, 2))"),
    ('namedtorch.call(torch.cumsum, x, "T")', "torch.cumsum(x, 2)"),
    ('namedtorch.call(torch.flip, x, dims=["T", "C"])', "torch.flip(x, dims=[2, 1])"),
    ('namedtorch.call(torch.fft.fft, x, dim="T").abs()', "torch.fft.fft(x, dim=2).abs()"),
    ('namedtorch.call(torch.logsumexp, x, dim="C", keepdim=True)', "torch.logsumexp(x, dim=1, keepdim=True)"),
    ("namedtorch.call(torch.relu, x)", "torch.relu(x)"),
    ("torch.relu(x)", "torch.relu(x)"),
    ("torch.cat([x, x], dim=1)", "torch.cat([x, x], dim=1)"),
    ("x @ x.transpose(1, 2)", "x @ x.transpose(1, 2)"),
]


@pytest.mark.parametrize(("call", "plain"), CALLED, ids=[call for call, _ in CALLED])
def test_a_call_is_one_of_torch(call: str, plain: str, tmp_path: Path) -> None:
    text = f"""
def f(x: Float[NamedTensor, "N C T"]):
    return {call}
"""
    assert agrees(text, tmp_path, X) == f"return {plain}"


def test_tensors_may_come_one_by_one(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C T"]):
    parts = namedtorch.stack((x["T", i] for i in range(2)), "T", place=2)
    return namedtorch.cat(zip_of(x), "C"), parts


def zip_of(x):
    return [x, x]
"""
    found = agrees(text, tmp_path, X, scripted=False)
    assert found.splitlines() == [
        "parts = torch.stack([x[..., i] for i in range(2)], dim=2)",
        "return (torch.cat(zip_of(x), 1), parts)",
    ]


KINDS = [
    ("isinstance(x, NamedTensor)", "True"),
    ("isinstance(x, Tensor)", "False"),
    ("isinstance(x, (Tensor, NamedTensor))", "True"),
    ("isinstance(x.tensor, Tensor)", "isinstance(x, Tensor)"),
    ("isinstance(x.tensor, NamedTensor)", "False"),
    ("torch.equal(x, x.transpose(1, 1))", "torch.equal(x, x.transpose(1, 1))"),
    ('torch.equal(x, x.rename(C="K"))', "False"),
]


@pytest.mark.parametrize(("ask", "plain"), KINDS, ids=[ask for ask, _ in KINDS])
def test_what_names_answer_is_a_constant(ask: str, plain: str, tmp_path: Path) -> None:
    text = f'def f(x: Float[NamedTensor, "N C T"]):\n    return {ask}\n'
    assert agrees(text, tmp_path, X) == f"return {plain}"


def test_functions_of_plain_tensors_are_what_they_were(tmp_path: Path) -> None:
    text = """
def pool(x):
    return x.mean((2, 3))


pooled = namedtorch.named_function(pool, "N C H W -> N C")


def f(x: Float[NamedTensor, "N C H W"]):
    own = namedtorch.named_function(pool, "N C H W -> N C")
    return own(x)["C", 0]
"""
    x = named(torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0)), "N C H W")
    assert agrees(text, tmp_path, x, scripted=False).splitlines() == ["own = pool", "return own(x)[:, 0]"]


def test_an_answer_that_decides_leaves_no_branch(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C T"]):
    if isinstance(x, NamedTensor):
        x = x["C", 0]
    return x
"""
    assert agrees(text, tmp_path, X) == "x = x[:, 0]\nreturn x"


UNSETTLED = [
    (
        "namedtorch.collate([x, x])",
        "`namedtorch.collate` reads names while it runs, and plain tensors have none",
    ),
    (
        "list(map(namedtorch.zeros_like, [x, x]))",
        "`namedtorch.zeros_like` is given to another function, and it gives tensors with names",
    ),
    ('F.softmax(y, "C")', "the dims of `y` are not known"),
    ('F.softmax(z, "C")', "of the dims of `z`, only these are known: `N _`"),
    ('namedtorch.cat([z, z], "C")', "the dims of `[z, z]` are not known"),
]


@pytest.mark.parametrize(("call", "reason"), UNSETTLED, ids=[call for call, _ in UNSETTLED])
def test_what_nothing_tells_is_refused(call: str, reason: str, tmp_path: Path) -> None:
    text = f"""
def f(x: Float[NamedTensor, "N C T"], y, z: Float[NamedTensor, "N _"]):
    return {call}
"""
    with pytest.raises(Unsettled) as caught:
        erased(text, tmp_path)
    assert caught.value.reason == reason
    assert caught.value.help


def test_a_loop_over_time_is_joined_by_name(tmp_path: Path) -> None:
    text = """
def f(x: Float[NamedTensor, "N C T"]):
    state = namedtorch.zeros(N=x.sizes["N"], C=x.sizes["C"])
    states: list[Tensor] = []
    for t in range(x.sizes["T"]):
        state = namedtorch.where(x["T", t] > 1, x["T", t] + state, state)
        states.append(state)
    parts = namedtorch.cat([x["T", t : t + 1] for t in range(2)], "T")
    return namedtorch.stack(states, "T", place=2), parts
"""
    found: Any = agrees(text, tmp_path, X)
    assert found.splitlines() == [
        "state = torch.zeros(x.size(0), x.size(1))",
        "states: list[Tensor] = []",
        "for t in range(x.size(2)):",
        "    state = torch.where(x[..., t] > 1, x[..., t] + state, state)",
        "    states.append(state)",
        "parts = torch.cat([x[..., t:t + 1] for t in range(2)], 2)",
        "return (torch.stack(states, dim=2), parts)",
    ]
