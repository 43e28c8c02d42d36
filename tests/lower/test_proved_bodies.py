"""Bodies at random: where a size is proved, no other one comes through."""

import linecache
from itertools import count, product
from typing import Any

import pytest
import torch
from hypothesis import event, given, note, settings
from hypothesis import strategies as st
from torch import nn

from namedtorch import Float
from namedtorch.diagnostics import LowerError
from namedtorch.lower.proved import proved_sizes
from namedtorch.lower.source import Sources
from namedtorch.signature.function import signature_of
from tests.lower.first_layers import Growing, Inner, opaque

FILES = count()
SIZES = (1, 3, 4, 5, 6, 7, 10)

NAMES = st.sampled_from(["x", "y"])
LAYERS = st.sampled_from(
    [
        "self.fc",
        "self.fc",
        "self.wide",
        "self.inner",
        "self.keep",
        "self.pair[0]",
        "self.chain",
        "self.cut",
        "self.grow",
    ]
)
CALLS = st.builds("{}({})".format, LAYERS, NAMES)
VALUES = st.one_of(
    CALLS,
    NAMES,
    st.builds("{}[:, :5]".format, NAMES),
    st.builds("({} if x.sum() > 0 else {})".format, CALLS, NAMES),
    st.builds("({} or {})".format, st.sampled_from(["True", "x.dim() > 1"]), CALLS),
    st.builds("[{} for _ in range(x.shape[0] - 1)]".format, CALLS),
    st.builds("(lambda: {})".format, CALLS),
    st.builds("{}.contiguous()".format, NAMES),
    st.builds("torch.relu({})".format, NAMES),
    st.builds("opaque({})".format, NAMES),
    st.builds("{} + 0".format, NAMES),
)
SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, VALUES),
    st.builds("z = {}".format, VALUES),
    VALUES,
    st.builds("assert {} is not None".format, CALLS),
    st.builds("{}.resize_(2, 5)".format, NAMES),
    st.builds("{}.data = torch.ones(2, 5)".format, NAMES),
    st.builds("{} += 1".format, NAMES),
    st.builds("{0}, z = {0}, 1".format, NAMES),
    st.just("return x"),
    st.builds("return {}".format, CALLS),
    st.just("pass"),
)
HEADS = st.sampled_from(
    [
        ("if x.sum() > 0:", ""),
        ("if x.sum() > 100:", "else:"),
        ("for i in range(2):", ""),
        ("for y in [x]:", ""),
        ("while x.sum() > 1000:", ""),
        ("with torch.no_grad():", ""),
        ("with contextlib.suppress(Exception):", ""),
        ("try:", "except Exception:"),
        ("try:", "finally:"),
        ("def later():", ""),
    ]
)


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def compound(head: tuple[str, str], body: list[list[str]], other: list[list[str]]) -> list[str]:
    lines = [head[0], *indented([line for one in body for line in one])]
    if head[1]:
        lines += [head[1], *indented([line for one in other for line in one])]
    return lines


STATEMENTS = st.recursive(
    SIMPLE.map(lambda line: [line]),
    lambda inner: st.builds(
        compound, HEADS, st.lists(inner, min_size=1, max_size=2), st.lists(inner, min_size=1, max_size=2)
    ),
    max_leaves=4,
)
BODIES = st.lists(STATEMENTS, min_size=1, max_size=4).map(
    lambda several: [line for one in several for line in one]
)


class Keeping(nn.Module):
    """A plain module that returns what it is given."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Cutting(nn.Module):
    """A plain module whose layer takes a part of what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(5, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x[..., :5]
        return self.fc(x)


def model(body: list[str]) -> nn.Module:
    """A module with this body in its forward."""
    file = f"<a body at random {next(FILES)}>"
    lines = ["def forward(self, x, y):", *indented(body), "    return x"]
    text = "\n".join(lines) + "\n"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names: dict[str, Any] = {"torch": torch, "opaque": opaque, "__name__": __name__}
    exec("import contextlib", names)
    exec(compile(text, file, "exec"), names)
    names["forward"].__annotations__.update(x=Float[torch.Tensor, "N A"], y=Float[torch.Tensor, "N B"])
    made: Any = type("Model", (nn.Module,), {"forward": names["forward"]})()
    made.fc, made.wide, made.inner, made.keep = nn.Linear(5, 5), nn.Linear(7, 5), Inner(), Keeping()
    made.pair = nn.ModuleList([nn.Linear(5, 5)])
    made.chain = nn.Sequential(nn.Identity(), nn.Linear(5, 5))
    made.cut, made.grow = Cutting(), Growing()
    return made


@settings(max_examples=300)
@given(BODIES)
def test_no_other_size_comes_through(body: list[str]) -> None:
    module = model(body)
    note("\n".join(body))
    file = type(module).forward.__code__.co_filename
    try:
        signature = signature_of(type(module).forward).without("self")
        known = {dim: one.size for dim, one in proved_sizes(module, signature, Sources()).items()}
    except LowerError:
        # Of two layers that ask for two sizes, nothing comes through.
        known = {"A": 0, "B": 0}
    finally:
        linecache.cache.pop(file, None)
    event(", ".join(sorted(known)) or "nothing")
    with torch.no_grad():
        for a, b in product(SIZES, SIZES):
            if a != known.get("A", a) or b != known.get("B", b):
                for sign in (1.0, -1.0):
                    assert not comes_through(module, sign, a, b), (known, a, b, sign)


def comes_through(module: nn.Module, sign: float, a: int, b: int) -> bool:
    """Whether a call with inputs of these sizes returns."""
    try:
        module(torch.full((2, a), sign), torch.full((2, b), sign))
    except (RuntimeError, TypeError, AttributeError, UnboundLocalError):
        return False
    return True


THROUGH = [
    (["z = self.fc(x)"], 5, True),
    (["z = self.fc(x)"], 7, False),
    (["x = self.cut(x)", "z = self.fc(x)"], 7, True),
    (["if x.sum() > 0:", "    return x", "z = self.fc(x)"], 7, True),
]


@pytest.mark.parametrize(("body", "size", "through"), THROUGH)
def test_a_size_that_comes_through_is_seen(body: list[str], size: int, through: bool) -> None:
    assert comes_through(model(body), 1.0, size, 3) is through
