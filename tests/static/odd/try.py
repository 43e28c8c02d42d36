"""Exceptions, groups of them, and what is done finally."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"]):
    try:
        x = x.t()
    except* (ValueError, TypeError) as group:
        x = group.exceptions[0]
    except* RuntimeError:
        raise
    else:
        x = x @ x
    finally:
        del x
    try:
        return x
    except:
        raise ValueError from None
    finally:
        return torch.zeros(1) + torch.zeros(2)
