"""Interpolation and padding with symbols for sizes: what comes out, and what is blamed."""

from typing import Any

import pytest

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims as d
from tests.ops.symbols import gives, module_gives
from tests.ops.written import size as s

IMAGE = d("N C H W")

OPERATORS: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("interpolate", (IMAGE,), {"scale_factor": 2}, "N C 2*H 2*W"),
    ("interpolate", (IMAGE,), {"scale_factor": 2.0}, "N C 2*H 2*W"),
    ("interpolate", (IMAGE,), {"scale_factor": 0.5}, "N C H//2 W//2"),
    ("interpolate", (IMAGE,), {"scale_factor": 1.5}, "N C (3*H)//2 (3*W)//2"),
    ("interpolate", (IMAGE,), {"scale_factor": 0.1}, "N C _ _"),
    ("interpolate", (IMAGE,), {"scale_factor": (2, 1)}, "N C 2*H W"),
    ("interpolate", (IMAGE,), {"scale_factor": s("k")}, "N C H*k W*k"),
    ("interpolate", (IMAGE,), {"scale_factor": Size.symbol("{k}")}, "N C _ _"),
    ("interpolate", (IMAGE,), {"scale_factor": Unknown}, "N C _ _"),
    ("interpolate", (IMAGE,), {"size": (s("A"), s("B"))}, "N C A B"),
    ("interpolate", (IMAGE,), {"size": s("A")}, "N C A A"),
    ("interpolate", (IMAGE,), {"size": [s("H"), Unknown]}, "N C H _"),
    ("interpolate", (IMAGE,), {"size": (1, 2, 3)}, "rank-unfit input"),
    ("interpolate", (IMAGE,), {"size": 0}, "size-impossible input[2]"),
    ("interpolate", (IMAGE,), {"size": 7, "scale_factor": 2}, "size-impossible size"),
    ("interpolate", (d("N H W"),), {"scale_factor": 2, "mode": "bilinear"}, "rank-unfit input"),
    ("interpolate", (d("..."),), {"scale_factor": 2, "mode": "bilinear"}, "_ _ _ _"),
    ("interpolate", (d("... C H W"),), {"scale_factor": 2, "mode": "bilinear"}, "_ C 2*H 2*W"),
    ("interpolate", (d("..."),), {"size": (7, 11)}, "_ _ 7 11"),
    ("interpolate", (d("... H W"),), {"scale_factor": 2}, "... _ 2*W"),
    ("interpolate", (d("N C ..."),), {"scale_factor": 2}, "N C ..."),
    ("upsample", (IMAGE,), {"scale_factor": 2}, "N C 2*H 2*W"),
    ("upsample_bilinear", (IMAGE,), {"scale_factor": 2}, "N C 2*H 2*W"),
    ("grid_sample", (IMAGE, d("N A B 2")), {}, "N C A B"),
    ("grid_sample", (IMAGE, d("M A B 2")), {}, "grid-differs grid[0]"),
    ("grid_sample", (IMAGE, d("N 2 A B")), {}, "N C 2 A"),
    ("grid_sample", (IMAGE, d("N A B 3")), {}, "grid-differs grid[3]"),
    ("grid_sample", (IMAGE, d("N A B 3 3")), {}, "rank-unfit grid"),
    ("grid_sample", (IMAGE, Unknown), {}, "N C _ _"),
    ("affine_grid", (d("N 2 3"), (s("N"), 3, s("H"), s("W"))), {}, "N H W 2"),
    ("affine_grid", (d("N 3 4"), (s("N"), 3, s("H"), s("W"))), {}, "grid-differs theta[1]"),
    ("affine_grid", (d("M 2 3"), (s("N"), 3, s("H"), s("W"))), {}, "grid-differs theta[0]"),
    ("pad", (IMAGE, (1, 1)), {}, "N C H W+2"),
    ("pad", (IMAGE, (1, 1, 2, 2)), {}, "N C H+4 W+2"),
    ("pad", (IMAGE, (0, s("p"))), {}, "N C H W+p"),
    ("pad", (IMAGE, (0, s("T") - s("W"))), {}, "N C H T"),
    ("pad", (IMAGE, (-1, -1)), {}, "N C H W-2"),
    ("pad", (IMAGE, (1, 1, 0, Unknown)), {"mode": "reflect"}, "N C _ W+2"),
    ("pad", (IMAGE, Unknown), {}, "_ _ _ _"),
    ("pad", (IMAGE, (1, 2, 3)), {}, "window-unfit pad"),
    ("pad", (d("W"), (1, 1, 2, 2)), {}, "rank-unfit input"),
    ("pad", (d("N C 3"), (3, 3)), {"mode": "reflect"}, "size-impossible input[2]"),
    ("pad", (d("N C 3"), (3, 3)), {"mode": "circular"}, "N C 9"),
    ("pad", (d("... W"), (1, 1)), {}, "... W+2"),
    ("pad", (d("... W"), (1, 1, 2, 2)), {}, "... W+2"),
    ("pad", (d("*batch W"), (1, 1)), {}, "*batch W+2"),
]


@pytest.mark.parametrize(("name", "given", "options", "out"), OPERATORS)
def test_operator(name: str, given: tuple[Any, ...], options: dict[str, Any], out: str) -> None:
    assert gives(f"torch.nn.functional.{name}", *given, **options) == out


MODULES: list[tuple[str, tuple[Any, ...], dict[str, Any], str, str]] = [
    ("Upsample", (), {"scale_factor": 2}, "N C H W", "N C 2*H 2*W"),
    ("Upsample", ((s("A"), s("B")),), {"mode": "bilinear"}, "N C H W", "N C A B"),
    ("Upsample", (), {"scale_factor": 2, "mode": "bilinear"}, "N C T", "rank-unfit input"),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}, "N C H W", "N C 2*H 2*W"),
    ("UpsamplingBilinear2d", (), {"scale_factor": 2}, "...", "_ _ _ _"),
    ("ZeroPad2d", (1,), {}, "N C H W", "N C H+2 W+2"),
    ("ZeroPad2d", (s("p"),), {}, "N C H W", "N C H+2*p W+2*p"),
    ("ConstantPad1d", ((s("p"), 0), 0.0), {}, "N C T", "N C T+p"),
    ("ReflectionPad2d", ((1, 2, 3, 4),), {}, "N C H W", "N C H+7 W+3"),
    ("ReplicationPad3d", (1,), {}, "N C D H W", "N C D+2 H+2 W+2"),
    ("CircularPad1d", (4,), {}, "N C 3", "size-impossible input[2]"),
    ("CircularPad1d", (4,), {}, "N C D T", "rank-unfit input"),
]


@pytest.mark.parametrize(("name", "made", "options", "image", "out"), MODULES)
def test_module(name: str, made: tuple[Any, ...], options: dict[str, Any], image: str, out: str) -> None:
    assert module_gives(f"torch.nn.{name}", made, options, d(image)) == out
