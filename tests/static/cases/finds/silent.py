"""Right code that looks odd: nothing is said."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor


def attention_bias(
    scores: Float[Tensor, "B H T T"], bias: Float[Tensor, "H T T"]
) -> Float[Tensor, "B H T T"]:
    return scores + bias


def triangular(t: int) -> Bool[Tensor, "t t"]:
    return torch.ones(t, t).tril() == 0


def causal(scores: Float[Tensor, "B T T"]) -> Float[Tensor, "B T T"]:
    t = scores.size(-1)
    mask = torch.triu(torch.ones(t, t, dtype=torch.bool), 1)  # dims: T T
    return scores.masked_fill(mask, float("-inf")).softmax(-1)


def distances(a: Float[Tensor, "N D"], b: Float[Tensor, "M D"]) -> Float[Tensor, "N M"]:
    d = (a[:, None] - b[None]).pow(2).sum(-1)  # dims: N M
    e = torch.cdist(a, b)  # dims: N M
    return d + e


def gram(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C C"]:
    n, c, h, w = x.shape
    f = x.view(n, c, -1)  # dims: N C H*W
    return f @ f.transpose(1, 2) / (c * h * w)


def windows(x: Float[Tensor, "B H W C"], size: int) -> Tensor:
    b, h, w, c = x.shape
    y = x.view(b, h // size, size, w // size, size, c).permute(0, 1, 3, 2, 4, 5)
    return y.reshape(-1, size * size, c)


def shuffle(x: Float[Tensor, "N C H W"], groups: int) -> Float[Tensor, "N C H W"]:
    n, c, h, w = x.shape
    y = x.view(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, c, h, w)
    return y


def rotate_half(x: Float[Tensor, "*b D"]) -> Float[Tensor, "*b D"]:
    a, b = x.chunk(2, dim=-1)
    return torch.cat([-b, a], dim=-1)


def contrastive(a: Float[Tensor, "N D"], b: Float[Tensor, "N D"]) -> Float[Tensor, ""]:
    logits = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).t()  # dims: N N
    labels = torch.arange(logits.size(0))  # dims: N
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2


def outer_sum(x: Float[Tensor, "N 1"], y: Float[Tensor, "1 N"]) -> Float[Tensor, "N N"]:
    return x + y
