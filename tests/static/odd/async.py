"""Coroutines and what is asynchronous in them."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


async def f(x: Float[Tensor, "N C"], xs):
    async with xs as (a, b), open("f") as c:
        async for y in xs:
            await y
            x = x + y
        else:
            x = await x
    return [z async for z in xs], {await z async for z in xs}, (await x).sum()


async def g():
    yield 1
    await f(torch.zeros(2, 3), [])
