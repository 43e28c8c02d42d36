"""Convolutions with symbols for sizes: what comes out, and what is blamed."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims as d
from tests.ops.symbols import gives, module_gives
from tests.ops.written import size as s

C, K, G = s("C"), s("K"), s("G")
IMAGE = "N C H W"

MODULES: list[tuple[str, tuple[Any, ...], dict[str, Any], str, str]] = [
    ("Conv2d", (C, K, 3), {"padding": 1}, IMAGE, "N K H W"),
    ("Conv2d", (C, K, 3), {}, IMAGE, "N K H-2 W-2"),
    ("Conv2d", (C, K, 1), {}, IMAGE, "N K H W"),
    ("Conv2d", (C, K, 1, 2), {}, IMAGE, "N K (H+1)//2 (W+1)//2"),
    ("Conv2d", (C, K, 4, 2, 1), {}, IMAGE, "N K H//2 W//2"),
    ("Conv2d", (C, K, 3, 2, 1), {}, IMAGE, "N K (H+1)//2 (W+1)//2"),
    ("Conv2d", (3, 64, 7, 2, 3), {}, "N 3 H W", "N 64 (H+1)//2 (W+1)//2"),
    ("Conv2d", (3, 96, 16, 16), {}, "N 3 224 224", "N 96 14 14"),
    ("Conv2d", (3, 96, 16, 16), {}, "N 3 H W", "N 96 H//16 W//16"),
    ("Conv2d", (3, K, s("p"), s("p")), {}, "N 3 H W", "N K H//p W//p"),
    ("Conv2d", (C, K, s("k"), s("s"), s("p")), {}, IMAGE, "N K (H-k+2*p)//s+1 (W-k+2*p)//s+1"),
    ("Conv2d", (C, K, (3, 1)), {"padding": (1, 0)}, IMAGE, "N K H W"),
    ("Conv2d", (C, K, 3), {"padding": 2, "dilation": 2}, IMAGE, "N K H W"),
    ("Conv2d", (C, K, Unknown), {"padding": 1}, IMAGE, "N K _ _"),
    ("Conv2d", (C, K, 3, Unknown), {"padding": 1}, IMAGE, "N K _ _"),
    ("Conv2d", (C, K, Unknown), {"padding": "same"}, IMAGE, "N K H W"),
    ("Conv2d", (C, Unknown, 3), {"padding": 1}, IMAGE, "N _ H W"),
    ("Conv2d", (Unknown, K, 3), {"padding": 1}, IMAGE, "N K H W"),
    ("Conv2d", (C, K, 3), {"padding": 1, "stride": 0}, IMAGE, "window-unfit stride"),
    ("Conv2d", (C, K, 3), {"padding": "same", "stride": 2}, IMAGE, "window-unfit stride"),
    ("Conv2d", (C, K, 9), {}, "N C 8 W", "size-impossible input[2]"),
    ("Conv2d", (C, K, 3), {}, "N H W C", "channels-differ input[1]"),
    ("Conv2d", (K, C, 3), {}, IMAGE, "channels-differ input[1]"),
    ("Conv2d", (3, K, 3), {}, "N 4 H W", "channels-differ input[1]"),
    ("Conv2d", (3, K, 3), {}, "4 H W", "channels-differ input[0]"),
    ("Conv2d", (3, K, 3), {}, "3 H W", "K H-2 W-2"),
    ("Conv2d", (C, C, 3), {"groups": C, "padding": 1}, IMAGE, "N C H W"),
    ("Conv2d", (C, K, 3), {"groups": G, "padding": 1}, IMAGE, "N K H W"),
    ("Conv2d", (6, 8, 3), {"groups": 3}, "N 6 H W", "channels-differ out_channels"),
    ("Conv2d", (7, 9, 3), {"groups": 3}, "N 7 H W", "channels-differ in_channels"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "...", "... K _ _"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "... W", "... K _ W"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "... C H W", "... K H W"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "*batch C H W", "*batch K H W"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "... N C H W", "N K H W"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "N ...", "... K _ _"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "... A N C H W", "rank-unfit input"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "H W", "rank-unfit input"),
    ("Conv2d", (C, K, 3), {"padding": 1}, "_ _ _ _", "_ K _ _"),
    ("Conv1d", (C, K, 3), {"padding": 1}, "N C T", "N K T"),
    ("Conv1d", (C, K, 3), {"padding": 1}, "N T C", "channels-differ input[1]"),
    ("Conv1d", (C, K, 3), {"padding": 2}, "N C T", "N K T+2"),
    ("Conv3d", (C, K, (1, 3, 3)), {"padding": (0, 1, 1)}, "N C D H W", "N K D H W"),
    ("LazyConv2d", (K, 3), {"padding": 1}, IMAGE, "N K H W"),
    ("LazyConv2d", (8, 3), {"groups": 3}, IMAGE, "channels-differ out_channels"),
    ("ConvTranspose2d", (C, K, 4, 2, 1), {}, IMAGE, "N K 2*H 2*W"),
    ("ConvTranspose2d", (C, K, 3, 2, 1, 1), {}, IMAGE, "N K 2*H 2*W"),
    ("ConvTranspose2d", (C, K, 2, 2), {}, IMAGE, "N K 2*H 2*W"),
    ("ConvTranspose2d", (C, K, 3), {"padding": 1}, IMAGE, "N K H W"),
    ("ConvTranspose2d", (C, K, s("k"), s("s")), {}, IMAGE, "N K H*s+k-s W*s+k-s"),
    ("ConvTranspose2d", (K, C, 4, 2, 1), {}, IMAGE, "channels-differ input[1]"),
    ("LazyConvTranspose1d", (K, 4, 2, 1), {}, "N C T", "N K 2*T"),
]


@pytest.mark.parametrize(("name", "made", "options", "image", "out"), MODULES)
def test_module(name: str, made: tuple[Any, ...], options: dict[str, Any], image: str, out: str) -> None:
    assert module_gives(f"torch.nn.{name}", made, options, d(image)) == out


def test_output_size() -> None:
    made = ("torch.nn.ConvTranspose2d", (C, K, 3, 2), {})
    assert module_gives(*made, d(IMAGE), [s("A"), s("B")]) == "N K A B"
    assert module_gives(*made, d(IMAGE), Unknown) == "N K _ _"
    assert module_gives(*made, d("N C 3 5"), [7, 12]) == "N K 7 12"
    assert module_gives(*made, d("N C 3 5"), [9, 12]) == "size-impossible output_size"


OPERATORS: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("conv2d", (d(IMAGE), d("K C 3 3")), {"padding": 1}, "N K H W"),
    ("conv2d", (d(IMAGE), d("K C k k")), {}, "N K H-k+1 W-k+1"),
    ("conv2d", (d(IMAGE), d("K D 3 3")), {}, "channels-differ input[1]"),
    ("conv2d", (d(IMAGE), d("C 1 3 3")), {"groups": C, "padding": 1}, "N C H W"),
    ("conv2d", (d(IMAGE), d("K C//2 3 3")), {"groups": 2, "padding": 1}, "N K H W"),
    ("conv2d", (d("N 8 H W"), d("K 3 3 3")), {"groups": 2}, "channels-differ input[1]"),
    ("conv2d", (d(IMAGE), d("7 C 3 3")), {"groups": 2}, "channels-differ weight"),
    ("conv2d", (d(IMAGE), d("K C 3 3"), d("C")), {}, "channels-differ bias[0]"),
    ("conv2d", (d(IMAGE), d("K C 3")), {}, "rank-unfit weight"),
    ("conv2d", (d(IMAGE), d("K C 3 3")), {"stride": (1, 2, 3)}, "window-unfit stride"),
    ("conv2d", (d(IMAGE), Unknown), {}, "N _ _ _"),
    ("conv2d", (Unknown, d("K C 3 3")), {}, "... K _ _"),
    ("conv2d", (Unknown, Unknown), {}, "... _ _ _"),
    ("conv_transpose2d", (d(IMAGE), d("C K 2 2")), {"stride": 2}, "N K 2*H 2*W"),
    ("conv_transpose2d", (d(IMAGE), d("K C 2 2")), {"stride": 2}, "channels-differ input[1]"),
    ("conv1d", (d("N 1 T"), d("K 1 t")), {}, "N K T-t+1"),
]


@pytest.mark.parametrize(("name", "given", "options", "out"), OPERATORS)
def test_operator(name: str, given: tuple[Any, ...], options: dict[str, Any], out: str) -> None:
    assert gives(f"torch.nn.functional.{name}", *given, **options) == out
    assert gives(f"torch.{name}", *given, **options) == out
