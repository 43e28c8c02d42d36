"""Comments on annotated code: right ones, wrong ones, and those that may be right."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.wide = nn.Linear(width, 4 * width)
        self.down = nn.Linear(64, 16)

    def forward(self, x: Float[Tensor, "B T C"], y: Float[Tensor, "B S C"]) -> Float[Tensor, "B T C"]:
        q = self.query(x)  # (B, T, C)
        k = self.query(y)  # (B, T, C) # warning: [comment-differs]
        k = self.query(y)  # (B, S, C)
        scores = q @ k.mT  # (B, T, S)
        scores = q @ k.mT  # (B, S, T) # warning: [comment-differs]
        scores = q @ k.mT  # (B, T, T) # warning: [comment-differs]
        scores = scores.softmax(-1)  # scores: (B, T, S)
        z = scores @ k  # (B, T, S) @ (B, S, C) -> (B, T, C)
        z = scores @ k  # (B, T, S) @ (B, S, C) -> (B, C, T) # warning: [comment-differs]
        z = (scores @ k).unsqueeze(1)  # (B, T, S) @ (B, S, C) -> (B, T, C)
        return z.squeeze(1)

    def heads_apart(self, x: Float[Tensor, "B T C"]):
        B, T, C = x.shape
        a = x.view(B, T, self.heads, C // self.heads)  # (B, T, nh, hs)
        b = a.transpose(1, 2)  # (B, nh, T, hs)
        c = a.transpose(1, 2)  # (B, T, nh, hs) # warning: [comment-differs]
        d = a.transpose(1, 2)  # (B, heads, T, C // heads)
        e = a.transpose(1, 2)  # (B, self.heads, T, hs)
        f = a.flatten(2)  # (B, T, nh*hs)
        g = a.transpose(1, 2)  # (B, nh, T, C) # nothing is sure of C
        h = b.mT  # (b, nh, hs, t)
        i = b.mT  # (B, nh, ...)
        j = b.mT  # (..., hs, T)
        k = b.mT  # (..., T, hs) # warning: [comment-differs]
        return c, d, e, f, g, h, i, j, k

    def sizes(self, x: Float[Tensor, "B T 64"]):
        a = self.down(x)  # (B, T, 16)
        b = self.down(x)  # (B, T, 32) # warning: [comment-differs]
        c = self.down(x)  # (B, T, 4*4)
        d = self.down(x)  # (B, T, D)
        e = torch.cat([d, d], -1)  # (B, T, D) # warning: [comment-differs]
        f = torch.cat([d, d], -1)  # (B, T, 2*D)
        g = torch.cat([d, d], -1)  # (B, T, 3*D) # warning: [comment-differs]
        h = torch.cat([d, d], -1)  # (2*B, T, D) # warning: [comment-differs]
        i = self.wide(self.query.weight)  # (width, 4*width)
        j = self.wide(self.query.weight)  # (width, 4*heads) # not surely wrong
        return a, b, c, e, f, g, h, i, j

    def ranks(self, x: Float[Tensor, "B T C"]):
        a = x[0]  # (B, T, C) # warning: [comment-differs]
        b = x[0]  # (T, C)
        c = x[:, :, None]  # (B, T, 1, C)
        d = x.mean()  # shape: ()
        e = x.mean()  # shape (B,) # warning: [comment-differs]
        f = x[0]  # (..., B, T, C) # warning: [comment-differs]
        f += 1  # (T, C)
        f *= 2  # (C, T) # warning: [comment-differs]
        g: Float[Tensor, "T C"] = x[0]  # (T, C)
        h: Float[Tensor, "T C"] = x[0]  # (C, T) # warning: [comment-differs]
        self.last = x[0]  # (T, C)
        self.last = x[0]  # (C, T) # warning: [comment-differs]
        self.last = x[0]  # last: (C, T) # warning: [comment-differs]
        return a, b, c, d, e, f, g, h


def not_of_the_value(x: Float[Tensor, "B T C"], other):
    a = x.mT  # other: (B, T, C)
    b = x.mT  # from (B, T, C)
    c = x.mT  # input shape: (B, T, C)
    # (B, T, C)
    d = x.mT
    e = x.mT; f = x  # (B, T, C)
    g = torch.cat(
        [x, x],  # (B, T, C)
        dim=1,
    )
    h = torch.cat( # warning: [comment-differs]
        [x, x],
        dim=1,
    )  # (B, T, C)
    i, j = x.mT, x.mT  # (B, T, C)
    k = [x.mT]  # (B, T, C)
    l = other(x)  # (B, T, C)
    m = x.mT  # see (1, 2, 3), (i, j) and [0, 1]
    return a, b, c, d, e, f, g, h, i, j, k, l, m


def names_of_branches(x: Float[Tensor, "B T C"], flag: bool):
    if flag:
        y = x[0]  # (N, D)
    else:
        y = x.mT[0]  # (N, D)
    z = x[0]  # (N, D)
    return y, z


def names_of_turns(x: Float[Tensor, "B T C"]):
    for _ in range(3):
        x = torch.cat([x, x], -1)  # (N, L, D)
    y = x[:1]  # (1, L, D)
    return y


def first_sight(x: Float[Tensor, "B T C"]):
    a = x  # (N, L, D)
    b = x.mT  # (N, L, D) # warning: [comment-differs]
    c = x.mT  # (N, D, L)
    n = 0
    d = x.mT  # (n, c, t)
    return a, b, c, d, n


def without_annotations(x):
    b, t, c = x.shape
    y = x.transpose(1, 2)  # (b, c, t)
    z = x.transpose(1, 2)  # (b, t, c) # warning: [comment-differs]
    w = x.flatten(1)  # (B, T*C)
    v = torch.zeros(b, t)  # (B, C) # warning: [comment-differs]
    return y, z, w, v
