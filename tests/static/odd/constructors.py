"""Constructors that make their own class, and modules that hold themselves."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class A(nn.Module):
    def __init__(self, a, a_=1, *b, c, d=2, **e):
        self.me = self
        self.a = A(a)
        self.b = [self.b]
        self.c = self.c.d
        super(A, self).__init__()
        super().__init__().x
        nn.Module.__init__(self)
        self.__dict__["z"] = 3
        self.__class__ = A
        self.l = nn.Sequential(self, self.me, None, 3, *b, **e)
        self.m = nn.ModuleList(self.m)
        self.n = nn.ModuleDict([("a", 1)])
        return 3

    def forward(self, x, *args):
        return self.me.me.me(self.l(self.m(self.n(x)))) + self(x)


class B(nn.Sequential):
    forward = lambda self, x: self[0](x) + self[100](x) + self["a"]


class C(nn.Linear):
    __init__ = None


class D(nn.Module):
    __init__ = A.__init__
    forward = property(lambda self: self.forward)


A(1, c=A)(2)
B(B)(3)
C(1, 2)(torch.zeros(1))
D(1, 2, 3)(4)
A
B[0]
(A if A else B)(C)
