"""Patterns of einops with symbols for sizes: what comes out, and what is blamed."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array
from tests.ops.symbols import dims as d
from tests.ops.symbols import gives, module_gives
from tests.ops.written import size

REARRANGED: list[tuple[str, str, dict[str, Any], str]] = [
    ("N C H W", "b c h w -> b h w c", {}, "N H W C"),
    ("N H W C", "b c h w -> b h w c", {}, "N W C H"),
    ("N C H W", "b c h w -> b (h w) c", {}, "N (H W) C"),
    ("N C H W", "b c h w -> (b c) h w", {}, "(N C) H W"),
    ("B T (h d)", "b t (h d) -> b h t d", {"h": size("h")}, "B h T d"),
    ("B T (h d)", "b t (h d) -> b h t d", {"d": size("d")}, "B h T d"),
    ("B T D", "b t (h d) -> b h t d", {"h": size("heads")}, "B heads T D//heads"),
    ("B T 512", "b t (h d) -> b h t d", {"h": 8}, "B 8 T 64"),
    ("B T 512", "b t (h d) -> b h t d", {"h": 7}, "elements-differ tensor[2]"),
    ("B T 3*H*d", "b t (k h d) -> k b h t d", {"k": 3, "h": size("H")}, "3 B H T d"),
    ("B T 3*H*d", "b t (k h d) -> k b h t d", {"k": 3}, "bad-pattern tensor[2]"),
    ("B C 224 224", "b c (h p) (w q) -> b (h w) (p q c)", {"p": 16, "q": 16}, "B (14 14) (16 16 C)"),
    ("B C H W", "b c h -> b h c", {}, "bad-pattern tensor"),
    ("... C", "b c h -> b h c", {}, "_ C _"),
    ("B ... C", "b c h -> b h c", {}, "B C _"),
    ("... H W", "... h w -> ... w h", {}, "... W H"),
    ("... H W", "... h w -> ... (h w)", {}, "... (H W)"),
    ("... H W", "... h w -> (...) h w", {}, "_ H W"),
    ("N C H W", "b c h w -> b c h", {}, "bad-pattern pattern"),
    ("N C H W", "b c h w -> b c h w", {"c": 3}, "N C H W"),
    ("N 4 H W", "b c h w -> b c h w", {"c": 3}, "elements-differ tensor[1]"),
    ("N 1 W", "b 1 w -> b w", {}, "N W"),
    ("N C", "b c -> b c 1", {}, "N C 1"),
    ("N _ C", "b (h w) c -> b c h w", {"h": 14}, "N C 14 _"),
    ("N T C", "b (h w) c -> b c h w", {"h": Unknown}, "N C _ _"),
    ("N T C", "b (h w) c -> b c h w", {"h": 14, "w": 14}, "N C 14 14"),
    ("N 197 C", "b (h w) c -> b c h w", {"h": 14, "w": 14}, "elements-differ tensor[1]"),
]


@pytest.mark.parametrize(("shape", "pattern", "sizes", "out"), REARRANGED)
def test_rearrange(shape: str, pattern: str, sizes: dict[str, Any], out: str) -> None:
    assert gives("einops.rearrange", d(shape), pattern, **sizes) == out
    layer = module_gives("einops.layers.torch.Rearrange", (pattern,), sizes, d(shape))
    assert layer.replace("input", "tensor") == out


OTHERS: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("reduce", (d("N C H W"), "b c h w -> b c", "mean"), {}, "N C"),
    ("reduce", (d("N C H W"), "b c (h p) (w q) -> b c h w", "max"), {"p": 2, "q": 2}, "N C H//2 W//2"),
    ("reduce", (d("... C"), "... c -> ...", "max"), {}, "..."),
    ("reduce", (d("N C H W"), "b c h w -> b c d", "mean"), {}, "bad-pattern pattern"),
    ("repeat", (d("C"), "c -> b c"), {"b": size("B")}, "B C"),
    ("repeat", (d("C"), "c -> b c"), {}, "bad-pattern pattern"),
    ("repeat", (d("H W"), "h w -> (h 2) (w 2)"), {}, "(H 2) (W 2)"),
    ("repeat", (d("C"), "c -> b c"), {"b": Unknown}, "_ C"),
    ("rearrange", ([d("N C"), d("N C")], "k b c -> b (k c)"), {}, "N (2 C)"),
    ("rearrange", ([d("N C"), d("N D")], "k b c -> b (k c)"), {}, "cat-sizes-differ tensor[1][1]"),
    ("rearrange", (Unknown, "b c -> c b"), {}, "_ _"),
    ("rearrange", (d("N C"), Unknown), {}, "?"),
    ("einsum", (d("B T d"), d("B S d"), "b q d, b k d -> b q k"), {}, "B T S"),
    (
        "einsum", (d("B T d"), d("B d S"), "b q d, b k d -> b q k"), {},
        "contracted-dims-differ tensors_and_pattern[1][2]",
    ),
    ("einsum", (d("B T d"), d("H B S d"), "b q d, b k d -> b q k"), {}, "bad-pattern tensors_and_pattern[1]"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "sizes", "out"), OTHERS)
def test_other_patterns(name: str, arguments: tuple[Any, ...], sizes: dict[str, Any], out: str) -> None:
    assert gives(f"einops.{name}", *arguments, **sizes) == out


def test_an_axis_comes_back_as_what_was_flattened_in_it() -> None:
    flat = d("N (H W) C")
    assert isinstance(flat.shape, TensorShape)
    for given in ({"h": size("H")}, {"w": size("W")}):
        assert gives("einops.rearrange", Array(flat.shape), "b (h w) c -> b c h w", **given) == "N C H W"
