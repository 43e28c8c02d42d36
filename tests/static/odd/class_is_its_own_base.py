"""Classes that inherit from themselves."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class A(A):
    pass


class B(C):
    x = 1


class C(B):
    def forward(self, x):
        return super().forward(x) + self.x + self.y


class D(D.E, nn.Module):
    class E(D):
        pass


class F(nn.Module, nn.Module, F, object):
    pass


A().x()
B()(1)
C()(torch.zeros(2))
D.E().z
F()(2)
C().y
