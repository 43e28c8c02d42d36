"""Pooling with symbols for sizes: what comes out, and what is blamed."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims as d
from tests.ops.symbols import gives, module_gives
from tests.ops.written import size as s

IMAGE = d("N C H W")

OPERATORS: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("max_pool2d", (IMAGE, 2), {}, "N C H//2 W//2"),
    ("max_pool2d", (IMAGE, 3, 2, 1), {}, "N C (H+1)//2 (W+1)//2"),
    ("max_pool2d", (IMAGE, 3, 1, 1), {}, "N C H W"),
    ("max_pool2d", (IMAGE, 2), {"ceil_mode": True}, "N C (H+1)//2 (W+1)//2"),
    ("max_pool2d", (IMAGE, 3, 2, 1), {"ceil_mode": True}, "N C H//2+1 W//2+1"),
    ("max_pool2d", (IMAGE, s("k")), {}, "N C H//k W//k"),
    ("max_pool2d", (IMAGE, Unknown), {}, "N C _ _"),
    ("max_pool2d", (IMAGE, (2, 1)), {}, "N C H//2 W"),
    ("max_pool2d", (IMAGE, 2), {"ceil_mode": Unknown}, "N C _ _"),
    ("max_pool2d", (d("N C 8 9"), 2), {"ceil_mode": Unknown}, "N C 4 _"),
    ("max_pool2d", (IMAGE, 2), {"return_indices": True}, ("N C H//2 W//2", "N C H//2 W//2")),
    ("max_pool2d", (IMAGE, 2), {"return_indices": Unknown}, "?"),
    ("max_pool2d", (IMAGE, 3, 1, 2), {}, "window-unfit padding"),
    ("max_pool2d", (d("N C 3 W"), 4), {}, "size-impossible input[2]"),
    ("max_pool2d", (d("W"), 4), {}, "rank-unfit input"),
    ("max_pool2d", (d("... H W"), 2), {}, "... _ H//2 W//2"),
    ("max_pool2d", (d("... C H W"), 2), {}, "... C H//2 W//2"),
    ("avg_pool1d", (d("N T C"), 2), {}, "N T C//2"),
    ("avg_pool2d", (d("N C 7 7"), 7), {}, "N C 1 1"),
    ("avg_pool3d", (d("N C 2 H W"), 3, 1, 1), {}, "size-impossible input[2]"),
    ("lp_pool2d", (IMAGE, 2, 2), {}, "N C H//2 W//2"),
    ("adaptive_avg_pool2d", (IMAGE, 1), {}, "N C 1 1"),
    ("adaptive_avg_pool2d", (IMAGE, (1, None)), {}, "N C 1 W"),
    ("adaptive_avg_pool2d", (IMAGE, (s("H"), s("A"))), {}, "N C H A"),
    ("adaptive_avg_pool2d", (IMAGE, Unknown), {}, "N C _ _"),
    ("adaptive_avg_pool2d", (d("..."), (1, 1)), {}, "... _ 1 1"),
    ("adaptive_avg_pool1d", (d("N C T"), 1), {}, "N C 1"),
    ("adaptive_avg_pool2d", (IMAGE, None), {}, "window-unfit output_size"),
    ("adaptive_max_pool2d", (IMAGE, 1), {"return_indices": True}, ("N C 1 1", "N C 1 1")),
    ("fractional_max_pool2d", (IMAGE, 3), {"output_ratio": (0.5, 0.5)}, "N C H//2 W//2"),
    ("fractional_max_pool2d", (IMAGE, 3), {"output_size": 7}, "N C 7 7"),
    ("fractional_max_pool2d", (d("N C 8 W"), 3), {"output_size": 7}, "size-impossible input[2]"),
    ("max_unpool2d", (IMAGE, IMAGE, 2), {}, "N C 2*H 2*W"),
    ("max_unpool2d", (IMAGE, IMAGE, 2), {"output_size": [s("A"), s("B")]}, "N C A B"),
    ("max_unpool2d", (IMAGE, d("N C W H"), 2), {}, "index-differs indices[2]"),
]


@pytest.mark.parametrize(("name", "given", "options", "out"), OPERATORS)
def test_operator(name: str, given: tuple[Any, ...], options: dict[str, Any], out: Any) -> None:
    assert gives(f"torch.nn.functional.{name}", *given, **options) == out


MODULES: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Any, ...], Any]] = [
    ("MaxPool2d", (2,), {}, (IMAGE,), "N C H//2 W//2"),
    ("MaxPool2d", (2,), {"return_indices": True}, (IMAGE,), ("N C H//2 W//2", "N C H//2 W//2")),
    ("MaxPool2d", (3,), {"stride": 2, "padding": 1}, (IMAGE,), "N C (H+1)//2 (W+1)//2"),
    ("AvgPool2d", (s("k"),), {"stride": 1}, (IMAGE,), "N C H-k+1 W-k+1"),
    ("AdaptiveAvgPool2d", (s("s"),), {}, (IMAGE,), "N C s s"),
    ("AdaptiveAvgPool2d", ((None, 1),), {}, (IMAGE,), "N C H 1"),
    ("AdaptiveAvgPool1d", (1,), {}, (d("N C T"),), "N C 1"),
    ("MaxUnpool2d", (2,), {}, (IMAGE, IMAGE), "N C 2*H 2*W"),
    (
        "FractionalMaxPool2d",
        (3,),
        {"output_size": 7, "output_ratio": 0.5},
        (IMAGE,),
        "window-unfit output_size",
    ),
    ("FractionalMaxPool2d", (3,), {"output_ratio": 0.5}, (IMAGE,), "N C H//2 W//2"),
]


@pytest.mark.parametrize(("name", "made", "options", "given", "out"), MODULES)
def test_module(
    name: str, made: tuple[Any, ...], options: dict[str, Any], given: tuple[Any, ...], out: Any
) -> None:
    assert module_gives(f"torch.nn.{name}", made, options, *given) == out
