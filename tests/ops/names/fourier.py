"""Names behind Fourier transforms: a dim keeps its name behind each."""

import torch

from tests.ops.names.harness import names
from tests.ops.oracle import t

X = t(2, 3, 8)
KEPT = "N C T -> N C T"
ONE = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")

CASES = (
    *(names(KEPT, f"torch.fft.{name}", X) for name in ONE),
    *(names(KEPT, f"torch.fft.{name}", X, n=11, dim="C") for name in ONE),
    *(names(KEPT, f"torch.fft.{name}{many}", X, dim=("T", "C")) for name in ONE for many in "2n"),
    *(names(KEPT, f"torch.fft.{name}{many}", X, s=(4, -1)) for name in ONE for many in "2n"),
    *(names(KEPT, f"torch.fft.{name}n", X) for name in ONE),
    *(names("N C T -> refused", f"torch.fft.{name}", X, dim="H") for name in ("fft", "rfft2", "irfftn")),
    names("N T T -> refused", "torch.fft.fft2", X, dim=("N", "T")),
    *(
        names(KEPT, f"torch.fft.{name}", X, dim=dim)
        for name in ("fftshift", "ifftshift")
        for dim in (None, "T", ("N", "T"))
    ),
    *(names("-> _", f"torch.fft.{name}", 7) for name in ("fftfreq", "rfftfreq")),
    # Frames lie along the samples.
    names("N T -> N _ T", "torch.stft", t(3, 100), 16, return_complex=True),
    names("T -> _ T _", "torch.Tensor.stft", t(100), 16, return_complex=False),
    names("N _ T -> N T", "torch.istft", t(3, 9, 11, dtype=torch.complex64), 16),
    names("N F T -> N T", "torch.Tensor.istft", t(3, 9, 11, dtype=torch.complex64), 16, length=37),
)
