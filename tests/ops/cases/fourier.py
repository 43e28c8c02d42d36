"""Cases of Fourier transforms."""

import torch

from tests.ops.oracle import call, t

_SHAPES = [(2, 3, 8), (7, 5), (6,), ()]

CASES = [
    *(
        call(f"torch.fft.{name}", t(*shape, dtype=dtype), **options)
        for name, dtype in (
            ("fft", torch.float32),
            ("ifft", torch.complex64),
            ("rfft", torch.float32),
            ("irfft", torch.complex64),
            ("hfft", torch.complex64),
            ("ihfft", torch.float32),
        )
        for shape in _SHAPES
        for options in ({}, {"n": 11}, {"dim": 0}, {"n": 4, "dim": 1}, {"dim": 5})
    ),
    *(
        call(f"torch.fft.{name}", t(*shape, dtype=dtype), **options)
        for name, dtype in (
            ("fft2", torch.float32),
            ("ifft2", torch.complex64),
            ("rfft2", torch.float32),
            ("irfft2", torch.complex64),
            ("hfft2", torch.complex64),
            ("ihfft2", torch.float32),
            ("fftn", torch.float32),
            ("ifftn", torch.complex64),
            ("rfftn", torch.float32),
            ("irfftn", torch.complex64),
            ("hfftn", torch.complex64),
            ("ihfftn", torch.float32),
        )
        for shape in _SHAPES
        for options in (
            {},
            {"s": (11, 13)},
            {"dim": (0, 1)},
            {"s": (4, -1), "dim": (1, 0)},
            {"s": (4,), "dim": (0, 1)},
        )
    ),
    *(
        call(f"torch.fft.{name}", t(*shape), **options)
        for name in ("fftshift", "ifftshift")
        for shape in ((2, 3, 8), (5,))
        for options in ({}, {"dim": 0}, {"dim": (0, 1)}, {"dim": 4})
    ),
    *(
        call(f"torch.fft.{name}", n, **options)
        for name in ("fftfreq", "rfftfreq")
        for n in (7, 8)
        for options in ({}, {"d": 0.5})
    ),
    *(
        call(name, t(*shape), 16, **options)
        for name in ("torch.stft", "torch.Tensor.stft")
        for shape in ((100,), (3, 100), (2, 3, 100))
        for options in (
            {"return_complex": True},
            {"return_complex": False},
            {"return_complex": True, "hop_length": 5},
            {"return_complex": True, "center": False},
            {"return_complex": True, "onesided": False},
        )
    ),
    call("torch.stft", t(3, 100), 15, 4, return_complex=True),
    call("torch.stft", t(3, 100), 15, 4, center=False, return_complex=True),
    *(
        call(name, t(*shape, dtype=torch.complex64), 16, **options)
        for name in ("torch.istft", "torch.Tensor.istft")
        for shape in ((9,), (2, 3, 9, 11))
        for options in ({"length": 37}, {})
    ),
]
