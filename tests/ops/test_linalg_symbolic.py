"""Linear algebra and Fourier transforms with symbols for sizes, and what the meta device can't tell."""

from typing import Any

import pytest
import torch

from tests.ops.symbols import dims as d
from tests.ops.symbols import gives
from tests.ops.written import size

LINALG: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("inv", (d("... n n"),), {}, "... n n"),
    ("inv", (d("B n m"),), {}, "matrix-not-square A[2]"),
    ("inv", (d("...") ,), {}, "... _ _"),
    ("inv", (d("n"),), {}, "rank-unfit A"),
    ("inv", (d("... n"),), {}, "... n n"),
    ("det", (d("B n n"),), {}, "B"),
    ("slogdet", (d("*batch n n"),), {}, ("*batch", "*batch")),
    ("eigh", (d("B n n"),), {}, ("B n", "B n n")),
    ("pinv", (d("... n m"),), {}, "... m n"),
    ("svd", (d("B n n"),), {}, ("B n n", "B n", "B n n")),
    ("svd", (d("B n m"),), {"full_matrices": False}, ("B n min(m,n)", "B min(m,n)", "B min(m,n) m")),
    ("svd", (d("B 3 5"),), {"full_matrices": False}, ("B 3 3", "B 3", "B 3 5")),
    ("qr", (d("n n"),), {}, ("n n", "n n")),
    ("solve", (d("B n n"), d("B n k")), {}, "B n k"),
    ("solve", (d("n n"), d("n")), {}, "n"),
    ("solve", (d("n n"), d("m k")), {}, "contracted-dims-differ B[0]"),
    ("solve", (d("n n"), d("...")), {}, "?"),
    ("solve", (d("B n n"), d("K n")), {}, "?"),
    ("cross", (d("N 3"), d("N 3")), {}, "N 3"),
    ("cross", (d("N 4"), d("N 4")), {}, "size-impossible input[1]"),
    ("vector_norm", (d("N C"),), {"dim": -1}, "N"),
    ("vector_norm", (d("... C"),), {"dim": -1, "keepdim": True}, "... 1"),
    ("vector_norm", (d("N C"),), {"dim": 2}, "axis-out-of-range x"),
    ("norm", (d("N C"),), {}, ""),
    ("matrix_norm", (d("... n m"),), {}, "..."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "options", "out"), LINALG)
def test_linear_algebra(name: str, arguments: tuple[Any, ...], options: dict[str, Any], out: Any) -> None:
    assert gives(f"torch.linalg.{name}", *arguments, **options) == out


FOURIER: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("fft.fft", (d("N T"),), {}, "N T"),
    ("fft.rfft", (d("N T"),), {}, "N T//2+1"),
    ("fft.rfft", (d("... T"),), {}, "... T//2+1"),
    ("fft.rfft", (d("N T"),), {"dim": 0}, "N//2+1 T"),
    ("fft.rfft", (d("N T"),), {"n": size("n")}, "N n//2+1"),
    ("fft.irfft", (d("N F"),), {}, "N 2*F-2"),
    ("fft.irfft", (d("N F"),), {"n": size("T")}, "N T"),
    ("fft.rfft2", (d("N C H W"),), {}, "N C H W//2+1"),
    ("fft.rfft2", (d("N C H W"),), {"dim": (1, 2)}, "N C H//2+1 W"),
    ("fft.irfft2", (d("N C H F"),), {"s": (size("H"), size("W"))}, "N C H W"),
    ("fft.fftn", (d("..."),), {}, "?"),
    ("fft.fft", (d("N T"),), {"dim": 2}, "axis-out-of-range input"),
    ("stft", (d("B T"), 400, 160), {"return_complex": True}, "B 201 T//160+1"),
    ("stft", (d("T"), 400, 160), {"return_complex": False}, "201 T//160+1 2"),
    ("stft", (d("B T"), 400, 160), {"center": False, "return_complex": True}, "B 201 (T+80)//160-2"),
    ("stft", (d("B C T"), 400), {"return_complex": True}, "rank-unfit input"),
    ("istft", (d("B F S"), 400, 160), {"length": size("T")}, "B T"),
    ("istft", (d("B F S"), 400, 160), {}, "B 160*S-160"),
]


@pytest.mark.parametrize(("name", "arguments", "options", "out"), FOURIER)
def test_fourier_transforms(name: str, arguments: tuple[Any, ...], options: dict[str, Any], out: Any) -> None:
    assert gives(f"torch.{name}", *arguments, **options) == out


@pytest.mark.parametrize("options", [{}, {"center": False}, {"length": 37}, {"hop_length": 5}])
def test_istft_agrees_with_torch(options: dict[str, Any]) -> None:
    # It looks at its data: the meta device has none.
    window = torch.ones(16)
    given = torch.istft(torch.ones(3, 9, 11, dtype=torch.complex64), 16, window=window, **options)
    assert gives("torch.istft", d("3 9 11"), 16, **options) == " ".join(map(str, given.shape))
