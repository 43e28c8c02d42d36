"""Equations of einsum."""

import torch
from jaxtyping import Float
from torch import Tensor


def attention(
    q: Float[Tensor, "B H T D"], k: Float[Tensor, "B H S D"], v: Float[Tensor, "B H S D"]
) -> Float[Tensor, "B T H D"]:
    a = torch.einsum("bhtd,bhsd->bhts", q, k)  # dims: B H T S
    y = torch.einsum("bhts,bhsd->bthd", a.softmax(-1), v)  # dims: B T H D
    return y


def implicit(a: Float[Tensor, "N K"], b: Float[Tensor, "K M"]) -> Float[Tensor, "N M"]:
    y = torch.einsum("ij,jk", a, b)  # dims: N M
    z = torch.einsum("...j,jk->...k", a, b)  # dims: N M
    t = torch.einsum("ij->ji", a)  # dims: K N
    d = torch.einsum("ii->i", a @ a.t())  # dims: N
    s = torch.einsum("ij->", a)  # dims:
    return y + z + t.sum() + d.sum() + s


def wrong(a: Float[Tensor, "N K"], b: Float[Tensor, "M K"]) -> Tensor:
    return torch.einsum("ij,jk->ik", a, b)  # error: [contracted-dims-differ]


def wrong_rank(a: Float[Tensor, "N K H"], b: Float[Tensor, "K M"]) -> Tensor:
    return torch.einsum("ij,jk->ik", a, b)  # error: [bad-pattern]


def wrong_letters(a: Float[Tensor, "N K"]) -> Tensor:
    return torch.einsum("ij->ik", a)  # error: [bad-pattern]
