"""Texts that are built."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"], n=3):
    s = f"{x!r:>{n}} {n=} {f'{n}'} {{}} {x.shape[0]:{n}.{n}f}" "more" rf"\d{n}"
    return getattr(x, f"{'t'}")(), x.view(f"{n}"), s % x, s.format(x), s * n, s[n], b"%d" % n
