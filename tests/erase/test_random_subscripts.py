"""Random subscripts by names, read and written: plain torch takes and writes the same."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from namedtorch import NamedTensor
from tests.erase.running import all_compiled, hold

SIZES = {"N": 2, "C": 3, "H": 4, "W": 5}


def _bound(size: int) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *map(str, range(-size, size + 1))])


@st.composite
def _entry(draw: st.DrawFn, size: int) -> str:
    """What is taken of a dim, as it is written."""
    match draw(st.sampled_from(["place", "slice", "list", "call"])):
        case "place":
            return str(draw(st.integers(-size, size - 1)))
        case "slice":
            step = draw(st.sampled_from(["", ":2", ":"]))
            return f"{draw(_bound(size))}:{draw(_bound(size))}{step}"
        case "list":
            # Lists at several dims have one length.
            return str(draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2)))
        case _:
            return f"slice({draw(st.integers(0, size))}, None)"


@st.composite
def _index(draw: st.DrawFn, dims: tuple[str, ...]) -> str:
    """Some of the dims in any order, in pairs or in a mapping."""
    chosen = draw(st.lists(st.sampled_from(dims), min_size=1, unique=True))
    entries = [(name, draw(_entry(SIZES[name]))) for name in chosen]
    if any(":" in one for _, one in entries) or draw(st.booleans()):
        return ", ".join(f'"{name}", {one}' for name, one in entries)
    return "{" + ", ".join(f'"{name}": {one}' for name, one in entries) + "}"


@st.composite
def _program(draw: st.DrawFn) -> tuple[str, tuple[str, ...]]:
    """The lines of a function of `x`, and the dims of that."""
    dims = tuple(draw(st.permutations(list(SIZES))))[: draw(st.integers(1, 4))]
    index = draw(_index(dims))
    match draw(st.sampled_from(["read", "write", "augment"])):
        case "read":
            return f"return x[{index}]", dims
        case "write":
            return f"x[{index}] = 0.5\n    return x", dims
        case _:
            return f"x[{index}] *= 3.0\n    return x", dims


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_program(), min_size=6, max_size=6))
def test_plain_torch_takes_the_same(programs: list[tuple[str, tuple[str, ...]]]) -> None:
    texts = [
        f'def f{place}(x: Float[NamedTensor, "{" ".join(dims)}"]):\n    {body}\n'
        for place, (body, dims) in enumerate(programs)
    ]
    with TemporaryDirectory() as folder:
        made = all_compiled("\n\n".join(texts), Path(folder), [f"f{place}" for place in range(len(programs))])
        for place, (_, dims) in enumerate(programs):
            sizes = [SIZES[name] for name in dims]
            tensor = torch.arange(torch.Size(sizes).numel(), dtype=torch.float32).reshape(sizes)
            hold(made[f"f{place}"], [NamedTensor(tensor, dims)])
