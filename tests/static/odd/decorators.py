"""Decorators of all kinds."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def make(*args):
    return lambda f: f


@make(1)(2) if True else make
@(lambda f: f)
@torch.no_grad()
@undefined.thing[3]
def f(x: Float[Tensor, "N C"]) -> Float[Tensor, "C N"]:
    return x.t()


@make
class A(nn.Module):
    @property
    def p(self):
        return self.p

    @p.setter
    def p(self, v):
        self.p = v

    @staticmethod
    def s(x):
        return A.s(x)

    @classmethod
    def c(cls):
        return cls.c()
