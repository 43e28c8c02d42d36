"""Contracted dims: matmul in all spellings, linear, bmm, dot, tensordot."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def spellings(a: Float[Tensor, "N K"], b: Float[Tensor, "M K"], v: Float[Tensor, "M"]) -> None:
    a @ b  # error: [contracted-dims-differ]
    torch.matmul(a, b)  # error: [contracted-dims-differ]
    a.mm(b)  # error: [contracted-dims-differ]
    torch.mm(a, b.t())  # dims: N M
    a.matmul(b.mT)  # dims: N M
    F.linear(a, b)  # dims: N M
    F.linear(a, b.t())  # error: [contracted-dims-differ]
    torch.mv(a, v)  # error: [contracted-dims-differ]
    b.t() @ v  # dims: K
    torch.dot(v, v)  # dims:
    torch.dot(a[0], v)  # error: [contracted-dims-differ]
    torch.tensordot(a, b, dims=([1], [1]))  # dims: N M
    torch.tensordot(a, b, dims=([1], [0]))  # error: [contracted-dims-differ]
    torch.outer(v, v)  # dims: M M


def batches(a: Float[Tensor, "B N K"], b: Float[Tensor, "C K M"], w: Float[Tensor, "K M"]) -> None:
    torch.bmm(a, a.mT)  # dims: B N N
    torch.bmm(a, b)  # error: [broadcast-dims-differ]
    a @ w  # dims: B N M
    torch.bmm(a, w)  # error: [rank-unfit]
    torch.addmm(w, w, w.t() @ w)  # dims: K M


def numbers(a: Float[Tensor, "N 64"]) -> None:
    a @ torch.zeros(64, 10)  # dims: N 10
    a @ torch.zeros(10, 64)  # error: [contracted-dims-differ]
    a @ torch.zeros(10, 64).t()  # dims: N 10
