"""The steps that a pattern of einops is written in give what einops gives."""

import math
import re
from dataclasses import dataclass
from typing import Any

import einops
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.einops_steps import equation, written
from namedtorch.ops.judge import Misfit
from namedtorch.ops.tensor_shape import Undetermined


def carried_out(
    operation: str, tensor: Tensor, pattern: str, reduction: str, sizes: dict[str, int], is_known: bool = True
) -> Tensor:
    """The steps, taken one by one; a size that no step asks for is checked. The rank may not be known."""
    told = written(operation, pattern, sizes, reduction, tensor.dim() if is_known else Unknown)
    assert told.trailing is not is_known
    assert all(tensor.size(one.place) == number(one.size, sizes) for one in told.held)
    for step in told.steps:
        arguments = [number(one, sizes) for one in step.arguments]
        tensor = getattr(tensor, step.method)(*arguments, **dict(step.keywords))
    return tensor


def number(value: Any, sizes: dict[str, int]) -> Any:
    """A size as the number that it is."""
    if isinstance(value, Size):
        return value.value if value.name is Unknown else sizes[value.name]
    return tuple(number(one, sizes) for one in value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Pattern:
    operation: str
    text: str
    shape: tuple[int, ...]
    sizes: dict[str, int]


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    """A pattern of any of the operations, a shape that it takes, and enough sizes."""
    operation = draw(st.sampled_from(["rearrange", "reduce", "repeat"]))
    names = {
        one: draw(st.integers(1, 4)) for one in draw(st.permutations("abcde"))[: draw(st.integers(0, 4))]
    }
    spread = draw(st.lists(st.integers(1, 3), max_size=2)) if draw(st.booleans()) else None
    left = [*names, "..."] if spread is not None else [*names]
    right = draw(st.permutations(left))
    new = {"x": 2, "y": 3} if operation == "repeat" else {}
    if operation == "reduce":
        right = right[: draw(st.integers(0, len(right)))]
    right = draw(st.permutations([*right, *new]))
    axes = grouped(draw, draw(st.permutations(left)), together=False)
    shape: list[int] = []
    given = dict(new)
    for axis in axes:
        if axis == ["..."]:
            shape += spread or []
            continue
        shape.append(int(torch.tensor([names[one] for one in axis]).prod()))
        known = axis if draw(st.booleans()) else axis[1:]
        given |= {one: names[one] for one in known}
    text = f"{spelled(axes)} -> {spelled(grouped(draw, right, together=True))}"
    return Pattern(operation, text, tuple(shape), given)


def grouped(draw: st.DrawFn, names: list[str], together: bool) -> list[list[str]]:
    """Names in groups of one, two or more, and some empty ones; `...` alone unless it may stand `together`."""
    found: list[list[str]] = []
    for one in names:
        joins = found and draw(st.booleans()) and (together or "..." not in (one, *found[-1]))
        if joins:
            found[-1].append(one)
        else:
            found += [[], [one]] if draw(st.integers(0, 4)) == 0 else [[one]]
    return found


def spelled(axes: list[list[str]]) -> str:
    return " ".join(one[0] if len(one) == 1 else f"({' '.join(one)})" for one in axes)


@settings(max_examples=300, deadline=None)
@given(patterns(), st.sampled_from(["sum", "mean", "max", "min", "prod"]))
def test_the_steps_give_what_einops_gives(pattern: Pattern, reduction: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(pattern.shape, dtype=torch.float64)
    arguments = (reduction,) if pattern.operation == "reduce" else ()
    wanted = getattr(einops, pattern.operation)(x, pattern.text, *arguments, **pattern.sizes)
    found = carried_out(pattern.operation, x, pattern.text, reduction, pattern.sizes)
    torch.testing.assert_close(found, wanted)


@settings(max_examples=200, deadline=None)
@given(patterns(), st.sampled_from(["sum", "mean", "prod"]), st.lists(st.integers(1, 3), max_size=2))
def test_steps_behind_any_number_of_axes(pattern: Pattern, reduction: str, spread: list[int]) -> None:
    assume("..." not in pattern.text and pattern.operation != "repeat")
    left, right = pattern.text.split("->")
    text = f"... {left} -> ... {right}"
    shape = (*spread, *pattern.shape)
    x = torch.arange(1.0, 1 + math.prod(shape)).reshape(shape).log()
    arguments = (reduction,) if pattern.operation == "reduce" else ()
    wanted = getattr(einops, pattern.operation)(x, text, *arguments, **pattern.sizes)
    found = carried_out(pattern.operation, x, text, reduction, pattern.sizes, is_known=False)
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize(
    ("operation", "text", "shape", "sizes"),
    [
        ("reduce", "b (h 2) (w 2) -> b h w", (2, 4, 6), {}),
        ("reduce", "b 4 -> b", (3, 4), {}),
        ("reduce", "a b -> ", (3, 4), {}),
        ("repeat", "h w -> 2 (h 3) w 3", (2, 3), {}),
        ("repeat", " -> n", (), {"n": 3}),
        ("rearrange", "b (h w) -> b h w", (2, 0), {"h": 3}),
    ],
)
def test_numbers_without_a_name(
    operation: str, text: str, shape: tuple[int, ...], sizes: dict[str, int]
) -> None:
    x = torch.arange(torch.tensor(shape).prod().item()).reshape(shape)
    arguments = ("sum",) if operation == "reduce" else ()
    assert torch.equal(
        carried_out(operation, x, text, "sum", sizes),
        getattr(einops, operation)(x, text, *arguments, **sizes),
    )


@pytest.mark.parametrize(
    ("operation", "text", "sizes"),
    [
        ("rearrange", "b (h w) -> b h w", []),
        ("rearrange", "b c -> b", []),
        ("rearrange", "b c -> b c d", ["d"]),
        ("rearrange", "b c -> b c", ["e"]),
        ("rearrange", "b b -> b", []),
        ("rearrange", "b 3 -> b 3", []),
        ("repeat", "b -> b c", []),
        ("reduce", "b -> b c", []),
    ],
)
def test_what_einops_refuses_is_a_misfit(operation: str, text: str, sizes: list[str]) -> None:
    arguments = ("sum",) if operation == "reduce" else ()
    x = torch.ones([3] * len(re.findall(r"\(.*?\)|\w+", text.partition("->")[0])))
    with pytest.raises(einops.EinopsError):
        getattr(einops, operation)(x, text, *arguments, **dict.fromkeys(sizes, 3))
    with pytest.raises(Misfit):
        written(operation, text, sizes, "sum")


def test_other_misfits() -> None:
    with pytest.raises(Undetermined):
        written("rearrange", "... a -> a ...", [])
    with pytest.raises(Misfit, match="2 axes"):
        written("rearrange", "a b -> b a", [], rank=3)
    with pytest.raises(Misfit, match="no reduction `median`"):
        written("reduce", "a b -> b", [], "median")


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("batch q dim, batch k dim -> batch q k", [(2, 3, 4), (2, 5, 4)]),
        ("... i, i j -> ... j", [(2, 3, 4), (4, 5)]),
        ("a a -> a", [(3, 3)]),
    ],
)
def test_an_equation_gives_what_einops_gives(text: str, shapes: list[tuple[int, ...]]) -> None:
    tensors = [torch.randn(shape) for shape in shapes]
    wanted = einops.einsum(*tensors, text)  # pyright: ignore[reportCallIssue] (its overloads count the tensors)
    torch.testing.assert_close(torch.einsum(equation(text), *tensors), wanted)
