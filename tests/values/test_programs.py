"""Random programs on NamedTensor: plain torch's numbers by positions, and no dependence on the layout of the input.

Sizes are distinct, so that a name at a wrong axis shows as a size as well as a number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from namedtorch import NamedTensor, cat, contract, named, stack, where

SIZES = {"A": 2, "B": 3, "C": 5, "D": 7}


@dataclass(frozen=True)
class Step:
    """One operator: by names on a named tensor, and by positions on a plain one whose names are told beside it.

    `plain` gives the tensor and its names.
    """

    what: str
    by_name: Callable[[NamedTensor], NamedTensor]
    plain: Callable[[Tensor, list[str]], tuple[Tensor, list[str]]]


def _same(what: str, function: Callable[..., object]) -> Step:
    return Step(what, function, lambda t, n: (function(t), n))  # pyright: ignore[reportArgumentType]


def _along(method: str, name: str, *more: object) -> Step:
    """An operator along one dim that keeps it."""
    return Step(
        f"{method} {name}",
        lambda x: getattr(x, method)(name, *more) if method != "roll" else x.roll(1, name),
        lambda t, n: (
            getattr(t, method)(n.index(name), *more) if method != "roll" else t.roll(1, n.index(name)),
            n,
        ),
    )


def _removing(method: str, name: str, pick: int | None = None) -> Step:
    def by_name(x: NamedTensor) -> NamedTensor:
        found = getattr(x, method)(name)
        return found if pick is None else found[pick]

    def plain(t: Tensor, n: list[str]) -> tuple[Tensor, list[str]]:
        found = getattr(t, method)(n.index(name))
        return found if pick is None else found[pick], [one for one in n if one != name]

    return Step(f"{method} {name}", by_name, plain)


def _keeping(name: str) -> Step:
    return Step(
        f"mean {name} kept",
        lambda x: x - x.mean(name, keepdim=True),
        lambda t, n: (t - t.mean(n.index(name), keepdim=True), n),
    )


def _aligned(name: str) -> Step:
    return Step(
        f"sum {name} aligned",
        lambda x: x * x.sum(name).align_as(x),
        lambda t, n: (t * t.sum(n.index(name), keepdim=True), n),
    )


def _selected(name: str, place: int) -> Step:
    return Step(
        f"select {name}",
        lambda x: x[name, place],
        lambda t, n: (t.select(n.index(name), place), [one for one in n if one != name]),
    )


def _narrowed(name: str) -> Step:
    return Step(
        f"narrow {name}",
        lambda x: x[{name: slice(0, 2)}],
        lambda t, n: (t.narrow(n.index(name), 0, 2), n),
    )


def _contracted(name: str) -> Step:
    def weight(size: int) -> Tensor:
        return torch.linspace(-1, 1, size * 4, dtype=torch.float64).reshape(size, 4)

    def plain(t: Tensor, n: list[str]) -> tuple[Tensor, list[str]]:
        place = n.index(name)
        product = torch.tensordot(t, weight(t.shape[place]), dims=([place], [0]))
        return product, [*(one for one in n if one != name), "E"]

    return Step(
        f"contract {name}",
        lambda x: contract(x, named(weight(x.size(name)), (name, "E")), over=name),
        plain,
    )


def _joined(name: str) -> Step:
    return Step(
        f"cat {name}",
        lambda x: cat([x, x.flip(name)], dim=name),
        lambda t, n: (torch.cat([t, t.flip(n.index(name))], n.index(name)), n),
    )


def _swapped(first: str, second: str) -> Step:
    def plain(t: Tensor, n: list[str]) -> tuple[Tensor, list[str]]:
        a, b = n.index(first), n.index(second)
        names = list(n)
        names[a], names[b] = names[b], names[a]
        return t.transpose(a, b), names

    return Step(f"transpose {first} {second}", lambda x: x.transpose(first, second), plain)


def _steps(names: list[str]) -> list[Step]:
    found = [
        _same("relu", lambda x: x.relu()),  # pyright: ignore[reportAttributeAccessIssue]
        _same("affine", lambda x: x * 0.5 + 1),  # pyright: ignore[reportOperatorIssue]
        Step(
            "where",
            lambda x: where(x > 0, x, x * 0.1),
            lambda t, n: (torch.where(t > 0, t, t * 0.1), n),
        ),
    ]
    for name in names:
        found += [_along(method, name) for method in ("softmax", "cumsum", "flip", "roll", "log_softmax")]
        found += [_keeping(name), _aligned(name), _joined(name), _narrowed(name)]
        if len(names) > 1:
            found += [_removing(method, name) for method in ("sum", "mean", "amax", "logsumexp")]
            found += [_removing("max", name, 0), _selected(name, 1)]
            if "E" not in names:
                found.append(_contracted(name))
            found += [_swapped(name, other) for other in names if other != name]
    if len(names) < 4 and "S" not in names:
        found.append(
            Step(
                "stack",
                lambda x: stack([x, -x], "S"),
                lambda t, n: (torch.stack([t, -t]), ["S", *n]),
            )
        )
    return found


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[str], list[Step]]:
    """Names of an input, and steps that each fit what those before it leave."""
    names = draw(st.permutations("ABCD").map(lambda order: order[: draw(st.integers(2, 4))]))
    tensor = _input(list(names))
    left, steps = list(names), list[Step]()
    for _ in range(draw(st.integers(1, 6))):
        options = [one for one in _steps(left) if _fits(one, tensor, left)]
        step = draw(st.sampled_from(options))
        tensor, left = step.plain(tensor, left)
        steps.append(step)
    return list(names), steps


def _fits(step: Step, tensor: Tensor, names: list[str]) -> bool:
    """Whether there is a second place along the dim, for the steps that take it."""
    method, *name = step.what.split()
    return method not in ("select", "narrow") or tensor.shape[names.index(name[0])] > 1


def _input(names: list[str]) -> Tensor:
    generator = torch.Generator().manual_seed(len(names))
    return torch.rand([SIZES[name] for name in names], generator=generator, dtype=torch.float64) - 0.4


@settings(max_examples=150, deadline=None)
@given(programs())
def test_names_and_positions_give_the_same_numbers(program: tuple[list[str], list[Step]]) -> None:
    names, steps = program
    tensor, left = _input(names), list(names)
    x = named(tensor, names)
    for step in steps:
        tensor, left = step.plain(tensor, left)
        x = step.by_name(x)
        assert list(x.dims) == left, step.what
        assert torch.equal(x.tensor, tensor), step.what


@settings(max_examples=150, deadline=None)
@given(programs(), st.randoms(use_true_random=False))
def test_the_layout_of_the_input_changes_the_layout_of_the_result_alone(
    program: tuple[list[str], list[Step]], random: Random
) -> None:
    names, steps = program
    other = list(names)
    random.shuffle(other)
    x = named(_input(names), names)
    y = x.align_to(*other)
    for step in steps:
        x, y = step.by_name(x), step.by_name(y)
    assert sorted(map(str, x.dims)) == sorted(map(str, y.dims))
    assert torch.allclose(y.align_to(*x.dims).tensor, x.tensor, rtol=1e-12, atol=1e-12)


def test_a_program_that_mixes_two_dims_up_is_told() -> None:
    """The harness sees a wrong axis: one step by another name gives other sizes."""
    x = named(_input(["A", "B"]), "A B")
    right, wrong = _removing("sum", "A"), _removing("sum", "B")
    assert list(right.by_name(x).dims) == ["B"]
    assert right.by_name(x).shape != wrong.plain(x.tensor, ["A", "B"])[0].shape
