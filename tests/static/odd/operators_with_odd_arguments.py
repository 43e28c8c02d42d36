"""Operators of torch with too many, too few and impossible arguments."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"], u):
    torch.cat(x)
    torch.cat([])
    torch.cat([x, None])
    torch.cat([x], dim="a")
    torch.cat(tensors=[x], dim=u)
    torch.stack(())
    torch.cat(u, u, u, u)
    x.view()
    x.view(-1, -1)
    x.view([])
    x.view(u)
    x.view(*u)
    x.view(x)
    x.permute()
    x.permute(u)
    x.permute(0, 0.5)
    x.transpose(0)
    x.sum(u)
    x.sum(dim=[])
    x.sum(())
    x.sum(None)
    x.max(0, 1, 2)
    x.expand()
    x.expand(-1)
    x.expand(-2, 3)
    x.repeat()
    x.repeat(-1, 0)
    x.split(0)
    x.split([], 0)
    x.chunk(0)
    x.chunk(-1)
    x.unbind(5)
    torch.einsum()
    torch.einsum("", x)
    torch.einsum("->", x)
    torch.einsum("ij..., ...jk->", x)
    torch.einsum(u, x)
    torch.einsum("ii i", x)
    torch.einsum(x, [0, 1], [1])
    nn.Conv2d(0, 0, 0)(x)
    nn.Conv2d(3, 4, (1, 2, 3))(x)
    nn.Conv2d(u, u, u, u, u)(x)
    nn.Linear(-1, x)(x)
    nn.LSTM(1, 2, 0)(x)
    nn.MultiheadAttention(3, 0)(x, x, x)
    nn.GroupNorm(0, 3)(x)
    nn.LayerNorm(())(x)
    nn.LayerNorm(x)(x)
    nn.Embedding(u, 0)(x)
    nn.Unfold(0)(x)
    torch.nn.functional.max_pool2d(x, 0)
    torch.nn.functional.pad(x, (1,))
    torch.nn.functional.pad(x, u)
    torch.nn.functional.interpolate(x, scale_factor=0)
    x.reshape(0, -1)
    x.reshape(10**30)
    x.unflatten(0, (-1, -1))
    x.flatten(5, 1)
    x.squeeze((0, 0))
    x.unsqueeze(100)
    x.gather(9, x)
    x.index_select(u, u)
    torch.arange(0, 10, 0)
    torch.arange(10, 0)
    torch.linspace(0, 1, -5)
    torch.zeros(())
    torch.zeros([[1]])
    torch.tensor([[1], [2, 3]])
    torch.eye(-1)
    torch.randint(5)
    torch.meshgrid()
    torch.meshgrid(x, x)
    torch.where(x)
    torch.where()
    torch.tensordot(x, x, -1)
    torch.tensordot(x, x, ([0], [0, 1]))
    x.topk(-1)
    x.fold()
    x.unfold(0, 0, 0)
    return (
        x.size(u),
        x.size(7),
        x.size("a"),
        x.shape[9],
        x.stride(0, 1),
        x.dim(1),
        len(x, x),
        len(),
        int(),
        int(x, x, x),
        range(),
        zip(),
        sum(),
        max(),
        min([]),
        divmod(1, 0),
        round(),
    )
