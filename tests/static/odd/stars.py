"""Starred expressions and arguments."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(*args: Float[Tensor, "N C"], **kwargs: Float[Tensor, "N"]):
    a, *b = args
    *c, (d, *e), [*g] = kwargs.values(), *args, [*b]
    ([*h],) = (b,)
    print(*args, *[1], **kwargs, **{"end": ""})
    return [*a, *b], {*c}, {**kwargs, "x": d}, (*e, *g, *h), a[*b], torch.cat([*args], *b)
