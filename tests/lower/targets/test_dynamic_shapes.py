"""Dynamic shapes: what torch.export is told of axes, by what a signature says of them."""

import pytest
import torch
from torch.export import Dim as TorchDim

from namedtorch.archive.interface import Input
from namedtorch.lower.targets.dynamic_shapes import DynamicShapes
from namedtorch.lower.targets.flat import FlatInput
from namedtorch.lower.targets.roots import Bounds, Linear, linear_in
from namedtorch.signature.draw import draw_sizes
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape


def dynamic(text: str) -> DynamicShapes:
    taken, where, constraints = text.partition(" where ")
    signature = parse_signature(f"{taken} -> 1{where}{constraints}")
    drawn = draw_sizes(signature)
    inputs = [
        FlatInput(Input(one.name, (one.name,)), torch.zeros(drawn.tensor(place, "")), hint, "")
        for place, (one, hint) in enumerate(zip(signature.parameters, signature.tensors, strict=False))
    ]
    return DynamicShapes(inputs, signature.where)


def told(made: DynamicShapes) -> str:
    """What torch is told, as text: `x: N 2*T auto -`."""
    parts: list[str] = []
    for name, shape in made.shapes.items():
        rank = len(made.axes[name])
        axes = [(shape or {}).get(place) for place in range(rank)]
        parts.append(
            f"{name}: "
            + " ".join(
                "-" if one is None else "auto" if one is TorchDim.AUTO else one.__name__ for one in axes
            )
        )
    return ", ".join(parts)


# (signature, what torch is told, ranges of roots)
CASES: list[tuple[str, str, dict[str, Bounds]]] = [
    ("x: N C=3 5", "x: N - -", {"N": Bounds()}),
    ("x: N T, y: N T", "x: N T, y: N T", {"N": Bounds(), "T": Bounds()}),
    ("x: C=3 H, y: C", "x: - H, y: -", {"H": Bounds()}),
    ("x: N 2*T T+1 T-1, y: T", "x: N 2*T T + 1 T - 1, y: T", {"N": Bounds(), "T": Bounds()}),
    ("x: N where N >= 7, N < 64", "x: N", {"N": Bounds(7, 63)}),
    ("x: N T where 2*T <= 33, 3 < N", "x: N T", {"N": Bounds(4), "T": Bounds(1, 16)}),
    ("x: H W where W == H", "x: H H", {"H": Bounds()}),
    ("x: H W where W == 2*H+1, H <= 8", "x: H 2*H + 1", {"H": Bounds(1, 8)}),
    ("x: H where H == 224", "x: -", {}),
    ("x: H where H % 32 == 0, H >= 40, H <= 512", "x: 32*H__32", {"H//32": Bounds(2, 16)}),
    ("x: H where H % 4 == 1", "x: 4*_H_1___4 + 1", {"(H-1)//4": Bounds(0)}),
    ("x: H, y: 2*H where H % 4 == 0", "x: 4*H__4, y: 8*H__4", {"H//4": Bounds()}),
    ("x: N (h w), y: h w", "x: N auto, y: h w", {"N": Bounds(), "h": Bounds(), "w": Bounds()}),
    ("x: N (h 4), y: h", "x: N 4*h, y: h", {"N": Bounds(), "h": Bounds()}),
    ("x: N H//2, y: H", "x: N auto, y: H", {"N": Bounds(), "H": Bounds()}),
    ("x: N _", "x: N x_axis1", {"N": Bounds(), "x_axis1": Bounds()}),
    # What torch can't be told of leaves its dims to torch.
    ("x: N T, y: S where T <= S", "x: N auto, y: auto", {"N": Bounds(), "T": Bounds(), "S": Bounds()}),
    ("x: N where N != 3", "x: auto", {"N": Bounds()}),
]


@pytest.mark.parametrize(("text", "expected", "bounds"), CASES, ids=[one[0] for one in CASES])
def test_what_torch_is_told(text: str, expected: str, bounds: dict[str, Bounds]) -> None:
    made = dynamic(text)
    assert told(made) == expected
    assert {root: made.bounds[root] for root in made.roots} == bounds


def test_sizes_and_roots_are_each_others() -> None:
    made = dynamic("x: H W T where H % 8 == 0, W == 2*T")
    sizes = made.example()
    assert made.sizes_at(made.roots_at(sizes)) == sizes
    assert made.allowed(sizes)
    assert made.sizes_at({"H//8": 3, "T": 5}) == {"H": 24, "T": 5, "W": 10}
    assert not made.allowed({"H": 9, "T": 5, "W": 10})


@pytest.mark.parametrize(
    ("text", "linear"),
    [
        ("3", Linear(None, 0, 3)),
        ("T", Linear("T", 1, 0)),
        ("2*T-1", Linear("T", 2, -1)),
        ("T*T", None),
        ("T+S", None),
        ("T//2", None),
        ("8//T", None),
        ("min(T,4)", None),
    ],
)
def test_linear_sizes(text: str, linear: Linear | None) -> None:
    (constraint,) = parse_shape(f"where {text} == 1").where
    assert linear_in(constraint.left) == linear
