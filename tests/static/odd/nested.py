"""Classes and functions inside each other."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"]):
    class A(nn.Module):
        class B:
            class C:
                def g(self):
                    def h():
                        nonlocal x
                        x = x.t()
                        return A.B.C().g()

                    return h

            y = x

        def forward(self, z):
            return self.B.C().g()()(z) + x

    return A()(x), A.B.y, A.B.C.g(x)
