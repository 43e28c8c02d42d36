"""Operators of a user's, registered in Python in both of torch's ways, as a module of their own."""

import torch
from torch import Tensor


@torch.library.custom_op("testops::double", mutates_args=())
def double(x: Tensor) -> Tensor:
    return x * 2


LIBRARY = torch.library.Library("testlib", "DEF")
LIBRARY.define("thrice(Tensor x) -> Tensor")
LIBRARY.impl("thrice", lambda x: x * 3, "CompositeExplicitAutograd")
