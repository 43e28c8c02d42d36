"""Names, modules and attributes that are not there."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(
    x: Undefined["N C"], y: Float[Missing, "N C"], z: Float[Tensor, undefined], w: Float, v: Float[Tensor]
) -> nowhere.X:
    return undefined(x) + missing.attr[y](z) + self.w + super().v + __class__ + cls


class A(Undefined, missing.B, nn.Nothing, metaclass=Gone, **unknown):
    def f():
        return super().f() + self.x


A().f()
A.g()
nn.Nothing(3)(4)
torch.nothing.at.all()
nn.Linear()
nn.Linear(1, 2, 3, 4, 5, 6, 7, 8)
nn.Linear(x=1)
f()
f(1, 2, 3, 4, 5, 6, k=7)
from . import nothing
from .... import above
from nowhere import *
import a.b.c as d, e.f.g
